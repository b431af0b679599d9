"""What a test can do and ask: act in the sandbox, run DAGs, read ledger and mirror."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from scripts import ledger_table, local_sandbox, processes
from scripts.local_airflow import AirflowFailed, LocalAirflow
from tests.contract.sandbox_process import Running
from tests.engine import Engine
from tests.integration.webhook import Webhook

from lockstep.model import Batch, Step, Window
from lockstep.store import Store, ledger

CONNECTIONS = ("lockstep_store", "lockstep_alerts", "salesforce_default", "hubspot_default", "google_ads_default")


class World:
    def __init__(self, airflow: LocalAirflow, sandbox: Running, store_url: str, webhook: Webhook):
        self.airflow, self.sandbox, self.store_url, self.webhook = airflow, sandbox, store_url, webhook
        self.store = Store(store_url)
        self._runs: list[str] = []

    def connect(self) -> None:
        """Make the connections through Airflow's own API, as a person would."""
        for name in CONNECTIONS:
            self.disconnect(name)
        here = local_sandbox.LocalSandbox(self.sandbox.endpoints, processes.Group(0, 0)).connections()
        here["lockstep_store"] = {"conn_type": "sqlite", "host": self.store_url.removeprefix("sqlite:///")}
        here["lockstep_alerts"] = {"conn_type": "apprise", "extra": {"config": [{"path": self.webhook.url}]}}
        for name, body in here.items():
            self.set_connection(name, **body)

    def set_connection(self, name: str, *, extra: dict[str, Any] | None = None, **body: Any) -> None:
        told = {"connection_id": name, **body}
        if extra is not None:
            told["extra"] = json.dumps(extra)
        self.airflow.api("POST", "connections", told)

    def disconnect(self, name: str) -> None:
        try:
            self.airflow.api("DELETE", f"connections/{name}")
        except AirflowFailed as error:
            if ": 404" not in str(error):
                raise

    def use_mappings(self, folder: Path) -> None:
        """Airflow reads these mapping files from now on."""
        place = Path(self.airflow.env["LOCKSTEP_MAPPINGS"])
        fresh = place.with_suffix(".new")
        fresh.symlink_to(folder)
        fresh.replace(place)

    def run(self, dag_id: str, seconds: float = 600, **conf: Any) -> tuple[str, str]:
        """Run a DAG by hand and wait. Returns (run id, state)."""
        run_id = self.trigger(dag_id, **conf)
        return run_id, self.airflow.wait(dag_id, run_id, seconds)

    def trigger(self, dag_id: str, **conf: Any) -> str:
        self._runs.append(self.airflow.trigger(dag_id, conf))
        return self._runs[-1]

    def told(self) -> list[dict[str, Any]]:
        """Alerts about this world's runs: the callback of an earlier test's run may come seconds after its end."""
        return [message for message in self.webhook.messages if any(run in message["message"] for run in self._runs)]

    def prepare(self) -> None:
        """What a new portal needs before anything is read from it; Airflow has no part in it."""
        engine, now = Engine(self.store, self.sandbox), datetime.now(UTC)
        engine.step(Step.SYNC_SCHEMA, "prepare", "manual", Window(now, now), systems=["hubspot"])
        assert engine.errors == {}

    def batches(self, dag_id: str | None = None, run_id: str | None = None) -> list[Batch]:
        if dag_id is None:
            return ledger_table.batches(self.store)
        with self.store.reading() as tx:
            return list(ledger.batches(tx, f"{dag_id}:{run_id}"))

    def mirror(self) -> dict[tuple[str, str, str], tuple[str, str]]:
        """Every mirrored record: (system, object, id) -> (version, hash); what two stores that read the same agree in."""
        from sqlalchemy import select

        from lockstep.store.tables import mirror

        c = mirror.c
        with self.store.reading() as tx:
            rows = tx.execute(select(c.system, c.object, c.id, c.version, c.hash))
            return {(r.system, r.object, r.id): (str(r.version), bytes(r.hash).hex()) for r in rows}

    def logs(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1, attempt: int = 1) -> str:
        """What the task's log says, as the UI shows it."""
        path = f"dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task_id}/logs/{attempt}?map_index={map_index}"
        return json.dumps(self.airflow.api("GET", path))

    def xcom(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> dict[str, Any]:
        """All XCom entries of one task, by key."""
        base = f"dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task_id}/xcomEntries"
        found = self.airflow.api("GET", f"{base}?map_index={map_index}")["xcom_entries"]
        return {
            entry["key"]: self.airflow.api(
                "GET", f"{base}/{quote(entry['key'])}?map_index={map_index}&deserialize=true"
            )["value"]
            for entry in found
        }

    def fresh_store(self, folder: Path) -> None:
        """Go on with an empty store; the sandbox stays as it is."""
        self.store.dispose()
        self.store_url = f"sqlite:///{folder / f'store-{time.monotonic_ns()}.db'}"
        self.store = Store(self.store_url)
        self.store.upgrade()
        self.disconnect("lockstep_store")
        self.set_connection("lockstep_store", conn_type="sqlite", host=self.store_url.removeprefix("sqlite:///"))

    def close(self) -> None:
        for name in CONNECTIONS:
            self.disconnect(name)
        self.store.dispose()


def until(found: Callable[[], Any], what: str, seconds: float = 120) -> Any:
    """Ask until there is an answer."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.2)
    return answer
