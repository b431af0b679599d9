"""Errors as JSON."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request

from lockstep_airflow.status.errors.query import CAUSE, PAGING, PARAMETERS, parse
from lockstep_airflow.status.errors.reading import ROWS, board, opened
from lockstep_airflow.status.errors.rows import card_row, error_row
from lockstep_airflow.status.params import RowId, extra

router = APIRouter(prefix="/api")

MAX_ROWS = 500


@router.get("/errors", openapi_extra=extra((*PARAMETERS, CAUSE, *PAGING)))
def errors(request: Request) -> dict[str, Any]:
    """A page of causes, worst first. Levels: records (or kinds of batches)
    that were touched, and those that still are."""
    query = parse(request.query_params)
    with request.app.state.source.reading() as tx:
        found = board(tx, query, datetime.now(UTC))
    levels = {"job": found.jobs, "record": found.records}
    return {
        "causes": [card_row(one, request.state.viewer) for one in found.cards],
        "total": found.total,
        "levels": {name: {"touched": touched, "standing": standing} for name, (touched, standing) in levels.items()},
        "page": query.page,
    }


@router.get("/errors/{cause_id}", openapi_extra=extra(PARAMETERS))
def error(
    request: Request,
    cause_id: RowId,
    before: RowId | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_ROWS)] = ROWS,
) -> dict[str, Any]:
    """One cause and its records, each with its last error, newest first. `next`: the `before` of the next page, null at the end."""
    query = replace(parse(request.query_params), cause_id=cause_id)
    with request.app.state.source.reading() as tx:
        found = opened(tx, query, before, datetime.now(UTC), limit)
    if found is None:
        raise HTTPException(404, f"No error of cause {cause_id} matches.")
    return {
        **card_row(found.shown, request.state.viewer),
        "latest": [error_row(one, request.state.viewer) for one in found.rows],
        "next": found.following,
    }
