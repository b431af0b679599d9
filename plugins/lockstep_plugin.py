"""Lockstep's Airflow plugin: the Sync Status pages, the timetable, the listener of starting components."""

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from lockstep_airflow import startup
from lockstep_airflow.links import PREFIX, ROUTE, SyncStatusLink
from lockstep_airflow.timetable import BackfillOnlyCron


async def sync_status(scope: Any, receive: Any, send: Any) -> None:
    """Imports the web application at its first request: this plugin is loaded by every task, the pages by none."""
    from lockstep_airflow.status.app import app

    await app(scope, receive, send)


def _view(destination: str, query: str = "") -> dict[str, str]:
    suffix = "" if destination == "nav" else f"_{destination}"
    return {
        "name": "Sync Status",
        "href": f"{PREFIX.removeprefix('/')}/{query}",
        "destination": destination,
        "url_route": f"{ROUTE}{suffix}",
    }


class LockstepPlugin(AirflowPlugin):
    name = "lockstep"
    fastapi_apps = [{"app": sync_status, "url_prefix": PREFIX, "name": "Sync Status"}]
    external_views = [
        _view("nav"),
        _view("dag_run", "?dag_id={DAG_ID}&run_id={RUN_ID}"),
        _view("task_instance", "?dag_id={DAG_ID}&run_id={RUN_ID}&task_id={TASK_ID}&map_index={MAP_INDEX}"),
    ]
    timetables = [BackfillOnlyCron]
    listeners = [startup]
    operator_extra_links = [SyncStatusLink()]
