"""The REST form of the Google Ads API, which some clients use for queries: the same methods, in JSON."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from sandbox.google_ads.errors import STATUS_TEXTS, Refusal, error
from sandbox.google_ads.protos import VERSIONS, Protos, protos, sunset
from sandbox.google_ads.rpc import METHODS, GoogleRpc
from sandbox.http import Answer, Call, as_json
from sandbox.rpc import STATUS_OF_CODE

PATH = re.compile(r"/(v\d+)/customers(?:/(?P<customer>[^/:]+))?(?P<verb>[/:][\w/:]+)")
ROUTES = {
    ("POST", "/googleAds:search"): "GoogleAdsService/Search",
    ("POST", "/googleAds:searchStream"): "GoogleAdsService/SearchStream",
    ("POST", ":uploadClickConversions"): "ConversionUploadService/UploadClickConversions",
    ("POST", ":uploadConversionAdjustments"): "ConversionAdjustmentUploadService/UploadConversionAdjustments",
    ("POST", "/conversionActions:mutate"): "ConversionActionService/MutateConversionActions",
    ("POST", ":mutate"): "CustomerService/MutateCustomer",
    ("GET", ":listAccessibleCustomers"): "CustomerService/ListAccessibleCustomers",
}
"""By HTTP method and what follows the customer in the path (google.api.http of the services)."""


async def answer(call: Call, rpc: GoogleRpc) -> Answer | None:
    """Answer one request; None if the path is none of the API's."""
    found = PATH.fullmatch(call.path)
    method = ROUTES.get((call.method, found["verb"])) if found else None
    if found is None or method is None or (found["customer"] is None) != (method.endswith("ListAccessibleCustomers")):
        return None
    version, request_id = found[1], f"sandbox-{rpc.state.next_id():012d}"
    if version not in VERSIONS and not sunset(version):
        return None
    messages = await asyncio.to_thread(protos, version if version in VERSIONS else VERSIONS[-1])
    try:
        if sunset(version):
            raise Refusal(error("request_error", "UNSUPPORTED_VERSION"))
        answers = rpc.invoke(
            messages, method, call.headers, await _body(call, messages, method, found["customer"]), request_id
        )
    except Refusal as refusal:
        return _refused(refusal, messages, request_id, method)
    plain = [_plain(message) for message in answers]
    return as_json(plain if method.endswith("Stream") else plain[0], headers={"request-id": request_id})


async def _body(call: Call, messages: Protos, method: str, customer: str | None) -> Any:
    from google.protobuf.json_format import Parse, ParseError

    cls = await asyncio.to_thread(messages.message, f"services.{METHODS[method][0]}")
    try:
        body = Parse(call.body or b"{}", cls())
    except (ParseError, UnicodeDecodeError) as problem:
        text = f"Invalid JSON payload received. {problem}"
        raise Refusal(error("request_error", "UNKNOWN", text=text)) from problem
    if customer is not None:
        body.customer_id = customer
    return body


def _plain(message: Any) -> Any:
    from google.protobuf.json_format import MessageToDict

    return MessageToDict(message)


def _refused(refusal: Refusal, messages: Protos, request_id: str, method: str) -> Answer:
    """An error in Google's form; that of a stream comes in a list, as its answers do."""
    failure = messages.failure(refusal.errors, request_id)
    detail = {"@type": f"type.googleapis.com/{failure.DESCRIPTOR.full_name}", **_plain(failure)}
    status = STATUS_OF_CODE[refusal.code]
    text = STATUS_TEXTS.get(refusal.code, refusal.errors[0].message)
    body = {"error": {"code": status, "message": text, "status": refusal.code, "details": [detail]}}
    return as_json([body] if method.endswith("Stream") else body, status, {"request-id": request_id})
