"""Sandboxes with so many contacts, copies of a small world's: `python -m benchmarks.worlds salesforce 100000`.

Serves until its input ends. `running` starts one and gives it as the tests' sandboxes are given.
"""

import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from tests.contract.sandbox_process import Running

from sandbox.clock import Clock
from sandbox.hubspot import HubSpot
from sandbox.salesforce import Salesforce
from sandbox.salesforce.ids import make_id
from sandbox.server import Sandbox
from sandbox.world import World, generate

#: further on than the ids of the world itself
FIRST = 1_000_000


@contextmanager
def running(*command: object) -> Iterator[Running]:
    """The sandbox that `python -m <command>` serves."""
    parts = [sys.executable, "-m", *map(str, command)]
    env = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with subprocess.Popen(parts, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"{' '.join(parts)} ended before it served")
        try:
            yield Running({"proxy": "http://127.0.0.1:9", "hubspot": "http://127.0.0.1:9"} | json.loads(line), process)
        finally:
            process.communicate("")


async def serve(clock: Clock, vendors: Sequence[Any]) -> None:
    """Until the input ends. The rows stay for good, so the garbage collector need not walk them."""
    gc.freeze()
    gc.enable()
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(list(vendors), clock, Path(folder), admin=True)
        endpoints = await sandbox.start(0)
        print(json.dumps(endpoints.as_dict(os.getpid())), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        await sandbox.stop()


def salesforce(number: int, now: datetime) -> World:
    world = generate(7, "small", now)
    kept = world.salesforce
    live = [one for one in kept["Contact"] if not one["IsDeleted"]]
    kept["Contact"] = [
        {**one, "Id": make_id("003", FIRST + n), "Email": f"p{n}.{one['Email']}" if one["Email"] else None}
        for n, one in enumerate(islice(cycle(live), number))
    ]
    return world


def hubspot(number: int, now: datetime) -> World:
    world = generate(7, "small", now)
    world.hubspot_associations = []
    world.hubspot["contacts"] = [
        {
            **one,
            "id": str(20_000_000 + n),
            "properties": {**one["properties"], "email": f"p{n}@example.com", "hs_additional_emails": None},
        }
        for n, one in enumerate(islice(cycle(world.hubspot["contacts"]), number))
    ]
    return world


def main(vendor: str, number: int) -> None:
    gc.disable()
    clock = Clock(datetime.now(UTC), "running")
    if vendor == "salesforce":
        asyncio.run(serve(clock, [Salesforce(clock, salesforce(number, clock.now()))]))
    else:
        asyncio.run(serve(clock, [HubSpot(clock, hubspot(number, clock.now()))]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
