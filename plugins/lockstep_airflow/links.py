"""Ways from Airflow's pages to Sync Status.

Airflow computes an operator's links when the task ends and keeps them as XCom, so a running or killed task would have
none: our operators push theirs first thing.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from airflow.sdk import BaseOperatorLink
from airflow.sdk.configuration import conf

if TYPE_CHECKING:
    from airflow.models.taskinstancekey import TaskInstanceKey
    from airflow.sdk import BaseOperator

#: the page's place: fastapi prefix and url_route of the plugin's external view
PREFIX = "/sync-status"
ROUTE = "sync_status"


def ledger_run_id(dag_id: str, run_id: str) -> str:
    """The ledger's name of an Airflow run."""
    return f"{dag_id}:{run_id}"


def status_url(dag_id: str, run_id: str, **more: Any) -> str:
    """Sync Status inside Airflow's UI, filtered to one run."""
    base = conf.get("api", "base_url", fallback="http://localhost:8080/").rstrip("/")
    return f"{base}/plugin/{ROUTE}{PREFIX}/?{urlencode({'dag_id': dag_id, 'run_id': run_id, **more})}"


class SyncStatusLink(BaseOperatorLink):
    """The run's batches in Sync Status."""

    name = "Sync Status"

    def get_link(self, operator: "BaseOperator", *, ti_key: "TaskInstanceKey") -> str:
        return status_url(ti_key.dag_id, ti_key.run_id)


def push_link(ti: Any) -> None:
    """Stores the link of a task that has just begun."""
    ti.xcom_push(key=SyncStatusLink().xcom_key, value=status_url(ti.dag_id, ti.run_id))
