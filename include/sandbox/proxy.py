"""The front port: it speaks HTTP proxy CONNECT for the vendors' host names, and plain HTTP for everything else.

Both are piped to inner ports on loopback: a CONNECT to the one that ends TLS, the rest to the plain one.
"""

import asyncio
from collections.abc import Callable
from fnmatch import fnmatchcase

HEAD_LIMIT = 65_536


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
    """One client's connection. Until it is piped, what arrives is collected; the first line decides where it goes."""

    transport: asyncio.Transport

    def __init__(self, hosts: tuple[str, ...], tls_port: int, plain_port: int) -> None:
        self.hosts, self.tls_port, self.plain_port = hosts, tls_port, plain_port
        self.head = b""
        self.inner: asyncio.Transport | None = None
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
            self._decide()

    def _decide(self) -> None:
        if not self.head.startswith(b"CONNECT "[: len(self.head)]):
            self._open(self.plain_port, b"")
        elif b"\r\n\r\n" in self.head:
            line, _, _ = self.head.partition(b"\r\n")
            _, _, self.head = self.head.partition(b"\r\n\r\n")
            self._connect(line.split(b" ")[1].decode("latin-1"))
        elif len(self.head) > HEAD_LIMIT:
            self.transport.close()

    def _connect(self, target: str) -> None:
        host = target.rsplit(":", 1)[0].lower()
        if any(fnmatchcase(host, pattern) for pattern in self.hosts):
            self._open(self.tls_port, b"HTTP/1.1 200 Connection established\r\n\r\n")
            return
        text = f"The sandbox does not model the host {host}.".encode()
        head = f"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n"
        self.transport.write(head.encode() + text)
        self.transport.close()

    def _open(self, port: int, greeting: bytes) -> None:
        self.opening = asyncio.get_running_loop().create_task(self._join(port, greeting))

    async def _join(self, port: int, greeting: bytes) -> None:
        try:
            inner, pipe = await asyncio.get_running_loop().create_connection(lambda: Pipe(self), "127.0.0.1", port)
        except OSError:
            self.transport.close()
            return
        if self.transport.is_closing():
            inner.close()
            return
        self.transport.write(greeting)
        self.pipe = pipe
        self.inner = inner
        if self.head:
            inner.write(self.head)
            self.head = b""

    def connection_lost(self, exc: Exception | None) -> None:
        if self.inner is not None:
            self.inner.close()

    def pause_writing(self) -> None:
        if self.inner is not None:
            self.inner.pause_reading()

    def resume_writing(self) -> None:
        if self.inner is not None:
            self.inner.resume_reading()


def front(hosts: tuple[str, ...], tls_port: int, plain_port: int) -> Callable[[], Front]:
    """Return a protocol factory for the front port."""
    return lambda: Front(hosts, tls_port, plain_port)
