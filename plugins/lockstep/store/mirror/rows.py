"""Reading the mirror."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, RowMapping, func, select

from lockstep.model import Gone, MirrorRow
from lockstep.store import layouts
from lockstep.store import tables as t
from lockstep.store.dialects import among
from lockstep.store.mirror.write import key_text

#: `moved` of this name holds the version at first sight
FIRST_SIGHT = "*"


def rows(tx: Connection, system: str, object: str, ids: Collection[str]) -> dict[str, MirrorRow]:
    """id -> row, tombstones too; ids that the mirror does not know are absent."""
    if not ids:
        return {}
    found = tx.execute(select(t.mirror).where(of(system, object), among(tx, t.mirror.c.id, ids))).mappings()
    return {row.id: row for row in decoded(tx, found)}


def merged_into(tx: Connection, system: str, object: str, id: str) -> list[MirrorRow]:
    """The records that were merged into this one itself; what was merged into those is not among them."""
    c = t.mirror.c
    where = (c.system == system) & (c.merged_into == id) & (func.coalesce(c.merged_into_object, c.object) == object)
    return decoded(tx, tx.execute(select(t.mirror).where(where).order_by(c.object, c.id)).mappings())


def of(system: str, object: str) -> ColumnElement[bool]:
    return (t.mirror.c.system == system) & (t.mirror.c.object == object)


def decoded(tx: Connection, found: Iterable[RowMapping]) -> list[MirrorRow]:
    stored = list(found)
    fields = layouts.by_id(tx, {row["layout"] for row in stored})
    return [_decode(row, fields[row["layout"]]) for row in stored]


def _decode(row: RowMapping, fields: tuple[str, ...]) -> MirrorRow:
    plain: dict[str, Any] = {
        name: row[name]
        for name in ("system", "object", "id", "version", "read_at", "hash", "deleted_at", "merged_into", "due_seq")
    }
    return MirrorRow(
        **plain,
        values=dict(zip(fields, orjson.loads(row["fields"]), strict=True)),
        gone=Gone(row["gone"]) if row["gone"] else None,
        merged_into_object=row["merged_into_object"],
        moved=row["moved"] or {},
    )


def moved_at(row: MirrorRow, field: str) -> str:
    """Version of the record in which the field's present value was first seen."""
    return row.moved.get(field) or row.moved.get(FIRST_SIGHT) or row.version


def find(
    tx: Connection, system: str, objects: Sequence[str], key: str, values: Collection[str]
) -> dict[str, list[tuple[str, str]]]:
    """value -> (object, id) of the live records that carry it; values that nobody carries are absent."""
    asked = {key_text(value): value for value in values}
    if not asked:
        return {}
    k, m = t.mirror_key.c, t.mirror.c
    query = (
        select(k.value, k.object, k.id)
        .join(t.mirror, (m.system == k.system) & (m.object == k.object) & (m.id == k.id))
        .where(
            k.system == system, k.key == key, among(tx, k.value, asked), k.object.in_(objects), m.deleted_at.is_(None)
        )
        .order_by(k.value, k.object, k.id)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for value, object, record_id in tx.execute(query):
        found.setdefault(asked[value], []).append((object, record_id))
    return found


def count(tx: Connection, system: str, object: str) -> int:
    """Live records."""
    query = select(func.count()).select_from(t.mirror).where(of(system, object), t.mirror.c.deleted_at.is_(None))
    return tx.execute(query).scalar_one()


def any_live(tx: Connection, system: str, objects: Collection[str]) -> bool:
    """True if there is a live record of one of these objects."""
    c = t.mirror.c
    one = select(c.id).where(c.system == system, c.object.in_(list(objects)), c.deleted_at.is_(None)).limit(1)
    return tx.execute(one).first() is not None


def count_filled(tx: Connection, system: str, object: str, field: str) -> int:
    """Live records that hold a value in the field. Reads all of them: for rare questions."""
    query = select(t.mirror.c.layout, t.mirror.c.fields).where(of(system, object), t.mirror.c.deleted_at.is_(None))
    known: dict[int, tuple[str, ...]] = {}
    number = 0
    for layout, payload in tx.execute(query.execution_options(yield_per=1000)):
        if layout not in known:
            known |= layouts.by_id(tx, [layout])
        names = known[layout]
        number += field in names and orjson.loads(payload)[names.index(field)] is not None
    return number
