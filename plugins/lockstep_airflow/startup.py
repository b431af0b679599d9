"""What is done once when Airflow starts. Registered as an Airflow listener, which is told of starting components.

A task whose pool does not exist is never run, and a fresh Airflow has only `default_pool`: so the pool of sync_cycle's
trigger tasks is made here, by the components that may write Airflow's database.
"""

import importlib
import logging
import os
import sys
from typing import Any

from airflow.listeners import hookimpl
from sqlalchemy.exc import IntegrityError

CYCLE_POOL = "lockstep_cycle"

#: what every task of a step imports
PRELOADED = (
    "airflow.dag_processing.dagbag",
    "airflow.models.crypto",
    "alembic.command",
    "lockstep_airflow.operators",
    "lockstep_airflow.notify",
    "lockstep_airflow.session",
    "lockstep.systems.salesforce",
    "lockstep.systems.hubspot",
)

log = logging.getLogger(__name__)


@hookimpl
def on_starting(component: Any) -> None:
    """Scheduler, triggerer and dag-processor announce themselves by their `Job`; a task by a marker."""
    if type(component).__name__ != "Job":
        return
    ensure_pool()
    if "scheduler" in sys.argv[1:2] and os.environ.get("LOCKSTEP_PRELOAD", "").lower() == "true":
        preload()


def ensure_pool() -> None:
    """An existing pool is left as it is: its size may be an administrator's choice."""
    from airflow.models.pool import Pool

    if Pool.get_pool(CYCLE_POOL) is not None:
        return
    try:
        Pool.create_or_update_pool(
            CYCLE_POOL,
            slots=1,
            description="One waiting sync_cycle at a time, so that its steps find free slots (Lockstep)",
            include_deferred=False,
        )
    except IntegrityError:
        log.info("Another component made the pool %s meanwhile", CYCLE_POOL)


def preload() -> None:
    """Import once, in the process that LocalExecutor forks its tasks from, what each task would import by itself.

    Saves about a second per task. Only with `LOCKSTEP_PRELOAD=true`: the scheduler must then be restarted after every
    change of Lockstep's code, which a long-lived installation may forget.
    """
    for name in PRELOADED:
        importlib.import_module(name)
