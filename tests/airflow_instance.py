"""One Airflow for the whole session; each test has its own sandbox, store and connections."""

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from scripts import local_airflow
from sqlalchemy import make_url
from tests.contract import sandbox_process
from tests.integration.world import World
from tests.postgres import Postgres

COMPONENTS = (*local_airflow.COMPONENTS, "triggerer")
SETTINGS = {
    "LOCKSTEP_SCHEDULE": "0 0 * * *",
    "LOCKSTEP_SCHEDULE_ENABLED": "false",
    # every cycle is late: whether people hear of it is one of the tests
    "LOCKSTEP_LATE_MINUTES": "0",
    "LOCKSTEP_RETRIES": "1",
    "LOCKSTEP_RETRY_SECONDS": "1",
    "LOCKSTEP__LAG_SECONDS__SALESFORCE": "0",
    "LOCKSTEP__LAG_SECONDS__HUBSPOT": "0",
    "LOCKSTEP__LEASE_SECONDS": "60",
}


@pytest.fixture(scope="session")
def airflow(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[local_airflow.LocalAirflow]:
    home = Path(os.environ.get("LOCKSTEP_TEST_AIRFLOW") or tmp_path_factory.mktemp("airflow"))
    running = local_airflow.running(home)
    started = running or _start(home, request.getfixturevalue("postgres_server"))
    try:
        started.wait_healthy(300)
        started.unpause()
        yield started
    finally:
        if not running:
            started.stop()


def _start(home: Path, server: Postgres) -> local_airflow.LocalAirflow:
    """On PostgreSQL: what tests do at one time (backfills, retries, many runs) makes Airflow's SQLite answer "locked"."""
    database = make_url(server.empty_database("airflow")).set(drivername="postgresql+psycopg")
    settings = SETTINGS | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database.render_as_string(hide_password=False)}
    return local_airflow.start(home, settings=settings, components=COMPONENTS)


@pytest.fixture
def world(airflow: local_airflow.LocalAirflow, sqlite_url: str, webhook: "Webhook") -> Iterator[World]:
    """Airflow's connections lead to a small sandbox and an empty store of this test's own."""
    sandbox = sandbox_process.start(size="tiny")
    made = World(airflow, sandbox, sqlite_url)
    made.connect(webhook.url)
    try:
        yield made
    finally:
        made.close()
        sandbox.stop()


class Webhook:
    """A web server that people's alerts are sent to. `messages`: what they got, oldest first."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/alerts"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    server = Webhook()
    yield server
    server.server.shutdown()
    server.server.server_close()
