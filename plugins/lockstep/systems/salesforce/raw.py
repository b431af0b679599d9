"""Salesforce's JSON and CSV values as raw text, the same for both, and raw text as JSON to write."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

NUMBERS = frozenset({"double", "currency", "percent", "int", "long"})


def raw(value: Any) -> str | None:
    """One JSON value: `true`, numbers without exponent or trailing `.0`, datetimes with `Z`; blank is None."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value[:-5] + "Z" if len(value) == 28 and value.endswith("+0000") and value[10] == "T" else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number(repr(value)) if isinstance(value, int | float) else str(value)


def number(value: str) -> str:
    """`1.50` and `1E+3` as `1.5` and `1000`."""
    plain = f"{Decimal(value):f}"
    short = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if short == "-0" else short


def version(value: str | None) -> str:
    """SystemModstamp as a version. Bulk 2.0 writes it as one already."""
    return value if value and value[-1] == "Z" else raw(value) or ""


def getters(fields: Sequence[str]) -> list[Callable[[Mapping[str, Any]], Any]]:
    """How to take each field out of a JSON record; a dotted name goes to a parent record, which may be null."""
    return [_path(name.split(".")) if "." in name else itemgetter(name) for name in fields]


def _path(parts: Sequence[str]) -> Callable[[Mapping[str, Any]], Any]:
    def get(record: Mapping[str, Any]) -> Any:
        value: Any = record
        for part in parts:
            value = value[part] if value is not None else None
        return value

    return get


def to_json(value: str | None, type: str) -> Any:
    """Raw text as the JSON value that a field of this type takes."""
    if value is None:
        return None
    if type == "boolean":
        return value.strip().lower() == "true"
    if type in NUMBERS:
        return _json_number(value)
    return value


def _json_number(value: str) -> int | float | str:
    try:
        exact = Decimal(value)
    except ArithmeticError:
        return value  # Salesforce says what is wrong with it, and the ledger keeps its words
    if not exact.is_finite():
        return value
    return int(exact) if exact == exact.to_integral_value() else float(exact)
