"""# Sync schema

Reads what both systems are made of: fields, types, options, pipelines, users, queues and owners. It is the one step that may
write to a vendor's *configuration*: it makes Lockstep's unique property in HubSpot. In Salesforce it only checks for
the external-id fields (they are deployed with the permission set that comes with Lockstep).

**When it fails**, the message names the object and field. Usual causes: a permission that the integration user lost, a
mapped field that was renamed or deleted, an external-id field that is not deployed.
**What to do**: mend the permission, the field or the mapping file, then clear the failed task.
**Rerun**: harmless at any time. Params `systems` and `objects` narrow it.
"""

from airflow.sdk import DAG

from lockstep_airflow.defaults import step_dag
from lockstep_airflow.operators import LABEL, ListSystemsOperator, SealOperator, SyncSchemaOperator
from lockstep_airflow.timetable import of_step

with DAG("sync_schema", schedule=of_step(), **step_dag(__doc__)):
    systems = ListSystemsOperator(task_id="systems")
    sync_schema = SyncSchemaOperator.partial(task_id="sync_schema", map_index_template=LABEL).expand(
        target=systems.output
    )
    [systems, sync_schema] >> SealOperator(task_id="seal")
