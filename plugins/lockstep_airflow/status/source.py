"""The ledger as the pages see it: one store per process, and words for when it cannot be read."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from lockstep.errors import LockstepError
from lockstep_airflow.status.health.setup import SetUp, of_this_host
from lockstep_airflow.status.schema.reading import problems as schema_problems

if TYPE_CHECKING:
    from lockstep.conversions.definition import Conversions
    from lockstep.mapping import Mappings, Problem
    from lockstep.store import Store

Made = TypeVar("Made")

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

    def __init__(self, find: "Callable[[], Store]", set_up: "Callable[[], SetUp]" = SetUp):
        self._find, self._lock, self._find_set_up = find, threading.Lock(), set_up
        self._store: Store | None = None
        self._until = 0.0
        self._made: dict[str, tuple[float, Any]] = {}

    def mappings(self) -> "Mappings | None":
        """The mapping files; None where this host has none, or none that can be read."""
        from lockstep.mapping import load
        from lockstep_airflow.connections import mappings_folder

        def read() -> "Mappings | None":
            try:
                return load(mappings_folder())
            except LockstepError:
                return None

        return self._kept("mappings", read)

    def conversions(self) -> "Conversions | None":
        """conversions.yaml; None where this host has none that can be read."""
        from lockstep.conversions import files
        from lockstep_airflow.connections import mappings_folder

        def read() -> "Conversions | None":
            try:
                return files.load(mappings_folder())
            except LockstepError:
                return None

        return self._kept("conversions", read)

    def set_up(self) -> "SetUp":
        """What this host knows of the set-up."""
        return self._kept("set-up", self._find_set_up)

    def problems(self, tx: Connection) -> "list[Problem] | None":
        """Where the mapping files and the described fields do not fit; None without mapping files. `tx`: of `reading`."""
        mappings = self.mappings()
        return self._kept("problems", lambda: schema_problems(tx, mappings)) if mappings else None

    def _kept(self, name: str, make: "Callable[[], Made]") -> "Made":
        """What is made anew every minute only."""
        with self._lock:
            until, made = self._made.get(name, (0.0, None))
        if time.monotonic() > until:
            made = make()
            with self._lock:
                self._made[name] = (time.monotonic() + FRESH_SECONDS, made)
        return made

    def lead_label(self) -> str:
        """What Salesforce's leads are called here (MK-07); Lead where the settings cannot be read."""
        from lockstep.settings import Settings, load
        from lockstep_airflow.connections import mappings_folder

        def read() -> str:
            try:
                return load(mappings_folder()).lead_label
            except LockstepError:
                return Settings().lead_label

        return self._kept("lead label", read)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look at the ledger.

        :raises NoLedgerYet: there is nothing to look at so far
        :raises LedgerUnreachable: it is somewhere, but cannot be read
        """
        store = self._opened()
        if store.absent:
            raise NoLedgerYet
        try:
            with store.reading() as tx:
                yield tx
        except SQLAlchemyError as error:
            raise self._explained(store, error) from error

    @contextmanager
    def filled(self) -> Iterator[Connection]:
        """As `reading`, where there is something to look at.

        :raises NoLedgerYet: nothing was ever synced
        """
        from lockstep.store import ledger

        with self.reading() as tx:
            if not ledger.any_batch(tx):
                raise NoLedgerYet
            yield tx

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction on the ledger; raises as `reading` does."""
        store = self._opened()
        if store.absent:
            raise NoLedgerYet
        try:
            with store.writing() as tx:
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
            if not store.made:
                return NoLedgerYet()
        except SQLAlchemyError:
            return LedgerUnreachable(f"The ledger's database does not answer ({type(error).__name__}).")
        return LedgerUnreachable(f"The ledger could not be read ({type(error).__name__}).")


def of_airflow() -> Source:
    """The store of the connection `lockstep_store`."""
    from lockstep_airflow import connections

    return Source(connections.store, of_this_host)
