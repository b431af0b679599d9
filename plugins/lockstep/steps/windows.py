"""Which part of an object a run still has to read (DESIGN §3).

A scheduled pull starts at the object's coverage and ends at the window's end minus the system's lag; a backfill reads
exactly its own interval and moves no coverage. An object without `backfill` is covered from its first run on: what nobody
touches afterwards is never read, unless a backfill of that time asks for it (HS-20). The read itself begins earlier by an overlap, since stamps are given
before commits become visible; what is read twice counts as skipped.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from lockstep.model import SALESFORCE, Operation, Step, Window
from lockstep.run import Context
from lockstep.store import coverage, mirror
from lockstep.work import open_batch


def read_window(
    ctx: Context, step: Step, system: str, name: str, wanted: Sequence[str] | None = None
) -> tuple[Window, str | None]:
    """The window still to be read of one object, and the cursor to resume from. Empty if `start >= end`.

    `wanted`: what must have been read of each record; None: the fields of its mapping.
    """
    if not ctx.moves_coverage:
        return ctx.run.window, None
    end = min(ctx.run.window.end, ctx.now()) - timedelta(seconds=ctx.settings.lag_seconds[system])
    with ctx.store.reading() as tx:
        covered = coverage.get(tx, step, system, name)
        from_now_on = step is Step.PULL_UPDATES and not ctx.mappings.of_object(system, name).backfill
        if covered is None and from_now_on:
            return Window(end, end), None
        if covered is None or (not from_now_on and _lacks_fields(ctx, tx, system, name, covered.layout, wanted)):
            return Window(None, end), None
        stopped = json.loads(covered.cursor) if covered.cursor else None
        if stopped and not _lacks_fields(ctx, tx, system, name, stopped["layout"], wanted):
            return Window(covered.covered_to, datetime.fromisoformat(stopped["end"])), stopped["key"]
    return Window(covered.covered_to, end), None


def _lacks_fields(
    ctx: Context, tx: Any, system: str, name: str, layout: int | None, wanted: Sequence[str] | None
) -> bool:
    """True if the mapping has gained a field since these rows were read: its values are unknown until they are read again."""
    if layout is None:
        return False
    needed = wanted if wanted is not None else ctx.mappings.of_object(system, name).fields_of(system, name)
    return not set(needed) <= set(mirror.layout_fields(tx, layout))


def with_overlap(ctx: Context, system: str, window: Window) -> Window:
    if window.start is None:
        return window
    return Window(window.start - timedelta(seconds=ctx.settings.overlap_seconds[system]), window.end)


def joins_from(window: Window) -> datetime | None:
    """From where the window's read joins coverage. An empty window is where an object without `backfill` begins: there is
    nothing before it; an object that is covered already stays as it was."""
    return window.start if window.start and window.start < window.end else None


def pull_operation(system: str, name: str) -> Operation:
    """What the ledger calls reading an object's changes: of Salesforce's tasks, Update activities (MK-09)."""
    return Operation.UPDATE_ACTIVITIES if (system, name) == (SALESFORCE, "Task") else Operation.PULL_UPDATES


def open_batches(ctx: Context, system: str, names: Iterable[str], operation: Operation | None = None) -> dict[str, int]:
    """A batch per object. `operation` None: that of reading changes."""
    with ctx.store.writing() as tx:
        return {
            name: open_batch(
                ctx,
                tx,
                system,
                name,
                operation or pull_operation(system, name),
                ctx.mappings.of_object(system, name).entity,
            )
            for name in names
        }
