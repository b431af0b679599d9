"""Everything that was not done, for Sync Status and its CSV: by root cause, and one row each (MK-04, MK-12)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, func, select, true

from lockstep.causes import Cause
from lockstep.errors import ErrorClass, kind_of
from lockstep.store import tables as t
from lockstep.store.dialects import hour
from lockstep.store.error_tables import cause, error
from lockstep.store.ledger.causes import BATCH_FAILED, FIELD_FAILED
from lockstep.store.ledger.page import BatchFilter


@dataclass(frozen=True, slots=True)
class ErrorFilter:
    """Empty means all. Times are of the errors, `date_to` is not included; `batches`: only errors of those.

    `job`: batches that failed as a whole, or records (MK-12). `outcomes`: of OutcomeKind, FIELD_FAILED, BATCH_FAILED.
    `standing`: only what nothing since says otherwise of.
    """

    date_from: datetime | None = None
    date_to: datetime | None = None
    job: bool | None = None
    outcomes: Collection[str] = ()
    codes: Collection[str] = ()
    cause_id: int | None = None
    standing: bool = False
    batches: BatchFilter = field(default_factory=BatchFilter)

    def where(self) -> ColumnElement[bool]:
        wanted: list[ColumnElement[bool]] = [self.batches.where()]
        if self.date_from:
            wanted.append(error.c.at >= self.date_from)
        if self.date_to:
            wanted.append(error.c.at < self.date_to)
        if self.job is not None:
            wanted.append(error.c.change_id.is_(None) if self.job else error.c.change_id.is_not(None))
        if self.outcomes:
            wanted.append(error.c.outcome.in_([str(one) for one in self.outcomes]))
        if self.codes:
            wanted.append(cause.c.code.in_(self.codes))
        if self.cause_id is not None:
            wanted.append(error.c.cause_id == self.cause_id)
        if self.standing:
            wanted.append(error.c.standing)
        return and_(true(), *wanted)


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


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """`change_id` and `record_id` are None where a whole batch failed; `fields`: the fields that the error names."""

    id: int
    cause_id: int
    batch_id: int
    change_id: int | None
    pair_id: str | None
    at: datetime
    system: str
    object: str
    operation: str
    record_id: str | None
    sf_object: str | None
    hs_object: str | None
    sf_id: str | None
    hs_id: str | None
    outcome: str
    standing: bool
    code: str
    cls: ErrorClass
    vendor_code: str | None
    message: str
    template: str
    remedy: str
    fields: tuple[str, ...] = ()


_joined = error.join(t.batch, t.batch.c.id == error.c.batch_id).join(cause, cause.c.id == error.c.cause_id)
_of_pair = t.change.join(t.pair, t.pair.c.id == t.change.c.pair_id, isouter=True)


def cards(tx: Connection, filters: ErrorFilter, limit: int, offset: int = 0) -> tuple[list[Card], int]:
    """Root causes: jobs before records, what stands before what is over, then the most records. And how many there are."""
    e = error.c
    records = func.count(e.subject.distinct())
    standing = func.count(case((e.standing, e.subject)).distinct())
    told = (func.count(), func.min(e.at), func.max(e.at), func.max(e.id))
    grouped = select(e.cause_id, records, standing, *told).select_from(_joined).where(filters.where())
    job = func.max(case((e.change_id.is_(None), 1), else_=0))
    ranked = grouped.group_by(e.cause_id).order_by((standing > 0).desc(), job.desc(), standing.desc(), records.desc(), func.max(e.id).desc())  # fmt: skip
    found = tx.execute(ranked.limit(limit).offset(offset)).all()
    causes = _causes(tx, [row[0] for row in found])
    words = _messages(tx, [row[-1] for row in found])
    shown = [Card(row[0], causes[row[0]], *row[1:-1], words[row[-1]]) for row in found]
    total = select(func.count(e.cause_id.distinct())).select_from(_joined).where(filters.where())
    return shown, tx.execute(total).scalar_one()


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


def _messages(tx: Connection, ids: Collection[int]) -> dict[int, str]:
    return {row.id: row.message for row in map(_row, tx.execute(_rows(error.c.id.in_(ids))).mappings())}


def totals(tx: Connection, filters: ErrorFilter) -> dict[bool, tuple[int, int]]:
    """Job level or not -> (records or kinds of batches touched, still so)."""
    e, job = error.c, error.c.change_id.is_(None)
    counts = (func.count(e.subject.distinct()), func.count(case((e.standing, e.subject)).distinct()))
    query = select(job, *counts).select_from(_joined).where(filters.where()).group_by(job)
    found = {bool(row[0]): (row[1], row[2]) for row in tx.execute(query)}
    return {level: found.get(level, (0, 0)) for level in (True, False)}


def trend(tx: Connection, filters: ErrorFilter, cause_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """cause -> hour (`2026-03-01T14`, UTC) -> errors."""
    at, e = hour(tx, error.c.at).label("hour"), error.c
    query = select(e.cause_id, at, func.count()).select_from(_joined)
    found: dict[int, dict[str, int]] = {one: {} for one in cause_ids}
    for cause_id, when, number in tx.execute(
        query.where(filters.where(), e.cause_id.in_(cause_ids)).group_by(e.cause_id, at)
    ):
        found[cause_id][when] = number
    return found


def errors(
    tx: Connection, filters: ErrorFilter, limit: int | None = None, before: int | None = None
) -> Iterator[ErrorRow]:
    """Newest first, from the one before the id `before`. Read as they are asked for: use them up inside the transaction."""
    where = filters.where() if before is None else filters.where() & (error.c.id < before)
    found = tx.execution_options(yield_per=1000).execute(_rows(where).order_by(error.c.id.desc()).limit(limit))
    return islice(map(_row, found.mappings()), limit)


def _rows(where: ColumnElement[bool]) -> Any:
    e, b, c, p = error.c, t.batch.c, t.change.c, t.pair.c
    named = (
        e.id,
        e.cause_id,
        e.batch_id,
        e.change_id,
        e.at,
        e.outcome,
        e.standing,
        b.system,
        b.object,
        b.operation,
        b.error,
    )
    told = (cause.c.code, cause.c.field, cause.c.template, c.pair_id, c.record_id, c.detail)
    sides = (p.sf_object, p.hs_object, p.sf_id, p.hs_id)
    whole = _joined.join(_of_pair, c.id == e.change_id, isouter=True)
    return select(*named, *told, *sides).select_from(whole).where(where)


def _row(row: RowMapping) -> ErrorRow:
    kind, told = kind_of(row["code"]), _told(row)
    record = (row["detail"] or {}).get("record") or {}
    same = ("id", "cause_id", "batch_id", "change_id", "pair_id", "at", "system", "object", "operation", "record_id",
            "outcome", "code", "template", "sf_object", "hs_object", "sf_id", "hs_id")  # fmt: skip
    sides = {"salesforce": ("sf_id", "sf_object"), "hubspot": ("hs_id", "hs_object")}
    ours = dict(zip(sides.get(str(record.get("system")), ()), (record.get("id"), record.get("object")), strict=False))
    return ErrorRow(
        **{name: row[name] for name in same} | ours,
        standing=bool(row["standing"]),
        cls=kind.cls,
        vendor_code=told.get("vendor_code"),
        message=told.get("message") or kind.meaning,
        remedy=kind.remedy,
        fields=tuple(row["field"].split(", ")) if row["field"] else (),
    )


def _told(row: RowMapping) -> Mapping[str, Any]:
    """What was said of the record, or of the field that the error is about."""
    detail = row["detail"] or {}
    rejected = [one for one in detail.get("fields") or () if isinstance(one, Mapping)]
    if row["outcome"] == BATCH_FAILED:
        return {"message": row["error"]}
    if row["outcome"] == FIELD_FAILED:
        return next(
            (one for one in rejected if one.get("field") == row["field"] and one.get("code") == row["code"]), {}
        )
    return detail if detail.get("message") else (rejected or [detail])[0]
