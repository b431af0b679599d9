"""What goes wrong is said clearly, alerts once, and leaves the rest of the records alone."""

import os
import signal

import pytest
from tests.integration.world import until

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]


def states(world, dag_id, run_id):
    return {(task["task_id"], task["map_index"]): task["state"] for task in world.airflow.tasks(dag_id, run_id)}


def test_a_missing_connection_is_named_before_anything_is_written(world):
    world.disconnect("hubspot_default")
    run_id, state = world.run("pull_updates")
    assert state == "failed"
    assert world.batches() == []
    assert states(world, "pull_updates", run_id)["probe", -1] == "failed"
    assert "connection `hubspot_default` is missing" in world.logs("pull_updates", run_id, "probe")
    (message,) = world.told()
    assert "hubspot_default" in message["message"]
    assert "[config]" in message["message"]


def test_a_refused_token_fails_its_system_alone_alerts_once_and_recovers(world):
    world.prepare()
    world.sandbox.admin("POST", "hubspot/settings", {"tokens_valid": False})
    for _ in range(2):
        run_id, state = world.run("pull_updates", objects=["accounts-companies"])
        assert state == "failed"
    by_system = {(batch.system, str(batch.status)) for batch in world.batches("pull_updates", run_id)}
    assert by_system == {("salesforce", "succeeded"), ("hubspot", "failed")}
    assert [message["type"] for message in world.told()] == ["failure"]
    assert "[authentication]" in world.told()[0]["message"]
    attempts = {task["try_number"] for task in world.airflow.tasks("pull_updates", run_id) if task["state"] == "failed"}
    assert attempts == {1}

    world.sandbox.admin("POST", "hubspot/settings", {"tokens_valid": True})
    _, state = world.run("pull_updates", objects=["accounts-companies"])
    assert state == "success"
    assert [message["type"] for message in world.told()] == ["failure", "success"]


def test_a_vendor_that_is_down_is_tried_again_and_named(world):
    world.sandbox.admin(
        "POST", "faults", {"vendor": "hubspot", "kind": "status", "status": 503, "path": "", "times": 100_000}
    )
    run_id, state = world.run("pull_updates", objects=["accounts-companies"])
    assert state == "failed"
    (task,) = [
        t for t in world.airflow.tasks("pull_updates", run_id) if t["task_id"] == "pull" and t["state"] == "failed"
    ]
    assert task["try_number"] == 2
    assert {batch.error_code for batch in world.batches("pull_updates", run_id)} == {None, "vendor_unavailable"}
    assert "[vendor_unavailable]" in world.told()[0]["message"]


def test_a_wrong_password_is_named(world):
    world.sandbox.admin("POST", "salesforce/settings", {"clients": {"another-key": "secret"}})
    run_id, state = world.run("sync_schema", systems=["salesforce"])
    assert state == "failed"
    assert "Salesforce refused the login" in world.logs("sync_schema", run_id, "sync_schema", 0)
    assert "sandbox-consumer-secret" not in world.logs("sync_schema", run_id, "sync_schema", 0)
    assert len(world.told()) == 1


def test_a_killed_pull_is_retried_and_ends_as_if_nothing_had_happened(world, tmp_path):
    world.prepare()
    run_id, state = world.run("pull_updates", objects=["people"], systems=["hubspot"])
    assert state == "success"
    assert {(b.system, b.object) for b in world.batches("pull_updates", run_id)} == {("hubspot", "contacts")}
    undisturbed = world.mirror()
    world.fresh_store(tmp_path)

    world.sandbox.admin(
        "POST", "faults", {"vendor": "hubspot", "kind": "delay", "path": "/(contacts|0-1)$", "seconds": 120}
    )
    run_id = world.trigger("pull_updates", objects=["people"], systems=["hubspot"])
    kill_when_running(world, "pull_updates", run_id, "pull")
    world.sandbox.heal()
    assert world.airflow.wait("pull_updates", run_id, 300) == "success"
    (task,) = [t for t in world.airflow.tasks("pull_updates", run_id) if t["task_id"] == "pull"]
    assert task["try_number"] == 2
    assert world.mirror() == undisturbed


def kill_when_running(world, dag_id, run_id, task_id):
    """Kill -9 the task's process while the vendor keeps it waiting."""

    def pid():
        running = [
            t for t in world.airflow.tasks(dag_id, run_id) if t["task_id"] == task_id and t["state"] == "running"
        ]
        return running[0]["pid"] if running else None

    found = until(pid, f"{task_id} runs")
    until(lambda: all(fault["seen"] for fault in world.sandbox.admin("GET", "faults")), "the call that waits")
    os.kill(found, signal.SIGKILL)
