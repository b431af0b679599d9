"""Whole cycles through a real Airflow."""

from datetime import UTC, datetime, timedelta

import pytest
from scripts import ledger_table

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

STEPS = ["sync_schema", "pull_updates", "pull_deletes", "pull_conversions", "push_updates", "update_foreign_keys"]


def test_a_cycle_syncs_and_the_next_one_has_nothing_to_write(world):
    lead = somebody_works_a_lead(world)
    run_id, state = world.run("sync_cycle")
    assert state == "success"
    first = world.batches()
    assert not ledger_table.bad(first)
    assert {batch.run_id.split(":")[0] for batch in first} == {"preflight", *STEPS}
    assert sum(batch.counts["new"] for batch in first if batch.operation == "push_new") > 0

    writes = len(writes_of(world))
    _, state = world.run("sync_cycle")
    assert state == "success"
    assert not ledger_table.bad(world.batches())
    assert len(writes_of(world)) == writes
    assert_google_counts_it_once(world, lead)

    look_at_the_grid(world, run_id)


def somebody_works_a_lead(world):
    """A lead that came by an ad reaches a milestone (GA-00). Google gives its verdicts at once, not after half an hour."""
    world.sandbox.admin("POST", "google_ads/settings", {"processing_seconds": 0})
    found = world.sandbox.admin("GET", "salesforce/Lead")
    lead = next(one for one in found if one["Status"] == "Open - Not Contacted" and not one["IsDeleted"])
    clicked = (datetime.now(UTC) - timedelta(days=2)).replace(microsecond=0)
    gclid = "Cj0KCQ" + "w" * 56
    world.sandbox.act("google_ads", "add_click", customer="2223334445", at=clicked.isoformat(), gclid=gclid)
    changes = {"Status": "Working - Contacted", "GCLID__c": gclid}
    world.sandbox.act("salesforce", "edit", object="Lead", id=lead["Id"], fields=changes)
    return lead["Id"]


def assert_google_counts_it_once(world, lead):
    from lockstep.store import conversions

    with world.store.reading() as tx:
        (row,) = [one for one in conversions.all_of(tx) if one.record_id == lead]
    counted = [one for one in world.sandbox.admin("GET", "google_ads/conversions") if one["order_id"] == row.order_id]
    assert [(one["action"], one["at"][:16]) for one in counted] == [("700002", row.happened_at.isoformat()[:16])]
    assert row.state in ("accepted", "unresolved"), "unresolved: rows of other leads were refused in the same request"


def writes_of(world):
    """Calls that may have changed a record."""
    reads = ("/search", "/batch/read", "/oauth2/token", "/composite", "/jobs/query", "/Soap/")
    return [
        call
        for vendor in ("salesforce", "hubspot")
        for call in world.sandbox.calls(vendor)
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
