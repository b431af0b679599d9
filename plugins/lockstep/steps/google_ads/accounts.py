"""Where conversions go: the account that owns the conversion tracking, and its conversion actions (GA-25)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from lockstep.errors import ConfigError
from lockstep.run import Context
from lockstep.store import cache
from lockstep.systems.ads import Account, AdsSystem, ConversionAction

#: how long an account and its actions are believed to be as they were
FRESH = timedelta(hours=1)
#: how the cache names what is known of an account
ACCOUNT = cache.ADS_ACCOUNT


@dataclass(frozen=True, slots=True)
class Place:
    """An account as configured, the one that owns its conversions, and that one's actions by id and by name."""

    account: Account
    owner: str
    actions: Mapping[str, ConversionAction]

    def action(self, wanted: str) -> ConversionAction | None:
        """By id, or by name; of several of one name, the one that is enabled."""
        if wanted in self.actions:
            return self.actions[wanted]
        named = [one for one in self.actions.values() if one.name == wanted]
        return min(named, key=lambda one: (one.status != "ENABLED", one.id), default=None)


def ads_of(ctx: Context) -> AdsSystem:
    """Google Ads, of a run that was planned with it."""
    if ctx.google_ads is None:
        raise ConfigError(
            "There is no Airflow connection `google_ads_default`, but conversions are to be uploaded.",
            hint="Add the connection again, or take the milestones out of conversions.yaml.",
        )
    return ctx.google_ads


def own_account(ctx: Context) -> str:
    """The account of milestones that name none; "" without a connection."""
    return ctx.conversions.account or (ctx.google_ads.customer_id if ctx.google_ads else "")


def place_of(ctx: Context, account: str) -> Place:
    """Asked of Google at most once an hour. :raises ConfigError: the account tracks no conversions"""
    key = f"{ACCOUNT}{account}"
    with ctx.store.reading() as tx:
        known = cache.get(tx, key, ctx.now())
    if known is None:
        known = _ask(ctx, account)
        with ctx.store.writing() as tx:
            cache.put(tx, key, known, ctx.now() + FRESH)
    actions = (ConversionAction(**one) for one in known["actions"])
    return Place(Account(**known["account"]), known["owner"], {one.id: one for one in actions})


def _ask(ctx: Context, customer: str) -> dict[str, Any]:
    ads = ads_of(ctx)
    account = ads.account(customer)
    if account.conversions is None:
        raise ConfigError(
            f"The Google Ads account {customer} tracks no conversions.",
            hint="Create a conversion action in it, or name the account that tracks them.",
        )
    actions = [asdict(one) for one in ads.actions(account.conversions)]
    return {"account": asdict(account), "owner": account.conversions, "actions": actions}
