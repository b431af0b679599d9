"""Whether everything runs: drawn by the server; pausing and resuming need scripts."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from lockstep_airflow.status.decisions.asked import OBJECTS_DAG
from lockstep_airflow.status.drawing import page
from lockstep_airflow.status.health.reading import report

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/health")
def health(request: Request) -> Response:
    """Connections, the last cycle, objects and features."""
    source = request.app.state.source
    with source.filled() as tx:
        found = report(tx, source.mappings(), source.set_up(), datetime.now(UTC))
    return page(request, "health.html", view="health", found=found, dag=OBJECTS_DAG)
