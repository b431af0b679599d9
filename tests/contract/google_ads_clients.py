"""Run as a program: drives a sandbox with Google's own, unmodified clients and prints what each case found, as JSON.

A process of its own, since gRPC reads its proxy and its root certificates from the environment once.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import google.auth.exceptions
from google.ads.googleads.client import GoogleAdsClient
from google.ads.googleads.errors import GoogleAdsException
from google.api_core.exceptions import GoogleAPICallError

ENDPOINTS = json.loads(os.environ["SANDBOX_ENDPOINTS"])
MAIN, MANAGER = "2223334445", "1112223334"
ACTION = f"customers/{MAIN}/conversionActions/700002"
GCLID = "Cj0KCQ" + "A" * 56
NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
CONFIG = {"client_id": "a", "client_secret": "b", "login_customer_id": MANAGER, "use_proto_plus": True}
UPLOAD = "UploadClickConversions"
CASES: dict[str, Callable[[], Any]] = {}
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def case(function: Callable[[], Any]) -> Callable[[], Any]:
    CASES[function.__name__] = function
    return function


def admin(method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with _direct.open(
        urllib.request.Request(f"{ENDPOINTS['admin']}/{path}", data, method=method), timeout=20
    ) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def act(action: str, **arguments: Any) -> Any:
    return admin("POST", "google_ads/act", {"action": action, **arguments})


def client(version: str | None = None, **changes: Any) -> GoogleAdsClient:
    return GoogleAdsClient.load_from_dict({**CONFIG, "refresh_token": "r", **changes}, version=version)


ADS = client()


def row(order_id: str, **fields: Any) -> Any:
    made = ADS.get_type("ClickConversion")
    made.gclid, made.conversion_action, made.order_id = GCLID, ACTION, order_id
    made.conversion_date_time = (NOW - timedelta(days=2)).isoformat(sep=" ", timespec="seconds")
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def upload(*rows: Any, timeout: float = 20) -> Any:
    request = ADS.get_type("UploadClickConversionsRequest")
    request.customer_id, request.partial_failure = MAIN, True
    request.conversions.extend(rows)
    return ADS.get_service("ConversionUploadService").upload_click_conversions(request=request, timeout=timeout)


def row_errors(response: Any) -> list[tuple[int, str]]:
    failure = type(ADS.get_type("GoogleAdsFailure"))
    return [
        (error.location.field_path_elements[0].index, error.error_code.conversion_upload_error.name)
        for detail in response.partial_failure_error.details
        for error in failure.deserialize(detail.value).errors
    ]


def failure(call: Callable[[], Any]) -> dict[str, Any]:
    """What a call raises: the class, and of errors with trailers what they say."""
    try:
        call()
    except GoogleAdsException as error:
        code = error.failure.errors[0].error_code
        return {
            "raises": "GoogleAdsException",
            "grpc": error.error.code().name,
            "error": type(code).pb(code).WhichOneof("error_code"),
        }
    except (GoogleAPICallError, google.auth.exceptions.GoogleAuthError) as error:
        return {"raises": type(error).__name__, "text": str(error), "trailers": _trailers(error)}
    return {"raises": None}


def _trailers(error: Any) -> dict[str, Any]:
    trailers = dict(error.response.trailing_metadata() or ()) if getattr(error, "response", None) else {}
    data = trailers.get("google.ads.googleads.v26.errors.googleadsfailure-bin")
    if data is None:
        return {}
    details = type(ADS.get_type("GoogleAdsFailure")).deserialize(data).errors[0].details.quota_error_details
    return {"retry_delay": details.retry_delay.total_seconds(), "rate_name": details.rate_name}


def recorded() -> list[str]:
    return [found["order_id"] for found in admin("GET", "google_ads/conversions")]


def fault(**fields: Any) -> None:
    admin("DELETE", "faults")
    admin("POST", "faults", {"vendor": "google_ads", **fields})


# --- Google Ads ------------------------------------------------------------------------------------------------------
@case
def accessible_customers() -> Any:
    return sorted(ADS.get_service("CustomerService").list_accessible_customers(timeout=20).resource_names)


@case
def search_and_stream() -> Any:
    service = ADS.get_service("GoogleAdsService")
    query = "SELECT conversion_action.id, conversion_action.type FROM conversion_action ORDER BY conversion_action.id LIMIT 2"
    pages = [
        (found.conversion_action.id, found.conversion_action.type_.name)
        for found in service.search(customer_id=MAIN, query=query, timeout=20)
    ]
    parts = list(service.search_stream(customer_id=MAIN, query=query, timeout=20))
    return {"search": pages, "stream": [[found.conversion_action.id for found in part.results] for part in parts]}


@case
def a_query_error() -> Any:
    service = ADS.get_service("GoogleAdsService")
    return failure(
        lambda: list(service.search_stream(customer_id=MAIN, query="SELECT campaign.nme FROM campaign", timeout=20))
    )


@case
def partial_failure() -> Any:
    response = upload(row("p-1"), row("p-2", gclid="x" * 40))
    return {
        "errors": row_errors(response),
        "results": [bool(found.gclid) for found in response.results],
        "recorded": recorded(),
    }


@case
def adjustment_and_action() -> Any:
    request = ADS.get_type("UploadConversionAdjustmentsRequest")
    request.customer_id, request.partial_failure = MAIN, True
    change = ADS.get_type("ConversionAdjustment")
    change.conversion_action, change.order_id = ACTION, "p-1"
    change.adjustment_type = ADS.enums.ConversionAdjustmentTypeEnum.RETRACTION
    change.adjustment_date_time = NOW.isoformat(sep=" ", timespec="seconds")
    request.conversion_adjustments.append(change)
    answer = ADS.get_service("ConversionAdjustmentUploadService").upload_conversion_adjustments(
        request=request, timeout=20
    )
    operation = ADS.get_type("ConversionActionOperation")
    operation.create.name, operation.create.type_ = "By the client", ADS.enums.ConversionActionTypeEnum.UPLOAD_CLICKS
    made = ADS.get_service("ConversionActionService").mutate_conversion_actions(
        customer_id=MAIN, operations=[operation], timeout=20
    )
    return {"adjusted": answer.results[0].order_id, "created": made.results[0].resource_name.rpartition("/")[0]}


@case
def commit_then_reset() -> Any:
    fault(path=UPLOAD, kind="commit_then_reset")
    lost = failure(lambda: upload(row("c-1")))
    return {"lost": lost["raises"], "recorded": "c-1" in recorded(), "again": row_errors(upload(row("c-1")))}


@case
def reset_before() -> Any:
    fault(path=UPLOAD, kind="reset_before")
    return {
        "lost": failure(lambda: upload(row("r-1")))["raises"],
        "recorded": "r-1" in recorded(),
        "again": row_errors(upload(row("r-1"))),
    }


@case
def truncated_stream() -> Any:
    admin("POST", "google_ads/settings", {"page_size": 4})
    fault(path="SearchStream", kind="truncate")
    seen: list[int] = []
    service = ADS.get_service("GoogleAdsService")  # kept: without it the channel closes in the middle of the stream

    def read() -> None:
        query = "SELECT conversion_action.id FROM conversion_action"
        for part in service.search_stream(customer_id=MAIN, query=query, timeout=20):
            seen.append(len(part.results))

    found = failure(read)
    admin("POST", "google_ads/settings", {"page_size": 10_000})
    return {"raises": found["raises"], "seen": seen}


@case
def unavailable() -> Any:
    fault(path=UPLOAD, kind="status", status=503, body="Try later.")
    return failure(lambda: upload(row("u-1")))


@case
def quota_with_trailers() -> Any:
    quota = {"quotaErrorDetails": {"rateScope": "DEVELOPER", "rateName": "basic", "retryDelay": "30s"}}
    errors = [
        {"errorCode": {"quotaError": "RESOURCE_TEMPORARILY_EXHAUSTED"}, "message": "Slow down.", "details": quota}
    ]
    fault(path=UPLOAD, kind="status", status=429, body={"errors": errors})
    return failure(lambda: upload(row("q-1")))


@case
def deadline() -> Any:
    fault(path=UPLOAD, kind="delay", seconds=3)
    return {"raises": failure(lambda: upload(row("d-1"), timeout=0.3))["raises"], "recorded": "d-1" in recorded()}


@case
def not_allowlisted() -> Any:
    admin("DELETE", "faults")
    act("set_allow_list", allowed=False)
    found = failure(lambda: upload(row("n-1")))
    act("set_allow_list", allowed=True)
    return found


@case
def expired_access_token() -> Any:
    act("expire_tokens")
    found = failure(lambda: upload(row("e-1")))
    return {"found": found, "with a new one": row_errors(_upload_with(client(), row("e-1")))}


def _upload_with(other: GoogleAdsClient, *rows: Any) -> Any:
    global ADS
    ADS = other
    return upload(*rows)


@case
def older_version() -> Any:
    service = client("v23").get_service("GoogleAdsService")
    setting = "customer.conversion_tracking_setting"
    old, new = f"{setting}.enhanced_conversions_for_leads_enabled", f"{setting}.effective_enablement_setting"
    (found,) = service.search(customer_id=MAIN, query=f"SELECT {old} FROM customer", timeout=30)
    refused = failure(lambda: service.search(customer_id=MAIN, query=f"SELECT {new} FROM customer", timeout=20))
    return {"old": found.customer.conversion_tracking_setting.enhanced_conversions_for_leads_enabled, "new": refused}


@case
def directly_at_the_endpoint() -> Any:
    service = client(endpoint=ENDPOINTS["google_ads_grpc"]).get_service("GoogleAdsService")
    (found,) = service.search(customer_id=MAIN, query="SELECT customer.currency_code FROM customer", timeout=20)
    return found.customer.currency_code


# --- errors that no state leads to -----------------------------------------------------------------------------------
def arrange(**errors: list[str]) -> None:
    admin("POST", "google_ads/settings", errors)


@case
def arranged_errors() -> Any:
    arrange(next_call_errors=["authentication_error.NOT_ADS_USER", "authorization_error.PROJECT_DISABLED"])
    calls = [failure(lambda: upload(row("x-1"))) for _ in range(2)]
    arrange(next_row_errors=["conversion_upload_error.CUSTOM_VARIABLE_NOT_ENABLED"])
    return {
        "calls": [(found["grpc"], found["error"]) for found in calls],
        "rows": row_errors(upload(row("x-1"), row("x-2"))),
    }


# --- people ----------------------------------------------------------------------------------------------------------
def one(query: str, customer: str = MAIN) -> Any:
    (found,) = ADS.get_service("GoogleAdsService").search(customer_id=customer, query=query, timeout=20)
    return found


def status_of(action: str, customer: str = MAIN) -> tuple[str, int]:
    fields = "conversion_action.status, conversion_action.click_through_lookback_window_days"
    found = one(f"SELECT {fields} FROM conversion_action WHERE conversion_action.id = {action}", customer)
    return found.conversion_action.status.name, found.conversion_action.click_through_lookback_window_days


@case
def people() -> Any:
    """Every action of the admin API that the cases above do not show, as the client then sees it."""
    act("create_customer", id="1231231234", name="New Ltd", parent=MANAGER, tracking="1231231234", currency="SEK")
    act("set_customer", id="1231231234", terms=False)
    terms = "customer.conversion_tracking_setting.accepted_customer_data_terms"
    found = one(f"SELECT customer.currency_code, {terms} FROM customer", "1231231234").customer
    made = act("create_action", customer="1231231234", name="By hand", lookback_days=60)["id"]
    seen = [status_of(made, "1231231234")]
    for change in (
        {"action": "set_action", "lookback_days": 10},
        {"action": "remove_action"},
        {"action": "enable_action"},
    ):
        act(**change, id=made)
        seen.append(status_of(made, "1231231234"))
    act("add_click", customer=MAIN, gclid="tag-click-0123456789", at=(NOW - timedelta(days=3)).isoformat())
    act("record_conversion", conversion_action="700010", click="tag-click-0123456789", at=NOW.isoformat(), value=7.0)
    admin("POST", "google_ads/settings", {"report_lag_seconds": 0})
    day = (NOW - timedelta(days=3)).date()
    query = f"SELECT metrics.all_conversions_value FROM customer WHERE segments.date = '{day}'"
    return {
        "customer": [found.currency_code, found.conversion_tracking_setting.accepted_customer_data_terms],
        "action": seen,
        "tag": one(query).customer.resource_name and one(query).metrics.all_conversions_value,
    }


# --- Data Manager ----------------------------------------------------------------------------------------------------
def ingestion(transport: str) -> Any:
    from google.ads import datamanager_v1
    from google.oauth2.credentials import Credentials

    scope = "https://www.googleapis.com/auth/datamanager"
    credentials = Credentials(
        None,
        refresh_token="r",
        client_id="a",
        client_secret="b",
        token_uri="https://oauth2.googleapis.com/token",
        scopes=[scope],
    )
    return datamanager_v1.IngestionServiceClient(credentials=credentials, transport=transport)


def events(*transactions: str) -> dict[str, Any]:
    account = {"account_type": "GOOGLE_ADS", "account_id": MAIN}
    rows = [
        {
            "event_timestamp": NOW - timedelta(days=1), "ad_identifiers": {"gclid": GCLID}, "event_source": "WEB",
            "transaction_id": transaction, "conversion_value": 5,
        }
        for transaction in transactions
    ]  # fmt: skip
    return {"destinations": [{"operating_account": account, "product_destination_id": "700002"}], "events": rows}


def data_manager(transport: str) -> Any:
    service, request = ingestion(transport), events(f"dm-{transport}")
    done = service.ingest_events(request=request, timeout=30)
    admin("POST", "clock", {"advance": 1_800})
    status = service.retrieve_request_status(request={"request_id": done.request_id}, timeout=20)
    (event,) = request["events"]
    bad = request | {"events": [event, event | {"currency": "XYZ"}]}
    return {
        "status": [found.request_status.name for found in status.request_status_per_destination],
        "recorded": f"dm-{transport}" in recorded(),
        "refused": _fields(lambda: service.ingest_events(request=bad, timeout=20)),
    }


def _fields(call: Callable[[], Any]) -> Any:
    try:
        call()
    except GoogleAPICallError as error:
        violations = [found for detail in error.details for found in _violations(detail)]
        return {"raises": type(error).__name__, "reason": error.reason, "violations": violations}
    return None


def _violations(detail: Any) -> list[tuple[str, str]]:
    """The wrong fields of one error detail, which is a message over gRPC and a dictionary over REST."""
    if isinstance(detail, dict):
        return [(found["field"], found["reason"]) for found in detail.get("fieldViolations", ())]
    return [(found.field, found.reason) for found in getattr(detail, "field_violations", ())]


@case
def data_manager_over_grpc() -> Any:
    return data_manager("grpc")


@case
def data_manager_over_rest() -> Any:
    return data_manager("rest")


@case
def arranged_data_manager_errors() -> Any:
    from google.ads import datamanager_v1

    service, request = ingestion("rest"), events("x-3", "x-4")
    arrange(next_ingest_errors=["NOT_ALLOWLISTED"], next_event_errors=["UNKNOWN_CONSENT"])
    refused = _fields(lambda: service.ingest_events(request=request, timeout=20))
    done = service.ingest_events(request=request, timeout=20)
    admin("POST", "clock", {"advance": 1_800})
    asked = datamanager_v1.RetrieveRequestStatusRequest(request_id=done.request_id)
    (status,) = service.retrieve_request_status(request=asked, timeout=20).request_status_per_destination
    counts = [(one.reason.name, one.record_count) for one in status.error_info.error_counts]
    return {"refused": refused["violations"], "status": status.request_status.name, "counts": counts}


@case
def revoked_refresh_token() -> Any:
    act("revoke_tokens")
    return failure(client)


def main() -> None:
    act("add_click", customer=MAIN, gclid=GCLID, at=(NOW - timedelta(days=10)).isoformat())
    found = {}
    for name, function in CASES.items():
        found[name] = function()
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
