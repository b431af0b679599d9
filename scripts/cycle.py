"""`make cycle`: full cycles through a real Airflow scheduler, on a temporary state, without anything to look at.

Exit code 0 only if every cycle and batch went through and every row of the ledger balances. Rejected records alone
(`incomplete`) are the dirty world's normal result.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts import ledger_table, local_airflow, local_sandbox
from scripts.follow import Follower


@contextmanager
def stack(home: Path, size: str) -> Iterator[local_airflow.LocalAirflow]:
    """A sandbox and an Airflow that end with the block."""
    sandbox = local_sandbox.start(home, size=size)
    try:
        airflow = local_airflow.start(home / "airflow", settings=settings(sandbox, home))
        try:
            airflow.wait_healthy()
            airflow.unpause()
            yield airflow
        finally:
            airflow.stop()
    finally:
        sandbox.stop()


def settings(sandbox: local_sandbox.LocalSandbox, home: Path) -> dict[str, str]:
    """Only the cycles that we start, with no lag; settings of the engine may be given by environment variables."""
    return {
        **sandbox.settings(),
        "AIRFLOW_CONN_LOCKSTEP_STORE": f"sqlite:///{home / 'lockstep.db'}",
        "LOCKSTEP_SCHEDULE_ENABLED": "false",
        "LOCKSTEP_RETRY_SECONDS": "5",
        "LOCKSTEP__LAG_SECONDS__SALESFORCE": "0",
        "LOCKSTEP__LAG_SECONDS__HUBSPOT": "0",
        **{name: value for name, value in os.environ.items() if name.startswith("LOCKSTEP__")},
    }


def run(home: Path, size: str, cycles: int) -> tuple[list[dict[str, Any]], bool]:
    """Run the cycles. Returns the batches as records, and whether all is well."""
    records: list[dict[str, Any]] = []
    well = True
    store = ledger_table.Store(f"sqlite:///{home / 'lockstep.db'}")
    with stack(home, size) as airflow:
        follower, last = Follower(home / "lockstep.db"), 0
        for number in range(1, cycles + 1):
            began = time.monotonic()
            run_id = airflow.trigger("sync_cycle")
            state = airflow.wait("sync_cycle", run_id, seconds=3600, each=follower.tell_news)
            found = ledger_table.batches(store, since=last)
            last = max((batch.id for batch in found), default=last)
            records += [ledger_table.record(batch, number) for batch in found]
            well &= state == "success" and bool(found) and not ledger_table.bad(found)
            print(
                f"\nCycle {number}: {state} after {time.monotonic() - began:.0f} s\n\n{ledger_table.table(found)}\n",
                flush=True,
            )
        follower.close()
    store.dispose()
    return records, well


def main() -> int:
    parser = argparse.ArgumentParser(prog="cycle", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", choices=("tiny", "small", "medium", "large"), default="small")
    parser.add_argument("--cycles", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the batches there as a JSON list")
    parser.add_argument(
        "--home", type=Path, help="keep the state there (default: a temporary directory, removed at the end)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lockstep-cycle-") as temporary:
        home = (options.home or Path(temporary)).resolve()
        try:
            records, well = run(home, options.size, options.cycles)
        except (local_airflow.AirflowFailed, local_sandbox.SandboxFailed) as error:
            print(f"cycle: {error}", file=sys.stderr)
            return 1
    if options.json:
        options.json.write_text(json.dumps(records, indent=1))
    print("All batches balance." if well else "Something failed: see the tables above.")
    return 0 if well else 1


if __name__ == "__main__":
    raise SystemExit(main())
