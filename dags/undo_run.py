"""# Undo run

Puts back what one run has written: values go back to what they were, where the value that we wrote still stands. What somebody
changed since stays, and is listed as skipped with its reason. Afterwards both sides rest: nothing is synced again until
somebody edits a record.

**Run**: the ledger's id of the run, as Sync Status shows it, such as `push_updates:cycle__scheduled__2026-03-01T08:00:00+00:00`.
**Creates**: `keep` leaves records that the run created; `delete` deletes those that are still as we made them.
**Deletes**: `keep` leaves deleted what the run deleted; `recreate` creates those records anew, under new ids.
**Look first**: *Dry run* is on until you switch it off: Sync Status lists what would be written. Undo what was written last, first.
**In Sync Status**: *Undo this run…* on the run's page starts the dry run; its page shows the list, and a button to write.
**When it fails** with `guard_tripped`, the plan is as large as the one it undoes: look at it and approve it in Sync Status, or name
the guards in *Override guards*. With `config`: there is no such run, or it wrote nothing. **Rerun**: harmless; what is undone is
not undone twice.
"""

from airflow.sdk import DAG, Param

from lockstep_airflow.defaults import operation_dag
from lockstep_airflow.operators import LABEL, ApplyOperator, PlanUndoOperator, SealOperator

RUN = Param(None, type=["null", "string"], title="Run", description="The ledger's id of the run to undo.")
CREATES = Param(
    "keep",
    type="string",
    enum=["keep", "delete"],
    title="Creates",
    description="What becomes of records that the run created.",
)
DELETES = Param(
    "keep",
    type="string",
    enum=["keep", "recreate"],
    title="Deletes",
    description="What becomes of records that the run deleted.",
)
DRY_RUN = Param(
    True, type="boolean", title="Dry run", description="List what would be put back. Switch it off to write."
)

OPTIONS = {"run": RUN, "creates": CREATES, "deletes": DELETES, "dry_run": DRY_RUN}

with DAG("undo_run", schedule=None, **operation_dag(__doc__, **OPTIONS)):
    plan = PlanUndoOperator(task_id="plan")
    apply = ApplyOperator.partial(task_id="apply", map_index_template=LABEL).expand(target=plan.output)
    [plan, apply] >> SealOperator(task_id="seal")
