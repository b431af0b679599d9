"""The front port: it speaks HTTP proxy CONNECT for the vendors' host names, and plain HTTP for everything else.

All is piped to inner ports on loopback. What comes through CONNECT goes by the application protocols that its TLS
ClientHello offers: HTTP/2 alone means gRPC, everything else goes to the port that ends TLS for HTTP/1.1.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from sandbox.hello import offered_protocols

HEAD_LIMIT = 65_536


@dataclass
class Routes:
    """Where connections go: inner ports, and a function that opens the gRPC port when it is first needed.

    `tunnels` has every piped connection by the inner end's own port, which is how an inner server knows its peer.
    """

    hosts: tuple[str, ...]
    tls: int
    plain: int
    grpc: Callable[[], Awaitable[int]] | None = None
    tunnels: dict[int, "Front"] = field(default_factory=dict)

    def reset(self, port: int) -> None:
        """Break the connection whose inner end has this port; nothing happens if it is gone."""
        if front := self.tunnels.get(port):
            front.transport.abort()


class Pipe(asyncio.Protocol):
    """The inner end: what it receives goes to the client."""

    def __init__(self, client: "Front") -> None:
        self.client = client
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.client.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.client.transport.close()

    def pause_writing(self) -> None:
        self.client.transport.pause_reading()

    def resume_writing(self) -> None:
        self.client.transport.resume_reading()


class Front(asyncio.Protocol):
    """One client's connection. Until it is piped, what arrives is collected; its beginning decides where it goes."""

    transport: asyncio.Transport

    def __init__(self, routes: Routes) -> None:
        self.routes = routes
        self.head = b""
        self.tunnelled = False
        self.inner: asyncio.Transport | None = None
        self.inner_port = 0
        self.pipe: Pipe | None = None
        self.opening: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if self.inner is not None:
            self.inner.write(data)
            return
        self.head += data
        if self.opening is None:
            self.decide()

    def decide(self) -> None:
        """Look at what has arrived and open the inner end, or wait for more."""
        if self.tunnelled:
            self._by_protocol()
        elif not self.head.startswith(b"CONNECT "[: len(self.head)]):
            self._open(self.routes.plain)
        elif b"\r\n\r\n" in self.head:
            line, _, _ = self.head.partition(b"\r\n")
            _, _, self.head = self.head.partition(b"\r\n\r\n")
            self._connect(line.split(b" ")[1].decode("latin-1"))
        elif len(self.head) > HEAD_LIMIT:
            self.transport.close()

    def _connect(self, target: str) -> None:
        host = target.rsplit(":", 1)[0].lower()
        if any(fnmatchcase(host, pattern) for pattern in self.routes.hosts):
            self.transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.tunnelled = True
            self.decide()
            return
        text = f"The sandbox does not model the host {host}.".encode()
        head = f"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n"
        self.transport.write(head.encode() + text)
        self.transport.close()

    def _by_protocol(self) -> None:
        offered = offered_protocols(self.head)
        if offered is None:
            return
        if "h2" in offered and "http/1.1" not in offered and self.routes.grpc is not None:
            self._open_grpc(self.routes.grpc)
        else:
            self._open(self.routes.tls)

    def _open(self, port: int) -> None:
        self.opening = asyncio.get_running_loop().create_task(self._join(port))

    def _open_grpc(self, grpc: Callable[[], Awaitable[int]]) -> None:
        async def start() -> None:
            await self._join(await grpc())

        self.opening = asyncio.get_running_loop().create_task(start())

    async def _join(self, port: int) -> None:
        try:
            inner, pipe = await asyncio.get_running_loop().create_connection(lambda: Pipe(self), "127.0.0.1", port)
        except OSError:
            self.transport.close()
            return
        if self.transport.is_closing():
            inner.close()
            return
        self.pipe, self.inner = pipe, inner
        self.inner_port = inner.get_extra_info("sockname")[1]
        self.routes.tunnels[self.inner_port] = self
        if self.head:
            inner.write(self.head)
            self.head = b""

    def connection_lost(self, exc: Exception | None) -> None:
        self.routes.tunnels.pop(self.inner_port, None)
        if self.inner is not None:
            self.inner.close()

    def pause_writing(self) -> None:
        if self.inner is not None:
            self.inner.pause_reading()

    def resume_writing(self) -> None:
        if self.inner is not None:
            self.inner.resume_reading()


class GrpcFront(Front):
    """A connection to the gRPC port itself: it needs no proxy, and can be broken by a fault all the same."""

    def decide(self) -> None:
        if self.routes.grpc is None:
            self.transport.close()
        else:
            self._open_grpc(self.routes.grpc)


def front(routes: Routes) -> Callable[[], Front]:
    """Return a protocol factory for the front port."""
    return lambda: Front(routes)


def grpc_front(routes: Routes) -> Callable[[], Front]:
    """Return a protocol factory for the port that takes gRPC over TLS directly."""
    return lambda: GrpcFront(routes)
