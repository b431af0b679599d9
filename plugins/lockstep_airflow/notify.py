"""Airflow's callbacks: how failures, delays and recoveries reach people.

They are sent through one Airflow connection, `lockstep_alerts` (type Apprise: e-mail, Slack, webhooks and a hundred other
channels). Task callbacks run in the worker, and not if it is killed; DAG callbacks in the dag-processor; the deadline's in
the triggerer. All go through `lockstep_airflow.alerts`, so that people are told once. An alert that cannot be sent is
logged; it never fails a run.
"""

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lockstep.steps import Behind
    from lockstep.store import Store
    from lockstep_airflow.alerts import Message

log = logging.getLogger(__name__)

DEFAULT_LATE_MINUTES = 60


def late_minutes() -> int:
    """`LOCKSTEP_LATE_MINUTES`: when a cycle counts as late."""
    return int(os.environ.get("LOCKSTEP_LATE_MINUTES") or DEFAULT_LATE_MINUTES)


def task_failed(context: Any) -> None:
    """A task has failed for good."""
    ti = context["ti"]
    _failed(ti.dag_id, ti.run_id, _name(ti), context.get("exception"), ti.log_url)


def run_failed(context: Any) -> None:
    """A DAG run has failed; the only word of it if the task's worker was killed."""
    run_id, dag_id = context.get("run_id") or context["ti"].run_id, context["dag"].dag_id
    _failed(dag_id, run_id, f"{dag_id} ({context.get('reason', 'failed')})", None, None)


def run_succeeded(context: Any) -> None:
    """The last task of a run is content."""
    from lockstep_airflow import alerts

    ti = context["ti"]
    _with_store(lambda store: alerts.succeeded(store, ti.dag_id, ti.run_id, send))


def new_rejections(context: Any) -> None:
    """A run that is green, although records were rejected: told if the kind is new."""
    from lockstep_airflow import early_warnings

    ti = context["ti"]
    _with_store(lambda store: early_warnings.rejections(store, ti.dag_id, ti.run_id, send))


def behind(store: "Store", found: "list[Behind]", entities: list[str]) -> None:
    """Mappings whose changes take longer to arrive than they may."""
    from lockstep_airflow import early_warnings

    early_warnings.behind(store, found, entities, send)


async def cycle_late(context: dict[str, Any]) -> None:
    """A deadline has passed. Backfills have none: their runs queue for as long as it takes."""
    from asgiref.sync import sync_to_async

    await sync_to_async(_late)(context["dag_run"])


def _late(run: dict[str, Any]) -> None:
    from lockstep_airflow import alerts

    if run["run_type"] == "backfill":
        return
    _with_store(lambda store: alerts.late(store, run["dag_id"], run["dag_run_id"], late_minutes(), send))


def _failed(dag_id: str, run_id: str, what: str, exception: object, log_url: str | None) -> None:
    from lockstep_airflow import alerts

    def tell(store: "Store") -> None:
        code, error, hint = alerts.describe(exception, alerts.batches_of(store, dag_id, run_id))
        alerts.failed(store, alerts.Failure(dag_id, run_id, what, error, hint, code, log_url), send)

    def without_store() -> None:
        code, error, hint = alerts.describe(exception, [])
        send(alerts.failure_message(alerts.Failure(dag_id, run_id, what, error, hint, code, log_url), []))

    _with_store(tell, without_store)


def _with_store(act: "Callable[[Store], None]", otherwise: Callable[[], None] = lambda: None) -> None:
    """Where the store itself is the trouble, people are told each time rather than never."""
    from lockstep_airflow import connections

    try:
        store = connections.store()
        store.upgrade()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the store, its users must hear of it
        log.warning("The store of alerts cannot be opened: %s", type(error).__name__)
        otherwise()
        return
    try:
        act(store)
    finally:
        store.dispose()


def send(message: "Message") -> bool:
    """True if it was sent, or if there is nobody to send it to."""
    from lockstep_airflow import connections

    connection = connections.find(connections.ALERTS)
    if connection is None:
        log.warning("%s\n%s\n(no connection `%s`: logged only)", message.title, message.body, connections.ALERTS)
        return True
    return _deliver(connection, message)


def _deliver(connection: Any, message: "Message") -> bool:
    import apprise
    from airflow.providers.apprise.hooks.apprise import AppriseHook

    channels = apprise.Apprise()
    try:
        AppriseHook(connection.conn_id).set_config_from_conn(connection, channels)
    except (KeyError, TypeError, ValueError):
        log.error('The connection `%s` has no usable `config`: [{"path": "mailto://..."}]', connection.conn_id)
        return False
    if not len(channels) or not channels.notify(title=message.title, body=message.body, notify_type=message.severity):
        log.error("The alert could not be sent to every channel of `%s`:\n%s", connection.conn_id, message.body)
        return False
    return True


def _name(ti: Any) -> str:
    mapped = getattr(ti, "rendered_map_index", None) or (
        ti.map_index if ti.map_index is not None and ti.map_index >= 0 else ""
    )
    return f"{ti.dag_id}.{ti.task_id}" + (f" [{mapped}]" if mapped != "" else "")
