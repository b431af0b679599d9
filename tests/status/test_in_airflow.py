"""Sync Status inside Airflow's own UI, on the ledger of a real cycle."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from lockstep.model import Batch

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.browser,
    pytest.mark.timeout(900),
]

COLUMNS = ("new", "updated", "deleted", "failed", "skipped", "held", "deferred")
TABLE = "table.batches tbody.totals"


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-GB", timezone_id="Europe/Oslo")
    made = context.new_page()
    made.set_default_timeout(60_000)
    yield made
    context.close()


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


def test_the_numbers_in_airflows_ui_are_those_of_the_ledger(world: Any, page: Any):
    run_id, state = world.run("sync_cycle")
    assert state == "success"
    batches = {batch.id: batch for batch in world.batches()}
    base = world.airflow.url

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
