"""Tells what a running cycle does, from the ledger."""

import time
from datetime import datetime
from pathlib import Path

from scripts import ledger_table
from scripts.local_airflow import LocalAirflow


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


def first_run(airflow: LocalAirflow, since: datetime, seconds: float = 20) -> str:
    """The cycle that the schedule starts when it is switched on; one of our own if this quarter of an hour has had its."""
    query = f"run_type=scheduled&start_date_gte={since.isoformat().replace('+00:00', 'Z')}"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        runs = airflow.api("GET", f"dags/sync_cycle/dagRuns?{query}&order_by=-run_after&limit=1")["dag_runs"]
        if runs:
            return str(runs[0]["dag_run_id"])
        time.sleep(1)
    return airflow.trigger("sync_cycle")
