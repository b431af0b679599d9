"""push_updates and update_foreign_keys: plan what is due, then apply it batch by batch.

Planning costs what is due, not what exists. In one transaction per chunk it reads the due rows and pairs, decides, stores
the changes and clears the due marks: work is always either due or a change without an outcome, never neither.
"""

from collections.abc import Callable
from typing import Any

from lockstep.apply import Applier
from lockstep.decisions import Decision
from lockstep.errors import LeaseHeld
from lockstep.mapping import Mapping
from lockstep.model import BatchStatus, Operation, Step
from lockstep.run import Context
from lockstep.steps.approved import about, find_approved, repeat_plan, use_approval
from lockstep.steps.controls import paused
from lockstep.steps.decided import raise_decided
from lockstep.steps.google_ads import apply_conversions, plan_conversions
from lockstep.steps.guarding import guard, pairs_before
from lockstep.steps.planner import Planner, ReferencePlanner
from lockstep.steps.programs import pair_planner, push_planner
from lockstep.steps.recover import recover
from lockstep.steps.runs import statistics
from lockstep.store import leases, ledger
from lockstep.store.ledger import questions
from lockstep.work import fetch, open_batch, working


def plan_push(ctx: Context) -> list[dict[str, Any]]:
    """Plan every mapping's due records and pairs. Returns the batches to apply: {batch_id, system, object, operation, items, label}.

    A mapping whose plan a guard refuses is left out; its batches have failed, and so will the run when it is sealed.
    """
    return [*_plan(ctx, push_planner), *plan_conversions(ctx)]


def plan_foreign_keys(ctx: Context) -> list[dict[str, Any]]:
    """Plan what could only be known once both records exist: references (lookups, associations), and what a vendor filled
    in by itself on a create. Returns batches as `plan_push` does."""
    return _plan(ctx, pair_planner, ReferencePlanner)


def _plan(ctx: Context, *planners: Callable[[Context, Mapping], Planner]) -> list[dict[str, Any]]:
    with ctx.store.writing() as tx:
        ledger.clean_up(tx, ctx.run.id)
    raise_decided(ctx)
    approved = find_approved(ctx)
    before, left_alone = pairs_before(ctx), _just_failed(ctx)
    if approved and not _ready(ctx, approved, left_alone):
        return to_apply(ctx)
    for mapping in ctx.chosen():
        if by := _paused(ctx, mapping):
            ctx.log.warning("%s: paused by %s since %s; what is due stays due", mapping.entity, by.made_by, by.made_at)
            continue
        if mapping.entity in left_alone:
            ctx.log.warning("%s: its push has just failed; the next cycle goes on with it", mapping.entity)
            continue
        if not _leased(ctx, mapping):
            continue
        recover(ctx, mapping)
        if approved:
            repeat_plan(ctx, mapping, approved)
            continue
        for planner in planners:
            planner(ctx, mapping).run()
    if approved:
        use_approval(ctx, approved)
    else:
        guard(ctx, before)
    return to_apply(ctx)


def _paused(ctx: Context, mapping: Mapping) -> Decision | None:
    with ctx.store.reading() as tx:
        return paused(tx, mapping)


def _just_failed(ctx: Context) -> set[str | None]:
    """Objects whose push failed in this very cycle: update_foreign_keys would only fail with the same error once more."""
    cycle = ctx.params.get("cycle")
    if ctx.run.step is not Step.UPDATE_FOREIGN_KEYS or cycle is None:
        return set()
    with ctx.store.reading() as tx:
        pushes = [one for one in ledger.runs(tx, Step.PUSH_UPDATES, limit=1) if one.params.get("cycle") == cycle]
        batches = [batch for one in pushes for batch in ledger.batches(tx, one.id)]
    return {one.entity for one in batches if one.status is BatchStatus.FAILED and not ledger.superseded(one)}


def _ready(ctx: Context, approved: Decision, left_alone: set[str | None]) -> bool:
    """An approved plan is applied whole or not at all; one that has to wait is applied by the next run."""
    ready = [_leased(ctx, one) and one.entity not in left_alone for one in about(ctx, approved)]
    if not all(ready):
        ctx.log.warning("The plan of %s, approved by %s, waits for the next run", approved.run_id, approved.made_by)
    return all(ready)


def _leased(ctx: Context, mapping: Mapping) -> bool:
    """Take or prolong the mapping's lease; False, and noted, if another run has it."""
    try:
        with ctx.store.writing() as tx:
            leases.acquire(tx, mapping.entity, ctx.run.id, ctx.now(), ctx.settings.lease_seconds)
    except LeaseHeld as error:
        _note(ctx, mapping, error)
        return False
    return True


def _note(ctx: Context, mapping: Mapping, error: LeaseHeld) -> None:
    """Another run writes to these objects: say so in the ledger; what is due stays due."""
    ctx.log.warning("%s", error)
    with ctx.store.writing() as tx:
        batch_id = open_batch(ctx, tx, "hubspot", mapping.hs_object, Operation.PUSH_UPDATES, mapping.entity)
        ledger.close_batch(tx, batch_id, BatchStatus.INCOMPLETE, error_code=error.code, error=str(error))


def to_apply(ctx: Context) -> list[dict[str, Any]]:
    """Close the batches in which all was decided by planning; list the others."""
    with ctx.store.writing() as tx:
        found = []
        for batch in ledger.batches(tx, ctx.run.id):
            if batch.status is not BatchStatus.IN_PROCESS or batch.operation is Operation.PUSH_CONVERSIONS:
                continue
            items = questions.undone_count(tx, batch.id)
            if items:
                found.append(_listed(batch, items))
            else:
                ledger.close_batch(tx, batch.id)
    return found


def _listed(batch: Any, items: int) -> dict[str, Any]:
    return {
        "batch_id": batch.id,
        "system": batch.system,
        "object": batch.object,
        "operation": str(batch.operation),
        "items": items,
        "label": f"{batch.object}: {items} to {batch.system} ({batch.operation})",
    }


def apply_batch(ctx: Context, batch_id: int) -> dict[str, Any]:
    """Apply one planned batch. Running it again goes on with what has no outcome yet.

    :raises RetriableError: the vendor does not answer. :raises FatalError: credentials, permissions.
    """
    batch = fetch(ctx, batch_id)
    if batch.operation is Operation.PUSH_CONVERSIONS:
        return apply_conversions(ctx, batch)
    mapping = ctx.mappings.entity(batch.entity or "")
    with working(ctx, batch_id, batch.system) as work:
        Applier(ctx, mapping, batch, work).run()
    return statistics(fetch(ctx, batch_id))
