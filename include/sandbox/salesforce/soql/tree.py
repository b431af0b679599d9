"""The parsed form of a query."""

from dataclasses import dataclass, field

Path = tuple[str, ...]


@dataclass(frozen=True)
class Literal:
    """A value in a condition. ``kind``: string, number, boolean, null, date, datetime, range (a date literal)."""

    kind: str
    text: str
    count: int | None = None


@dataclass(frozen=True)
class Column:
    """A selected field or aggregate (``function`` is upper case; ``path`` is empty for COUNT())."""

    path: Path
    at: int
    function: str | None = None
    alias: str | None = None


@dataclass(frozen=True)
class Compare:
    """``path operator value``; operator is one of = != < > <= >= LIKE."""

    column: Column
    operator: str
    value: Literal


@dataclass(frozen=True)
class Within:
    """IN, NOT IN, INCLUDES, EXCLUDES with a list or, for the first two, a query."""

    column: Column
    operator: str
    values: tuple[Literal, ...] = ()
    query: "Query | None" = None


@dataclass(frozen=True)
class Not:
    inner: "Condition"


@dataclass(frozen=True)
class Both:
    """Conditions joined by AND or OR."""

    operator: str
    parts: "tuple[Condition, ...]"


Condition = Compare | Within | Not | Both


@dataclass(frozen=True)
class Order:
    """A column to sort by; ``nulls_last`` is None where the query does not say."""

    column: Column
    descending: bool = False
    nulls_last: bool | None = None


@dataclass(frozen=True)
class Query:
    """One query. ``fields_all`` is ALL, STANDARD or CUSTOM for FIELDS(...); ``count`` is a bare SELECT COUNT()."""

    source: str
    source_at: int
    text: str
    columns: tuple[Column, ...] = ()
    children: "tuple[Query, ...]" = ()
    fields_all: str | None = None
    count: bool = False
    alias: str | None = None
    where: Condition | None = None
    group: tuple[Column, ...] = ()
    having: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    order_of_select: tuple[str, ...] = field(default=())
