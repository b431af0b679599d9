"""gRPC calls as plain values, and the server that logs each one and lets faults strike, as `sandbox.wire` does for HTTP.

A vendor that speaks gRPC has an attribute `rpc`: it turns the bytes of one request into the bytes of its answers. Nothing
of gRPC is imported before the first client connects.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.faults import Fault, Faults

Trailers = tuple[tuple[str, str | bytes], ...]

STATUS_OF_CODE = {
    "OK": 200, "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "OUT_OF_RANGE": 400, "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403, "NOT_FOUND": 404, "ALREADY_EXISTS": 409, "ABORTED": 409, "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499, "UNKNOWN": 500, "INTERNAL": 500, "DATA_LOSS": 500, "UNIMPLEMENTED": 501, "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}  # fmt: skip
"""The HTTP status that Google's APIs give each gRPC code (google/rpc/code.proto)."""
CODE_OF_STATUS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
    429: "RESOURCE_EXHAUSTED", 499: "CANCELLED", 500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}  # fmt: skip


@dataclass(frozen=True)
class RpcCall:
    """One call: `path` is "/package.Service/Method", `metadata` has lower-case keys, `body` is the request message."""

    path: str
    metadata: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class RpcAnswer:
    """The messages of an answer (one of a unary method) and the metadata that follows it."""

    messages: list[bytes] = field(default_factory=list)
    trailers: Trailers = ()


class RpcRefused(Exception):
    """A call that ends with a gRPC code other than OK."""

    def __init__(self, code: str, message: str, trailers: Trailers = ()) -> None:
        super().__init__(message)
        self.code, self.message, self.trailers = code, message, trailers


class Rpc(Protocol):
    """The gRPC side of a vendor."""

    def prepare(self) -> None:
        """Load whatever answering needs; called in a thread when the first client connects."""

    async def answer(self, call: RpcCall) -> RpcAnswer:
        """Answer one call; RpcRefused for one that fails."""
        ...

    async def fault_trailers(self, path: str, body: Any) -> Trailers:
        """Return the error details that a fault's body stands for; ValueError if it stands for none."""
        ...


@dataclass(frozen=True)
class Outcome:
    answer: RpcAnswer | None = None
    refused: RpcRefused | None = None

    @property
    def code(self) -> str:
        return self.refused.code if self.refused else "OK"


class RpcWire:
    """One vendor's gRPC side with its log and faults. `reset` breaks the connection of a peer's port."""

    def __init__(
        self, vendor: str, rpc: Rpc, clock: Clock, calls: CallLog, faults: Faults, reset: Callable[[int], None]
    ) -> None:
        self.vendor, self.rpc, self.clock = vendor, rpc, clock
        self.calls, self.faults, self.reset = calls, faults, reset

    async def serve(self, call: RpcCall, context: Any) -> AsyncIterator[bytes]:
        """Answer one call of `grpc.aio`, as a fault would have it if one strikes."""
        fault = self.faults.next(self.vendor, "POST", call.path)
        at, started = self.clock.now().isoformat(timespec="milliseconds"), time.perf_counter()
        outcome = await self._outcome(call, fault)
        messages = outcome.answer.messages if outcome.answer else []
        lost = fault is not None and fault.kind in {"reset_before", "commit_then_reset", "truncate"}
        self.calls.add(
            at=at, vendor=self.vendor, method="POST", path=call.path, query=(),
            status=0 if lost else STATUS_OF_CODE[outcome.code], grpc=None if lost else outcome.code,
            ms=round((time.perf_counter() - started) * 1000, 3), bytes=sum(map(len, messages)),
            fault=fault.kind if fault else None,
        )  # fmt: skip
        if lost:
            async for message in self._lose(fault, messages, context):
                yield message
        elif outcome.refused:
            await _abort(context, outcome.refused)
        else:
            context.set_trailing_metadata(outcome.answer.trailers if outcome.answer else ())
            for message in messages:
                yield message

    async def _outcome(self, call: RpcCall, fault: Fault | None) -> Outcome:
        try:
            if fault is not None and fault.kind == "status":
                raise await self._refusal(call.path, fault)
            if fault is not None and fault.kind == "reset_before":
                return Outcome()
            if fault is not None and fault.kind == "delay":
                await asyncio.sleep(fault.seconds)
            answer = await self.rpc.answer(call)
            if fault is not None and fault.kind == "commit_then_delay":
                await asyncio.sleep(fault.seconds)
            return Outcome(answer=answer)
        except RpcRefused as refused:
            return Outcome(refused=refused)

    async def _refusal(self, path: str, fault: Fault) -> RpcRefused:
        code = CODE_OF_STATUS.get(fault.status, "UNKNOWN")
        headers: Trailers = tuple((name.lower(), value) for name, value in fault.headers.items())
        if isinstance(fault.body, str):
            return RpcRefused(code, fault.body or "The service is currently unavailable.", headers)
        try:
            details = await self.rpc.fault_trailers(path, fault.body)
        except ValueError as error:
            return RpcRefused("INTERNAL", f"The body of this fault is no error of this method: {error}", headers)
        return RpcRefused(code, "Request contains an error.", details + headers)

    async def _lose(self, fault: Fault | None, messages: list[bytes], context: Any) -> AsyncIterator[bytes]:
        if fault is not None and fault.kind == "truncate":
            for message in messages[: len(messages) // 2]:
                yield message
        self.reset(_peer_port(context))
        await _abort(context, RpcRefused("UNAVAILABLE", "The connection was reset."))


def _peer_port(context: Any) -> int:
    return int(context.peer().rsplit(":", 1)[1])


async def _abort(context: Any, refused: RpcRefused) -> None:
    import grpc

    await context.abort(grpc.StatusCode[refused.code], refused.message, refused.trailers)


@dataclass
class RpcServer:
    """The gRPC server of one vendor, ended TLS included. It starts when the first client connects."""

    wire: RpcWire
    key: bytes
    chain: bytes
    _port: asyncio.Task[int] | None = None
    _server: Any = None
    _preparing: asyncio.Task[None] | None = None

    async def port(self) -> int:
        """Return the inner port, starting the server at the first call."""
        if self._port is None:
            self._port = asyncio.get_running_loop().create_task(self._start())
        return await asyncio.shield(self._port)

    async def _start(self) -> int:
        import grpc

        wire = self.wire

        class Handler(grpc.GenericRpcHandler):  # type: ignore[misc]
            def service(self, details: Any) -> Any:
                path = details.method

                async def serve(body: bytes, context: Any) -> AsyncIterator[bytes]:
                    pairs = context.invocation_metadata() or ()
                    metadata = {name: value for name, value in pairs if isinstance(value, str)}
                    async for message in wire.serve(RpcCall(path, metadata, body), context):
                        yield message

                # On the wire a unary answer is a stream of one message, so one kind of handler serves both.
                return grpc.unary_stream_rpc_method_handler(serve)

        limit = 64 * 1024 * 1024
        self._server = grpc.aio.server(options=[("grpc.max_receive_message_length", limit), ("grpc.so_reuseport", 0)])
        self._server.add_generic_rpc_handlers((Handler(),))
        credentials = grpc.ssl_server_credentials([(self.key, self.chain)])
        port = int(self._server.add_secure_port("127.0.0.1:0", credentials))
        await self._server.start()
        self._preparing = asyncio.get_running_loop().create_task(asyncio.to_thread(wire.rpc.prepare))
        return port

    async def stop(self) -> None:
        """Close the port and end open calls."""
        if self._server is not None:
            await self._server.stop(0)
        if self._preparing is not None:
            await self._preparing
