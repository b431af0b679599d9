"""CRM search: filters over the search index, which lags behind the records.

Rules (CRM search guide): groups are OR, filters AND; at most 5 groups, 6 filters each, 18 in all; pages of at most 200
and never beyond 10,000 results; a body of at most 3,000 characters; one sort. Comparison is case-insensitive except
for enumerations, and IN / NOT_IN on text want lower-case values. Archived and merged-away records are never found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.hubspot.errors import invalid
from sandbox.hubspot.shapes import as_int
from sandbox.hubspot.stamps import parse_date, parse_datetime

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal
    from sandbox.hubspot.records import Properties, Table

BODY_MAX, RESULTS_MAX, PAGE_MAX, GROUPS_MAX, FILTERS_MAX, FILTERS_TOTAL = 3_000, 10_000, 200, 5, 6, 18
ASSOCIATIONS = "associations."
SEARCHES_KEPT = 7
Test = Callable[[int, "Properties"], bool]
Key = Callable[[str], Any]
BINARY = {
    "EQ": lambda a, b: a == b,
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
}
OPERATORS = (
    "LT", "LTE", "GT", "GTE", "EQ", "NEQ", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN",
)  # fmt: skip
QUERY_PROPERTIES = (
    "email",
    "firstname",
    "lastname",
    "phone",
    "company",
    "name",
    "domain",
    "website",
    "dealname",
    "subject",
)


def search(
    portal: Portal, table: Table, body: dict[str, Any], size: int
) -> tuple[int, list[tuple[int, Properties]], int | None]:
    """Total, the page's (id, indexed properties), and the offset of the next page; raises 400 for a bad request."""
    if size > BODY_MAX:
        raise invalid(f"The request body is too long: {size} > {BODY_MAX} characters.")
    limit, offset = page_of(portal, body)
    found = found_by(portal, table, body)
    after = offset + limit
    page = [(record_id, table.index[record_id]) for record_id in found[offset:after]]
    return len(found), page, after if after < len(found) else None


def found_by(portal: Portal, table: Table, body: dict[str, Any]) -> list[int]:
    """The ids that match, in order. Kept until the index changes, since clients page through one question."""
    groups = groups_of(body)
    tests = [group_test(portal, table, row) for row in groups]
    catch_up(portal, table)
    key = orjson.dumps([groups, body.get("query"), body.get("sorts"), table.index_version])
    if key not in table.searches or b'"' + ASSOCIATIONS.encode() in key:
        table.searches = dict(list(table.searches.items())[-SEARCHES_KEPT:])
        table.searches[key] = evaluate(table, body, tests)
    return table.searches[key]


def evaluate(table: Table, body: dict[str, Any], tests: list[Test]) -> list[int]:
    found = [item for item in table.index.items() if not tests or any(test(*item) for test in tests)]
    if query := str(body.get("query") or "").lower():
        names = table.kind.searchable or QUERY_PROPERTIES
        found = [item for item in found if matches_query(query, names, item[1])]
    sort(table, found, body.get("sorts"))
    return [record_id for record_id, _ in found]


def catch_up(portal: Portal, table: Table) -> None:
    """Let everything into the index whose lag is over."""
    now = portal.clock.now().timestamp()
    while table.pending and table.pending[0][0] <= now:
        _, record_id, properties = table.pending.popleft()
        table.index_version += 1
        if properties is None or (record_id not in table.live):
            table.index.pop(record_id, None)
        else:
            table.index[record_id] = properties


def page_of(portal: Portal, body: dict[str, Any]) -> tuple[int, int]:
    limit, offset = as_int(body.get("limit", 10)), as_int(body.get("after") or 0)
    if not 0 <= limit <= PAGE_MAX:
        raise invalid(f"limit must be between 0 and {PAGE_MAX}")
    if offset < 0:
        raise invalid("after must be a number")
    if offset + limit > RESULTS_MAX:
        raise invalid(str(portal.settings["results_max_text"]).format(most=RESULTS_MAX))
    return limit or 10, offset


def groups_of(body: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The filter groups, with a bare `filters` as one group; 400 beyond the limits."""
    groups = body.get("filterGroups") or ([{"filters": body["filters"]}] if body.get("filters") else [])
    if not isinstance(groups, list) or not all(isinstance(row, dict) for row in groups):
        raise invalid("Invalid input JSON: filterGroups must be a list of objects")
    found = [row.get("filters") or [] for row in groups]
    if not all(isinstance(row, list) and all(isinstance(item, dict) for item in row) for row in found):
        raise invalid("Invalid input JSON: filters must be a list of objects")
    if len(found) > GROUPS_MAX:
        raise invalid(f"The maximum number of filter groups is {GROUPS_MAX}")
    if any(len(row) > FILTERS_MAX for row in found) or sum(map(len, found)) > FILTERS_TOTAL:
        raise invalid(f"The maximum number of filters is {FILTERS_MAX} per group and {FILTERS_TOTAL} in all")
    return [row for row in found if row]


def group_test(portal: Portal, table: Table, filters: list[dict[str, Any]]) -> Test:
    tests = [filter_test(portal, table, row) for row in filters]
    return lambda record_id, properties: all(test(record_id, properties) for test in tests)


def filter_test(portal: Portal, table: Table, row: dict[str, Any]) -> Test:
    name, operator = str(row.get("propertyName", "")), row.get("operator")
    if operator not in OPERATORS:
        raise invalid(f"Invalid input JSON: operator {operator!r} is not one of {list(OPERATORS)}")
    if name.startswith(ASSOCIATIONS):
        return association_test(portal, table, name.removeprefix(ASSOCIATIONS), operator, row)
    if name not in table.properties:
        raise invalid(f"There was a problem with the request: property {name!r} does not exist")
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        present = operator == "HAS_PROPERTY"
        return lambda _, properties: (properties.get(name) is not None) == present
    kind = table.properties[name].type
    if kind in ("date", "datetime") and not portal.settings["search_iso_dates"]:
        refuse_iso(name, [row.get("value"), row.get("highValue"), *(row.get("values") or ())])
    return value_test(table, name, operator, row)


def refuse_iso(name: str, values: list[Any]) -> None:
    """400 for a date that is not in milliseconds."""
    if wrong := [value for value in values if value is not None and as_int(value) < 0]:
        raise invalid(f"The value {wrong[0]!r} is not valid for the property {name}")


def value_test(table: Table, name: str, operator: str, row: dict[str, Any]) -> Test:
    key = key_of(table, name)
    if operator in ("IN", "NOT_IN"):
        return in_test(table, name, operator, listed(row), key)
    if operator.endswith("CONTAINS_TOKEN"):
        return token_test(name, operator, str(need(row, "value")))
    value = parsed(key, name, need(row, "value"))
    if operator == "BETWEEN":
        high = parsed(key, name, need(row, "highValue"))
        return lambda _, properties: (held := properties.get(name)) is not None and value <= key(held) <= high
    if operator == "NEQ":
        return lambda _, properties: (held := properties.get(name)) is None or key(held) != value
    compare = BINARY[operator]
    return lambda _, properties: (held := properties.get(name)) is not None and compare(key(held), value)


def key_of(table: Table, name: str) -> Key:
    """How values of a property compare: numbers as numbers, times as times, enumerations exactly, text without case."""
    kind = table.properties[name].type
    if kind == "number":
        return float
    if kind in ("date", "datetime"):
        return _time_key(parse_date if kind == "date" else parse_datetime)
    return str if kind in ("enumeration", "bool") else str.lower


def _time_key(parse: Callable[[str], str | None]) -> Key:
    def key(text: str) -> str:
        if text.endswith("Z") and len(text) == 24:
            return text  # already canonical: the stored form
        stamp = parse(text) or parse_datetime(text)
        if stamp is None:
            raise ValueError(text)
        return stamp

    return key


def parsed(key: Key, name: str, value: Any) -> Any:
    try:
        return key(str(value))
    except ValueError:
        raise invalid(f"The value {value!r} is not valid for the property {name}") from None


def need(row: dict[str, Any], part: str) -> Any:
    if row.get(part) is None:
        raise invalid(f"Invalid input JSON: operator {row.get('operator')} needs {part}")
    return row[part]


def listed(row: dict[str, Any]) -> list[str]:
    values = need(row, "values")
    if not isinstance(values, list):
        raise invalid("Invalid input JSON: values must be a list")
    return [str(value) for value in values]


def in_test(table: Table, name: str, operator: str, values: list[str], key: Key) -> Test:
    """Text is looked up in lower case as it was given: a value with capitals finds nothing."""
    text = table.properties[name].type in ("string", "phone_number")
    wanted = set(values) if text else {parsed(key, name, value) for value in values}
    positive = operator == "IN"

    def test(_: int, properties: Properties) -> bool:
        held = properties.get(name)
        return (held is not None and key(held) in wanted) == positive

    return test


def token_test(name: str, operator: str, value: str) -> Test:
    pattern = re.compile(re.escape(value.lower()).replace(r"\*", r"\S*"))
    positive = operator == "CONTAINS_TOKEN"

    def test(_: int, properties: Properties) -> bool:
        held = (properties.get(name) or "").lower()
        tokens = [held, *re.split(r"[\s@.,;:/_()\"-]+", held), *held.split()]
        return any(pattern.fullmatch(token) for token in tokens if token) == positive

    return test


def association_test(portal: Portal, table: Table, target: str, operator: str, row: dict[str, Any]) -> Test:
    if operator not in ("EQ", "IN"):
        raise invalid(f"Invalid operator {operator} for {ASSOCIATIONS}{target}: use EQ or IN")
    other = portal.table(target).kind.plural
    if other in portal.schemas:
        raise invalid(f"Searching by associations with custom objects is not supported: {ASSOCIATIONS}{target}")
    wanted = {as_int(value) for value in (listed(row) if operator == "IN" else [need(row, "value")])}
    plural = table.kind.plural
    return lambda record_id, _: not wanted.isdisjoint(portal.links.of((plural, record_id), other))


def matches_query(query: str, names: Iterable[str], properties: Properties) -> bool:
    held = " ".join(str(properties.get(name) or "") for name in names).lower()
    return all(token in held for token in query.split())


def sort(table: Table, found: list[tuple[int, Properties]], sorts: Any) -> None:
    """By the one sort that was asked for, else by creation; records without a value come last."""
    if sorts and (not isinstance(sorts, list) or len(sorts) > 1):
        raise invalid("Only one sort is allowed")
    asked = sorts[0] if sorts else table.kind.created
    rule = asked if isinstance(asked, dict) else {"propertyName": str(asked).lstrip("-"), "direction": direction(asked)}
    name, descending = str(rule.get("propertyName", "")), rule.get("direction", "ASCENDING") == "DESCENDING"
    if name not in table.properties:
        raise invalid(f"There was a problem with the request: sort property {name!r} does not exist")
    key = key_of(table, name)
    found.sort(key=lambda item: item[0])
    with_value = [item for item in found if item[1].get(name) is not None]
    without = [item for item in found if item[1].get(name) is None]
    with_value.sort(key=lambda item: key(item[1][name] or ""), reverse=descending)
    found[:] = with_value + without


def direction(asked: Any) -> str:
    return "DESCENDING" if str(asked).startswith("-") else "ASCENDING"
