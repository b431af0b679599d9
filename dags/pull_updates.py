"""# Pull updates

Reads the records that changed in the window, of both systems, into the mirror. It writes to no vendor.

`probe` asks each system once what is new; one `pull` task per object then reads it page by page. A scheduled run starts where
the last one ended, so an outage of any length leaves no hole; a backfill reads exactly its own window.

**When a task fails**: clear it, alone; it goes on after the last page that was stored. Authentication errors fail at once:
renew the connection first. A used-up API quota is no failure: the batch is incomplete and the next run continues.
**Rerun**: harmless; records that were read before count as skipped.
**Backfill**: `airflow backfill create --dag-id pull_updates --from-date 2026-03-01 --to-date 2026-03-05`, or one manual run
with From and To for a long range.
"""

from airflow.sdk import DAG

from lockstep_airflow.defaults import step_dag
from lockstep_airflow.operators import LABEL, ProbeUpdatesOperator, PullUpdatesOperator, SealOperator
from lockstep_airflow.timetable import of_step

with DAG("pull_updates", schedule=of_step(), **step_dag(__doc__)):
    probe = ProbeUpdatesOperator(task_id="probe")
    pull = PullUpdatesOperator.partial(task_id="pull", map_index_template=LABEL).expand(target=probe.output)
    [probe, pull] >> SealOperator(task_id="seal")
