"""Tells what a running cycle does, from the ledger."""

import time
from pathlib import Path

from scripts import ledger_table
from scripts.local_airflow import AirflowFailed, LocalAirflow


class Follower:
    """Prints each batch once, when it is closed."""

    def __init__(self, database: Path):
        self._store = ledger_table.Store(f"sqlite:///{database}")
        self._store.upgrade()
        self._told = {batch.id for batch in ledger_table.batches(self._store)}

    def tell_news(self) -> None:
        for batch in ledger_table.batches(self._store):
            if batch.ended_at and batch.id not in self._told:
                self._told.add(batch.id)
                print(f"  {ledger_table.progress(batch)}", flush=True)

    def close(self) -> None:
        self.tell_news()
        self._store.dispose()


def own_schedule_run(airflow: LocalAirflow, seconds: float = 60) -> str:
    """The newest run that the schedule has started, waiting for it if need be."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        runs = airflow.api("GET", "dags/sync_cycle/dagRuns?run_type=scheduled&order_by=-run_after&limit=1")["dag_runs"]
        if runs:
            return str(runs[0]["dag_run_id"])
        time.sleep(1)
    raise AirflowFailed(f"the schedule started no cycle within {seconds:.0f} s: see {airflow.home}/logs/scheduler.log")
