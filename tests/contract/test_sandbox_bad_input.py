"""What no client of good sense sends: every route answers it as the vendor would, never with a server error or a default.

A table of routes times a table of nonsense; hypothesis tries the rest (test_sandbox_*_fuzz.py).
"""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from tests.contract.hubspot_server import NOW as HUBSPOT_NOW
from tests.contract.hubspot_server import TOKEN, tiny
from tests.contract.salesforce_org import organisation

from sandbox.admin import ROUTES as ADMIN_ROUTES
from sandbox.admin import VENDOR_ROUTES, Admin
from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.google_ads import GoogleAds
from sandbox.google_ads.rest import ROUTES as GOOGLE_ROUTES
from sandbox.http import Call
from sandbox.hubspot import HubSpot
from sandbox.hubspot.routing import TABLE
from sandbox.salesforce.api import ROUTES as SALESFORCE_ROUTES
from sandbox.salesforce.request import Route

NOT_JSON = [b"", b'{"a":', b"\xff\xfe\x00", b"<html>", b"nan"]
NO_OBJECT = [b"[]", b"[[1]]", b'"text"', b"null", b"1e400", b"true"]
WRONG = [b"{}", b'{"inputs": 1}', b'{"records": [1], "ids": {}, "properties": [], "operation": 7, "name": {}}']
HEADERS = [
    ("content-type", "text/plain"),
    ("content-type", "application/x-www-form-urlencoded"),
    ("content-type", "\xe6\xf8\xe5;;="),
    ("accept", "image/gif"),
    ("sforce-query-options", "batchSize=many"),
    ("sforce-auto-assign", "perhaps"),
    ("sforce-duplicate-rule-header", "=;allowSave"),
    ("if-modified-since", "yesterday"),
    ("x-nobody-knows", "this"),
    ("login-customer-id", "not-a-number"),
]
QUERIES = [
    "limit=x&after=²",
    "q=%00&start=x&end=y",
    "maxRecords=-1&locator=%E0%A4%A",
    "properties=&=&=1&ids=,",
    "a" * 200,
]
WRITES = {"POST", "PUT", "PATCH"}


# --- HubSpot -----------------------------------------------------------------------------------------------------------
PORTAL = HubSpot(Clock(HUBSPOT_NOW, "fixed"), tiny(), {"rate_limit": 10**9, "search_limit": 10**9})
SAMPLES = {
    "type": "contacts", "to": "companies", "id": "18000104", "to_id": "9000232", "list": "4", "source": "4", "money": "budget",
    "version": "2026-09", "pipeline": "default", "stage": "qualifiedtobuy", "kind": "contact_to_company", "name": "city",
    "campaign": tiny().hubspot["campaigns"][0]["id"], "asset_type": "FORM", "contact_type": "influencedContacts",
}  # fmt: skip
REFUSED = {(400, "VALIDATION_ERROR"), (404, "OBJECT_NOT_FOUND")}
#: they take no body
BODILESS = re.compile(
    r"/restore$|/add-from/|/update-list-name$|/assets/|/associations/default/|/associations/.*/contact_to_company$"
)


def hubspot(method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> tuple[int, Any]:
    pairs = {"authorization": f"Bearer {TOKEN}", **headers}
    scope = {
        "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode("latin-1", "replace"),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in pairs.items()],
    }  # fmt: skip
    status, _, payload = PORTAL.app.answer(scope, body)
    return status, orjson.loads(payload) if payload else None


def hubspot_paths() -> list[tuple[str, str]]:
    """What deletes comes last, since it does."""
    found = []
    for method, families, rest, _, _ in TABLE:
        samples = (
            SAMPLES
            | ({"type": "deals"} if "pipelines" in families[-1] else {})
            | ({"name": "contactinformation"} if "groups" in rest else {})
        )
        found.append(
            (method, re.sub(r"\{(\w+)\}", lambda part, kept=samples: kept.get(part[1], "x"), families[-1] + rest))
        )
    return sorted(found, key=lambda row: row[0] == "DELETE")


def in_hubspots_form(status: int, body: Any) -> bool:
    return status < 500 and (
        status < 400 or (body["status"] == "error" and bool(body["message"]) and bool(body["correlationId"]))
    )


@pytest.mark.parametrize(("method", "path"), hubspot_paths())
def test_hubspot(method: str, path: str) -> None:
    if method in WRITES and not BODILESS.search(path):
        for body in NOT_JSON + NO_OBJECT[2:]:
            status, answer = hubspot(method, path, body)
            assert (status, answer["category"]) in REFUSED, (body, answer)
    for body in NO_OBJECT[:2] + WRONG:
        assert in_hubspots_form(*hubspot(method, path, body if method in WRITES else b""))
    for name, value in HEADERS:
        status, answer = hubspot(method, path, b"{}" if method in WRITES else b"", **{name: value})
        assert in_hubspots_form(status, answer)
        assert status == 415 or name != "content-type" or method not in WRITES
    for query in QUERIES:
        assert in_hubspots_form(*hubspot(method, path, b"{}" if method in WRITES else b"", query))


@pytest.mark.parametrize(
    "path", ["/", "/crm", "/crm/v3/objects", "/crm/v9/objects/contacts", "/crm/objects/2031-03/contacts", "/%00", "//"]
)
def test_hubspot_has_no_such_route(path: str) -> None:
    status, answer = hubspot("GET", path)
    assert (status, answer["message"]) == (404, "resource not found")
    assert hubspot("BREW", "/crm/v3/objects/contacts")[0] == 405


# --- Salesforce --------------------------------------------------------------------------------------------------------
SF, ORG, _ = organisation(session_seconds=10**9)
LEAD = SF.create("Lead", LastName="L", Company="C")
SEGMENTS = ("Lead", LEAD, "x", "y")


def salesforce_path(route: Route) -> str:
    path, values = route.pattern.pattern.removesuffix("/?$"), iter(SEGMENTS)
    return re.sub(r"\(\[\^/\]\+\)", lambda _: next(values), path).replace("\\", "")


def in_salesforces_form(reply: Any) -> bool:
    if reply.status < 400:
        return True
    if not reply.kind.startswith("application/json"):
        return reply.status in {414, 431}
    return reply.status < 500 and all(row["errorCode"] and row["message"] for row in reply.json)


@pytest.mark.parametrize("route", SALESFORCE_ROUTES, ids=lambda route: f"{route.method} {salesforce_path(route)}")
def test_salesforce(route: Route) -> None:
    method, path = route.method, salesforce_path(route)
    writes = method in WRITES
    for body in NOT_JSON + NO_OBJECT + WRONG if writes else [b""]:
        reply = SF(method, path, body=body)
        assert in_salesforces_form(reply), (body, reply.body)
        if writes and body not in WRONG:
            assert reply.status in {400, 404, 415}, (body, reply.status, reply.body)
    for name, value in HEADERS:
        assert in_salesforces_form(SF(method, path, body=b"{}" if writes else b"", **{name: value}))
    for query in QUERIES:
        assert in_salesforces_form(SF(method, f"{path}?{query}", body=b"{}" if writes else b""))


@pytest.mark.parametrize(
    "path", ["", "/", "/nothing", "/sobjects/Lead/x/y/z/u", "/query/x/y", "/services/apexrest/x", "/%00"]
)
def test_salesforce_has_no_such_resource(path: str) -> None:
    reply = SF("GET", path or "/services/data/v62.0/nope")
    assert reply.status == 200 if path == "/" else (reply.status, reply.code) == (404, "NOT_FOUND")
    assert SF("BREW", "/limits").code == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    "body", NOT_JSON + NO_OBJECT + WRONG + [b"grant_type=password&username=%ff", b"grant_type=" + b"x" * 999]
)
def test_salesforces_log_in(body: bytes) -> None:
    for path in ("/services/oauth2/token", "/services/oauth2/revoke", "/services/Soap/u/62.0"):
        call = Call(
            "POST", path, path, {}, {"host": "acme.my.salesforce.com", "authorization": "Basic !"}, body, "https"
        )
        answer = ORG.api.handle(call)
        assert answer.status == (500 if "Soap" in path else 400)
        assert b"faultcode" in answer.body if "Soap" in path else orjson.loads(answer.body)["error"]


BULK_1 = ["job", f"job/{LEAD}", f"job/{LEAD}/batch", f"job/{LEAD}/batch/{LEAD}/result", "nothing"]


@pytest.mark.parametrize("path", BULK_1)
def test_salesforces_bulk_1(path: str) -> None:
    for method in ("GET", "POST", "BREW"):
        for body in NOT_JSON + NO_OBJECT + WRONG:
            reply = SF(method, f"/services/async/62.0/{path}", body=body, x_sfdc_session=SF.token)
            assert (reply.status, set(reply.json)) == (400, {"exceptionCode", "exceptionMessage"})


# --- Google ------------------------------------------------------------------------------------------------------------
GOOGLE = GoogleAds(Clock(HUBSPOT_NOW, "fixed"), tiny(), {"data_manager_requests_per_minute": 10**9})
BEARER = {
    "authorization": "Bearer " + GOOGLE.tokens._issue("r", tuple(GOOGLE.settings["granted_scopes"]))["access_token"]
}


async def google(
    method: str, path: str, body: bytes = b"", query: dict[str, str] | None = None, **headers: str
) -> tuple[int, Any]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    pairs = {"host": "googleads.googleapis.com", **BEARER, **headers}
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "scheme": "https",
        "query_string": "&".join(f"{k}={v}" for k, v in (query or {}).items()).encode("latin-1", "replace"),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in pairs.items()],
    }  # fmt: skip
    await GOOGLE.app(scope, receive, send)
    payload = b"".join(one.get("body", b"") for one in sent)
    return sent[0]["status"], orjson.loads(payload) if payload else None


def in_googles_form(status: int, body: Any) -> bool:
    if status < 400:
        return True
    error = (body[0] if isinstance(body, list) else body)["error"]
    return status < 500 and error["code"] == status and bool(error["status"]) and bool(error["message"])


PATHS = [
    *(
        (method, "/v26/customers" + ("" if verb.startswith(":list") else "/2223334445") + verb)
        for method, verb in GOOGLE_ROUTES
    ),
    ("POST", "/v1/events:ingest"),
    ("GET", "/v1/requestStatus:retrieve"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.anyio
async def test_google(method: str, path: str) -> None:
    host = "datamanager.googleapis.com" if path.startswith("/v1") else "googleads.googleapis.com"
    for body in NOT_JSON + NO_OBJECT + WRONG if method == "POST" else [b""]:
        status, answer = await google(method, path, body, host=host)
        assert in_googles_form(status, answer), (body, answer)
        assert method == "GET" or status in {400, 403}, (body, status, answer)
    for name, value in HEADERS:
        assert in_googles_form(
            *await google(method, path, b"{}" if method == "POST" else b"", host=host, **{name: value})
        )


@pytest.mark.parametrize("body", NOT_JSON + NO_OBJECT + WRONG)
@pytest.mark.anyio
async def test_googles_log_in(body: bytes) -> None:
    for path in ("/token", "/revoke", "/o/oauth2/token"):
        status, answer = await google("POST", path, body, host="oauth2.googleapis.com")
        assert (status, set(answer)) == (400, {"error", "error_description"})


# --- the admin API -----------------------------------------------------------------------------------------------------
ADMIN = Admin(
    {"salesforce": ORG, "hubspot": PORTAL, "google_ads": GOOGLE}, Clock(HUBSPOT_NOW, "fixed"), CallLog(), Faults()
)
ODD = [
    {"action": "edit", "object": 1, "id": [], "fields": "x"}, {"action": "create", "object": "contacts", "fields": 7},
    {"action": "create", "object": "Lead", "fields": {"LastName": {}}}, {"action": "merge", "object": "x", "winner": 1, "loser": {}},
    {"action": "add_click", "customer": 5, "at": None}, {"action": 7}, {"action": "convert", "lead_id": None}, {"action": "act"},
    {"action": "create_customer", "id": 7, "name": None}, {"action": "submit_form", "email": 3}, {"set": 7}, {"advance": []},
    {"mode": "sideways"}, {"kind": 7, "path": "("}, {"kind": "status", "status": "x", "nth": 0}, {"daily_limit": "x"}, {"page_size_max": []},
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path"),
    [*ADMIN_ROUTES, *((method, f"{name}/{path}") for name in ADMIN.vendors for method, path in VENDOR_ROUTES), ("GET", "hubspot/x/y"), ("GET", "x")],
)  # fmt: skip
def test_the_admin_api(method: str, path: str) -> None:
    for body in [*NOT_JSON, *NO_OBJECT, *map(orjson.dumps, ODD)] if method == "POST" else [b""]:
        answer = ADMIN.handle(Call(method, f"/_sandbox/{path}", f"/_sandbox/{path}", {"since": "0"}, {}, body))
        assert answer.status in {200, 204, 400, 404}, (body, answer.body)
        if method == "POST" and not path.endswith("expire_tokens"):
            assert answer.status == 400, (body, answer.body)
