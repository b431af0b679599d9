"""What every task of a step does: say where its batches can be seen, open the run, call one function of the engine."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from lockstep_airflow import links

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

    from lockstep import steps


#: `map_index_template` of mapped tasks: Airflow takes it from `partial`, not from the operator
LABEL = "{{ task.target['label'] }}"


class StepOperator(BaseOperator):
    """Runs `work` with the engine's context of this Airflow run; every task of a run sees the same frozen run."""

    operator_extra_links = (links.SyncStatusLink(),)

    def execute(self, context: "Context") -> Any:
        from lockstep_airflow.session import step_context

        links.push_link(context["ti"])
        with step_context(context) as engine:
            return self.work(engine)

    @abstractmethod
    def work(self, engine: "steps.Context") -> Any:
        """One function of `lockstep.steps`; what it returns goes to XCom (counts and ids, never records)."""


class MappedOperator(StepOperator):
    """One target of a mapped task. Its label names it in the grid; a retry gets the same target again."""

    template_fields: Sequence[str] = ("target",)

    def __init__(self, *, target: dict[str, Any], **kwargs: Any):
        super().__init__(**kwargs)
        self.target = target

    def execute(self, context: "Context") -> list[dict[str, Any]]:
        batches = super().execute(context)
        for batch in batches:
            context["ti"].xcom_push(key=f"batch_{batch['batch_id']}", value=batch)
        return batches
