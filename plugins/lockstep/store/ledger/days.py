"""What the batches of a day came to, kept once the day is over: pages add up days instead of batches.

A day is kept when none of its batches is in process. What opens one of its batches again, or deletes one, forgets it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, literal, select

from lockstep.model import COUNTERS, BatchStatus
from lockstep.store import tables as t
from lockstep.store.dialects import lock
from lockstep.store.types import Instant

DAY = timedelta(days=1)
#: a day is kept so long after it is over: batches that began at its end have ended by then
SETTLED = timedelta(hours=6)

_ITEMS = tuple(name for name in COUNTERS if name != "api_calls")


def idle() -> ColumnElement[bool]:
    """A batch that ended well and had no items."""
    c = t.batch.c
    return and_(c.status == BatchStatus.SUCCEEDED.value, *(c[name] == 0 for name in _ITEMS))


def kept(tx: Connection, date_from: datetime | None = None, date_to: datetime | None = None) -> list[datetime]:
    """Days that are kept and lie whole between these times, oldest first: when they began."""
    c = t.batch_day.c
    query = select(c.day).distinct().order_by(c.day)
    query = query.where(c.day >= date_from) if date_from else query
    query = query.where(c.day <= date_to - DAY) if date_to else query
    return list(tx.execute(query).scalars())


def keep(tx: Connection, at_most: int) -> int:
    """Add up days that are over, by the clock that batches are opened by, and not kept yet. Returns how many."""
    lock(tx, "batch_day")
    found = list(islice((day for day in _missing(tx) if not _in_process(tx, day)), at_most))
    for day in found:
        _keep(tx, day)
    return len(found)


def forget(tx: Connection, at: datetime, and_before: bool = False) -> None:
    """The day of this time is kept no more, since one of its batches changes; `and_before`: nor is any before it."""
    lock(tx, "batch_day")
    c, day = t.batch_day.c, _day_of(at)
    tx.execute(delete(t.batch_day).where(c.day <= day if and_before else c.day == day))


def _missing(tx: Connection) -> Iterator[datetime]:
    """Days with batches that are over and not kept, oldest first."""
    c, known, end = t.batch.c, set(kept(tx)), _day_of(datetime.now(UTC) - SETTLED)
    first = tx.execute(select(func.min(c.started_at))).scalar()
    while first and (day := _day_of(first)) < end:
        if day not in known:
            yield day
        first = tx.execute(select(func.min(c.started_at)).where(c.started_at >= day + DAY)).scalar()


def _day_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _of_day(day: datetime) -> ColumnElement[bool]:
    return (t.batch.c.started_at >= day) & (t.batch.c.started_at < day + DAY)


def _in_process(tx: Connection, day: datetime) -> bool:
    where = _of_day(day) & (t.batch.c.status == BatchStatus.IN_PROCESS.value)
    return bool(tx.execute(select(select(t.batch.c.id).where(where).exists())).scalar())


def _keep(tx: Connection, day: datetime) -> None:
    c = t.batch.c
    key = [c.system, c.object, c.operation, c.status, idle().label("idle")]
    sums = [func.count(), *(func.sum(c[name]) for name in COUNTERS)]
    rows = select(literal(day, Instant()), *key, *sums).where(_of_day(day)).group_by(*key)
    names = ["day", "system", "object", "operation", "status", "idle", "batches", *COUNTERS]
    tx.execute(insert(t.batch_day).from_select(names, rows))
