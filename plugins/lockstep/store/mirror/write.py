"""Bulk writing of mirror rows and their match keys, in the drivers' fastest way."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import xxhash
from sqlalchemy import Connection, delete

from lockstep.store import tables as t
from lockstep.store.dialects import among, insert, is_postgres
from lockstep.store.types import instant_text


@dataclass(frozen=True, slots=True)
class Written:
    """A mirror row as it is stored; the order is that of the columns."""

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


_COLUMNS = tuple(Written.__slots__)
_KEPT = "".join(f", {name}=excluded.{name}" for name in _COLUMNS[4:])
_UPSERT = f"ON CONFLICT (system, object, id) DO UPDATE SET version=excluded.version{_KEPT}"
_INTO = f"INSERT INTO mirror ({', '.join(_COLUMNS)})"
_SQLITE = f"{_INTO} VALUES ({', '.join('?' * len(_COLUMNS))}) {_UPSERT}"
_ARRAYS = {"read_at": "timestamptz", "deleted_at": "timestamptz", "layout": "bigint", "due_seq": "bigint", "hash": "bytea"}
_POSTGRES = (
    f"{_INTO} SELECT * FROM unnest({', '.join(f'%s::{_ARRAYS.get(name, "text")}[]' for name in _COLUMNS)}) {_UPSERT}"
)


def digest(values: Sequence[str | None]) -> tuple[bytes, str]:
    """Hash and JSON text of positional values. The hash tells rows of one layout apart, nothing more."""
    payload = orjson.dumps(values)
    return xxhash.xxh3_128_digest(payload), payload.decode()


def upsert(tx: Connection, written: Sequence[Written]) -> None:
    """Insert the rows or replace them; each id may occur once. SQLite is fastest if they are sorted by id."""
    if not written:
        return
    if is_postgres(tx):
        tx.exec_driver_sql(_POSTGRES, tuple(map(list, zip(*map(_plain, written), strict=True))))
    else:
        tx.exec_driver_sql(_SQLITE, [_sqlite_row(row) for row in written])


def _plain(row: Written) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _COLUMNS)


def _sqlite_row(row: Written) -> tuple[Any, ...]:
    return (
        row.system,
        row.object,
        row.id,
        row.version,
        instant_text(row.read_at),
        row.layout,
        row.hash,
        instant_text(row.deleted_at) if row.deleted_at else None,
        row.gone,
        row.merged_into,
        row.merged_into_object,
        row.due_seq,
        row.moved,
        row.fields,
    )


def touch(tx: Connection, system: str, object: str, versions: Mapping[str, str], read_at: datetime) -> None:
    """Note newer versions of records whose fields of interest are as they were."""
    if not versions:
        return
    mark = "%s" if is_postgres(tx) else "?"
    at: Any = read_at if is_postgres(tx) else instant_text(read_at)
    tx.exec_driver_sql(
        f"UPDATE mirror SET version={mark}, read_at={mark} WHERE system={mark} AND object={mark} AND id={mark}",
        [(version, at, system, object, record_id) for record_id, version in versions.items()],
    )


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
    rows = [
        {"system": system, "object": object, "id": record_id, "key": key, "value": key_text(value)}
        for record_id, some in keys.items()
        for key, value in dict.fromkeys(some)
    ]
    if rows:
        tx.execute(insert(tx, t.mirror_key).on_conflict_do_nothing(), rows)


def key_text(value: str) -> str:
    """A key as it is stored and looked up: PostgreSQL's texts hold no NUL."""
    return value.replace("\0", "")
