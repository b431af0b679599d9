"""Decisions made in Airflow's own form: complete, signed, and handed to the step that obeys them."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import DagRunTriggerException

from lockstep.errors import ConfigError
from lockstep.model import Step, Window
from lockstep.store import Store, decisions, ledger
from lockstep_airflow import connections
from lockstep_airflow.operators import DecideOperator


@pytest.fixture
def store(sqlite_url, monkeypatch):
    monkeypatch.setattr(connections, "store", lambda: Store(sqlite_url))
    opened = Store(sqlite_url)
    yield opened
    opened.dispose()


def decide(user="ann", **params):
    """What the task triggers: (DAG, conf)."""
    run = SimpleNamespace(triggering_user_name=user, conf={}, run_id="manual__1", dag_id="decide")
    with pytest.raises(DagRunTriggerException) as caught:
        DecideOperator(task_id="decide").execute({"dag_run": run, "params": params, "ti": None})
    return caught.value.trigger_dag_id, caught.value.conf


def only(store):
    with store.reading() as tx:
        (found,) = decisions.open(tx)
    return found


def test_a_decision_is_signed_and_handed_to_its_step(store):
    started, conf = decide(kind="resync", pair_id="p1", note="mended the rule", system="")
    made = only(store)
    assert (started, conf) == ("push_updates", {"decision": [made.id]})
    assert (made.made_by, made.pair_id, made.note, made.system) == ("ann", "p1", "mended the rule", None)


@pytest.mark.parametrize("step", [Step.PUSH_UPDATES, Step.UPDATE_FOREIGN_KEYS, Step.UNDO_RUN])
def test_a_refused_plan_is_approved_for_the_step_that_made_it(store, step):
    with store.writing() as tx:
        ledger.open_run(tx, "refused", step, "scheduled", Window(None, datetime(2026, 3, 1, tzinfo=UTC)), "hash")
    assert decide(kind="approve", run_id="refused")[0] == step.value


def test_an_undo_takes_its_options_along(store):
    started, conf = decide(kind="undo", run_id="push_updates:1", creates="delete")
    assert (started, conf["creates"], conf["dry_run"]) == ("undo_run", "delete", False)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"kind": "choose", "field": "name"}, "pair_id is missing"),
        ({"kind": "approve", "run_id": "nobody"}, "no run 'nobody'"),
    ],
)
def test_what_is_wrong_is_said_and_not_recorded(store, params, words):
    run = SimpleNamespace(triggering_user_name="ann", conf={}, run_id="manual__1", dag_id="decide")
    with pytest.raises(ConfigError, match=words):
        DecideOperator(task_id="decide").execute({"dag_run": run, "params": params, "ti": None})
    with store.reading() as tx:
        assert decisions.open(tx) == []
