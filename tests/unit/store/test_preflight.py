"""What preflights found, in the store: since when, for how long it may still be waited for, and what is blocked by it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lockstep.conversions.findings import Finding, Kept, Level, Severity, Standing, blocked_by
from lockstep.model import BatchStatus, Operation, Step, Window
from lockstep.store import Store, ledger, preflight

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
GCLID = Finding("lead_gclid_missing", Level.ACCOUNT, Severity.BLOCK, "words", object="Lead", fields=("Lead.GCLID__c",))
GONE = Finding("milestone_gone", Level.MILESTONE, Severity.BLOCK, "words", milestone="won")
GOOGLE = Finding(
    "ads_account_suspended", Level.ACCOUNT, Severity.BLOCK, "words", account="2223334445", vendor="google_ads"
)
HINT = Finding("fields_no_access", Level.ACCOUNT, Severity.WARNING, "words", object="Contact", fields=("Contact.X",))


def save(store: Store, *found: Finding, at: datetime = NOW, afresh: bool = False) -> dict[str, Kept]:
    with store.writing() as tx:
        preflight.save(tx, found, at, afresh)
        return {one.finding.code: one for one in preflight.open(tx)}


def test_a_finding_comes_back_as_it_was(store: Store) -> None:
    assert save(store, GCLID, GONE)["lead_gclid_missing"].finding == GCLID


def test_a_change_in_salesforce_has_a_day_to_show_and_google_none(store: Store) -> None:
    kept = save(store, GCLID, GOOGLE)
    first, google = kept["lead_gclid_missing"], kept["ads_account_suspended"]
    assert (first.standing(NOW + 23 * HOUR), first.left(NOW + 23 * HOUR)) == (Standing.WAITING, HOUR)
    assert (google.standing(NOW), google.left(NOW)) == (Standing.STANDING, timedelta())
    later = save(store, replace(GCLID, message="other words"), at=NOW + 24 * HOUR)["lead_gclid_missing"]
    assert later.standing(NOW + 24 * HOUR) is Standing.STANDING
    assert (later.since, later.finding.message) == (NOW, "other words")
    again = save(store, GCLID, at=NOW + 30 * HOUR, afresh=True)["lead_gclid_missing"]
    assert again.left(NOW + 30 * HOUR) == 24 * HOUR


def test_what_is_not_found_any_more_is_gone_and_may_come_back(store: Store) -> None:
    save(store, GCLID)
    assert save(store, at=NOW + HOUR) == {}
    with store.reading() as tx:
        (gone,) = preflight.every(tx)
    assert gone.standing(NOW + HOUR) is Standing.GONE
    back = save(store, GCLID, at=NOW + 50 * HOUR)["lead_gclid_missing"]
    assert (back.since, back.told_at, back.standing(NOW + 51 * HOUR)) == (NOW + 50 * HOUR, None, Standing.WAITING)


def test_people_are_called_once_and_again_when_waiting_was_in_vain(store: Store) -> None:
    kept = save(store, GCLID, HINT)
    assert kept["lead_gclid_missing"].alarming(NOW)
    assert not kept["fields_no_access"].alarming(NOW)
    with store.writing() as tx:
        preflight.told(tx, [kept["lead_gclid_missing"]], NOW)
    quiet = save(store, GCLID, at=NOW + HOUR)["lead_gclid_missing"]
    assert not quiet.alarming(NOW + HOUR)
    assert quiet.alarming(NOW + 24 * HOUR)


def test_what_is_blocked(store: Store) -> None:
    save(store, GCLID, GONE, GOOGLE, HINT)
    with store.reading() as tx:
        blocked = preflight.blocked(tx)
    assert blocked.upload("2223334445", "lead") == "ads_account_suspended"
    assert blocked.upload("1", "won") == "milestone_gone"
    assert blocked.upload("1", "lead") is None
    assert blocked.adjust("2223334445", "won") == "ads_account_suspended"
    assert blocked.adjust("1", "won") is None, "what Google holds is adjusted, though the stage is gone"
    assert (blocked.pull("Lead"), blocked.pull("Contact")) == ("lead_gclid_missing", None)
    assert blocked.hidden == {"Lead": {"GCLID__c"}, "Contact": {"X"}}


def test_fields_of_both_objects_block_both(store: Store) -> None:
    save(store, replace(GCLID, code="fields_no_access", object="Lead,Opportunity"))
    with store.reading() as tx:
        assert preflight.blocked(tx).pull("Opportunity") == "fields_no_access"


def test_a_link_that_has_worked_and_when_it_was_looked_at(store: Store) -> None:
    with store.writing() as tx:
        assert not preflight.worked(tx, "salesforce", NOW)
        assert preflight.checked_at(tx, NOW) is None
        preflight.note_worked(tx, "salesforce", "00D", NOW)
    save(store)
    with store.reading() as tx:
        assert preflight.worked(tx, "salesforce", NOW + timedelta(days=900))
        assert preflight.checked_at(tx, NOW) == NOW


def test_the_newest_import_of_an_object_counts(store: Store) -> None:
    window = Window(NOW - HOUR, NOW)
    with store.writing() as tx:
        ledger.open_run(tx, "r", Step.PULL_CONVERSIONS, "scheduled", window, "h", None, {}, NOW)
        for name, words in (("Lead", "broken"), ("Opportunity", "broken"), ("Opportunity", None)):
            one = ledger.open_batch(tx, "r", "salesforce", name, Operation.PULL_MILESTONES, window, "conversions")
            status = BatchStatus.FAILED if words else BatchStatus.SUCCEEDED
            ledger.close_batch(tx, one, status, error_code="config" if words else None, error=words)
        assert preflight.failed_imports(tx) == {"Lead": "broken"}


@pytest.mark.parametrize(
    ("code", "milestone", "stops"),
    [
        ("ads_not_allowlisted", "", False),
        ("ads_project_not_approved", "", True),
        ("conv_action_removed", "won", True),
        ("milestone_gone", "won", False),
        ("already_linked", "won", False),
    ],
)
def test_what_stops_adjustments(code: str, milestone: str, stops: bool) -> None:
    level = Level.MILESTONE if milestone else Level.ACCOUNT
    blocked = blocked_by([Finding(code, level, Severity.BLOCK, "words", "" if milestone else "1", milestone=milestone)])
    assert blocked.upload("1", "won") == code
    assert blocked.adjust("1", "won") == (code if stops else None)
