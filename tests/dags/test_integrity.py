"""The DAG files: they parse fast and offline, and each is what DESIGN §9 says of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "dags").glob("*.py"))
STEPS = ["pull_conversions", "pull_deletes", "pull_updates", "push_updates", "sync_schema", "update_foreign_keys"]


OPERATIONS = ["reconcile", "undo_run"]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    import os

    env = {**os.environ, "AIRFLOW_HOME": str(tmp_path_factory.mktemp("home")), "PYTHONPATH": str(ROOT / "plugins")}
    script = Path(__file__).with_name("parse_report.py")
    done = subprocess.run(
        [sys.executable, str(script), str(ROOT / "dags")],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout[done.stdout.index('{"seconds"') :])


@pytest.fixture(scope="module")
def dags():
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(ROOT / "dags")).dags


def test_every_dag_file_parses(report):
    assert report["errors"] == {}
    assert report["dags"] == sorted([*STEPS, *OPERATIONS, "decide", "preflight", "sync_cycle"])


def test_parsing_takes_less_than_two_seconds(report):
    assert report["seconds"] < 2


def test_parsing_opens_no_connection(report):
    assert report["connections"] == []


def test_parsing_imports_no_vendor_library_and_little_of_the_engine(report):
    assert report["vendors"] == []
    assert set(report["engine"]) <= {
        "lockstep.errors",
        "lockstep.error_kinds",
        "lockstep.google_ads_codes",
        "lockstep.preflight_codes",
        "lockstep.model",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dag_files_are_short(path):
    assert len(path.read_text().splitlines()) < 60


def test_every_dag_has_a_runbook_and_tags(dags):
    for dag in dags.values():
        assert len(dag.doc_md) > 200
        assert "lockstep" in dag.tags


def test_the_trigger_form_explains_every_param(dags):
    for dag in dags.values():
        assert set(dag.params) >= {"objects", "systems", "limit", "dry_run", "failure_threshold", "override_guards"}
        assert all(dag.params.get_param(name).description for name in dag.params)


def test_no_dag_catches_up_or_overlaps_itself(dags):
    assert all(dag.catchup is False and dag.max_active_runs == 1 for dag in dags.values())


@pytest.mark.parametrize("step", [*STEPS, *OPERATIONS])
def test_a_step_opens_works_and_seals(dags, step):
    dag = dags[step]
    (first,) = dag.roots
    (last,) = dag.leaves
    (mapped,) = [task for task in dag.tasks if task not in (first, last)]
    assert last.task_id == "seal"
    assert last.trigger_rule == "all_done"
    assert mapped.is_mapped
    assert mapped.map_index_template
    assert mapped.operator_class.__name__.endswith("Operator")


def test_preflight_runs_daily_and_is_a_step_of_two_tasks(dags):
    dag = dags["preflight"]
    assert [task.task_id for task in dag.topological_sort()] == ["preflight", "seal"]
    assert dag.timetable.summary == "0 5 * * *"
    assert dag.params["relink"] is False


def test_retries_follow_the_engines_errors(dags):
    from lockstep_airflow.retries import EngineRetries

    assert all(isinstance(task.retry_policy, EngineRetries) for dag in dags.values() for task in dag.tasks)


def test_the_cycle_runs_the_steps_in_order_whatever_became_of_the_one_before(dags):
    from lockstep_airflow.defaults import STEPS as ORDER

    tasks = dags["sync_cycle"].topological_sort()
    assert [task.task_id for task in tasks] == ["preflight", *ORDER, "close"]
    assert {task.trigger_rule for task in tasks} == {"all_done"}


def test_waiting_cycles_share_one_slot_and_have_a_deadline(dags):
    cycle = dags["sync_cycle"]
    triggers = [task for task in cycle.tasks if task.task_id not in ("preflight", "close")]
    assert {task.pool for task in triggers} == {"lockstep_cycle"}
    assert not any(task.deferrable for task in triggers)
    assert cycle.deadline


def test_dags_survive_serialization(dags):
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in dags.values():
        back = DagSerialization.from_dict(DagSerialization.to_dict(dag))
        assert back.dag_id == dag.dag_id
        assert back.task_dict.keys() == dag.task_dict.keys()
