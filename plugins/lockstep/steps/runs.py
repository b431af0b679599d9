"""A run: one execution of one sync step over one window. Opened once, frozen, sealed from the ledger."""

from collections.abc import Mapping as AbstractMapping
from datetime import datetime
from typing import Any

from lockstep.errors import RunFailed
from lockstep.mapping import Mappings
from lockstep.model import COUNTERS, Batch, BatchStatus, RunState, Step, Window
from lockstep.preflight_codes import PREFLIGHT_CODES
from lockstep.run import Context
from lockstep.steps.backlog import note_backlog
from lockstep.steps.controls import obey_controls
from lockstep.steps.freshness import note_freshness
from lockstep.steps.maintenance import clean_up_history
from lockstep.store import Store, leases, ledger
from lockstep.store.ledger import Run

#: codes of batches that end early without anybody having to look at this run
_NO_TROUBLE = frozenset({None, "limit_reached", *PREFLIGHT_CODES})


def open_run(
    store: Store,
    run_id: str,
    step: Step | str,
    kind: str,
    window: Window,
    params: AbstractMapping[str, Any],
    mappings: Mappings,
    dag_run_id: str | None = None,
    now: datetime | None = None,
) -> Run:
    """Open the run, or return the row it already has: a retry reads the same window with the same params."""
    with store.writing() as tx:
        obey_controls(tx, run_id)
        return ledger.open_run(tx, run_id, Step(step), kind, window, mappings.hash, dag_run_id, dict(params), now)


def statistics(batch: Batch) -> dict[str, Any]:
    """A batch as XCom carries it: names and counts, never records."""
    return {
        "batch_id": batch.id,
        "system": batch.system,
        "object": batch.object,
        "operation": str(batch.operation),
        "status": str(batch.status),
        **{counter: batch.counts.get(counter, 0) for counter in COUNTERS},
        **{name: told for name, told in (batch.task or {}).items() if name == "shadow"},
    }


def seal(ctx: Context) -> dict[str, Any]:
    """Close what a killed task left open, release the leases, close the run, and say in one place whether it went well.

    :raises RunFailed: a batch failed as a whole, or the share of rejected records passes `failure_threshold`.
    """
    with ctx.store.writing() as tx:
        batches = [_close_leftover(ctx, tx, batch) for batch in ledger.batches(tx, ctx.run.id)]
        leases.release(tx, ctx.run.id)
        judged = [batch for batch in batches if not ledger.superseded(batch)]
        troubles = _troubles(ctx, judged)
        refused = any(batch.error_code == "guard_tripped" for batch in judged)
        state = RunState.REFUSED if refused else RunState.PARTIAL if troubles else RunState.SEALED
        ledger.close_run(tx, ctx.run.id, state)
        note_freshness(ctx, tx, judged)
        note_backlog(ctx, tx)
    clean_up_history(ctx)
    summary = _summary(batches, state)
    if troubles:
        hint = f"Open Sync Status for run {ctx.run.id}; every record and its reason is listed there."
        if refused:
            hint += " If the plan is right, approve it there, or run again with override_guards."
        raise RunFailed(f"{ctx.run.step} did not finish cleanly: " + "; ".join(troubles), hint=hint)
    return summary


def _close_leftover(ctx: Context, tx: Any, batch: Batch) -> Batch:
    if batch.status is not BatchStatus.IN_PROCESS:
        return batch
    untouched = not batch.counts.get("read") and not ledger.sent(tx, batch.id)
    return ledger.close_batch(
        tx,
        batch.id,
        BatchStatus.CLEANED_UP if untouched else BatchStatus.FAILED,
        error_code="not_finished",
        error="The task ended before its batch was done.",
    )


def _troubles(ctx: Context, batches: list[Batch]) -> list[str]:
    """What makes the run red, in words. A quota that ran out leaves records unread, so it is red too; a limit that a person
    set does not, nor what a preflight has told of, nor does what a killed try left empty (cleaned up) once its retry has done the
    work."""
    found = [
        f"{b.operation} {b.object} ({b.system}) {b.status}: {b.error or b.error_code}"
        for b in batches
        if b.status is BatchStatus.FAILED or b.error_code not in _NO_TROUBLE
    ]
    read = sum(b.counts.get("read", 0) for b in batches)
    failed = sum(b.counts.get("failed", 0) for b in batches)
    given = ctx.params.get("failure_threshold")
    threshold = ctx.settings.failure_threshold if given is None else float(given)
    if read and failed / read > threshold:
        found.append(
            f"{failed} of {read} records were rejected ({failed / read:.1%}), more than the threshold of {threshold:.1%}"
        )
    return found


def _summary(batches: list[Batch], state: RunState) -> dict[str, Any]:
    totals = {counter: sum(b.counts.get(counter, 0) for b in batches) for counter in COUNTERS}
    return {"state": str(state), "batches": len(batches), **totals}
