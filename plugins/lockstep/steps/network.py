"""pull_network_conversions, part of pull_conversions: what Google Ads counts per campaign and day, which click belongs to which
campaign, how uploads fared, and which HubSpot contacts came by an ad. It writes to no vendor.

Google counts a conversion on the day of its click, up to 90 days back, so those days are read anew a few times a day. A backfill
reads the days of its window. Clicks of a day are read until the day is over; Google tells them for 90 days.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lockstep.conversions.definition import ENTITY
from lockstep.conversions.places import Place
from lockstep.conversions.record import CLICK_LIFE
from lockstep.model import GOOGLE_ADS, HUBSPOT, SALESFORCE, Operation, Window
from lockstep.run import Context
from lockstep.steps.blocked import visible_fields
from lockstep.steps.differences import explain
from lockstep.steps.google_ads.accounts import ads_of, own_account, place_of
from lockstep.steps.runs import statistics
from lockstep.store import ad_reports, cache, differences, ledger, preflight
from lockstep.store.ad_reports import Put
from lockstep.work import fetch, open_batch, working

#: how old a report may be before a scheduled run asks again
FRESH = timedelta(hours=6)
#: HubSpot's own property of the click id; those of conversions.yaml come besides
GCLID = "hs_google_click_id"
#: what each batch of the operation is about
TRAFFIC, COUNTED, CLICKS, DIAGNOSES = "campaign", "conversion", "click_view", "upload_summary"
VISITORS, DEALS = "contacts", "Opportunity"
#: targets that are no Google Ads account, and their labels
_OTHERS = {HUBSPOT: "contacts of ads from hubspot", SALESFORCE: "open opportunities of ads from salesforce"}

Target = dict[str, Any]


def probe_network(ctx: Context) -> list[Target]:
    """One target per Google Ads account, and one for HubSpot's contacts; none while the last report is fresh."""
    wanted = set(ctx.params.get("objects") or ())
    if ctx.google_ads is None or not ctx.conversions.milestones or (wanted and ENTITY not in wanted):
        return []
    named = dict.fromkeys(one.account or own_account(ctx) for one in ctx.conversions.milestones)
    with ctx.store.reading() as tx:
        blocked = preflight.blocked(tx).accounts
        due = [one for one in (*named, *_OTHERS) if _is_due(ctx, tx, one) and one not in blocked]
    return [_target(one) for one in due]


def _is_due(ctx: Context, tx: Any, name: str) -> bool:
    return not ctx.moves_coverage or cache.get(tx, _read_key(name), ctx.now()) is None


def _read_key(name: str) -> str:
    return f"network:read:{name}"


def _target(name: str) -> Target:
    system = name if name in _OTHERS else GOOGLE_ADS
    label = _OTHERS.get(name, f"network conversions of {name}")
    operation = str(Operation.PULL_NETWORK_CONVERSIONS)
    return {"operation": operation, "system": system, "account": name, "label": label}


def pull_network(ctx: Context, target: Target) -> list[Target]:
    """Read one account, or HubSpot's contacts. A retry reads again."""
    name = target["account"]
    pull = {HUBSPOT: _contacts, SALESFORCE: _open_deals}.get(name, _account)
    with ctx.store.writing() as tx:
        ledger.clean_up(tx, ctx.run.id, operation=Operation.PULL_NETWORK_CONVERSIONS, system=target["system"])
    batches = list(pull(ctx, name))
    if name != SALESFORCE:
        explain(ctx)
    if ctx.moves_coverage:
        with ctx.store.writing() as tx:
            cache.put(tx, _read_key(name), ctx.now().isoformat(), ctx.now() + FRESH)
    return [statistics(fetch(ctx, one)) for one in batches]


# --- Google Ads


def _account(ctx: Context, account: str) -> Iterator[int]:
    reports, place = ads_of(ctx).reports, place_of(ctx, account)
    zone = ZoneInfo(place.account.time_zone)
    first, last = _days(ctx, zone)
    below = reports.below(account)
    once = frozenset(one.id for one in place.actions.values() if one.counting == "ONE_PER_CLICK")
    noted = Place(account, place.account.time_zone, place.owner, once, frozenset(below))
    with ctx.store.writing() as tx:
        differences.note_place(tx, noted, ctx.now())

    def traffic(one: str) -> Callable[[Any], Put]:
        rows = list(reports.traffic(one, first, last))
        return lambda tx: ad_reports.put_traffic(tx, one, rows)

    def counted(one: str) -> Callable[[Any], Put]:
        rows = list(reports.counted(one, first, last))
        return lambda tx: ad_reports.put_counted(tx, one, rows, first, last)

    def diagnoses(owner: str) -> Callable[[Any], Put]:
        found = reports.diagnoses(owner)
        for one in found:
            if one.status == "NEEDS_ATTENTION":
                ctx.log.warning("uploads to %s need attention: %s", one.action or owner, dict(one.alerts))
        return lambda tx: ad_reports.put_diagnoses(tx, owner, found, ctx.now())

    yield _each(ctx, TRAFFIC, below, traffic)
    yield _each(ctx, COUNTED, below, counted)
    yield _clicks(ctx, below, first, last, zone)
    yield _each(ctx, DIAGNOSES, [place.owner], diagnoses)


def _each(ctx: Context, name: str, accounts: list[str], read: Callable[[str], Callable[[Any], Put]]) -> int:
    """One batch over all accounts. `read` asks Google, and returns how its rows are kept."""
    batch_id = _open(ctx, GOOGLE_ADS, name)
    with working(ctx, batch_id, GOOGLE_ADS) as work:
        for one in accounts:
            put = read(one)
            with ctx.store.writing() as tx:
                work.count(tx, **put(tx).counts)
    return batch_id


def _days(ctx: Context, zone: ZoneInfo) -> tuple[date, date]:
    """From the first to the last day to read, in the account's time zone."""
    today = ctx.now().astimezone(zone).date()
    window = ctx.run.window
    if ctx.moves_coverage or window.start is None:
        return today - CLICK_LIFE, today
    last = (window.end - timedelta(microseconds=1)).astimezone(zone).date()
    return window.start.astimezone(zone).date(), min(last, today)


def _clicks(ctx: Context, below: list[str], first: date, last: date, zone: ZoneInfo) -> int:
    """One question per day. A day that was over when it was read is not read again."""
    today = ctx.now().astimezone(zone).date()
    oldest = today - CLICK_LIFE + timedelta(days=1)
    batch_id = _open(ctx, GOOGLE_ADS, CLICKS)
    with working(ctx, batch_id, GOOGLE_ADS) as work:
        for account in below:
            key = f"network:clicks:{account}"
            with ctx.store.reading() as tx:
                done = set(cache.get(tx, key, ctx.now()) or ())
            day = max(first, oldest)
            while day <= last:
                if day.isoformat() not in done or not ctx.moves_coverage:
                    rows = list(ads_of(ctx).reports.clicked(account, day))
                    done |= {day.isoformat()} if day < today - timedelta(days=1) else set()
                    with ctx.store.writing() as tx:
                        work.count(tx, **ad_reports.put_clicks(tx, account, rows).counts)
                        kept = sorted(one for one in done if one >= oldest.isoformat())
                        cache.put(tx, key, kept, ctx.now() + CLICK_LIFE)
                day += timedelta(days=1)
            with ctx.store.writing() as tx:
                ad_reports.forget_clicks(tx, account, today - 2 * CLICK_LIFE)
    return batch_id


# --- HubSpot


def _contacts(ctx: Context, _name: str) -> Iterator[int]:
    """Contacts with a GCLID: those that were changed since the last time, the first time of 90 days."""
    system = ctx.systems.get(HUBSPOT)
    if system is None or system.visitors is None:
        return
    own = ctx.conversions.identifiers.get("gclid", {}).get("contacts", ())
    batch_id = _open(ctx, HUBSPOT, VISITORS)
    with working(ctx, batch_id, HUBSPOT) as work:
        with ctx.store.reading() as tx:
            since = cache.get(tx, "network:contacts", ctx.now())
        start = datetime.fromisoformat(since) - FRESH if since and ctx.moves_coverage else ctx.now() - CLICK_LIFE
        end = ctx.now().astimezone(UTC)
        for some in system.visitors.came(tuple(dict.fromkeys((GCLID, *own))), Window(start, end)):
            with ctx.store.writing() as tx:
                work.count(tx, **ad_reports.put_contacts(tx, some).counts)
        with ctx.store.writing() as tx:
            cache.put(tx, "network:contacts", end.isoformat(), end + CLICK_LIFE)
    yield batch_id


# --- Salesforce


def _open_deals(ctx: Context, _name: str) -> Iterator[int]:
    system = ctx.systems.get(SALESFORCE)
    if system is None or system.history is None:
        return
    hidden = visible_fields(ctx)
    fields = {
        name: [one for one in some if one in hidden[name]]
        for name, some in ctx.conversions.identifiers.get("gclid", {}).items()
    }
    batch_id = _open(ctx, SALESFORCE, DEALS)
    with working(ctx, batch_id, SALESFORCE) as work:
        found = list(system.history.open_deals(fields))
        with ctx.store.writing() as tx:
            work.count(tx, **ad_reports.put_open_deals(tx, found).counts)
    yield batch_id


def _open(ctx: Context, system: str, name: str) -> int:
    with ctx.store.writing() as tx:
        return open_batch(ctx, tx, system, name, Operation.PULL_NETWORK_CONVERSIONS, ENTITY)
