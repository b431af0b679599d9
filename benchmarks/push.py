"""Push a first load to HubSpot at the vendor's pace: how much of the rate limit is used once the first burst is spent."""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.contract import sandbox_process
from tests.engine import Engine

from lockstep import steps
from lockstep.model import HUBSPOT, Step, Window
from lockstep.pacing import LIMITS
from lockstep.store import Store

CALLS, SECONDS = LIMITS[HUBSPOT, "ten_secondly"]
PULLS = (Step.SYNC_SCHEMA, Step.PULL_UPDATES, Step.PULL_DELETES, Step.PULL_CONVERSIONS)


def main(size: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        sandbox = sandbox_process.start(size)
        try:
            engine = Engine(Store(f"sqlite:///{folder}/bench.db"), sandbox)
            now = datetime.now(UTC)
            window = Window(now - timedelta(minutes=15), now + timedelta(seconds=1))
            for step in PULLS:
                engine.step(step, f"bench:{step}", "scheduled", window)
            return push(engine, window)
        finally:
            sandbox.stop()


def push(engine: Engine, window: Window) -> dict[str, float]:
    """Apply what goes to HubSpot, batch after batch in one process, as a single worker would."""
    ctx = engine.context("bench:push", Step.PUSH_UPDATES, "scheduled", window, {})
    batches = [one for one in steps.plan_push(ctx) if one["system"] == HUBSPOT]
    started = time.perf_counter()
    done = [steps.apply_batch(ctx, one["batch_id"]) for one in batches]
    seconds = time.perf_counter() - started
    calls = sum(one["api_calls"] for one in done)
    return {
        "push_records": sum(one["read"] for one in done),
        "push_records_per_s": round(sum(one["read"] for one in done) / seconds),
        "push_calls": calls,
        "push_limited": limited(engine),
        "push_limit_utilisation": round(utilisation(calls, seconds), 3),
        "push_peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def utilisation(calls: int, seconds: float) -> float:
    """Of the calls that the limit allows after the first burst of one window, the share that was made."""
    if calls <= CALLS or seconds <= SECONDS:
        raise SystemExit(f"{calls} calls in {seconds:.0f} s never meet the limit: take a larger size")
    return (calls - CALLS) / ((seconds - SECONDS) * CALLS / SECONDS)


def limited(engine: Engine) -> int:
    """How often HubSpot answered 429."""
    answers: Sequence[dict[str, object]] = engine.sandbox.calls(HUBSPOT)
    return sum(call["status"] == 429 for call in answers)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
