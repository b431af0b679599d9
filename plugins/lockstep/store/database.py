"""Opens the store and its transactions: SQLite (WAL) for one host, PostgreSQL for more."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from lockstep.errors import ConfigError

#: how long a writer waits for another one, in milliseconds
_BUSY_TIMEOUT = 60_000

_PRAGMAS = (
    f"PRAGMA busy_timeout={_BUSY_TIMEOUT}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",
)


class Store:
    """A database of Lockstep's own. Make one per process; it may be shared by threads.

    :raises ConfigError: the URL is not one of a SQLite file or a PostgreSQL database.
    """

    def __init__(self, url: str):
        self._url = _checked(url)
        self.engine = _engine(self._url)
        # SQLite's own waiting is sleeping, up to a tenth of a second after the other writer is done: threads of one
        # process take turns here. (Re-entrant, so that a writer within a writer ends with SQLite's error.)
        self._turn: AbstractContextManager[object] = threading.RLock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @property
    def absent(self) -> bool:
        """True if there is no database at all. A SQLite file that is not there must not be made by looking for it."""
        return self.is_sqlite and not Path(str(self._url.database)).exists()

    @property
    def made(self) -> bool:
        """True if it holds our tables."""
        return inspect(self.engine).has_table("batch")

    def upgrade(self) -> None:
        """Bring the schema up to date. Safe when several processes call it at once."""
        from lockstep.store.migrate import upgrade

        upgrade(self)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look at the data; writing in it is an error."""
        with self._begun(lockstep_writes=False, postgresql_readonly=True) as tx:
            yield tx

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[Connection]:
        """One transaction: commits on exit, rolls back on error. Never hold it across a vendor call.

        `lasting` False: a power cut may undo the last of these commits (a crash of ours does not), and none waits for the
        disk. For what nobody needs after a power cut; an intent that was committed before a vendor call must survive one
        (DESIGN §6.3).
        """
        with self._turn, self._begun(lockstep_writes=True, lockstep_lasting=lasting) as tx:
            if not lasting and not self.is_sqlite:
                tx.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
            yield tx

    @contextmanager
    def _begun(self, **options: Any) -> Iterator[Connection]:
        with self.engine.connect().execution_options(**options) as tx, tx.begin():
            yield tx

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _checked(url: str) -> URL:
    hint = "Use sqlite:////absolute/path/lockstep.db, or postgresql://user:password@host/database."
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    except ArgumentError as error:
        raise ConfigError("The store's URL cannot be read.", hint=hint) from error
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigError(f"The store cannot be kept in {backend}.", hint=hint)
    if not parsed.database or parsed.database == ":memory:":
        raise ConfigError("The store's URL names no file; several processes must be able to open it.", hint=hint)
    return parsed


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True)
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # the driver must not open transactions by itself: a deferred one that turns into a writer fails at once
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()


def _begin_sqlite(tx: Connection) -> None:
    options = tx.get_execution_options()
    writes, lasting = options.get("lockstep_writes", True), options.get("lockstep_lasting", True)
    driver: Any = tx.connection.driver_connection
    driver.execute(f"PRAGMA query_only={'OFF' if writes else 'ON'}").close()
    driver.execute(f"PRAGMA synchronous={'FULL' if lasting else 'NORMAL'}").close()
    tx.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
