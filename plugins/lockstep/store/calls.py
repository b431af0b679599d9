"""API calls as the meters rolled them up, per hour (HS-01)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from lockstep.store import tables as t


@dataclass(frozen=True, slots=True)
class Hour:
    """What one operation of a system was called in the hour that began at `at`. `milliseconds`: spent in all the calls."""

    system: str
    at: datetime
    operation: str
    calls: int
    errors: int
    milliseconds: float


def hours(tx: Connection, since: datetime) -> list[Hour]:
    """Hours that began after `since`, oldest first."""
    c = t.api_call.c
    query = select(c.system, c.hour, c.operation, c.calls, c.errors, c.milliseconds).where(c.hour > since)
    return [Hour(*row) for row in tx.execute(query.order_by(c.hour, c.system, c.operation))]
