"""Sync Status in Airflow's own UI after a bad night: every view, filter, sort, export and action, on what real cycles have left."""

import re
from datetime import timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from tests.integration.bad_night import CLICK, FORMULA, RIGHT_TO_LEFT, SCRIPT, WRONG_NUMBER
from tests.integration.desk import RUN_MS, Desk
from tests.integration.world import until
from tests.status.axe import assert_well_made

from lockstep.decisions import DecisionKind
from lockstep.store import decisions, ledger

pytestmark = [pytest.mark.airflow, pytest.mark.browser, pytest.mark.timeout(600)]


# --- looking: nothing is changed yet


def test_batches_are_filtered_sorted_and_exported(night, desk):
    batches = night.world.batches()
    desk.open("?empty=show&size=200")
    for column, name in (("Started At", "started_at"), ("Ended At", "ended_at")):
        times = {one.id: getattr(one, name) for one in batches}
        for _ in range(2):
            desk.follow(f"Sort by {column}")
            shown = [times[one] for one in desk.ids()]
            assert len(shown) == len(batches)
            assert shown == sorted(shown, reverse=desk.query.get("sort", "-").startswith("-"))
    for label, choice, name, value in (
        ("Status", "Failed", "status", "failed"),
        ("Object", "Lead", "object", "Lead"),
        ("Operation", "Pull deletes", "operation", "pull_deletes"),
        ("System", "Google Ads", "system", "google_ads"),
    ):
        expected = sorted(one.id for one in batches if str(getattr(one, name)) == value)
        desk.clear()
        assert name not in desk.query
        desk.frame.get_by_label("Show batches without items").check()
        desk.choose(label, choice)
        desk.apply()
        assert desk.query[name] == value
        assert sorted(desk.ids()) == expected != []
        assert len(desk.download("Batches as CSV")) == len(expected)


def test_batches_of_a_period_and_of_a_range_in_the_users_zone(night, desk):
    batches = night.world.batches()
    since = min(one.started_at for one in batches).replace(second=0, microsecond=0) + timedelta(minutes=1)
    until_then = since + timedelta(minutes=1)
    desk.open("?empty=show&size=200")
    desk.frame.get_by_label("Period", exact=True).select_option("1h")
    desk.apply()
    assert desk.query["period"] == "1h"
    newest = desk.ids()
    desk.frame.locator("a[rel=next]").click()
    desk.frame.locator("a[rel=prev]").wait_for()
    assert sorted(newest + desk.ids()) == sorted(one.id for one in batches)
    desk.frame.get_by_label("Period", exact=True).select_option("custom")
    for label, at in (("From", since), ("To", until_then)):
        local = at.astimezone(ZoneInfo("Europe/Oslo")).strftime("%Y-%m-%dT%H:%M")
        desk.frame.get_by_label(label, exact=True).fill(local)
    desk.apply()
    expected = [one.id for one in batches if since <= one.started_at < until_then]
    assert 0 < len(expected) < len(batches)
    assert sorted(desk.ids()) == sorted(expected)


def test_a_batch_opens_its_records_calls_run_and_task_log(night, desk):
    with night.world.store.reading() as tx:
        refused = next(ledger.errors(tx, ledger.ErrorFilter(codes=["validation_rule"])))
    (batch,) = [one for one in night.world.batches() if one.id == refused.batch_id]
    desk.open("?empty=show&size=200")
    desk.go(desk.frame.locator(f"tr[data-id='{batch.id}'] a.open"))
    desk.follow("Validation rule")
    records = desk.frame.locator("table.records tbody tr")
    assert records.count() == len(night.refused)
    desk.frame.locator(".figures").get_by_role("link", name="API calls").click()
    desk.frame.locator(f"#s-{batch.system}:target").wait_for()
    desk.page.go_back()
    desk.follow(batch.run_id)
    same_run = [one.id for one in night.world.batches() if one.run_id == batch.run_id and any(one.counts.values())]
    assert sorted(desk.ids()) == sorted(same_run)
    desk.page.go_back()
    desk.frame.get_by_role("link", name="Task log in Airflow").click()
    desk.page.wait_for_url("**/tasks/apply/mapped/*")
    dag_id, run_id = batch.run_id.split(":", 1)
    assert f"/dags/{dag_id}/runs/{run_id}/" in unquote(desk.page.url)
    desk.page.get_by_text("Log message source details").first.wait_for()


def test_errors_by_cause_down_to_the_records_in_both_systems(night, desk):
    desk.open("errors")
    desk.frame.get_by_label("Level").select_option("job")
    desk.apply()
    codes = desk.frame.locator(".cause code").all_inner_texts()
    assert {"vendor_unavailable", "authentication"} <= set(codes)
    desk.clear()
    desk.choose("Object", "Contact")
    desk.choose("System", "Salesforce")
    desk.frame.get_by_label("Period", exact=True).select_option("1h")
    desk.frame.get_by_label("State").select_option("standing")
    desk.apply()
    assert desk.query == {"object": "Contact", "system": "salesforce", "period": "1h", "state": "standing"}
    assert "validation_rule" in desk.frame.locator(".cause code").all_inner_texts()
    assert {one["object"] for one in desk.download("Errors as CSV")} == {"Contact"}
    desk.clear()
    card = desk.frame.locator(".cause").filter(has_text="validation_rule")
    assert "4 records" in card.inner_text()
    assert "4 still open" in card.inner_text()
    card.get_by_role("link", name="Guide: data").click()
    desk.frame.locator("#class-data:target").wait_for()
    desk.page.go_back()
    card.get_by_role("link", name="A validation rule or automation in the target refused the record.").click()
    rows = desk.frame.locator("tbody tr")
    rows.nth(3).wait_for()
    for pair in night.refused:
        row = rows.filter(has_text=pair.sf_id)
        told = {one: row.get_by_role("link", name=one).get_attribute("href") for one in (pair.sf_id, pair.hs_id)}
        assert told[pair.sf_id].endswith(f".my.salesforce.com/{pair.sf_id}")
        assert told[pair.hs_id].startswith("https://app.hubspot.com/contacts/")
        assert told[pair.hs_id].endswith(pair.hs_id)
    assert_text_alone(desk, rows.first.inner_text())
    found = desk.download("Errors as CSV")
    assert sorted(one["sf_id"] for one in found) == sorted(one.sf_id for one in night.refused)
    assert all(one["message"].startswith(f"'{FORMULA}") and len(one["message"]) > 5_000 for one in found)


def assert_text_alone(desk, shown):
    """Hostile words are read, not run."""
    assert SCRIPT in shown
    assert RIGHT_TO_LEFT in shown
    assert "owned" not in desk.page.title()
    assert desk.frame.locator("main script").count() == 0


def test_skipped_and_held_have_reasons_and_both_values(night, desk):
    desk.open("unsynced")
    whole = int(re.sub(r"\D", "", desk.frame.locator(".tallies a").first.inner_text()))
    with night.world.store.reading() as tx:
        standing = ledger.ErrorFilter(standing=True, job=False)
        assert whole == ledger.records(tx, standing)[0] == len(desk.download("Records as CSV"))
    desk.choose("Object", "Company")
    desk.frame.get_by_label("Period", exact=True).select_option("1h")
    desk.apply()
    assert desk.query == {"object": "companies", "period": "1h"}
    assert {one["object"] for one in desk.download("Records as CSV")} == {"companies"}
    desk.clear()
    desk.follow("Both sides changed the field, and its rule asks a person.")
    assert desk.query == {"outcome": "held", "code": "clash"}
    rows = desk.frame.locator("tbody tr")
    assert rows.count() == len(night.clashed)
    rows.filter(has_text=night.clashed[0].sf_id).get_by_text("Decide", exact=True).click()
    told = rows.filter(has_text=night.clashed[0].sf_id).locator("form.decide").inner_text()
    assert all(words in told for words in ("Head of sales 0", f"{SCRIPT} 0", "When they last agreed", "hold"))
    assert_text_alone(desk, f"{told} {RIGHT_TO_LEFT}")


def test_a_record_by_id_address_and_name_and_why_its_value_is_there(night, desk):
    person = night.people.sf_record("Contact", night.refused[0].sf_id)
    for words in (night.refused[0].hs_id, person["Email"], f"{person['FirstName']} {person['LastName']}"):
        desk.open("record")
        desk.frame.get_by_label("Id in Salesforce or HubSpot").fill(words)
        desk.frame.get_by_role("button", name="Search").click()
        desk.frame.get_by_role("heading", name="Both sides").wait_for()
        assert desk.address.endswith(f"/record/{night.refused[0].id}")
    desk.follow("Changes of phone")
    story = desk.frame.locator(".events").inner_text()
    assert "two_way: only HubSpot changed" in story
    assert WRONG_NUMBER in story
    assert_text_alone(desk, story)


def test_backlog_calls_health_and_schema_tell_of_the_night(night, desk):
    desk.open("backlog")
    waiting = desk.frame.locator("table.backlog tbody tr").filter(has_text="people")
    assert waiting.first.locator("td.trend-cell svg").count() == 1
    desk.open("health")
    assert "HubSpot: Suspended" in desk.frame.locator(".call").first.inner_text()
    troubled = (
        desk.frame.get_by_role("region", name="Last run of each step")
        .locator("tbody tr")
        .filter(has_text="something failed")
    )
    assert troubled.locator("th code").all_inner_texts() == ["pull_updates", "pull_deletes", "push_updates"]
    desk.open("calls")
    for system in ("Salesforce", "HubSpot", "Google Ads"):
        section = desk.frame.get_by_role("region", name=system)
        assert section.locator("table.operations tbody tr").count() > 0
    desk.open("schema")
    desk.follow("Field held")
    assert desk.query == {"impact": "held"}
    patch = desk.frame.locator("textarea").input_value()
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.frame.get_by_role("button", name="Copy").click()
    desk.frame.get_by_role("button", name="Copied").wait_for()
    assert "date_of_birth" in patch
    assert desk.inside("navigator.clipboard.readText()") == patch


def test_conversions_from_the_upload_to_the_click(night, desk):
    desk.open("conversions")
    desk.frame.get_by_text("Nothing keeps milestones from becoming conversions").wait_for()
    desk.follow("All conversions")
    every = desk.frame.locator("tr[data-order]").count()
    assert len(desk.download("Conversions as CSV")) == every > 1
    desk.choose("Milestone", "working")
    desk.apply()
    assert desk.query == {"milestone": "working"}
    assert 0 < desk.frame.locator("tr[data-order]").count() < every
    desk.clear()
    desk.follow("A click's passport")
    desk.frame.get_by_label("Click id, order id").fill(CLICK)
    desk.page.keyboard.press("Enter")
    desk.frame.get_by_role("heading", name="What happened").wait_for()
    assert night.lead in desk.frame.locator("main").inner_text()
    desk.follow("Why the numbers differ")
    desk.frame.locator("table.bridge").wait_for()
    numbers = [
        float(one.replace("\u2212", "-").replace(",", ""))
        for one in desk.frame.locator("table.bridge td.num").all_inner_texts()
    ]
    assert numbers[0] + sum(numbers[1:-1]) == pytest.approx(numbers[-1])
    assert desk.download("Table as CSV")


PAGES = (
    "",
    "errors",
    "unsynced?outcome=held",
    "record",
    "calls",
    "backlog",
    "conversions",
    "conversions/differences",
    "schema",
    "health",
    "guide",
)


def test_every_page_in_both_themes_and_narrow(night, desk):
    """Axe on the pages themselves; the theme is Airflow's own, in its frame."""
    desk.open()
    for theme, is_light in (("dark", False), ("light", True)):
        desk.page.evaluate(f"localStorage.setItem('theme', '{theme}')")
        desk.frame.locator(f"html[data-theme={theme}]").wait_for(state="attached")
        assert (desk.lightness() > 200) == is_light
    first, *others = desk.frame.locator("nav.views a").all_inner_texts()
    for view in (*others, first):
        desk.follow(view)
        assert desk.frame.locator("nav.views a[aria-current=page]").inner_text() == view
    with Desk.at(desk.page.context.browser, desk.url) as alone:
        for path in PAGES:
            assert_well_made(alone.page, f"{alone.url}/sync-status/{path}")


# --- acting: each is a run of a DAG, and a signed row


def test_a_suspension_is_cleared_and_an_allocation_changed(night, desk):
    desk.open("calls")
    desk.frame.get_by_role("button", name="Clear suspension").click()
    desk.done("sync_schema")
    desk.frame.get_by_label("Allocate calls per 24 hours").nth(1).fill("90000")
    hubspot = desk.frame.get_by_role("region", name="HubSpot")
    hubspot.get_by_role("button", name="Update").click()
    desk.done("sync_schema")
    assert hubspot.get_by_role("button", name="Clear suspension").count() == 0
    assert "90,000" in hubspot.inner_text()
    # what had not been read is read, so that people are no longer held up by it
    for step in ("pull_updates", "pull_deletes"):
        assert night.world.run(step, systems=["hubspot"])[1] == "success"


def test_what_is_in_process_is_followed_to_its_end(night, desk):
    night.people.fault("hubspot", "delay", "/(contacts|0-1)/search", seconds=15)
    run_id = night.world.trigger("pull_updates", objects=["people"], systems=["hubspot"])
    until(lambda: night.world.batches("pull_updates", run_id), "the batch is open")
    desk.open(f"?empty=show&run=pull_updates:{run_id}".replace("+", "%2B"))
    row = desk.frame.locator("tbody.rows tr")
    row.locator(".s-in_process").wait_for()
    desk.inside("window.sameDocument = true")
    row.locator(".s-in_process").wait_for(state="detached", timeout=RUN_MS)
    assert "Succeeded" in row.inner_text()
    assert desk.inside("window.sameDocument"), "nothing was loaded anew"
    night.people.heal()


def test_refused_records_are_synced_again(night, desk):
    desk.open("errors?state=standing")
    desk.follow("A validation rule or automation in the target refused the record.")
    rows = desk.frame.locator("tbody tr")
    rows.filter(has_text=night.refused[0].sf_id).get_by_role("checkbox").check()
    desk.frame.get_by_role("button", name="Resync selected").click()
    desk.done("push_updates")
    desk.frame.get_by_role("button", name="Resync all 3 open").click()
    desk.done("push_updates")
    desk.open("errors")
    assert "All resolved" in desk.frame.locator(".cause").filter(has_text="validation_rule").inner_text()
    assert night.phones() == [(WRONG_NUMBER, WRONG_NUMBER)] * 4
    found = night.world.airflow.api("GET", "dags/push_updates/dagRuns?run_type=manual&order_by=-run_after&limit=2")
    rest, first = ([run["triggering_user_name"], run["conf"]["decision"]] for run in found["dag_runs"])
    with night.world.store.reading() as tx:
        made = decisions.get(tx, [*first[1], *rest[1]])
    assert [one.pair_id for one in made[:1]] == [night.refused[0].id]
    assert {one.pair_id for one in made} == {one.id for one in night.refused}
    assert {(one.made_by, one.kind) for one in made} == {(first[0], DecisionKind.RESYNC)}


def test_people_decide_what_was_held(night, desk):
    left, right, typed = night.clashed
    desk.decide("unsynced?code=clash", left.sf_id, "Take Salesforce's value")
    desk.decide("unsynced?code=clash", right.sf_id, "Take HubSpot's value")
    desk.decide("unsynced?code=clash", typed.sf_id, "Asked: both")
    desk.decide("unsynced?code=edited_and_deleted", night.gone.hs_id, "Keep what is left, and end the pair")
    assert night.titles() == [("Head of sales 0",) * 2, (f"{SCRIPT} 1",) * 2, ("Asked: both",) * 2]
    assert night.people.hs_record("contacts", night.gone.hs_id)["jobtitle"] == "Still wanted"


def test_a_partner_is_chosen_for_an_ambiguous_record(night, desk):
    desk.open("unsynced?code=ambiguous_match")
    row = desk.frame.locator("tbody tr").first
    waiting = desk.frame.locator("tbody tr").count()
    row.get_by_text("Decide", exact=True).click()
    row.locator("input[name=choice]:not([disabled])").first.check()
    row.get_by_role("button", name="Decide and sync").click()
    desk.done("push_updates")
    assert desk.frame.locator("tbody tr").count() < waiting


def test_an_object_is_paused_and_goes_on(night, desk):
    desk.open("health")
    for action, then in (("Pause people", "Resume people"), ("Resume people", "Pause people")):
        desk.frame.get_by_role("button", name=action).click()
        desk.done("push_updates")
        desk.frame.get_by_role("button", name=then).wait_for()


def test_the_link_to_google_is_checked_again(night, desk):
    desk.open("conversions")
    desk.frame.get_by_label("Relink").check()
    desk.frame.get_by_role("button", name="Run preflight").click()
    desk.done("preflight")
    found = night.world.airflow.api("GET", "dags/preflight/dagRuns?order_by=-run_after&limit=1")["dag_runs"]
    assert found[0]["conf"] == {"relink": True}


def test_a_refused_plan_is_approved_and_what_it_wrote_undone(night, desk):
    for pair in night.refused:
        night.people.edit_sf("Contact", pair.sf_id, Phone=None)
    assert night.world.run("pull_updates", objects=["people"], systems=["salesforce"])[1] == "success"
    assert night.world.run("push_updates")[1] == "failed"
    desk.open("errors?level=job&state=standing")
    desk.follow("A safety limit stopped the run before any write.")
    desk.frame.get_by_text("Approve this plan").click()
    desk.frame.get_by_role("button", name="Approve and write").click()
    desk.done("push_updates")
    assert night.phones() == [(None, None)] * 4

    desk.follow("What that run wrote")
    desk.frame.get_by_text("Undo this run").first.click()
    desk.frame.get_by_role("button", name="List what would be put back").first.click()
    desk.done("undo_run")
    assert night.phones() == [(None, None)] * 4
    desk.frame.get_by_text("Undo it").click()
    desk.frame.get_by_role("button", name="Undo and write").click()
    desk.done("undo_run")
    assert [hubspot for _, hubspot in night.phones()] == [WRONG_NUMBER] * 4
