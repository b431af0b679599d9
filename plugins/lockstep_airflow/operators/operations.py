"""What people start when it is needed: reconciling, undoing a run."""

from typing import TYPE_CHECKING, Any

from lockstep_airflow.operators.base import MappedOperator, StepOperator

if TYPE_CHECKING:
    from lockstep import steps


class ProbeReconcileOperator(StepOperator):
    """The systems and objects that the run reconciles."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.probe_reconcile(engine)


class ReconcileOperator(MappedOperator):
    """Reads one object of one system by key or by id, and corrects the mirror; writes to no vendor."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.reconcile(engine, self.target)


class PlanUndoOperator(StepOperator):
    """Plans how to put back what one run has written. Writes to no vendor."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.plan_undo(engine)
