"""sync_cycle: starts the steps one after another, for one window."""

import time
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import BaseOperator, TriggerRule
from airflow.sdk.exceptions import AirflowFailException

from lockstep_airflow.operators.seal import failed_tasks
from lockstep_airflow.startup import CYCLE_POOL

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

#: params that a cycle hands on to its steps
HANDED_ON = ("objects", "systems", "limit", "dry_run", "failure_threshold", "override_guards", "decision")
POLL_SECONDS = 1


class TriggerStepOperator(TriggerDagRunOperator):
    """Runs one step's DAG and waits for it.

    The window travels in the conf: a triggered run's own data interval is relative to now. It gets no logical date, which
    could collide with the step's own runs, and its run id comes from the cycle's, so that a retry finds the run that an
    earlier try has started. Not deferrable: Airflow 3.3.2 sometimes fails a deferred trigger whose child was quick.
    """

    def __init__(self, *, step: str, **kwargs: Any):
        super().__init__(
            trigger_dag_id=step,
            trigger_run_id="cycle__{{ run_id }}",
            logical_date=None,
            reset_dag_run=True,
            wait_for_completion=True,
            deferrable=False,
            fail_when_dag_is_paused=True,
            poke_interval=POLL_SECONDS,
            pool=CYCLE_POOL,
            trigger_rule=kwargs.pop("trigger_rule", TriggerRule.ALL_DONE),
            **kwargs,
        )

    def execute(self, context: "Context") -> None:
        if context["ti"].try_number > 1 and self._running(context["ti"]):
            self._wait(context["ti"])
            return
        self.conf = conf_of_step(context)
        super().execute(context)

    def _running(self, ti: Any) -> bool:
        return bool(ti.get_dr_count(self.trigger_dag_id, run_ids=[self.trigger_run_id], states=["queued", "running"]))

    def _wait(self, ti: Any) -> None:
        self.log.info("Waiting for %s, which an earlier try has started", self.trigger_run_id)
        while (state := ti.get_dagrun_state(self.trigger_dag_id, self.trigger_run_id)) in ("queued", "running"):
            time.sleep(self.poke_interval)
        if state != "success":
            raise AirflowFailException(f"{self.trigger_dag_id} failed with failed state {state}")


class CloseCycleOperator(BaseOperator):
    """Runs whatever became of the steps; the cycle fails if one of them did."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("trigger_rule", TriggerRule.ALL_DONE)
        super().__init__(**kwargs)

    def execute(self, context: "Context") -> None:
        from lockstep_airflow import notify

        failed = failed_tasks(context["ti"])
        if failed:
            raise AirflowFailException(f"Steps that failed: {', '.join(failed)}. See their runs.")
        notify.run_succeeded(context)


def conf_of_step(context: "Context") -> dict[str, Any]:
    """The window and the params of a cycle, as its steps are told them."""
    from lockstep_airflow.windows import given, resolve_window

    resolved, told = resolve_window(context), given(context)
    start = resolved.window.start
    return {
        **{name: told[name] for name in HANDED_ON if name in told},
        "kind": resolved.kind,
        "window_start": start.isoformat() if start else None,
        "window_end": resolved.window.end.isoformat(),
        "cycle": context["dag_run"].run_id,
    }
