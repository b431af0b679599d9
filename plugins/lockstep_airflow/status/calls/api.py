"""API calls as JSON."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request

from lockstep_airflow.status.calls.reading import Budget, System, systems
from lockstep_airflow.status.params import instant_text

router = APIRouter(prefix="/api")


@router.get("/calls")
def calls(request: Request) -> dict[str, Any]:
    """Calls of the last 24 hours per system, hour and operation, against our allocation and the vendor's limit."""
    source = request.app.state.source
    with source.reading() as tx:
        found = systems(tx, source.set_up().allocation, datetime.now(UTC))
    return {"systems": [_system(one) for one in found]}


def _system(one: System) -> dict[str, Any]:
    health = one.health
    suspended = health and health.suspended
    return {
        "system": one.name,
        "calls": one.used,
        "errors": one.errors,
        "per_hour": round(one.pace, 1),
        "hours": [{"from": instant_text(bar.at), "calls": bar.calls, "errors": bar.errors} for bar in one.bars],
        "operations": [
            {"operation": op.name, "calls": op.calls, "errors": op.errors, "milliseconds": round(op.milliseconds)}
            for op in one.operations
        ],
        "allocation": _budget(one.ours),
        "vendor": _budget(one.vendor),
        "suspended": {"state": health.suspended, "since": instant_text(health.suspended_at)} if health and suspended else None,
    }  # fmt: skip


def _budget(one: Budget | None) -> dict[str, Any] | None:
    """`exhausted_at`: null if not within a day."""
    if one is None:
        return None
    told = {"told_at": instant_text(one.told_at)} if one.told_at else {}
    return {"used": one.used, "limit": one.limit, "exhausted_at": instant_text(one.exhausted_at) or None, **told}
