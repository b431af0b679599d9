"""Every word of Sync Status: key -> (English, Norwegian bokmål, Swedish). A test holds that none is missing.

A key with `.one` is the form for one of them.
"""

from lockstep_airflow.status.texts import (
    backlog,
    batches,
    calls,
    conversions,
    decisions,
    differences,
    errors,
    frame,
    health,
    ledger,
    plans,
    record,
    schema,
)
from lockstep_airflow.status.texts.kind import Text

_PARTS = (
    frame,
    ledger,
    batches,
    errors,
    decisions,
    plans,
    record,
    calls,
    backlog,
    conversions,
    differences,
    schema,
    health,
)
TEXTS: dict[str, Text] = {key: text for part in _PARTS for key, text in part.TEXTS.items()}

#: what the page's own modules say
FOR_SCRIPTS = ("live_stopped", "login_expired", "zone", "copied", "copy", "chosen", "any", "task_log", "airflow_run", "whole_run", *decisions.FOR_SCRIPTS, *plans.FOR_SCRIPTS, *differences.FOR_SCRIPTS, *record.FOR_SCRIPTS)  # fmt: skip
