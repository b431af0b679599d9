"""Evaluates the conditions of a query on flat rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from sandbox.google_ads.gaql import Condition
from sandbox.google_ads.state import Customer, State

Row = dict[str, Any]
Days = tuple[date, date]


def _month(day: date) -> Days:
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return first, following - timedelta(days=1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _ago(days: int) -> timedelta:
    return timedelta(days=days)


DURING: dict[str, Callable[[date], Days]] = {
    "TODAY": lambda today: (today, today),
    "YESTERDAY": lambda today: (today - _ago(1), today - _ago(1)),
    "LAST_7_DAYS": lambda today: (today - _ago(7), today - _ago(1)),
    "LAST_14_DAYS": lambda today: (today - _ago(14), today - _ago(1)),
    "LAST_30_DAYS": lambda today: (today - _ago(30), today - _ago(1)),
    "THIS_MONTH": lambda today: (_month(today)[0], today),
    "LAST_MONTH": lambda today: _month(_month(today)[0] - _ago(1)),
    "THIS_WEEK_MON_TODAY": lambda today: (_monday(today), today),
    "THIS_WEEK_SUN_TODAY": lambda today: (_monday(today + _ago(1)) - _ago(1), today),
    "LAST_WEEK_MON_SUN": lambda today: (_monday(today) - _ago(7), _monday(today) - _ago(1)),
    "LAST_WEEK_SUN_SAT": lambda today: (_monday(today + _ago(1)) - _ago(8), _monday(today + _ago(1)) - _ago(2)),
    "LAST_BUSINESS_WEEK": lambda today: (_monday(today) - _ago(7), _monday(today) - _ago(3)),
}
"""Date ranges by name; those of the last days leave today out."""


def today_of(state: State, customer: Customer) -> date:
    return state.now().astimezone(customer.zone).date()


def day_range(state: State, customer: Customer, conditions: Iterable[Condition]) -> Days | None:
    """Return the finite range that conditions on `segments.date` leave; None if they leave it open."""
    low, high = date.min, date.max
    for condition in conditions:
        if condition.field == "segments.date":
            first, last = _days(condition, today_of(state, customer))
            low, high = max(low, first), min(high, last)
    return None if low == date.min or high == date.max else (low, high)


def _days(condition: Condition, today: date) -> Days:
    if condition.operator == "DURING":
        return DURING[condition.values[0].text.upper()](today)
    days = sorted(date.fromisoformat(value.text) for value in condition.values)
    after, before = (
        (days[0] + _ago(1) if days[0] < date.max else days[0]),
        (days[0] - _ago(1) if days[0] > date.min else days[0]),
    )
    ranges = {
        "=": (days[0], days[0]), "BETWEEN": (days[0], days[-1]), "IN": (days[0], days[-1]), ">=": (days[0], date.max),
        ">": (after, date.max), "<=": (date.min, days[0]), "<": (date.min, before),
    }  # fmt: skip
    return ranges.get(condition.operator, (date.min, date.max))


def matches(state: State, customer: Customer, row: Row, conditions: Iterable[Condition]) -> bool:
    """Whether a row meets all conditions."""
    return all(_meets(row.get(condition.field), condition, state, customer) for condition in conditions)


def _meets(value: Any, condition: Condition, state: State, customer: Customer) -> bool:
    operator = condition.operator
    if operator == "IS NULL":
        return value is None
    if operator == "IS NOT NULL":
        return value is not None
    if value is None:
        return operator in {"!=", "NOT IN"}
    if operator == "DURING":
        first, last = _days(condition, today_of(state, customer))
        return bool(first.isoformat() <= value <= last.isoformat())
    return _compare(value, operator, [_like(value, literal.text) for literal in condition.values])


def _like(value: Any, text: str) -> Any:
    """Read a literal as the type of the value that it is compared with."""
    if isinstance(value, bool):
        return text.upper() == "TRUE"
    return float(text) if isinstance(value, int | float) else text


def _compare(value: Any, operator: str, wanted: list[Any]) -> bool:
    first = wanted[0]
    tests: dict[str, Callable[[], bool]] = {
        "=": lambda: value == first,
        "!=": lambda: value != first,
        "<": lambda: value < first,
        "<=": lambda: value <= first,
        ">": lambda: value > first,
        ">=": lambda: value >= first,
        "IN": lambda: value in wanted,
        "NOT IN": lambda: value not in wanted,
        "BETWEEN": lambda: first <= value <= wanted[-1],
        "LIKE": lambda: _pattern(first).fullmatch(value) is not None,
        "NOT LIKE": lambda: _pattern(first).fullmatch(value) is None,
        "REGEXP_MATCH": lambda: re.fullmatch(first, value) is not None,
        "NOT REGEXP_MATCH": lambda: re.fullmatch(first, value) is None,
    }
    return tests[operator]()


def _pattern(text: str) -> re.Pattern[str]:
    """A LIKE pattern: ``%`` is any text, ``_`` any character, and brackets escape them; case does not count."""
    out = []
    for part in re.findall(r"\[.\]|.", text, re.DOTALL):
        if len(part) == 3:
            out.append(re.escape(part[1]))
        else:
            out.append({"%": ".*", "_": "."}.get(part) or re.escape(part))
    return re.compile("".join(out), re.IGNORECASE | re.DOTALL)
