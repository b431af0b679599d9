"""pull_milestones, part of pull_conversions: what people did in Salesforce and HubSpot becomes conversions to be uploaded.

For each window it asks which records were touched, reads their whole histories, and keeps what it finds by order id. So any
order of runs, backfills and retries leaves the same conversions.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from lockstep.conversions.definition import ENTITY, Count, Kind
from lockstep.conversions.history import History
from lockstep.conversions.identifiers import identify
from lockstep.conversions.milestones import Found, find
from lockstep.conversions.record import Conversion, conversion_of, seen_again
from lockstep.model import HUBSPOT, SALESFORCE, Operation, Step, Window
from lockstep.run import Context
from lockstep.steps.blocked import unblocked, visible_fields
from lockstep.steps.runs import statistics
from lockstep.steps.windows import read_window, with_overlap
from lockstep.store import conversions, coverage, ledger, mirror
from lockstep.systems.base import HistorySource, parts
from lockstep.work import Work, fetch, open_batch, working

#: a batch is at most this many items (DESIGN §3)
BATCH_ITEMS = 10_000
#: records whose histories are read and stored together
CHUNK = 1_000

#: the object whose coverage tells how far history was read
PAST = {"Lead": "LeadHistory", "Opportunity": "OpportunityHistory", "contacts": "LifecycleHistory"}


def probe_milestones(ctx: Context) -> list[dict[str, Any]]:
    """One target per object of which conversions.yaml has milestones; none without a Google Ads connection."""
    if ctx.google_ads is None or not _covered(ctx):
        return []
    return [
        {
            "operation": str(Operation.PULL_MILESTONES),
            "system": system_of(name),
            "object": name,
            "label": f"milestones of {name} from {system_of(name)}",
        }
        for name in unblocked(ctx, ctx.conversions.objects)
        if ctx.systems[system_of(name)].history is not None and _wanted(ctx, system_of(name))
    ]


def system_of(object: str) -> str:
    return HUBSPOT if object == Kind.HUBSPOT_LIFECYCLE.object else SALESFORCE


def _covered(ctx: Context) -> bool:
    wanted = set(ctx.params.get("objects") or ())
    return not wanted or ENTITY in wanted


def _wanted(ctx: Context, system: str) -> bool:
    wanted = set(ctx.params.get("systems") or ())
    return not wanted or system in wanted


def pull_milestones(ctx: Context, target: dict[str, Any]) -> list[dict[str, Any]]:
    """Find the milestones of one object. A retry goes on after the last records that were stored."""
    pull = _Pull(ctx, target["system"], target["object"])
    done: list[int] = []
    with ctx.store.writing() as tx:
        ledger.clean_up(tx, ctx.run.id, operation=Operation.PULL_MILESTONES, object=pull.object)
        batch_id: int | None = pull.open(tx)
    while batch_id is not None:
        done.append(batch_id)
        batch_id = None
        with working(ctx, done[-1], pull.system) as work:
            batch_id = pull.fill(work)
    return [statistics(fetch(ctx, one)) for one in done]


class _Pull:
    """The touched records of one object, spread over batches of at most BATCH_ITEMS milestones."""

    def __init__(self, ctx: Context, system: str, object: str):
        self.ctx, self.system, self.object = ctx, system, object
        self.milestones = ctx.conversions.of(object)
        self.fields = visible_fields(ctx)
        self.layout = tuple(sorted({*(one.signature for one in self.milestones), *self.fields[object]}))
        self.window, self.cursor = read_window(ctx, Step.PULL_CONVERSIONS, system, PAST[object], self.layout)
        self.read = self._read_from()
        self.left: list[str] | None = None

    def _read_from(self) -> Window:
        """From the overlap on; the first time, as far back as Google counts clicks."""
        if self.window.start is not None:
            return with_overlap(self.ctx, self.system, self.window)
        return Window(self.window.end - timedelta(days=self.ctx.conversions.lookback_days), self.window.end)

    @property
    def source(self) -> HistorySource:
        found = self.ctx.systems[self.system].history
        assert found is not None, "probe_milestones names only systems with a history"
        return found

    def open(self, tx: Any) -> int:
        return open_batch(self.ctx, tx, self.system, self.object, Operation.PULL_MILESTONES, ENTITY)

    def fill(self, work: Work) -> int | None:
        """Take records until the batch is full. Returns the next batch's id, or None when all are through."""
        taken = 0
        if self.left is None:
            self.left = self._touched()
        while self.left:
            chunk, self.left = self.left[:CHUNK], self.left[CHUNK:]
            found = [(one, find(one, self.milestones)) for one in self._histories(chunk)]
            for some in _batched(found, BATCH_ITEMS - CHUNK):
                with self.ctx.store.writing() as tx:
                    taken += self._take(tx, work, some)
            with self.ctx.store.writing() as tx:
                self._advance(tx, None, chunk[-1])
                if taken >= BATCH_ITEMS - CHUNK and self.left:
                    return self.open(tx)
        with self.ctx.store.writing() as tx:
            self._advance(tx, self.window.end, None)
        return None

    def _histories(self, ids: Sequence[str]) -> list[History]:
        past = [one for one in self.ctx.conversions.values_of(self.object) if one in self.fields[self.object]]
        return self.source.histories(self.object, self.fields, past, ids)

    def _touched(self) -> list[str]:
        """Ids in order, after the cursor. Records that may only have got other identifiers count if they have conversions."""
        if self.read.start is None or self.read.start >= self.read.end:
            return []
        surely: set[str] = set()
        maybe: set[str] = set()
        for one in self.source.touched(self.object, self.read):
            (surely if one.surely else maybe).add(one.id)
        with self.ctx.store.reading() as tx:
            for some in parts(sorted(maybe - surely), BATCH_ITEMS):
                surely |= conversions.known(tx, self.system, self.object, some)
        return sorted(one for one in surely if self.cursor is None or one > self.cursor)

    def _take(self, tx: Any, work: Work, some: Sequence[tuple[History, list[Found]]]) -> int:
        """Keep what was found, and what is known of it. Returns how many milestones."""
        found = [(history, one) for history, many in some for one in many]
        known = conversions.by_record(tx, self.system, self.object, [history.id for history, _ in some])
        now, rows = self.ctx.now(), list[Conversion]()
        counts = {"read": 0, "new": 0, "updated": 0, "skipped": 0}
        for history, one in found:
            held = known.get(history.id, [])
            before = next((row for row in held if row.order_id == one.order_id), None)
            if before is None and not self._is_news(one, held):
                continue
            after = self._row(history, one, before, now)
            counts["read"] += 1
            counts["new" if before is None else "skipped" if after == before else "updated"] += 1
            rows += [after] if after != before else []
        conversions.put(tx, rows, now)
        work.count(tx, **counts)
        return counts["read"]

    def _is_news(self, one: Found, held: Sequence[Conversion]) -> bool:
        """In this window; and no other entry of a milestone that counts once stands already (Salesforce forgets history after 18
        months: the first entry that is left is then not the first)."""
        if self.read.start is None or not self.read.start <= one.at < self.read.end:
            return False
        once = one.milestone.count is Count.FIRST
        return not (once and any(row.milestone == one.milestone.name and row.undone is None for row in held))

    def _row(self, history: History, one: Found, before: Conversion | None, now: datetime) -> Conversion:
        wanted = self.ctx.conversions
        identifiers = identify(wanted, one.milestone, history.sources, self.ctx.settings.default_country)
        return seen_again(before, conversion_of(one, self.system, identifiers), wanted, now)

    def _advance(self, tx: Any, covered_to: datetime | None, last: str | None) -> None:
        if not self.ctx.moves_coverage:
            return
        layout = mirror.layout_of(tx, self.system, PAST[self.object], self.layout)
        stopped = {"key": last, "end": self.window.end.isoformat(), "layout": layout.id}
        coverage.advance(
            tx,
            Step.PULL_CONVERSIONS,
            self.system,
            PAST[self.object],
            covered_to=covered_to or self.window.start,
            cursor=json.dumps(stopped) if last else None,
            joins_from=self.window.start,
            layout=layout.id if covered_to else None,
        )


def _batched(found: Sequence[tuple[History, list[Found]]], most: int) -> list[list[tuple[History, list[Found]]]]:
    """Records in groups of at most so many milestones (one record alone may have more)."""
    groups: list[list[tuple[History, list[Found]]]] = [[]]
    size = 0
    for one in found:
        if size and size + len(one[1]) > most:
            groups.append([])
            size = 0
        groups[-1].append(one)
        size += len(one[1])
    return groups
