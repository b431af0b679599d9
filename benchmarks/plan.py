"""Plan 1,000 changed records among many pairs: the cost must follow what is due, not what exists."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from types import SimpleNamespace

from sqlalchemy import Connection
from tests.engine import Engine

from benchmarks.task_process import peak_rss_mb
from lockstep import steps
from lockstep.model import HUBSPOT, SALESFORCE, Pair, PairState, Row, Step, Window
from lockstep.store import Store, coverage, mirror, pairs, tables
from lockstep.store.sequence import next_seq

CHANGED = 1_000
#: pairs that are made one by one; the others are copies of them, with another block in every id and e-mail address
BLOCK = 10_000
VERSION = "2026-01-01T00:00:00.000Z"
ROUNDS = 3
NOWHERE = SimpleNamespace(endpoints={"proxy": "http://127.0.0.1:9", "hubspot": "http://127.0.0.1:9", "ca": None})

#: table -> columns that hold ids or addresses
COPIED = {
    "mirror": ("id", "fields"),
    "mirror_key": ("id", "value"),
    "pair": ("id", "sf_id", "hs_id", "sf_base", "hs_base"),
}


def main(number: int, folder: Path) -> dict[str, float]:
    """The store is made by another process, so that the peak memory is that of planning alone. Planning is done ROUNDS times."""
    url = f"sqlite:///{folder}/plan-{number}.db"
    command = "import sys; from benchmarks import plan; plan.fill(plan.engine_of(sys.argv[1]), int(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", command, url, str(number)], check=True)
    rounds = [_once_more(engine_of(url), number, day) for day in range(1, ROUNDS + 1)]
    return {name: median(one[name] for one in rounds) for name in rounds[0]}


def _once_more(engine: Engine, number: int, day: int) -> dict[str, float]:
    with engine.store.writing() as tx:
        move(tx, engine, number, day)
    found = planned(engine, number)
    with engine.store.writing() as tx:
        # as if it had been applied: what was planned is done
        tx.exec_driver_sql("UPDATE change SET outcome = 'updated'")
        tx.exec_driver_sql("UPDATE batch SET status = 'succeeded'")
        tx.exec_driver_sql("DELETE FROM lease")
    engine.store.dispose()
    return found


def move(tx: Connection, engine: Engine, number: int, day: int) -> None:
    """CHANGED of the Salesforce contacts, spread over all, get another title."""
    step, version = max(number // CHANGED, 1), f"2026-02-{day:02}T00:00:00.000Z"
    take(tx, engine, SALESFORCE, "Contact", [contact(n, version, version) for n in range(0, step * CHANGED, step)])


def engine_of(url: str) -> Engine:
    return Engine(Store(url), NOWHERE)


def planned(engine: Engine, number: int) -> dict[str, float]:
    """Plan what is due; seconds of wall and of processor time."""
    now = datetime.now(UTC)
    window = Window(now - timedelta(minutes=15), now)
    ctx = engine.context(f"bench:plan:{now}", Step.PUSH_UPDATES, "scheduled", window, {"objects": ["people"]})
    started, used = time.perf_counter(), time.process_time()
    batches = steps.plan_push(ctx)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    found = sum(batch["items"] for batch in batches)
    assert found == CHANGED, f"{found} changes planned among {number} pairs, expected {CHANGED}"
    return {"seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "peak_rss_mb": peak_rss_mb()}


def fill(engine: Engine, number: int) -> None:
    """Pairs that agree, all read and planned."""
    with engine.store.writing() as tx:
        _first_block(tx, engine, min(number, BLOCK))
        _copy(tx, range(1, number // BLOCK))
        for system, name in ((SALESFORCE, "Contact"), (SALESFORCE, "Lead"), (HUBSPOT, "contacts")):
            coverage.advance(
                tx, Step.PULL_UPDATES, system, name, covered_to=datetime.now(UTC), cursor=None, joins_from=None
            )


def _first_block(tx: Connection, engine: Engine, number: int) -> None:
    sf = [contact(n, VERSION, "Buyer") for n in range(number)]
    hs = [
        (f"1{mark(n)}", VERSION, {"lastname": "Name", "email": address(n), "jobtitle": "Buyer"}) for n in range(number)
    ]
    left, right = take(tx, engine, SALESFORCE, "Contact", sf), take(tx, engine, HUBSPOT, "contacts", hs)
    pairs.insert(tx, list(linked(left, right)))
    mirror.clear_due(tx, mirror.due(tx, SALESFORCE, ["Contact"], number))
    mirror.clear_due(tx, mirror.due(tx, HUBSPOT, ["contacts"], number))


def _copy(tx: Connection, blocks: range) -> None:
    for table, moved in COPIED.items():
        tx.exec_driver_sql(f"CREATE TEMPORARY TABLE first_{table} AS SELECT * FROM {table}")
        names = [column.name for column in tables.metadata.tables[table].columns]
        for block in blocks:
            marks = f"'{mark(0)[:8]}', '{mark(block * BLOCK)[:8]}'"
            values = [f"replace({name}, {marks})" if name in moved else name for name in names]
            tx.exec_driver_sql(
                f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM first_{table}"
            )


Told = tuple[str, str, dict[str, str]]


def mark(number: int) -> str:
    """What tells a record from others: `b0000042n0007`, its block first."""
    return f"b{number // BLOCK:06}n{number % BLOCK:04}"


def address(number: int) -> str:
    return f"{mark(number)}@example.com"


def contact(number: int, version: str, title: str) -> Told:
    return f"003{mark(number)}", version, {"LastName": "Name", "Email": address(number), "Title": title}


def take(
    tx: Connection, engine: Engine, system: str, name: str, told: list[Told]
) -> list[tuple[str, dict[str, str | None]]]:
    """Into the mirror with their match keys. Returns id and all values of each."""
    mapping = engine.mappings.entity("people")
    fields = mapping.fields_of(system, name)
    rows = [Row(one, version, tuple(values.get(field) for field in fields)) for one, version, values in told]
    email = mapping.match[0]
    place = fields.index(mapping.by_name[email.field].on(system, name) or "")
    layout = mirror.layout_of(tx, system, name, fields)
    mirror.merge_page(
        tx, layout, rows, datetime.now(UTC), next_seq(tx), lambda row: [(email.name, str(row.values[place]))]
    )
    return [(row.id, dict(zip(fields, row.values, strict=True))) for row in rows]


def linked(sf: list[tuple[str, dict[str, str | None]]], hs: list[tuple[str, dict[str, str | None]]]) -> Iterator[Pair]:
    for (sf_id, sf_base), (hs_id, hs_base) in zip(sf, hs, strict=True):
        yield Pair(
            f"{sf_id[3:]:0>24}", "people", "Contact", "contacts", sf_id, hs_id, sf_base, hs_base, PairState.LINKED
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        print(json.dumps(main(int(sys.argv[1]), Path(temporary))))
