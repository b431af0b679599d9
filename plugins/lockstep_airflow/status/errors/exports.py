"""CSV of errors, one row each (MK-04)."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection

from lockstep.model import OutcomeKind
from lockstep.store import ledger
from lockstep.store.ledger import BATCH_FAILED, FIELD_FAILED, ErrorFilter, ErrorRow
from lockstep_airflow.status import spreadsheet
from lockstep_airflow.status.access import Viewer
from lockstep_airflow.status.errors.query import CAUSE, PARAMETERS, parse
from lockstep_airflow.status.params import extra
from lockstep_airflow.status.words import told

router = APIRouter(prefix="/export")

ERROR_COLUMNS = (
    "at", "batch_id", "operation", "system", "object", "outcome", "standing", "code", "cls", "record_id", "sf_id", "hs_id",
    "fields", "message", "vendor_code", "remedy",
)  # fmt: skip
#: what was skipped on purpose is no error
OUTCOMES = (BATCH_FAILED, OutcomeKind.FAILED, FIELD_FAILED, OutcomeKind.HELD, OutcomeKind.DEFERRED)


@router.get("/errors.csv", openapi_extra=extra((*PARAMETERS, CAUSE)))
def errors(request: Request) -> StreamingResponse:
    """The errors that the query finds, all of them, newest first."""
    query = parse(request.query_params)
    return csv_of(request, query.filter(datetime.now(UTC)))


def csv_of(request: Request, filters: ErrorFilter, name: str = "errors") -> StreamingResponse:
    def read(tx: Connection, last: ErrorRow | None, limit: int) -> list[ErrorRow]:
        return list(ledger.errors(tx, filters, limit, last.id if last else None))

    found = spreadsheet.in_pieces(request.app.state.source, read)
    return spreadsheet.answer(name, ERROR_COLUMNS, (_cells(one, request.state.viewer) for one in found))


def _cells(one: ledger.ErrorRow, viewer: Viewer) -> list[Any]:
    cells = {
        "at": one.at.isoformat().replace("+00:00", "Z"),
        "cls": one.cls.value,
        "fields": " ".join(one.fields),
        "message": told(one, viewer),
        "standing": "yes" if one.standing else "no",
    }
    return [cells.get(name, getattr(one, name)) for name in ERROR_COLUMNS]
