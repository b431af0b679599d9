"""What the operators do themselves; the engine's part is tested with the engine."""

import shutil
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import DagRunTriggerException
from airflow.sdk.exceptions import AirflowFailException
from tests.engine import MAPPINGS

from lockstep.errors import ConfigError
from lockstep_airflow import session
from lockstep_airflow.operators import PullUpdatesOperator, SealOperator, TriggerStepOperator, cycle

AFTER = datetime(2026, 3, 5, 12, 7, tzinfo=UTC)


class TaskInstance(SimpleNamespace):
    """The part of Airflow's that operators ask."""

    def xcom_push(self, key, value):
        self.pushed.append((key, value))

    def get_dr_count(self, dag_id, run_ids, states):
        return int(self.child is not None and self.child[0] in states)

    def get_dagrun_state(self, dag_id, run_id):
        return self.child.pop(0) if len(self.child) > 1 else self.child[0]

    def get_task_states(self, dag_id, run_ids):
        return {run_ids[0]: self.states}


def context(try_number=1, child=None, states=None, **conf):
    ti = TaskInstance(
        dag_id="sync_cycle", run_id="manual__1", try_number=try_number, child=child, states=states or {}, pushed=[]
    )
    run = SimpleNamespace(dag_id="sync_cycle", run_id="manual__1", run_type="manual", run_after=AFTER, conf=conf)
    return {"ti": ti, "dag_run": run, "params": {"objects": ["people"], "dry_run": True, "window_start": None}}


def trigger():
    task = TriggerStepOperator(task_id="pull_updates", step="pull_updates")
    task.trigger_run_id = "cycle__manual__1"
    return task


def test_a_trigger_hands_on_window_and_params():
    with pytest.raises(DagRunTriggerException) as caught:
        trigger_with(context())
    asked = caught.value
    assert (asked.trigger_dag_id, asked.dag_run_id, asked.logical_date) == ("pull_updates", "cycle__manual__1", None)
    assert asked.wait_for_completion
    assert not asked.deferrable
    assert asked.conf == {
        "objects": ["people"],
        "dry_run": True,
        "kind": "scheduled",
        "window_start": None,
        "window_end": AFTER.isoformat(),
        "cycle": "manual__1",
    }


def trigger_with(given):
    given["ti"].get_dag = lambda dag_id: SimpleNamespace(is_paused=False)
    trigger().execute(given)


def test_a_paused_step_is_named():
    given = context()
    given["ti"].get_dag = lambda dag_id: SimpleNamespace(is_paused=True)
    with pytest.raises(Exception, match="pull_updates is paused"):
        trigger().execute(given)


def test_a_retried_trigger_waits_for_the_run_that_was_started(monkeypatch):
    waits = []
    monkeypatch.setattr(cycle.time, "sleep", waits.append)
    trigger().execute(context(try_number=2, child=["running", "running", "success"]))
    assert waits


def test_a_retried_trigger_fails_with_the_run_it_waited_for(monkeypatch):
    monkeypatch.setattr(cycle.time, "sleep", lambda _: None)
    with pytest.raises(AirflowFailException, match="failed with failed state"):
        trigger().execute(context(try_number=2, child=["running", "failed"]))


def test_a_retry_after_the_step_has_ended_runs_it_again():
    with pytest.raises(DagRunTriggerException) as caught:
        trigger_with(context(try_number=2, child=["failed"]))
    assert caught.value.reset_dag_run


class FakeSteps:
    """Stands for the engine: `step_context` gives it to the operators."""

    def __init__(self, monkeypatch):
        from contextlib import contextmanager

        from lockstep import steps

        self.calls = []

        @contextmanager
        def engine(_):
            yield SimpleNamespace(run=SimpleNamespace(params={}, step="pull_updates"), systems={})

        monkeypatch.setattr(session, "step_context", engine)
        monkeypatch.setattr(steps, "pull_updates", self.pull)
        monkeypatch.setattr(steps, "seal", lambda _: {"state": "sealed"})

    def pull(self, _, target):
        self.calls.append(target)
        return [{"batch_id": 7, "read": 3}, {"batch_id": 8, "read": 1}]


def test_a_mapped_task_pushes_its_link_first_and_one_xcom_per_batch(monkeypatch):
    engine, given = FakeSteps(monkeypatch), context()
    target = {"system": "hubspot", "object": "contacts", "label": "contacts: 4 from hubspot"}
    PullUpdatesOperator(task_id="pull", target=target).execute(given)
    keys = [key for key, _ in given["ti"].pushed]
    assert keys == ["_link_SyncStatusLink", "batch_7", "batch_8"]
    assert "dag_id=sync_cycle&run_id=manual__1" in given["ti"].pushed[0][1]
    assert engine.calls == [target]


def test_the_seal_fails_if_a_task_before_it_failed(monkeypatch):
    FakeSteps(monkeypatch)
    with pytest.raises(AirflowFailException, match=r"probe.*pull_1"):
        SealOperator(task_id="seal").execute(
            context(states={"probe": "failed", "pull_1": "failed", "pull_2": "success"})
        )


def test_the_seal_of_a_good_run_ends_an_alert(monkeypatch):
    from lockstep_airflow import notify

    FakeSteps(monkeypatch)
    told = []
    monkeypatch.setattr(notify, "run_succeeded", told.append)
    monkeypatch.setattr(notify, "new_rejections", told.append)
    assert SealOperator(task_id="seal").execute(context(states={"pull": "success"})) == {"state": "sealed"}
    assert len(told) == 2


def test_mistakes_in_mapping_files_end_the_task_before_anything_is_opened(monkeypatch, tmp_path):
    """All of them at once, each with its place and what to do; it is not tried again."""
    folder, database = tmp_path / "mappings", tmp_path / "lockstep.db"
    shutil.copytree(MAPPINGS, folder)
    people, companies = folder / "people.yaml", folder / "accounts-companies.yaml"
    people.write_text(people.read_text().replace("rule: two_way", "rule: tow_way", 1))
    companies.write_text(companies.read_text().replace("match:", "mach:", 1))
    monkeypatch.setenv("LOCKSTEP_MAPPINGS", str(folder))
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    with pytest.raises(ConfigError) as caught:
        PullUpdatesOperator(task_id="pull", target={"label": "x"}).execute(context())
    told = caught.value.message.splitlines()
    assert told[0].startswith("2 mistakes in the mapping files of mappings/")
    assert [("accounts-companies.yaml:" in line, "people.yaml:" in line) for line in told[1:]] == [
        (True, False),
        (False, True),
    ]
    assert "Did you mean `match`?" in told[1]
    assert not database.exists()
