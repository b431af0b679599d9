"""The sandbox in this process: back to an earlier state in a fraction of a second."""

import asyncio
import pickle
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.contract.sandbox_process import Running

from sandbox.clock import Clock
from sandbox.google_ads import GoogleAds
from sandbox.hubspot import HubSpot
from sandbox.salesforce import Salesforce
from sandbox.server import Sandbox
from sandbox.world import generate

#: a Monday morning. In the past, so that no stamp of a record lies after the ledger's own times
START = datetime(2025, 6, 2, 6, 0, tzinfo=UTC)

#: no pacing: what is tested here is not speed
SETTINGS: dict[str, dict[str, Any]] = {
    "salesforce": {},
    "hubspot": {"rate_limit": 1_000_000, "search_limit": 1_000_000},
    "google_ads": {},
}


def new_world(size: str = "tiny", seed: int = 7) -> bytes:
    """The state of a sandbox that nobody has touched yet."""
    clock = Clock(START, "fixed")
    world = generate(seed, size, START)
    return pickle.dumps((clock, [Salesforce(clock, world), HubSpot(clock, world), GoogleAds(clock, world)]))


class Live(Running):
    """`sandbox_process.Running` for a sandbox in this process: the same calls, and its state as bytes."""

    def __init__(self, endpoints: dict[str, Any], clock: Clock, vendors: list[Any]):
        super().__init__(endpoints, None)  # type: ignore[arg-type]
        object.__setattr__(self, "clock", clock)
        object.__setattr__(self, "vendors", vendors)

    def state(self) -> bytes:
        return pickle.dumps((self.clock, self.vendors))


@contextmanager
def serving(state: bytes, directory: Path) -> Iterator[Live]:
    """Serve a state on free ports; its clock goes on from where it stood."""
    clock, vendors = pickle.loads(state)
    clock.mode = "running"
    for vendor in vendors:
        vendor.settings.update(SETTINGS[vendor.name])
    sandbox, loop = Sandbox(vendors, clock, directory, admin=True), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        endpoints = asyncio.run_coroutine_threadsafe(sandbox.start(0), loop).result(20)
        yield Live(endpoints.as_dict(0), clock, vendors)
    finally:
        asyncio.run_coroutine_threadsafe(sandbox.stop(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()
