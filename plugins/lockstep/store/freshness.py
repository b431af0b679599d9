"""Up to when the changes of each mapping are known to have arrived."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from lockstep.model import Step
from lockstep.store import tables as t
from lockstep.store.dialects import insert


@dataclass(frozen=True, slots=True)
class Freshness:
    """Everything that changed before `fresh_to` was read and planned by a push that went well at `noted_at`."""

    entity: str
    fresh_to: datetime
    noted_at: datetime


def note(tx: Connection, entity: str, fresh_to: datetime, at: datetime) -> None:
    values = {"fresh_to": fresh_to, "noted_at": at}
    statement = insert(tx, t.freshness).values(entity=entity, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["entity"], set_=values))


def read_to(tx: Connection, sources: Iterable[tuple[str, str]]) -> datetime | None:
    """Up to when all of these (system, object) have been read; None: one of them never was."""
    c = t.coverage.c
    times: list[datetime] = []
    for system, name in sources:
        query = select(func.max(c.covered_to)).where(
            c.step == Step.PULL_UPDATES.value, c.system == system, c.object == name
        )
        covered: datetime | None = tx.execute(query).scalar()
        if covered is None:
            return None
        times.append(covered)
    return min(times, default=None)


def every(tx: Connection) -> dict[str, Freshness]:
    """Entity -> its freshness; mappings that were never synced are absent."""
    return {row.entity: Freshness(row.entity, row.fresh_to, row.noted_at) for row in tx.execute(select(t.freshness))}
