"""ConversionAdjustmentUploadService: retractions, restatements, enhancements.

Source: Google Ads API, ConversionAdjustmentUploadError and "Upload conversion adjustments".
"""

from __future__ import annotations

from typing import Any

import pytest
from google.ads.googleads.v26.services.types.conversion_adjustment_upload_service import (
    GclidDateTimePair,
    RestatementValue,
)
from tests.contract.google_ads_vendor import (
    FIXED,
    GCLID,
    WEB,
    Google,
    adjustment,
    ago,
    codes,
    conversion,
    names,
    person,
    stamp,
)  # fmt: skip

from sandbox.rpc import RpcRefused
from sandbox.world_google_ads import MAIN, hashed

HASH = hashed("ola@example.com")
VALUE = RestatementValue(adjusted_value=80)
AT = stamp(ago(days=2))


@pytest.fixture
def google() -> Google:
    """An account with one conversion by order id and one without."""
    made = Google()
    made.click()
    made.upload(
        conversion(order_id="order-1", conversion_value=100), conversion(conversion_date_time=stamp(ago(days=3)))
    )
    return made


def pair(at: str = stamp(ago(days=3)), gclid: str = GCLID) -> dict[str, Any]:
    return {"order_id": None, "gclid_date_time_pair": GclidDateTimePair(gclid=gclid, conversion_date_time=at)}


def test_a_retraction_takes_the_conversion_away(google: Google) -> None:
    (result,) = google.adjust(adjustment()).results
    assert (result.order_id, result.adjustment_type.name) == ("order-1", "RETRACTION")
    assert [row["retracted"] for row in google.conversions()] == [True, False]


def test_a_restatement_sets_the_new_total(google: Google) -> None:
    assert (
        google.unadjusted(
            adjustment("RESTATEMENT", restatement_value=RestatementValue(adjusted_value=80, currency_code="EUR"))
        )
        == []
    )
    (stored, _) = google.conversions()
    assert (stored["value"], stored["adjusted_value"], stored["currency"]) == (100.0, 80.0, "EUR")


def test_a_conversion_without_order_id_is_named_by_click_and_time(google: Google) -> None:
    assert google.unadjusted(adjustment(**pair())) == []
    assert [row["retracted"] for row in google.conversions()] == [False, True]


@pytest.mark.parametrize(
    ("name", "row", "place"),
    [
        ("CONVERSION_NOT_FOUND", adjustment(order_id="order-2"), "order_id"),
        ("CONVERSION_NOT_FOUND", adjustment(action="700003"), "order_id"),
        ("CONVERSION_NOT_FOUND", adjustment(**pair(AT)), "gclid_date_time_pair"),
        ("GCLID_DATE_TIME_PAIR_AND_ORDER_ID_BOTH_SET", adjustment(**pair() | {"order_id": "order-1"}), "order_id"),
        ("REQUIRED", adjustment(order_id=None), "gclid_date_time_pair"),
        ("REQUIRED", adjustment(adjustment_date_time=None), "adjustment_date_time"),
        ("INVALID_STRING_DATE_TIME_SECONDS_WITH_OFFSET", adjustment(adjustment_date_time="2026-08-31"), "adjustment_date_time"),
        ("ADJUSTMENT_PRECEDES_CONVERSION", adjustment(adjustment_date_time=stamp(ago(days=4))), ""),
        ("REQUIRED", adjustment("RESTATEMENT"), "restatement_value.adjusted_value"),
        ("VALUE_MUST_BE_UNSET", adjustment(restatement_value=VALUE), "restatement_value"),
        ("UNSUPPORTED", adjustment("RESTATEMENT", restatement_value=RestatementValue(adjusted_value=1, currency_code="??")), "restatement_value.currency_code"),
        ("REQUIRED", adjustment("UNSPECIFIED"), "adjustment_type"),
        ("NO_CONVERSION_ACTION_FOUND", adjustment(action="1"), "conversion_action"),
        ("ORDER_ID_CONTAINS_PII", adjustment(order_id="ola@example.com"), "order_id"),
        ("MISSING_ORDER_ID_FOR_WEBPAGE", adjustment(action=WEB, **pair()), "order_id"),
        (
            "CANNOT_RESTATE_CONVERSION_ACTION_THAT_ALWAYS_USES_DEFAULT_CONVERSION_VALUE",
            adjustment("RESTATEMENT", action=FIXED, restatement_value=VALUE), "conversion_action",
        ),
        ("CONVERSION_ACTION_NOT_ELIGIBLE_FOR_ENHANCEMENT", adjustment("ENHANCEMENT", user_identifiers=[person(hashed_email=HASH)]), "conversion_action"),
        ("REQUIRED", adjustment("ENHANCEMENT", action=WEB), "user_identifiers"),
        ("INVALID_USER_IDENTIFIER", adjustment("ENHANCEMENT", action=WEB, user_identifiers=[person(hashed_email="x")]), "user_identifiers.hashed_email"),
        ("UNSUPPORTED_USER_IDENTIFIER", adjustment("ENHANCEMENT", action=WEB, user_identifiers=[person(mobile_id="x")]), "user_identifiers"),
    ],
)  # fmt: skip
def test_rules_of_an_adjustment(google: Google, name: str, row: Any, place: str) -> None:
    assert google.unadjusted(row) == [(0, name, place)]
    assert not any(one["retracted"] or one["adjusted_value"] for one in google.conversions())


def test_a_conversion_with_an_order_id_is_not_found_by_click_and_time(google: Google) -> None:
    assert names(google.unadjusted(adjustment(**pair(AT)))) == ["CONVERSION_NOT_FOUND"]


def test_conversion_already_retracted(google: Google) -> None:
    google.adjust(adjustment())
    later = adjustment("RESTATEMENT", restatement_value=VALUE, adjustment_date_time=stamp(ago(minutes=1)))
    assert names(google.unadjusted(later)) == ["CONVERSION_ALREADY_RETRACTED"]


def test_a_second_restatement_must_be_newer(google: Google) -> None:
    def restate(hours: float) -> list[str]:
        row = adjustment("RESTATEMENT", restatement_value=VALUE, adjustment_date_time=stamp(ago(hours=hours)))
        return names(google.unadjusted(row))

    assert restate(5) == []
    assert restate(5) == ["RESTATEMENT_ALREADY_EXISTS"]
    assert restate(6) == ["MORE_RECENT_RESTATEMENT_FOUND"]
    assert restate(4) == []


def test_duplicate_adjustment_in_request(google: Google) -> None:
    assert names(google.unadjusted(adjustment(), adjustment())) == ["DUPLICATE_ADJUSTMENT_IN_REQUEST"] * 2


def test_conversion_expired_after_fifty_four_days(google: Google) -> None:
    google.later(days=53)
    row = adjustment(adjustment_date_time=stamp(google.clock.now()))
    assert names(google.unadjusted(row)) == ["CONVERSION_EXPIRED"]


def test_too_many_adjustments_of_one_conversion() -> None:
    google = Google(adjustments_max=1)
    google.click()
    google.upload(conversion(order_id="order-1"))
    for hours, expected in ((3, []), (2, ["TOO_MANY_ADJUSTMENTS"])):
        row = adjustment("RESTATEMENT", restatement_value=VALUE, adjustment_date_time=stamp(ago(hours=hours)))
        assert names(google.unadjusted(row)) == expected


@pytest.mark.parametrize(
    ("setting", "name"), [("not_found", "CONVERSION_NOT_FOUND"), ("too_recent", "TOO_RECENT_CONVERSION")]
)
def test_what_a_conversion_of_less_than_a_day_answers_is_a_setting(google: Google, setting: str, name: str) -> None:
    google.vendor.settings["recent_conversion_adjustment"] = setting
    assert names(google.unadjusted(adjustment())) == [name]
    google.later(days=1)
    assert google.unadjusted(adjustment()) == []


def test_an_enhancement_of_a_website_conversion(google: Google) -> None:
    google.act("record_conversion", conversion_action=WEB, click=GCLID, at=ago(days=1).isoformat(), order_id="web-1")
    row = adjustment(
        "ENHANCEMENT",
        action=WEB,
        order_id="web-1",
        adjustment_date_time=None,
        user_identifiers=[person(hashed_email=HASH)],
    )
    assert names(google.unadjusted(row, row)) == ["DUPLICATE_ENHANCEMENT_IN_REQUEST"] * 2
    assert google.unadjusted(row) == []
    assert names(google.unadjusted(row)) == ["CONVERSION_ALREADY_ENHANCED"]
    google.act("set_customer", id=MAIN, terms=False)
    assert names(google.unadjusted(row)) == ["CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS"]
    google.act("set_customer", id=MAIN, policy_prohibits=True)
    assert names(google.unadjusted(row)) == ["CUSTOMER_DATA_POLICY_PROHIBITS_ENHANCEMENT"]


def test_wrong_types_and_new_actions_cannot_be_adjusted(google: Google) -> None:
    call = google.act(
        "create_action", customer=MAIN, name="Calls", type="UPLOAD_CALLS", created_at=ago(days=9).isoformat()
    )["id"]
    new = google.act("create_action", customer=MAIN, name="New")["id"]
    found = google.unadjusted(adjustment(action=call), adjustment(action=new))
    assert names(found) == ["INVALID_CONVERSION_ACTION_TYPE", "TOO_RECENT_CONVERSION_ACTION"]


def test_requests_of_adjustments(google: Google) -> None:
    for rows, fields, name in (
        ([adjustment()], {"partial_failure": False}, "PARTIAL_FAILURE_MODE_REQUIRED"),
        ([adjustment()] * 2001, {}, "TOO_MANY_ADJUSTMENTS_IN_REQUEST"),
        ([adjustment()], {"job_id": 0}, "INVALID_JOB_ID"),
    ):
        with pytest.raises(RpcRefused) as caught:
            google.adjust(*rows, **fields)
        assert codes(caught.value) == [name]
    assert list(google.adjust(adjustment(), validate_only=True).results) == []
    assert not any(one["retracted"] for one in google.conversions())


def test_the_allow_list_does_not_concern_adjustments(google: Google) -> None:
    google.act("set_allow_list", allowed=False)
    assert google.unadjusted(adjustment()) == []
