"""A person's decision, made in Airflow's own UI: recorded, signed, and handed to the step that obeys it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

from lockstep_airflow.windows import given

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

#: what a form may fill in of a decision
NAMES = ("pair_id", "run_id", "system", "object", "record_id", "field", "choice", "value", "note")


class DecideOperator(TriggerDagRunOperator):
    """Records the decision that the run's params describe, in the name of whoever triggered the run, and starts its step."""

    def __init__(self, **kwargs: Any):
        super().__init__(trigger_dag_id="push_updates", logical_date=None, wait_for_completion=False, **kwargs)

    def execute(self, context: "Context") -> None:
        from lockstep.model import Step

        decision_id, step = record(context)
        self.log.info("Recorded decision %s; %s obeys it", decision_id, step)
        self.trigger_dag_id, self.conf = step, {"decision": [decision_id]}
        self.trigger_run_id = f"decision__{decision_id}"
        if step == Step.UNDO_RUN:
            told = given(context)
            # undo_run looks only, unless told otherwise: a signed decision tells it
            self.conf |= {name: told[name] for name in ("creates", "deletes") if told.get(name)} | {"dry_run": False}
        super().execute(context)


def record(context: "Context") -> tuple[int, str]:
    """Keep the decision. Returns its id, and the step that obeys it.

    :raises ConfigError: it lacks what its kind needs
    """
    from lockstep.decisions import Decision, DecisionKind
    from lockstep.store import decisions
    from lockstep_airflow import connections

    told = given(context)
    kind = DecisionKind(told["kind"])
    who = getattr(context["dag_run"], "triggering_user_name", None) or "unknown (Airflow did not say)"
    named = {name: told.get(name) or None for name in NAMES}
    store = connections.store()
    try:
        store.upgrade()
        with store.writing() as tx:
            decision_id = decisions.record(tx, Decision(kind, who, datetime.now(UTC), **named))
            return decision_id, _step(tx, kind, named["run_id"])
    finally:
        store.dispose()


def _step(tx: Any, kind: Any, run_id: str | None) -> str:
    """The step that obeys such a decision; a refused plan is applied by the step that made it."""
    from lockstep.decisions import DecisionKind
    from lockstep.errors import ConfigError
    from lockstep.model import Step
    from lockstep.store import ledger

    if kind is DecisionKind.UNDO:
        return Step.UNDO_RUN.value
    if kind is not DecisionKind.APPROVE:
        return Step.PUSH_UPDATES.value
    try:
        return ledger.run(tx, run_id or "").step.value
    except KeyError:
        raise ConfigError(f"There is no run {run_id!r} whose plan could be approved.") from None
