"""push_updates and update_foreign_keys: plan what is due, then apply it batch by batch.

Planning costs what is due, not what exists. In one transaction per chunk it reads the due rows and pairs, decides, stores
the changes and clears the due marks: work is always either due or a change without an outcome, never neither.
"""

from collections.abc import Callable, Iterator
from typing import Any

from lockstep.apply import Applier
from lockstep.errors import GuardTripped, LeaseHeld
from lockstep.guards import PlanCounts, check, count
from lockstep.mapping import Mapping
from lockstep.model import HUBSPOT, SALESFORCE, Action, BatchStatus, Change, Operation, OutcomeKind, PairState, Step
from lockstep.run import Context
from lockstep.steps.planner import PairPlanner, Planner, PushPlanner, ReferencePlanner, made_at
from lockstep.steps.recover import recover
from lockstep.steps.runs import statistics
from lockstep.store import leases, ledger, mirror, pairs
from lockstep.store.ledger import questions
from lockstep.store.sequence import next_seq
from lockstep.work import fetch, open_batch, working


def plan_push(ctx: Context) -> list[dict[str, Any]]:
    """Plan every mapping's due records and pairs. Returns the batches to apply: {batch_id, system, object, operation, items, label}.

    :raises GuardTripped: a safety limit; nothing was written, and the plan is there to be looked at.
    """
    return _plan(ctx, PushPlanner)


def plan_foreign_keys(ctx: Context) -> list[dict[str, Any]]:
    """Plan what could only be known once both records exist: references (lookups, associations), and what a vendor filled
    in by itself on a create. Returns batches as `plan_push` does."""
    return _plan(ctx, PairPlanner, ReferencePlanner)


def _plan(ctx: Context, *planners: Callable[[Context, Mapping], Planner]) -> list[dict[str, Any]]:
    with ctx.store.writing() as tx:
        ledger.clean_up(tx, ctx.run.id)
    before = _pairs_before(ctx)
    for mapping in ctx.chosen():
        try:
            with ctx.store.writing() as tx:
                leases.acquire(tx, mapping.entity, ctx.run.id, ctx.now(), ctx.settings.lease_seconds)
        except LeaseHeld as error:
            _note(ctx, mapping, error)
            continue
        recover(ctx, mapping)
        for planner in planners:
            planner(ctx, mapping).run()
    _guard(ctx, before)
    return _to_apply(ctx)


def _note(ctx: Context, mapping: Mapping, error: LeaseHeld) -> None:
    """Another run writes to these objects: say so in the ledger; what is due stays due."""
    ctx.log.warning("%s", error)
    with ctx.store.writing() as tx:
        batch_id = open_batch(ctx, tx, "hubspot", mapping.hs_object, Operation.PUSH_UPDATES, mapping.entity)
        ledger.close_batch(tx, batch_id, BatchStatus.INCOMPLETE, error_code=error.code, error=str(error))


def _guard(ctx: Context, pairs_before: dict[str, int]) -> None:
    """Refuse a plan that is too dangerous to apply without a person's word (DESIGN §6). Nothing has been sent yet."""
    with ctx.store.reading() as tx:
        tripped = check(_plan_counts(ctx, tx, pairs_before), ctx.settings.guards)
    if not tripped:
        return
    overridden = ctx.params.get("override_guards") or ()
    for one in tripped:
        if one.guard in overridden:
            ctx.log.warning("guard overridden by the run's params: %s", one.message)
    tripped = [one for one in tripped if one.guard not in overridden]
    if not tripped:
        return
    words = "; ".join(one.message for one in tripped)
    with ctx.store.writing() as tx:
        for batch in ledger.batches(tx, ctx.run.id):
            if batch.status is BatchStatus.IN_PROCESS:
                _refuse(tx, batch.id, words)
    raise GuardTripped(words, hint="Look at the plan in Sync Status; run again with override_guards if it is right.")


def _plan_counts(ctx: Context, tx: Any, pairs_before: dict[str, int]) -> Iterator[PlanCounts]:
    last = next((run for run in ledger.runs(tx, Step.PUSH_UPDATES) if run.id != ctx.run.id and run.closed_at), None)
    batches = [batch for batch in ledger.batches(tx, ctx.run.id) if batch.status is BatchStatus.IN_PROCESS]
    for mapping in ctx.chosen():
        live = {s: sum(mirror.count(tx, s, name) for name in mapping.objects(s)) for s in (SALESFORCE, HUBSPOT)}
        for system in live:
            own = [batch.id for batch in batches if batch.entity == mapping.entity and batch.system == system]
            old = (c for one in own for c in ledger.changes(tx, one, undone_only=True) if not _newly_paired(ctx, c))
            yield PlanCounts(
                entity=mapping.entity,
                system=system,
                **count(mapping, system, old),
                pairs_total=pairs_before.get(mapping.entity, 0),
                mirror_counts=live,
                mapping_changed=last is not None and last.mapping_hash != ctx.run.mapping_hash,
            )


def _newly_paired(ctx: Context, change: Change) -> bool:
    """A first meeting changes nearly everything, rightly: no measure of danger. Creates are counted all the same."""
    return (
        change.action is Action.UPDATE and change.pair_id is not None and made_at(change.pair_id) >= ctx.run.opened_at
    )


def _pairs_before(ctx: Context) -> dict[str, int]:
    with ctx.store.reading() as tx:
        counts = pairs.counts(tx)
    found: dict[str, int] = {}
    for (entity, state), number in counts.items():
        if state in (PairState.LINKED, PairState.HELD):
            found[entity] = found.get(entity, 0) + number
    return found


def _refuse(tx: Any, batch_id: int, words: str) -> None:
    undone = ledger.changes(tx, batch_id, undone_only=True)
    ledger.set_outcomes(tx, [(change.id, OutcomeKind.DEFERRED, "guard_tripped", None, None) for change in undone])
    ids = [change.pair_id for change in undone if change.pair_id]
    pairs.raise_due(tx, ids, next_seq(tx))
    pairs.raise_references(tx, ids, next_seq(tx))
    ledger.add_counts(tx, batch_id, read=len(undone), deferred=len(undone))
    ledger.close_batch(tx, batch_id, BatchStatus.FAILED, error_code="guard_tripped", error=words)


def _to_apply(ctx: Context) -> list[dict[str, Any]]:
    """Close the batches in which all was decided by planning; list the others."""
    with ctx.store.writing() as tx:
        found = []
        for batch in ledger.batches(tx, ctx.run.id):
            if batch.status is not BatchStatus.IN_PROCESS:
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
    mapping = ctx.mappings.entity(batch.entity or "")
    with working(ctx, batch_id, batch.system) as work:
        Applier(ctx, mapping, batch, work).run()
    return statistics(fetch(ctx, batch_id))
