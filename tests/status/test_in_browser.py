"""The pages in a real browser, standalone and in a sandboxed frame like Airflow's."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from tests.status.ledger_data import Filled
from tests.status.mounted import PREFIX, airflow_beside, mounted

from lockstep.model import BatchStatus, Operation, Step
from lockstep.store import Store, ledger
from lockstep.store.ledger import BatchFilter

pytestmark = pytest.mark.browser

OSLO = ZoneInfo("Europe/Oslo")
#: exactly what Airflow 3.3.2 allows its plugin frames
SANDBOX = "allow-scripts allow-same-origin allow-forms allow-downloads"
#: after which a page with something in process looks again (live.js)
BUSY_MS = 4_000
#: that Airflow gives at once (maximum_page_limit)
MOST_TASKS = 2
RUN = "cycle__scheduled__2026-11-22T04:00:00+00:00"


@pytest.fixture
def site(filled: Filled, sqlite_url: str, serve: Callable[[FastAPI], str]) -> str:
    app = mounted(lambda: Store(sqlite_url))
    airflow_beside(app)

    @app.get("/shell")
    def shell(to: str) -> HTMLResponse:
        return HTMLResponse(
            f"<title>Shell</title><iframe sandbox='{SANDBOX}' src='{to}' width=1200 height=800></iframe>"
        )

    @app.get("/api/v2/dags/push_updates/dagRuns/{run}/taskInstances")
    def instances(run: str, limit: int, offset: int = 0) -> dict[str, Any]:
        targets = [{"batch_id": filled.ids["odd"]}, {"batch_id": filled.ids["hostile"]}]
        mapped = [
            {"task_id": "apply", "map_index": n, "rendered_fields": {"target": one}} for n, one in enumerate(targets)
        ]
        every = [{"task_id": "plan", "map_index": -1, "rendered_fields": {}}, *mapped]
        return {"task_instances": every[offset : offset + min(limit, MOST_TASKS)], "total_entries": len(every)}

    return serve(app)


def cells(row: Any) -> list[str]:
    return [re.sub(r"\s+", " ", text).strip() for text in row.locator("th, td").all_inner_texts()]


def oslo(at: datetime) -> str:
    return at.astimezone(OSLO).strftime("%Y-%m-%d %H:%M:%S")


def test_every_number_is_the_ledgers(page: Any, site: str, filled: Filled):
    page.goto(f"{site}{PREFIX}/?empty=show")
    with filled.store.reading() as tx:
        lately = BatchFilter(date_from=filled.now - timedelta(days=5))
        batches, totals = ledger.page(tx, lately), ledger.tally(tx, lately).of()
    names = ("new", "updated", "deleted", "failed", "skipped", "held", "deferred")
    total = cells(page.locator("tbody.totals tr"))
    assert total[1:8] == [f"{totals.counts[name]:,}" for name in names]
    assert total[0] == f"Total of {totals.batches} batches"
    for batch in batches:
        shown = cells(page.locator(f"tr[data-id='{batch.id}']"))
        assert shown[0] == oslo(batch.started_at)
        assert shown[1] == (oslo(batch.ended_at) if batch.ended_at else "running")
        assert shown[5:12] == [f"{batch.counts[name]:,}" for name in names]


def test_filters_by_apply_and_clear_and_keeps_them_in_the_address(page: Any, site: str, filled: Filled):
    page.goto(f"{site}{PREFIX}/")
    page.get_by_label("Status", exact=False).first.click()
    page.get_by_role("checkbox", name="Failed").check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/?status=failed")
    assert page.locator("tbody.rows tr").count() == 1
    page.get_by_role("link", name="Clear").click()
    page.wait_for_url(f"{site}{PREFIX}/?")
    assert page.locator("tbody.rows tr").count() == 7
    page.go_back()
    assert page.locator("tbody.rows tr").count() == 1


def test_a_range_is_meant_in_the_users_zone(page: Any, site: str, filled: Filled):
    page.goto(f"{site}{PREFIX}/")
    assert not page.get_by_label("From").is_visible()
    page.get_by_label("Period").select_option("custom")
    since = (filled.now - timedelta(minutes=36)).astimezone(OSLO)
    until = (filled.now - timedelta(minutes=18)).astimezone(OSLO)
    page.get_by_label("From").fill(since.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("To", exact=True).fill(until.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**from=*")
    ids = [int(row.get_attribute("data-id")) for row in page.locator("tbody.rows tr").all()]
    assert ids == [filled.ids[name] for name in ("failed", "hostile", "cleaned")]
    assert page.get_by_label("From").input_value() == since.strftime("%Y-%m-%dT%H:%M")


def test_ranges_around_a_change_of_clocks(page: Any, site: str):
    page.goto(f"{site}{PREFIX}/")
    for local in ("2026-03-29T03:30", "2026-10-25T01:30", "2026-10-25T03:30", "2026-07-01T00:00"):
        found = page.evaluate(f"import('{PREFIX}/static/times.js').then(m => m.instantOf('{local}').toISOString())")
        assert datetime.fromisoformat(found) == datetime.fromisoformat(local).replace(tzinfo=OSLO), local


def test_follows_what_is_in_process(page: Any, site: str, filled: Filled):
    page.clock.install()
    page.goto(f"{site}{PREFIX}/")
    row = page.locator(f"tr[data-id='{filled.ids['running']}']")
    assert "In Process" in row.inner_text()
    with filled.store.writing() as tx:
        ledger.add_counts(tx, filled.ids["running"], read=60, updated=60)
        ledger.close_batch(tx, filled.ids["running"], BatchStatus.SUCCEEDED)
    page.clock.fast_forward(BUSY_MS)
    page.locator(".rows .s-in_process").wait_for(state="detached", timeout=15000)
    assert cells(row)[6] == "100"
    assert "Succeeded" in row.inner_text()
    assert page.locator("#live").get_attribute("data-live") == "no"


def test_an_expired_login_is_told_while_following(page: Any, site: str):
    page.clock.install()
    page.goto(f"{site}{PREFIX}/")
    page.route("**/api/batches*", lambda route: route.fulfill(status=401, body="{}"))
    page.clock.fast_forward(BUSY_MS)
    page.get_by_text("Your login has expired").wait_for(timeout=15000)


def test_a_row_opens_its_batch_and_back_keeps_the_filter(page: Any, site: str, filled: Filled):
    page.goto(f"{site}{PREFIX}/?status=incomplete")
    page.locator("tbody.rows tr td.object").click()
    page.wait_for_url(f"**/batches/{filled.ids['hostile']}")
    assert page.title() == "Batch 6 · Sync Status", "the hostile text has run"
    assert page.get_by_text("<script>document.title='owned'</script>").first.is_visible()
    page.get_by_role("link", name=re.compile(r"^Held \d")).click()
    page.wait_for_url("**outcome=held**")
    assert page.locator("table.records tbody tr").count() == 1
    batch = page.url
    page.goto(f"{site}{PREFIX}/errors")
    page.goto(batch)
    page.get_by_role("link", name="Back to the batches").click()
    page.wait_for_url("**/?status=incomplete")


def test_the_task_log_opens_from_within_the_frame(page: Any, site: str, filled: Filled):
    page.goto(f"{site}/shell?to={PREFIX}/batches/{filled.ids['hostile']}")
    frame = page.frame_locator("iframe")
    frame.get_by_role("link", name="Task log in Airflow").click()
    page.wait_for_url("**/dags/**")
    assert page.locator("h1").inner_text() == f"push_updates/runs/{RUN}/tasks/apply/mapped/1"


def test_the_task_log_opens_in_a_tab_from_within_the_frame(page: Any, site: str, filled: Filled):
    page.goto(f"{site}/shell?to={PREFIX}/batches/{filled.ids['hostile']}")
    link = page.frame_locator("iframe").get_by_role("link", name="Task log in Airflow")
    with page.context.expect_page() as opened:
        link.click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_url("**/tasks/apply/mapped/1")
    address = page.frame_locator("iframe").get_by_label("Address of the link").input_value()
    assert address == opened.value.url.replace("+", "%2B") or address.endswith("/tasks/apply/mapped/1")


def test_the_tab_of_a_task_shows_its_own_batch(page: Any, site: str, filled: Filled):
    page.goto(f"{site}{PREFIX}/task/push_updates/{RUN.replace('+', '%2B')}/apply/1")
    page.wait_for_url("**batch=*")
    assert [row.get_attribute("data-id") for row in page.locator("tbody.rows tr").all()] == [str(filled.ids["hostile"])]
    page.goto(f"{site}{PREFIX}/task/push_updates/{RUN.replace('+', '%2B')}/plan/-1")
    page.get_by_text("All batches of the task's run are shown.").wait_for()


def test_themes_and_their_change(page: Any, site: str):
    page.goto(f"{site}/shell?to={PREFIX}/")
    frame = page.frames[1]
    frame.wait_for_selector("table.batches")

    def lightness() -> float:
        canvas = "const c = document.createElement('canvas').getContext('2d'); c.fillStyle = getComputedStyle(document.body).backgroundColor; c.fillRect(0,0,1,1); return c.getImageData(0,0,1,1).data[0]"
        return float(frame.evaluate(f"() => {{ {canvas} }}"))

    assert lightness() > 240
    page.evaluate("localStorage.setItem('theme', 'dark')")
    frame.locator("html[data-theme=dark]").wait_for(state="attached")
    assert lightness() < 60


@pytest.mark.parametrize("page", [{"width": 360}], indirect=True)
def test_on_a_narrow_screen_rows_can_be_sorted_and_no_words_overlap(page: Any, site: str, filled: Filled):
    page.goto(f"{site}{PREFIX}/")
    cell = page.locator(f"tr[data-id='{filled.ids['odd']}'] td.object")
    outer, inner = cell.bounding_box(), cell.locator("bdi").bounding_box()
    assert inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
    page.get_by_role("link", name="Sort by Ended At").click()  # fails where it is clipped away
    page.wait_for_url("**sort=-ended_at")


def test_the_language_can_be_chosen(page: Any, site: str, filled: Filled):
    with filled.store.writing() as tx:  # the longest words that a row can have
        run = f"{Step.PUSH_UPDATES}:{RUN}"
        long = ledger.open_batch(tx, run, "google_ads", "Opportunity", Operation.PULL_NETWORK_CONVERSIONS)
        ledger.close_batch(tx, long, BatchStatus.FAILED, "internal", "")
    page.goto(f"{site}{PREFIX}/")
    page.get_by_label("Language").select_option("nb")
    page.get_by_role("heading", name="Partier").wait_for()
    assert page.locator("html").get_attribute("lang") == "nb"
    page.wait_for_load_state("load")  # with its styles
    beyond = page.locator(".scroll").evaluate("table => table.scrollWidth - table.clientWidth")
    assert beyond <= 0, "longer words than the English ones, and yet all columns are seen"
    heights = [
        page.locator("td.object", has_text=one).first.locator("bdi").bounding_box()["height"]
        for one in ("Kontakt", "Salgsmulighet")
    ]
    assert heights[0] == heights[1], "no word is broken"


def test_by_keyboard_alone(page: Any, site: str, filled: Filled):
    page.goto(f"{site}{PREFIX}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("details.many summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    assert page.locator("details.many[open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.get_by_role("button", name="Apply").press("Enter")
    page.wait_for_url("**object=*")
    page.locator("a.open").first.press("Enter")
    page.wait_for_url("**/batches/*")
