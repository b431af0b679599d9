"""One Airflow for the whole session; each test has its own sandbox, store and connections."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from scripts import local_airflow
from sqlalchemy import make_url
from tests.contract import sandbox_process
from tests.integration.webhook import Webhook
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
    # a cycle is a chain of some thirty short tasks, each of which waits for the scheduler's next look
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
}

#: what ends with the last test that needs Airflow: its idle processes take half a core from the tests that follow
ending = ExitStack()


@pytest.fixture(scope="session")
def airflow(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[local_airflow.LocalAirflow]:
    home = Path(os.environ.get("LOCKSTEP_TEST_AIRFLOW") or tmp_path_factory.mktemp("airflow"))
    running = local_airflow.running(home)
    started = running or _start(home, request.getfixturevalue("postgres_server"))
    if not running:
        ending.callback(started.stop)
    try:
        started.wait_healthy(300)
        started.unpause()
        yield started
    finally:
        ending.close()


def _start(home: Path, server: Postgres) -> local_airflow.LocalAirflow:
    """On PostgreSQL: what tests do at one time (backfills, retries, many runs) makes Airflow's SQLite answer "locked"."""
    database = make_url(server.empty_database("airflow")).set(drivername="postgresql+psycopg")
    # a link, so that a test can have mapping files of its own
    (home / "mappings").symlink_to(local_airflow.MAPPINGS)
    settings = SETTINGS | {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database.render_as_string(hide_password=False),
        "LOCKSTEP_MAPPINGS": str(home / "mappings"),
    }
    return local_airflow.start(home, settings=settings, components=COMPONENTS)


@pytest.fixture
def world(airflow: local_airflow.LocalAirflow, sqlite_url: str) -> Iterator[World]:
    with connected(airflow, sqlite_url) as made:
        yield made


@contextmanager
def connected(airflow: local_airflow.LocalAirflow, store_url: str, size: str = "tiny") -> Iterator[World]:
    """Airflow's connections lead to a sandbox of that size and an empty store of this test's own, until the block ends."""
    sandbox, webhook = sandbox_process.start(size=size), Webhook()
    made = World(airflow, sandbox, store_url, webhook)
    made.connect()
    try:
        yield made
        sandbox.heal()
    finally:
        made.close()
        webhook.close()
        sandbox.stop()
