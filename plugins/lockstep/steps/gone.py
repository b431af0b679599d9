"""pull_deletes and pull_conversions: what left becomes a tombstone in the mirror. They never write to a vendor."""

from datetime import timedelta
from typing import Any

from lockstep.errors import HorizonPassed, LockstepError
from lockstep.model import Operation, Step, Window
from lockstep.run import Context
from lockstep.steps.runs import statistics
from lockstep.steps.windows import open_batches, read_window, with_overlap
from lockstep.store import coverage, ledger, mirror
from lockstep.store.sequence import next_seq
from lockstep.systems.base import Deleted
from lockstep.work import Work, fetch, working

#: how far back the first pull of deletes looks: longer than any first full load takes
FIRST_DELETES = timedelta(days=1)


def probe_deletes(ctx: Context) -> list[dict[str, Any]]:
    """One target per system: asking costs a call per object anyway, so the question is the work."""
    names = dict.fromkeys(system for system, _, _ in ctx.sources())
    return [{"system": system, "label": f"deletes from {system}"} for system in names]


def pull_deletes(ctx: Context, target: dict[str, Any]) -> list[dict[str, Any]]:
    """Deletes, merges and archives of every object of one system become tombstones in the mirror."""
    return _entomb_all(ctx, target["system"], Step.PULL_DELETES, Operation.PULL_DELETES)


def probe_converted(ctx: Context) -> list[dict[str, Any]]:
    names = [name for system, name, _ in ctx.sources() if system == "salesforce" and name == "Lead"]
    operation = str(Operation.PULL_CONVERSIONS)
    label = "converted leads from salesforce"
    return [{"operation": operation, "system": "salesforce", "label": label}] if names else []


def pull_converted(ctx: Context, target: dict[str, Any]) -> list[dict[str, Any]]:
    """Leads that converted to contacts since last time: their pairs move to the contact when they are planned (MK-17)."""
    return _entomb_all(ctx, target["system"], Step.PULL_CONVERSIONS, Operation.PULL_CONVERSIONS)


def _entomb_all(ctx: Context, system: str, step: Step, operation: Operation) -> list[dict[str, Any]]:
    names = [name for source, name, _ in ctx.sources() if source == system]
    if step is Step.PULL_CONVERSIONS:
        names = [name for name in names if name == "Lead"]
    with ctx.store.writing() as tx:
        ledger.clean_up(tx, ctx.run.id, system=system, operation=operation)
    opened = open_batches(ctx, system, names, operation)
    windows = {name: read_window(ctx, step, system, name)[0] for name in names}
    calls, answer = ctx.meters[system].calls, _Answer(ctx, system, step, windows)
    errors: list[LockstepError] = []
    for name in names:
        try:
            with working(ctx, opened[name], system, calls_from=calls) as work:
                _bury(ctx, work, (system, name, step), windows[name], answer.of(name))
        except LockstepError as error:
            errors.append(error)
        calls = ctx.meters[system].calls
    if errors:
        raise errors[0]
    return [statistics(fetch(ctx, batch_id)) for batch_id in opened.values()]


class _Answer:
    """What the system says is gone, for all objects at once; a question that fails as a whole is every object's failure."""

    def __init__(self, ctx: Context, system: str, step: Step, windows: dict[str, Window]):
        self._found: dict[str, Deleted] = {}
        self._error: LockstepError | None = None
        try:
            self._found = _gone(ctx, system, step, windows)
        except LockstepError as error:
            self._error = error

    def of(self, name: str) -> Deleted | None:
        if self._error:
            raise self._error
        return self._found.get(name)


def _gone(ctx: Context, system: str, step: Step, windows: dict[str, Window]) -> dict[str, Deleted]:
    """The first time, look back a day: what left during the first full load must not be taken for present."""
    asked = {name: w if w.start else Window(w.end - FIRST_DELETES, w.end) for name, w in windows.items()}
    wide = {name: with_overlap(ctx, system, w) for name, w in asked.items() if w.start and w.start < w.end}
    if not wide:
        return {}
    if step is Step.PULL_CONVERSIONS:
        return {name: ctx.systems[system].converted(window) for name, window in wide.items()}
    return ctx.systems[system].deleted_many(wide)


def _covered_already(ctx: Context, step: Step, system: str, name: str, window: Window) -> bool:
    """A backfill of a range that the vendor no longer tells of loses nothing, if scheduled runs have read it in their time."""
    if ctx.moves_coverage:
        return False
    with ctx.store.reading() as tx:
        covered = coverage.get(tx, step, system, name)
    return covered is not None and covered.covered_to is not None and covered.covered_to >= window.end


def _bury(ctx: Context, work: Work, source: tuple[str, str, Step], window: Window, found: Deleted | None) -> None:
    """Tombstones and coverage in one transaction. A passed horizon covers nothing: only a full reconcile can."""
    system, name, step = source
    if found is None:
        return
    if found.refused:
        if isinstance(found.refused, HorizonPassed) and _covered_already(ctx, step, system, name, window):
            ctx.log.info("%s %s: %s Scheduled runs have read these deletes.", system, name, found.refused.message)
            return
        raise found.refused
    moved = "updated" if step is Step.PULL_CONVERSIONS else "deleted"
    with ctx.store.writing() as tx:
        done = mirror.entomb(tx, system, name, found.tombstones, next_seq(tx))
        work.count(tx, read=len(found.tombstones), skipped=done.skipped, **{moved: done.deleted})
        if ctx.moves_coverage:
            to = min(found.covered_to, window.end)
            coverage.advance(tx, step, system, name, covered_to=to, cursor=None, joins_from=window.start)
