"""What waits to be synced, per mapping and direction, sampled once per cycle (MK-13)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, literal, or_, select

from lockstep.model import HUBSPOT, Operation, OutcomeKind
from lockstep.store import tables as t
from lockstep.store.dialects import insert
from lockstep.store.types import Instant

#: samples live for the five days of the trend and the six hours that its oldest point looks back
KEPT = timedelta(days=5, hours=6)

#: operations that write records
WRITES = (
    Operation.PUSH_NEW, Operation.PUSH_UPDATES, Operation.PUSH_DELETES,
    Operation.INIT_LINK_WITH_PROGRAM, Operation.SYNC_WITH_PROGRAM,
)  # fmt: skip

#: (mapping, system that is to be written) -> records
Counts = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Sample:
    """`records` waited at that time to be written to `system`."""

    entity: str
    system: str
    at: datetime
    records: int


def due_records(tx: Connection) -> dict[tuple[str, str], int]:
    """(system, object) -> records that were changed there and are not planned yet."""
    m = t.mirror.c
    query = select(m.system, m.object, func.count()).where(m.due_seq.is_not(None)).group_by(m.system, m.object)
    return {(system, name): number for system, name, number in tx.execute(query)}


def due_pairs(tx: Connection, now: datetime) -> dict[tuple[str, str], int]:
    """(mapping, system of the pair's last change) -> pairs that wait to be planned again.

    A pair that was never written counts for HubSpot. One whose record was just created does not count: it is planned again by
    `update_foreign_keys`, for what the vendor has filled in.
    """
    p, c = t.pair.c, t.change.c
    every = t.change.alias()
    last = select(func.max(every.c.id)).where(every.c.pair_id == p.id).correlate(t.pair).scalar_subquery()
    system = func.coalesce(c.system, HUBSPOT).label("system")
    due = p.due_seq.is_not(None) & or_(p.due_at.is_(None), p.due_at <= literal(now, Instant()))
    written = c.outcome.is_not_distinct_from(OutcomeKind.NEW.value)
    waiting = select(p.entity, system).select_from(t.pair.outerjoin(t.change, c.id == last)).where(due, ~written)
    counted = waiting.subquery()
    query = select(counted.c.entity, counted.c.system, func.count()).group_by(counted.c.entity, counted.c.system)
    return {(entity, name): number for entity, name, number in tx.execute(query)}


def unsent(tx: Connection) -> dict[tuple[str, str], int]:
    """(mapping, system) -> changes that were planned and have no outcome."""
    b = t.batch.c
    undone = select(t.change.c.batch_id, func.count().label("number")).where(t.change.c.outcome.is_(None))
    of_batch = undone.group_by(t.change.c.batch_id).subquery()
    query = select(b.entity, b.system, func.sum(of_batch.c.number)).join(of_batch, of_batch.c.batch_id == b.id)
    found = tx.execute(query.where(b.entity.is_not(None)).group_by(b.entity, b.system))
    return {(entity, system): int(number) for entity, system, number in found}


def sample(tx: Connection, counts: Counts, at: datetime) -> None:
    """Keep what waits now, and forget what is older than the trend."""
    tx.execute(delete(t.backlog).where(t.backlog.c.at < at - KEPT))
    for (entity, system), records in counts.items():
        place = {"entity": entity, "system": system, "at": at}
        statement = insert(tx, t.backlog).values(place | {"records": records})
        tx.execute(statement.on_conflict_do_update(index_elements=list(place), set_={"records": records}))


def times(tx: Connection, since: datetime) -> list[datetime]:
    """When samples were taken, of all mappings at once; oldest first."""
    at = t.backlog.c.at
    return list(tx.execute(select(at).distinct().where(at >= since).order_by(at)).scalars())


def samples(tx: Connection, taken: Collection[datetime]) -> list[Sample]:
    """Those of these times, oldest first."""
    c = t.backlog.c
    query = select(c.entity, c.system, c.at, c.records).where(c.at.in_(taken)).order_by(c.at, c.entity, c.system)
    return [Sample(*row) for row in tx.execute(query)]


def written(tx: Connection, since: datetime) -> list[tuple[str, str, datetime, int]]:
    """(mapping, system, when, records) of each batch since then that wrote records."""
    b = t.batch.c
    number = b.new + b.updated + b.deleted
    query = select(b.entity, b.system, b.started_at, number).where(b.started_at >= since, number > 0)
    query = query.where(b.operation.in_([one.value for one in WRITES]), b.entity.is_not(None))
    return [(entity, system, at, records) for entity, system, at, records in tx.execute(query)]
