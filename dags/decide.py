"""# Decide

Records what a person decides, signed with the name of whoever triggers it, and starts the step that obeys it. Sync Status offers the
same decisions where they arise; this form is for those who work in Airflow, and for scripts.

**Approve a refused plan** (`guard_tripped`): kind `approve`, and the refused run's ledger id. Exactly what was shown is applied.
In Sync Status: *Approve this plan…* on the error's card, the batch, or the run.
**Try again**: kind `resync`, and a pair, or system, object and record; or choice `batch`, `change`, `code` or `object` with its value.
**End a clash**: kind `choose`, pair, field, choice `salesforce`, `hubspot` or `value`. **End an ambiguity**: kind `match`.
**Others**: `undo` (*Undo this run…* on the run's page), `erase`, `pause`, `resume`, `allocation`, `clear_suspension`. Which names
each kind needs is in the operations guide.
**When it fails** with `config`, the message lists what the kind lacks; nothing was recorded. **Rerun**: records the decision again.
"""

from airflow.sdk import DAG

from lockstep_airflow.defaults import decision_params, operation_dag
from lockstep_airflow.operators import DecideOperator

with DAG("decide", schedule=None, **operation_dag(__doc__, **decision_params())):
    DecideOperator(task_id="decide")
