"""What people were alerted of, so that the same trouble alerts once."""

from datetime import datetime

from sqlalchemy import Connection, select

from lockstep.store import tables as t
from lockstep.store.dialects import insert, lock


def transition(tx: Connection, key: str, state: str, at: datetime) -> str | None:
    """Note the state of what `key` names. Returns the state before; None if this is the first."""
    lock(tx, "alert", key)
    before = tx.execute(select(t.alert.c.state).where(t.alert.c.key == key)).scalar()
    if before != state:
        values = {"state": state, "since": at}
        statement = insert(tx, t.alert).values(key=key, **values)
        tx.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))
    return before


def state(tx: Connection, key: str) -> str | None:
    """The state as last noted; None if it never was."""
    return tx.execute(select(t.alert.c.state).where(t.alert.c.key == key)).scalar()
