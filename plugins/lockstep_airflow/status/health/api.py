"""Whether everything runs, as JSON: for monitoring, too."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request

from lockstep_airflow.status.health.reading import ConnectionState, ObjectState, StepState, report
from lockstep_airflow.status.params import instant_text

router = APIRouter(prefix="/api")


@router.get("/health")
def health(request: Request) -> dict[str, Any]:
    """Connections, the latest run of each step, freshness of each mapping, and features. `troubles`: how many of these want a look.

    `objects` is null where this host cannot read the mapping files. `only` of a step: the objects and systems that a person
    narrowed its latest run to.
    """
    source = request.app.state.source
    with source.reading() as tx:
        found = report(tx, source.mappings(), source.set_up(), datetime.now(UTC))
    return {
        "troubles": len(found.troubled),
        "connections": [_connection(one) for one in found.connections],
        "steps": [_step(one) for one in found.steps],
        "objects": [_object(one) for one in found.objects] if found.objects is not None else None,
        "features": {one.name: one.state for one in found.features},
    }


def _connection(one: ConnectionState) -> dict[str, Any]:
    return {
        "system": one.system,
        "state": one.state,
        "answered_at": instant_text(one.health.answered_at) or None if one.health else None,
        "last_error": {"batch": one.error.id, "at": instant_text(one.error.started_at), "code": one.error.error_code} if one.error else None,
    }  # fmt: skip


def _step(one: StepState) -> dict[str, Any]:
    run = one.run
    return {
        "step": one.step.value,
        "state": one.state,
        "run_id": run.id if run else None,
        "opened_at": instant_text(run.opened_at) if run else None,
        "only": list(one.only),
        "dry_run": one.dry,
        "seconds": one.seconds,
    }


def _object(one: ObjectState) -> dict[str, Any]:
    return {
        "mapping": one.entity,
        "state": one.state,
        "fresh_to": instant_text(one.fresh_to) or None,
        "age_seconds": round(one.age.total_seconds()) if one.age is not None else None,
        "limit_seconds": one.limit_minutes * 60,
    }
