"""What waits: drawn by the server."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from lockstep_airflow.status.backlog.reading import directions
from lockstep_airflow.status.drawing import page

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/backlog")
def backlog(request: Request) -> Response:
    """What waits per object and direction."""
    source = request.app.state.source
    with source.filled() as tx:
        found = directions(tx, source.mappings(), datetime.now(UTC))
    sampled = max((one.sampled_at for one in found if one.sampled_at), default=None)
    return page(request, "backlog.html", view="backlog", directions=found, sampled=sampled)
