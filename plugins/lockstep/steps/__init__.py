"""The sync steps as plain functions. Airflow's operators call these; so do tests."""

from lockstep.run import Context
from lockstep.steps.gone import probe_conversions, probe_deletes, pull_conversions, pull_deletes
from lockstep.steps.pull import probe_updates, pull_updates
from lockstep.steps.push import apply_batch, plan_foreign_keys, plan_push
from lockstep.steps.runs import open_run, seal
from lockstep.steps.schema import sync_schema

__all__ = [
    "Context",
    "apply_batch",
    "open_run",
    "plan_foreign_keys",
    "plan_push",
    "probe_conversions",
    "probe_deletes",
    "probe_updates",
    "pull_conversions",
    "pull_deletes",
    "pull_updates",
    "seal",
    "sync_schema",
]
