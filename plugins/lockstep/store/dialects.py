"""The few places where SQLite and PostgreSQL speak differently."""

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    any_,
    bindparam,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY


def is_postgres(tx: Connection) -> bool:
    return tx.dialect.name == "postgresql"


def insert(tx: Connection, table: Table) -> Any:
    """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if is_postgres(tx) else sqlite.insert(table)


def among(tx: Connection, column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """`column IN values`, for any number of texts or whole numbers, as one parameter: the statement stays the same."""
    items = sorted(set(values))
    if is_postgres(tx):
        kind = BigInteger() if isinstance(column.type, Integer) else Text()
        return column == any_(bindparam(None, items, type_=ARRAY(kind)))
    elements = func.json_each(literal(orjson.dumps(items).decode(), Text())).table_valued("value")
    return column.in_(select(elements.c.value))


def holds(tx: Connection, column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """True where the text holds this part, with ASCII letters in any case; other letters must be the same.

    Not for parts with the signs of a LIKE pattern. (SQLite's LIKE takes no notice of case by itself, PostgreSQL's ILIKE goes
    by the collation of the column, which is C.)
    """
    return column.ilike(f"%{part}%") if is_postgres(tx) else column.like(f"%{part}%")


def lock(tx: Connection, *name: str) -> None:
    """Hold a lock of this name until the transaction ends. SQLite's writers are alone anyway."""
    if is_postgres(tx):
        tx.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": "lockstep:" + "/".join(name)}
        )


def hour(tx: Connection, at: ColumnElement[Any]) -> ColumnElement[str]:
    """The hour of an instant as text: `2026-03-01T14`, UTC."""
    if is_postgres(tx):
        return func.to_char(func.timezone("UTC", at), 'YYYY-MM-DD"T"HH24')
    return func.substr(at, 1, 13)


def day(tx: Connection, at: ColumnElement[Any]) -> ColumnElement[str]:
    """The day of an instant as text: `2026-03-01`, UTC."""
    if is_postgres(tx):
        return func.to_char(func.timezone("UTC", at), "YYYY-MM-DD")
    return func.substr(at, 1, 10)
