"""`make demo`: sandbox and Airflow on this machine, one full sync_cycle, and the UI to look at.

python scripts/demo.py up      # or again: shows what is running
python scripts/demo.py stop    # stops exactly what `up` started; the state stays under .demo/
"""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts import ledger_table, local_airflow, local_sandbox, processes
from scripts.follow import Follower, first_run

HOME = Path(__file__).resolve().parents[1] / ".demo"
COMPONENTS = (*local_airflow.COMPONENTS, "triggerer")
PREFERRED_PORT = 8080


def up(home: Path) -> int:
    """Start what does not run yet, follow the first cycle, print the ledger."""
    began = time.monotonic()
    if airflow := local_airflow.running(home / "airflow"):
        print("The demo is running already.")
        return report(airflow, home)
    print("Starting the sandbox (Salesforce, HubSpot and Google Ads on this machine) ...", flush=True)
    sandbox = local_sandbox.running(home) or local_sandbox.start(home, size="small")
    print("Starting Airflow ...", flush=True)
    airflow = local_airflow.start(
        home / "airflow",
        settings=settings(sandbox, home),
        port=local_airflow.free_port(PREFERRED_PORT),
        components=COMPONENTS,
    )
    airflow.wait_healthy()
    print(f"Airflow answers at {airflow.url} ({time.monotonic() - began:.0f} s). The first cycle begins.\n", flush=True)
    state = first_cycle(airflow, home)
    print(f"\nThe cycle ended: {state} ({time.monotonic() - began:.0f} s since the start)\n")
    report(airflow, home)
    return 0 if state == "success" else 1


def first_cycle(airflow: local_airflow.LocalAirflow, home: Path) -> str:
    """The schedule starts a cycle as soon as it is switched on; follow that one."""
    since, follower = datetime.now(UTC), Follower(home / "lockstep.db")
    airflow.unpause(*local_airflow.STEPS, "sync_cycle")
    run_id = first_run(airflow, since)
    state = airflow.wait("sync_cycle", run_id, seconds=900, each=follower.tell_news)
    follower.close()
    return state


def settings(sandbox: local_sandbox.LocalSandbox, home: Path) -> dict[str, str]:
    """No lag: in the sandbox every change is visible at once, so an edit arrives with the next cycle."""
    return {
        **sandbox.settings(),
        "AIRFLOW_CONN_LOCKSTEP_STORE": f"sqlite:///{home / 'lockstep.db'}",
        "LOCKSTEP__LAG_SECONDS__SALESFORCE": "0",
        "LOCKSTEP__LAG_SECONDS__HUBSPOT": "0",
    }


def report(airflow: local_airflow.LocalAirflow, home: Path) -> int:
    store = ledger_table.Store(f"sqlite:///{home / 'lockstep.db'}")
    store.upgrade()
    print(ledger_table.table(ledger_table.batches(store)[-60:]))
    store.dispose()
    print(f"\n  Airflow       {airflow.url}  (no login: this machine only)")
    print(f"  Sync Status   {airflow.url}/plugin/sync_status/sync-status/")
    print("  A new cycle starts every 15 minutes, or with the trigger button of sync_cycle.")
    print("  Stop it with  make demo-stop\n")
    return 0


def stop(home: Path) -> int:
    stopped = 0
    for pid_file in (home / "airflow" / "airflow.pid", home / "sandbox.pid"):
        if group := processes.load(pid_file):
            stopped += processes.stop(group)
        pid_file.unlink(missing_ok=True)
    print(f"Stopped {stopped} processes." if stopped else "The demo is not running.")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("command", choices=("up", "stop"))
    parser.add_argument("--home", type=Path, default=HOME, help="where its state is kept (default: .demo)")
    options = parser.parse_args()
    try:
        return (up if options.command == "up" else stop)(options.home.resolve())
    except (local_airflow.AirflowFailed, local_sandbox.SandboxFailed) as error:
        print(
            f"demo: {error}\n`make demo-stop` stops what runs; remove {options.home} to start afresh.", file=sys.stderr
        )
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
