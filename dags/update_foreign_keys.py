"""# Update foreign keys

Writes the references between records (a contact's account, a deal's company) whose both ends are known in both systems by
now: lookups in Salesforce, associations in HubSpot. References that still wait are tried again by later runs.

**When a task fails**: clear it, alone; see `push_updates` for leases, guards and rejected records. **Rerun**: harmless.
"""

from airflow.sdk import DAG

from lockstep_airflow.defaults import step_dag
from lockstep_airflow.operators import LABEL, ApplyOperator, PlanForeignKeysOperator, SealOperator
from lockstep_airflow.timetable import of_step

with DAG("update_foreign_keys", schedule=of_step(), **step_dag(__doc__)):
    plan = PlanForeignKeysOperator(task_id="plan")
    apply = ApplyOperator.partial(task_id="apply", map_index_template=LABEL).expand(target=plan.output)
    [plan, apply] >> SealOperator(task_id="seal")
