"""Bulk writing of mirror rows and their match keys, in the drivers' fastest way."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

import orjson
import xxhash
from sqlalchemy import Connection, delete

from lockstep.store import tables as t
from lockstep.store.dialects import among, is_postgres
from lockstep.store.types import instant_text


class Written(NamedTuple):
    """A mirror row as it is stored; the order is that of the columns. (A tuple, since the hot path makes one per record.)"""

    system: str
    object: str
    id: str
    version: str
    read_at: datetime
    layout: int
    hash: bytes
    deleted_at: datetime | None
    gone: str | None
    merged_into: str | None
    merged_into_object: str | None
    due_seq: int | None
    moved: str | None
    fields: str


_COLUMNS = tuple(Written._fields)
_KEPT = "".join(f", {name}=excluded.{name}" for name in _COLUMNS[4:])
_UPSERT = f"ON CONFLICT (system, object, id) DO UPDATE SET version=excluded.version{_KEPT}"
_INTO = f"INSERT INTO mirror ({', '.join(_COLUMNS)})"
#: of one statement of SQLite, which takes 32,766 values
_ROWS = 500
_PAGE = "CREATE TEMPORARY TABLE IF NOT EXISTS mirror_page (LIKE mirror) ON COMMIT DELETE ROWS"
_COPY = f"COPY mirror_page ({', '.join(_COLUMNS)}) FROM STDIN"
_TAKE = f"{_INTO} SELECT {', '.join(_COLUMNS)} FROM mirror_page {_UPSERT}"


def digest(values: Sequence[str | None]) -> tuple[bytes, str]:
    """Hash and JSON text of positional values. The hash tells rows of one layout apart, nothing more."""
    payload = orjson.dumps(values)
    return xxhash.xxh3_128_digest(payload), payload.decode()


def upsert(tx: Connection, written: Sequence[Written]) -> None:
    """Insert the rows or replace them; each id may occur once. SQLite is fastest if they are sorted by id."""
    if not written:
        return
    if is_postgres(tx):
        _copy(tx, written)
    else:
        _insert_sqlite(tx, _INTO, [_sqlite_row(row) for row in written], _UPSERT)


def _copy(tx: Connection, written: Sequence[Written]) -> None:
    tx.exec_driver_sql(_PAGE)
    driver: Any = tx.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in written:
            copy.write_row(row)
    tx.exec_driver_sql(_TAKE)
    tx.exec_driver_sql("TRUNCATE mirror_page")


def _insert_sqlite(tx: Connection, into: str, rows: Sequence[Sequence[Any]], conflict: str) -> None:
    """Many rows a statement: between two statements the driver takes Python's lock again, for which it would wait each time
    while another thread reads the next page."""
    marks = f"({', '.join('?' * len(rows[0]))})"
    whole = len(rows) - len(rows) % _ROWS
    many = f"{into} VALUES {', '.join([marks] * _ROWS)} {conflict}"
    for at in range(0, whole, _ROWS):
        tx.exec_driver_sql(many, tuple(chain.from_iterable(rows[at : at + _ROWS])))
    if rest := rows[whole:]:
        tx.exec_driver_sql(f"{into} VALUES {marks} {conflict}", rest)


def _sqlite_row(row: Written) -> tuple[Any, ...]:
    deleted_at = instant_text(row.deleted_at) if row.deleted_at else None
    return (*row[:4], instant_text(row.read_at), *row[5:7], deleted_at, *row[8:])


_TOUCH_SQLITE = "UPDATE mirror SET version=?, read_at=? WHERE system=? AND object=? AND id=?"
_TOUCH_POSTGRES = """
UPDATE mirror SET version=newer.version, read_at=%s FROM unnest(%s::text[], %s::text[]) AS newer(id, version)
WHERE mirror.system=%s AND mirror.object=%s AND mirror.id=newer.id
"""


def touch(tx: Connection, system: str, object: str, versions: Mapping[str, str], read_at: datetime) -> None:
    """Note newer versions (id -> version) of records whose fields of interest are as they were."""
    if not versions:
        return
    if is_postgres(tx):
        told = (read_at, list(versions), list(versions.values()), system, object)
        tx.exec_driver_sql(_TOUCH_POSTGRES, told)
    else:
        at = instant_text(read_at)
        rows = [(version, at, system, object, record_id) for record_id, version in versions.items()]
        tx.exec_driver_sql(_TOUCH_SQLITE, rows)


_KEYS = "INSERT INTO mirror_key (system, object, id, key, value)"
_KEYS_POSTGRES = f"{_KEYS} SELECT %s, %s, * FROM unnest(%s::text[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING"


def replace_keys(
    tx: Connection,
    system: str,
    object: str,
    keys: Mapping[str, Iterable[tuple[str, str]]],
    known: Collection[str],
) -> None:
    """Set the match keys of records (id -> (key, value)); `known`: those that may have keys from before."""
    if known:
        own = (t.mirror_key.c.system == system) & (t.mirror_key.c.object == object)
        tx.execute(delete(t.mirror_key).where(own & among(tx, t.mirror_key.c.id, known)))
    rows = [(record_id, key, key_text(value)) for record_id, some in keys.items() for key, value in dict.fromkeys(some)]
    if not rows:
        return
    if is_postgres(tx):
        tx.exec_driver_sql(_KEYS_POSTGRES, (system, object, *map(list, zip(*rows, strict=True))))
    else:
        _insert_sqlite(tx, _KEYS, [(system, object, *row) for row in rows], "ON CONFLICT DO NOTHING")


def key_text(value: str) -> str:
    """A key as it is stored and looked up: PostgreSQL's texts hold no NUL."""
    return value.replace("\0", "")
