"""The batches that Sync Status shows: filtered, sorted, page by page (MK-04, MK-05)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, true

from lockstep.model import COUNTERS, Batch, BatchStatus
from lockstep.store import tables as t
from lockstep.store.ledger.batches import decoded
from lockstep.store.ledger.days import idle

SORTABLE = ("id", "started_at", "ended_at", "object", "system", "operation", "status", *COUNTERS)


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
            wanted.append(~idle())
        return and_(true(), *wanted)


def page(
    tx: Connection,
    filters: BatchFilter,
    sort: str = "-started_at",
    limit: int = 50,
    offset: int = 0,
    after: Batch | None = None,
) -> list[Batch]:
    """One page of batches.

    :param sort: one of SORTABLE, with a leading `-` for descending; batches that are equal in it come newest first; what has not
        ended yet ends later than all others
    :param after: only what comes after this batch in that order
    :raises ValueError: it cannot be sorted so
    """
    query = select(t.batch).where(filters.where()).order_by(_order(sort), t.batch.c.id.desc())
    query = query.where(_beyond(sort, after)) if after else query
    return [decoded(row) for row in tx.execute(query.limit(limit).offset(offset)).mappings()]


def latest_called(tx: Connection, filters: BatchFilter) -> Batch | None:
    """Of the batches that match and have ended, the newest that called its system; None if none did."""
    where = filters.where()
    if filters.statuses and filters.systems:
        # an expression: a status that is rare is looked for by its own index, not through all batches of the system
        where = replace(filters, systems=()).where() & (t.batch.c.system + "").in_(filters.systems)
    query = select(t.batch).where(where, t.batch.c.ended_at.is_not(None), t.batch.c.api_calls > 0)
    row = tx.execute(query.order_by(t.batch.c.started_at.desc()).limit(1)).mappings().first()
    return decoded(row) if row else None


def places(tx: Connection, since: datetime, among: int) -> set[tuple[str, str]]:
    """(system, object) of the latest batches that began since then: of so many of them."""
    c = t.batch.c
    recent = (
        select(c.system, c.object).where(c.started_at >= since).order_by(c.started_at.desc()).limit(among).subquery()
    )
    return {(system, name) for system, name in tx.execute(select(recent).distinct())}


def any_batch(tx: Connection) -> bool:
    """True if anything was ever synced."""
    return bool(tx.execute(select(select(t.batch.c.id).exists())).scalar())


def _order(sort: str) -> ColumnElement[Any]:
    column = _column(sort)
    return column.desc().nulls_first() if sort.startswith("-") else column.asc().nulls_last()


def _beyond(sort: str, last: Batch) -> ColumnElement[bool]:
    column, name = _column(sort), sort.removeprefix("-")
    value = last.counts[name] if name in COUNTERS else getattr(last, name)
    if value is None:
        same = column.is_(None) & (t.batch.c.id < last.id)
        return same | column.is_not(None) if sort.startswith("-") else same
    same = (column == value) & (t.batch.c.id < last.id)
    if sort.startswith("-"):
        return (column <= value) & (same | (column < value))  # the first part lets an index begin there
    return same | (column > value) | column.is_(None)


def _column(sort: str) -> ColumnElement[Any]:
    name = sort.removeprefix("-")
    if name not in SORTABLE:
        raise ValueError(f"batches cannot be sorted by {name!r}; choose one of {', '.join(SORTABLE)}")
    return t.batch.c[name]
