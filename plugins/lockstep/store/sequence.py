"""Numbers for `due_seq`: unique and growing; gaps are allowed."""

from sqlalchemy import Connection, delete, insert

from lockstep.store.tables import tick


def next_seq(tx: Connection) -> int:
    """A new number, larger than all that were drawn before."""
    number: int = tx.execute(insert(tick).values().returning(tick.c.id)).scalar_one()
    tx.execute(delete(tick).where(tick.c.id == number))
    return number
