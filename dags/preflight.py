"""# Preflight

Asks Salesforce and Google Ads whether milestones can be imported at all: logins, accounts, conversion actions, fields, statuses.
What is found is listed in docs/conversions.md with its remedy. A milestone, an object or an account that is blocked is skipped with
that code, and all others go on. It writes to no vendor: an upload is only tried with `validate_only`.

It runs daily (`LOCKSTEP_PREFLIGHT_SCHEDULE`), and a cycle asks anew when the last answer is a day old, or an hour while something
is wrong.

**When it fails**, the message names the cause, the vendor's own words and the remedy. A change in Salesforce may take 24 hours to show:
until then the finding is *waiting*, is looked at again by itself, and does not fail another run. After that it fails until it is
mended. **Relink** forgets cached tokens and accounts and lets the 24 hours begin again: after something was mended, or if an error
stays. **Rerun**: harmless at any time.
"""

from airflow.sdk import DAG, Param

from lockstep_airflow.defaults import operation_dag
from lockstep_airflow.operators import PreflightOperator, SealOperator
from lockstep_airflow.timetable import of_preflight

RELINK = Param(
    False,
    type="boolean",
    title="Relink",
    description="Something was mended: forget what is cached of both links, and wait another 24 hours for it to show.",
)

with DAG("preflight", schedule=of_preflight(), **operation_dag(__doc__, relink=RELINK)):
    PreflightOperator(task_id="preflight") >> SealOperator(task_id="seal")
