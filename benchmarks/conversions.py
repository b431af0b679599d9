"""Find and upload so many milestones: the requests must stay within 1.1 times their lower bound, and the memory must not grow with
the number."""

import json
import math
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.contract.sandbox_process import Running
from tests.engine import Engine

from benchmarks import worlds
from benchmarks.conversions_world import NOW
from lockstep.conversions.definition import Backend, Conversions, Kind, Milestone
from lockstep.model import Batch, Step, Window
from lockstep.store import Store, conversions
from lockstep.systems.ads import ROWS_MAX

IDS = {"gclid": {"Lead": ("GCLID__c",)}, "email": {"Lead": ("Email",)}}
MILESTONES = (Milestone("working", Kind.LEAD_STATUS, "Working - Contacted", "700002"),)


@dataclass
class Measured:
    seconds: float
    batches: list[Batch]


def main(number: int, backend: str) -> dict[str, float]:
    with worlds.running("benchmarks.conversions_world", number) as sandbox, tempfile.TemporaryDirectory() as folder:
        return measure(sandbox, Store(f"sqlite:///{folder}/bench.db"), number, backend)


def measure(sandbox: Running, store: Store, number: int, backend: str) -> dict[str, float]:
    wanted = Conversions(MILESTONES, Backend(backend), identifiers=IDS)
    engine = Engine(store, sandbox, now=lambda: NOW, pace={}, conversions=wanted)
    pulled = timed(engine, Step.PULL_CONVERSIONS, "pull")
    pushed = timed(engine, Step.PUSH_UPDATES, "push")
    followed = timed(engine, Step.PUSH_UPDATES, "follow")
    assert engine.errors == {}, engine.errors
    with store.reading() as tx:
        states = {str(state): n for (_, state, _), n in conversions.counts(tx).items()}
    assert states["accepted"] >= number, states
    requests = uploads(sandbox)
    bound = math.ceil(number / ROWS_MAX)
    return {
        "milestones": float(number),
        "pull_seconds": round(pulled.seconds, 1),
        "push_seconds": round(pushed.seconds, 1),
        "verdict_seconds": round(followed.seconds, 1),
        "salesforce_calls": float(sum(one.counts["api_calls"] for one in pulled.batches)),
        "upload_requests": float(requests),
        "upload_requests_to_bound": round(requests / bound, 3),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def timed(engine: Engine, step: Step, name: str) -> Measured:
    started = time.perf_counter()
    window = Window(NOW - timedelta(minutes=15), NOW)
    batches = engine.step(step, f"{step}:{name}", "scheduled", window, objects=["conversions"])
    return Measured(time.perf_counter() - started, batches)


def uploads(sandbox: Running) -> int:
    calls: list[dict[str, Any]] = sandbox.calls("google_ads")
    return sum(one["path"].endswith(("IngestEvents", "UploadClickConversions")) for one in calls)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), sys.argv[2])))
