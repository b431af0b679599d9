"""The operators of all DAGs. The engine and the vendors' libraries are imported when a task runs, not before."""

from lockstep_airflow.operators.base import LABEL
from lockstep_airflow.operators.cycle import CloseCycleOperator, TriggerStepOperator
from lockstep_airflow.operators.decide import DecideOperator
from lockstep_airflow.operators.operations import PlanUndoOperator, ProbeReconcileOperator, ReconcileOperator
from lockstep_airflow.operators.preflight import CheckLinksOperator, PreflightOperator
from lockstep_airflow.operators.pull import (
    ProbeConversionsOperator,
    ProbeDeletesOperator,
    ProbeUpdatesOperator,
    PullConversionsOperator,
    PullDeletesOperator,
    PullUpdatesOperator,
)
from lockstep_airflow.operators.push import ApplyOperator, PlanForeignKeysOperator, PlanPushOperator
from lockstep_airflow.operators.schema import ListSystemsOperator, SyncSchemaOperator
from lockstep_airflow.operators.seal import SealOperator

__all__ = [
    "LABEL",
    "ApplyOperator",
    "CheckLinksOperator",
    "CloseCycleOperator",
    "DecideOperator",
    "ListSystemsOperator",
    "PlanForeignKeysOperator",
    "PlanPushOperator",
    "PlanUndoOperator",
    "PreflightOperator",
    "ProbeConversionsOperator",
    "ProbeDeletesOperator",
    "ProbeReconcileOperator",
    "ProbeUpdatesOperator",
    "PullConversionsOperator",
    "PullDeletesOperator",
    "PullUpdatesOperator",
    "ReconcileOperator",
    "SealOperator",
    "SyncSchemaOperator",
    "TriggerStepOperator",
]
