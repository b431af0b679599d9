"""Small values that save vendor calls, with an expiry. Secrets come encrypted by their owner."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from lockstep.store import tables as t
from lockstep.store.dialects import insert

#: key of the address under which people open a system's records, by the system's name
ADDRESS = "address:"
#: key of what is known of a Google Ads account and its conversion actions, by its number
ADS_ACCOUNT = "google_ads:account:"


def get(tx: Connection, key: str, now: datetime) -> Any | None:
    """The value, or None if there is none that is still good at `now`."""
    return tx.execute(select(t.cache.c.value).where(t.cache.c.key == key, t.cache.c.expires_at > now)).scalar()


def every(tx: Connection, prefix: str) -> dict[str, Any]:
    """The rest of the key -> value, of all keys that begin so; those that have expired are there until they are swept."""
    c = t.cache.c
    found = tx.execute(select(c.key, c.value).where(c.key.startswith(prefix, autoescape=True)).order_by(c.key))
    return {key.removeprefix(prefix): value for key, value in found}


def put(tx: Connection, key: str, value: Any, expires_at: datetime) -> None:
    """Keep a JSON value."""
    values = {"value": value, "expires_at": expires_at}
    statement = insert(tx, t.cache).values(key=key, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


def forget(tx: Connection, key: str) -> None:
    tx.execute(delete(t.cache).where(t.cache.c.key == key))


def forget_all(tx: Connection, prefix: str) -> None:
    """Drop all values whose key begins so."""
    tx.execute(delete(t.cache).where(t.cache.c.key.startswith(prefix, autoescape=True)))


def sweep(tx: Connection, now: datetime) -> int:
    """Drop what has expired. Returns how many values."""
    return tx.execute(delete(t.cache).where(t.cache.c.expires_at <= now)).rowcount
