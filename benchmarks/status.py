"""How fast Sync Status answers over a large ledger and mirror: `python -m benchmarks status --rows 1000000 --store sqlite|postgresql`.

`rows`: batches and changes together; three in ten are batches, spread over 90 days, the rest are changes of them, of which one
in seven was not done; a tenth as many conversions come besides, and `mirrored` records, which are searched. Each page is asked for a number of times over HTTP; what is told is the 95th percentile of the time to
its first data in milliseconds, and the processor time of one answer (without the database server's).
"""

import http.client
import json
import os
import random
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="lockstep-airflow-home-"))

import uvicorn
from tests import postgres
from tests.status.mounted import PREFIX, mounted

from benchmarks import status_conversions, status_mirror
from lockstep.model import COUNTERS, Operation
from lockstep.store import Store, backlog, layouts
from lockstep.store import tables as t
from lockstep.store.ledger import days

TIMES, DAYS, CAUSES, CHUNK = 20, 90, 200, 5_000
SIDES = (("salesforce", "Contact"), ("salesforce", "Lead"), ("hubspot", "contacts"), ("hubspot", "deals"))
OPERATIONS = (Operation.PULL_UPDATES, Operation.PULL_DELETES, Operation.PUSH_NEW, Operation.PUSH_UPDATES)
OUTCOMES = ("failed", "held", "skipped", "deferred")
CODES = ("validation_rule", "clash", "no_match_key", "stale")
BATCHES_PER_RUN, OPEN_SHARE = 20, 0.05

PAGES = (
    "", "?period=24h", "?period=30d", "?period=all", "?period=all&empty=show", "?period=all&status=failed", "?period=all&object=Lead",
    "?period=all&sort=ended_at", "?period=all&page=500", "errors", "errors?period=all", "errors?state=standing", "errors/1?period=all", "unsynced",
    "unsynced?outcome=held", "unsynced?code=clash", "record", "record?q=003000000000007", "record/p7", "batches/1000", "calls",
    "backlog", "schema", "health", "reference", "guide", "api/batches", "api/batches?period=all", "api/errors", "api/errors?period=all", "api/unsynced",
    "api/record/p7", "api/calls", "api/backlog", "api/schema", "api/health",
)  # fmt: skip
#: of these only the beginning is waited for
EXPORTS = (
    "export/batches.csv?period=all",
    "export/batch-errors.csv?period=all",
    "export/errors.csv?period=all",
    "export/unsynced.csv",
    "export/conversions.csv",
)
#: milliseconds to the first data, at the 95th percentile
MOST = 300


def main(kind: str, rows: int, mirrored: int) -> dict[str, float]:
    with _database(kind) as url:
        store = Store(url)
        store.upgrade()
        fill(store, rows)
        status_conversions.fill(store, rows // 10, datetime.now(UTC))
        status_mirror.fill(store, mirrored)
        _analyze(store)
        with _served(url) as port:
            asked = (*PAGES, *status_mirror.PAGES, *status_conversions.PAGES, *EXPORTS)
            figures = {f"{kind} /{page}": _measure(port, page) for page in asked}
            for name in (status_mirror.NOWHERE, status_mirror.ELSEWHERE):
                figures[f"{kind} search for {name}"] = status_mirror.search(port, name)
        store.dispose()
    return {f"{name} {what}": value for name, found in figures.items() for what, value in found.items()}


@contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="lockstep-bench-") as folder:
            yield f"sqlite:///{folder}/status.db"
    else:
        with postgres.running() as server, server.database() as url:
            yield url


@contextmanager
def _served(url: str) -> Iterator[int]:
    """The application on a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(mounted(lambda: Store(url)), log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(10)


def _measure(port: int, page: str) -> dict[str, float]:
    """95th percentile of the time to the first data, and the mean processor time, in milliseconds. The first answer warms up."""
    _first_data(port, page)
    began = time.process_time()
    took = sorted(_first_data(port, page) for _ in range(TIMES))
    processor = (time.process_time() - began) * 1000 / TIMES
    p95 = took[int(TIMES * 0.95) - 1]
    print(f"/{page:40}{p95:8.1f} ms of {MOST} {'' if p95 <= MOST else 'NOT MET'}", file=sys.stderr, flush=True)
    return {"p95_ms": round(p95, 1), "cpu_ms": round(processor, 1)}


def _first_data(port: int, page: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    with closing(connection):
        started = time.perf_counter()
        connection.request("GET", f"{PREFIX}/{page}")
        answer = connection.getresponse()
        answer.read(1)
        took = (time.perf_counter() - started) * 1000
        assert answer.status in (200, 303), (page, answer.status)
        if page not in EXPORTS:
            answer.read()
    return took


def fill(store: Store, rows: int, now: datetime | None = None) -> None:
    """Rows are made straight in the tables: through the ledger's own functions it would take an hour."""
    now, chance = now or datetime.now(UTC), random.Random(7)
    batches, changes = int(rows * 0.3), int(rows * 0.7)
    _insert(store, t.run, _runs(batches, now))
    _insert(store, t.batch, _batches(batches, now, chance))
    with store.writing() as tx:
        layout = layouts.obtain(tx, layouts.BASE, "hubspot", "contacts", ()).id
    _insert(store, t.pair, ({"id": f"p{n}", "entity": "people", "sf_object": "Contact", "hs_object": "contacts", "sf_id": f"003{n:012}", "hs_id": str(n),
                             "sf_layout": layout, "hs_layout": layout, "sf_base": "[]", "hs_base": "[]", "state": "linked"} for n in range(changes // 10)))  # fmt: skip
    _insert(store, t.cause, ({"id": n + 1, "digest": f"d{n}", "job": False, "code": CODES[n % 4], "system": SIDES[n % 4][0], "object": SIDES[n % 4][1],
                              "field": "", "vendor_code": "X", "template": f"words {n}"} for n in range(CAUSES)))  # fmt: skip
    _insert(store, t.change, _changes(batches, changes, now))
    _insert(store, t.error, _errors(batches, changes, now, chance))
    _insert(store, t.api_call, ({"hour": (now - timedelta(hours=n)).replace(minute=0, second=0, microsecond=0), "system": system, "operation": name, "calls": n % 50, "errors": 0, "milliseconds": 5.0}
                                for n in range(24 * 30) for system, name in (("salesforce", "rest"), ("hubspot", "crm"))))  # fmt: skip
    with store.writing() as tx:
        for n in range(120 * 4):
            sides = {(f"mapping{each}", system): n for each in range(18) for system in ("salesforce", "hubspot")}
            backlog.sample(tx, sides, now - timedelta(minutes=15 * (480 - n)))
    while _keep_days(store):
        pass


def _keep_days(store: Store) -> int:
    """As sync_schema does once a day."""
    with store.writing() as tx:
        return days.keep(tx, 10)


def _analyze(store: Store) -> None:
    """As the database's own upkeep would, once it has seen so many rows."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        if not store.is_sqlite:
            tx.exec_driver_sql("VACUUM ANALYZE")


def _insert(store: Store, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    source = iter(rows)
    while some := list(islice(source, CHUNK)):
        with store.writing() as tx:
            tx.execute(table.insert(), some)


def _began(number: int, of: int, now: datetime) -> datetime:
    return now - timedelta(days=DAYS) * (1 - number / of)


def _runs(batches: int, now: datetime) -> Iterator[dict[str, Any]]:
    for n in range(batches // BATCHES_PER_RUN + 1):
        at = min(now, _began(n * BATCHES_PER_RUN, batches, now))
        yield {"id": f"push_updates:{n}", "step": "push_updates", "kind": "scheduled", "window_to": at, "state": "sealed", "mapping_hash": "h",
               "params": {}, "opened_at": at, "closed_at": at}  # fmt: skip


def _batches(number: int, now: datetime, chance: random.Random) -> Iterator[dict[str, Any]]:
    for n in range(number):
        (system, name), at = SIDES[n % 4], _began(n, number, now)
        worked = chance.random() < 0.3
        counts = dict.fromkeys(COUNTERS, 0) | {"api_calls": min(n % 10, 1)}
        counts |= {"read": 9, "updated": 7, "failed": 2} if worked else {}
        status = "failed" if n % 200 == 0 else "incomplete" if worked else "succeeded"
        yield {"id": n + 1, "run_id": f"push_updates:{n // BATCHES_PER_RUN}", "entity": "people", "system": system, "object": name,
               "operation": OPERATIONS[n // 4 % 4].value, "status": status, "started_at": at, "ended_at": at + timedelta(seconds=3), **counts}  # fmt: skip


def _changes(batches: int, number: int, now: datetime) -> Iterator[dict[str, Any]]:
    for n in range(number):
        bad = n % 7 == 0
        system, name = SIDES[2]
        pair = n % (number // 10)
        outcome, code = (OUTCOMES[n // 7 % 4], CODES[n // 7 % 4]) if bad else ("updated", None)
        source = {"LastName": "c"} if outcome == "held" else {}
        yield {"id": n + 1, "batch_id": n * batches // number + 1, "pair_id": f"p{pair}", "system": system, "object": name,
               "action": "update", "record_id": str(pair), "before": {"lastname": "a"}, "after": {"lastname": "b"}, "source": source,
               "why": {"lastname": "two_way"}, "lost": {}, "planned_at": _began(n, number, now), "outcome": outcome, "code": code,
               "detail": {"message": "words", "fields": [{"field": "lastname"}]} if bad else None}  # fmt: skip


def _errors(batches: int, changes: int, now: datetime, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Of each pair at most one error stands, the newest, and of most none."""
    pairs = changes // 10
    for n in range(0, changes, 7):
        cause = n // 7 % 4 + 4 * chance.randrange(CAUSES // 4)
        stands = n >= changes - pairs and chance.random() < OPEN_SHARE
        yield {"cause_id": cause + 1, "batch_id": n * batches // changes + 1, "change_id": n + 1, "at": _began(n, changes, now),
               "outcome": OUTCOMES[n // 7 % 4], "subject": f"p{n % pairs}", "standing": stands}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
