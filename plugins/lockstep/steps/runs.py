"""A run: one execution of one sync step over one window. Opened once, frozen, sealed from the ledger."""

import logging
from collections.abc import Callable, Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lockstep.errors import RunFailed
from lockstep.mapping import Mapping, Mappings
from lockstep.model import COUNTERS, Batch, BatchStatus, RunState, Step, Window
from lockstep.settings import Settings
from lockstep.store import Store, leases, ledger
from lockstep.store.ledger import Run
from lockstep.systems.base import Meter, System


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """Everything a step needs. `systems` and `meters` are keyed by system name."""

    store: Store
    systems: AbstractMapping[str, System]
    meters: AbstractMapping[str, Meter]
    mappings: Mappings
    settings: Settings
    run: Run
    now: Callable[[], datetime] = utc_now
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("lockstep"))

    @property
    def params(self) -> AbstractMapping[str, Any]:
        return self.run.params

    @property
    def moves_coverage(self) -> bool:
        """Only a scheduled run (or a manual one without dates) moves coverage; others read exactly their interval (DESIGN §3)."""
        return self.run.kind == "scheduled"

    def chosen(self) -> tuple[Mapping, ...]:
        """The mappings this run covers: all, or those named in the `objects` param."""
        wanted = set(self.params.get("objects") or ())
        return tuple(m for m in self.mappings.all if not wanted or wanted & {m.entity, m.hs_object, *m.sf_objects})

    def sources(self) -> Iterator[tuple[str, str, Mapping]]:
        """(system, object, mapping) of everything that this run reads."""
        wanted = set(self.params.get("systems") or ())
        for mapping in self.chosen():
            for system, objects in (("salesforce", mapping.sf_objects), ("hubspot", (mapping.hs_object,))):
                if system in self.systems and (not wanted or system in wanted):
                    yield from ((system, name, mapping) for name in objects)


def open_run(
    store: Store,
    run_id: str,
    step: Step | str,
    kind: str,
    window: Window,
    params: AbstractMapping[str, Any],
    mappings: Mappings,
    dag_run_id: str | None = None,
) -> Run:
    """Open the run, or return the row it already has: a retry reads the same window with the same params."""
    with store.writing() as tx:
        return ledger.open_run(tx, run_id, Step(step), kind, window, mappings.hash, dag_run_id, dict(params))


def statistics(batch: Batch) -> dict[str, Any]:
    """A batch as XCom carries it: names and counts, never records."""
    return {
        "batch_id": batch.id,
        "system": batch.system,
        "object": batch.object,
        "operation": str(batch.operation),
        "status": str(batch.status),
        **{counter: batch.counts.get(counter, 0) for counter in COUNTERS},
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
    summary = _summary(batches, state)
    if troubles:
        raise RunFailed(
            f"{ctx.run.step} did not finish cleanly: " + "; ".join(troubles),
            hint=f"Open Sync Status for run {ctx.run.id}; every record and its reason is listed there.",
        )
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
    set does not, nor does what a killed try left empty (cleaned up) once its retry has done the work."""
    found = [
        f"{b.operation} {b.object} ({b.system}) {b.status}: {b.error or b.error_code}"
        for b in batches
        if b.status is BatchStatus.FAILED or b.error_code not in (None, "limit_reached")
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
