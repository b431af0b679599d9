"""The records that are not in step, as JSON and CSV."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from lockstep_airflow.status.access import Viewer
from lockstep_airflow.status.errors.exports import csv_of
from lockstep_airflow.status.errors.rows import error_row
from lockstep_airflow.status.params import extra
from lockstep_airflow.status.unsynced.query import BEFORE, PARAMETERS, parse
from lockstep_airflow.status.unsynced.reading import ROWS, Unsynced, listing

router = APIRouter()

MAX_ROWS = 500


@router.get("/api/unsynced", openapi_extra=extra((*PARAMETERS, BEFORE)))
def unsynced(request: Request, limit: Annotated[int, Query(ge=1, le=MAX_ROWS)] = ROWS) -> dict[str, Any]:
    """Records that are not in step, newest first, and how many for which reason. `total`: records; one that was refused twice over counts once. `next`: the `before` of the next page."""
    query = parse(request.query_params)
    with request.app.state.source.reading() as tx:
        found = listing(tx, query, datetime.now(UTC), limit)
    return {
        "records": [_row(one, request.state.viewer) for one in found.rows],
        "next": found.following,
        "reasons": [{"outcome": outcome, "code": code, "records": number} for outcome, code, number in found.reasons],
        "outcomes": found.outcomes,
        "total": found.records,
    }


@router.get("/export/unsynced.csv", openapi_extra=extra(PARAMETERS))
def unsynced_csv(request: Request) -> StreamingResponse:
    """All of them."""
    query = parse(request.query_params)
    return csv_of(request, query.filter(datetime.now(UTC)), "unsynced")


def _row(one: Unsynced, viewer: Viewer) -> dict[str, Any]:
    """Values only for who may see values."""
    shown = viewer.sees_values
    clashes = [
        {"field": clash.field, "rule": clash.rule}
        | ({"salesforce": clash.salesforce, "hubspot": clash.hubspot, "sf_base": clash.sf_base, "hs_base": clash.hs_base} if shown else {})
        for clash in one.held.clashes
    ]  # fmt: skip
    return error_row(one.error, viewer) | {
        "clashes": clashes,
        "choices": list(one.held.deletion),
        "candidates": [{"system": each.system, "object": each.object, "id": each.id, "taken": each.taken} for each in one.held.candidates],
        "decided": [{"kind": each.kind.value, "by": each.made_by, "choice": each.choice, "field": each.field} for each in one.decided],
    }  # fmt: skip
