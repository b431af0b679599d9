"""The JSON under /sync-status/api: for the page's own modules, and for scripts of logged-in users."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request

from lockstep.store import ledger
from lockstep_airflow.status.batches.query import PAGING, PARAMETERS, parse
from lockstep_airflow.status.batches.reading import listing
from lockstep_airflow.status.batches.rows import OUTCOMES, batch_row, reasons, records
from lockstep_airflow.status.params import RowId, extra

router = APIRouter(prefix="/api")

MAX_RECORDS = 500


@router.get("/batches", openapi_extra=extra((*PARAMETERS, *PAGING)))
def batches(request: Request) -> dict[str, Any]:
    """A page of batches and the totals of all that match."""
    query = parse(request.query_params)
    with request.app.state.source.reading() as tx:
        found = listing(tx, query, datetime.now(UTC))
    return {
        "batches": found.rows,
        "total": found.total,
        "hidden": found.hidden,
        "counts": found.counts,
        "statuses": found.statuses,
        "page": query.page,
        "size": query.size,
        "live": found.live,
    }


@router.get("/batches/{batch_id}")
def batch(request: Request, batch_id: RowId) -> dict[str, Any]:
    """One batch, and how many of its records ended in which way, for which reason."""
    with request.app.state.source.reading() as tx:
        found = batch_row(_found(tx, batch_id))
        why = [
            {
                "outcome": one.outcome,
                "code": one.code,
                "records": one.records,
                "meaning": one.meaning,
                "remedy": one.remedy,
            }
            for one in reasons(tx, batch_id)
        ]
    return {**found, "reasons": why}


@router.get("/batches/{batch_id}/records")
def batch_records(
    request: Request,
    batch_id: RowId,
    outcome: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
    code: str = "",
    after: RowId = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_RECORDS)] = 100,
) -> dict[str, Any]:
    """Records of a batch: names of fields, never values. `next`: the `after` of the next page, null at the end."""
    unknown = set(outcome) - {*OUTCOMES, "field_failed"}
    if unknown:
        raise HTTPException(
            422, f"outcome: {', '.join(sorted(unknown))}; choose of {', '.join(OUTCOMES)}, field_failed"
        )
    with request.app.state.source.reading() as tx:
        _found(tx, batch_id)
        found, following = records(tx, batch_id, request.state.viewer, outcome, code, after, limit)
    return {"records": found, "next": following}


def _found(tx: Any, batch_id: int) -> Any:
    try:
        return ledger.batch(tx, batch_id)
    except KeyError:
        raise HTTPException(404, f"There is no batch {batch_id}.") from None
