"""Errors by root cause: what is wrong, with how many records, since when, and whether it still is (MK-12)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, select

from lockstep.causes import Cause
from lockstep.store.dialects import day, hour
from lockstep.store.ledger.causes import FIELD_FAILED
from lockstep.store.ledger.errors import IS_JOB, ErrorFilter, messages
from lockstep.store.tables import cause, error

_RECORDS = func.count(error.c.subject.distinct())
_STANDING = func.count(case((error.c.standing, error.c.subject)).distinct())


@dataclass(frozen=True, slots=True)
class Card:
    """A root cause and what it did: `records` (or batches) that it touched, of which `standing` still are; `errors`: how
    often it was told. `message`: the latest words."""

    id: int
    cause: Cause
    records: int
    standing: int
    errors: int
    first: datetime
    last: datetime
    message: str


def cards(tx: Connection, filters: ErrorFilter, limit: int, offset: int = 0) -> tuple[list[Card], int]:
    """Root causes: what stands before what is over, jobs before records, records before single fields of them, then the most
    records. And how many there are."""
    query = _grouped(filters)
    g = query.selected_columns
    ranked = query.order_by(
        (g.standing > 0).desc(), g.job.desc(), g.whole.desc(), g.standing.desc(), g.records.desc(), g.latest.desc()
    )
    found = tx.execute(ranked.limit(limit).offset(offset)).all()
    causes = _causes(tx, [row.cause_id for row in found])
    words = messages(tx, [row.latest for row in found])
    shown = [_card(row, causes[row.cause_id], words[row.latest]) for row in found]
    return shown, found[0].causes if found else _number(tx, filters) if offset else 0


def _number(tx: Connection, filters: ErrorFilter) -> int:
    query = select(func.count(error.c.cause_id.distinct())).select_from(filters.source()).where(filters.where())
    return tx.execute(query).scalar_one()


def _grouped(filters: ErrorFilter) -> Select[Any]:
    e = error.c
    return (
        select(
            e.cause_id,
            _RECORDS.label("records"),
            _STANDING.label("standing"),
            func.count().label("errors"),
            func.min(e.at).label("first"),
            func.max(e.at).label("last"),
            func.max(e.id).label("latest"),
            func.max(case((IS_JOB, 1), else_=0)).label("job"),
            func.count().over().label("causes"),
            func.max(case((e.outcome == FIELD_FAILED, 0), else_=1)).label("whole"),
        )
        .select_from(filters.source())
        .where(filters.where())
        .group_by(e.cause_id)
    )


def _card(row: Row[Any], cause: Cause, message: str) -> Card:
    return Card(row.cause_id, cause, row.records, row.standing, row.errors, row.first, row.last, message)


def card(tx: Connection, filters: ErrorFilter) -> Card | None:
    """The one card of `filters.cause_id`; None if no error matches."""
    found, _ = cards(tx, filters, 1)
    return found[0] if found else None


def known_cause(tx: Connection, cause_id: int) -> Cause:
    """:raises KeyError: there is no such cause"""
    return _causes(tx, [cause_id])[cause_id]


def _causes(tx: Connection, ids: Collection[int]) -> dict[int, Cause]:
    c = cause.c
    named = (c.job, c.code, c.system, c.object, c.field, c.vendor_code, c.template)
    return {row[0]: Cause(*row[1:]) for row in tx.execute(select(c.id, *named).where(c.id.in_(ids)))}


def totals(tx: Connection, filters: ErrorFilter) -> dict[bool, tuple[int, int]]:
    """Job level or not -> (records or kinds of batches touched, still so)."""
    query = select(IS_JOB, _RECORDS, _STANDING).select_from(filters.source()).where(filters.where()).group_by(IS_JOB)
    found = {bool(row[0]): (row[1], row[2]) for row in tx.execute(query)}
    return {level: found.get(level, (0, 0)) for level in (True, False)}


def reasons(tx: Connection, filters: ErrorFilter) -> list[tuple[str, str, int]]:
    """(outcome, code, records), most records first."""
    # an expression, as in ErrorFilter: grouping is no reason to read all errors by their outcome
    kind = (error.c.outcome + "", cause.c.code)
    query = select(*kind, _RECORDS.label("records")).select_from(filters.source(with_cause=True))
    found = tx.execute(query.where(filters.where()).group_by(*kind).order_by(_RECORDS.desc(), cause.c.code))
    return [(outcome, code, records) for outcome, code, records in found]


def records(tx: Connection, filters: ErrorFilter) -> tuple[int, dict[str, int]]:
    """Records touched, and how many by outcome: one that two errors tell of counts once in each."""
    outcome = error.c.outcome + ""  # an expression, as in `reasons`
    found = select(outcome, _RECORDS).select_from(filters.source()).where(filters.where()).group_by(outcome)
    whole = select(_RECORDS).select_from(filters.source()).where(filters.where())
    by_outcome: dict[str, int] = dict(tx.execute(found).all())
    return tx.execute(whole).scalar_one(), by_outcome


def trend(
    tx: Connection, filters: ErrorFilter, cause_ids: Collection[int], daily: bool = False
) -> dict[int, dict[str, int]]:
    """cause -> hour (`2026-03-01T14`, UTC) or day (`2026-03-01`) -> errors."""
    at, e = (day if daily else hour)(tx, error.c.at).label("moment"), error.c
    query = select(e.cause_id, at, func.count()).select_from(filters.source())
    found: dict[int, dict[str, int]] = {one: {} for one in cause_ids}
    for cause_id, when, number in tx.execute(
        query.where(filters.where(), e.cause_id.in_(cause_ids)).group_by(e.cause_id, at)
    ):
        found[cause_id][when] = number
    return found
