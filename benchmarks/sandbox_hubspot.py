"""HubSpot's batch read from a sandbox in a process of its own, over loopback: 100 contacts of 30 properties per call.

The sandbox must never be what a synchronisation waits for: 20,000 records a second or better.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

import orjson
import urllib3
from tests.contract import sandbox_process

TOKEN = {"Authorization": "Bearer pat-na1-bench", "Content-Type": "application/json"}
PROPERTIES, BATCH, RECORDS = 30, 100, 30_000
UNLIMITED = {"rate_limit": 10**9, "daily_limit": 10**9}


def main() -> dict[str, float]:
    sandbox = sandbox_process.start("small")
    try:
        sandbox.admin("POST", "hubspot/settings", UNLIMITED)
        on_one_core(sandbox.process.pid)
        with urllib3.PoolManager(maxsize=1, retries=False) as pool:
            bodies = requests_of(pool, sandbox.hubspot)
            url = f"{sandbox.hubspot}/crm/objects/2026-09/contacts/batch/read"
            read(pool, url, bodies[:3])
            started, used = time.perf_counter(), cpu_seconds(sandbox.process.pid)
            answers = read(pool, url, bodies)
            seconds, cpu = time.perf_counter() - started, cpu_seconds(sandbox.process.pid) - used
    finally:
        sandbox.stop()
    records = sum(len(orjson.loads(answer)["results"]) for answer in answers)
    figures = {
        "hubspot_batch_read_records": records,
        "hubspot_batch_read_records_per_s": round(records / seconds),
    }
    return figures | ({"hubspot_batch_read_records_per_cpu_s": round(records / cpu)} if cpu else {})


def on_one_core(pid: int) -> None:
    """Keep the sandbox on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {min(os.sched_getaffinity(0))})


def cpu_seconds(pid: int) -> float:
    """What the process has used of its core (the wall time includes what else this machine does); 0 where that is not told."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def requests_of(pool: urllib3.PoolManager, base: str) -> list[bytes]:
    """Bodies of batch reads that go round through all contacts."""
    ids = record_ids(pool, base)
    definitions = get(pool, f"{base}/crm/properties/2026-09/contacts")["results"]
    names = [row["name"] for row in definitions][:PROPERTIES]
    rows = [ids[number % len(ids)] for number in range(RECORDS)]
    batches = [rows[start : start + BATCH] for start in range(0, RECORDS, BATCH)]
    return [
        orjson.dumps({"properties": names, "inputs": [{"id": key} for key in dict.fromkeys(batch)]})
        for batch in batches
    ]


def record_ids(pool: urllib3.PoolManager, base: str) -> list[str]:
    found: list[str] = []
    after = "0"
    while after:
        page = get(pool, f"{base}/crm/objects/2026-09/contacts?limit=100&after={after}")
        found += [row["id"] for row in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
    return found


def get(pool: urllib3.PoolManager, url: str) -> Any:
    return orjson.loads(pool.request("GET", url, headers=TOKEN).data)


def read(pool: urllib3.PoolManager, url: str, bodies: list[bytes]) -> list[bytes]:
    return [pool.request("POST", url, body=body, headers=TOKEN).data for body in bodies]


if __name__ == "__main__":
    print(json.dumps(main()))
