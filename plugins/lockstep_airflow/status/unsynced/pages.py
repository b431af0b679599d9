"""The records that are not in step: drawn by the server; deciding needs scripts."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lockstep_airflow.status.decisions.api import DAG
from lockstep_airflow.status.drawing import page, root_of
from lockstep_airflow.status.unsynced.query import parse
from lockstep_airflow.status.unsynced.reading import listing

router = APIRouter(prefix="/unsynced", default_response_class=HTMLResponse)


@router.get("")
def unsynced(request: Request) -> Response:
    """Every record with a reason why it is not in step."""
    query = parse(request.query_params)
    with request.app.state.source.filled() as tx:
        found = listing(tx, query, datetime.now(UTC))
    home = f"{root_of(request)}/unsynced"
    if query.before and not found.rows:  # those before it have come into step
        return RedirectResponse(f"{home}{query.url()}", 303)
    return page(request, "unsynced.html", view="unsynced", query=query, found=found, home=home, dag=DAG)
