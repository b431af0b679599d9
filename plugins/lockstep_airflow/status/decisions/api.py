"""Records what a person decided. The run that obeys it is started by the browser, through Airflow's own API."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request

from lockstep.errors import ConfigError
from lockstep.store import decisions
from lockstep_airflow.status import access
from lockstep_airflow.status.decisions.asked import RECORDS_DAG, Body, meant, starts

router = APIRouter(prefix="/api")

DAG = RECORDS_DAG


@router.post("/decisions", dependencies=[Depends(access.of_this_page)], status_code=201)
def decide(request: Request, body: Body) -> dict[str, Any]:
    """Record decisions, signed with the user's name. Returns the DAG to start, and the conf that names the decisions.

    403 unless the user may trigger that DAG; values are taken only from users who may see values.
    """
    viewer: access.Viewer = request.state.viewer
    if body.types_values and not viewer.sees_values:
        raise HTTPException(403, "You may not see values of records, and so may not type one.")
    with request.app.state.source.writing() as tx:
        try:
            (dag, *others), conf = starts(tx, body)
            _ensure_allowed(viewer, dag, others)
            ids = [decisions.record(tx, one) for one in meant(tx, body, viewer.name, datetime.now(UTC))]
        except ConfigError as error:
            raise HTTPException(422, error.message) from error
    if not ids:
        raise HTTPException(422, "None of these is open any more: there is nothing to decide.")
    return {"decisions": ids, "dag_id": dag, "conf": {"decision": ids, **conf}}


def _ensure_allowed(viewer: access.Viewer, dag: str, others: list[str]) -> None:
    if others:
        raise HTTPException(
            422, "Decisions about systems and those about records start different DAGs: send them apart."
        )
    if not viewer.may_trigger(dag):
        raise HTTPException(403, f"You may not trigger the DAG {dag}, which would obey the decision.")
