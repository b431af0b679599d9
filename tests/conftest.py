"""Fixtures for all tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from tests import airflow_instance, postgres, shares
from tests.airflow_instance import airflow, world  # noqa: F401 - fixtures: one Airflow for all tests that need one

from lockstep.store import Store

# how long one example takes says more of what else this machine does than of the code
hypothesis.settings.register_profile("lockstep", deadline=None)
hypothesis.settings.load_profile("lockstep")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> shares.ByShare:
    return shares.ByShare(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    astray = [
        one.nodeid
        for one in items
        if one.get_closest_marker("airflow") and shares.share_of(one.nodeid) != shares.AIRFLOW
    ]
    assert astray == [], "tests marked `airflow` must be in its share, or there are two Airflows: see tests/shares.py"
    items.sort(key=lambda one: shares.rank(one.nodeid))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if nextitem is None or shares.share_of(nextitem.nodeid) != shares.AIRFLOW:
        airflow_instance.ending.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Not for the whole session: while Playwright runs, no other test of this process can start an event loop."""
    from playwright.sync_api import sync_playwright
    from scripts.provide_browser import browser_path

    path = browser_path()
    assert path, "Browser tests need Chromium or Chrome: run `make browser`."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "template.db"
    store = Store(f"sqlite:///{path}")
    store.upgrade()
    store.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A SQLite store with the newest schema, of this test's own."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'lockstep.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A store with the newest schema, of this test's own: each test runs on both databases."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
    else:
        with request.getfixturevalue("postgres_server").database() as url:
            yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    yield opened
    opened.dispose()
