"""Filter branches of lists, as tests of one record.

Source: the list filters guide (branch types, filter types, operations and their operators). Modelled are PROPERTY and
IN_LIST filters, and OR, AND and ASSOCIATION branches; anything else is refused when the list is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.hubspot import shapes
from sandbox.hubspot.errors import invalid
from sandbox.hubspot.stamps import iso_of_milliseconds

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal
    from sandbox.hubspot.records import Record

Test = Callable[["Record"], bool]
Compare = Callable[[str], bool]

ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "IS_EQUAL_TO": lambda a, b: a == b,
    "IS_NOT_EQUAL_TO": lambda a, b: a != b,
    "IS_GREATER_THAN": lambda a, b: a > b,
    "IS_GREATER_THAN_OR_EQUAL_TO": lambda a, b: a >= b,
    "IS_LESS_THAN": lambda a, b: a < b,
    "IS_LESS_THAN_OR_EQUAL_TO": lambda a, b: a <= b,
    "IS_AFTER": lambda a, b: a > b,
    "IS_BEFORE": lambda a, b: a < b,
    "IS_AFTER_DATE": lambda a, b: a > b,
    "IS_BEFORE_DATE": lambda a, b: a < b,
}
TEXT: dict[str, Callable[[str, str], bool]] = {
    "IS_EQUAL_TO": lambda held, value: held == value,
    "CONTAINS": lambda held, value: value in held,
    "STARTS_WITH": lambda held, value: held.startswith(value),
    "ENDS_WITH": lambda held, value: held.endswith(value),
}
TEXT_NOT = {"IS_NOT_EQUAL_TO": "IS_EQUAL_TO", "DOES_NOT_CONTAIN": "CONTAINS"}
CHOICE: dict[str, Callable[[set[str], set[str]], bool]] = {
    "IS_ANY_OF": lambda held, values: bool(held & values),
    "IS_NONE_OF": lambda held, values: not held & values,
    "IS_EXACTLY": lambda held, values: held == values,
    "IS_NOT_EXACTLY": lambda held, values: held != values,
    "CONTAINS_ALL": lambda held, values: held >= values,
    "DOES_NOT_CONTAIN_ALL": lambda held, values: not held >= values,
}


def compiled(portal: Portal, plural: str, branch: Any) -> Test:
    """The test of a whole tree, whose root must be OR over AND branches; 400 for what HubSpot or the sandbox lacks."""
    root = shapes.mapping(branch, "filterBranch")
    if root.get("filterBranchType") != "OR":
        raise invalid("The root filter branch must be of type OR.")
    if any(row.get("filterBranchType") != "AND" for row in children(root)) or root.get("filters"):
        raise invalid("The root OR filter branch may only have AND filter branches.")
    return branch_test(portal, plural, root)


def children(branch: dict[str, Any]) -> list[dict[str, Any]]:
    return shapes.rows(branch.get("filterBranches"), "filterBranches")


def branch_test(portal: Portal, plural: str, branch: dict[str, Any]) -> Test:
    kind = branch.get("filterBranchType")
    if kind == "ASSOCIATION":
        return association_test(portal, plural, branch)
    if kind not in ("OR", "AND"):
        raise invalid(f"Filter branches of type {kind!r} are not supported: use OR, AND or ASSOCIATION.")
    tests = parts_of(portal, plural, branch)
    if kind == "OR":
        return lambda record: any(test(record) for test in tests)
    return lambda record: all(test(record) for test in tests)


def parts_of(portal: Portal, plural: str, branch: dict[str, Any]) -> list[Test]:
    inner = [branch_test(portal, plural, row) for row in children(branch)]
    return inner + [filter_test(portal, plural, row) for row in shapes.rows(branch.get("filters"), "filters")]


def association_test(portal: Portal, plural: str, branch: dict[str, Any]) -> Test:
    """Some linked record, by an association type, passes all filters of the branch."""
    target = portal.table(str(branch.get("objectTypeId"))).kind.plural
    type_id = shapes.as_int(branch.get("associationTypeId"))
    if type_id not in portal.links.kinds(plural, target):
        raise invalid(f"Invalid association type {type_id} for objects {plural} to {target}.")
    tests = parts_of(portal, target, branch)

    def test(record: Record) -> bool:
        live = portal.tables[target].live
        rows = portal.links.of((plural, record.id), target)
        linked = [live[to] for to, held in rows.items() if type_id in held and to in live]
        return any(all(one(other) for one in tests) for other in linked)

    return test


def filter_test(portal: Portal, plural: str, row: dict[str, Any]) -> Test:
    if row.get("filterType") == "IN_LIST":
        return in_list_test(portal, row)
    if row.get("filterType") != "PROPERTY":
        raise invalid(f"Filters of type {row.get('filterType')!r} are not supported: use PROPERTY or IN_LIST.")
    name = shapes.text(row.get("property"), "property")
    if name not in portal.tables[plural].properties:
        raise invalid(f"Property {name!r} does not exist on {plural}.")
    operation = shapes.mapping(row.get("operation"), "operation")
    if operation.get("operator") in ("IS_KNOWN", "IS_UNKNOWN"):
        known = operation["operator"] == "IS_KNOWN"
        return lambda record: (record.properties.get(name) is not None) == known
    compare, without = comparing(operation), bool(operation.get("includeObjectsWithNoValueSet", False))
    return lambda record: without if (held := record.properties.get(name)) is None else compare(held)


def in_list_test(portal: Portal, row: dict[str, Any]) -> Test:
    key, operator = str(row.get("listId")), row.get("operator", "IN_LIST")
    if operator not in ("IN_LIST", "NOT_IN_LIST"):
        raise invalid(f"Invalid operator {operator!r} for an IN_LIST filter.")
    if key not in portal.lists:
        raise invalid(f"List does not exist with ID {key}.")
    return lambda record: (record.id in portal.lists[key].members) == (operator == "IN_LIST")


def comparing(operation: dict[str, Any]) -> Compare:
    kind, operator = operation.get("operationType"), operation.get("operator")
    maker = OPERATIONS.get(str(kind))
    if maker is None:
        raise invalid(
            f"Operations of type {kind!r} are not supported: use one of {sorted([*OPERATIONS, 'ALL_PROPERTY'])}."
        )
    found = maker(str(operator), operation)
    if found is None:
        raise invalid(f"Invalid operator {operator!r} for an operation of type {kind}.")
    return found


def values_of(operation: dict[str, Any]) -> list[str]:
    given = operation.get("values", [operation["value"]] if operation.get("value") is not None else [])
    if not isinstance(given, list) or not given:
        raise invalid("Some required fields were not set: [operation.values]")
    return [str(one) for one in given]


def text_operation(operator: str, operation: dict[str, Any]) -> Compare | None:
    values, positive = [one.lower() for one in values_of(operation)], operator not in TEXT_NOT
    test = TEXT.get(TEXT_NOT.get(operator, operator))
    return test and (lambda held: any(test(held.lower(), one) for one in values) == positive)


def choice_operation(operator: str, operation: dict[str, Any]) -> Compare | None:
    test, values = CHOICE.get(operator), set(values_of(operation))
    return test and (lambda held: test(set(held.split(";")), values))


def bool_operation(operator: str, operation: dict[str, Any]) -> Compare | None:
    value = values_of(operation)[0].lower()
    return {"IS_EQUAL_TO": lambda held: held == value, "IS_NOT_EQUAL_TO": lambda held: held != value}.get(operator)


def number_operation(operator: str, operation: dict[str, Any]) -> Compare | None:
    if operator in ("IS_BETWEEN", "IS_NOT_BETWEEN"):
        low, high = number(operation.get("lowerBound")), number(operation.get("upperBound"))
        return lambda held: (low <= float(held) <= high) == (operator == "IS_BETWEEN")
    test, value = ORDER.get(operator), number(values_of(operation)[0])
    return test and (lambda held: test(float(held), value))


def number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise invalid(f"{value!r} is not a number.") from None


def date_operation(operator: str, operation: dict[str, Any]) -> Compare | None:
    """DATE by year, month and day; DATETIME by `timestamp` in milliseconds. Dates compare as days."""
    if operation.get("operationType") == "DATE":
        parts = [shapes.whole(operation.get(key), key, 0) for key in ("year", "month", "day")]
        value, length = "{:04}-{:02}-{:02}".format(*parts), 10
    else:
        value, length = iso_of_milliseconds(shapes.whole(operation.get("timestamp"), "timestamp", 0)), 24
    test = ORDER.get(operator)
    return test and (lambda held: test(held[:length], value[: len(held)]))


OPERATIONS: dict[str, Callable[[str, dict[str, Any]], Compare | None]] = {
    "STRING": text_operation,
    "MULTISTRING": text_operation,
    "ENUMERATION": choice_operation,
    "BOOL": bool_operation,
    "NUMBER": number_operation,
    "NUMBER_RANGED": number_operation,
    "DATE": date_operation,
    "DATETIME": date_operation,
}
