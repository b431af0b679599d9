"""All ids that the mirror holds of an object, without their values."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from lockstep.store import tables as t
from lockstep.store.mirror.rows import of


def live_ids(tx: Connection, system: str, object: str, after: str, limit: int) -> list[str]:
    """At most `limit` ids of live records, in order, from the one after `after`."""
    c = t.mirror.c
    query = select(c.id).where(of(system, object), c.deleted_at.is_(None), c.id > after).order_by(c.id).limit(limit)
    return list(tx.execute(query).scalars())


def all_live_ids(tx: Connection, system: str, object: str, size: int = 10_000) -> Iterator[str]:
    """Every id of a live record, in order."""
    after = ""
    while page := live_ids(tx, system, object, after, size):
        yield from page
        after = page[-1]
