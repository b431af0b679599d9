"""GROUP BY and aggregate functions."""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.salesforce.errors import rejected
from sandbox.salesforce.fields import NUMBER_TYPES, Field
from sandbox.salesforce.soql.condition import folding
from sandbox.salesforce.soql.paths import Resolved, Scope
from sandbox.salesforce.soql.tokens import malformed
from sandbox.salesforce.soql.tree import Column, Query
from sandbox.salesforce.store import Row

FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len({v.casefold() if isinstance(v, str) else v for v in values}),
    "SUM": lambda values: sum(values) if values else None,
    "AVG": lambda values: sum(values) / len(values) if values else None,
    "MIN": lambda values: min(values) if values else None,
    "MAX": lambda values: max(values) if values else None,
}


class Group:
    """The columns of a grouped query: group keys by path, aggregates by what they compute, shown under alias or exprN."""

    def __init__(self, scope: Scope, query: Query) -> None:
        self.scope, self.query = scope, query
        self.keys = [scope.resolve(column) for column in query.group]
        self.functions: dict[str, tuple[str, Resolved]] = {}
        self.shown: list[tuple[str, str]] = []
        for number, column in enumerate(query.columns):
            self._select(column, number)
        if query.count:
            self.shown.append(("expr0", self._aggregate(Column(("Id",), query.source_at, "COUNT"))))
        self.names = tuple(name for name, _ in self.shown)

    def _select(self, column: Column, number: int) -> None:
        if column.function:
            unnamed = sum(1 for earlier in self.query.columns[:number] if earlier.function and not earlier.alias)
            self.shown.append((column.alias or f"expr{unnamed}", self._aggregate(column)))
            return
        path = self.scope.resolve(column).path
        if path not in [key.path for key in self.keys]:
            message = f"Field must be grouped or aggregated: {'.'.join(path)}"
            raise malformed(self.query.text, column.at, message)
        self.shown.append((column.alias or path[-1], ".".join(path)))

    def _aggregate(self, column: Column) -> str:
        resolved = self.scope.resolve(column)
        function = column.function or ""
        if function in {"SUM", "AVG"} and resolved.field.type not in NUMBER_TYPES:
            message = f"field {'.'.join(resolved.path)} does not support aggregate operator {function}"
            raise malformed(self.query.text, column.at, message)
        key = f"{function}({'.'.join(resolved.path)})"
        self.functions[key] = (function, resolved)
        return key

    def resolve(self, column: Column) -> Resolved:
        """Return a grouped row's column, for HAVING and ORDER BY."""
        if column.function:
            key = self._aggregate(column)
            kind = "double" if column.function in {"COUNT", "COUNT_DISTINCT"} else self.functions[key][1].field.type
            return Resolved(Field(name=key, type=kind), lambda row: row[key], (key,))
        resolved = self.scope.resolve(column)
        key = ".".join(resolved.path)
        if resolved.path not in [k.path for k in self.keys]:
            raise rejected("MALFORMED_QUERY", f"Ordered field must be grouped or aggregated: {key}")
        return Resolved(resolved.field, lambda row: row[key], resolved.path)

    def show(self, row: Row) -> dict[str, Any]:
        """Return a grouped row as JSON."""
        return {"attributes": {"type": "AggregateResult"}} | {name: row[key] for name, key in self.shown}


def grouped(table: Group, rows: Iterable[Row]) -> list[Row]:
    """Return one row per group, with every group key and aggregate that the query mentions anywhere."""
    for order in table.query.order:
        table.resolve(order.column)
    _mention(table, table.query.having)
    reads = [folding(key.get, key.field) for key in table.keys]
    groups: dict[tuple[Any, ...], list[Row]] = {} if table.keys else {(): []}
    for row in rows:
        groups.setdefault(tuple(read(row) for read in reads), []).append(row)
    return [_totals(table, members) for members in groups.values()]


def _mention(table: Group, condition: Any) -> None:
    if condition is None:
        return
    for part in getattr(condition, "parts", ()):
        _mention(table, part)
    _mention(table, getattr(condition, "inner", None))
    if column := getattr(condition, "column", None):
        table.resolve(column)


def _totals(table: Group, members: list[Row]) -> Row:
    out = {".".join(key.path): key.get(members[0]) for key in table.keys}
    for key, (function, resolved) in table.functions.items():
        values = [value for row in members if (value := resolved.get(row)) is not None]
        out[key] = FUNCTIONS[function](values)
    return out
