"""Preflight: whether milestones can be imported at all, asked of both vendors before anything is read for them (GA-00, GA-25).

It runs daily, and at the start of a cycle if the last answer is old: a day, or an hour while something is wrong. What it blocks is
skipped with its code; all else goes on. It writes to no vendor: an upload is only tried with `validate_only`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from lockstep.conversions.definition import ENTITY, Backend, Milestone
from lockstep.conversions.findings import Kept, Severity, Standing
from lockstep.conversions.preflight import AccountFacts, Action, Facts, Reachable, Trouble, findings
from lockstep.conversions.preflight_fields import Shown, objects_read
from lockstep.error_kinds import ErrorClass
from lockstep.errors import AccessError, FatalError, LockstepError, kind_of
from lockstep.google_ads_codes import ads_error
from lockstep.model import GOOGLE_ADS, SALESFORCE, BatchStatus, Operation
from lockstep.run import Context
from lockstep.steps.google_ads.accounts import ACCOUNT
from lockstep.steps.milestones import system_of
from lockstep.store import Store, cache, ledger
from lockstep.store import preflight as kept
from lockstep.systems.ads import AdsSystem, ClickConversion, ConversionAction
from lockstep.work import open_batch

#: how the cache names access tokens
TOKEN = "token:"
FRESH, FRESH_TROUBLE = timedelta(hours=24), timedelta(hours=1)
#: a click id that Google can read and does not know
_NOBODYS = "Cj0KCQ" + "0" * 50
T = TypeVar("T")


def preflight(ctx: Context, afresh: bool = False) -> list[dict[str, Any]]:
    """Ask, judge and keep. Returns the findings as XCom may carry them: codes, names and times.

    `afresh`: somebody has mended something in Salesforce, or linked the accounts again: what was cached is forgotten, and the 24
    hours within which a change shows begin again.
    :raises FatalError: something new is wrong, or is still wrong after 24 hours
    """
    with ctx.store.writing() as tx:
        batch_id = open_batch(ctx, tx, GOOGLE_ADS, "link", Operation.PREFLIGHT, ENTITY)
    check(ctx, afresh)
    with ctx.store.writing() as tx:
        now = ctx.now()
        found = kept.open(tx)
        alarming = [one for one in found if one.alarming(now)]
        kept.told(tx, alarming, now)
        words = "; ".join(_told(one, ctx) for one in alarming)
        if alarming:
            code = alarming[0].finding.code
            ledger.close_batch(tx, batch_id, BatchStatus.FAILED, error_code=code, error=words)
        else:
            ledger.close_batch(tx, batch_id)
    for one in found:
        ctx.log.warning("%s", _told(one, ctx))
    if alarming:
        raise FatalError(words, code=alarming[0].finding.code)
    return [_summary(one, ctx) for one in found]


def is_due(store: Store, now: datetime) -> bool:
    """Whether the last answer is too old for a cycle to begin with."""
    with store.reading() as tx:
        at = kept.checked_at(tx, now)
        wrong = any(one.finding.severity is not Severity.WARNING for one in kept.open(tx))
    return at is None or now - at >= (FRESH_TROUBLE if wrong else FRESH)


def check(ctx: Context, afresh: bool = False) -> None:
    """Ask both vendors and keep what is found."""
    if afresh:
        with ctx.store.writing() as tx:
            cache.forget_all(tx, ACCOUNT)
            cache.forget_all(tx, TOKEN)
    facts = _facts(ctx)
    accounts = {one.name: _account_of(ctx, one) for one in ctx.conversions.milestones}
    found = findings(ctx.conversions, facts, accounts)
    with ctx.store.writing() as tx:
        kept.save(tx, found, ctx.now(), afresh)


def _told(one: Kept, ctx: Context) -> str:
    now = ctx.now()
    hours = -(-one.left(now) // timedelta(hours=1))
    waits = (
        f" A change in Salesforce may take {hours} more hours to show." if one.standing(now) is Standing.WAITING else ""
    )
    return f"{one.finding.code}: {one.finding.message} {one.finding.remedy}{waits}"


def _summary(one: Kept, ctx: Context) -> dict[str, Any]:
    found, now = one.finding, ctx.now()
    return {
        "code": found.code,
        "level": str(found.level),
        "severity": str(found.severity),
        "account": found.account,
        "object": found.object,
        "milestone": found.milestone,
        "state": str(one.standing(now)),
        "since": one.since.isoformat(),
        "hours_left": one.left(now).total_seconds() / 3600,
    }


# --- what the vendors answer


def _facts(ctx: Context) -> Facts:
    connected = frozenset([*ctx.systems, *([GOOGLE_ADS] if ctx.google_ads else [])])
    with ctx.store.reading() as tx:
        worked = frozenset(name for name in (SALESFORCE, GOOGLE_ADS) if kept.worked(tx, name, ctx.now()))
        failed = kept.failed_imports(tx)
    facts = Facts(connected, worked, failed={k: v for k, v in failed.items() if k in ctx.conversions.objects})
    if ctx.google_ads is None:
        return facts
    if SALESFORCE in ctx.systems:
        facts = _of_salesforce(ctx, facts)
    return replace(facts, accounts=tuple(_accounts(ctx, ctx.google_ads)))


def _of_salesforce(ctx: Context, facts: Facts) -> Facts:
    try:
        who = ctx.systems[SALESFORCE].check()
        shown = _shown(ctx)
        reachable = {name: one for name in ctx.conversions.objects if (one := _reachable(ctx, name)) is not None}
    except LockstepError as error:
        return replace(facts, trouble=Trouble(error.code, error.message))
    with ctx.store.writing() as tx:
        kept.note_worked(tx, SALESFORCE, who.account, ctx.now())
    return replace(facts, shown=shown, reachable=reachable)


def _shown(ctx: Context) -> Shown:
    found: dict[str, frozenset[str] | None] = {}
    for name in objects_read(ctx.conversions):
        try:
            found[name] = frozenset(ctx.systems[SALESFORCE].describe(name).fields)
        except AccessError:
            found[name] = None
    return found


def _reachable(ctx: Context, object: str) -> Reachable | None:
    history = ctx.systems[system_of(object)].history if system_of(object) in ctx.systems else None
    return history.reachable(object) if history else None


def _accounts(ctx: Context, ads: AdsSystem) -> Iterator[AccountFacts]:
    named = dict.fromkeys(_account_of(ctx, one) for one in ctx.conversions.milestones)
    for account in named or [ctx.conversions.account or ads.customer_id]:
        yield _account(ctx, ads, account)


def _account_of(ctx: Context, milestone: Milestone) -> str:
    connection = ctx.google_ads.customer_id if ctx.google_ads else ""
    return milestone.account or ctx.conversions.account or connection


def _account(ctx: Context, ads: AdsSystem, customer: str) -> AccountFacts:
    found, trouble = _asked(lambda: ads.account(customer))
    if found is None:
        return AccountFacts(customer, trouble=trouble)
    with ctx.store.writing() as tx:
        kept.note_worked(tx, GOOGLE_ADS, customer, ctx.now())
    facts = AccountFacts(customer, found.conversions, found.status, found.auto_tagging, found.terms, found.enhanced)
    if found.conversions is None or found.status != "ENABLED":
        return facts
    owner = found.conversions
    actions, owner_trouble = _asked(lambda: ads.actions(owner))
    if actions is None:
        if owner == customer:
            return replace(facts, trouble=owner_trouble)
        return replace(facts, owner_trouble=owner_trouble)
    named = {one.action: made for one in ctx.conversions.milestones if (made := _action(actions, one.action))}
    uploads = _tried(ctx, ads, owner, named)
    return replace(facts, actions=named, upload_trouble=uploads)


def _action(actions: list[ConversionAction], wanted: str) -> Action | None:
    """By id, or by name; of several of one name, the one that is enabled."""
    some = [one for one in actions if wanted in (one.id, one.name)]
    one = min(some, key=lambda one: (one.id != wanted, one.status != "ENABLED", one.id), default=None)
    if one is None:
        return None
    return Action(one.id, one.status, one.type, one.counting == "ONE_PER_CLICK", one.always_default)


def _asked(ask: Callable[[], T]) -> tuple[T | None, Trouble | None]:
    try:
        return ask(), None
    except LockstepError as error:
        return None, Trouble(error.code, error.message)


def _tried(ctx: Context, ads: AdsSystem, owner: str, actions: dict[str, Action]) -> dict[Backend, Trouble]:
    """Whether uploads are taken: one row of nobody's click, that is checked and not kept. What Google says of the row itself does
    not count, only what it would say of every row."""
    usable = sorted(one.id for one in actions.values() if one.status == "ENABLED")
    if not usable:
        return {}
    found: dict[Backend, Trouble] = {}
    for backend in (one for one in (ctx.conversions.backend, ctx.conversions.shadow) if one is not None):
        trouble = _try(ctx, ads, backend, owner, usable[0])
        if trouble:
            found[backend] = trouble
    return found


def _try(ctx: Context, ads: AdsSystem, backend: Backend, owner: str, action: str) -> Trouble | None:
    row = ClickConversion("lockstep-preflight", action, ctx.now() - timedelta(days=1), ("gclid", _NOBODYS))
    sent, trouble = _asked(lambda: ads.uploader(backend).upload(owner, [row], validate_only=True))
    if sent is None:
        return trouble
    said = ((ads_error(one.name).code, one) for one in sent.errors.values())
    of_all = [(code, one) for code, one in said if kind_of(code).cls is ErrorClass.PERMISSION]
    return Trouble(of_all[0][0], f"{of_all[0][1].name}: {of_all[0][1].message}") if of_all else None
