"""Compiles conditions to functions of a row. Logic is two-valued: a comparison with a null is false, ``!=`` is true."""

import operator
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sandbox.salesforce.errors import Rejected, rejected
from sandbox.salesforce.fields import NUMBER_TYPES, TEXT_TYPES, Field
from sandbox.salesforce.ids import to18
from sandbox.salesforce.org import Org
from sandbox.salesforce.soql.dates import day_range
from sandbox.salesforce.soql.parse import parse_condition
from sandbox.salesforce.soql.paths import Resolved, Scope
from sandbox.salesforce.soql.tokens import like_pattern, malformed, unescape
from sandbox.salesforce.soql.tree import Both, Column, Compare, Condition, Literal, Not, Query, Within
from sandbox.salesforce.store import Row

Test = Callable[[Row], bool]
ORDERING = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
SubQuery = Callable[[Query], set[Any]]
ID_TYPES = frozenset({"id", "reference"})
KINDS = {"boolean": "boolean", "date": "date", "datetime": "dateTime"}


def matcher(org: Org, name: str, text: str) -> Test:
    """Compile a rule's condition on an object of the organisation; ValueError if it is not one."""
    try:
        condition = parse_condition(text)
        test = Compiler(Scope(org, org.full[name], text), _no_queries).compile(condition)
    except Rejected as error:
        raise ValueError(f"not a condition on {name}: {text!r}: {error}") from error
    blank = {f.name: False if f.type == "boolean" else None for f in org.full[name].fields.values()}
    return lambda row: test(blank | row)


def _no_queries(query: Query) -> set[Any]:
    raise rejected("MALFORMED_QUERY", "a rule's condition has no sub-queries")


class Compiler:
    """Compiles the conditions of one query."""

    def __init__(self, scope: Scope, run: SubQuery, resolve: Callable[[Column], Resolved] | None = None) -> None:
        self.scope, self.run = scope, run
        self.resolve = resolve or scope.resolve

    def compile(self, condition: Condition) -> Test:
        """Return the test of a condition; Rejected if a field, type or value is wrong."""
        if isinstance(condition, Both):
            return self._both(condition)
        if isinstance(condition, Not):
            inner = self.compile(condition.inner)
            return lambda row: not inner(row)
        resolved = self.resolve(condition.column)
        if not resolved.field.filterable:
            raise rejected("INVALID_FIELD", f"field '{resolved.field.name}' can not be filtered in a query call")
        if isinstance(condition, Within):
            return self._within(condition, resolved)
        return self._compare(condition, resolved)

    def _both(self, condition: Both) -> Test:
        tests = [self.compile(part) for part in condition.parts]
        if condition.operator == "AND":
            return lambda row: all(test(row) for test in tests)
        return lambda row: any(test(row) for test in tests)

    # --- comparisons -----------------------------------------------------------------------------------------------
    def _compare(self, condition: Compare, resolved: Resolved) -> Test:
        get, field, literal = resolved.get, resolved.field, condition.value
        if condition.operator == "LIKE":
            return self._like(condition, resolved)
        if literal.kind == "range":
            return self._range(condition, resolved)
        value = self.value(field, literal, condition.column)
        read = folding(get, field)
        if condition.operator == "=":
            return lambda row: read(row) == value
        if condition.operator == "!=":
            return lambda row: read(row) != value
        return self._ordered(condition, field, read, value)

    def _ordered(self, condition: Compare, field: Field, read: Callable[[Row], Any], value: Any) -> Test:
        if field.type == "boolean":
            raise rejected("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {field.type} field")
        if value is None:
            return lambda row: False
        test = ORDERING[condition.operator]
        return lambda row: (held := read(row)) is not None and test(held, value)

    def _like(self, condition: Compare, resolved: Resolved) -> Test:
        if resolved.field.type not in TEXT_TYPES:
            raise rejected("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {resolved.field.type} field")
        try:
            pattern = like_pattern(condition.value.text)
        except ValueError as error:
            raise malformed(self.scope.text, condition.column.at, str(error)) from error
        get = resolved.get
        return lambda row: (held := get(row)) is not None and pattern.fullmatch(held) is not None

    def _range(self, condition: Compare, resolved: Resolved) -> Test:
        get, field = resolved.get, resolved.field
        low, high = self.bounds(field, condition.value, condition.column)
        tests: dict[str, Callable[[Any], bool]] = {
            "=": lambda held: held is not None and low <= held < high,
            "!=": lambda held: held is None or not low <= held < high,
            "<": lambda held: held is not None and held < low,
            ">": lambda held: held is not None and held >= high,
            "<=": lambda held: held is not None and held < high,
            ">=": lambda held: held is not None and held >= low,
        }
        test = tests[condition.operator]
        return lambda row: test(get(row))

    def bounds(self, field: Field, literal: Literal, column: Column) -> tuple[str, str]:
        """Return the first value of a date literal's range and the first one after it."""
        if field.type not in {"date", "datetime"}:
            raise self.wrong_type(field)
        try:
            low, high = day_range(literal.text, literal.count, self.scope.org.clock.now().date())
        except (ValueError, OverflowError):
            raise malformed(self.scope.text, column.at, f"unexpected token: '{literal.text}'") from None
        return _edge(field, low), _edge(field, high)

    # --- lists -----------------------------------------------------------------------------------------------------
    def _within(self, condition: Within, resolved: Resolved) -> Test:
        read, field = folding(resolved.get, resolved.field), resolved.field
        if condition.operator in {"INCLUDES", "EXCLUDES"}:
            return self._includes(condition, resolved)
        if condition.query is not None:
            values = {fold(value, field) for value in self.run(condition.query)}
        else:
            values = {self.value(field, literal, condition.column) for literal in condition.values}
        if condition.operator == "IN":
            return lambda row: read(row) in values
        return lambda row: read(row) not in values

    def _includes(self, condition: Within, resolved: Resolved) -> Test:
        if resolved.field.type != "multipicklist":
            raise rejected("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {resolved.field.type} field")
        wanted = [frozenset(unescape(value.text).casefold().split(";")) for value in condition.values]
        get, include = resolved.get, condition.operator == "INCLUDES"

        def test(row: Row) -> bool:
            held = frozenset((get(row) or "").casefold().split(";"))
            return any(part <= held for part in wanted) is include

        return test

    # --- values ----------------------------------------------------------------------------------------------------
    def value(self, field: Field, literal: Literal, column: Column) -> Any:
        """Return a literal in the form in which a field's values are compared; Rejected if the types differ."""
        if literal.kind == "null":
            return None
        if field.type in ID_TYPES or field.type in TEXT_TYPES:
            return self._text(field, literal, column)
        if field.type in NUMBER_TYPES and literal.kind == "number":
            return float(literal.text)
        if field.type == "boolean" and literal.kind == "boolean":
            return literal.text == "TRUE"
        if field.type == literal.kind == "date":
            return self._date(literal, column)
        if field.type == literal.kind == "datetime":
            return self._datetime(literal, column)
        raise self.wrong_type(field)

    def _text(self, field: Field, literal: Literal, column: Column) -> str | None:
        if literal.kind != "string":
            raise self.wrong_type(field)
        try:
            text = unescape(literal.text)
        except ValueError as error:
            raise malformed(self.scope.text, column.at, str(error)) from error
        if field.type not in ID_TYPES:
            return text.casefold() or None
        if not text:
            return None
        try:
            return to18(text)
        except ValueError:
            raise rejected("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}") from None

    def _date(self, literal: Literal, column: Column) -> str:
        try:
            return date.fromisoformat(literal.text).isoformat()
        except ValueError as error:
            raise malformed(self.scope.text, column.at, f"Invalid date: {literal.text}") from error

    def _datetime(self, literal: Literal, column: Column) -> str:
        try:
            at = datetime.fromisoformat(literal.text.replace("Z", "+00:00")).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise malformed(self.scope.text, column.at, f"Invalid datetime: {literal.text}") from error
        return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}+0000"

    @staticmethod
    def wrong_type(field: Field) -> Rejected:
        """Return the refusal of a value of another type than the field's."""
        text = field.type in TEXT_TYPES | ID_TYPES
        kind = "string" if text else KINDS.get(field.type, field.type)
        quotes = "should be enclosed in quotes" if text else "should not be enclosed in quotes"
        message = f"value of filter criterion for field '{field.name}' must be of type {kind} and {quotes}"
        return rejected("INVALID_FIELD", message)


def folding(get: Callable[[Row], Any], field: Field) -> Callable[[Row], Any]:
    """Return a getter of values in the form in which they are compared: text without regard to case."""
    if field.type not in TEXT_TYPES:
        return get
    return lambda row: held.casefold() if (held := get(row)) else None


def fold(value: Any, field: Field) -> Any:
    """Return one value in the form in which a field's values are compared."""
    return value.casefold() if field.type in TEXT_TYPES and value is not None else value


def _edge(field: Field, day: date) -> str:
    return day.isoformat() if field.type == "date" else f"{day.isoformat()}T00:00:00.000+0000"
