"""Frozen field orders, so that rows hold values without repeating their names."""

from collections.abc import Iterable, Sequence

import orjson
import xxhash
from sqlalchemy import Connection, select

from lockstep.model import Layout
from lockstep.store import tables as t
from lockstep.store.dialects import among, insert

MIRROR, BASE = "mirror", "base"


def obtain(tx: Connection, kind: str, system: str, object: str, fields: Sequence[str]) -> Layout:
    """The layout of exactly these fields in this order; made if it is new. ValueError if a field is named twice."""
    if len(set(fields)) != len(fields):
        raise ValueError(f"{system} {object}: a field is named twice in {list(fields)}")
    wanted = {
        "kind": kind,
        "system": system,
        "object": object,
        "digest": xxhash.xxh3_128_hexdigest(orjson.dumps(list(fields))),
    }
    query = select(t.layout.c.id).filter_by(**wanted)
    found = tx.execute(query).scalar()
    if found is None:
        tx.execute(insert(tx, t.layout).values(**wanted, fields=list(fields)).on_conflict_do_nothing())
        found = tx.execute(query).scalar_one()
    return Layout(found, system, object, tuple(fields))


def newest(tx: Connection, kind: str, system: str, object: str) -> Layout | None:
    query = select(t.layout.c.id, t.layout.c.fields).filter_by(kind=kind, system=system, object=object)
    row = tx.execute(query.order_by(t.layout.c.id.desc()).limit(1)).first()
    return Layout(row.id, system, object, tuple(row.fields)) if row else None


def by_id(tx: Connection, ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Layout id -> its fields."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = tx.execute(select(t.layout.c.id, t.layout.c.fields).where(among(tx, t.layout.c.id, wanted)))
    return {row.id: tuple(row.fields) for row in rows}
