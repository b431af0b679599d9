"""The Data Manager API: events in, whole or not at all; their fate later, as counts of reasons.

Source: Data Manager API reference (IngestionService, ErrorReason, ProcessingErrorReason) and "Understand API errors".
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import orjson
import pytest
from google.ads.datamanager_v1.types import ingestion_service as types
from google.rpc import error_details_pb2, status_pb2
from tests.contract.google_ads_vendor import BRAID, EXTERNAL, GCLID, LEAD, QUALIFIED, SALESFORCE, Google, ago

from sandbox.rpc import RpcRefused
from sandbox.world_google_ads import MAIN, MANAGER, STRANGER, UNDER_MANAGER, hashed

HASH = hashed("ola@example.com")
PREFIX = "PROCESSING_ERROR_REASON_"
Counts = dict[str, int]


@pytest.fixture
def google() -> Google:
    made = Google()
    made.click()
    return made


def event(at: datetime | None = None, gclid: str | None = GCLID, **fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"event_timestamp": at or ago(days=2), "event_source": "WEB", **fields}
    if gclid:
        given["ad_identifiers"] = {"gclid": gclid}
    return given


def destination(
    action: str = QUALIFIED, account: str = MAIN, login: str | None = None, **fields: Any
) -> dict[str, Any]:
    given: dict[str, Any] = {
        "operating_account": {"account_type": "GOOGLE_ADS", "account_id": account}, "product_destination_id": action, **fields,
    }  # fmt: skip
    return given | ({"login_account": {"account_type": "GOOGLE_ADS", "account_id": login}} if login else {})


def ingest(google: Google, *events: dict[str, Any], **fields: Any) -> str:
    request = types.IngestEventsRequest(**{"destinations": [destination()], "events": events, **fields})
    (answer,) = google.raw(
        "/google.ads.datamanager.v1.IngestionService/IngestEvents", types.IngestEventsRequest.serialize(request)
    )
    return types.IngestEventsResponse.deserialize(answer).request_id


def status(google: Google, request_id: str) -> list[tuple[str, Counts]]:
    request = types.RetrieveRequestStatusRequest(request_id=request_id)
    path = "/google.ads.datamanager.v1.IngestionService/RetrieveRequestStatus"
    (answer,) = google.raw(path, types.RetrieveRequestStatusRequest.serialize(request))
    found = types.RetrieveRequestStatusResponse.deserialize(answer).request_status_per_destination
    return [
        (
            row.request_status.name,
            {item.reason.name.removeprefix(PREFIX): item.record_count for item in row.error_info.error_counts},
        )
        for row in found
    ]


def outcome(google: Google, *events: dict[str, Any], **fields: Any) -> Counts:
    """Ingest, wait until it is processed, and return the reasons of what was not recorded."""
    request_id = ingest(google, *events, **fields)
    google.later(minutes=30)
    ((_, counts),) = status(google, request_id)
    return counts


def refusal(google: Google, *events: dict[str, Any], **fields: Any) -> list[tuple[str, str]]:
    """The fields and reasons of a request that is refused."""
    with pytest.raises(RpcRefused) as caught:
        ingest(google, *events, **fields)
    assert caught.value.code == "INVALID_ARGUMENT"
    (pair,) = caught.value.trailers
    assert pair[0] == "grpc-status-details-bin"
    bad = error_details_pb2.BadRequest()
    for detail in status_pb2.Status.FromString(pair[1]).details:
        detail.Unpack(bad)
    assert google.vendor.manager.requests == {}
    return [(found.field, found.reason) for found in bad.field_violations]


# --- processing ------------------------------------------------------------------------------------------------------
def test_events_are_processed_by_the_clock(google: Google) -> None:
    request_id = ingest(google, event(transaction_id="t-1", conversion_value=12.5, currency="SEK"))
    google.later(minutes=29)
    assert status(google, request_id) == [("PROCESSING", {})]
    assert google.conversions() == []
    google.later(minutes=1)
    assert status(google, request_id) == [("SUCCESS", {})]
    (stored,) = google.conversions()
    assert (stored["order_id"], stored["value"], stored["currency"], stored["click"]) == ("t-1", 12.5, "SEK", GCLID)


def test_what_is_processed_is_judged_as_of_its_own_moment(google: Google) -> None:
    google.click(ago(hours=5), gclid="B" * 40)
    request_id = ingest(google, event(ago(hours=1), gclid="B" * 40))
    google.later(days=1)
    assert status(google, request_id) == [("FAILED", {"TOO_RECENT_CLICK": 1})]


def test_reasons_are_counts_without_rows(google: Google) -> None:
    request_id = ingest(google, event(), event(gclid="x" * 30), event(gclid="y" * 30), event(gclid="short"))
    google.later(minutes=30)
    assert status(google, request_id) == [("PARTIAL_SUCCESS", {"INVALID_CLICK": 2, "INVALID_GCLID": 1})]


@pytest.mark.parametrize(
    ("reason", "row"),
    [
        ("CONVERSION_PRECEDES_CLICK", event(ago(days=11))),
        ("INVALID_CLICK", event(gclid="z" * 40)),
        ("INVALID_GCLID", event(gclid="?")),
        ("CLICK_NOT_FOUND", event(gclid=None, user_data={"user_identifiers": [{"email_address": "0" * 64}]})),
        ("INVALID_GBRAID", event(gclid=None, ad_identifiers={"gbraid": "?"})),
        ("INVALID_WBRAID", event(gclid=None, ad_identifiers={"wbraid": "?"})),
    ],
)
def test_reasons_of_events(google: Google, reason: str, row: dict[str, Any]) -> None:
    assert outcome(google, row, encoding="HEX") == {reason: 1}
    assert google.conversions() == []


def test_an_internal_error_is_gone_when_the_event_is_sent_again(google: Google) -> None:
    google.vendor.settings["next_event_errors"] = ["INTERNAL_ERROR"]
    assert outcome(google, event(transaction_id="t-1"), event(ago(days=1), transaction_id="t-2")) == {
        "INTERNAL_ERROR": 1
    }
    assert outcome(google, event(transaction_id="t-1")) == {}
    assert [one["order_id"] for one in google.conversions()] == ["t-2", "t-1"]


def test_event_too_old_and_clicks_of_other_accounts(google: Google) -> None:
    google.click(ago(days=95), gclid="B" * 40)
    google.click(gclid="C" * 40, customer=UNDER_MANAGER)
    assert outcome(google, event(ago(days=3), gclid="B" * 40), event(gclid="C" * 40)) == {
        "EVENT_TOO_OLD": 1, "INVALID_OPERATING_ACCOUNT_FOR_CLICK": 1,
    }  # fmt: skip


def test_one_per_click_actions_take_no_braid_and_external_attribution_is_missing(google: Google) -> None:
    google.click(gbraid=BRAID)
    braid = event(gclid=None, ad_identifiers={"gbraid": BRAID})
    assert outcome(google, braid, destinations=[destination(LEAD)]) == {
        "ONE_PER_CLICK_CONVERSION_ACTION_NOT_PERMITTED_WITH_BRAID": 1
    }
    assert outcome(google, event(), destinations=[destination(EXTERNAL)]) == {"EXTERNAL_ATTRIBUTION_DATA_MISSING": 1}
    assert outcome(google, braid) == {}


def test_consent_denied_and_consent_required(google: Google) -> None:
    google.click(gclid="B" * 40, emails=["ola@example.com"])
    people = {"user_data": {"user_identifiers": [{"email_address": HASH}]}}
    denied, granted = {"ad_user_data": "CONSENT_DENIED"}, {"ad_user_data": "CONSENT_GRANTED"}
    assert outcome(google, event(gclid=None, consent=denied, **people), consent=granted, encoding="HEX") == {
        "DENIED_CONSENT": 1
    }
    assert outcome(google, event(gclid=None, **people), consent=granted, encoding="HEX") == {}
    google.vendor.settings["consent_required"] = True
    assert outcome(google, event()) == {"NO_CONSENT": 1}


def test_base64_user_data_finds_the_click(google: Google) -> None:
    google.click(gclid="B" * 40, emails=["ola@example.com"])
    encoded = base64.b64encode(bytes.fromhex(HASH)).decode()
    row = event(gclid=None, user_data={"user_identifiers": [{"email_address": encoded}]})
    assert outcome(google, row, encoding="BASE64") == {}
    assert google.conversions()[0]["click"] == "B" * 40


# --- the same event again --------------------------------------------------------------------------------------------
def test_the_same_transaction_id_restates_the_value(google: Google) -> None:
    assert outcome(google, event(transaction_id="t-1", conversion_value=100)) == {}
    assert outcome(google, event(transaction_id="t-1", conversion_value=80)) == {}
    (stored,) = google.conversions()
    assert (stored["value"], stored["adjusted_value"]) == (100.0, 80.0)
    (change,) = google.vendor.records("adjustments")
    assert (change["conversion"], change["type"]) == (stored["id"], "RESTATEMENT")


def test_an_unmatched_transaction_id_is_a_new_conversion_and_another_action_its_own(google: Google) -> None:
    assert outcome(google, event(transaction_id="t-1"), event(transaction_id="t-2")) == {}
    assert outcome(google, event(transaction_id="t-1"), destinations=[destination(LEAD)]) == {}
    assert len(google.conversions()) == 3


def test_an_unchanged_event_is_a_duplicate(google: Google) -> None:
    row = event(transaction_id="t-1", conversion_value=100)
    assert outcome(google, row, row) == {"DUPLICATE_TRANSACTION_ID": 1}
    assert outcome(google, row) == {"DUPLICATE_TRANSACTION_ID": 1}
    assert len(google.conversions()) == 1


def test_without_transaction_id_the_same_click_and_time_is_a_duplicate(google: Google) -> None:
    assert outcome(google, event()) == {}
    assert outcome(google, event()) == {"DUPLICATE_GCLID": 1}


def test_an_older_update_does_not_win(google: Google) -> None:
    outcome(google, event(transaction_id="t-1", conversion_value=1, last_updated_timestamp=ago(hours=5)))
    assert outcome(google, event(transaction_id="t-1", conversion_value=3, last_updated_timestamp=ago(hours=2))) == {}
    assert outcome(google, event(transaction_id="t-1", conversion_value=2, last_updated_timestamp=ago(hours=3))) == {}
    assert google.conversions()[0]["adjusted_value"] == 3.0


def test_user_data_that_comes_later_enhances(google: Google) -> None:
    outcome(google, event(transaction_id="t-1"))
    people = {"user_data": {"user_identifiers": [{"email_address": HASH}]}}
    assert outcome(google, event(transaction_id="t-1", **people), encoding="HEX") == {}
    (stored,) = google.conversions()
    assert (stored["enhanced"], stored["identifiers"]) == (True, [HASH])


# --- several destinations --------------------------------------------------------------------------------------------
def test_each_destination_gets_the_events_that_name_it(google: Google) -> None:
    destinations = [destination(reference="q"), destination(LEAD, reference="l")]
    events = [event(transaction_id="t-1"), event(transaction_id="t-2", destination_references=["l"])]
    request_id = ingest(google, *events, destinations=destinations)
    google.later(minutes=30)
    assert status(google, request_id) == [("SUCCESS", {}), ("SUCCESS", {})]
    found = {(row["action"], row["order_id"]) for row in google.conversions()}
    assert found == {(QUALIFIED, "t-1"), (LEAD, "t-1"), (LEAD, "t-2")}


# --- refused requests ------------------------------------------------------------------------------------------------
def test_one_bad_event_refuses_the_whole_request_and_is_named(google: Google) -> None:
    rows = [event(), event(currency="XYZ"), event(gclid=None), event(event_timestamp=None)]
    assert refusal(google, *rows) == [
        ("events.events[1].currency", "INVALID_CURRENCY_CODE"),
        ("events.events[2]", "NO_IDENTIFIERS_PROVIDED"),
        ("events.events[3].event_timestamp", "REQUIRED_FIELD_MISSING"),
    ]


@pytest.mark.parametrize(
    ("row", "fields", "expected"),
    [
        (event(ago(hours=-1)), {}, ("events.events[0].event_timestamp", "EVENT_TIME_INVALID")),
        (event(ad_identifiers={"gbraid": BRAID, "wbraid": BRAID}, gclid=None), {}, ("events.events[0].ad_identifiers", "INVALID_ARGUMENT")),
        (event(destination_references=["?"]), {}, ("events.events[0].destination_references", "INVALID_DESTINATION")),
        (event(user_data={"user_identifiers": [{"email_address": HASH}]}), {}, ("encoding", "REQUIRED_FIELD_MISSING")),
        (
            event(user_data={"user_identifiers": [{"email_address": "ola@example.com"}]}), {"encoding": "HEX"},
            ("events.events[0].user_data.user_identifiers[0].email_address", "INVALID_HEX_ENCODING"),
        ),
        (
            event(user_data={"user_identifiers": [{"phone_number": "abcd"}]}), {"encoding": "HEX"},
            ("events.events[0].user_data.user_identifiers[0].phone_number", "INVALID_SHA256_FORMAT"),
        ),
        (
            event(user_data={"user_identifiers": [{"email_address": "%%"}]}), {"encoding": "BASE64"},
            ("events.events[0].user_data.user_identifiers[0].email_address", "INVALID_BASE64_ENCODING"),
        ),
        (
            event(user_data={"user_identifiers": [{"email_address": HASH}] * 11}), {"encoding": "HEX"},
            ("events.events[0].user_data.user_identifiers", "TOO_MANY_USER_IDENTIFIERS"),
        ),
        (event(), {"destinations": []}, ("destinations", "REQUIRED_FIELD_MISSING")),
        (event(), {"destinations": [destination()] * 11}, ("destinations", "TOO_MANY_DESTINATIONS")),
        (event(), {"destinations": [destination("1")]}, ("destinations.destinations[0].product_destination_id", "INVALID_CONVERSION_ACTION_ID")),
        (event(), {"destinations": [destination("700007")]}, ("destinations.destinations[0].product_destination_id", "INVALID_CONVERSION_ACTION_ID")),
        (event(), {"destinations": [destination(SALESFORCE)]}, ("destinations.destinations[0].product_destination_id", "INVALID_CONVERSION_ACTION_TYPE")),
        (event(), {"destinations": [destination("")]}, ("destinations.destinations[0].product_destination_id", "REQUIRED_FIELD_MISSING")),
        (event(), {"destinations": [destination(account="1")]}, ("destinations.destinations[0].operating_account", "INVALID_DESTINATION")),
        (
            event(), {"destinations": [destination("700101", UNDER_MANAGER)]},
            ("destinations.destinations[0].product_destination_id", "INVALID_CONVERSION_ACTION_ID"),
        ),
        (
            event(), {"destinations": [destination(reference="a"), destination(LEAD, reference="a")]},
            ("destinations", "DUPLICATE_DESTINATION_REFERENCE"),
        ),
    ],
)  # fmt: skip
def test_rules_of_a_request(
    google: Google, row: dict[str, Any], fields: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal(google, row, **fields) == [expected]


def test_too_many_events(google: Google) -> None:
    assert refusal(google, *[event()] * 2001) == [("events", "TOO_MANY_EVENTS")]


def test_conversion_action_too_recently_created(google: Google) -> None:
    number = google.act("create_action", customer=MAIN, name="New")["id"]
    ((_, reason),) = refusal(google, event(), destinations=[destination(number)])
    assert reason == "CONVERSION_ACTION_TOO_RECENTLY_CREATED"


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ({"terms": False}, "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED"),
        ({"enhanced_conversions": False}, "DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS"),
        ({"policy_prohibits": True}, "DESTINATION_ACCOUNT_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS"),
    ],
)
def test_terms_and_switches_of_the_destination(google: Google, setting: dict[str, bool], reason: str) -> None:
    google.act("set_customer", id=MAIN, **setting)
    row = event(user_data={"user_identifiers": [{"email_address": HASH}]})
    assert refusal(google, row, encoding="HEX") == [("events.events[0].user_data", reason)]
    assert ingest(google, event())


def test_only_the_account_that_holds_the_conversions_takes_them(google: Google) -> None:
    google.click(gclid="B" * 40, customer=UNDER_MANAGER)
    row = event(gclid="B" * 40)
    assert outcome(google, row, destinations=[destination("700101", MANAGER)]) == {}


def test_accounts_without_access_and_the_login_account(google: Google) -> None:
    with pytest.raises(RpcRefused) as caught:
        ingest(google, event(), destinations=[destination("700901", STRANGER)])
    assert caught.value.code == "PERMISSION_DENIED"
    with pytest.raises(RpcRefused) as caught:
        ingest(google, event(), destinations=[destination(login=STRANGER)])
    assert caught.value.code == "PERMISSION_DENIED"
    ((_, reason),) = refusal(google, event(), destinations=[destination("700101", MANAGER, login=MAIN)])
    assert reason == "OPERATING_ACCOUNT_LOGIN_ACCOUNT_MISMATCH"
    assert ingest(google, event(), destinations=[destination(login=MANAGER)])


def test_validate_only_keeps_nothing(google: Google) -> None:
    assert ingest(google, event(), validate_only=True)
    assert google.vendor.manager.requests == {}


def test_unknown_and_old_request_ids(google: Google) -> None:
    request_id = ingest(google, event())
    google.later(days=51)
    for wanted, name in (
        (request_id, b"REQUEST_TOO_OLD"),
        ("t-1", b"INVALID_REQUEST_ID"),
        ("", b"REQUIRED_FIELD_MISSING"),
    ):
        with pytest.raises(RpcRefused) as caught:
            status(google, wanted)
        assert name in caught.value.trailers[0][1]


def test_tokens_scopes_and_quotas() -> None:
    google = Google(data_manager_requests_per_minute=1)
    google.click()
    ingest(google, event())
    with pytest.raises(RpcRefused) as caught:
        ingest(google, event())
    assert caught.value.code == "RESOURCE_EXHAUSTED"
    google.token = google.log_in(scope="https://www.googleapis.com/auth/adwords")["access_token"]
    with pytest.raises(RpcRefused) as caught:
        ingest(google, event())
    assert (caught.value.code, b"ACCESS_TOKEN_SCOPE_INSUFFICIENT" in caught.value.trailers[0][1]) == (
        "PERMISSION_DENIED",
        True,
    )
    google.act("expire_tokens")
    with pytest.raises(RpcRefused) as caught:
        ingest(google, event())
    assert caught.value.code == "UNAUTHENTICATED"


# --- REST ------------------------------------------------------------------------------------------------------------
def rest(google: Google, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    data = orjson.dumps(body) if body is not None else b""
    answer = google.http(method, path, data, "datamanager.googleapis.com", authorization=f"Bearer {google.token}")
    return answer.status, orjson.loads(answer.body)


def rest_request(**changes: Any) -> dict[str, Any]:
    return {
        "destinations": [{"operatingAccount": {"accountType": 1, "accountId": MAIN}, "productDestinationId": QUALIFIED}],
        "events": [{"eventTimestamp": "2026-08-30T12:00:00Z", "adIdentifiers": {"gclid": GCLID}, "eventSource": "WEB"}],
        **changes,
    }  # fmt: skip


def test_rest_takes_enums_as_names_and_as_numbers(google: Google) -> None:
    code, body = rest(google, "POST", "/v1/events:ingest", rest_request())
    assert (code, list(body)) == (200, ["requestId"])
    google.later(minutes=30)
    code, found = rest(google, "GET", f"/v1/requestStatus:retrieve?requestId={body['requestId']}")
    (row,) = found["requestStatusPerDestination"]
    assert (code, row["requestStatus"], row["eventsIngestionStatus"]["recordCount"]) == (200, "SUCCESS", "1")
    path = f"/v1/requestStatus:retrieve?requestId={body['requestId']}&%24alt=json%3Benum-encoding=int"
    assert rest(google, "GET", path)[1]["requestStatusPerDestination"][0]["requestStatus"] == 1


def test_rest_errors_have_googles_form(google: Google) -> None:
    code, body = rest(
        google, "POST", "/v1/events:ingest", rest_request(events=[{"eventTimestamp": "2026-08-30T12:00:00Z"}])
    )
    assert (code, body["error"]["code"], body["error"]["status"]) == (400, 400, "INVALID_ARGUMENT")
    details = {detail["@type"].rpartition(".")[2]: detail for detail in body["error"]["details"]}
    assert details["BadRequest"]["fieldViolations"][0]["reason"] == "NO_IDENTIFIERS_PROVIDED"
    assert details["ErrorInfo"]["domain"] == "datamanager.googleapis.com"
    assert details["RequestInfo"]["requestId"]


def test_rest_refuses_unknown_fields_values_and_paths(google: Google) -> None:
    assert rest(google, "POST", "/v1/events:ingest", rest_request(colour="red"))[0] == 400
    assert rest(google, "POST", "/v1/events:ingest", rest_request(encoding="ROT13"))[0] == 400
    assert rest(google, "POST", "/v1/audienceMembers:ingest", {})[0] == 404
    assert rest(google, "GET", "/v1/events:ingest")[0] == 404
    google.token = "wrong"
    assert rest(google, "POST", "/v1/events:ingest", rest_request())[0] == 401
