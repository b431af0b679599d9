"""The ASGI middleware round every vendor: it logs each call and lets faults strike."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson

from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.faults import Fault, Faults
from sandbox.http import Asgi, Receive, Scope, Send

DROP = "sandbox.drop"
"""Scope key of a function that closes the client's connection: after what was written, or at once if told so."""


class Recorder:
    """Passes ASGI messages on, dated by the sandbox's clock, and keeps what the log needs."""

    def __init__(self, send: Send, at: datetime, forward: bool = True) -> None:
        self._send, self._at, self._forward = send, at, forward
        self.status, self.bytes = 0, 0

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = message | {
                "headers": [*message["headers"], (b"date", format_datetime(self._at, usegmt=True).encode())]
            }
        self.bytes += len(message.get("body", b""))
        if self._forward:
            await self._send(message)


class Wire:
    """One vendor's application with its log and faults."""

    def __init__(self, vendor: str, app: Asgi, clock: Clock, calls: CallLog, faults: Faults) -> None:
        self.vendor, self.app, self.clock, self.calls, self.faults = vendor, app, clock, calls, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self.faults.next(self.vendor, scope["method"], scope["path"])
        at, started = self.clock.now(), time.perf_counter()
        recorder = Recorder(send, at, forward=fault is None or fault.kind in {"delay", "status"})
        try:
            await self._answer(fault, scope, receive, recorder, send)
        finally:
            self.calls.add(
                at=at.isoformat(timespec="milliseconds"),
                vendor=self.vendor,
                method=scope["method"],
                path=scope["path"],
                query=tuple(
                    key for key, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
                ),
                status=recorder.status,
                ms=round((time.perf_counter() - started) * 1000, 3),
                bytes=recorder.bytes,
                fault=fault.kind if fault else None,
            )

    async def _answer(
        self, fault: Fault | None, scope: Scope, receive: Receive, recorder: Recorder, send: Send
    ) -> None:
        if fault is None:
            await self.app(scope, receive, recorder)
        elif fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            await self.app(scope, receive, recorder)
        elif fault.kind == "status":
            await send_fault(fault, recorder)
        elif fault.kind == "reset_before":
            await drop(scope, receive, at_once=True)
        elif fault.kind == "commit_then_reset":
            await self.app(scope, receive, recorder)
            await drop(scope, receive, at_once=True)
        elif fault.kind == "commit_then_delay":
            await self._late(fault, scope, receive, recorder)
        else:
            await self._truncate(scope, receive, recorder, send)

    async def _late(self, fault: Fault, scope: Scope, receive: Receive, recorder: Recorder) -> None:
        messages: list[dict[str, Any]] = []

        async def keep(message: dict[str, Any]) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        await asyncio.sleep(fault.seconds)
        for message in messages:
            await recorder(message)

    async def _truncate(self, scope: Scope, receive: Receive, recorder: Recorder, send: Send) -> None:
        messages: list[dict[str, Any]] = []

        async def keep(message: dict[str, Any]) -> None:
            messages.append(message)
            await recorder(message)

        await self.app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in messages)
        await send(messages[0])
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await drop(scope, receive, at_once=False)


async def drop(scope: Scope, receive: Receive, at_once: bool) -> None:
    """Close the connection of a request and wait until it is closed."""
    close: Callable[[bool], None] = scope[DROP]
    close(at_once)
    while (await receive())["type"] != "http.disconnect":
        continue


async def send_fault(fault: Fault, send: Send) -> None:
    """Answer with a fault's status, headers and body; a body that is not text goes out as JSON."""
    text = isinstance(fault.body, str)
    body = fault.body.encode() if text else orjson.dumps(fault.body)
    headers = {"content-type": "text/html;charset=UTF-8" if text else "application/json;charset=UTF-8"}
    headers.update({name.lower(): str(value) for name, value in fault.headers.items()})
    headers["content-length"] = str(len(body))
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": fault.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
