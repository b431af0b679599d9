"""The web application on a filled ledger: with an open door, with Airflow's own login, and in a browser."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import tests.airflow_home  # noqa: F401 - before Airflow is imported
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.status.ledger_data import Filled
from tests.status.ledgers import Ledgers
from tests.status.mounted import client_of

from lockstep.store import Store


@pytest.fixture(scope="session")
def ledgers(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Ledgers:
    return Ledgers(sqlite_template, tmp_path_factory.mktemp("ledgers"))


@pytest.fixture
def filled(ledgers: Ledgers, sqlite_url: str) -> Iterator[Filled]:
    store = Store(sqlite_url)
    yield ledgers.into(Filled(store, datetime.now(UTC)))
    store.dispose()


@pytest.fixture
def client(filled: Filled, sqlite_url: str) -> TestClient:
    return client_of(lambda: Store(sqlite_url))


@pytest.fixture
def serve() -> Iterator[Callable[[FastAPI], str]]:
    """Serves applications on free ports; gives their addresses."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: FastAPI) -> str:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        started = threading.Event()
        while not server.started and thread.is_alive():
            started.wait(0.02)
        assert server.started
        return f"http://127.0.0.1:{port}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page of a user in Oslo; what the browser complains about fails the test."""
    wanted = {"width": 1400, "theme": "light", **getattr(request, "param", {})}
    context = browser.new_context(
        viewport={"width": wanted["width"], "height": 900}, locale="en-GB", timezone_id="America/New_York"
    )
    stored = {"theme": wanted["theme"], "timezone": json.dumps("Europe/Oslo")}
    context.add_init_script(
        f"for (const [k, v] of Object.entries({json.dumps(stored)})) localStorage.getItem(k) ?? localStorage.setItem(k, v)"
    )
    made, complaints = context.new_page(), []
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    made.on("dialog", lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
    yield made
    context.close()
    assert complaints == []
