"""Users and queues that can own records, as last read."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from lockstep.model import Owner
from lockstep.store import tables as t
from lockstep.store.dialects import lock

_NAMES = ("id", "name", "email", "active", "queue")


def save(tx: Connection, system: str, owners: Iterable[Owner]) -> bool:
    """Replace the system's owners. Returns whether anything changed."""
    lock(tx, "owners", system)
    fresh = sorted({owner.id: owner for owner in owners}.values(), key=lambda owner: owner.id)
    if fresh == list_owners(tx, system):
        return False
    tx.execute(delete(t.owner).where(t.owner.c.system == system))
    if fresh:
        tx.execute(insert(t.owner), [{"system": system} | {n: getattr(o, n) for n in _NAMES} for o in fresh])
    return True


def list_owners(tx: Connection, system: str) -> list[Owner]:
    """All of the system's owners by id."""
    query = select(*(t.owner.c[name] for name in _NAMES)).where(t.owner.c.system == system).order_by(t.owner.c.id)
    return [Owner(*row) for row in tx.execute(query)]
