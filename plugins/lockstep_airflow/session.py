"""The engine's context of one Airflow task: settings, mappings, store, systems, and the run it belongs to."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lockstep import settings as settings_files
from lockstep import steps
from lockstep.conversions import files as conversion_files
from lockstep.mapping import load
from lockstep.store.budget import StoreMeter
from lockstep_airflow import connections
from lockstep_airflow.google_ads import NAME as GOOGLE_ADS
from lockstep_airflow.google_ads import google_ads
from lockstep_airflow.links import ledger_run_id
from lockstep_airflow.operators.cycle import HANDED_ON
from lockstep_airflow.windows import SCHEDULED, given, resolve_window

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

SYSTEMS = ("salesforce", "hubspot", "google_ads")

#: params of single operations
OF_OPERATIONS = ("extent", "run", "creates", "deletes", "relink")

#: part of the day's API allocation that a step may use up: reading leaves some for writing
SHARES = {"push_updates": 1.0, "update_foreign_keys": 1.0, "undo_run": 1.0}
PULL_SHARE = 0.8


@contextmanager
def step_context(context: "Context", step: str | None = None) -> Iterator[steps.Context]:
    """Everything is checked before anything is written: dates, settings, mapping files, connections. Then the run is opened.

    A second task of the run, or a retry, finds the run as the first one opened it. `step`: where it is not the DAG's. A preflight
    tells itself that a connection is missing.
    """
    step = step or context["ti"].dag_id
    resolved = resolve_window(context)
    folder = connections.mappings_folder()
    settings, mappings, conversions = settings_files.load(folder), load(folder), conversion_files.load(folder)
    store = connections.store()
    try:
        share = SHARES.get(step, PULL_SHARE)
        run_id = ledger_run_id(step, context["ti"].run_id)
        meters = {name: StoreMeter(store, settings, share=share, run_id=run_id) for name in SYSTEMS}
        systems = connections.systems(store, settings, meters, missing_ok=step == "preflight")
        ads = google_ads(store, meters["google_ads"])
        store.upgrade()
        mappings = steps.usable(store, mappings)
        run = steps.open_run(
            store,
            run_id,
            step,
            resolved.kind,
            resolved.window,
            _params(context),
            mappings,
            context["ti"].run_id,
        )
        log = logging.getLogger(f"lockstep.{run.step}")
        yield steps.Context(
            store, systems, meters, mappings, settings, run, conversions=conversions, google_ads=ads, log=log
        )
    finally:
        store.dispose()


def preflight_is_due() -> bool:
    """Whether a cycle must ask both links again; no vendor is asked for it."""
    if not conversion_files.load(connections.mappings_folder()).milestones or connections.find(GOOGLE_ADS) is None:
        return False
    store = connections.store()
    try:
        store.upgrade()
        return steps.is_due(store, datetime.now(UTC))
    finally:
        store.dispose()


def _params(context: "Context") -> dict[str, Any]:
    """A reconcile that the schedule started is a rolling one."""
    told = given(context)
    if "extent" in told and not told["extent"]:
        told["extent"] = "rolling" if context["dag_run"].run_type == SCHEDULED else "whole"
    return {name: told[name] for name in (*HANDED_ON, *OF_OPERATIONS, "cycle") if name in told}
