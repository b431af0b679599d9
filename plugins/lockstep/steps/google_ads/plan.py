"""Plans what Google Ads is to be told: which conversions go together in a request, each request a batch of its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from lockstep.conversions.definition import ENTITY, Backend
from lockstep.conversions.findings import Blocked
from lockstep.conversions.record import Conversion
from lockstep.errors import LeaseHeld
from lockstep.model import GOOGLE_ADS, Action, BatchStatus, Change, Operation, OutcomeKind
from lockstep.run import Context
from lockstep.steps.google_ads.accounts import own_account
from lockstep.steps.google_ads.blocked import unblocked
from lockstep.steps.google_ads.rows import as_configured, may_be_held
from lockstep.store import conversions, leases, ledger
from lockstep.store.ledger.batches import SUPERSEDED
from lockstep.systems.ads import ACTIONS_MAX, ROWS_MAX
from lockstep.systems.base import parts

#: what the batches are about, as their object
CONVERSION, ADJUSTMENT, VERDICT = "conversion", "adjustment", "verdict"
#: a request that was refused in part is sent again in so many; and so many are sent for that in one run
SPLIT, RESOLVED_AT_ONCE = 8, 32

Target = dict[str, Any]


def plan_conversions(ctx: Context) -> list[Target]:
    """The batches of push_conversions to apply: {batch_id, system, object, operation, items, label}. None without a Google Ads
    connection, or where conversions.yaml has no milestones. Google is not called."""
    wanted = set(ctx.params.get("objects") or ())
    if not ctx.conversions.milestones or (wanted and ENTITY not in wanted):
        return []
    if ctx.google_ads is None:
        _say_why(ctx)
        return []
    try:
        with ctx.store.writing() as tx:
            leases.acquire(tx, ENTITY, ctx.run.id, ctx.now(), ctx.settings.lease_seconds)
    except LeaseHeld as error:
        _put_off(ctx, error)
        return []
    _take_over(ctx)
    with ctx.store.writing() as tx:
        conversions.mark_deleted(tx)
        conversions.close_late(tx, ctx.now())
    return [*_followed(ctx), *_uploads(ctx), *_resolved(ctx), *_adjustments(ctx)]


def _say_why(ctx: Context) -> None:
    """An account is named, so somebody expects conversions: the ledger says why there are none."""
    if ctx.conversions.account is None:
        return
    words = "There is no Airflow connection `google_ads_default`: no conversion is looked for or uploaded."
    with ctx.store.writing() as tx:
        batch_id = _open(ctx, tx, CONVERSION, ctx.conversions.account)
        ledger.close_batch(tx, batch_id, BatchStatus.SUCCEEDED, error=words)


def _put_off(ctx: Context, error: LeaseHeld) -> None:
    """Another run uploads: what is due stays due."""
    ctx.log.warning("%s", error)
    with ctx.store.writing() as tx:
        batch_id = _open(ctx, tx, CONVERSION, ctx.conversions.account or "")
        ledger.close_batch(tx, batch_id, BatchStatus.INCOMPLETE, error_code=error.code, error=str(error))


def _take_over(ctx: Context) -> None:
    """What earlier runs, or an earlier try of this task, planned and did not finish is planned again. Rows that were sent are sent
    again: Google knows them by their order ids."""
    with ctx.store.writing() as tx:
        earlier = [one for one in ledger.batches(tx, ctx.run.id) if one.operation is Operation.PUSH_CONVERSIONS]
        for one in earlier:
            ledger.note(tx, one.id, **{SUPERSEDED: True})
        left = ledger.undone(tx, ENTITY, besides=ctx.run.id)
        left += [change for one in earlier for change in ledger.changes(tx, one.id, undone_only=True)]
        left = list({one.id: one for one in left}.values())
        ledger.set_outcomes(tx, [(one.id, OutcomeKind.DEFERRED, "taken_over", None, None) for one in left])
        for batch_id in dict.fromkeys(one.batch_id for one in left):
            number = sum(one.batch_id == batch_id for one in left)
            ledger.add_counts(tx, batch_id, read=number, deferred=number)
            if ledger.batch(tx, batch_id).status is BatchStatus.IN_PROCESS:
                words = "The task ended before its batch was done; a later run took it over."
                ledger.close_batch(tx, batch_id, BatchStatus.FAILED, error_code="not_finished", error=words)


def _followed(ctx: Context) -> list[Target]:
    """One batch that asks for the verdicts on earlier requests."""
    if ctx.params.get("dry_run"):
        return []
    with ctx.store.writing() as tx:
        waiting = conversions.open_uploads(tx)
        if not waiting:
            return []
        batch_id = _open(ctx, tx, VERDICT, waiting[0].account)
    return [_target(batch_id, VERDICT, len(waiting), f"verdicts on {len(waiting)} requests from Google Ads")]


def _uploads(ctx: Context) -> list[Target]:
    """What is due, of the milestones that conversions.yaml still has."""
    due = _pages(ctx, lambda tx, after: conversions.due(tx, ctx.now(), after))
    wanted = (as_configured(ctx, one) for one in due if one.milestone in ctx.conversions.by_name)
    targets = []
    for account, rows in _requests(ctx, unblocked(ctx, wanted, account_of)):
        targets += _planned(ctx, CONVERSION, account, rows)
    return targets


def _resolved(ctx: Context) -> list[Target]:
    """Requests that Google refused in part, again in smaller ones: rows that it holds are recognised, so this ends at the rows
    that it refuses. The smallest first, since they end soonest, and a few in each run."""
    rows = sorted(unblocked(ctx, _pages(ctx, conversions.unresolved), account_of), key=_request_of)
    groups = [list(some) for _, some in groupby(rows, key=lambda one: _request_of(one)[:2])]
    targets: list[Target] = []
    for group in sorted(groups, key=len):
        if len(targets) + SPLIT > RESOLVED_AT_ONCE:
            break
        for chunk in parts(group, -(-len(group) // SPLIT)):
            targets += _planned(ctx, CONVERSION, _addressee(ctx, group[0]), chunk)
    return targets


def _request_of(one: Conversion) -> tuple[str, str, int]:
    return one.request_id or "", one.sent_action or "", one.id


def _adjustments(ctx: Context) -> list[Target]:
    """New values of what Data Manager took go the way of uploads; all else is adjusted in the Google Ads API."""
    rows = _pages(ctx, lambda tx, after: conversions.to_adjust(tx, ctx.now(), after))
    told: list[Conversion] = []
    taken_back: list[Conversion] = []
    for one in unblocked(ctx, rows, account_of, Blocked.adjust):
        (told if one.undone is None and one.backend is Backend.DATA_MANAGER else taken_back).append(one)
    targets = []
    for account, some in _requests(ctx, told):
        targets += _planned(ctx, CONVERSION, account, some)
    for account, some in _requests(ctx, taken_back):
        targets += _planned(ctx, ADJUSTMENT, account, some)
    return targets


def account_of(ctx: Context, one: Conversion) -> str:
    """The account as configured: of the milestone, of the file, of the connection."""
    return one.account or own_account(ctx)


def _addressee(ctx: Context, one: Conversion) -> str:
    """Where it is told: what Google holds, or may hold, in the account that it was sent to, whatever is configured since."""
    return one.sent_account if one.sent_account and may_be_held(one) else account_of(ctx, one)


def _pages(ctx: Context, page: Callable[[Any, int], list[Conversion]]) -> Iterator[Conversion]:
    after = 0
    while True:
        with ctx.store.reading() as tx:
            rows = page(tx, after)
        yield from rows
        if len(rows) < ROWS_MAX:
            return
        after = rows[-1].id


def _requests(ctx: Context, rows: Iterable[Conversion]) -> Iterator[tuple[str, list[Conversion]]]:
    """Rows in groups that one request takes: of one account, at most ROWS_MAX, of at most ACTIONS_MAX actions."""
    groups: dict[str, list[Conversion]] = {}
    actions: dict[str, set[str]] = {}
    for one in rows:
        account = _addressee(ctx, one)
        group, named = groups.setdefault(account, []), actions.setdefault(account, set())
        if len(group) >= ROWS_MAX or len(named | {one.action}) > ACTIONS_MAX:
            yield account, group
            group, named = groups[account], actions[account] = [], set()
        group.append(one)
        named.add(one.action)
    yield from ((account, group) for account, group in groups.items() if group)


def _planned(ctx: Context, object: str, account: str, rows: Sequence[Conversion]) -> list[Target]:
    """One batch with its changes. A dry run's are decided at once."""
    dry = bool(ctx.params.get("dry_run"))
    with ctx.store.writing() as tx:
        batch_id = _open(ctx, tx, object, account)
        changes = [_change(batch_id, one) for one in rows]
        if dry:
            changes = [replace(one, outcome=OutcomeKind.SKIPPED, code="dry_run") for one in changes]
        ledger.insert_changes(tx, changes)
        if dry:
            ledger.add_counts(tx, batch_id, read=len(rows), skipped=len(rows))
            ledger.close_batch(tx, batch_id)
            return []
    what = "conversions" if object == CONVERSION else "adjustments"
    return [_target(batch_id, object, len(rows), f"{len(rows)} {what} to Google Ads {account}")]


def _change(batch_id: int, one: Conversion) -> Change:
    """`before` and `after` name no person: identifiers stay in the conversion."""
    action = Action.DELETE if one.undone else Action.UPDATE if one.accepted_at else Action.CREATE
    told = {
        "value": one.now_value if one.accepted_at else one.value,
        "currency": one.now_currency if one.accepted_at else one.currency,
        "milestone": one.milestone,
    }
    return Change(
        id=0,
        batch_id=batch_id,
        pair_id=None,
        system=GOOGLE_ADS,
        object=CONVERSION,
        action=action,
        record_id=one.order_id,
        before={"value": one.sent_value} if one.sent_at else {},
        after={} if one.undone else told,
        why={"undone": str(one.undone)} if one.undone else {},
        lost={},
    )


def _open(ctx: Context, tx: Any, object: str, account: str) -> int:
    task = {"account": account}
    return ledger.open_batch(
        tx, ctx.run.id, GOOGLE_ADS, object, Operation.PUSH_CONVERSIONS, ctx.run.window, ENTITY, task
    )


def _target(batch_id: int, object: str, items: int, label: str) -> Target:
    operation = str(Operation.PUSH_CONVERSIONS)
    return {
        "batch_id": batch_id,
        "system": GOOGLE_ADS,
        "object": object,
        "operation": operation,
        "items": items,
        "label": label,
    }
