"""# Pull conversions

Reads which Salesforce leads were converted in the window, so that their HubSpot contacts go on with the contact that took
the lead's place; and finds milestones (lead statuses, conversions, opportunity stages) that Google Ads is to know of. It writes
to no vendor. Milestones are looked for only if Airflow has a connection `google_ads_default`: see docs/conversions.md.

**When a task fails**: clear it, alone. **Rerun**: harmless.
**Backfill**: `airflow backfill create --dag-id pull_conversions --from-date 2026-03-01 --to-date 2026-03-05`.
"""

from airflow.sdk import DAG

from lockstep_airflow.defaults import step_dag
from lockstep_airflow.operators import LABEL, ProbeConversionsOperator, PullConversionsOperator, SealOperator
from lockstep_airflow.timetable import of_step

with DAG("pull_conversions", schedule=of_step(), **step_dag(__doc__)):
    probe = ProbeConversionsOperator(task_id="probe")
    pull = PullConversionsOperator.partial(task_id="pull", map_index_template=LABEL).expand(target=probe.output)
    [probe, pull] >> SealOperator(task_id="seal")
