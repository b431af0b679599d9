"""Property values: from what a client sends to what HubSpot keeps and answers, which is always text.

Rules: properties API and the recorded error texts. Numbers have no thousands separators; an enumeration takes the
option's value exactly; `a;b` replaces a multiple selection and `;c` adds to it (properties guide, "Add values to checkbox
type properties"); "" clears.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.errors import problem
from sandbox.hubspot.stamps import parse_date, parse_datetime

if TYPE_CHECKING:
    from sandbox.hubspot.catalogue import Property

EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\".]+(\.[^@\s,;<>()\".]+)+")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
TEXT_MAX = 65_536


class Invalid(Exception):
    """One value that is refused: HubSpot's error code and sentence."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error, self.message = error, message

    def json(self, name: str) -> dict[str, Any]:
        return problem(name, self.error, self.message)


def as_text(value: Any) -> str | None:
    """A JSON scalar as text; None and "" mean: clear."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        raise Invalid("INVALID_VALUE", "Property values must be strings, numbers or booleans.")
    return str(value)


def canonical(item: Property, value: Any, before: str | None) -> str | None:
    """What is kept when `value` is written over `before`; raises Invalid."""
    text = as_text(value)
    if text is None:
        return None
    if item.name == "email":
        return email(text)
    return BY_TYPE[item.type](item, text, before)


def email(text: str) -> str:
    address = text.strip().lower()
    if not EMAIL.fullmatch(address):
        raise Invalid("INVALID_EMAIL", f"Email address {text} is invalid")
    return address


def _string(item: Property, text: str, before: str | None) -> str:
    if len(text) > TEXT_MAX:
        raise Invalid("PROPERTY_VALUE_TOO_LONG", f"{item.name} was too long: {len(text)} > {TEXT_MAX} characters.")
    return text


def _number(item: Property, text: str, before: str | None) -> str:
    if not NUMBER.fullmatch(text.strip()):
        raise Invalid("INVALID_LONG", f"{text} was not a valid long.")
    return text.strip()


def _bool(item: Property, text: str, before: str | None) -> str:
    if text.lower() not in ("true", "false"):
        raise Invalid("INVALID_OPTION", f"{text} was not one of the allowed options: [true, false]")
    return text.lower()


def _date(item: Property, text: str, before: str | None) -> str:
    stamp = parse_date(text)
    if stamp is None:
        raise Invalid("INVALID_DATE", f"{text} is not a valid date: use YYYY-MM-DD or midnight UTC in milliseconds.")
    return stamp


def _datetime(item: Property, text: str, before: str | None) -> str:
    stamp = parse_datetime(text)
    if stamp is None:
        raise Invalid("INVALID_DATE", f"{text} is not a valid datetime: use ISO-8601 or milliseconds since the epoch.")
    return stamp


def _enumeration(item: Property, text: str, before: str | None) -> str:
    if item.external:
        return text  # its options live elsewhere; whoever owns them checks
    chosen = text.removeprefix(";").split(";") if item.multiple else [text]
    if wrong := [value for value in chosen if value not in item.values]:
        allowed = ", ".join(option.value for option in item.options)
        raise Invalid("INVALID_OPTION", f"{wrong[0]} was not one of the allowed options: [{allowed}]")
    if item.multiple and text.startswith(";"):
        chosen = [*(before.split(";") if before else []), *chosen]
    return ";".join(dict.fromkeys(chosen))


BY_TYPE = {
    "string": _string,
    "phone_number": _string,
    "number": _number,
    "bool": _bool,
    "date": _date,
    "datetime": _datetime,
    "enumeration": _enumeration,
}
