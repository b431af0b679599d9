"""Preflight of conversions: a run of its own, and a cheap look at the start of a cycle."""

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, TriggerRule

from lockstep_airflow.operators.base import StepOperator

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

    from lockstep import steps


class PreflightOperator(StepOperator):
    """Asks both vendors what keeps milestones from being imported. Fails if something new is wrong, or still is after 24 hours."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.preflight(engine, bool(engine.params.get("relink")))


class CheckLinksOperator(BaseOperator):
    """Asks again if the last answer is too old, so that the steps know what to skip. What is found never fails a cycle."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("trigger_rule", TriggerRule.ALL_DONE)
        super().__init__(**kwargs)

    def execute(self, context: "Context") -> None:
        from lockstep import steps
        from lockstep_airflow.session import preflight_is_due, step_context

        if not preflight_is_due():
            return
        with step_context(context, "preflight") as engine:
            steps.preflight_check(engine)
            steps.seal(engine)
