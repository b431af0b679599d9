"""The ledger as the pages see it: one store per process, read only, and words for when it cannot be read."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import SQLAlchemyError

from lockstep.errors import LockstepError

if TYPE_CHECKING:
    from lockstep.store import Store

#: an edited connection is noticed after so many seconds
FRESH_SECONDS = 60.0


class NoLedgerYet(Exception):
    """Nothing has ever been synced: the ledger does not exist, or holds no tables."""


class LedgerUnreachable(Exception):
    """`message` and `hint` are for people; they hold no address and no password."""

    def __init__(self, message: str, hint: str = ""):
        super().__init__(message)
        self.message, self.hint = message, hint


class Source:
    """Opens the store that `find` names, and keeps it for a minute."""

    def __init__(self, find: "Callable[[], Store]"):
        self._find, self._lock = find, threading.Lock()
        self._store: Store | None = None
        self._until = 0.0

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look at the ledger.

        :raises NoLedgerYet: there is nothing to look at so far
        :raises LedgerUnreachable: it is somewhere, but cannot be read
        """
        store = self._opened()
        if _absent(store):
            raise NoLedgerYet
        try:
            with store.reading() as tx:
                yield tx
        except SQLAlchemyError as error:
            raise self._explained(store, error) from error

    def _opened(self) -> "Store":
        with self._lock:
            if self._store is None or time.monotonic() > self._until:
                self._replace()
            assert self._store is not None
            return self._store

    def _replace(self) -> None:
        try:
            found = self._find()
        except LockstepError as error:
            raise LedgerUnreachable(error.message, error.hint) from error
        except SQLAlchemyError as error:
            raise LedgerUnreachable(f"Airflow's connections cannot be read ({type(error).__name__}).") from error
        if self._store is not None and self._store.engine.url == found.engine.url:
            found.dispose()
        else:
            self._store = found  # requests may still read from the old one: it goes with the last of them
        self._until = time.monotonic() + FRESH_SECONDS

    def _explained(self, store: "Store", error: SQLAlchemyError) -> Exception:
        try:
            if not inspect(store.engine).has_table("batch"):
                return NoLedgerYet()
        except SQLAlchemyError:
            return LedgerUnreachable(f"The ledger's database does not answer ({type(error).__name__}).")
        return LedgerUnreachable(f"The ledger could not be read ({type(error).__name__}).")


def _absent(store: "Store") -> bool:
    """A SQLite file that is not there must not be made by looking for it."""
    return store.is_sqlite and not Path(str(store.engine.url.database)).exists()


def of_airflow() -> Source:
    """The store of the connection `lockstep_store`."""
    from lockstep_airflow import connections

    return Source(connections.store)
