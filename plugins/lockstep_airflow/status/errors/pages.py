"""The cards, and the records of one: drawn by the server, so that they work without scripts."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from lockstep_airflow.status.decisions.api import DAG
from lockstep_airflow.status.drawing import page, root_of
from lockstep_airflow.status.errors.query import CARDS, LEVELS, parse
from lockstep_airflow.status.errors.reading import board, opened

router = APIRouter(prefix="/errors", default_response_class=HTMLResponse)


@router.get("")
def errors(request: Request) -> Response:
    """Cards by root cause."""
    query = parse(request.query_params)
    with request.app.state.source.filled() as tx:
        found = board(tx, query, datetime.now(UTC))
    home = f"{root_of(request)}/errors"
    return page(request, "errors.html", view="errors", query=query, found=found, home=home, levels=LEVELS, size=CARDS)


@router.get("/{cause_id}")
def error(request: Request, cause_id: int, before: Annotated[int | None, Query(ge=1)] = None) -> Response:
    """The records of one card."""
    query = replace(parse(request.query_params), cause_id=cause_id)
    with request.app.state.source.reading() as tx:
        found = opened(tx, query, before, datetime.now(UTC))
    if found is None:
        return page(request, "message.html", 404, view="errors", title="no_error", words=["no_error_do"])
    home = f"{root_of(request)}/errors"
    return page(request, "error.html", view="errors", query=query, found=found, home=home, before=before, dag=DAG)
