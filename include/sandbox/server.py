"""Puts vendors behind their ports: one front port (proxy and plain HTTP), one inner TLS port, one plain port per vendor."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import trustme
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.admin import Admin, Vendor
from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.http import Answer, Asgi, Call, Receive, Scope, Send, asgi
from sandbox.proxy import front
from sandbox.wire import DROP, Wire

KEEP_ALIVE_SECONDS = 75


class DroppableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, whose scope also lets the application close the connection (for faults)."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[DROP] = self._drop  # type: ignore[literal-required]

    def _drop(self, at_once: bool) -> None:
        if at_once:
            self.transport.abort()
        else:
            self.transport.close()


class QuietServer(uvicorn.Server):
    """A uvicorn server that leaves signals to the process that runs several of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(frozen=True)
class Endpoints:
    """Where a running sandbox answers, as printed on its first line."""

    proxy: str
    vendors: dict[str, str]
    admin: str | None
    ca: str

    def as_dict(self, pid: int) -> dict[str, Any]:
        out: dict[str, Any] = {"proxy": self.proxy, **self.vendors}
        if self.admin:
            out["admin"] = self.admin
        return out | {"ca": self.ca, "pid": pid}


class Sandbox:
    """The vendors of one world, their log and faults, and the servers in front of them."""

    def __init__(
        self, vendors: list[Vendor], clock: Clock, directory: Path, host: str = "127.0.0.1", admin: bool = False
    ):
        self.vendors = {vendor.name: vendor for vendor in vendors}
        self.clock, self.directory, self.host = clock, directory, host
        self.calls, self.faults = CallLog(), Faults()
        self._wires = {v.name: Wire(v.name, v.app, clock, self.calls, self.faults) for v in vendors}
        self._admin = asgi(Admin(self.vendors, clock, self.calls, self.faults).handle) if admin else None
        self._servers: list[tuple[QuietServer, asyncio.Task[None]]] = []
        self._front: asyncio.Server | None = None

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(host for vendor in self.vendors.values() for host in vendor.hosts)

    async def by_host(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose the application of a request by its path (admin) or its Host header."""
        if self._admin and scope["path"].startswith("/_sandbox/"):
            await self._admin(scope, receive, send)
            return
        await self._app_for(_host(scope))(scope, receive, send)

    def _app_for(self, host: str) -> Asgi:
        for name, vendor in self.vendors.items():
            if any(fnmatchcase(host, pattern) for pattern in vendor.hosts):
                return self._wires[name]
        return asgi(_unknown_host)

    async def start(self, port: int = 0) -> Endpoints:
        """Open all ports; OSError if the wanted front port is taken."""
        tls = await self._serve(self.by_host, "127.0.0.1", certificate(self.directory))
        plain = await self._serve(self.by_host, "127.0.0.1")
        own = {name: await self._serve(wire, self.host) for name, wire in self._wires.items()}
        loop = asyncio.get_running_loop()
        self._front = await loop.create_server(front(self.hosts, tls, plain), self.host, port, backlog=512)
        base = f"http://{self.host}:{self._front.sockets[0].getsockname()[1]}"
        urls = {name: f"http://{self.host}:{port}" for name, port in own.items()}
        return Endpoints(base, urls, f"{base}/_sandbox" if self._admin else None, str(self.directory / "ca.pem"))

    async def _serve(self, app: Asgi, host: str, context: ssl.SSLContext | None = None) -> int:
        config = uvicorn.Config(
            app,
            http=DroppableProtocol,
            interface="asgi3",
            lifespan="off",
            proxy_headers=False,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=1,
        )
        config.load()
        config.ssl = context
        listener = socket.create_server((host, 0), backlog=512)
        server = QuietServer(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            if task.done():
                task.result()
            await asyncio.sleep(0.002)
        self._servers.append((server, task))
        return int(listener.getsockname()[1])

    async def stop(self) -> None:
        """Close all ports and end open connections."""
        if self._front:
            self._front.close()
        for server, _ in self._servers:
            server.should_exit = server.force_exit = True
        await asyncio.gather(*(task for _, task in self._servers))


def certificate(directory: Path) -> ssl.SSLContext:
    """Make a certificate authority and a server certificate, write ``ca.pem``, and return the server's TLS context."""
    authority = trustme.CA(organization_name="Sandbox", organization_unit_name="loopback only")
    leaf = authority.issue_cert(*CERTIFIED)
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


CERTIFIED = (
    "login.salesforce.com",
    "test.salesforce.com",
    "*.salesforce.com",
    "*.my.salesforce.com",
    "*.sandbox.my.salesforce.com",
    "api.hubapi.com",
    "*.hubapi.com",
    "googleads.googleapis.com",
    "datamanager.googleapis.com",
    "oauth2.googleapis.com",
    "accounts.google.com",
    "localhost",
    "127.0.0.1",
)
"""Names on the server certificate: the vendors' hosts and loopback."""


def _host(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"host":
            return str(value.decode("latin-1")).rsplit(":", 1)[0].lower()
    return ""


def _unknown_host(call: Call) -> Answer:
    return Answer(404, f"The sandbox has no vendor for the host {call.host!r}.".encode(), "text/plain")
