"""Pull steps: read vendors, write the mirror. They never write to a vendor.

A scheduled pull starts at the object's coverage and ends at the window's end minus the system's lag; a backfill reads
exactly its own interval and moves no coverage. The read itself begins earlier by an overlap, since stamps are given
before commits become visible; what is read twice counts as skipped. Coverage moves in the transaction of the page that
was read, so a killed pull resumes where it stopped.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from lockstep.errors import LockstepError, QuotaExhausted
from lockstep.mapping import Mapping
from lockstep.match import keys_of
from lockstep.model import Operation, Row, Step, Window
from lockstep.run import Context
from lockstep.steps.runs import statistics
from lockstep.steps.values import value_context
from lockstep.store import coverage, ledger, mirror
from lockstep.store.sequence import next_seq
from lockstep.systems.base import Deleted
from lockstep.work import Work, fetch, open_batch, working

#: a batch is at most this many items (DESIGN §3)
BATCH_ITEMS = 10_000

#: how far back the first pull of deletes looks: longer than any first full load takes
FIRST_DELETES = timedelta(days=1)


def read_window(ctx: Context, step: Step, system: str, name: str) -> tuple[Window, str | None]:
    """The window still to be read of one object, and the cursor to resume from. Empty if `start >= end`."""
    if not ctx.moves_coverage:
        return ctx.run.window, None
    with ctx.store.reading() as tx:
        covered = coverage.get(tx, step, system, name)
        if covered and _lacks_fields(ctx, tx, system, name, covered.layout):
            covered = None
    end = min(ctx.run.window.end, ctx.now()) - timedelta(seconds=ctx.settings.lag_seconds[system])
    if covered and covered.cursor:
        stopped = json.loads(covered.cursor)
        return Window(covered.covered_to, datetime.fromisoformat(stopped["end"])), stopped["key"]
    return Window(covered.covered_to if covered else None, end), None


def _lacks_fields(ctx: Context, tx: Any, system: str, name: str, layout: int | None) -> bool:
    """True if the mapping has gained a field since the object was last read whole: its values are unknown until then."""
    wanted = ctx.mappings.of_object(system, name).fields_of(system, name)
    return layout is not None and not set(wanted) <= set(mirror.layout_fields(tx, layout))


def with_overlap(ctx: Context, system: str, window: Window) -> Window:
    if window.start is None:
        return window
    return Window(window.start - timedelta(seconds=ctx.settings.overlap_seconds[system]), window.end)


def probe_updates(ctx: Context) -> list[dict[str, Any]]:
    """Ask each system once whether anything is new. Objects without news get their zero batch and coverage at once.

    :returns: targets for `pull_updates`: {"system", "object", "batch_id", "expected", "label"}
    """
    with ctx.store.writing() as tx:
        ledger.clean_up(tx, ctx.run.id)
    targets: list[dict[str, Any]] = []
    for system in ctx.systems:
        targets += _probe_system(ctx, system)
    return targets


def _probe_system(ctx: Context, system: str) -> list[dict[str, Any]]:
    windows = {
        name: read_window(ctx, Step.PULL_UPDATES, system, name)[0]
        for source, name, _ in ctx.sources()
        if source == system
    }
    opened = _open_batches(ctx, system, windows, Operation.PULL_UPDATES)
    counts = _count_changed(ctx, system, windows, opened)
    targets = []
    for name, window in windows.items():
        if counts.get(name) == 0:
            _nothing_new(ctx, system, name, opened[name], window)
        else:
            targets.append(_target(system, name, opened[name], counts.get(name)))
    return targets


def _count_changed(ctx: Context, system: str, windows: dict[str, Window], opened: dict[str, int]) -> dict[str, int]:
    """Changed records per object; objects that cannot be answered are absent, and their own task meets the error."""
    asked = {
        name: with_overlap(ctx, system, w) for name, w in windows.items() if w.start is not None and w.start < w.end
    }
    counts = {name: 0 for name, w in windows.items() if w.start is not None and w.start >= w.end}
    if not asked:
        return counts
    work = Work(ctx, opened[next(iter(asked))], system)
    try:
        counts |= ctx.systems[system].count_changed(asked)
    except LockstepError as error:
        ctx.log.warning("%s did not say what is new: %s", system, error)
    with ctx.store.writing() as tx:
        work.count(tx)
    return counts


def _target(system: str, name: str, batch_id: int, expected: int | None) -> dict[str, Any]:
    what = f"{name}: all" if expected is None else f"{name}: {expected}"
    return {
        "system": system,
        "object": name,
        "batch_id": batch_id,
        "expected": expected,
        "label": f"{what} from {system}",
    }


def _open_batches(ctx: Context, system: str, names: Iterable[str], operation: Operation) -> dict[str, int]:
    with ctx.store.writing() as tx:
        return {
            name: open_batch(ctx, tx, system, name, operation, ctx.mappings.of_object(system, name).entity)
            for name in names
        }


def _nothing_new(ctx: Context, system: str, name: str, batch_id: int, window: Window) -> None:
    with ctx.store.writing() as tx:
        if ctx.moves_coverage and window.start is not None and window.start < window.end:
            coverage.advance(
                tx, Step.PULL_UPDATES, system, name, covered_to=window.end, cursor=None, joins_from=window.start
            )
        ledger.close_batch(tx, batch_id)


def pull_updates(ctx: Context, target: dict[str, Any]) -> list[dict[str, Any]]:
    """Read one object's changes into the mirror, page by page. A retry goes on after the last committed page."""
    system, name = target["system"], target["object"]
    window, cursor = read_window(ctx, Step.PULL_UPDATES, system, name)
    pull = _Pull(ctx, system, name, window)
    batch_id: int | None = target["batch_id"]
    pages = ctx.systems[system].changed(name, pull.fields, with_overlap(ctx, system, window), cursor)
    done: list[int] = []
    while batch_id is not None:
        done.append(batch_id)
        batch_id = None  # a batch that stops early (a quota, a limit) is the last
        with working(ctx, done[-1], system) as work:
            batch_id = pull.fill(work, pages)
    return [statistics(fetch(ctx, one)) for one in done]


class _Pull:
    """The pages of one object, spread over batches of at most BATCH_ITEMS."""

    def __init__(self, ctx: Context, system: str, name: str, window: Window):
        self.ctx, self.system, self.name, self.window = ctx, system, name, window
        self.mapping = ctx.mappings.of_object(system, name)
        self.fields = self.mapping.fields_of(system, name)
        self.limit = int(ctx.params.get("limit") or 0)
        self.total = 0
        self.keys = match_keys(ctx, self.mapping, system, name, self.fields)

    def fill(self, work: Work, pages: Iterable[Any]) -> int | None:
        """Take pages until the batch is full. Returns the next batch's id, or None when the window is exhausted."""
        taken = 0
        for page in pages:
            with self.ctx.store.writing() as tx:
                self._take(tx, work, page)
            taken, self.total = taken + len(page.rows), self.total + len(page.rows)
            if self.limit and self.total >= self.limit and page.cursor:
                raise QuotaExhausted(
                    f"stopped after {self.total} records, as the run's limit says", code="limit_reached"
                )
            if taken >= BATCH_ITEMS and page.cursor:
                with self.ctx.store.writing() as tx:
                    return open_batch(self.ctx, tx, self.system, self.name, Operation.PULL_UPDATES, self.mapping.entity)
        with self.ctx.store.writing() as tx:
            self._advance(tx, self.window.end, None)
        return None

    def _take(self, tx: Any, work: Work, page: Any) -> None:
        layout = mirror.layout_of(tx, self.system, self.name, self.fields)
        merged = mirror.merge_page(tx, layout, page.rows, page.read_at, next_seq(tx), self.keys)
        work.count(tx, read=len(page.rows), new=merged.new, updated=merged.updated, skipped=merged.skipped)
        if page.cursor:
            self._advance(tx, None, json.dumps({"key": page.cursor, "end": self.window.end.isoformat()}))

    def _advance(self, tx: Any, covered_to: datetime | None, cursor: str | None) -> None:
        if self.ctx.moves_coverage:
            coverage.advance(
                tx,
                Step.PULL_UPDATES,
                self.system,
                self.name,
                covered_to=covered_to or self.window.start,
                cursor=cursor,
                joins_from=self.window.start,
                layout=mirror.layout_of(tx, self.system, self.name, self.fields).id if covered_to else None,
            )


def match_keys(
    ctx: Context, mapping: Mapping, system: str, name: str, fields: tuple[str, ...]
) -> Callable[[Row], Iterable[tuple[str, str]]]:
    """What the store's key index holds of a row, so that partners are found without reading every record."""
    with ctx.store.reading() as tx:
        values = value_context(ctx, tx)

    def keys(row: Row) -> Iterable[tuple[str, str]]:
        return keys_of(mapping, system, name, dict(zip(fields, row.values, strict=True)), values)

    return keys


def probe_deletes(ctx: Context) -> list[dict[str, Any]]:
    """One target per system: asking costs a call per object anyway, so the question is the work."""
    names = dict.fromkeys(system for system, _, _ in ctx.sources())
    return [{"system": system, "label": f"deletes from {system}"} for system in names]


def pull_deletes(ctx: Context, target: dict[str, Any]) -> list[dict[str, Any]]:
    """Deletes, merges and archives of every object of one system become tombstones in the mirror."""
    return _entomb_all(ctx, target["system"], Step.PULL_DELETES, Operation.PULL_DELETES)


def probe_conversions(ctx: Context) -> list[dict[str, Any]]:
    names = [name for system, name, _ in ctx.sources() if system == "salesforce" and name == "Lead"]
    return [{"system": "salesforce", "label": "converted leads from salesforce"}] if names else []


def pull_conversions(ctx: Context, target: dict[str, Any]) -> list[dict[str, Any]]:
    """Leads that converted to contacts since last time: their pairs move to the contact when they are planned (MK-17)."""
    return _entomb_all(ctx, target["system"], Step.PULL_CONVERSIONS, Operation.PULL_CONVERSIONS)


def _entomb_all(ctx: Context, system: str, step: Step, operation: Operation) -> list[dict[str, Any]]:
    names = [name for source, name, _ in ctx.sources() if source == system]
    if step is Step.PULL_CONVERSIONS:
        names = [name for name in names if name == "Lead"]
    with ctx.store.writing() as tx:
        ledger.clean_up(tx, ctx.run.id, system=system)
    opened = _open_batches(ctx, system, names, operation)
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
    """What the system says is gone, for all objects at once; a failed question is every object's failure."""

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
    if found.horizon:
        if _covered_already(ctx, step, system, name, window):
            ctx.log.info("%s %s: %s Scheduled runs have read these deletes.", system, name, found.horizon.message)
            return
        raise found.horizon
    moved = "updated" if step is Step.PULL_CONVERSIONS else "deleted"
    with ctx.store.writing() as tx:
        done = mirror.entomb(tx, system, name, found.tombstones, next_seq(tx))
        work.count(tx, read=len(found.tombstones), skipped=done.skipped, **{moved: done.deleted})
        if ctx.moves_coverage:
            to = min(found.covered_to, window.end)
            coverage.advance(tx, step, system, name, covered_to=to, cursor=None, joins_from=window.start)
