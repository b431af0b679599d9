"""reconcile: compares what the mirror holds with what the vendor holds, record by record (DESIGN §3).

The windows of the pulls find what vendors report. This step finds what they did not: silent changes, and records that are
gone although nobody told, since the vendor's horizon had passed or a purge left no trace. It only writes the mirror.

* *whole*: reads everything by key, in order; then what the mirror holds and the vendor did not list is read by id.
* *rolling*: reads a 28th of the mirror's ids by id, another one each day; new records are left to the pulls.

A record is gone when the vendor shows nothing under its id, never because a list lacked it. Since lost permissions look the
same, more such records than the guards let pass refuse the object (`max_deletes`, `max_delete_share`).
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lockstep.errors import GuardTripped
from lockstep.model import Gone, Operation, Row, Step, Tombstone, Window
from lockstep.run import Context
from lockstep.steps.erase import erase
from lockstep.steps.pull import BATCH_ITEMS, match_keys
from lockstep.steps.runs import statistics
from lockstep.store import coverage, ledger, mirror
from lockstep.store.sequence import next_seq
from lockstep.systems.base import parts
from lockstep.work import Work, fetch, open_batch, working

#: a rolling reconcile has been through everything after so many days
ROLLING_DAYS = 28

#: what HubSpot can erase, and how long it shows what was merely deleted
ERASABLE, SHOWN_FOR = ("hubspot", "contacts"), timedelta(days=90)

#: records that are taken for gone in one transaction
CHUNK = 500


def probe_reconcile(ctx: Context) -> list[dict[str, Any]]:
    """One target per system and object: {"system", "object", "label"}."""
    with ctx.store.writing() as tx:
        ledger.clean_up(tx, ctx.run.id)
    return [{"system": system, "object": name, "label": f"{name} of {system}"} for system, name, _ in ctx.sources()]


def reconcile(ctx: Context, target: dict[str, Any]) -> list[dict[str, Any]]:
    """Reconcile one object of one system. A retry begins anew; it finds less to do.

    :raises GuardTripped: too many records would be taken for gone; what was read is kept
    """
    one = _Reconcile(ctx, target["system"], target["object"])
    if ctx.params.get("extent") == "rolling":
        one.run(one.rolling())
    else:
        one.run(one.whole())
        one.reset_coverage()
    return [statistics(fetch(ctx, batch_id)) for batch_id in one.batches]


@dataclass(frozen=True, slots=True)
class _Found:
    """Part of the vendor's answer. `by_id`: the rows were asked for by id."""

    rows: Sequence[Row]
    ends: Sequence[Tombstone]
    read_at: datetime
    by_id: bool = True

    def __len__(self) -> int:
        return len(self.rows) + len(self.ends)


class _Reconcile:
    def __init__(self, ctx: Context, system: str, name: str):
        self.ctx, self.place, self.system = ctx, (system, name), ctx.systems[system]
        self.mapping = ctx.mappings.of_object(system, name)
        self.fields = self.mapping.fields_of(system, name)
        self.keys = match_keys(ctx, self.mapping, system, name, self.fields)
        self.began = ctx.now()
        self.batches: list[int] = []

    # --- what the vendor says

    def whole(self) -> Iterator[_Found]:
        seen: set[str] = set()
        for page in self.system.changed(self.place[1], self.fields, Window(None, self.began), None):
            seen.update(row.id for row in page.rows)
            yield _Found(page.rows, (), page.read_at, by_id=False)
        yield from self._by_id(self._ids(lambda one: one not in seen))

    def rolling(self) -> Iterator[_Found]:
        today = self.began.toordinal() % ROLLING_DAYS
        yield from self._by_id(self._ids(lambda one: zlib.crc32(one.encode()) % ROLLING_DAYS == today))

    def _ids(self, wanted: Callable[[str], bool]) -> list[str]:
        with self.ctx.store.reading() as tx:
            return [one for one in mirror.all_live_ids(tx, *self.place) if wanted(one)]

    def _by_id(self, ids: Sequence[str]) -> Iterator[_Found]:
        """Rows and seen ends; last the records under whose id there is nothing, if they are few enough to be believed."""
        vanished: list[str] = []
        for chunk in parts(ids, self.system.limits.read_batch):
            read_at = self.ctx.now()
            read = self.system.read(self.place[1], self.fields, chunk)
            vanished += [one for one in chunk if one not in read.rows and one not in read.gone]
            yield _Found(list(read.rows.values()), list(read.gone.values()), read_at)
        self._ensure_believable(len(vanished))
        for some in parts(vanished, CHUNK):
            yield _Found((), [Tombstone(one, self.began, kind) for one, kind in self._ends(some)], self.began)

    def _ends(self, ids: Sequence[str]) -> Iterator[tuple[str, Gone]]:
        """HubSpot shows deleted contacts for 90 days; one that was alive since and shows nowhere was erased (GDPR delete)."""
        with self.ctx.store.reading() as tx:
            rows = mirror.rows(tx, *self.place, ids)
        for one in ids:
            recent = self.place == ERASABLE and one in rows and rows[one].read_at > self.began - SHOWN_FOR
            yield one, Gone.ERASED if recent else Gone.DELETED

    def _ensure_believable(self, number: int) -> None:
        limits, overridden = self.ctx.settings.guards, set(self.ctx.params.get("override_guards") or ())
        with self.ctx.store.reading() as tx:
            total = mirror.count(tx, *self.place)
        share = number / total if total >= max(limits.ignore_below, 1) else 0.0
        tripped = {
            "max_deletes": number > limits.max_deletes,
            "max_delete_share": share > limits.max_delete_share,
        }
        if refusing := [guard for guard, trips in tripped.items() if trips and guard not in overridden]:
            raise GuardTripped(
                f"{number} of {total} {self.place[1]} records that the mirror holds are not to be found in {self.place[0]}"
                f" under their ids: deleted long ago, or hidden from the integration user ({', '.join(refusing)}).",
                hint="Check the integration user's permissions and sharing; if the records are really gone, run again "
                "with these guards in override_guards.",
            )

    # --- what becomes of it

    def run(self, answers: Iterator[_Found]) -> None:
        """Take the answers into the mirror, in batches of at most BATCH_ITEMS."""
        ahead: _Found | None = None
        while ahead is not None or not self.batches:
            with self.ctx.store.writing() as tx:
                system, name = self.place
                batch_id = open_batch(self.ctx, tx, system, name, Operation.RECONCILE, self.mapping.entity)
            self.batches.append(batch_id)
            with working(self.ctx, batch_id, system) as work:
                ahead = self._fill(work, ahead, answers)

    def _fill(self, work: Work, ahead: _Found | None, answers: Iterator[_Found]) -> _Found | None:
        """Returns what the next batch begins with; None at the end."""
        taken = 0
        found = ahead or next(answers, None)
        while found is not None and (not taken or taken + len(found) <= BATCH_ITEMS):
            with self.ctx.store.writing() as tx:
                self._take(tx, work, found)
            taken += len(found)
            found = next(answers, None)
        return found

    def _take(self, tx: Any, work: Work, found: _Found) -> None:
        layout, seq = mirror.layout_of(tx, *self.place, self.fields), next_seq(tx)
        merged = mirror.merge_page(tx, layout, found.rows, found.read_at, seq, self.keys, by_id=found.by_id)
        buried = mirror.entomb(tx, *self.place, found.ends, seq)
        for end in found.ends:
            if end.kind is Gone.ERASED:
                erase(self.ctx, tx, *self.place, end.id)
        skipped = merged.skipped + buried.skipped
        work.count(tx, read=len(found), new=merged.new, updated=merged.updated, deleted=buried.deleted, skipped=skipped)

    def reset_coverage(self) -> None:
        """What left before this began is known now, whatever the vendor's horizon is."""
        system, name = self.place
        to = self.began - timedelta(seconds=self.ctx.settings.lag_seconds[system])
        steps = [Step.PULL_DELETES, *([Step.PULL_CONVERSIONS] if name == "Lead" else [])]
        with self.ctx.store.writing() as tx:
            for step in steps:
                coverage.advance(tx, step, system, name, covered_to=to, cursor=None, joins_from=None)
