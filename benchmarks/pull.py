"""Pull contacts of Salesforce (Bulk API 2.0) into an empty mirror, then again without news; count calls against the bound."""

import json
import math
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from statistics import median

from tests.contract.sandbox_process import Running
from tests.engine import Engine

from benchmarks import worlds
from benchmarks.task_process import peak_rss_mb
from lockstep import steps
from lockstep.model import Step, Window
from lockstep.store import Store
from lockstep.systems.salesforce.system import SalesforceOptions

#: allowed beside the bound: login and the question what is new
FIXED_CALLS = 2
#: records of one REST page
PAGE = 2_000
ROUNDS, MANY = 3, 100_000


def main(number: int) -> dict[str, float]:
    with worlds.running("benchmarks.worlds", "salesforce", number) as sandbox:
        rounds = [measure(sandbox) for _ in range(ROUNDS if number <= MANY else 1)]
    return {name: median(one[name] for one in rounds) for name in rounds[0]} | {"peak_rss_mb": peak_rss_mb()}


def measure(sandbox: Running) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Store(f"sqlite:///{folder}/bench.db"), sandbox, page=PAGE)
        now = datetime.now(UTC)
        ever = Window(now - timedelta(days=10_000), now + timedelta(seconds=1))
        first, calls = pull(engine, "first", "scheduled", ever)
        again, _ = pull(engine, "again", "manual", ever)
        engine.store.dispose()
    rows, options = first["read"], SalesforceOptions()
    bound = 2 + math.ceil(rows / options.bulk_page) if rows > options.bulk_threshold else math.ceil(rows / PAGE)
    return {
        "rows": rows,
        "pull_rows_per_s": round(rows / first["seconds"]),
        "pull_rows_per_cpu_s": round(rows / first["cpu_seconds"]),
        "noop_rows_per_s": round(again["read"] / again["seconds"]),
        "noop_rows_per_cpu_s": round(again["read"] / again["cpu_seconds"]),
        "noop_new_or_updated": again["new"] + again["updated"],
        "api_calls": calls,
        "api_calls_bound": bound,
        "api_calls_ratio": round((calls - FIXED_CALLS) / bound, 2),
    }


def pull(engine: Engine, name: str, kind: str, window: Window) -> tuple[dict[str, float], int]:
    """One pull of the object Contact: its counts with the seconds it took, and its API calls."""
    ctx = engine.context(
        f"bench:{name}", Step.PULL_UPDATES, kind, window, {"objects": ["Contact"], "systems": ["salesforce"]}
    )
    targets = [one for one in steps.probe_updates(ctx) if one["object"] == "Contact"]
    started, used = time.perf_counter(), time.process_time()
    batches = [batch for target in targets for batch in steps.pull_updates(ctx, target)]
    spent = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - used}
    counts = {counter: sum(batch[counter] for batch in batches) for counter in ("read", "new", "updated")}
    return {**counts, **spent}, sum(batch["api_calls"] for batch in batches)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
