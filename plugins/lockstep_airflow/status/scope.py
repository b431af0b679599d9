"""Runs and tasks of Airflow, as the ledger knows them."""

from dataclasses import dataclass

from lockstep.model import Step
from lockstep_airflow.links import ledger_run_id

#: the controller, and how it names the runs that it starts (operators/cycle.py)
CYCLE, CYCLE_PREFIX = "sync_cycle", "cycle__"
#: Airflow leaves its placeholder in place where a task is not mapped
UNMAPPED = ("-1", "{MAP_INDEX}", "")


@dataclass(frozen=True, slots=True)
class Scope:
    """One run, or one task of it, that the page is about."""

    dag_id: str
    run_id: str
    task_id: str | None = None
    map_index: str | None = None

    @property
    def ours(self) -> bool:
        return self.dag_id == CYCLE or self.dag_id in set(Step)

    @property
    def whole_run(self) -> "Scope":
        return Scope(self.dag_id, self.run_id)

    @property
    def run_ids(self) -> tuple[str, ...]:
        return run_ids(self.run_id, self.dag_id)


def run_ids(airflow_run: str, dag_id: str | None = None) -> tuple[str, ...]:
    """The ledger's runs that belong to a run of Airflow; a cycle's are those of the steps that it starts.

    Without a DAG: whatever a person may have copied, from the ledger or from Airflow.
    """
    of_cycle = tuple(ledger_run_id(step, f"{CYCLE_PREFIX}{airflow_run}") for step in Step)
    if dag_id == CYCLE:
        return of_cycle
    if dag_id is not None:
        return (ledger_run_id(dag_id, airflow_run),)
    prefix, _, rest = airflow_run.partition(":")
    if prefix == CYCLE:
        return run_ids(rest, CYCLE)
    return (airflow_run, *(ledger_run_id(step, airflow_run) for step in Step), *of_cycle)
