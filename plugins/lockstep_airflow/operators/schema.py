"""sync_schema: one task per system."""

from typing import TYPE_CHECKING, Any

from lockstep_airflow.operators.base import MappedOperator, StepOperator

if TYPE_CHECKING:
    from lockstep import steps


class ListSystemsOperator(StepOperator):
    """The systems that the run is about: those of the param `systems`, or all that are connected."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        wanted = engine.run.params.get("systems") or list(engine.systems)
        return [{"system": name, "label": name} for name in engine.systems if name in wanted]


class SyncSchemaOperator(MappedOperator):
    """Reads a system's fields, options, users and owners, and sees to its external-id fields."""

    def work(self, engine: "steps.Context") -> list[dict[str, Any]]:
        from lockstep import steps

        return steps.sync_schema(engine, self.target["system"])
