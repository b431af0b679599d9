"""A plan that a guard refused and a person approved: exactly what was shown is applied, and nothing else in that run.

What moved since is stale: it stays due, and a later run plans it afresh. Approving a plan supersedes all that were refused
before that moment.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from lockstep.decisions import Decision, DecisionKind
from lockstep.mapping import Mapping
from lockstep.model import Action, Batch, Change, MirrorRow, OutcomeKind, Pair, PairState, Values, other_side
from lockstep.run import Context
from lockstep.store import decisions, ledger, mirror, pairs
from lockstep.store.ledger.approvals import APPLIED, NotOpen
from lockstep.work import open_batch

RecordKey = tuple[str, str, str]


def find_approved(ctx: Context) -> Decision | None:
    """The approval that this run obeys: the newest one for a plan of this step that can still be applied.

    The others are used up, with the reason. A retry finds the one that the run began with.
    """
    if ctx.params.get("dry_run"):
        return None
    with ctx.store.writing() as tx:
        own = decisions.history(tx, kind=DecisionKind.APPROVE, run_id=ctx.run.id)
        if begun := [one for one in own if one.used_run_id == ctx.run.id and (one.result or "").startswith(APPLIED)]:
            return begun[0]
        found: Decision | None = None
        for one in reversed(decisions.open(tx, DecisionKind.APPROVE)):
            refusal = _refusal(ctx, tx, one, found)
            if refusal:
                decisions.use(tx, [one.id], ctx.run.id, f"not applied: {refusal}")
            elif found is None and _is_for(ctx, tx, one):
                found = one
        return found


def _is_for(ctx: Context, tx: Any, one: Decision) -> bool:
    """True if this run does the plan's step, for all its mappings: a run of some objects leaves the approval to the next one."""
    chosen = {mapping.entity for mapping in ctx.chosen()}
    return ledger.run(tx, one.run_id or "").step is ctx.run.step and _entities(tx, one) <= chosen


def _entities(tx: Any, one: Decision) -> set[str | None]:
    """The mappings of which the plan holds changes that a guard refused."""
    return {batch.entity for batch in ledger.batches(tx, one.run_id or "") if batch.error_code == "guard_tripped"}


def about(ctx: Context, approved: Decision) -> list[Mapping]:
    """The mappings of the approved plan."""
    with ctx.store.reading() as tx:
        entities = _entities(tx, approved)
    return [mapping for mapping in ctx.chosen() if mapping.entity in entities]


def _refusal(ctx: Context, tx: Any, one: Decision, newer: Decision | None) -> str | None:
    """Why a plan cannot be applied any more."""
    try:
        refused = ledger.run(tx, one.run_id or "")
    except KeyError:
        return "there is no such run"
    if never := ledger.never_open(refused):
        return never
    if refused.step is not ctx.run.step:
        return None
    return NotOpen.SUPERSEDED if newer else ledger.not_open(tx, refused, ctx.run.mapping_hash)


def repeat_plan(ctx: Context, mapping: Mapping, approved: Decision) -> None:
    """The mapping's part of the approved plan, as new changes that name the old ones (`retry_of`)."""
    with ctx.store.writing() as tx:
        done = _repeated(ctx, tx)
        for batch in ledger.batches(tx, approved.run_id or ""):
            if batch.entity == mapping.entity and batch.error_code == "guard_tripped":
                refused = [one for one in ledger.changes(tx, batch.id) if one.code == "guard_tripped"]
                if left := [one for one in refused if one.id not in done]:
                    _repeat(ctx, tx, batch, left)


def _repeated(ctx: Context, tx: Any) -> set[int | None]:
    """What a killed try of this task has repeated already."""
    return {one.retry_of for batch in ledger.batches(tx, ctx.run.id) for one in ledger.changes(tx, batch.id)}


def _repeat(ctx: Context, tx: Any, batch: Batch, changes: list[Change]) -> None:
    batch_id = open_batch(ctx, tx, batch.system, batch.object, batch.operation, batch.entity)
    standing = _standing(tx, changes)
    rows = [_again(one, batch_id, stale=one.id not in standing) for one in changes]
    ledger.insert_changes(tx, rows)
    stale = sum(one.outcome is not None for one in rows)
    ledger.add_counts(tx, batch_id, read=stale, deferred=stale)


def _again(change: Change, batch_id: int, stale: bool) -> Change:
    outcome, code = (OutcomeKind.DEFERRED, "stale") if stale else (None, None)
    return replace(
        change, id=0, batch_id=batch_id, retry_of=change.id, sent_at=None, attempts=0, outcome=outcome, code=code
    )


def _standing(tx: Any, changes: Iterable[Change]) -> set[int]:
    """The changes whose pair and whose values on both sides are as they were when the plan was made."""
    some = list(changes)
    paired = pairs.get(tx, [one.pair_id for one in some if one.pair_id])
    rows = _rows(tx, paired.values())
    return {one.id for one in some if (pair := paired.get(one.pair_id or "")) and _stands(one, pair, rows)}


def _rows(tx: Any, paired: Iterable[Pair]) -> dict[RecordKey, MirrorRow]:
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for pair in paired:
        for system, name, record_id in _records(pair):
            wanted[system, name].add(record_id)
    return {
        (system, name, row.id): row
        for (system, name), ids in wanted.items()
        for row in mirror.rows(tx, system, name, ids).values()
    }


def _records(pair: Pair) -> list[RecordKey]:
    both = (("salesforce", pair.sf_object, pair.sf_id), ("hubspot", pair.hs_object, pair.hs_id))
    return [(system, name, record_id) for system, name, record_id in both if record_id]


def _stands(change: Change, pair: Pair, rows: dict[RecordKey, MirrorRow]) -> bool:
    if pair.state is PairState.CLOSED or pair.record_id(change.system) != change.record_id:
        return False
    here = {system: rows.get((system, name, record_id)) for system, name, record_id in _records(pair)}
    target, source = here.get(change.system), here.get(other_side(change.system))
    if change.action is Action.DELETE:
        return bool(target and target.live and source and not source.live)
    if not (source and source.live and _holds(source, change.source)):
        return False
    return change.action is Action.CREATE or bool(target and target.live and _holds(target, change.before))


def _holds(row: MirrorRow, values: Values) -> bool:
    return all(row.values.get(name) == value for name, value in values.items())


def use_approval(ctx: Context, approved: Decision) -> None:
    with ctx.store.writing() as tx:
        decisions.use(tx, [approved.id], ctx.run.id, f"{APPLIED}; what moved since the plan was made is stale")
