"""# Sync cycle

Runs the six steps in order for one window. This is what is scheduled (`LOCKSTEP_SCHEDULE`, every 15 minutes by default) and
what is usually backfilled. A step that fails does not stop the others, but the cycle then ends failed: `push_updates` leaves
alone what was not fully read.

**When it fails**: `close` names the steps; open their runs from the trigger task's link. After mending the cause nothing need
be repeated: the next cycle starts where the last successful reads ended. To repeat this very window, clear the failed task.
**Late**: an alert says that a cycle is not done `LOCKSTEP_LATE_MINUTES` after it was queued. Usual causes: a first full
load, a vendor that limits our pace, no free slots.
**Backfill**: `airflow backfill create --dag-id sync_cycle --from-date 2026-03-01 --to-date 2026-03-05`; order and repetition
do not matter. A long range is better taken as one window: a manual run with From and To.
**Slots**: a waiting cycle holds one slot (pool `lockstep_cycle`), so parallelism must be at least 2; 4 is a good start.
"""

from airflow.sdk import DAG, chain

from lockstep_airflow.defaults import STEPS, cycle_dag
from lockstep_airflow.operators import CheckLinksOperator, CloseCycleOperator, TriggerStepOperator
from lockstep_airflow.timetable import of_cycle

with DAG("sync_cycle", schedule=of_cycle(), **cycle_dag(__doc__)):
    steps = (TriggerStepOperator(task_id=step, step=step) for step in STEPS)
    chain(CheckLinksOperator(task_id="preflight"), *steps, CloseCycleOperator(task_id="close"))
