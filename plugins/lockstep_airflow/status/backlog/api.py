"""What waits, as JSON."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request

from lockstep_airflow.status.backlog.reading import Direction, directions
from lockstep_airflow.status.params import instant_text

router = APIRouter(prefix="/api")


@router.get("/backlog")
def backlog(request: Request) -> dict[str, Any]:
    """Records that wait to be written, per mapping and target system, with rates per hour over 24 hours and the trend of 5 days.

    `seconds_to_done` is null where nothing was written in 24 hours; `trend` has null where nothing was measured.
    """
    source = request.app.state.source
    with source.reading() as tx:
        found = directions(tx, source.mappings(), datetime.now(UTC))
    return {"backlog": [_row(one) for one in found]}


def _row(one: Direction) -> dict[str, Any]:
    return {
        "mapping": one.entity,
        "to": one.system,
        "records": one.records,
        "sampled_at": instant_text(one.sampled_at) or None,
        "status": "growing" if one.growing else "normal",
        "per_hour": {"max": one.fastest, "min": one.slowest, "avg": round(one.mean, 2)},
        "seconds_to_done": round(one.needs.total_seconds()) if one.needs is not None else None,
        "trend": [{"from": instant_text(point.at), "records": point.records} for point in one.points],
    }
