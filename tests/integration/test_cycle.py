"""One cycle through a real Airflow, looked at from all sides: the ledger, the grid, alerts, the page in Airflow's own UI."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scripts import ledger_table
from scripts.local_airflow import LocalAirflow
from tests.airflow_instance import connected
from tests.integration.world import World

from lockstep.model import Batch

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

STEPS = ["sync_schema", "pull_updates", "pull_deletes", "pull_conversions", "push_updates", "update_foreign_keys"]
COLUMNS = ("new", "updated", "deleted", "failed", "skipped", "held", "deferred")
TABLE = "table.batches tbody.totals"


@dataclass
class Cycled:
    """A world after its first cycle. `lead`: the id of one that somebody works, who came by an ad."""

    world: World
    lead: str
    run_id: str
    batches: list[Batch]


@pytest.fixture(scope="module")
def cycled(airflow: LocalAirflow, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cycled]:
    store = shutil.copy(sqlite_template, tmp_path_factory.mktemp("cycled"))
    with connected(airflow, f"sqlite:///{store}") as world:
        lead = somebody_works_a_lead(world)
        run_id, state = world.run("sync_cycle")
        assert state == "success"
        yield Cycled(world, lead, run_id, world.batches())


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


def test_a_cycle_runs_every_step_and_writes(cycled):
    assert not ledger_table.bad(cycled.batches)
    assert {batch.run_id.split(":")[0] for batch in cycled.batches} == set(STEPS)
    assert links_were_checked(cycled.world)
    assert sum(batch.counts["new"] for batch in cycled.batches if batch.operation == "push_new") > 0


def links_were_checked(world):
    """Before the first step, so that the steps know what to skip."""
    from lockstep.store import preflight

    with world.store.reading() as tx:
        return preflight.checked_at(tx, datetime.now(UTC)) is not None


def test_the_grid_has_names_statistics_and_links(cycled):
    """A step's run as Airflow's UI reads it."""
    world, run_id = cycled.world, f"cycle__{cycled.run_id}"
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


def test_a_late_cycle_is_told_and_its_end_too(cycled):
    told = [one for one in cycled.world.told() if one["type"] != "failure"]
    late, over = [one for one in told if "not done" in one["message"] or "Over: late" in one["message"]]
    assert late["type"] == "warning"
    assert "sync_cycle is not done" in late["message"]
    assert "Sync Status: http://127.0.0.1" in late["message"]
    assert over["type"] == "success"
    assert "Over: late" in over["message"]


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-GB", timezone_id="Europe/Oslo")
    made = context.new_page()
    made.set_default_timeout(60_000)
    yield made
    context.close()


@pytest.mark.browser
def test_the_numbers_in_airflows_ui_are_those_of_the_ledger(cycled, page):
    batches = {batch.id: batch for batch in cycled.batches}
    base, run_id = cycled.world.airflow.url, cycled.run_id

    page.goto(f"{base}/")
    page.goto(f"{base}/plugin/sync_status/sync-status/?empty=show&size=200")
    frame = page.frame_locator("iframe[title='Sync Status']")
    frame.locator(TABLE).wait_for()
    assert figures(frame.locator(f"{TABLE} tr")) == counts(list(batches.values()))
    shown = {int(row.get_attribute("data-id")): figures(row) for row in frame.locator("tbody.rows tr").all()}
    assert shown == {batch_id: counts([batch]) for batch_id, batch in batches.items()}

    for batch in batches.values():
        told = page.request.get(f"{base}/sync-status/api/batches/{batch.id}").json()
        assert told["counts"] == dict(batch.counts)
        if told["reasons"]:
            assert reasons(told) == {name: batch.counts[name] for name in ("read", *COLUMNS, "fields_failed")}

    step_run = f"cycle__{run_id}"
    pushed = [batch for batch in batches.values() if batch.run_id == f"push_updates:{step_run}"]
    page.goto(f"{base}/dags/push_updates/runs/{step_run}/plugin/sync_status_dag_run")
    frame.locator(TABLE).wait_for()
    assert figures(frame.locator(f"{TABLE} tr")) == counts(pushed)

    page.goto(f"{base}/dags/sync_cycle/runs/{run_id}/plugin/sync_status_dag_run")
    frame.locator(TABLE).wait_for()
    assert figures(frame.locator(f"{TABLE} tr")) == counts(list(batches.values()))

    page.goto(f"{base}/dags/push_updates/runs/{step_run}/tasks/apply/mapped/0/plugin/sync_status_task_instance")
    frame.locator("tbody.rows tr:only-child").wait_for()
    own = batches[int(frame.locator("tbody.rows tr").get_attribute("data-id"))]
    assert own in pushed

    frame.locator("a.open").click()
    frame.get_by_role("link", name="Task log in Airflow").click()
    page.wait_for_url(re.compile(r"/dags/push_updates/runs/.*/tasks/apply/mapped/0"))


def figures(row: Any) -> list[int]:
    return [int(re.sub(r"\D", "", text)) for text in row.locator("td.num").all_inner_texts()]


def reasons(told: dict[str, Any]) -> dict[str, int]:
    """The batch's counters once more, from what is listed of its records."""
    found = dict.fromkeys(("read", *COLUMNS, "fields_failed"), 0)
    for one in told["reasons"]:
        found["fields_failed" if one["outcome"] == "field_failed" else one["outcome"]] += one["records"]
        found["read"] += one["records"] if one["outcome"] != "field_failed" else 0
    return found


def counts(batches: list[Batch]) -> list[int]:
    return [sum(batch.counts[name] for batch in batches) for name in COLUMNS]


@pytest.mark.slow
def test_the_next_cycle_has_nothing_to_write(cycled):
    """It moves the world on, so it comes last. The engine's tests show the same without Airflow."""
    world = cycled.world
    writes = len(writes_of(world))
    _, state = world.run("sync_cycle")
    assert state == "success"
    assert not ledger_table.bad(world.batches())
    assert len(writes_of(world)) == writes
    assert_google_counts_it_once(world, cycled.lead)


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


def assert_google_counts_it_once(world, lead):
    from lockstep.store import conversions

    with world.store.reading() as tx:
        (row,) = [one for one in conversions.all_of(tx) if one.record_id == lead]
    counted = [one for one in world.sandbox.admin("GET", "google_ads/conversions") if one["order_id"] == row.order_id]
    assert [(one["action"], one["at"][:16]) for one in counted] == [("700002", row.happened_at.isoformat()[:16])]
    assert row.state in ("accepted", "unresolved"), "unresolved: rows of other leads were refused in the same request"
