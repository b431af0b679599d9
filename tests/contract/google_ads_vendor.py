"""Google in this process: requests and answers are the vendor's own messages, serialized as on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from google.ads.googleads.v26.common.types.offline_user_data import UserIdentifier
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.ads.googleads.v26.services.types import conversion_upload_service as uploads
from google.ads.googleads.v26.services.types import google_ads_service as ads
from google.ads.googleads.v26.services.types.conversion_adjustment_upload_service import (
    ConversionAdjustment,
    UploadConversionAdjustmentsRequest,
    UploadConversionAdjustmentsResponse,
)

from sandbox.clock import Clock
from sandbox.google_ads import GoogleAds
from sandbox.http import Answer, Call
from sandbox.rpc import RpcCall, RpcRefused
from sandbox.world import Dice, World
from sandbox.world_google_ads import MAIN, MANAGER, seed_google_ads

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
GCLID = "Cj0KCQ" + "A" * 56
BRAID = "0AAAAA" + "b" * 40
LEAD, QUALIFIED, WON, SHORT, FIXED, EXTERNAL, WEB, SALESFORCE = (
    "700001", "700002", "700004", "700005", "700006", "700009", "700010", "700011",
)  # fmt: skip
Found = tuple[int, str, str]


def stamp(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="seconds")


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def action_name(number: str, customer: str = MAIN) -> str:
    return f"customers/{customer}/conversionActions/{number}"


def person(**identifier: str) -> UserIdentifier:
    return UserIdentifier(**identifier)


def conversion(**fields: Any) -> uploads.ClickConversion:
    """A conversion two days ago, of the click that `Google.click()` makes; `action` is a number."""
    given = {"gclid": GCLID, "conversion_date_time": stamp(ago(days=2)), **fields}
    number = given.pop("action", QUALIFIED)
    given.setdefault("conversion_action", action_name(number))
    return uploads.ClickConversion(**{name: value for name, value in given.items() if value is not None})


class Google:
    """One Google with the seeded accounts, at a standing clock, and a valid access token."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock(NOW, "fixed")
        world = World()
        seed_google_ads(world, Dice("test"), NOW)
        self.vendor = GoogleAds(self.clock, world, settings)
        self.token = self.log_in()["access_token"]

    def later(self, **span: float) -> None:
        """Let time pass, and log in again: the access token may have ended."""
        self.clock.advance(timedelta(**span).total_seconds())
        self.token = self.log_in()["access_token"]

    # --- HTTP --------------------------------------------------------------------------------------------------------
    def http(self, method: str, path: str, body: bytes = b"", host: str = "", **headers: str) -> Answer:
        path, _, query = path.partition("?")
        pairs = dict(part.split("=", 1) for part in query.replace("%24", "$").replace("%3B", ";").split("&") if part)
        return self.vendor.app.answer(Call(method, path, path, pairs, {"host": host, **headers}, body))

    def post_token(self, **form: str) -> tuple[int, dict[str, Any]]:
        answer = self.http("POST", "/token", urlencode(form).encode(), "oauth2.googleapis.com")
        return answer.status, orjson.loads(answer.body)

    def log_in(self, **form: str) -> dict[str, Any]:
        given = {"grant_type": "refresh_token", "client_id": "a", "client_secret": "b", "refresh_token": "r", **form}
        status, body = self.post_token(**given)
        assert status == 200, body
        return body

    # --- gRPC --------------------------------------------------------------------------------------------------------
    def raw(self, path: str, body: bytes, login: str | None = MANAGER, token: str | None = None) -> list[bytes]:
        metadata = {"authorization": f"Bearer {self.token if token is None else token}"}
        if login:
            metadata["login-customer-id"] = login
        return asyncio.run(self.vendor.rpc.answer(RpcCall(path, metadata, body))).messages

    def call(self, method: str, request: Any, response: Any, version: str = "v26", **options: Any) -> Any:
        body = type(request).serialize(request)
        (answer,) = self.raw(f"/google.ads.googleads.{version}.services.{method}", body, **options)
        return response.deserialize(answer)

    # --- services ----------------------------------------------------------------------------------------------------
    def upload(
        self, *rows: Any, customer: str = MAIN, version: str = "v26", login: str | None = MANAGER, **fields: Any
    ) -> Any:
        request = uploads.UploadClickConversionsRequest(
            customer_id=customer, conversions=rows, **{"partial_failure": True, **fields}
        )
        method = "ConversionUploadService/UploadClickConversions"
        return self.call(method, request, uploads.UploadClickConversionsResponse, version, login=login)

    def rejected(self, *rows: Any, **fields: Any) -> list[Found]:
        """The errors of an upload: row, enum name, and the field below the row."""
        return row_errors(self.upload(*rows, **fields), "conversions")

    def adjust(self, *rows: Any, **fields: Any) -> Any:
        request = UploadConversionAdjustmentsRequest(
            customer_id=MAIN, conversion_adjustments=rows, **{"partial_failure": True, **fields}
        )
        method = "ConversionAdjustmentUploadService/UploadConversionAdjustments"
        return self.call(method, request, UploadConversionAdjustmentsResponse)

    def unadjusted(self, *rows: Any, **fields: Any) -> list[Found]:
        return row_errors(self.adjust(*rows, **fields), "conversion_adjustments")

    def search(self, query: str, customer: str = MAIN, login: str | None = MANAGER, **fields: Any) -> Any:
        request = ads.SearchGoogleAdsRequest(customer_id=customer, query=query, **fields)
        return self.call("GoogleAdsService/Search", request, ads.SearchGoogleAdsResponse, login=login)

    # --- people ------------------------------------------------------------------------------------------------------
    def act(self, action: str, **arguments: Any) -> dict[str, Any]:
        return self.vendor.act(action, **arguments)

    def click(self, at: datetime | None = None, customer: str = MAIN, **fields: Any) -> None:
        """A click ten days ago with GCLID, unless told otherwise."""
        given = fields if {"gclid", "gbraid", "wbraid"} & fields.keys() else {"gclid": GCLID, **fields}
        self.act("add_click", customer=customer, at=(at or ago(days=10)).isoformat(), **given)

    def conversions(self) -> list[dict[str, Any]]:
        return list(self.vendor.records("conversions"))


def row_errors(response: Any, rows: str) -> list[Found]:
    details = response.partial_failure_error.details
    if not details:
        return []
    assert len(details) == 1
    assert details[0].type_url == "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"
    return [_row(error, rows) for error in GoogleAdsFailure.deserialize(details[0].value).errors]


def _row(error: Any, rows: str) -> Found:
    first, *rest = error.location.field_path_elements
    assert first.field_name == rows
    assert "index" in first
    return first.index, code_of(error), ".".join(part.field_name for part in rest)


def code_of(error: Any) -> str:
    code = type(error.error_code).pb(error.error_code)
    return str(getattr(error.error_code, code.WhichOneof("error_code")).name)


def failure_of(refused: RpcRefused, version: str = "v26") -> GoogleAdsFailure:
    """The errors in the trailers of a refused call."""
    trailers = dict(refused.trailers)
    assert trailers["request-id"]
    return GoogleAdsFailure.deserialize(trailers[f"google.ads.googleads.{version}.errors.googleadsfailure-bin"])


def codes(refused: RpcRefused) -> list[str]:
    return [code_of(error) for error in failure_of(refused).errors]


def adjustment(kind: str = "RETRACTION", **fields: Any) -> ConversionAdjustment:
    given = {"adjustment_date_time": stamp(ago(hours=1)), "order_id": "order-1", **fields}
    number = given.pop("action", QUALIFIED)
    return ConversionAdjustment(
        adjustment_type=kind, conversion_action=action_name(number), **{k: v for k, v in given.items() if v is not None}
    )


def names(found: Iterable[Found]) -> list[str]:
    return [name for _, name, _ in found]
