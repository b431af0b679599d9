"""Column types that mean the same in SQLite and PostgreSQL."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, Integer, Text, types
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

#: text that sorts by code point on both databases: ids, versions and keys are compared, never read aloud
Code = Text().with_variant(Text(collation="C"), "postgresql")

#: SQLite counts only an INTEGER primary key up by itself
Id = BigInteger().with_variant(Integer(), "sqlite")


@lru_cache(maxsize=256)
def instant_text(at: datetime) -> str:
    """Aware datetime -> ISO-8601 UTC with microseconds and `Z`: sorts as text. (Cached: all rows of a page have one time.)"""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def version_text(at: datetime) -> str:
    """Aware datetime -> ISO-8601 UTC with milliseconds and `Z`: the form of record versions (see `lockstep.model`)."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(maxsize=256)
def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def told_instant(value: str | datetime) -> datetime:
    """A time as the drivers tell it: SQLite's as text."""
    return _instant(value) if isinstance(value, str) else value.astimezone(UTC)


class Instant(types.TypeDecorator[datetime]):
    """An aware UTC time: `timestamptz` in PostgreSQL, ISO text in SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        postgres = dialect.name == "postgresql"
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if postgres else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"the store takes aware times only, not {value!r}")
        return value if dialect.name == "postgresql" else instant_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else told_instant(value)


class Json(types.TypeDecorator[Any]):
    """A JSON value as text. Not PostgreSQL's jsonb: it refuses NUL characters, which vendors' texts may hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else encode(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class Words(types.TypeDecorator[str]):
    """Text from outside, such as error messages: NUL characters, which PostgreSQL refuses, are left out."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.replace("\0", "")

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value


def encode(value: Any) -> str:
    """JSON text; mappings of any kind and tuples are taken, everything else that JSON lacks is a TypeError."""
    return orjson.dumps(value, default=_plain).decode()


def _plain(value: Any) -> Any:
    if hasattr(value, "keys"):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be stored as JSON")
