"""# Push updates

Writes what must be written so that both systems agree: new records, changed fields, deletes. `plan` compares the mirror with
what both sides held when they last agreed, and asks the guards; one `apply` task per batch then writes.

Milestones go to Google Ads in the same way, at most 2,000 in a task. Sending them again is harmless: Google knows them by their
order ids. What Google refused is listed with its code; docs/conversions.md says what each state means.

**`guard_tripped`**: the plan looked dangerous (too many deletes, an empty side, nearly everything changed). Nothing of
that mapping was written. Look at the plan in Sync Status; if it is right, approve it there.
**`lease_held`**: another run writes to the same pair of objects. The next run continues; the lease of a killed run expires.
**A failed `apply` task**: clear it, alone. What was already sent is read back first, so nothing is written twice.
**Rejected records** are listed in Sync Status with the vendor's words and what to do; they do not stop the others.
**`dry_run`** plans and lists without writing. **Rerun**: harmless: what agrees is not written.
"""

from airflow.sdk import DAG

from lockstep_airflow.defaults import step_dag
from lockstep_airflow.operators import LABEL, ApplyOperator, PlanPushOperator, SealOperator
from lockstep_airflow.timetable import of_step

with DAG("push_updates", schedule=of_step(), **step_dag(__doc__)):
    plan = PlanPushOperator(task_id="plan")
    apply = ApplyOperator.partial(task_id="apply", map_index_template=LABEL).expand(target=plan.output)
    [plan, apply] >> SealOperator(task_id="seal")
