"""Every word of Sync Status: key -> (English, Norwegian bokmål, Swedish). A test holds that none is missing.

A key with `.one` is the form for one of them.
"""

from lockstep_airflow.status.texts import batches, decisions, errors, frame, ledger, record
from lockstep_airflow.status.texts.kind import Text

TEXTS: dict[str, Text] = frame.TEXTS | ledger.TEXTS | batches.TEXTS | errors.TEXTS | decisions.TEXTS | record.TEXTS

#: what the page's own modules say
FOR_SCRIPTS = ("live_stopped", "login_expired", "zone", "copied", "copy", "chosen", "any", "task_log", "airflow_run", "whole_run", *decisions.FOR_SCRIPTS)  # fmt: skip
