"""Which stretch of time a run covers: resolved once, then frozen in the run's ledger row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lockstep.errors import ConfigError
from lockstep.model import Window

SCHEDULED, BACKFILL, MANUAL = "scheduled", "backfill", "manual"


@dataclass(frozen=True, slots=True)
class Resolved:
    """`kind` scheduled: starts at its objects' coverage, whatever `window.start` says. Others: exactly the window."""

    kind: str
    window: Window


def resolve_window(context: Mapping[str, Any]) -> Resolved:
    """What the run was told (by the cycle, or by a person's dates), else a backfill's or the schedule's data interval.

    The data interval of triggered and manual runs is never used: Airflow makes it up relative to now. A manual run
    without dates acts like a scheduled one that ends when it was started. Raises ConfigError for dates that make no window.
    """
    run = context["dag_run"]
    told = given(context)
    if told.get("window_start") or told.get("window_end"):
        return _told(told, run)
    if run.run_type == BACKFILL:
        return Resolved(BACKFILL, _interval(run))
    if run.run_type == SCHEDULED:
        return Resolved(SCHEDULED, _interval(run))
    return Resolved(SCHEDULED, Window(None, run.run_after.astimezone(UTC)))


def given(context: Mapping[str, Any]) -> dict[str, Any]:
    """The DAG's params, with the run's conf over them (also where an installation turned that merge off)."""
    return {**dict(context.get("params") or {}), **(context["dag_run"].conf or {})}


def _told(told: Mapping[str, Any], run: Any) -> Resolved:
    kind = told.get("kind") or MANUAL
    if kind not in (SCHEDULED, BACKFILL, MANUAL):
        raise ConfigError(f"kind is {kind!r}.", hint="Leave `kind` out; only sync_cycle sets it.")
    start = _date("window_start", told.get("window_start"))
    end = _date("window_end", told.get("window_end")) or run.run_after.astimezone(UTC)
    if start is None and kind != SCHEDULED:
        raise ConfigError("window_end is given without window_start.", hint="Give both dates, or neither.")
    if start is not None and start >= end:
        raise ConfigError(
            f"window_start {start.isoformat()} is not before window_end {end.isoformat()}.",
            hint="Give a start that lies before the end; both are read as UTC unless they carry an offset.",
        )
    return Resolved(kind, Window(start, end))


def _interval(run: Any) -> Window:
    start, end = run.data_interval_start, run.data_interval_end
    if start is None or end is None or start >= end:
        raise ConfigError(
            f"The {run.run_type} run {run.run_id} of {run.dag_id} has no data interval.",
            hint="Use the timetables of lockstep_airflow.timetable for this DAG.",
        )
    return Window(start.astimezone(UTC), end.astimezone(UTC))


def _date(name: str, raw: Any) -> datetime | None:
    if not raw:
        return None
    try:
        value = datetime.fromisoformat(str(raw))
    except ValueError:
        raise ConfigError(
            f"{name} is {raw!r}, which is not a date.", hint="Write it like 2026-03-01 or 2026-03-01T08:00:00+01:00."
        ) from None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
