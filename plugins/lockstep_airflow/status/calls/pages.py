"""API calls and suspensions: drawn by the server; changing something needs scripts."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from lockstep_airflow.status.calls.reading import systems
from lockstep_airflow.status.decisions.asked import CONTROLS_DAG
from lockstep_airflow.status.drawing import page

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/calls")
def calls(request: Request) -> Response:
    """What was used of each system's budget, and by what."""
    source = request.app.state.source
    with source.filled() as tx:
        found = systems(tx, source.set_up().allocation, datetime.now(UTC))
    return page(request, "calls.html", view="calls", systems=found, dag=CONTROLS_DAG)
