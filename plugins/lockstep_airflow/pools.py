"""The pool that sync_cycle's trigger tasks share, made when Airflow starts.

A task whose pool does not exist is never run, and a fresh Airflow has only `default_pool`. This module is registered as
an Airflow listener: it is told when a component starts, and acts in those that may write Airflow's database.
"""

import logging
from typing import Any

from airflow.listeners import hookimpl
from sqlalchemy.exc import IntegrityError

CYCLE_POOL = "lockstep_cycle"

log = logging.getLogger(__name__)


@hookimpl
def on_starting(component: Any) -> None:
    """Scheduler, triggerer and dag-processor announce themselves by their `Job`; a task by a marker."""
    if type(component).__name__ == "Job":
        ensure_pool()


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
