"""The ASGI application: authentication, limits, routing, and HubSpot's envelope for whatever goes wrong."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import orjson

from sandbox.hubspot.errors import ApiError
from sandbox.hubspot.limits import Limits
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.request import Answer, Request
from sandbox.hubspot.routing import Route, match

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
JSON = b"application/json;charset=utf-8"
TOKEN_PREFIX = "pat-"
NO_CREDENTIALS = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at "
    "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)


class HubSpotApp:
    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.limits = Limits(portal.clock, portal.settings)
        self.seen_tokens: set[str] = set()
        self.expired_tokens: set[str] = set()
        self.ids = Random(0)  # noqa: S311

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        status, headers, payload = self.answer(scope, body)
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        if status != 204:
            pairs += [(b"content-type", JSON), (b"content-length", str(len(payload)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": payload})

    def answer(self, scope: Scope, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one call."""
        correlation = str(uuid.UUID(int=self.ids.getrandbits(128), version=4))
        headers = {"X-HubSpot-Correlation-Id": correlation}
        try:
            answer = self._answer(scope, body, headers)
            return answer.status, headers, b"" if answer.body is None else orjson.dumps(answer.body)
        except ApiError as error:
            return error.status, headers | error.headers, orjson.dumps(error.body(correlation))

    def _answer(self, scope: Scope, body: bytes, headers: dict[str, str]) -> Answer:
        raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
        token = self._authenticate(dict(scope["headers"]).get(b"authorization", b"").decode("latin-1"))
        route, path, allowed = match(scope["method"], raw_path)
        headers |= self.limits.take(token, bool(route and route.search))
        if route is None:
            raise refused_route(scope["method"], allowed)
        query = scope.get("query_string", b"").decode("latin-1")
        refuse_media_type(scope, body)
        if len(raw_path) + len(query) > int(self.portal.settings["uri_max"]):
            raise ApiError(414, "URI Too Long")
        version = path.pop("version", None)
        request = Request(self.portal, scope["method"], path, query, body, version, self.limits)
        self._authorize(token, route, request)
        return route.endpoint(request)

    def _authenticate(self, header: str) -> str:
        """The bearer token; 401 if there is none, it is unknown, revoked or expired."""
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise ApiError(401, NO_CREDENTIALS, "INVALID_AUTHENTICATION")
        valid = self.portal.settings["tokens_valid"]
        if token in self.expired_tokens:
            raise ApiError(401, "The OAuth token used to make this call expired.", "EXPIRED_AUTHENTICATION")
        if not token.startswith(TOKEN_PREFIX) or valid is False or (isinstance(valid, list) and token not in valid):
            message = "The access token is invalid: it was not found, or it was deleted or rotated."
            raise ApiError(401, message, "INVALID_AUTHENTICATION")
        self.seen_tokens.add(token)
        return token

    def _authorize(self, token: str, route: Route, request: Request) -> None:
        """403 unless the token has the scope, or has no list of scopes."""
        scopes = self.portal.settings["token_scopes"].get(token)
        plural = self.portal.names.get(request.path.get("type", "").lower(), "custom")
        plural = "custom" if plural in self.portal.schemas else plural
        needed = route.scope.format(type=plural)
        if scopes is None or needed in scopes or needed == "oauth":
            return
        message = "This app hasn't been granted all required scopes to make this call."
        errors = [
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": [needed]},
            }
        ]
        raise ApiError(403, message, "MISSING_SCOPES", errors=errors)


def refuse_media_type(scope: Scope, body: bytes) -> None:
    """415 for a body that says it is something else than JSON, such as the form that curl sends unasked."""
    kind = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    if body and kind and kind != "application/json":
        raise ApiError(415, f"HTTP 415 Unsupported Media Type: {kind}")


def refused_route(method: str, allowed: set[str]) -> ApiError:
    if allowed:
        error = ApiError(405, f"HTTP 405 Method Not Allowed: {method}")
        error.headers = {"Allow": ", ".join(sorted(allowed))}
        return error
    return ApiError(404, "resource not found")


async def read_body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(parts)
