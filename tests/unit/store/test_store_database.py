"""Opening the store, its transactions and its migrations."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import column, inspect, table, update
from sqlalchemy.exc import DBAPIError

from lockstep.errors import ConfigError
from lockstep.store import Store, alerts
from lockstep.store.migrate import VERSION_TABLE
from lockstep.store.sequence import next_seq
from lockstep.store.tables import metadata


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://host/db", "cannot be kept in mysql"),
        ("nonsense", "cannot be read"),
    ],
)
def test_only_a_sqlite_file_or_postgresql_will_do(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Store(url)


def test_the_migrations_make_the_schema_of_the_metadata(store: Store) -> None:
    with store.reading() as tx:
        context = MigrationContext.configure(tx, opts={"version_table": VERSION_TABLE, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def _shape(store: Store) -> dict[str, Any]:
    """What comparing metadata overlooks: partial indexes, checks, keys."""
    found = inspect(store.engine)
    return {
        name: (
            sorted(_index(index) for index in found.get_indexes(name)),
            sorted(str(check) for check in found.get_check_constraints(name)),
            found.get_pk_constraint(name),
            sorted(str(key) for key in found.get_foreign_keys(name)),
            [(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(name)],
        )
        for name in found.get_table_names()
        if name != VERSION_TABLE
    }


def test_the_migrations_leave_out_no_index_check_or_key(store: Store) -> None:
    migrated = _shape(store)
    metadata.drop_all(store.engine)
    metadata.create_all(store.engine)
    assert _shape(store) == migrated


def _index(index: Any) -> str:
    options = {name: str(option) for name, option in index.get("dialect_options", {}).items()}
    return f"{index['name']} {index['column_names']} {index['unique']} {options}"


def _at_once(work: Callable[[], None], number: int = 4) -> list[BaseException]:
    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 (the test asserts on it)
            errors.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def _upgrade(url: str) -> None:
    store = Store(url)
    store.upgrade()
    store.dispose()


def test_several_upgrade_at_once_in_sqlite(tmp_path: Path) -> None:
    assert _at_once(lambda: _upgrade(f"sqlite:///{tmp_path}/made/new.db")) == []


def test_several_upgrade_at_once_in_postgresql(postgres_server: Any) -> None:
    url = postgres_server.empty_database("upgraded_at_once")
    assert _at_once(lambda: _upgrade(url)) == []


def _set_revision(store: Store, revision: str) -> None:
    with store.writing() as tx:
        tx.execute(update(table(VERSION_TABLE, column("version_num"))).values(version_num=revision))


def test_a_store_of_a_newer_version_is_refused(store: Store) -> None:
    _set_revision(store, "9999")
    with pytest.raises(ConfigError, match="revision 9999"):
        store.upgrade()
    _set_revision(store, "0001")
    store.upgrade()


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.writing() as tx:
            alerts.transition(tx, "pull", "failed", datetime.now(UTC))
            raise RuntimeError("after the write")

    with pytest.raises(RuntimeError, match="after the write"):
        fail()
    with store.writing() as tx:
        assert alerts.transition(tx, "pull", "ok", datetime.now(UTC)) is None


def test_reading_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError), store.reading() as tx:
        next_seq(tx)
    with store.writing() as tx:
        assert next_seq(tx) > 0


def test_what_need_not_last_is_told_to_the_database_for_that_transaction_alone(store: Store) -> None:
    asked = "PRAGMA synchronous" if store.is_sqlite else "SHOW synchronous_commit"

    def told(**how: bool) -> object:
        with store.writing(**how) as tx:
            return tx.exec_driver_sql(asked).scalar_one()

    lasting = told()
    assert [told(lasting=False), told()] == [1 if store.is_sqlite else "off", lasting]
    assert not store.is_sqlite or lasting == 2, "FULL"


def test_concurrent_writers_draw_different_numbers_and_never_fail(store: Store) -> None:
    drawn: list[int] = []

    def draw() -> None:
        for _ in range(10):
            with store.writing() as tx:
                drawn.append(next_seq(tx))

    assert _at_once(draw) == []
    assert len(set(drawn)) == 40
