"""ConversionUploadService.UploadClickConversions: each rule that Google documents for a row or a request.

Source: Google Ads API, ConversionUploadError and "Upload offline conversions".
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from google.ads.googleads.v26.services.types import conversion_upload_service as types
from tests.contract.google_ads_vendor import (
    BRAID,
    EXTERNAL,
    FIXED,
    GCLID,
    LEAD,
    NOW,
    QUALIFIED,
    SHORT,
    WEB,
    WON,
    Google,
    action_name,
    ago,
    codes,
    conversion,
    failure_of,
    names,
    person,
    stamp,
)  # fmt: skip

from sandbox.rpc import RpcRefused
from sandbox.world_google_ads import CANCELED, MAIN, MANAGER, STRANGER, UNDER_MANAGER, UNTRACKED, hashed

HASH = hashed("ola@example.com")


@pytest.fixture
def google() -> Google:
    made = Google()
    made.click()
    return made


def test_a_good_row_is_recorded_and_answered_with_itself(google: Google) -> None:
    answer = google.upload(conversion(order_id="o-1", conversion_value=12.5, currency_code="SEK"), job_id=77)
    assert not answer.partial_failure_error.details
    assert answer.job_id == 77
    (result,) = answer.results
    assert (result.gclid, result.conversion_action) == (GCLID, action_name(QUALIFIED))
    (stored,) = google.conversions()
    assert (stored["order_id"], stored["value"], stored["currency"], stored["job_id"]) == ("o-1", 12.5, "SEK", 77)
    assert stored["at"] == ago(days=2)


def test_a_failed_row_has_an_empty_result_at_its_index_and_its_own_error(google: Google) -> None:
    answer = google.upload(conversion(gclid="x" * 30), conversion(), conversion(gclid="bad"))
    assert [bool(result.gclid) for result in answer.results] == [False, True, False]
    assert answer.partial_failure_error.code == 3
    assert answer.partial_failure_error.message.startswith(
        "Multiple errors in ‘details’. First error: The imported event"
    )
    assert answer.partial_failure_error.message.endswith(", at conversions[0].gclid")


@pytest.mark.parametrize(
    ("name", "fields", "place"),
    [
        ("UNPARSEABLE_GCLID", {"gclid": "not a gclid"}, "gclid"),
        ("UNPARSEABLE_GBRAID", {"gclid": None, "gbraid": "?"}, "gbraid"),
        ("UNPARSEABLE_WBRAID", {"gclid": None, "wbraid": "?"}, "wbraid"),
        ("GBRAID_WBRAID_BOTH_SET", {"gclid": None, "gbraid": BRAID, "wbraid": BRAID}, "gbraid"),
        ("VALUE_MUST_BE_UNSET", {"gbraid": BRAID}, "gbraid"),
        ("REQUIRED", {"gclid": None}, "gclid"),
        ("EVENT_NOT_FOUND", {"gclid": GCLID.lower()}, "gclid"),
        ("ONE_PER_CLICK_CONVERSION_ACTION_NOT_PERMITTED_WITH_BRAID", {"gclid": None, "gbraid": BRAID, "action": LEAD}, "gbraid"),
        ("INVALID_STRING_DATE_TIME_SECONDS_WITH_OFFSET", {"conversion_date_time": "2026-08-30 12:00:00"}, "conversion_date_time"),
        ("INVALID_STRING_DATE_TIME_SECONDS_WITH_OFFSET", {"conversion_date_time": "2026-08-30T12:00:00+00:00"}, "conversion_date_time"),
        ("INVALID_STRING_DATE_TIME_SECONDS_WITH_OFFSET", {"conversion_date_time": "2026-08-30 12:00:00+0000"}, "conversion_date_time"),
        ("LATER_THAN_MAXIMUM_DATE", {"conversion_date_time": stamp(ago(hours=-1))}, "conversion_date_time"),
        ("REQUIRED", {"conversion_date_time": None}, "conversion_date_time"),
        ("CONVERSION_PRECEDES_EVENT", {"conversion_date_time": stamp(ago(days=11))}, "gclid"),
        ("ORDER_ID_CONTAINS_PII", {"order_id": "lead-ola@example.com"}, "order_id"),
        ("TOO_LONG", {"order_id": "x" * 65}, "order_id"),
        ("UNSUPPORTED", {"currency_code": "XYZ"}, "currency_code"),
        ("UNSUPPORTED", {"currency_code": "nok"}, "currency_code"),
        ("NO_CONVERSION_ACTION_FOUND", {"action": "999999"}, "conversion_action"),
        ("NO_CONVERSION_ACTION_FOUND", {"action": "700007"}, "conversion_action"),
        ("NO_CONVERSION_ACTION_FOUND", {"action": "700008"}, "conversion_action"),
        ("NO_CONVERSION_ACTION_FOUND", {"action": "700101"}, "conversion_action"),
        ("INVALID_CONVERSION_ACTION_TYPE", {"action": WEB}, "conversion_action"),
        ("RESOURCE_NAME_MALFORMED", {"conversion_action": "700002"}, "conversion_action"),
        ("REQUIRED", {"conversion_action": None}, "conversion_action"),
        ("EXTERNAL_ATTRIBUTION_DATA_NOT_SET_FOR_EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION", {"action": EXTERNAL}, "external_attribution_data"),
        ("ORDER_ID_NOT_PERMITTED_FOR_EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION", {"action": EXTERNAL, "order_id": "o"}, "order_id"),
        (
            "EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION_NOT_PERMITTED_WITH_USER_IDENTIFIER",
            {"action": EXTERNAL, "user_identifiers": [person(hashed_email=HASH)]}, "user_identifiers",
        ),
        (
            "EXTERNAL_ATTRIBUTION_DATA_SET_FOR_NON_EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION",
            {"external_attribution_data": types.ExternalAttributionData(external_attribution_credit=0.5)}, "external_attribution_data",
        ),
        ("CUSTOM_VARIABLE_NOT_ENABLED", {"custom_variables": [types.CustomVariable(value="x")]}, "custom_variables"),
        ("CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE", {"user_ip_address": "192.0.2.1"}, "user_ip_address"),
        ("INVALID_USER_IDENTIFIER", {"user_identifiers": [person(hashed_email="ola@example.com")]}, "user_identifiers.hashed_email"),
        ("INVALID_USER_IDENTIFIER", {"user_identifiers": [person(hashed_email=HASH.upper())]}, "user_identifiers.hashed_email"),
        ("UNSUPPORTED_USER_IDENTIFIER", {"user_identifiers": [person(mobile_id="m")]}, "user_identifiers"),
        ("ENUM_VALUE_NOT_PERMITTED", {"conversion_environment": 1}, "conversion_environment"),
        ("TOO_MANY", {"user_identifiers": [person(hashed_email=HASH)] * 6}, "user_identifiers"),
    ],
)  # fmt: skip
def test_rules_of_a_row(google: Google, name: str, fields: dict[str, Any], place: str) -> None:
    assert google.rejected(conversion(order_id=fields.pop("order_id", None), **fields)) == [(0, name, place)]
    assert google.conversions() == []


# --- clicks and their time -------------------------------------------------------------------------------------------
def test_expired_event_is_measured_by_the_window_of_the_action(google: Google) -> None:
    google.click(ago(days=45), gclid=GCLID[:-1] + "B")
    row = {"gclid": GCLID[:-1] + "B", "conversion_date_time": stamp(ago(days=5))}
    assert names(google.rejected(conversion(action=SHORT, **row))) == ["EXPIRED_EVENT"]
    assert google.rejected(conversion(action=QUALIFIED, **row)) == []


def test_expired_event_ninety_days_after_the_click(google: Google) -> None:
    google.click(ago(days=91), gclid=GCLID[:-1] + "B")
    row = conversion(gclid=GCLID[:-1] + "B", conversion_date_time=stamp(ago(days=60)))
    assert names(google.rejected(row)) == ["EXPIRED_EVENT"]


def test_too_recent_event_until_six_hours_after_the_click(google: Google) -> None:
    google.click(ago(hours=3), gclid=GCLID[:-1] + "B")
    row = conversion(gclid=GCLID[:-1] + "B", conversion_date_time=stamp(ago(hours=1)))
    assert names(google.rejected(row)) == ["TOO_RECENT_EVENT"]
    google.later(hours=3)
    assert google.rejected(row) == []


def test_too_recent_conversion_action_until_six_hours_after_it_was_created(google: Google) -> None:
    number = google.act("create_action", customer=MAIN, name="New")["id"]
    assert names(google.rejected(conversion(action=number))) == ["TOO_RECENT_CONVERSION_ACTION"]
    google.later(hours=6)
    assert google.rejected(conversion(action=number)) == []


def test_conversion_tracking_not_enabled_at_impression_time(google: Google) -> None:
    google.click(gclid=GCLID[:-1] + "B", tracked=False)
    found = google.rejected(conversion(gclid=GCLID[:-1] + "B"))
    assert names(found) == ["CONVERSION_TRACKING_NOT_ENABLED_AT_IMPRESSION_TIME"]


def test_invalid_customer_for_click_and_unauthorized_customer(google: Google) -> None:
    google.click(gclid=GCLID[:-1] + "B", customer=UNDER_MANAGER)
    google.click(gclid=GCLID[:-1] + "C", customer=STRANGER)
    found = google.rejected(conversion(gclid=GCLID[:-1] + "B"), conversion(gclid=GCLID[:-1] + "C"))
    assert names(found) == ["INVALID_CUSTOMER_FOR_CLICK", "UNAUTHORIZED_CUSTOMER"]


def test_a_braid_is_its_own_kind_of_click(google: Google) -> None:
    google.click(gbraid=BRAID)
    assert google.rejected(conversion(gclid=None, gbraid=BRAID)) == []
    assert names(google.rejected(conversion(gclid=None, wbraid=BRAID))) == ["EVENT_NOT_FOUND"]


# --- the same conversion twice ---------------------------------------------------------------------------------------
def test_duplicate_order_id_rejects_all_rows_that_share_it(google: Google) -> None:
    rows = [conversion(order_id="o-1"), conversion(order_id="o-2"), conversion(order_id="o-1", conversion_value=5)]
    assert google.rejected(*rows) == [(0, "DUPLICATE_ORDER_ID", "order_id"), (2, "DUPLICATE_ORDER_ID", "order_id")]
    assert [row["order_id"] for row in google.conversions()] == ["o-2"]


def test_order_id_already_in_use_per_conversion_action(google: Google) -> None:
    assert google.rejected(conversion(order_id="o-1")) == []
    later = conversion(order_id="o-1", conversion_date_time=stamp(ago(days=1)))
    assert google.rejected(later) == [(0, "ORDER_ID_ALREADY_IN_USE", "order_id")]
    assert google.rejected(conversion(order_id="o-1", action=WON)) == []
    assert len(google.conversions()) == 2


def test_without_order_id_the_click_and_the_time_are_the_key(google: Google) -> None:
    assert names(google.rejected(conversion(), conversion())) == ["DUPLICATE_CLICK_CONVERSION_IN_REQUEST"] * 2
    assert google.rejected(conversion()) == []
    assert names(google.rejected(conversion())) == ["CLICK_CONVERSION_ALREADY_EXISTS"]
    assert google.rejected(conversion(conversion_date_time=stamp(ago(days=1)))) == []


# --- people, consent, terms ------------------------------------------------------------------------------------------
def test_user_identifiers_find_the_click_of_the_same_person(google: Google) -> None:
    google.click(gclid=GCLID[:-1] + "B", emails=["Ola@Example.com"])
    assert google.rejected(conversion(gclid=None, user_identifiers=[person(hashed_email=HASH)])) == []
    assert google.conversions()[0]["click"] == GCLID[:-1] + "B"
    stranger = conversion(gclid=None, user_identifiers=[person(hashed_email="0" * 64)])
    assert google.rejected(stranger) == [(0, "CLICK_NOT_FOUND", "user_identifiers")]


def test_an_unknown_gclid_falls_back_to_the_person(google: Google) -> None:
    google.click(gclid=GCLID[:-1] + "B", emails=["ola@example.com"])
    assert google.rejected(conversion(gclid="x" * 40, user_identifiers=[person(hashed_email=HASH)])) == []
    assert google.conversions()[0]["click"] == GCLID[:-1] + "B"


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ({"terms": False}, "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS"),
        ({"enhanced_conversions": False}, "CUSTOMER_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS"),
        ({"policy_prohibits": True}, "CUSTOMER_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS"),
    ],
)
def test_terms_and_switches_concern_rows_with_user_identifiers_only(
    google: Google, setting: dict[str, bool], name: str
) -> None:
    google.act("set_customer", id=MAIN, **setting)
    rows = [conversion(), conversion(order_id="o-2", user_identifiers=[person(hashed_email=HASH)])]
    assert google.rejected(*rows) == [(1, name, "user_identifiers")]


def test_consent_is_kept_and_can_be_required(google: Google) -> None:
    granted = {"ad_user_data": "GRANTED", "ad_personalization": "DENIED"}
    assert google.rejected(conversion(consent=granted)) == []
    assert google.conversions()[0]["consent"] == granted
    google.vendor.settings["consent_required"] = True
    rows = [
        conversion(order_id="o-2"),
        conversion(order_id="o-3", consent={"ad_user_data": "DENIED"}),
        conversion(order_id="o-4", consent=granted),
    ]
    assert [(n, name) for n, name, _ in google.rejected(*rows)] == [
        (0, "CONVERSION_NOT_COMPLIANT_WITH_ATT_POLICY"), (1, "CONVERSION_NOT_COMPLIANT_WITH_ATT_POLICY"),
    ]  # fmt: skip


# --- values ----------------------------------------------------------------------------------------------------------
def test_a_missing_value_is_the_actions_default_and_a_missing_currency_the_accounts(google: Google) -> None:
    google.upload(conversion(action=WON), conversion(action=FIXED, conversion_value=9, currency_code="EUR"))
    assert [(row["value"], row["currency"]) for row in google.conversions()] == [(1.0, "NOK"), (500.0, "NOK")]


# --- requests --------------------------------------------------------------------------------------------------------
def refused(google: Google, *rows: Any, **fields: Any) -> list[str]:
    with pytest.raises(RpcRefused) as caught:
        google.upload(*rows, **fields)
    assert google.conversions() == []
    return [caught.value.code, *codes(caught.value)]


def test_partial_failure_mode_required(google: Google) -> None:
    assert refused(google, conversion(), partial_failure=False) == ["INVALID_ARGUMENT", "PARTIAL_FAILURE_MODE_REQUIRED"]


def test_too_many_conversions_in_request(google: Google) -> None:
    rows = [conversion()] * 2001
    assert refused(google, *rows) == ["INVALID_ARGUMENT", "TOO_MANY_CONVERSIONS_IN_REQUEST"]


def test_a_request_without_rows(google: Google) -> None:
    assert refused(google) == ["INVALID_ARGUMENT", "REQUIRED_FIELD_MISSING"]


@pytest.mark.parametrize("job_id", [0, -1, 2**31 - 1])
def test_job_ids_are_positive(google: Google, job_id: int) -> None:
    if job_id > 0:
        assert google.upload(conversion(), job_id=job_id).job_id == job_id
    else:
        assert refused(google, conversion(), job_id=job_id) == ["INVALID_ARGUMENT", "INVALID_JOB_ID"]


def test_the_server_gives_a_job_id_of_its_own(google: Google) -> None:
    assert google.upload(conversion()).job_id >= 2**31


def test_validate_only_records_nothing_and_returns_no_results(google: Google) -> None:
    answer = google.upload(conversion(), conversion(gclid="x"), validate_only=True)
    assert list(answer.results) == []
    assert answer.partial_failure_error.message.endswith("at conversions[1].gclid")
    assert google.rejected(conversion(gclid="x" * 30), validate_only=True) == [], "clicks are not looked up"
    assert google.conversions() == []


def test_customer_not_allowlisted_for_this_feature(google: Google) -> None:
    google.act("set_allow_list", allowed=False)
    expected = ["PERMISSION_DENIED", "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE"]
    assert refused(google, conversion()) == expected
    google.vendor.settings["allow_list_gate"] = "row"
    assert google.rejected(conversion()) == [(0, "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE", "")]
    google.act("set_allow_list", allowed=True)
    assert google.rejected(conversion()) == []


# --- accounts --------------------------------------------------------------------------------------------------------
def test_with_cross_account_tracking_the_action_is_the_managers(google: Google) -> None:
    google.click(gclid=GCLID[:-1] + "B", customer=UNDER_MANAGER)
    row = conversion(gclid=GCLID[:-1] + "B", conversion_action=action_name("700101", MANAGER))
    assert google.rejected(row, customer=UNDER_MANAGER) == []
    again = conversion(gclid=GCLID[:-1] + "B", conversion_action=action_name("700102", MANAGER))
    assert google.rejected(again, customer=MANAGER) == []
    assert [one["customer"] for one in google.conversions()] == [MANAGER, MANAGER]


def test_the_customer_id_in_an_actions_name_does_not_count(google: Google) -> None:
    assert google.rejected(conversion(conversion_action=action_name(QUALIFIED, STRANGER))) == []


def test_an_account_without_conversion_tracking_has_no_actions(google: Google) -> None:
    assert names(google.rejected(conversion(), customer=UNTRACKED)) == ["NO_CONVERSION_ACTION_FOUND"]


@pytest.mark.parametrize(
    ("customer", "login", "expected"),
    [
        (CANCELED, MANAGER, ["PERMISSION_DENIED", "CUSTOMER_NOT_ENABLED"]),
        (UNDER_MANAGER, None, ["PERMISSION_DENIED", "USER_PERMISSION_DENIED"]),
        (STRANGER, None, ["PERMISSION_DENIED", "USER_PERMISSION_DENIED"]),
        (STRANGER, MANAGER, ["PERMISSION_DENIED", "INVALID_LOGIN_CUSTOMER_ID_SERVING_CUSTOMER_ID_COMBINATION"]),
        (MAIN, STRANGER, ["PERMISSION_DENIED", "USER_PERMISSION_DENIED"]),
        ("0000000001", MANAGER, ["UNAUTHENTICATED", "CUSTOMER_NOT_FOUND"]),
        ("222-333-4445", MANAGER, ["INVALID_ARGUMENT", "INVALID_CUSTOMER_ID"]),
    ],
)
def test_wrong_customer_or_login_customer(
    google: Google, customer: str, login: str | None, expected: list[str]
) -> None:
    assert refused(google, conversion(), customer=customer, login=login) == expected


def test_a_suspended_account_can_be_read_but_not_changed(google: Google) -> None:
    google.act("set_customer", id=MAIN, status="SUSPENDED")
    assert refused(google, conversion()) == ["PERMISSION_DENIED", "ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT"]
    assert google.search("SELECT customer.status FROM customer").results[0].customer.status.name == "SUSPENDED"


# --- quota -----------------------------------------------------------------------------------------------------------
def test_the_days_operations_run_out_with_a_retry_delay() -> None:
    google = Google(daily_operations=2, retry_delay_seconds=45)
    google.click()
    google.upload(conversion(), conversion(order_id="o-2"))
    with pytest.raises(RpcRefused) as caught:
        google.upload(conversion(order_id="o-3"))
    assert (caught.value.code, codes(caught.value)) == ("RESOURCE_EXHAUSTED", ["RESOURCE_EXHAUSTED"])
    details = failure_of(caught.value).errors[0].details.quota_error_details
    assert details.retry_delay == timedelta(seconds=45)
    assert details.rate_scope.name == "DEVELOPER"
    google.later(days=1)
    assert google.rejected(conversion(order_id="o-3")) == []


def test_too_many_requests_in_a_minute_are_a_temporary_exhaustion() -> None:
    google = Google(requests_per_minute=1)
    google.search("SELECT customer.id FROM customer")
    with pytest.raises(RpcRefused) as caught:
        google.search("SELECT customer.id FROM customer")
    assert codes(caught.value) == ["RESOURCE_TEMPORARILY_EXHAUSTED"]
    google.clock.advance(61)
    assert len(google.search("SELECT customer.id FROM customer").results) == 1


def test_now_is_the_sandboxes_clock(google: Google) -> None:
    google.upload(conversion())
    assert google.conversions()[0]["received_at"] == NOW
