"""# Pull deletes

Reads which records were deleted, merged, archived or erased in the window, in both systems, and notes it in the mirror. What
happens to the partner is decided by `push_updates`, by the mapping's delete rule. It writes to no vendor.

**When it fails with `horizon_passed`**: Salesforce tells of deletes for 15 days only, and the last successful run is
older. Run the DAG `reconcile` for the object.
**Other failures**: clear the failed task; see `pull_updates`.
**Rerun**: harmless. **Backfill**: as for `pull_updates`, within the 15 days.
"""

from airflow.sdk import DAG

from lockstep_airflow.defaults import step_dag
from lockstep_airflow.operators import LABEL, ProbeDeletesOperator, PullDeletesOperator, SealOperator
from lockstep_airflow.timetable import of_step

with DAG("pull_deletes", schedule=of_step(), **step_dag(__doc__)):
    probe = ProbeDeletesOperator(task_id="probe")
    pull = PullDeletesOperator.partial(task_id="pull", map_index_template=LABEL).expand(target=probe.output)
    [probe, pull] >> SealOperator(task_id="seal")
