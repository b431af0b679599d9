"""Takes pages of live records into the mirror: the hot path of every pull.

Hashes are read first and compared here, so that a page without news writes nothing, and the counts are exact.

**The mirror takes a row if (version, time the read began) is greater than what it holds** (DESIGN §3). A newer version of
which no field of interest moved updates the version alone and is counted as skipped.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Text, select, type_coerce

from lockstep.model import Layout, Row
from lockstep.store import layouts
from lockstep.store import tables as t
from lockstep.store.dialects import among, lock
from lockstep.store.mirror.rows import FIRST_SIGHT, of
from lockstep.store.mirror.write import Written, digest, replace_keys, touch, upsert
from lockstep.store.types import encode, told_instant, version_text

#: a live row -> its match keys: (name of the key, canonical text)
Keys = Callable[[Row], Iterable[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a page: `new + updated + skipped` rows; `moved_ids` are the new and the updated ones."""

    new: int
    updated: int
    skipped: int
    moved_ids: tuple[str, ...]


def layout_of(tx: Connection, system: str, object: str, fields: Sequence[str]) -> Layout:
    """The layout of rows that hold exactly these fields in this order."""
    return layouts.obtain(tx, layouts.MIRROR, system, object, fields)


def layout_fields(tx: Connection, layout: int) -> tuple[str, ...]:
    """The fields of a layout, by its id."""
    return layouts.by_id(tx, [layout])[layout]


def merge_page(
    tx: Connection,
    layout: Layout,
    rows: Sequence[Row],
    read_at: datetime,
    seq: int,
    keys: Keys | None = None,
    *,
    by_id: bool = False,
) -> Merged:
    """Take live rows that were read at `read_at` into the mirror; new and moved ones become due with `seq`.

    :param keys: the rows' match keys; None leaves the key index alone
    :param by_id: the records were asked for by id, so that each was alive at `read_at`: clears any earlier tombstone.
        Otherwise a tombstone is cleared by a newer version only.
    :raises ValueError: a row has more or fewer values than the layout has fields
    """
    lock(tx, "mirror", layout.system, layout.object)
    page = _latest(layout, rows)
    merge = _Merge(layout, read_at, seq, by_id)
    stored = _stored(tx, layout, page)
    for record_id, row in page.items():
        merge.take(row, stored.get(record_id))
    merge.compare(_held(tx, layout, merge.candidates))
    merge.write(tx, keys)
    new, updated = len(merge.new), len(merge.updated)
    return Merged(new, updated, len(rows) - new - updated, (*merge.new, *merge.updated))


def _latest(layout: Layout, rows: Sequence[Row]) -> dict[str, Row]:
    """The rows sorted by id; of a record that comes twice, the latest version."""
    page: dict[str, Row] = {}
    width = len(layout.fields)
    for row in sorted(rows, key=attrgetter("id", "version")):
        if len(row.values) != width:
            raise ValueError(f"{layout.system} {layout.object} {row.id}: {len(row.values)} values for {width} fields")
        page[row.id] = row
    return page


def _stored(tx: Connection, layout: Layout, ids: Collection[str]) -> dict[str, Any]:
    """Times are left as the driver tells them: of most rows nobody looks at them."""
    c = t.mirror.c
    times = (type_coerce(one, Text).label(one.name) for one in (c.read_at, c.deleted_at))
    query = select(c.id, c.version, c.layout, c.hash, *times)
    found = tx.execute(query.where(of(layout.system, layout.object), among(tx, c.id, ids)))
    return {row[0]: row for row in found.all()}


def _held(tx: Connection, layout: Layout, ids: Collection[str]) -> dict[str, "_Held"]:
    """id -> what the mirror holds of it."""
    if not ids:
        return {}
    c = t.mirror.c
    query = select(c.id, c.layout, c.fields, c.moved, c.due_seq)
    found = tx.execute(query.where(of(layout.system, layout.object), among(tx, c.id, ids))).all()
    fields = layouts.by_id(tx, {row.layout for row in found})
    return {
        row.id: _Held(
            dict(zip(fields[row.layout], orjson.loads(row.fields), strict=True)), row.moved or {}, row.due_seq
        )
        for row in found
    }


class _Held(NamedTuple):
    values: dict[str, str | None]
    moved: dict[str, str]
    due_seq: int | None


@dataclass(slots=True)
class _Merge:
    """Sorts one page: `new`, `candidates` (to be compared field by field), `touched` (a newer version, nothing moved)."""

    layout: Layout
    read_at: datetime
    seq: int
    by_id: bool
    new: dict[str, Row] = field(default_factory=dict)
    candidates: dict[str, tuple[Row, bool]] = field(default_factory=dict)
    updated: dict[str, Row] = field(default_factory=dict)
    touched: dict[str, str] = field(default_factory=dict)
    written: list[Written] = field(default_factory=list)
    _digests: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def take(self, row: Row, stored: Any | None) -> None:
        hashed = digest(row.values)
        if stored is None:
            self.new[row.id] = row
            self._put(row, hashed, encode({FIRST_SIGHT: row.version}), self.seq)
        elif stored.deleted_at is not None:
            deleted_at = told_instant(stored.deleted_at)
            if row.version > version_text(deleted_at) or (self.by_id and self.read_at > deleted_at):
                self._compare_later(row, hashed, returned=True)
        elif row.version < stored.version:
            return
        elif stored.hash == hashed[0] and stored.layout == self.layout.id:
            if row.version > stored.version:
                self.touched[row.id] = row.version
        elif row.version > stored.version or self.read_at > told_instant(stored.read_at):
            self._compare_later(row, hashed, returned=False)

    def _compare_later(self, row: Row, hashed: tuple[bytes, str], *, returned: bool) -> None:
        self.candidates[row.id] = (row, returned)
        self._digests[row.id] = hashed

    def compare(self, held: dict[str, "_Held"]) -> None:
        """Find which fields moved. A field that the mirror did not know yet has moved; one that it loses has not, and
        such a row stays due if it was."""
        absent = object()
        for record_id, (row, returned) in self.candidates.items():
            values, moved, due_seq = held[record_id]
            now = [
                name
                for name, value in zip(self.layout.fields, row.values, strict=True)
                if values.get(name, absent) != value
            ]
            if now or returned:
                self.updated[record_id] = row
                self._put(row, self._digests[record_id], encode(moved | dict.fromkeys(now, row.version)), self.seq)
            else:
                self._put(row, self._digests[record_id], encode(moved), due_seq)

    def _put(self, row: Row, hashed: tuple[bytes, str], moved: str, seq: int | None) -> None:
        at, layout = self.read_at, self.layout
        place, alive = (layout.system, layout.object), (None, None, None, None)
        self.written.append(
            Written(*place, row.id, row.version, at, layout.id, hashed[0], *alive, seq, moved, hashed[1])
        )

    def write(self, tx: Connection, keys: Keys | None) -> None:
        system, name = self.layout.system, self.layout.object
        upsert(tx, self.written)
        touch(tx, system, name, self.touched, self.read_at)
        if keys:
            moved = self.new | self.updated
            replace_keys(tx, system, name, {record_id: keys(row) for record_id, row in moved.items()}, self.updated)
