"""One sync step in a process of its own that stops at a chosen point and waits to be killed.

`python -m tests.integration.engine.killed_step JSON`: prints `held` when it is there. `point` names where, `nth` which time.
"""

import json
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.contract.sandbox_process import Running
from tests.engine import Engine

from lockstep.apply import Applier
from lockstep.model import Step, Window
from lockstep.steps import planner, pull
from lockstep.store import Store
from lockstep.systems.hubspot import HubSpotSystem
from lockstep.systems.salesforce import SalesforceSystem


def hold() -> None:
    print("held", flush=True)
    signal.pause()


def stop_at(owner: Any, name: str, nth: int, after: bool) -> None:
    """Hold the process before or after the n-th call of a method; after: its work is done, but nobody has noted it."""
    original, seen = getattr(owner, name), iter(range(1, 1_000_000))

    def stopping(*args: Any, **options: Any) -> Any:
        mine = next(seen) == nth
        if mine and not after:
            hold()
        done = original(*args, **options)
        if mine:
            hold()
        return done

    setattr(owner, name, stopping)


#: point -> what is patched. In a pull: a page is read, and not committed. In a plan: a chunk is planned, and not committed;
#: or all is planned. In a push: the intent is committed and nothing sent; or the vendor has committed, and nothing is noted
POINTS: dict[str, Callable[[int], None]] = {
    "page read": lambda nth: stop_at(pull._Pull, "_take", nth, after=True),
    "chunk planned": lambda nth: stop_at(planner.Planner, "_keep", nth, after=True),
    "all planned": lambda nth: stop_at(sys.modules["lockstep.steps.push"], "to_apply", nth, after=False),
    "about to send": lambda nth: stop_at_writes(nth, after=False),
    "vendor committed": lambda nth: stop_at_writes(nth, after=True),
    "outcomes noted": lambda nth: stop_at(Applier, "_commit_answers", nth, after=True),
}


def stop_at_writes(nth: int, after: bool) -> None:
    for system in (SalesforceSystem, HubSpotSystem):
        stop_at(system, "write", nth, after)


def main(order: dict[str, Any]) -> None:
    import lockstep.steps.push  # noqa: F401

    sandbox = Running(order["endpoints"], None)  # type: ignore[arg-type]

    def now() -> datetime:
        return datetime.fromisoformat(sandbox.admin("GET", "clock")["now"])

    planner.CHUNK = order["chunk"]
    POINTS[order["point"]](order["nth"])
    engine = Engine(Store(order["store"]), sandbox, now=now, pace={}, page=order["page"])
    window = Window(*(datetime.fromisoformat(one) for one in order["window"]))
    engine.step(Step(order["step"]), order["run_id"], order["kind"], window)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
