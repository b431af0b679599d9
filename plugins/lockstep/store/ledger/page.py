"""The batches that Sync Status shows: filtered, sorted, page by page, with totals (MK-04, MK-05)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from lockstep.model import COUNTERS, Batch, BatchStatus
from lockstep.store import tables as t
from lockstep.store.ledger.batches import decoded

SORTABLE = ("id", "started_at", "ended_at", "object", "system", "operation", "status", *COUNTERS)

#: a batch with none of these has had no items
_ITEMS = tuple(name for name in COUNTERS if name != "api_calls")


@dataclass(frozen=True, slots=True)
class BatchFilter:
    """Which batches; empty: all. Times are aware; `date_from` is included, `date_to` is not: when the batch started.

    `run_ids`: any of these runs. `worked`: leave out batches that ended well and had no items.
    """

    date_from: datetime | None = None
    date_to: datetime | None = None
    objects: Collection[str] = ()
    operations: Collection[str] = ()
    statuses: Collection[str] = ()
    systems: Collection[str] = ()
    entities: Collection[str] = ()
    run_ids: Collection[str] = ()
    batch_id: int | None = None
    worked: bool = False

    def where(self) -> ColumnElement[bool]:
        c = t.batch.c
        chosen = (
            (c.object, self.objects),
            (c.operation, self.operations),
            (c.status, self.statuses),
            (c.system, self.systems),
            (c.entity, self.entities),
            (c.run_id, self.run_ids),
        )
        wanted: list[ColumnElement[bool]] = [column.in_([str(one) for one in some]) for column, some in chosen if some]
        if self.date_from:
            wanted.append(c.started_at >= self.date_from)
        if self.date_to:
            wanted.append(c.started_at < self.date_to)
        if self.batch_id is not None:
            wanted.append(c.id == self.batch_id)
        # other statuses are shown whatever they did: leaving the counters out lets the index alone answer
        if self.worked and (not self.statuses or BatchStatus.SUCCEEDED in self.statuses):
            wanted.append(or_(c.status != BatchStatus.SUCCEEDED.value, *(c[name] > 0 for name in _ITEMS)))
        return and_(true(), *wanted)


@dataclass(frozen=True, slots=True)
class Totals:
    """Over all batches that match, not only those of the page."""

    batches: int
    counts: Mapping[str, int]


def page(
    tx: Connection, filters: BatchFilter, sort: str = "-started_at", limit: int = 50, offset: int = 0
) -> tuple[list[Batch], Totals]:
    """One page of batches, and the totals of all that match.

    :param sort: one of SORTABLE, with a leading `-` for descending; batches that are equal in it come newest first
    :raises ValueError: it cannot be sorted so
    """
    where = filters.where()
    query = select(t.batch).where(where).order_by(_order(sort), t.batch.c.id.desc()).limit(limit).offset(offset)
    found = [decoded(row) for row in tx.execute(query).mappings()]
    return found, _totals(tx, where)


def latest(tx: Connection, filters: BatchFilter) -> Batch | None:
    """The newest batch that matches and has ended; None if there is none."""
    query = select(t.batch).where(filters.where(), t.batch.c.ended_at.is_not(None))
    row = tx.execute(query.order_by(t.batch.c.started_at.desc()).limit(1)).mappings().first()
    return decoded(row) if row else None


def any_batch(tx: Connection) -> bool:
    """True if anything was ever synced."""
    return bool(tx.execute(select(select(t.batch.c.id).exists())).scalar())


def _order(sort: str) -> ColumnElement[Any]:
    name = sort.removeprefix("-")
    if name not in SORTABLE:
        raise ValueError(f"batches cannot be sorted by {name!r}; choose one of {', '.join(SORTABLE)}")
    column: ColumnElement[Any] = t.batch.c[name]
    return column.desc() if sort.startswith("-") else column.asc()


def _totals(tx: Connection, where: ColumnElement[bool]) -> Totals:
    sums = [func.coalesce(func.sum(t.batch.c[name]), 0).label(name) for name in COUNTERS]
    row = tx.execute(select(func.count().label("batches"), *sums).select_from(t.batch).where(where)).one()._mapping
    return Totals(row["batches"], {name: int(row[name]) for name in COUNTERS})
