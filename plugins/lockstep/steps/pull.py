"""pull_updates: read what changed, write the mirror, page by page. It never writes to a vendor.

Coverage moves in the transaction of the page that was read, so a killed pull resumes where it stopped.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from lockstep.errors import LockstepError, QuotaExhausted
from lockstep.lifecycle import WORKED_OUT
from lockstep.mapping import Mapping
from lockstep.match import key_fields, key_reader
from lockstep.model import Row, Step, Window
from lockstep.read_ahead import read_ahead
from lockstep.run import Context
from lockstep.steps.garbage import collected_by_page
from lockstep.steps.inclusion import read_lists
from lockstep.steps.links import bury_unlinked
from lockstep.steps.runs import statistics
from lockstep.steps.sweep import links_due, sweep_links
from lockstep.steps.values import value_context
from lockstep.steps.windows import joins_from, open_batches, pull_operation, read_window, with_overlap
from lockstep.store import coverage, ledger, mirror
from lockstep.store.sequence import next_seq
from lockstep.work import Work, fetch, open_batch, working

#: a batch is at most this many items (DESIGN §3)
BATCH_ITEMS = 10_000


def probe_updates(ctx: Context) -> list[dict[str, Any]]:
    """Ask each system once whether anything is new. Objects without news get their zero batch and coverage at once.

    :returns: targets for `pull_updates`: {"system", "object", "batch_id", "expected", "label"}
    """
    with ctx.store.writing() as tx:
        ledger.clean_up(tx, ctx.run.id)
    read_lists(ctx)
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
    opened = open_batches(ctx, system, windows)
    counts = _count_changed(ctx, system, windows, opened)
    targets = []
    for name, window in windows.items():
        if counts.get(name) == 0 and not links_due(ctx, system, name):
            _nothing_new(ctx, system, name, opened[name], window)
        else:
            targets.append(_target(system, name, opened[name], counts.get(name)))
    return targets


def _count_changed(ctx: Context, system: str, windows: dict[str, Window], opened: dict[str, int]) -> dict[str, int]:
    """Changed records per object; objects that cannot be answered are absent, and their own task meets the error."""
    asked = {
        name: with_overlap(ctx, system, w)
        for name, w in windows.items()
        if w.start is not None and w.start < w.end and not _worked_out(ctx, system, name)
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


def _worked_out(ctx: Context, system: str, name: str) -> bool:
    """True if some of its fields move without the record: only reading tells."""
    return not set(WORKED_OUT).isdisjoint(ctx.mappings.of_object(system, name).fields_of(system, name))


def _target(system: str, name: str, batch_id: int, expected: int | None) -> dict[str, Any]:
    what = f"{name}: all" if expected is None else f"{name}: {expected}"
    return {
        "system": system,
        "object": name,
        "batch_id": batch_id,
        "expected": expected,
        "label": f"{what} from {system}",
    }


def _nothing_new(ctx: Context, system: str, name: str, batch_id: int, window: Window) -> None:
    with ctx.store.writing() as tx:
        if ctx.moves_coverage and window.start is not None:
            begin = joins_from(window)
            coverage.advance(tx, Step.PULL_UPDATES, system, name, covered_to=window.end, cursor=None, joins_from=begin)
        ledger.close_batch(tx, batch_id)


def pull_updates(ctx: Context, target: dict[str, Any]) -> list[dict[str, Any]]:
    """Read one object's changes into the mirror, page by page. A retry goes on after the last committed page."""
    system, name = target["system"], target["object"]
    window, cursor = read_window(ctx, Step.PULL_UPDATES, system, name)
    pull = _Pull(ctx, system, name, window)
    batch_id: int | None = target["batch_id"]
    changed = ctx.systems[system].changed(name, pull.fields, with_overlap(ctx, system, window), cursor)
    done: list[int] = []
    with collected_by_page() as collect, read_ahead(changed) as pages:
        while batch_id is not None:
            done.append(batch_id)
            batch_id = None  # a batch that stops early (a quota, a limit) is the last
            with working(ctx, done[-1], system) as work:
                batch_id = pull.fill(work, pages, collect)
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

    def fill(self, work: Work, pages: Iterable[Any], collect: Callable[[], object]) -> int | None:
        """Take pages until the batch is full. Returns the next batch's id, or None when the window is exhausted."""
        taken = 0
        for page in pages:
            with self.ctx.store.writing() as tx:
                self._take(tx, work, page)
            collect()
            taken, self.total = taken + len(page.rows), self.total + len(page.rows)
            if self.limit and self.total >= self.limit and page.cursor:
                raise QuotaExhausted(
                    f"stopped after {self.total} records, as the run's limit says", code="limit_reached"
                )
            if taken >= BATCH_ITEMS and page.cursor:
                with self.ctx.store.writing() as tx:
                    operation = pull_operation(self.system, self.name)
                    return open_batch(self.ctx, tx, self.system, self.name, operation, self.mapping.entity)
        whole = self.window.start is None
        sweep_links(self.ctx, work, (self.system, self.name), self.fields, self.keys, read_whole=whole)
        with self.ctx.store.writing() as tx:
            self._advance(tx, self.window.end, None)
        return None

    def _take(self, tx: Any, work: Work, page: Any) -> None:
        layout = mirror.layout_of(tx, self.system, self.name, self.fields)
        merged = mirror.merge_page(tx, layout, page.rows, page.read_at, next_seq(tx), self.keys)
        work.count(tx, read=len(page.rows), new=merged.new, updated=merged.updated, skipped=merged.skipped)
        if page.whole:
            bury_unlinked(self.ctx, tx, (self.system, self.name, self.mapping.entity), page)
        if page.cursor:
            self._advance(
                tx, None, json.dumps({"key": page.cursor, "end": self.window.end.isoformat(), "layout": layout.id})
            )

    def _advance(self, tx: Any, covered_to: datetime | None, cursor: str | None) -> None:
        if self.ctx.moves_coverage:
            coverage.advance(
                tx,
                Step.PULL_UPDATES,
                self.system,
                self.name,
                covered_to=covered_to or self.window.start,
                cursor=cursor,
                joins_from=joins_from(self.window),
                layout=mirror.layout_of(tx, self.system, self.name, self.fields).id if covered_to else None,
            )


def match_keys(
    ctx: Context, mapping: Mapping, system: str, name: str, fields: tuple[str, ...]
) -> Callable[[Row], Iterable[tuple[str, str]]]:
    """What the store's key index holds of a row, so that partners are found without reading every record."""
    with ctx.store.reading() as tx:
        values = value_context(ctx, tx)

    wanted = key_fields(mapping, system, name)
    places = [(field, at) for at, field in enumerate(fields) if field in wanted]
    read = key_reader(mapping, system, name, values)

    def keys(row: Row) -> Iterable[tuple[str, str]]:
        return read({field: row.values[at] for field, at in places})

    return keys
