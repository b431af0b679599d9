"""Leases: one run at a time writes to a pair of objects (DESIGN §6.1).

A lease expires by itself, so a killed run blocks nobody for long. Its epoch grows whenever it changes hands: whoever
still acts on an older epoch finds out at the next `check`, before it commits or sends anything more.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from lockstep.errors import LeaseHeld
from lockstep.store import tables as t
from lockstep.store.dialects import insert, lock
from lockstep.store.types import instant_text

_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def acquire(tx: Connection, name: str, holder: str, now: datetime, ttl: float) -> int:
    """Take or prolong the lease for `ttl` seconds. Returns its epoch, the same for as long as the holder keeps it.

    :raises LeaseHeld: another holder has it
    """
    lock(tx, "lease", name)
    held = tx.execute(select(t.lease).where(t.lease.c.name == name)).first()
    if held and held.holder != holder and held.expires_at > now:
        raise LeaseHeld(
            f"{name} is being written to by run {held.holder}, until {instant_text(held.expires_at)} at the latest.",
            hint="Nothing: the next run continues. The lease of a killed run expires by itself.",
        )
    epoch: int = 1 if held is None else held.epoch + (held.holder != holder)
    values = {"holder": holder, "epoch": epoch, "expires_at": now + timedelta(seconds=ttl)}
    statement = insert(tx, t.lease).values(name=name, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
    return epoch


def check(tx: Connection, name: str, holder: str, epoch: int) -> None:
    """:raises LeaseHeld: the lease has changed hands; the work of this holder must not be committed"""
    lock(tx, "lease", name)
    held = tx.execute(select(t.lease).where(t.lease.c.name == name)).first()
    if held is None or held.holder != holder or held.epoch != epoch:
        raise LeaseHeld(
            f"{name}: the lease of run {holder} expired and was taken by run {held.holder if held else 'nobody'}.",
            hint="Nothing: what was not committed is found and settled by the next run.",
        )


def release(tx: Connection, holder: str, name: str | None = None) -> None:
    """Give back the holder's leases (or one of them). They keep their epoch."""
    where = t.lease.c.holder == holder
    if name:
        where &= t.lease.c.name == name
    tx.execute(update(t.lease).where(where).values(expires_at=_NEVER))
