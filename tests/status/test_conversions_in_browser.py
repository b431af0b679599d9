"""Conversions in a real browser: from the checks to one click's passport, filters and exports; by axe, in both themes and narrow."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.status.axe import assert_well_made
from tests.status.conversions_data import BRAND, CLICK, ORDER, Days, add_conversions
from tests.status.ledger_data import fill
from tests.status.mounted import PREFIX, airflow_beside, mounted

from lockstep.store import Store

pytestmark = pytest.mark.browser


@dataclass
class Site:
    """`runs`: those that the pages have started in Airflow."""

    url: str
    days: Days
    runs: list[dict[str, Any]]


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path, serve: Callable[[FastAPI], str]) -> Site:
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'lockstep.db')}"
    store = Store(url)
    days = add_conversions(fill(store))
    store.dispose()
    app = mounted(lambda: Store(url))
    runs = airflow_beside(app)
    return Site(serve(app) + PREFIX, days, runs)


def test_from_the_checks_to_one_click(page: Any, site: Site):
    page.goto(f"{site.url}/conversions")
    page.get_by_label("Relink").check()
    page.get_by_role("button", name="Run preflight").click()
    page.get_by_text("preflight is done").wait_for(timeout=15000)
    assert [(one["dag_id"], one["conf"]) for one in site.runs] == [("preflight", {"relink": True})]

    page.get_by_role("link", name="Rejected").filter(has_text="currency").click()
    page.wait_for_url("**state=rejected&code=ads_currency_code")
    assert page.locator("tr[data-order]").count() == 1
    page.get_by_role("link", name="Recorded 2").click()
    page.wait_for_url("**state=accepted**")
    assert page.locator("tr[data-order]").count() == 2
    page.get_by_label("Period").select_option("24h")
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("No conversion matches these filters").wait_for()
    page.go_back()
    with page.expect_download() as download:
        page.get_by_role("link", name="Conversions as CSV").click()
    assert len(download.value.path().read_text("utf-8-sig").splitlines()) == 3
    page.get_by_role("link", name=f"Passport of {ORDER}").click()
    page.get_by_role("heading", name="What happened").wait_for()
    first = page.locator(".events li").first
    assert "Clicked an ad" in first.inner_text()
    assert site.days.clicked.isoformat() in first.inner_text()

    page.get_by_role("link", name="A click's passport").click()
    page.get_by_label("Click id, order id").fill(CLICK)
    page.keyboard.press("Enter")
    page.get_by_text("Request of 3 rows: some refused").wait_for()
    assert page.locator(".events .w-verdict").count() == 1
    assert page.title() == "Conversions · Sync Status"


def test_the_two_numbers_and_the_bridge_between_them(page: Any, site: Site):
    page.goto(f"{site.url}/conversions/differences")
    rows = page.locator("table.bridge tbody tr")
    parts = [float(one.replace("−", "-")) for one in rows.locator("td.num").all_inner_texts()]
    assert parts[0] + sum(parts[1:-1]) == parts[-1] == 3.5
    widths = rows.locator("svg rect").evaluate_all("some => some.map((one) => one.getBoundingClientRect().width)")
    for part, width in zip(parts, widths, strict=True):
        assert width == pytest.approx(abs(part) / parts[-1] * widths[-1], abs=1), "as long as its number"
    page.get_by_label("Campaign", exact=True).select_option(BRAND)
    page.get_by_label("First day").fill(site.days.clicked.isoformat())
    page.get_by_label("Last day").fill(site.days.clicked.isoformat())
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(f"**from={site.days.clicked}**campaign={BRAND}**")
    assert page.locator("table.differences tbody tr").count() == 1
    with page.expect_download() as download:
        page.get_by_role("link", name="Table as CSV").click()
    assert len(download.value.path().read_text("utf-8-sig").splitlines()) == 2


PAGES = ("", "/list", f"/passport?q={CLICK}", "/differences", "/expiring")


def test_accessible_and_within_its_width(page: Any, site: Site):
    for path in PAGES:
        assert_well_made(page, f"{site.url}/conversions{path}")
