"""Worlds to test in: `fresh` (nobody has synced yet) and `synced` (after the first cycles, at rest). Each test has its own.

Tests marked `on_both` run on SQLite and on PostgreSQL, others on SQLite.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.engine.live_sandbox import new_world
from tests.integration.engine.world import Snapshot, World, copied, restored


@pytest.fixture(scope="session")
def untouched() -> bytes:
    """The vendors of the tiny world, before anything was synced."""
    return new_world("tiny")


@pytest.fixture(scope="session")
def fresh_snapshot(untouched: bytes, sqlite_template: Path) -> Snapshot:
    return Snapshot(untouched, str(sqlite_template))


@pytest.fixture(scope="session")
def synced_snapshot(fresh_snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("synced")
    return after_first_cycles(fresh_snapshot, folder, copied(fresh_snapshot, folder), str(folder / "lockstep.db"))


def after_first_cycles(snapshot: Snapshot, folder: Path, url: str, store: str) -> Snapshot:
    """What the first cycles leave behind, when the echoes of their writes have been read."""
    with restored(snapshot, folder, url) as world:
        for _ in range(2):
            world.cycle()
            assert world.engine.errors == {}
        world.wait()
        vendors = world.sandbox.state()
    return Snapshot(vendors, store)


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """Which database the store is in."""
    return str(request.param)


@pytest.fixture
def synced(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[World]:
    if database == "sqlite":
        snapshot = request.getfixturevalue("synced_snapshot")
        with restored(snapshot, tmp_path, copied(snapshot, tmp_path)) as world:
            yield world
    else:
        snapshot = request.getfixturevalue("synced_on_postgres")
        copy = request.getfixturevalue("postgres_server").copy_of(snapshot.store)
        with copy as url, restored(snapshot, tmp_path, url) as world:
            yield world


@pytest.fixture(scope="session")
def synced_on_postgres(request: pytest.FixtureRequest, untouched: bytes, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    url = request.getfixturevalue("postgres_server").empty_database("lockstep_synced")
    return after_first_cycles(Snapshot(untouched, url), tmp_path_factory.mktemp("synced-postgres"), url, url)


@pytest.fixture
def fresh(request: pytest.FixtureRequest, database: str, tmp_path: Path, fresh_snapshot: Snapshot) -> Iterator[World]:
    if database == "sqlite":
        with restored(fresh_snapshot, tmp_path, copied(fresh_snapshot, tmp_path)) as world:
            yield world
    else:
        empty = request.getfixturevalue("postgres_server").database()
        with empty as url, restored(fresh_snapshot, tmp_path, url) as world:
            yield world
