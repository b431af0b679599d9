"""Guards at work: a mapping whose plan is too dangerous is not applied without a person's word (DESIGN §6).

Judged after all is planned and before anything is sent. The other mappings of the run go on; the run ends refused. A dry
run is judged likewise, so that it tells what the real one would meet.
"""

from collections.abc import Iterator
from typing import Any

from lockstep.guards import PlanCounts, Tripped, check, count
from lockstep.mapping import Mapping
from lockstep.model import HUBSPOT, SALESFORCE, Action, Batch, BatchStatus, Change, OutcomeKind, PairState, Step
from lockstep.run import Context
from lockstep.steps.pair_ids import made_at
from lockstep.store import ledger, mirror, pairs
from lockstep.store.sequence import next_seq

CODE = "guard_tripped"


def pairs_before(ctx: Context) -> dict[str, int]:
    """Entity -> pairs that are linked before the plan is made: what its numbers are measured by."""
    with ctx.store.reading() as tx:
        linked = (PairState.LINKED, PairState.HELD)
        return {mapping.entity: pairs.count(tx, mapping.entity, linked) for mapping in ctx.chosen()}


def guard(ctx: Context, before: dict[str, int]) -> None:
    """Refuse every mapping whose plan trips a guard that the run's params do not lift."""
    for mapping in ctx.chosen():
        with ctx.store.reading() as tx:
            planned = _planned(ctx, tx, mapping)
            tripped = check(_counts(ctx, tx, mapping, planned, before), ctx.settings.guards)
        words = "; ".join(one.message for one in tripped if not _lifted(ctx, one))
        if words:
            ctx.log.error("%s", words)
            with ctx.store.writing() as tx:
                for batch in planned:
                    _refuse(tx, batch, words)


def _lifted(ctx: Context, tripped: Tripped) -> bool:
    lifted = tripped.guard in (ctx.params.get("override_guards") or ())
    if lifted:
        ctx.log.warning("guard overridden by the run's params: %s", tripped.message)
    return lifted


def _planned(ctx: Context, tx: Any, mapping: Mapping) -> list[Batch]:
    every = ledger.batches(tx, ctx.run.id)
    return [batch for batch in every if batch.status is BatchStatus.IN_PROCESS and batch.entity == mapping.entity]


def _counts(
    ctx: Context, tx: Any, mapping: Mapping, planned: list[Batch], before: dict[str, int]
) -> Iterator[PlanCounts]:
    last = next((run for run in ledger.runs(tx, Step.PUSH_UPDATES) if run.id != ctx.run.id and run.closed_at), None)
    sides = (SALESFORCE, HUBSPOT)
    empty = frozenset(one for one in sides if not mirror.any_live(tx, one, mapping.objects(one)))
    for system in sides:
        own = [batch.id for batch in planned if batch.system == system]
        changes = (c for one in own for c in ledger.changes(tx, one) if not _newly_paired(ctx, c))
        yield PlanCounts(
            entity=mapping.entity,
            system=system,
            **count(mapping, system, changes),
            pairs_total=before.get(mapping.entity, 0),
            empty_sides=empty,
            mapping_changed=last is not None and last.mapping_hash != ctx.run.mapping_hash,
        )


def _newly_paired(ctx: Context, change: Change) -> bool:
    """A first meeting changes nearly everything, rightly: no measure of danger. Creates are counted all the same."""
    return (
        change.action is Action.UPDATE and change.pair_id is not None and made_at(change.pair_id) >= ctx.run.opened_at
    )


def _refuse(tx: Any, batch: Batch, words: str) -> None:
    undone = ledger.changes(tx, batch.id, undone_only=True)
    ledger.set_outcomes(tx, [(change.id, OutcomeKind.DEFERRED, CODE, None, None) for change in undone])
    ids = [change.pair_id for change in undone if change.pair_id]
    pairs.raise_due(tx, ids, next_seq(tx))
    pairs.raise_references(tx, ids, next_seq(tx))
    ledger.add_counts(tx, batch.id, read=len(undone), deferred=len(undone))
    ledger.close_batch(tx, batch.id, BatchStatus.FAILED, error_code=CODE, error=words)
