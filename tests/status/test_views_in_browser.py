"""Errors, decisions and stories in a real browser, and every page by axe, in both themes and narrow."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from tests.status.axe import assert_well_made
from tests.status.error_data import add_errors
from tests.status.figures_data import add_figures
from tests.status.held_data import ALONE, PAIR, add_held
from tests.status.ledger_data import Filled
from tests.status.ledgers import Ledgers
from tests.status.mounted import PREFIX, airflow_beside, mounted

from lockstep.decisions import Decision
from lockstep.model import Row
from lockstep.store import Store, decisions, mirror, name_search

pytestmark = pytest.mark.browser


@dataclass
class Site:
    """`runs`: those that the pages have started in Airflow."""

    url: str
    filled: Filled
    runs: list[dict[str, Any]]

    @property
    def decided(self) -> list[Decision]:
        with self.filled.store.reading() as tx:
            return [one for one in decisions.open(tx) if one.made_by == "vera"]


@pytest.fixture
def site(filled: Filled, ledgers: Ledgers, sqlite_url: str, serve: Callable[[FastAPI], str]) -> Site:
    ledgers.into(filled, add_errors, add_held, add_figures)
    app = mounted(lambda: Store(sqlite_url))
    runs = airflow_beside(app)
    return Site(serve(app) + PREFIX, filled, runs)


def test_filters_of_the_errors_are_in_the_address(page: Any, site: Site):
    page.goto(f"{site.url}/errors")
    page.get_by_label("Level").select_option("job")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/errors?level=job")
    assert page.locator(".cause").count() == 1
    picture = page.locator(".cause svg.spark")
    most = datetime.fromisoformat(picture.get_attribute("data-at")).astimezone(ZoneInfo("Europe/Oslo"))
    assert picture.get_attribute("aria-label").endswith(f"around {most:%Y-%m-%d %H:%M}"), (
        "in the user's zone, as all times"
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="Errors as CSV").click()
    assert len(download.value.path().read_text("utf-8-sig").splitlines()) == 2
    page.get_by_role("link", name="Clear").click()
    page.wait_for_url("**/errors")


def test_a_partner_is_chosen_by_keyboard(page: Any, site: Site):
    page.goto(f"{site.url}/unsynced?code=ambiguous_match&object=contacts&period=1h")
    row = page.locator("tbody tr").filter(has_text=ALONE[2])
    row.locator("details.decision > summary").focus()
    page.keyboard.press("Enter")
    row.locator("input[data-candidate='51003']").focus()
    page.keyboard.press("Space")
    assert row.locator("input[data-candidate='51001']").is_disabled()
    row.get_by_role("button", name="Decide and sync").press("Enter")
    page.get_by_text("push_updates is").wait_for(timeout=15000)
    (one,) = site.decided
    assert (one.record_id, one.choice, one.value) == (ALONE[2], "candidate", "51003")


def test_selected_rows_are_synced_again(page: Any, site: Site):
    """Also when somebody is quicker than the page's script."""
    script: list[Any] = []
    page.route("**/actions.js*", lambda route: script.append(route))
    page.goto(f"{site.url}/unsynced?outcome=held", wait_until="commit")
    resync = page.get_by_role("button", name="Resync selected")
    assert resync.is_disabled()
    page.get_by_label("Select all on this page").check()
    script[0].continue_()
    resync.and_(page.locator(":enabled")).wait_for()
    assert page.locator("#selected").inner_text() == "4 selected"
    resync.click()
    page.get_by_text("push_updates is done").wait_for(timeout=15000)
    assert len(site.decided) == 4


def test_airflow_refuses_the_run_but_the_decision_is_kept(page: Any, site: Site):
    page.route(
        "**/api/v2/dags/push_updates/dagRuns", lambda route: route.fulfill(status=403, json={"detail": "Forbidden"})
    )
    page.goto(f"{site.url}/unsynced?code=partner_deleted")
    page.get_by_label("Select 0035g").check()
    page.get_by_role("button", name="Resync selected").click()
    page.get_by_text("could not be started (Forbidden)").wait_for()
    assert len(site.decided) == 1


def test_a_refused_decision_is_told(page: Any, site: Site):
    page.route("**/api/decisions", lambda route: route.fulfill(status=403, json={"detail": "You may not."}))
    page.goto(f"{site.url}/record/{PAIR.id}")
    page.get_by_role("button", name="Resync").click()
    page.get_by_text("Not recorded: You may not.").wait_for()
    assert site.runs == []


def test_why_is_this_value_here(page: Any, site: Site):
    page.goto(f"{site.url}/record")
    page.get_by_label("Id in Salesforce or HubSpot").fill("kari@example.no")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/record/{PAIR.id}")
    page.get_by_role("link", name="Changes of phone").click()
    page.get_by_role("heading", name="What happened to phone").wait_for()
    assert "two_way: both sides changed; Salesforce wins" in page.locator(".events").inner_text()
    assert page.locator(".events li").count() == 2
    assert page.title() != "owned"
    link = page.get_by_role("link", name=PAIR.sf_id or "").first
    assert link.get_attribute("href") == f"https://acme.my.salesforce.com/{PAIR.sf_id}"


def test_a_search_by_name_goes_on_by_itself(page: Any, site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(name_search, "SECONDS", 0)
    monkeypatch.setattr(name_search, "_ROWS", 7)
    with site.filled.store.writing() as tx:
        layout = mirror.layout_of(tx, "hubspot", "contacts", ["firstname", "lastname"])
        rows = [Row(f"7{n:04}", "2026-03-01T12:00:00.000Z", ("Ola", "Solberg")) for n in range(50)]
        mirror.merge_page(tx, layout, rows, site.filled.now, 1)
    url = f"{site.url}/record?q=solberg"
    page.goto(url)
    onward = page.get_by_role("link", name="Search on")
    page.get_by_role("heading", name="20 records found").wait_for()
    page.route("**/record?*", lambda route: route.abort())
    onward.click()
    page.get_by_text("The search stopped").wait_for()
    page.unroute("**/record?*")
    onward.click()
    page.get_by_role("heading", name="41 records found").wait_for()
    assert page.evaluate("document.activeElement.textContent").endswith("70020 Ola Solberg")
    onward.click()
    page.get_by_text("Names looked through: all").wait_for()
    assert page.locator("#hits li").count() == 50
    assert onward.count() == 0
    assert_well_made(page, url)


PAGES = (
    "/", "/errors", "/errors/9",
    "/guide", "/unsynced", "/unsynced?outcome=held", "/record", "/record?q=nobody",
    f"/record/{PAIR.id}", f"/record/{PAIR.id}?field=phone", "/record/" + "/".join(ALONE), "/?object=none", "/batches/6", "/batches/3", "/run/bash_demo/x", "/?from=x", "/batches/404",
    "/calls", "/backlog", "/schema", "/schema?impact=held", "/health", "/reference")  # fmt: skip


def test_accessible_and_within_its_width(page: Any, site: Site):
    for path in PAGES:
        assert_well_made(page, f"{site.url}{path}")
