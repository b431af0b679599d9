"""Pull contacts of Salesforce (Bulk API 2.0) into an empty mirror, then again without news; count calls against the bound."""

import json
import math
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta

from tests.engine import Engine

from benchmarks import worlds
from lockstep import steps
from lockstep.model import Step, Window
from lockstep.store import Store
from lockstep.systems.salesforce.system import SalesforceOptions

#: allowed beside the bound: login and the question what is new
FIXED_CALLS = 2


def main(number: int) -> dict[str, float]:
    with worlds.running("benchmarks.worlds", "salesforce", number) as sandbox, tempfile.TemporaryDirectory() as folder:
        engine = Engine(Store(f"sqlite:///{folder}/bench.db"), sandbox, page=2_000)
        now = datetime.now(UTC)
        ever = Window(now - timedelta(days=10_000), now + timedelta(seconds=1))
        first, calls = pull(engine, "first", "scheduled", ever)
        again, _ = pull(engine, "again", "manual", ever)
    rows = first["read"]
    page = SalesforceOptions().bulk_page
    bound = 2 + math.ceil(rows / page) if rows > SalesforceOptions().bulk_threshold else math.ceil(rows / 2000)
    return {
        "rows": rows,
        "pull_rows_per_s": round(rows / first["seconds"]),
        "noop_rows_per_s": round(again["read"] / again["seconds"]),
        "noop_new_or_updated": again["new"] + again["updated"],
        "api_calls": calls,
        "api_calls_bound": bound,
        "api_calls_ratio": round((calls - FIXED_CALLS) / bound, 2),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def pull(engine: Engine, name: str, kind: str, window: Window) -> tuple[dict[str, float], int]:
    """One pull of the object Contact: its counts with the seconds it took, and its API calls."""
    ctx = engine.context(
        f"bench:{name}", Step.PULL_UPDATES, kind, window, {"objects": ["Contact"], "systems": ["salesforce"]}
    )
    targets = [one for one in steps.probe_updates(ctx) if one["object"] == "Contact"]
    started = time.perf_counter()
    batches = [batch for target in targets for batch in steps.pull_updates(ctx, target)]
    seconds = time.perf_counter() - started
    counts = {counter: sum(batch[counter] for batch in batches) for counter in ("read", "new", "updated")}
    return {**counts, "seconds": seconds}, sum(batch["api_calls"] for batch in batches)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
