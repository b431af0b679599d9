"""The web application as Airflow mounts it, on a store of the test's choice."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient

from lockstep.store import Store
from lockstep_airflow.status import access
from lockstep_airflow.status.app import create_app
from lockstep_airflow.status.source import Source

PREFIX = "/sync-status"


def mounted(
    find: Callable[[], Store], guarded: bool = False, sees_values: bool = True, may_act: bool = True
) -> FastAPI:
    """As Airflow mounts it; unguarded: everyone is Vera, who may read and, unless told otherwise, see values and act."""
    app = create_app(Source(find))
    if not guarded:

        def viewer(request: Request) -> None:
            request.state.viewer = access.Viewer("vera", sees_values, lambda dag_id: may_act)

        app.dependency_overrides[access.may_read] = lambda: None
        app.dependency_overrides[access.viewer] = viewer
    root = FastAPI()
    root.mount(PREFIX, app)
    return root


def client_of(find: Callable[[], Store], **more: Any) -> TestClient:
    return TestClient(mounted(find, **more), base_url=f"http://testserver{PREFIX}/", follow_redirects=False)


def airflow_beside(app: FastAPI, paused: bool = False) -> list[dict[str, Any]]:
    """Airflow's pages and the part of its API that the scripts use; gives the runs that they start, which have ended when they are looked at."""
    runs: list[dict[str, Any]] = []

    @app.get("/dags/{rest:path}")
    def airflow(rest: str) -> HTMLResponse:
        return HTMLResponse(f"<title>Airflow</title><h1>{rest}</h1>")

    @app.get("/api/v2/dags/{dag_id}")
    def dag(dag_id: str) -> dict[str, Any]:
        return {"dag_id": dag_id, "is_paused": paused}

    @app.post("/api/v2/dags/{dag_id}/dagRuns")
    async def trigger(dag_id: str, request: Request) -> dict[str, Any]:
        runs.append({"dag_id": dag_id, "dag_run_id": f"manual__{len(runs)}", "state": "queued", **await request.json()})
        return runs[-1]

    @app.get("/api/v2/dags/{dag_id}/dagRuns/{run_id}")
    def run(dag_id: str, run_id: str) -> dict[str, Any]:
        (found,) = [one for one in runs if one["dag_run_id"] == run_id]
        found["state"] = "success"
        return found

    return runs
