"""Everything that was not done, one row each, for Sync Status and its CSV (MK-07)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select

from lockstep.errors import ErrorClass, kind_of
from lockstep.model import OutcomeKind
from lockstep.store import tables as t
from lockstep.store.ledger.page import BatchFilter

_UNDONE = tuple(kind.value for kind in (OutcomeKind.FAILED, OutcomeKind.HELD, OutcomeKind.DEFERRED))

#: `outcome` of a rejected field of a record that was done otherwise, and of a batch that failed as a whole
FIELD_FAILED, BATCH_FAILED = "field_failed", "batch_failed"


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """`change_id` and `record_id` are None where a whole batch failed; `fields`: the fields that the error names."""

    batch_id: int
    change_id: int | None
    at: datetime
    system: str
    object: str
    operation: str
    record_id: str | None
    sf_id: str | None
    hs_id: str | None
    outcome: str
    code: str
    cls: ErrorClass
    vendor_code: str | None
    message: str
    remedy: str
    fields: tuple[str, ...] = ()


def errors(tx: Connection, filters: BatchFilter, limit: int | None = None) -> Iterator[ErrorRow]:
    """Failed batches, then failed, held and deferred records and rejected fields; newest first.

    The rows are read as they are asked for: use them up inside the transaction.
    """
    return islice(_all(tx, filters), limit)


def _all(tx: Connection, filters: BatchFilter) -> Iterator[ErrorRow]:
    for row in tx.execute(_batches(filters)).mappings():
        yield _row(row, BATCH_FAILED, row["error_code"], {"message": row["error"]})
    for row in tx.execution_options(yield_per=1000).execute(_changes(filters)).mappings():
        yield from _of_change(row)


def _batches(filters: BatchFilter) -> Any:
    b = t.batch.c
    named = (b.id.label("batch_id"), b.ended_at, b.started_at, b.system, b.object, b.operation, b.error_code, b.error)
    return select(*named).where(filters.where(), b.error_code.is_not(None)).order_by(b.id.desc())


def _changes(filters: BatchFilter) -> Any:
    b, c, p = t.batch.c, t.change.c, t.pair.c
    named = (c.id.label("change_id"), c.batch_id, c.done_at, c.planned_at, c.system, c.object, b.operation)
    told = (c.record_id, c.outcome, c.code, c.detail, p.sf_id, p.hs_id)
    joined = t.change.join(t.batch, b.id == c.batch_id).outerjoin(t.pair, p.id == c.pair_id)
    unwell = or_(c.outcome.in_(_UNDONE), c.fields_failed > 0)
    return select(*named, *told).select_from(joined).where(filters.where(), unwell).order_by(c.id.desc())


def _of_change(row: RowMapping) -> Iterator[ErrorRow]:
    detail = row["detail"] or {}
    if row["outcome"] in _UNDONE:
        yield _row(row, row["outcome"], row["code"], detail)
    for rejected in detail.get("fields") or ():
        if isinstance(rejected, Mapping):
            yield _row(row, FIELD_FAILED, rejected.get("code"), rejected)


def _row(row: RowMapping, outcome: str, code: str | None, detail: Mapping[str, Any]) -> ErrorRow:
    kind = kind_of(code or "internal")
    return ErrorRow(
        batch_id=row["batch_id"],
        change_id=row.get("change_id"),
        at=row.get("done_at") or row.get("ended_at") or row.get("planned_at") or row["started_at"],
        system=row["system"],
        object=row["object"],
        operation=row["operation"],
        record_id=row.get("record_id"),
        sf_id=row.get("sf_id"),
        hs_id=row.get("hs_id"),
        outcome=outcome,
        code=code or kind.code,
        cls=kind.cls,
        vendor_code=detail.get("vendor_code"),
        message=detail.get("message") or kind.meaning,
        remedy=kind.remedy,
        fields=tuple(one for one in detail.get("fields") or () if isinstance(one, str)),
    )
