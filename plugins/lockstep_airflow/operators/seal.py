"""The last task of a step: counts from the ledger, closes the run, says whether it succeeded."""

from typing import TYPE_CHECKING, Any

from airflow.sdk import TriggerRule
from airflow.sdk.exceptions import AirflowFailException

from lockstep_airflow.operators.base import StepOperator

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

    from lockstep import steps


class SealOperator(StepOperator):
    """Runs whatever became of the tasks before it, and fails if one of them did: it is the leaf that decides the run."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("trigger_rule", TriggerRule.ALL_DONE)
        super().__init__(**kwargs)

    def execute(self, context: "Context") -> dict[str, Any]:
        from lockstep_airflow import notify

        summary = super().execute(context)
        failed = failed_tasks(context["ti"])
        if failed:
            raise AirflowFailException(f"Failed before the seal: {', '.join(failed)}. See the logs of these tasks.")
        notify.run_succeeded(context)
        notify.new_rejections(context)
        return summary

    def work(self, engine: "steps.Context") -> dict[str, Any]:
        from lockstep import steps
        from lockstep_airflow import notify

        try:
            return steps.seal(engine)
        finally:
            if engine.run.step == "push_updates":
                notify.behind(engine.store, steps.behind(engine), [one.entity for one in engine.mappings.all])


def failed_tasks(ti: Any) -> list[str]:
    """Tasks of this run that failed, by id (a mapped one with its number)."""
    states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id]).get(ti.run_id, {})
    return sorted(task for task, state in states.items() if state in ("failed", "upstream_failed"))
