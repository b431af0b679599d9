"""A refused plan is approved, and a run undone, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from tests.status.axe import assert_well_made
from tests.status.ledger_data import Filled
from tests.status.ledgers import Ledgers
from tests.status.mounted import PREFIX, airflow_beside, mounted
from tests.status.plan_data import REFUSED, WROTE, add_plans, add_rehearsal
from tests.status.test_views_in_browser import Site

from lockstep.store import Store

pytestmark = pytest.mark.browser


@pytest.fixture
def site(filled: Filled, ledgers: Ledgers, sqlite_url: str, serve: Callable[[FastAPI], str]) -> Site:
    app = mounted(lambda: Store(sqlite_url))
    runs = airflow_beside(app)
    return Site(serve(app) + PREFIX, ledgers.into(filled, add_plans), runs)


def test_from_what_is_open_now_to_the_plan_and_its_approval_by_keyboard(page: Any, site: Site):
    page.goto(f"{site.url}/")
    page.locator(".now").get_by_role("link", name="A safety limit stopped the run before any write.").click()
    page.wait_for_url("**/errors/*")
    page.locator(".plan summary").focus()
    page.keyboard.press("Enter")
    form = page.locator("form[data-kind=approve]")
    form.get_by_label("Note").fill("the owner agrees")
    page.keyboard.press("Enter")
    page.get_by_text("push_updates is done").wait_for(timeout=15000)
    (one,) = site.decided
    assert (one.kind.value, one.run_id, one.note) == ("approve", REFUSED, "the owner agrees")
    assert site.runs[0]["conf"] == {"decision": [one.id]}
    page.get_by_role("link", name="Show the result").click()
    page.get_by_text("vera approved this plan. The next run of push_updates applies it.").wait_for()
    assert page.get_by_text("Approve this plan").count() == 0


def test_a_run_is_undone_after_its_dry_run_was_looked_at(page: Any, site: Site):
    add_rehearsal(site.filled, "undo_run:manual__0")  # what the run that the page starts will have listed
    wrote = f"{site.url}/?dag_id=push_updates&run_id=manual__wrote"
    assert_well_made(page, f"{site.url}/?dag_id=push_updates&run_id=manual__refused")
    assert_well_made(page, wrote)
    page.goto(wrote)
    page.get_by_text("Undo this run").click()
    page.get_by_label("Records that the run created").select_option("delete")
    page.get_by_role("button", name="List what would be put back").click()
    page.get_by_text("undo_run is done").wait_for(timeout=15000)
    assert site.runs[0]["conf"] == {"run": WROTE, "dry_run": True, "creates": "delete", "deletes": "keep"}
    assert site.decided == [], "a dry run decides nothing"
    page.get_by_role("link", name="Show the result").click()
    page.wait_for_url("**/?dag_id=undo_run&run_id=manual__0")
    page.get_by_text("Undo it").click()
    page.get_by_role("button", name="Undo and write 2 changes").click()
    page.get_by_text("undo_run is done").wait_for(timeout=15000)
    (one,) = site.decided
    assert (one.kind.value, one.run_id) == ("undo", WROTE)
    conf = {"decision": [one.id], "creates": "keep", "deletes": "keep", "dry_run": False}
    assert site.runs[1]["conf"] == conf, "as the dry run that was looked at"
    page.get_by_role("link", name="Show the result").click()
    page.get_by_text("vera decided to undo it.").wait_for()
    assert_well_made(page, page.url)
