"""When the DAGs run. The one place that chooses a timetable.

Airflow 3 gives runs of a plain cron string a window of no length, so every DAG here uses a data-interval timetable.
"""

import os
from typing import TYPE_CHECKING

from airflow.exceptions import AirflowTimetableInvalid
from airflow.timetables.base import Timetable
from airflow.timetables.interval import CronDataIntervalTimetable

from lockstep.errors import ConfigError

if TYPE_CHECKING:
    from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction

EVERY_QUARTER_HOUR = "*/15 * * * *"


class BackfillOnlyCron(CronDataIntervalTimetable):
    """Backfills over the cron's windows, never schedules itself.

    The scheduler asks with `catchup` of the DAG (False here), a backfill asks with True. That is how Airflow 3.3 behaves,
    not what it promises: tests/dags holds it.
    """

    def next_dagrun_info(
        self, *, last_automated_data_interval: "DataInterval | None", restriction: "TimeRestriction"
    ) -> "DagRunInfo | None":
        if not restriction.catchup:
            return None
        return super().next_dagrun_info(
            last_automated_data_interval=last_automated_data_interval, restriction=restriction
        )


def cron() -> str:
    """`LOCKSTEP_SCHEDULE`, in UTC: how often a cycle runs, and how long one window of a backfill is."""
    told = os.environ.get("LOCKSTEP_SCHEDULE") or EVERY_QUARTER_HOUR
    try:
        CronDataIntervalTimetable(told, timezone="UTC").validate()
    except AirflowTimetableInvalid as error:
        hint = "Write a cron expression, such as */15 * * * * or 0 6 * * *."
        raise ConfigError(f"LOCKSTEP_SCHEDULE is {told!r}: {error}", hint=hint) from error
    return told


def of_step() -> Timetable:
    """A step is run by the cycle, by a person or by a backfill."""
    return BackfillOnlyCron(cron(), timezone="UTC")


def of_cycle() -> Timetable:
    """The schedule; `LOCKSTEP_SCHEDULE_ENABLED=false` leaves starting cycles to people and backfills."""
    made = CronDataIntervalTimetable if _enabled() else BackfillOnlyCron
    return made(cron(), timezone="UTC")


def of_reconcile() -> Timetable | None:
    """`LOCKSTEP_RECONCILE_SCHEDULE`, a cron expression in UTC: a rolling reconcile. Without it, a person starts it."""
    told = os.environ.get("LOCKSTEP_RECONCILE_SCHEDULE")
    return CronDataIntervalTimetable(told, timezone="UTC") if told else None


def of_preflight() -> Timetable | None:
    """`LOCKSTEP_PREFLIGHT_SCHEDULE`, a cron expression in UTC: daily by default; not by itself where no cycle is."""
    if not _enabled():
        return None
    return CronDataIntervalTimetable(os.environ.get("LOCKSTEP_PREFLIGHT_SCHEDULE") or "0 5 * * *", timezone="UTC")


def _enabled() -> bool:
    return os.environ.get("LOCKSTEP_SCHEDULE_ENABLED", "true").lower() != "false"
