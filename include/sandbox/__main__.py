"""Command line: ``python -m sandbox --seed 7 --size small``."""

import argparse
import asyncio
import contextlib
import gc
import importlib
import json
import os
import pickle
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sandbox import clock as clocks
from sandbox.admin import Vendor
from sandbox.clock import Clock
from sandbox.google_ads import GoogleAds
from sandbox.hubspot import HubSpot
from sandbox.salesforce import Salesforce
from sandbox.server import Sandbox
from sandbox.world import generate

SIZES = ("empty", "tiny", "small", "medium", "large")
STATE_VERSION = 4


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line; exits with a message on a wrong one."""
    parser = argparse.ArgumentParser(prog="sandbox", description="Salesforce, HubSpot and Google Ads on loopback.")
    parser.add_argument("--seed", type=int, default=7, help="of the generated world (default 7)")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--state", type=Path, metavar="DIR", help="keep the vendors' state here between runs")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="front port (default: any free one)")
    parser.add_argument("--admin", action="store_true", help="serve the admin API under /_sandbox/")
    parser.add_argument("--now", default="real", metavar="ISO|real", help="what time it is at the start")
    parser.add_argument("--clock", choices=("running", "fixed"), default="running")
    options = parser.parse_args(argv)
    try:
        options.now = datetime.now(UTC) if options.now == "real" else clocks.parse(options.now)
    except ValueError as error:
        parser.error(f"--now: {error}")
    return options


def build(options: argparse.Namespace) -> tuple[Clock, list[Vendor]]:
    """Return the clock and the vendors: as the state directory holds them, otherwise of a new world."""
    file = state_file(options)
    if file is not None and file.exists():
        return restore(file, options)
    clock = Clock(options.now, options.clock)
    world = generate(options.seed, options.size, clock.now())
    return clock, [Salesforce(clock, world), HubSpot(clock, world), GoogleAds(clock, world)]


def state_file(options: argparse.Namespace) -> Path | None:
    """Return the file that keeps the vendors between runs; None if nothing is kept."""
    return options.state / f"sandbox-{options.seed}-{options.size}.pickle" if options.state else None


def restore(file: Path, options: argparse.Namespace) -> tuple[Clock, list[Vendor]]:
    """Return the clock and vendors of an earlier run; time does not go back. Exits with a message if they are of another version.

    The file is trusted: it is written by this program into a directory that its user chose.
    """
    version, content = pickle.loads(file.read_bytes())
    if version != STATE_VERSION:
        sys.exit(f"sandbox: {file} was written by another version of the sandbox; remove it to start afresh")
    clock, vendors = pickle.loads(content)
    clock.mode = options.clock
    clock.set(max(clock.now(), options.now))
    return clock, vendors


def save(file: Path, clock: Clock, vendors: list[Vendor]) -> None:
    """Write the clock and vendors, whole or not at all."""
    part = file.with_suffix(".part")
    part.write_bytes(pickle.dumps((STATE_VERSION, pickle.dumps((clock, vendors)))))
    part.replace(file)


@contextlib.contextmanager
def directory_for(state: Path | None) -> Iterator[Path]:
    """Yield the directory of ca.pem: the state directory, or a temporary one that is removed at the end."""
    if state is not None:
        state.mkdir(parents=True, exist_ok=True)
        yield state.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="sandbox-") as name:
        yield Path(name)


async def run(options: argparse.Namespace, directory: Path) -> None:
    """Serve until SIGTERM or SIGINT. The world's rows stay for good, so the garbage collector need not walk them."""
    gc.disable()
    clock, vendors = build(options)
    gc.freeze()
    gc.enable()
    sandbox = Sandbox(vendors, clock, directory, options.host, options.admin)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    endpoints = await sandbox.start(options.port)
    print(json.dumps(endpoints.as_dict(os.getpid())), flush=True)
    await stopping.wait()
    await sandbox.stop()
    if file := state_file(options):
        save(file, clock, vendors)


def main() -> None:
    """Run the command line."""
    options = arguments()
    with directory_for(options.state) as directory, asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run(options, directory))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return uvloop's event loop where it is installed (it comes with uvicorn's extras, not on Windows), else asyncio's."""
    try:
        return importlib.import_module("uvloop").new_event_loop  # type: ignore[no-any-return]
    except ImportError:
        return asyncio.new_event_loop


if __name__ == "__main__":
    main()
