"""Requests and answers as plain values, and the adapter that serves a function of them as an ASGI application.

A vendor's routes are ordinary functions from `Call` to `Answer`, so that one request can carry out another (Composite).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON = "application/json;charset=UTF-8"


@dataclass(frozen=True)
class Call:
    """One request. ``path`` is decoded, ``raw_path`` is not; header names are lower case; of a repeated query key the last counts.

    ``uri_bytes`` is the length of path and query as they came, undecoded.
    """

    method: str
    path: str
    raw_path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    scheme: str = "http"
    uri_bytes: int = 0

    @property
    def host(self) -> str:
        return self.headers.get("host", "")

    def json(self) -> Any:
        """Return the parsed body; orjson.JSONDecodeError (a ValueError) if it is not JSON."""
        return orjson.loads(self.body)


@dataclass
class Answer:
    """One response; ``headers`` come on top of content-type and content-length. ``kind`` None sends no content type."""

    status: int
    body: bytes = b""
    kind: str | None = JSON
    headers: dict[str, str] = field(default_factory=dict)


def as_json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """Return a JSON answer."""
    return Answer(status, orjson.dumps(value), JSON, headers or {})


async def read_body(receive: Receive) -> bytes:
    """Collect a request's whole body; a client that went away leaves what has arrived."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


def call_of(scope: Scope, body: bytes) -> Call:
    """Return the request of an ASGI scope."""
    raw = scope.get("raw_path") or scope["path"].encode()
    return Call(
        method=scope["method"],
        path=scope["path"],
        raw_path=raw.decode("latin-1").partition("?")[0],
        query=dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
        scheme=scope.get("scheme", "http"),
        uri_bytes=len(raw) + len(scope.get("query_string", b"")),
    )


def encode_headers(answer: Answer) -> list[tuple[bytes, bytes]]:
    """Return an answer's headers in ASGI form."""
    pairs = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in answer.headers.items()]
    if answer.kind is not None:
        pairs.append((b"content-type", answer.kind.encode()))
    if answer.status not in {204, 304}:
        pairs.append((b"content-length", str(len(answer.body)).encode()))
    return pairs


def asgi(handle: Callable[[Call], Answer]) -> Asgi:
    """Serve a function from call to answer as an ASGI application."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        answer = handle(call_of(scope, await read_body(receive)))
        await send({"type": "http.response.start", "status": answer.status, "headers": encode_headers(answer)})
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    return app


def path_parts(raw_path: str) -> list[str]:
    """Split an undecoded path at its slashes and decode each part, so that a part may hold an encoded slash."""
    return [unquote(part) for part in raw_path.strip("/").split("/")]
