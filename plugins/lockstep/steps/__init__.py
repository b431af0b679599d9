"""The sync steps as plain functions. Airflow's operators call these; so do tests."""

from lockstep.run import Context
from lockstep.steps.conversions import probe_conversions, pull_conversions
from lockstep.steps.drift import usable
from lockstep.steps.freshness import Behind, behind
from lockstep.steps.gone import probe_deletes, pull_deletes
from lockstep.steps.preflight import check as preflight_check
from lockstep.steps.preflight import is_due, preflight
from lockstep.steps.pull import probe_updates, pull_updates
from lockstep.steps.push import apply_batch, plan_foreign_keys, plan_push
from lockstep.steps.reconcile import probe_reconcile, reconcile
from lockstep.steps.runs import open_run, seal
from lockstep.steps.schema import sync_schema
from lockstep.steps.undo import plan_undo

__all__ = [
    "Behind",
    "Context",
    "apply_batch",
    "behind",
    "is_due",
    "open_run",
    "plan_foreign_keys",
    "plan_push",
    "plan_undo",
    "preflight",
    "preflight_check",
    "probe_conversions",
    "probe_deletes",
    "probe_reconcile",
    "probe_updates",
    "pull_conversions",
    "pull_deletes",
    "pull_updates",
    "reconcile",
    "seal",
    "sync_schema",
    "usable",
]
