"""Who is in the inclusion list of a mapping, as last read (HS-09)."""

from collections.abc import Collection, Set

from sqlalchemy import Connection, delete, insert, select

from lockstep.store import tables as t
from lockstep.store.dialects import among, lock


def replace(tx: Connection, entity: str, members: Set[str]) -> Set[str]:
    """These are the members now. Returns the record ids that joined or left."""
    lock(tx, "inclusion", entity)
    c = t.inclusion.c
    known = set(tx.execute(select(c.record_id).where(c.entity == entity)).scalars())
    joined, left = members - known, known - members
    if left:
        tx.execute(delete(t.inclusion).where(c.entity == entity, among(tx, c.record_id, left)))
    if joined:
        tx.execute(insert(t.inclusion), [{"entity": entity, "record_id": one} for one in sorted(joined)])
    return joined | left


def members(tx: Connection, entity: str, ids: Collection[str]) -> frozenset[str]:
    """Those of `ids` that are in the list."""
    c = t.inclusion.c
    query = select(c.record_id).where(c.entity == entity, among(tx, c.record_id, ids))
    return frozenset(tx.execute(query).scalars()) if ids else frozenset()
