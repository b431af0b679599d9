"""The cards, and the records of one: drawn by the server, so that they work without scripts."""

from dataclasses import replace
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lockstep_airflow.status.decisions.api import DAG
from lockstep_airflow.status.decisions.asked import MOST
from lockstep_airflow.status.drawing import page, root_of
from lockstep_airflow.status.errors.query import CARDS, LEVELS, parse
from lockstep_airflow.status.errors.reading import board, opened
from lockstep_airflow.status.params import RowId, instant_text

router = APIRouter(prefix="/errors", default_response_class=HTMLResponse)


@router.get("")
def errors(request: Request) -> Response:
    """Cards by root cause."""
    query = parse(request.query_params)
    with request.app.state.source.filled() as tx:
        found = board(tx, query, datetime.now(UTC))
    home = f"{root_of(request)}/errors"
    if 0 < (last := -(-found.total // CARDS)) < query.page:  # fewer match than when the address was copied
        return RedirectResponse(f"{home}{query.url(page=last)}", 303)
    return page(request, "errors.html", view="errors", query=query, found=found, home=home, levels=LEVELS, size=CARDS)


@router.get("/{cause_id}")
def error(request: Request, cause_id: RowId, before: RowId | None = None) -> Response:
    """The records of one card."""
    query, now = replace(parse(request.query_params), cause_id=cause_id), datetime.now(UTC)
    with request.app.state.source.reading() as tx:
        found = opened(tx, query, before, now)
    if found is None:
        return page(request, "message.html", 404, view="errors", title="no_error", words=["no_error_do"])
    home = f"{root_of(request)}/errors"
    if before and not found.rows:
        return RedirectResponse(f"{home}/{cause_id}{query.url(cause_id=None)}", 303)
    since, until = map(instant_text, query.span.bounds(now))
    return page(
        request, "error.html", view="errors", query=query, found=found, home=home, before=before, dag=DAG, since=since,
        until=until, most=MOST,
    )  # fmt: skip
