"""Whole cycles through a real Airflow."""

from datetime import UTC, datetime

import pytest
from scripts import ledger_table

pytestmark = [pytest.mark.airflow, pytest.mark.xdist_group("airflow"), pytest.mark.timeout(900)]

STEPS = ["sync_schema", "pull_updates", "pull_deletes", "pull_conversions", "push_updates", "update_foreign_keys"]


def test_a_cycle_syncs_and_the_next_one_has_nothing_to_write(world):
    run_id, state = world.run("sync_cycle")
    assert state == "success"
    first = world.batches()
    assert not ledger_table.bad(first)
    assert {batch.run_id.split(":")[0] for batch in first} == set(STEPS)
    assert sum(batch.counts["new"] for batch in first if batch.operation == "push_new") > 0

    writes = len(writes_of(world))
    _, state = world.run("sync_cycle")
    assert state == "success"
    assert not ledger_table.bad(world.batches())
    assert len(writes_of(world)) == writes

    look_at_the_grid(world, run_id)


def writes_of(world):
    """Calls that may have changed a record."""
    reads = ("/search", "/batch/read", "/oauth2/token", "/composite", "/jobs/query", "/Soap/")
    return [
        call
        for call in world.sandbox.calls()
        if call["method"] in ("POST", "PATCH", "PUT", "DELETE") and not any(part in call["path"] for part in reads)
    ] + [
        call
        for call in world.sandbox.calls("salesforce")
        if "/composite/sobjects" in call["path"] and call["method"] != "GET"
    ]


def look_at_the_grid(world, cycle_run):
    """Names, statistics and links of a step's run, as the UI reads them."""
    run_id = f"cycle__{cycle_run}"
    pulls = [task for task in world.airflow.tasks("pull_updates", run_id) if task["task_id"] == "pull"]
    labels = {task["rendered_map_index"] for task in pulls}
    assert len(labels) == 7
    assert any("contacts" in label and "hubspot" in label.lower() for label in labels)

    entries = world.xcom("pull_updates", run_id, "pull", pulls[0]["map_index"])
    statistics = {key: value for key, value in entries.items() if key.startswith("batch_")}
    assert statistics
    assert all(
        {"system", "object", "operation", "status", "read", "new"} <= set(value) for value in statistics.values()
    )
    assert "dag_id=pull_updates&run_id=cycle__manual" in entries["_link_SyncStatusLink"]


def test_a_window_given_by_a_person_moves_no_coverage(world):
    from sqlalchemy import select

    from lockstep.store.tables import coverage

    world.prepare()
    _, state = world.run("pull_updates", window_start="2020-01-01", window_end=datetime.now(UTC).isoformat())
    assert state == "success"
    assert len(world.mirror()) > 100
    with world.store.reading() as tx:
        assert tx.execute(select(coverage)).all() == []


def test_params_narrow_a_run(world):
    run_id, state = world.run("pull_updates", objects=["accounts-companies"], systems=["salesforce"], kind=None)
    assert state == "success"
    assert {(batch.system, batch.object) for batch in world.batches("pull_updates", run_id)} == {
        ("salesforce", "Account")
    }
