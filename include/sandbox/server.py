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
from sandbox.proxy import Routes, front, grpc_front
from sandbox.rpc import RpcServer, RpcWire
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
    grpc: dict[str, str]

    def as_dict(self, pid: int) -> dict[str, Any]:
        out: dict[str, Any] = {"proxy": self.proxy, **self.vendors, **self.grpc}
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
        self._rpc: RpcServer | None = None
        self._listeners: list[asyncio.Server] = []

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
        certificate = Certificate.issue(self.directory)
        tls = await self._serve(self.by_host, "127.0.0.1", certificate.context())
        plain = await self._serve(self.by_host, "127.0.0.1")
        own = {name: await self._serve(wire, self.host) for name, wire in self._wires.items()}
        routes = Routes(self.hosts, tls, plain)
        grpc = {name: await self._serve_rpc(name, vendor, routes, certificate) for name, vendor in self._speakers()}
        base = f"http://{self.host}:{await self._listen(front(routes), port)}"
        urls = {name: f"http://{self.host}:{port}" for name, port in own.items()}
        admin = f"{base}/_sandbox" if self._admin else None
        return Endpoints(base, urls, admin, str(self.directory / "ca.pem"), grpc)

    def _speakers(self) -> list[tuple[str, Vendor]]:
        """The vendors that speak gRPC: at most one, as a tunnel's host name is not seen behind its TLS."""
        return [(f"{name}_grpc", vendor) for name, vendor in self.vendors.items() if hasattr(vendor, "rpc")][:1]

    async def _serve_rpc(self, name: str, vendor: Any, routes: Routes, certificate: "Certificate") -> str:
        wire = RpcWire(vendor.name, vendor.rpc, self.clock, self.calls, self.faults, routes.reset)
        self._rpc = RpcServer(wire, certificate.key, certificate.chain)
        routes.grpc = self._rpc.port
        return f"{self.host}:{await self._listen(grpc_front(routes), 0)}"

    async def _listen(self, protocol: Any, port: int) -> int:
        listener = await asyncio.get_running_loop().create_server(protocol, self.host, port, backlog=512)
        self._listeners.append(listener)
        return int(listener.sockets[0].getsockname()[1])

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
        # asyncio sets this only on sockets that name their protocol; without it each answer waits 40 ms for an acknowledgement
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
        for listener in self._listeners:
            listener.close()
        if self._rpc:
            await self._rpc.stop()
        for server, _ in self._servers:
            server.should_exit = server.force_exit = True
        await asyncio.gather(*(task for _, task in self._servers))


@dataclass(frozen=True)
class Certificate:
    """The server's private key and certificate chain (PEM), issued by an authority of its own."""

    key: bytes
    chain: bytes
    leaf: trustme.LeafCert

    @classmethod
    def issue(cls, directory: Path) -> "Certificate":
        """Make a certificate authority and a server certificate, and write ``ca.pem``."""
        authority = trustme.CA(organization_name="Sandbox", organization_unit_name="loopback only")
        leaf = authority.issue_cert(*CERTIFIED)
        authority.cert_pem.write_to_path(str(directory / "ca.pem"))
        return cls(leaf.private_key_pem.bytes(), b"".join(pem.bytes() for pem in leaf.cert_chain_pems), leaf)

    def context(self) -> ssl.SSLContext:
        """Return a server's TLS context, which speaks HTTP/1.1."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        self.leaf.configure_cert(context)
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
