"""The push steps: plan, then apply the planned batches one by one."""

from typing import TYPE_CHECKING, Any

from lockstep_airflow.operators.base import MappedOperator, StepOperator

if TYPE_CHECKING:
    from lockstep import steps


class PlanPushOperator(StepOperator):
    """Plans what must be written so that both sides agree, and asks the guards. Writes to no vendor."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.plan_push(engine)


class PlanForeignKeysOperator(StepOperator):
    """Plans lookups and associations whose both ends are known by now. Writes to no vendor."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.plan_foreign_keys(engine)


class ApplyOperator(MappedOperator):
    """Writes one planned batch; a retry resolves what was sent before and goes on."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return [steps.apply_batch(engine, self.target["batch_id"])]
