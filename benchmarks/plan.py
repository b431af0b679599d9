"""Plan 1,000 changed records among many pairs: the cost must follow what is due, not what exists."""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from tests.engine import Engine

from lockstep import steps
from lockstep.model import HUBSPOT, SALESFORCE, Pair, PairState, Row, Step, Window
from lockstep.store import Store, coverage, mirror, pairs
from lockstep.store.sequence import next_seq

CHANGED = 1_000
CHUNK = 10_000
VERSION, LATER = "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"


def main(number: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        nowhere = SimpleNamespace(
            endpoints={"proxy": "http://127.0.0.1:9", "hubspot": "http://127.0.0.1:9", "ca": None}
        )
        engine = Engine(Store(f"sqlite:///{folder}/bench.db"), nowhere)
        fill(engine, number)
        now = datetime.now(UTC)
        ctx = engine.context(
            "bench:plan",
            Step.PUSH_UPDATES,
            "scheduled",
            Window(now - timedelta(minutes=15), now),
            {"objects": ["people"]},
        )
        started = time.perf_counter()
        batches = steps.plan_push(ctx)
        seconds = time.perf_counter() - started
    planned = sum(batch["items"] for batch in batches)
    assert planned == CHANGED, f"{planned} changes planned, expected {CHANGED}"
    return {"seconds": round(seconds, 2), "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def fill(engine: Engine, number: int) -> None:
    """Pairs that agree, all read; then CHANGED of the Salesforce contacts get another title."""
    mapping = engine.mappings.entity("people")
    sf_fields, hs_fields = mapping.fields_of(SALESFORCE, "Contact"), mapping.fields_of(HUBSPOT, "contacts")
    for start in range(0, number, CHUNK):
        with engine.store.writing() as tx:
            some = range(start, min(start + CHUNK, number))
            sf = [
                row(n, "003", sf_fields, {"LastName": f"Name {n}", "Email": f"p{n}@x.no", "Title": "Buyer"})
                for n in some
            ]
            hs = [
                row(n, "1", hs_fields, {"lastname": f"Name {n}", "email": f"p{n}@x.no", "jobtitle": "Buyer"})
                for n in some
            ]
            take(tx, SALESFORCE, "Contact", sf_fields, sf)
            take(tx, HUBSPOT, "contacts", hs_fields, hs)
            pairs.insert(tx, list(linked(sf, hs, sf_fields, hs_fields)))
    with engine.store.writing() as tx:
        mirror.clear_due(tx, mirror.due(tx, SALESFORCE, ["Contact"], number))
        mirror.clear_due(tx, mirror.due(tx, HUBSPOT, ["contacts"], number))
        for system, name in ((SALESFORCE, "Contact"), (SALESFORCE, "Lead"), (HUBSPOT, "contacts")):
            coverage.advance(
                tx, Step.PULL_UPDATES, system, name, covered_to=datetime.now(UTC), cursor=None, joins_from=None
            )
        step = max(number // CHANGED, 1)
        moved = [
            replace(
                row(n, "003", sf_fields, {"LastName": f"Name {n}", "Email": f"p{n}@x.no", "Title": "Chief buyer"}),
                version=LATER,
            )
            for n in range(0, step * CHANGED, step)
        ]
        take(tx, SALESFORCE, "Contact", sf_fields, moved)


def row(number: int, prefix: str, fields: tuple[str, ...], values: dict[str, str]) -> Row:
    return Row(f"{prefix}{number:012d}", VERSION, tuple(values.get(name) for name in fields))


def take(tx: object, system: str, name: str, fields: tuple[str, ...], rows: list[Row]) -> None:
    layout = mirror.layout_of(tx, system, name, fields)  # type: ignore[arg-type]
    mirror.merge_page(tx, layout, rows, datetime.now(UTC), next_seq(tx))  # type: ignore[arg-type]


def linked(sf: list[Row], hs: list[Row], sf_fields: tuple[str, ...], hs_fields: tuple[str, ...]) -> Iterator[Pair]:
    for left, right in zip(sf, hs, strict=True):
        bases = dict(zip(sf_fields, left.values, strict=True)), dict(zip(hs_fields, right.values, strict=True))
        yield Pair(f"{left.id[3:]:0>24}", "people", "Contact", "contacts", left.id, right.id, *bases, PairState.LINKED)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
