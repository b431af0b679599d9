"""The web application as Airflow mounts it, on a store of the test's choice."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from lockstep.store import Store
from lockstep_airflow.status import access
from lockstep_airflow.status.app import create_app
from lockstep_airflow.status.source import Source

PREFIX = "/sync-status"


def mounted(find: Callable[[], Store], guarded: bool = False) -> FastAPI:
    """As Airflow mounts it; unguarded: everyone may read."""
    app = create_app(Source(find))
    if not guarded:
        app.dependency_overrides[access.may_read] = lambda: None
    root = FastAPI()
    root.mount(PREFIX, app)
    return root


def client_of(find: Callable[[], Store], **more: Any) -> TestClient:
    return TestClient(mounted(find, **more), base_url=f"http://testserver{PREFIX}/", follow_redirects=False)
