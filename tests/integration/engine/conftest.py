"""Worlds to test in, each test its own: `fresh` (nobody has synced yet), `first` (right after the first cycle), `synced` (at
rest: the echoes of what was written have been read).

Tests marked `on_both` run on SQLite and on PostgreSQL, others on SQLite.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest
from tests.integration.engine.live_sandbox import new_world
from tests.integration.engine.world import Snapshot, World, restored
from tests.postgres import Postgres


@pytest.fixture(scope="session")
def untouched() -> bytes:
    """The vendors of the tiny world, before anything was synced."""
    return new_world("tiny")


@pytest.fixture(scope="session")
def first_on_sqlite(untouched: bytes, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    file = tmp_path_factory.mktemp("first") / "lockstep.db"
    return after_a_cycle(Snapshot(untouched, shutil.copy(sqlite_template, file)), file.parent, f"sqlite:///{file}")


@pytest.fixture(scope="session")
def synced_on_sqlite(first_on_sqlite: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    file = tmp_path_factory.mktemp("synced") / "lockstep.db"
    copy = Snapshot(first_on_sqlite.vendors, shutil.copy(first_on_sqlite.store, file))
    return after_a_cycle(copy, file.parent, f"sqlite:///{file}")


@pytest.fixture(scope="session")
def first_on_postgresql(
    untouched: bytes, postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Snapshot:
    with postgres_server.database() as empty, postgres_server.copy_of(empty, keep=True) as url:
        return after_a_cycle(Snapshot(untouched, url), tmp_path_factory.mktemp("first"), url)


@pytest.fixture(scope="session")
def synced_on_postgresql(
    first_on_postgresql: Snapshot, postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Snapshot:
    with postgres_server.copy_of(first_on_postgresql.store, keep=True) as url:
        return after_a_cycle(Snapshot(first_on_postgresql.vendors, url), tmp_path_factory.mktemp("synced"), url)


def after_a_cycle(snapshot: Snapshot, folder: Path, url: str) -> Snapshot:
    with restored(snapshot, folder, url) as world:
        world.cycle()
        assert world.engine.errors == {}
        return Snapshot(world.sandbox.state(), str(snapshot.store))


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """Which database the store is in."""
    return str(request.param)


@pytest.fixture
def world_at(
    request: pytest.FixtureRequest, database: str, tmp_path: Path
) -> Callable[[str], AbstractContextManager[World]]:
    """Gives a world as it was at `first` or `synced`; each call gives another one."""
    numbers = iter(range(100))

    @contextmanager
    def opened(name: str) -> Iterator[World]:
        snapshot: Snapshot = request.getfixturevalue(f"{name}_on_{database}")
        folder = tmp_path / f"{name}-{next(numbers)}"
        folder.mkdir()
        if database == "sqlite":
            copy: AbstractContextManager[str] = nullcontext(
                f"sqlite:///{shutil.copy(snapshot.store, folder / 'lockstep.db')}"
            )
        else:
            copy = request.getfixturevalue("postgres_server").copy_of(snapshot.store)
        with copy as url, restored(snapshot, folder, url) as world:
            yield world

    return opened


@pytest.fixture
def first(world_at: Callable[[str], AbstractContextManager[World]]) -> Iterator[World]:
    with world_at("first") as world:
        yield world


@pytest.fixture
def synced(world_at: Callable[[str], AbstractContextManager[World]]) -> Iterator[World]:
    with world_at("synced") as world:
        yield world


@pytest.fixture
def fresh(untouched: bytes, sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    with restored(Snapshot(untouched, ""), tmp_path, sqlite_url) as world:
        yield world
