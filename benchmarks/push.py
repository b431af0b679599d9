"""Push updates to HubSpot at the vendor's pace: how much of the rate limit is used once the first burst is spent.

One process, one batch after the other, and the store's meter, as a single worker would. HubSpot answers after LATENCY.
"""

import json
import math
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from tests.contract.sandbox_process import Running
from tests.engine import Engine

from benchmarks import worlds
from benchmarks.task_process import peak_rss_mb
from lockstep import steps
from lockstep.model import HUBSPOT, SALESFORCE, Pair, PairState, Row, Step, Window
from lockstep.pacing import LIMITS
from lockstep.store import Store, coverage, mirror, pairs
from lockstep.store.budget import StoreMeter
from lockstep.store.sequence import next_seq
from lockstep.systems.hubspot.writes import WRITE_BATCH

CALLS, SECONDS = LIMITS[HUBSPOT, "ten_secondly"]
#: seconds; what a batch of 100 really takes differs from portal to portal
LATENCY = 0.3
UNLIMITED, LIMITED = {"rate_limit": 10**9}, {"rate_limit": CALLS}
GUARDS = ["max_changed_share", "max_changes_after_mapping_change"]
VERSION, LATER = "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"


def main(number: int) -> dict[str, float]:
    """The store is filled by another process, so that the peak memory is that of the push."""
    with worlds.running("benchmarks.worlds", HUBSPOT, number) as sandbox, tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        sandbox.admin("POST", "hubspot/settings", UNLIMITED)
        command = "import sys, json; from benchmarks import push; push.fill(sys.argv[1], json.loads(sys.argv[2]))"
        subprocess.run([sys.executable, "-c", command, url, json.dumps(sandbox.endpoints)], check=True)
        sandbox.admin("POST", "hubspot/settings", LIMITED)
        fault = {"kind": "delay", "vendor": HUBSPOT, "path": "/batch/", "seconds": LATENCY, "times": 10**9}
        sandbox.admin("POST", "faults", fault)
        engine = Engine(Store(url), sandbox)
        engine.meter = lambda: StoreMeter(engine.store, engine.settings)
        return push(engine, sandbox)


def fill(url: str, endpoints: dict[str, Any]) -> None:
    """All contacts of HubSpot, each with a partner that has changed in Salesforce."""
    engine = Engine(Store(url), SimpleNamespace(endpoints=endpoints), pace={})
    steps.sync_schema(engine.context("bench:schema", Step.SYNC_SCHEMA, "scheduled", window(), {}), HUBSPOT)
    engine.step(Step.PULL_UPDATES, "bench:pull", "scheduled", window(), objects=["people"], systems=[HUBSPOT])
    assert not engine.errors, engine.errors
    move_partners(engine)


def window() -> Window:
    now = datetime.now(UTC)
    return Window(now - timedelta(minutes=15), now + timedelta(seconds=1))


def move_partners(engine: Engine) -> None:
    """Give each contact a partner in Salesforce with which it agrees, and then another title there."""
    mapping = engine.mappings.entity("people")
    fields = mapping.fields_of(SALESFORCE, "Contact")
    with engine.store.writing() as tx:
        contacts = mirror.due(tx, HUBSPOT, ["contacts"], 10**9)
        mirror.clear_due(tx, contacts)
        before, after = ([partner(one.id, fields, version) for one in contacts] for version in (VERSION, LATER))
        layout = mirror.layout_of(tx, SALESFORCE, "Contact", fields)
        mirror.merge_page(tx, layout, after, datetime.now(UTC), next_seq(tx))
        bases = [dict(zip(fields, row.values, strict=True)) for row in before]
        ours = zip(before, bases, contacts, strict=True)
        people = ("people", "Contact", "contacts")
        linked = [
            Pair(f"{c.id:0>24}", *people, row.id, c.id, base, c.values, PairState.LINKED) for row, base, c in ours
        ]
        pairs.insert(tx, linked)
        for name in ("Contact", "Lead"):
            coverage.advance(
                tx, Step.PULL_UPDATES, SALESFORCE, name, covered_to=datetime.now(UTC), cursor=None, joins_from=None
            )


def partner(contact: str, fields: tuple[str, ...], version: str) -> Row:
    told = {"LastName": "Name", "Title": f"Title of {version}"}
    return Row(f"003{contact:0>15}", version, tuple(told.get(name) for name in fields))


def push(engine: Engine, sandbox: Running) -> dict[str, float]:
    params: dict[str, Any] = {"objects": ["people"], "override_guards": GUARDS}
    ctx = engine.context("bench:push", Step.PUSH_UPDATES, "scheduled", window(), params)
    batches = [one for one in steps.plan_push(ctx) if one["system"] == HUBSPOT]
    started, used = time.perf_counter(), time.process_time()
    done = [steps.apply_batch(ctx, one["batch_id"]) for one in batches]
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    records, calls = sum(one["read"] for one in done), sum(one["api_calls"] for one in done)
    assert records == sum(one["updated"] for one in done), done
    return {
        "push_records": records,
        "push_records_per_s": round(records / seconds),
        "push_records_per_cpu_s": round(records / cpu),
        "push_calls": calls,
        # one call reads and one writes so many records
        "push_calls_ratio": round(calls / (2 * math.ceil(records / WRITE_BATCH)), 2),
        "push_limited": sum(call["status"] == 429 for call in sandbox.calls(HUBSPOT)),
        "push_limit_utilisation": round(utilisation(calls, seconds), 3),
        "push_peak_rss_mb": peak_rss_mb(),
    }


def utilisation(calls: int, seconds: float) -> float:
    """Of the calls that the limit allows after the first burst of one window, the share that was made."""
    if calls <= CALLS or seconds <= SECONDS:
        raise SystemExit(f"{calls} calls in {seconds:.0f} s never meet the limit: push more records")
    return (calls - CALLS) / ((seconds - SECONDS) * CALLS / SECONDS)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
