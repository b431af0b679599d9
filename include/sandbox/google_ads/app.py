"""The HTTP side: OAuth's token endpoints, and the REST form of the Data Manager API and the Google Ads API."""

from __future__ import annotations

import asyncio
from typing import Any

from sandbox.google_ads import rest
from sandbox.google_ads.data_manager import DataManager, DataManagerRefused
from sandbox.google_ads.oauth import Tokens
from sandbox.google_ads.protos import data_manager
from sandbox.google_ads.rpc import GoogleRpc
from sandbox.http import Answer, Call, Receive, Scope, Send, as_json, call_of, encode_headers, read_body
from sandbox.rpc import STATUS_OF_CODE

TOKEN_PATHS = {"/token", "/o/oauth2/token", "/oauth2/v4/token"}
INGEST, STATUS = "/v1/events:ingest", "/v1/requestStatus:retrieve"
ALT = "$alt"
OTHER_HOSTS = ("oauth2.", "accounts.", "datamanager.")


class GoogleApp:
    """An ASGI application for oauth2, accounts, datamanager and googleads; by its own URL it serves all of them."""

    def __init__(self, tokens: Tokens, manager: DataManager, rpc: GoogleRpc) -> None:
        self.tokens, self.manager, self.rpc = tokens, manager, rpc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in {INGEST, STATUS}:
            # Loading the messages takes a second or two at the first call; the other vendors go on meanwhile.
            await asyncio.to_thread(prepare)
        call = call_of(scope, await read_body(receive))
        found = self.answer(call)
        if found.status == 404 and not call.host.startswith(OTHER_HOSTS):
            found = await rest.answer(call, self.rpc) or found
        await send({"type": "http.response.start", "status": found.status, "headers": encode_headers(found)})
        await send({"type": "http.response.body", "body": found.body})

    def answer(self, call: Call) -> Answer:
        """Answer one request; an unknown path or method is 404 as Google's front end says it."""
        host = call.host.partition(":")[0]
        if call.path in {INGEST, STATUS} and not host.startswith(("oauth2.", "accounts.", "googleads.")):
            return self._data_manager(call)
        if not host.startswith(("datamanager.", "googleads.")):
            if call.method == "POST" and call.path in TOKEN_PATHS:
                return self.tokens.token(call)
            if call.method == "POST" and call.path in {"/revoke", "/o/oauth2/revoke"}:
                return self.tokens.revoke(call)
            if call.method == "GET" and call.path in {"/tokeninfo", "/o/oauth2/tokeninfo"}:
                return self.tokens.info(call)
        return failed(404, "NOT_FOUND", "The sandbox does not model this path.")

    def _data_manager(self, call: Call) -> Answer:
        if call.method != ("POST" if call.path == INGEST else "GET"):
            return failed(404, "NOT_FOUND", "Method not found.")
        header = call.headers.get("authorization", "")
        try:
            if call.path == INGEST:
                message = self.manager.ingest(_parse(call), header)
            else:
                message = self.manager.status(_query(call), header)
        except DataManagerRefused as refused:
            return _refusal(refused)
        return as_json(_plain(message, "enum-encoding=int" in call.query.get(ALT, "")))


def prepare() -> None:
    """Load the messages of the Data Manager API."""
    for name in ("ingestion_service.IngestEventsRequest", "request_status_per_destination.RequestStatusPerDestination"):
        data_manager(name)


def _parse(call: Call) -> Any:
    """Return the request message of a JSON body, whose enums may be names or numbers."""
    from google.protobuf.json_format import Parse, ParseError

    try:
        return Parse(call.body or b"{}", data_manager("ingestion_service.IngestEventsRequest")())
    except (ParseError, UnicodeDecodeError) as problem:
        text = f"Invalid JSON payload received. {problem}"
        raise DataManagerRefused("INVALID_ARGUMENT", "INVALID_ARGUMENT", text) from problem


def _query(call: Call) -> Any:
    request_id = call.query.get("requestId", call.query.get("request_id", ""))
    return data_manager("ingestion_service.RetrieveRequestStatusRequest")(request_id=request_id)


def _plain(message: Any, numbers: bool) -> Any:
    from google.protobuf.json_format import MessageToDict

    return MessageToDict(message, use_integers_for_enums=numbers)


def _refusal(refused: DataManagerRefused) -> Answer:
    status = refused.status()
    details = _plain(status, numbers=False).get("details", [])
    return failed(STATUS_OF_CODE[refused.code], refused.code, refused.message, details)


def failed(code: int, status: str, message: str, details: list[Any] | None = None) -> Answer:
    """Return an error in the form of Google's REST APIs."""
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    return as_json({"error": body | ({"details": details} if details else {})}, code)
