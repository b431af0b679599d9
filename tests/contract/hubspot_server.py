"""Runs the HubSpot sandbox inside the test process, on a loopback port, with a clock that the test holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import requests
import uvicorn

from sandbox.clock import Clock
from sandbox.hubspot import HubSpot
from sandbox.world import World, generate

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TOKEN = "pat-na1-test"


@dataclass
class Server:
    """A running portal: `vendor` is the object behind it, `url` its plain HTTP endpoint."""

    vendor: HubSpot
    clock: Clock
    url: str

    def call(self, method: str, path: str, json: Any = None, token: str = TOKEN, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.request(method, self.url + path, json=json, headers=headers, timeout=20, **options)

    def ok(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        """The JSON of a call that must succeed."""
        answer = self.call(method, path, json, **options)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def contact(self, **properties: str) -> str:
        """A new contact's id."""
        return self.ok("POST", "/crm/v3/objects/contacts", {"properties": properties})["id"]

    def company(self, **properties: str) -> str:
        return self.ok("POST", "/crm/v3/objects/companies", {"properties": properties})["id"]


@contextmanager
def serving(world: World | None = None, **settings: Any) -> Iterator[Server]:
    """A portal on a free port; `world` defaults to an empty one."""
    clock = Clock(NOW, "fixed")
    vendor = HubSpot(clock, world or World(hubspot={"owners": owners()}), {"rate_limit": 100_000, **settings})
    config = uvicorn.Config(vendor.app, host="127.0.0.1", port=0, log_level="warning", lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    ready = threading.Event()
    startup = server.startup

    async def announce(sockets: Any = None) -> None:
        await startup(sockets)
        ready.set()

    server.startup = announce  # type: ignore[method-assign]
    thread.start()
    assert ready.wait(20)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Server(vendor, clock, f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(20)


def owners() -> list[dict[str, Any]]:
    base = {"createdAt": NOW, "updatedAt": NOW, "firstName": "Ola", "lastName": "Nordmann"}
    return [
        {"id": "101", "email": "ola@our-company.example", "userId": 1, "archived": False, **base},
        {"id": "102", "email": "gone@our-company.example", "userId": 2, "archived": True, **base},
    ]


@lru_cache
def tiny() -> World:
    return generate(7, "tiny", NOW)
