"""Google's own clients, unmodified, under the real host names through the proxy: what they see of the sandbox."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.contract.sandbox_process import Running, start

from sandbox.hello import offered_protocols
from sandbox.world_google_ads import MAIN, MANAGER

PROGRAM = Path(__file__).with_name("google_ads_clients.py")


@pytest.fixture(scope="module")
def box() -> Iterator[Running]:
    running = start(now="2026-09-01T12:00:00Z", clock="fixed")
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def found(box: Running) -> dict[str, Any]:
    """What every case of the program found."""
    env = os.environ | box.env() | {"SANDBOX_ENDPOINTS": json.dumps(box.endpoints)}
    done = subprocess.run(
        [sys.executable, str(PROGRAM)], env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout))


def test_list_accessible_customers(found: dict[str, Any]) -> None:
    assert found["accessible_customers"] == [f"customers/{MANAGER}", f"customers/{MAIN}"]


def test_search_and_search_stream(found: dict[str, Any]) -> None:
    pages = [[700001, "UPLOAD_CLICKS"], [700002, "UPLOAD_CLICKS"]]
    assert found["search_and_stream"] == {"search": pages, "stream": [[700001, 700002]]}


def test_a_query_error_is_a_google_ads_exception(found: dict[str, Any]) -> None:
    assert found["a_query_error"] == {
        "raises": "GoogleAdsException",
        "grpc": "INVALID_ARGUMENT",
        "error": "query_error",
    }


def test_partial_failure_is_decoded(found: dict[str, Any]) -> None:
    assert found["partial_failure"] == {
        "errors": [[1, "EVENT_NOT_FOUND"]],
        "results": [True, False],
        "recorded": ["p-1"],
    }


def test_adjustments_and_conversion_actions(found: dict[str, Any]) -> None:
    assert found["adjustment_and_action"] == {"adjusted": "p-1", "created": f"customers/{MAIN}/conversionActions"}


def test_committed_and_then_unavailable(found: dict[str, Any]) -> None:
    assert found["commit_then_reset"] == {
        "lost": "ServiceUnavailable", "recorded": True, "again": [[0, "ORDER_ID_ALREADY_IN_USE"]],
    }  # fmt: skip


def test_reset_before_the_vendor_acts(found: dict[str, Any]) -> None:
    assert found["reset_before"] == {"lost": "ServiceUnavailable", "recorded": False, "again": []}


def test_a_stream_that_breaks_in_the_middle(found: dict[str, Any]) -> None:
    assert found["truncated_stream"]["raises"] == "ServiceUnavailable"
    assert found["truncated_stream"]["seen"] in ([], [4])


def test_a_status_fault_is_the_grpc_code_that_goes_with_it(found: dict[str, Any]) -> None:
    assert found["unavailable"]["raises"] == "ServiceUnavailable"
    assert "Try later." in found["unavailable"]["text"]


def test_quota_errors_are_not_google_ads_exceptions_but_have_trailers(found: dict[str, Any]) -> None:
    assert found["quota_with_trailers"]["raises"] == "ResourceExhausted"
    assert found["quota_with_trailers"]["trailers"] == {"retry_delay": 30.0, "rate_name": "basic"}


def test_a_delay_beyond_the_clients_deadline(found: dict[str, Any]) -> None:
    assert found["deadline"] == {"raises": "DeadlineExceeded", "recorded": False}


def test_not_allowlisted_is_a_google_ads_exception(found: dict[str, Any]) -> None:
    assert found["not_allowlisted"] == {
        "raises": "GoogleAdsException",
        "grpc": "PERMISSION_DENIED",
        "error": "not_allowlisted_error",
    }


def test_an_expired_access_token(found: dict[str, Any]) -> None:
    assert found["expired_access_token"]["found"]["error"] == "authentication_error"
    assert found["expired_access_token"]["with a new one"] == []


def test_fields_follow_the_version(found: dict[str, Any]) -> None:
    assert found["older_version"]["old"] is True
    assert found["older_version"]["new"]["error"] == "query_error"


def test_the_grpc_port_needs_no_proxy(found: dict[str, Any]) -> None:
    assert found["directly_at_the_endpoint"] == "NOK"


@pytest.mark.parametrize("transport", ["grpc", "rest"])
def test_data_manager(found: dict[str, Any], transport: str) -> None:
    result = found[f"data_manager_over_{transport}"]
    assert (result["status"], result["recorded"]) == (["SUCCESS"], True)
    assert result["refused"] == {
        "raises": "InvalidArgument" if transport == "grpc" else "BadRequest", "reason": "INVALID_ARGUMENT",
        "violations": [["events.events[1].currency", "INVALID_CURRENCY_CODE"]],
    }  # fmt: skip


def test_errors_that_no_state_leads_to(found: dict[str, Any]) -> None:
    assert found["arranged_errors"] == {
        "calls": [["UNAUTHENTICATED", "authentication_error"], ["PERMISSION_DENIED", "authorization_error"]],
        "rows": [[0, "CUSTOM_VARIABLE_NOT_ENABLED"]],
    }
    assert found["arranged_data_manager_errors"] == {
        "refused": [["events.events[0]", "NOT_ALLOWLISTED"]],
        "status": "PARTIAL_SUCCESS",
        "counts": [["PROCESSING_ERROR_REASON_UNKNOWN_CONSENT", 1]],
    }


def test_what_people_did(found: dict[str, Any]) -> None:
    assert found["people"] == {
        "customer": ["SEK", False],
        "action": [["ENABLED", 60], ["ENABLED", 10], ["REMOVED", 10], ["ENABLED", 10]],
        "tag": 7.0,
    }


def test_a_revoked_refresh_token_fails_before_any_call(found: dict[str, Any]) -> None:
    assert found["revoked_refresh_token"]["raises"] == "RefreshError"
    assert "Token has been expired or revoked." in found["revoked_refresh_token"]["text"]


def test_calls_are_logged_with_their_grpc_code(box: Running, found: dict[str, Any]) -> None:
    uploads = [
        call
        for call in box.calls("google_ads")
        if call["path"].endswith("v26.services.ConversionUploadService/UploadClickConversions")
    ]
    assert (uploads[0]["method"], uploads[0]["grpc"], uploads[0]["status"]) == ("POST", "OK", 200)
    assert {(call["fault"], call["status"]) for call in uploads if call["fault"]} >= {
        ("commit_then_reset", 0),
        ("status", 503),
        ("status", 429),
    }


# --- REST of the Google Ads API ----------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def web(box: Running, found: dict[str, Any]) -> requests.Session:
    """A session with a token, after Google's own clients are done."""
    session = requests.Session()
    form = {"grant_type": "refresh_token", "client_id": "a", "client_secret": "b", "refresh_token": "web"}
    token = session.post(f"{box.google_ads}/token", data=form, timeout=10).json()["access_token"]
    session.headers.update({"Authorization": f"Bearer {token}", "login-customer-id": MANAGER})
    return session


def post(box: Running, web: requests.Session, path: str, body: Any) -> tuple[int, Any]:
    answer = web.post(f"{box.google_ads}{path}", json=body, timeout=30)
    return answer.status_code, answer.json()


def test_rest_search_and_stream(box: Running, web: requests.Session) -> None:
    query = {"query": "SELECT conversion_action.id, conversion_action.type FROM conversion_action LIMIT 1"}
    expected = {"resourceName": f"customers/{MAIN}/conversionActions/700001", "type": "UPLOAD_CLICKS", "id": "700001"}
    status, page = post(box, web, f"/v26/customers/{MAIN}/googleAds:search", query)
    assert (status, page["results"]) == (200, [{"conversionAction": expected}])
    status, parts = post(box, web, f"/v26/customers/{MAIN}/googleAds:searchStream", query)
    assert (status, [part["results"] for part in parts]) == (200, [page["results"]])


def test_rest_errors_carry_the_failure_and_those_of_streams_come_in_a_list(box: Running, web: requests.Session) -> None:
    query = {"query": "SELECT customer.nme FROM customer"}
    status, body = post(box, web, f"/v26/customers/{MAIN}/googleAds:search", query)
    detail = body["error"]["details"][0]
    assert (status, body["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert detail["@type"] == "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"
    assert detail["errors"][0]["errorCode"] == {"queryError": "UNRECOGNIZED_FIELD"}
    status, body = post(box, web, f"/v26/customers/{MAIN}/googleAds:searchStream", query)
    assert (status, body[0]["error"]["code"]) == (400, 400)


def test_rest_upload_with_partial_failure(box: Running, web: requests.Session) -> None:
    row = {
        "gclid": "x" * 40, "conversionAction": f"customers/{MAIN}/conversionActions/700002",
        "conversionDateTime": "2026-08-30 12:00:00+00:00",
    }  # fmt: skip
    body = {"conversions": [row], "partialFailure": True}
    status, answer = post(box, web, f"/v26/customers/{MAIN}:uploadClickConversions", body)
    (error,) = answer["partialFailureError"]["details"][0]["errors"]
    assert (status, error["errorCode"]) == (200, {"conversionUploadError": "EVENT_NOT_FOUND"})
    assert error["location"]["fieldPathElements"] == [{"fieldName": "conversions", "index": 0}, {"fieldName": "gclid"}]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v22/customers/2223334445/googleAds:search", {}, 400),
        ("/v27/customers/2223334445/googleAds:search", {}, 404),
        ("/v26/customers/2223334445/campaigns:mutate", {}, 404),
        ("/v26/customers/googleAds:search", {}, 404),
        ("/v26/customers/2223334445/googleAds:search", {"colour": "red"}, 400),
        ("/v26/customers/9998887776/googleAds:search", {"query": "SELECT customer.id FROM customer"}, 403),
    ],
)
def test_rest_refusals(box: Running, web: requests.Session, path: str, body: Any, status: int) -> None:
    found, answer = post(box, web, path, body)
    assert (found, answer["error"]["code"]) == (status, status)


def test_rest_without_a_token(box: Running, web: requests.Session) -> None:
    answer = requests.get(f"{box.google_ads}/v26/customers:listAccessibleCustomers", timeout=10)
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    names = web.get(f"{box.google_ads}/v26/customers:listAccessibleCustomers", timeout=10).json()["resourceNames"]
    assert f"customers/{MAIN}" in names


# --- the way there ---------------------------------------------------------------------------------------------------
def test_the_token_endpoint_by_its_own_url(box: Running) -> None:
    form = {"grant_type": "refresh_token", "client_id": "a", "client_secret": "b", "refresh_token": "mine"}
    answer = requests.post(f"{box.google_ads}/token", data=form, timeout=10)
    assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")


def test_a_client_that_offers_both_protocols_gets_http_1(box: Running) -> None:
    assert _protocol(box, ["h2", "http/1.1"]) == "http/1.1"
    assert _protocol(box, ["h2"]) == "h2"
    assert _protocol(box, []) is None


def _protocol(box: Running, offered: list[str]) -> str | None:
    host, _, port = box.proxy.removeprefix("http://").partition(":")
    context = ssl.create_default_context(cafile=box.ca)
    if offered:
        context.set_alpn_protocols(offered)
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        plain.sendall(b"CONNECT datamanager.googleapis.com:443 HTTP/1.1\r\n\r\n")
        assert plain.recv(1024).startswith(b"HTTP/1.1 200")
        with context.wrap_socket(plain, server_hostname="datamanager.googleapis.com") as wrapped:
            return wrapped.selected_alpn_protocol()


def hello(protocols: list[str]) -> bytes:
    """The first bytes that a TLS client sends."""
    context, out = ssl.create_default_context(), ssl.MemoryBIO()
    context.set_alpn_protocols(protocols)
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="api.example").do_handshake()
    return out.read()


def test_the_protocols_of_a_hello_are_read_however_it_is_cut() -> None:
    data = hello(["h2", "http/1.1"])
    assert offered_protocols(data) == ["h2", "http/1.1"]
    assert [offered_protocols(data[:n]) for n in range(len(data))] == [None] * len(data)
    half = (len(data) - 5) // 2
    split = b"".join(data[:3] + len(part).to_bytes(2) + part for part in (data[5 : 5 + half], data[5 + half :]))
    assert offered_protocols(split) == ["h2", "http/1.1"]


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1", b"\x16\x03\x01\x00\x04\x01\x00\x00\x00", b"\x16\x03\x01\x00\x08\x01\x00\x00\x04abcd"]
)
def test_what_is_no_hello_offers_nothing(data: bytes) -> None:
    assert offered_protocols(data) == []
