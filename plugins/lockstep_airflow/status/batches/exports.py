"""CSV of the batches that are shown, and of their errors."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection

from lockstep.model import Batch
from lockstep.store import ledger
from lockstep.store.ledger import ErrorFilter
from lockstep_airflow.status import spreadsheet
from lockstep_airflow.status.batches.query import PARAMETERS, parse
from lockstep_airflow.status.batches.rows import batch_row
from lockstep_airflow.status.errors import exports as errors
from lockstep_airflow.status.params import extra

router = APIRouter(prefix="/export")

BATCH_COLUMNS = (
    "id", "started_at", "ended_at", "object", "operation", "status", "new", "updated", "deleted", "failed", "skipped",
    "system", "held", "deferred", "read", "fields_failed", "api_calls", "run_id", "window_from", "window_to",
    "error_code", "error",
)  # fmt: skip


@router.get("/batch-errors.csv", openapi_extra=extra(PARAMETERS))
def batch_errors(request: Request) -> StreamingResponse:
    """Why the batches that the query finds, or records and fields of theirs, were not done."""
    query = parse(request.query_params)
    return errors.csv_of(request, ErrorFilter(outcomes=errors.OUTCOMES, batches=query.filter(datetime.now(UTC))))


@router.get("/batches.csv", openapi_extra=extra(PARAMETERS))
def batches(request: Request) -> StreamingResponse:
    """The batches that the query finds, all of them, in its order."""
    query = parse(request.query_params)
    shown = query.filter(datetime.now(UTC))

    def read(tx: Connection, last: Batch | None, limit: int) -> list[Batch]:
        return ledger.page(tx, shown, query.sort, limit, after=last)

    found = spreadsheet.in_pieces(request.app.state.source, read)
    return spreadsheet.answer("batches", BATCH_COLUMNS, (_batch_cells(batch_row(one)) for one in found))


def _batch_cells(row: dict[str, Any]) -> list[Any]:
    error = row["error"] or {}
    flat = {**row, **row["counts"], "error_code": error.get("code"), "error": error.get("message")}
    return [flat[name] for name in BATCH_COLUMNS]
