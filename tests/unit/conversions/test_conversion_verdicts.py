"""What becomes of a conversion: when its record is read again, and by each of Google's answers (GA-23, GA-24)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from google.ads.googleads.v26.errors.types.conversion_adjustment_upload_error import (
    ConversionAdjustmentUploadErrorEnum as Adjust,
)
from google.ads.googleads.v26.errors.types.conversion_upload_error import ConversionUploadErrorEnum as Upload

from lockstep.conversions.definition import Backend, Consent, Conversions, Kind, Milestone
from lockstep.conversions.record import Conversion, ConversionState, Undone, seen_again
from lockstep.conversions.verdicts import (
    Judgement,
    accepted,
    adjusted,
    judgement,
    not_adjusted,
    refused,
    settled,
    taken,
)
from lockstep.errors import CODES
from lockstep.google_ads_codes import Verdict, ads_error
from lockstep.model import OutcomeKind

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
S = ConversionState
ADS = Conversions(backend=Backend.GOOGLE_ADS)
NEW = Conversion(
    "o",
    "salesforce",
    "Lead",
    "00Q",
    "m",
    "e",
    None,
    "7",
    NOW - timedelta(days=2),
    gclid="g",
    click_by=NOW - timedelta(days=3),
)
SENT = replace(NEW, id=1, state=S.SENT, sent_at=NOW, sent_value="1", value="1", now_value="1", attempts=1)
HELD = replace(SENT, state=S.ACCEPTED, accepted_at=NOW - timedelta(days=1), sent_at=NOW - timedelta(days=1))
SILENT = {"UNSPECIFIED", "UNKNOWN"}


# --- reading a record


@pytest.mark.parametrize(
    ("change", "backend", "state", "code"),
    [
        ({}, Backend.GOOGLE_ADS, S.READY, None),
        ({}, Backend.DATA_MANAGER, S.READY, None),
        ({"gclid": None}, Backend.GOOGLE_ADS, S.UNIDENTIFIED, "ads_no_identifier"),
        ({"gclid": None, "people": (("email", "x"),)}, Backend.GOOGLE_ADS, S.READY, None),
        ({"undone": Undone.REOPENED}, Backend.GOOGLE_ADS, S.WITHDRAWN, None),
        ({"undone": Undone.CONSENT}, Backend.GOOGLE_ADS, S.WITHHELD, "ads_denied_consent"),
        ({"happened_at": NOW - timedelta(days=91)}, Backend.GOOGLE_ADS, S.EXPIRED, "ads_expired_event"),
        ({"happened_at": NOW, "click_by": NOW - timedelta(hours=2)}, Backend.GOOGLE_ADS, S.READY, None),
        (
            {"happened_at": NOW, "click_by": NOW - timedelta(hours=2)},
            Backend.DATA_MANAGER,
            S.WAITING,
            "ads_too_recent_event",
        ),
        ({"happened_at": NOW, "click_by": NOW - timedelta(hours=7)}, Backend.DATA_MANAGER, S.READY, None),
        ({"happened_at": NOW, "click_by": None}, Backend.DATA_MANAGER, S.WAITING, "ads_too_recent_event"),
    ],
)
def test_the_first_state(change: dict[str, object], backend: Backend, state: ConversionState, code: str | None) -> None:
    found = seen_again(None, replace(NEW, **change), Conversions(backend=backend), NOW)  # type: ignore[arg-type]
    assert (found.state, found.code) == (state, code)
    if state is S.WAITING:
        assert found.not_before is not None
        assert found.not_before > NOW


def test_consent_that_is_required_and_missing_withholds() -> None:
    consent = Consent({"ad_user_data": {"Lead": ("C",)}})
    denied = replace(NEW, consent={"ad_user_data": "denied"})
    assert seen_again(None, denied, Conversions(consent=consent), NOW).state is S.WITHHELD
    later = seen_again(replace(HELD, consent={}), denied, Conversions(consent=consent), NOW)
    assert (later.state, later.undone) == (S.ACCEPTED, Undone.CONSENT), "taken back by the next push"


@pytest.mark.parametrize("state", [S.UNIDENTIFIED, S.READY, S.WAITING, S.WITHHELD, S.WITHDRAWN])
def test_what_was_not_sent_is_judged_anew(state: ConversionState) -> None:
    found = seen_again(replace(NEW, id=5, state=state), NEW, ADS, NOW)
    assert (found.state, found.id) == (S.READY, 5)


@pytest.mark.parametrize("state", [S.SENT, S.PENDING, S.UNRESOLVED, S.ACCEPTED, S.ADJUSTED, S.RETRACTED, S.EXPIRED])
def test_what_was_sent_keeps_its_state_and_identifiers(state: ConversionState) -> None:
    fresh = replace(NEW, gclid="another", now_value="9", value="8")
    found = seen_again(replace(SENT, state=state), fresh, ADS, NOW)
    assert (found.state, found.gclid, found.now_value, found.value) == (state, "g", "9", "1")


def test_a_fixed_value_that_is_edited_in_the_file_restates_nothing() -> None:
    fixed = Milestone("m", Kind.LEAD_STATUS, "Working", "7", restate=False)
    fresh = replace(NEW, value="9", now_value="9")
    assert seen_again(HELD, fresh, Conversions((fixed,)), NOW).now_value == "1"
    assert seen_again(HELD, fresh, Conversions((replace(fixed, restate=True),)), NOW).now_value == "9"


def test_a_value_in_another_currency_is_another_value() -> None:
    sold = Milestone("m", Kind.OPPORTUNITY_STAGE, "Won", "7", currency_field="CurrencyIsoCode")
    held = replace(HELD, currency="NOK", now_currency="NOK")
    fresh = replace(NEW, now_value="1", currency="NOK", now_currency="SEK")
    again = seen_again(held, fresh, Conversions((sold,)), NOW)
    assert (held.revalued, again.revalued, again.currency) == (False, True, "NOK")
    told = adjusted(again, NOW)[0]
    assert (told.revalued, told.currency, told.sent_value) == (False, "SEK", "1")
    in_file = replace(sold, currency_field=None, currency="SEK")
    assert not seen_again(held, fresh, Conversions((in_file,)), NOW).revalued, "an edit of the file restates nothing"


def test_a_refused_row_is_tried_again_once_its_identifiers_change() -> None:
    rejected = replace(SENT, state=S.REJECTED, code="ads_unparseable_gclid")
    assert seen_again(rejected, NEW, ADS, NOW).state is S.REJECTED
    mended = seen_again(rejected, replace(NEW, gclid="mended"), ADS, NOW)
    assert (mended.state, mended.gclid, mended.attempts) == (S.READY, "mended", 1)


def test_an_erased_person_is_not_known_again() -> None:
    erased = replace(NEW, id=5, gclid=None, undone=Undone.ERASED, state=S.WITHDRAWN)
    assert seen_again(erased, NEW, ADS, NOW) == erased


def test_parked_after_an_answer_and_undone_meanwhile() -> None:
    parked = replace(SENT, state=S.WAITING, not_before=NOW)
    assert seen_again(parked, replace(NEW, undone=Undone.REOPENED), ADS, NOW).state is S.WITHDRAWN


# --- answers to uploads


def test_google_took_it() -> None:
    assert taken(SENT, None, NOW)[0].state is S.ACCEPTED
    pending, outcome, code = taken(SENT, "t-1", NOW)
    assert (pending.state, pending.request_id, outcome, code) == (S.PENDING, "t-1", OutcomeKind.NEW, None)
    assert accepted(HELD, NOW).state is S.ADJUSTED


NAMES = sorted({one.name for one in Upload.ConversionUploadError} - SILENT)


@pytest.mark.parametrize("name", NAMES)
def test_every_upload_error_has_its_action(name: str) -> None:
    error = ads_error(name)
    found, outcome, code = refused(SENT, name, NOW)
    assert code == error.code
    assert code in CODES
    expected = {
        Verdict.LATER: (S.WAITING, OutcomeKind.DEFERRED),
        Verdict.STOPPED: (S.WAITING, OutcomeKind.FAILED),
        Verdict.FIX: (S.REJECTED, OutcomeKind.FAILED),
        Verdict.DROPPED: (S.EXPIRED if name == "EXPIRED_EVENT" else S.REJECTED, OutcomeKind.SKIPPED),
        Verdict.RECORDED: (S.DUPLICATE, OutcomeKind.SKIPPED),
    }[error.verdict]
    assert (found.state, outcome) == expected
    assert (found.not_before is not None) == (found.state is S.WAITING)


@pytest.mark.parametrize(
    ("row", "repeated", "state"),
    [(SENT, False, S.DUPLICATE), (SENT, True, S.ACCEPTED), (replace(SENT, attempts=2), False, S.ACCEPTED)],
)
def test_an_order_id_that_google_has(row: Conversion, repeated: bool, state: ConversionState) -> None:
    found = refused(row, "ORDER_ID_ALREADY_IN_USE", NOW, repeated)[0]
    assert found.state is state
    assert found.accepted_at == NOW, "confirmed: it can be adjusted"


def test_a_refused_restatement_leaves_the_conversion_recorded() -> None:
    again = replace(HELD, now_value="2", sent_value="2")
    assert refused(again, "INTERNAL_ERROR", NOW)[0] == replace(
        again, code="ads_internal_error", not_before=NOW + timedelta(minutes=5), sent_value=None
    )
    kept = refused(again, "INVALID_CURRENCY_CODE", NOW)[0]
    assert (kept.state, kept.sent_value, kept.code) == (S.ACCEPTED, "2", "ads_currency_code")


# --- adjustments


@pytest.mark.parametrize("name", sorted({one.name for one in Adjust.ConversionAdjustmentUploadError} - SILENT))
@pytest.mark.parametrize("undone", [None, Undone.REOPENED])
def test_every_adjustment_error_has_its_action(name: str, undone: Undone | None) -> None:
    row = replace(HELD, undone=undone, now_value="2", sent_at=NOW)
    found, outcome, code = not_adjusted(row, name, NOW)
    verdict = ads_error(name).verdict
    assert code == ads_error(name).code
    if verdict is Verdict.RECORDED:
        assert (found.state, outcome) == (S.RETRACTED if undone else S.ADJUSTED, OutcomeKind.SKIPPED)
    elif verdict in (Verdict.LATER, Verdict.STOPPED):
        assert found.state is S.ACCEPTED
        assert found.not_before is not None
    else:
        assert found.state is (S.CANNOT_RETRACT if undone else S.ACCEPTED)
        assert undone or found.sent_value == found.now_value, "not told again"


def test_adjusted() -> None:
    assert adjusted(replace(HELD, undone=Undone.DELETED), NOW)[0].state is S.RETRACTED
    told = adjusted(replace(HELD, now_value="5"), NOW)[0]
    assert (told.state, told.sent_value) == (S.ADJUSTED, "5")


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (replace(HELD, undone=Undone.DELETED), S.CANNOT_RETRACT),
        (replace(SENT, undone=Undone.DELETED), S.WITHDRAWN),
        (replace(HELD, now_value="2"), S.ACCEPTED),
    ],
)
def test_what_google_does_not_find_is_given_up_after_a_day(row: Conversion, state: ConversionState) -> None:
    fresh = replace(row, sent_at=NOW - timedelta(hours=23))
    assert not_adjusted(fresh, "CONVERSION_NOT_FOUND", NOW)[0].state is row.state
    old = replace(row, sent_at=NOW - timedelta(hours=25))
    assert not_adjusted(old, "CONVERSION_NOT_FOUND", NOW)[0].state is state


# --- verdicts in numbers


@pytest.mark.parametrize(
    ("rows", "reasons", "expected"),
    [
        (5, {}, Judgement()),
        (5, {"DUPLICATE_TRANSACTION_ID": 5}, Judgement()),
        (5, {"DUPLICATE_TRANSACTION_ID": 2}, Judgement()),
        (5, {"TOO_RECENT_CLICK": 5}, Judgement(refusal="TOO_RECENT_CLICK")),
        (1, {"INVALID_CLICK": 1}, Judgement(refusal="INVALID_CLICK")),
        (5, {"TOO_RECENT_CLICK": 2}, Judgement(unknown=True)),
        (5, {"INVALID_CLICK": 2, "EVENT_TOO_OLD": 3}, Judgement(unknown=True)),
        (5, {"INVALID_CLICK": 1, "DUPLICATE_TRANSACTION_ID": 4}, Judgement(unknown=True)),
    ],
)
def test_what_numbers_say(rows: int, reasons: dict[str, int], expected: Judgement) -> None:
    assert judgement(rows, reasons) == expected


def test_pending_conversions_are_settled() -> None:
    pending = replace(SENT, state=S.PENDING)
    assert settled(pending, Judgement(), NOW)[0].state is S.ACCEPTED
    assert settled(pending, Judgement(refusal="EVENT_TOO_OLD"), NOW)[0].state is S.EXPIRED
    assert settled(pending, Judgement(unknown=True), NOW)[0].state is S.UNRESOLVED
    assert settled(pending, Judgement(refusal="REQUEST_FORGOTTEN"), NOW)[0].state is S.WAITING
