"""Everything that was not done, one row each, for Sync Status and its CSV (MK-04, MK-12)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, RowMapping, and_, func, select, true

from lockstep.errors import ErrorClass, kind_of
from lockstep.store import tables as t
from lockstep.store.ledger.causes import BATCH_FAILED, FIELD_FAILED
from lockstep.store.ledger.page import BatchFilter
from lockstep.store.tables import cause, error

_of_batch, _of_cause = t.batch.c.id == error.c.batch_id, cause.c.id == error.c.cause_id


#: a batch that failed as a whole (MK-12)
IS_JOB = error.c.outcome == BATCH_FAILED


@dataclass(frozen=True, slots=True)
class ErrorFilter:
    """Empty means all. Times are of the errors, `date_to` is not included; `batches`: only errors of those.

    `job`: batches that failed as a whole, or records (MK-12). `outcomes`: of OutcomeKind, FIELD_FAILED, BATCH_FAILED.
    `standing`: only what nothing since says otherwise of. `latest`: of each cause and subject only the last error.
    """

    date_from: datetime | None = None
    date_to: datetime | None = None
    job: bool | None = None
    outcomes: Collection[str] = ()
    codes: Collection[str] = ()
    cause_id: int | None = None
    standing: bool = False
    latest: bool = False
    ids: Collection[int] = ()
    subjects: Collection[str] = ()
    batches: BatchFilter = field(default_factory=BatchFilter)

    def source(self, with_cause: bool = False) -> FromClause:
        """Errors, joined with no more than `where` asks for: of many errors, joins cost most."""
        found: FromClause = error
        if self.batches != BatchFilter():
            found = found.join(t.batch, _of_batch)
        return found.join(cause, _of_cause) if self.codes or with_cause else found

    def where(self, by_outcome: bool = True) -> ColumnElement[bool]:
        """`by_outcome`: all are read, so that the index of outcomes serves; not where some are read in another order."""
        wanted: list[ColumnElement[bool]] = [self.batches.where()]
        if self.date_from:
            wanted.append(error.c.at >= self.date_from)
        if self.date_to:
            wanted.append(error.c.at < self.date_to)
        if self.job is not None:
            wanted.append(IS_JOB if self.job else ~IS_JOB)
        if self.outcomes:
            # an expression: the few that stand are found by their own index, not among all of the outcomes
            outcome = error.c.outcome if by_outcome and not self.standing else error.c.outcome + ""
            wanted.append(outcome.in_([str(one) for one in self.outcomes]))
        if self.codes:
            wanted.append(cause.c.code.in_(self.codes))
        if self.cause_id is not None:
            wanted.append(error.c.cause_id == self.cause_id)
        if self.subjects:
            wanted.append(error.c.subject.in_(self.subjects))
        if self.ids:
            wanted.append(error.c.id.in_(self.ids))
        if self.standing:
            wanted.append(error.c.standing)
        if self.latest:
            last = select(func.max(error.c.id)).select_from(self.source()).where(replace(self, latest=False).where())
            wanted.append(error.c.id.in_(last.group_by(error.c.cause_id, error.c.subject).correlate(None)))
        return and_(true(), *wanted)


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


def errors(
    tx: Connection, filters: ErrorFilter, limit: int | None = None, before: int | None = None
) -> Iterator[ErrorRow]:
    """Newest first, from the one before the id `before`. Read as they are asked for: use them up inside the transaction."""
    where = filters.where(by_outcome=False)
    where = where if before is None else where & (error.c.id < before)
    found = tx.execution_options(yield_per=1000).execute(_rows(where).order_by(error.c.id.desc()).limit(limit))
    return islice(map(_row, found.mappings()), limit)


def messages(tx: Connection, ids: Collection[int]) -> dict[int, str]:
    """error id -> its words"""
    return {row.id: row.message for row in map(_row, tx.execute(_rows(error.c.id.in_(ids))).mappings())}


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
    # one after the other: SQLite would first read all changes with their pairs, if those were joined with each other
    whole = error.join(t.batch, _of_batch).join(cause, _of_cause).join(t.change, c.id == e.change_id, isouter=True)
    whole = whole.join(t.pair, p.id == c.pair_id, isouter=True)
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
