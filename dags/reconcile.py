"""# Reconcile

Compares what Lockstep knows of an object with what the vendor holds, record by record: silent changes are caught up, and
records that are gone although nobody told are found. It corrects the mirror only; the next cycle writes what follows from it.

**When to run it**: `pull_deletes` failed with `horizon_passed` (deletes from longer ago than the vendor tells); a mirror that is
in doubt; after a restored ledger. Choose *Objects* and *Systems*: a whole reconcile reads every record of them.
**Extent**: `whole` reads everything by key, then by id what was not listed. `rolling` reads a 28th of the known ids, another
one each day. With `LOCKSTEP_RECONCILE_SCHEDULE` (a cron expression) a rolling reconcile runs by itself.
**When it fails** with `guard_tripped`: so many records have vanished that a lost permission is likelier than deletes. Check
what the integration user sees; if they are really gone, name the guards in *Override guards*. **Rerun**: harmless.
"""

from airflow.sdk import DAG, Param

from lockstep_airflow.defaults import operation_dag
from lockstep_airflow.operators import LABEL, ProbeReconcileOperator, ReconcileOperator, SealOperator
from lockstep_airflow.timetable import of_reconcile

EXTENT = Param(
    None,
    type=["null", "string"],
    enum=[None, "whole", "rolling"],
    title="Extent",
    description="All records, or a 28th of those that are known. Empty: all, unless the schedule started the run.",
)

with DAG("reconcile", schedule=of_reconcile(), **operation_dag(__doc__, extent=EXTENT)):
    probe = ProbeReconcileOperator(task_id="probe")
    reconcile = ReconcileOperator.partial(task_id="reconcile", map_index_template=LABEL).expand(target=probe.output)
    [probe, reconcile] >> SealOperator(task_id="seal")
