"""The pull steps: ask what is new, then read it object by object."""

from typing import TYPE_CHECKING, Any

from lockstep_airflow.operators.base import MappedOperator, StepOperator

if TYPE_CHECKING:
    from lockstep import steps


class ProbeUpdatesOperator(StepOperator):
    """Objects with changed records in the window, by one cheap question per system; the others are done with it."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.probe_updates(engine)


class PullUpdatesOperator(MappedOperator):
    """Reads the changed records of one object into the mirror, page by page; a retry goes on after the last page."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.pull_updates(engine, self.target)


class ProbeDeletesOperator(StepOperator):
    """Objects whose deletes, merges and archives are to be read."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.probe_deletes(engine)


class PullDeletesOperator(MappedOperator):
    """Reads the tombstones of one object into the mirror."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.pull_deletes(engine, self.target)


class ProbeConversionsOperator(StepOperator):
    """Systems and objects whose conversions are to be read."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.probe_conversions(engine)


class PullConversionsOperator(MappedOperator):
    """Reads converted leads into the mirror."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.pull_conversions(engine, self.target)
