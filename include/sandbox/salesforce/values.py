"""Takes a request's field values to stored values, refusing what Salesforce refuses and rewriting what it rewrites."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.salesforce.errors import Fault, Rejected
from sandbox.salesforce.fields import ISO_CODES, NUMBER_TYPES, TEXT_TYPES, Field, SObject
from sandbox.salesforce.ids import to18
from sandbox.salesforce.store import stamp

EMAIL = re.compile(r"[^\s@<>,;\"()\[\]]+@[^\s@<>,;\"()\[\]]+\.[^\s@<>,;\"()\[\].]{2,}")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
DIGITS_MAX = 16


def security(fields: list[str]) -> Fault:
    """Return the error for fields that may not be written."""
    names = ", ".join(fields)
    message = (
        f"Unable to create/update fields: {names}. Please check the security settings of this field and verify that it is "
        "read/write for your profile or permission set."
    )
    return Fault("INVALID_FIELD_FOR_INSERT_UPDATE", message, tuple(fields))


def accept(definition: SObject, body: Mapping[str, Any], creating: bool) -> dict[str, Any]:
    """Return stored values for a request's fields, named as describe names them.

    Raises Rejected with every error of the record: unknown and unwritable fields first, then wrong values.
    """
    named: dict[str, Any] = {}
    for key, value in body.items():
        name = definition.canonical(key)
        if name is None:
            raise Rejected(Fault("INVALID_FIELD", f"No such column '{key}' on sobject of type {definition.name}"))
        named[name] = value
    closed = [n for n in named if not _writable(definition.fields[n], creating)]
    if closed:
        raise Rejected(security(closed))
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in named.items():
        try:
            values[name] = stored(definition.fields[name], value)
        except Rejected as error:
            faults += error.faults
    if faults:
        raise Rejected(*faults)
    return values


def _writable(field: Field, creating: bool) -> bool:
    return field.creatable if creating else field.updatable


def stored(field: Field, value: Any) -> Any:
    """Return one stored value; Rejected if the field cannot take it."""
    if value is None or value == "":
        return False if field.type == "boolean" else None
    if field.type in TEXT_TYPES or field.type == "anyType":
        return _text(field, value)
    if field.type in NUMBER_TYPES:
        return _number(field, value)
    return READERS[field.type](field, value)


def _text(field: Field, value: Any) -> str | None:
    if isinstance(value, bool | dict | list):
        raise _wrong(field, "string", value)
    text = str(value).replace("\r\n", "\n") if field.type == "textarea" else str(value)
    text = text.strip()
    if len(text) > field.length > 0:
        message = f"{field.label}: data value too large: {text} (max length={field.length})"
        raise Rejected(Fault("STRING_TOO_LONG", message, (field.name,)))
    if field.type == "email" and text and not EMAIL.fullmatch(text):
        message = f"{field.label}: invalid email address: {text}"
        raise Rejected(Fault("INVALID_EMAIL_ADDRESS", message, (field.name,)))
    if (
        field.type == "picklist"
        and field.restricted
        and text not in field.values
        and not field.name.endswith(ISO_CODES)
    ):
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        raise Rejected(Fault("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,)))
    return text or None


def _number(field: Field, value: Any) -> int | float:
    try:
        number = float(value)
        if isinstance(value, bool) or not math.isfinite(number):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise _wrong(field, "int" if field.type == "int" else "double", value) from None
    if field.type == "int":
        if number != int(number):
            raise _wrong(field, "int", value)
        return int(number)
    if abs(number) >= 10**DIGITS_MAX:
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise Rejected(Fault("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,)))
    return round(number, field.scale or 8)


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in {"true", "false", "1", "0"}:
        return str(value).lower() in {"true", "1"}
    raise _wrong(field, "boolean", value)


def _date(field: Field, value: Any) -> str:
    text = str(value)
    try:
        if not DATE.match(text):
            raise ValueError
        return datetime.fromisoformat(text[:10]).date().isoformat()
    except ValueError:
        raise _wrong(field, "date", value) from None


def _datetime(field: Field, value: Any) -> str:
    try:
        at = datetime.fromisoformat(re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", str(value).replace("Z", "+00:00")))
    except (ValueError, OverflowError):
        raise _wrong(field, "datetime", value) from None
    return stamp(at if at.tzinfo else at.replace(tzinfo=UTC))


def _reference(field: Field, value: Any) -> str:
    try:
        return to18(str(value))
    except ValueError:
        message = f"{field.label}: id value of incorrect type: {value}"
        raise Rejected(Fault("MALFORMED_ID", message, (field.name,))) from None


READERS = {"boolean": _boolean, "date": _date, "datetime": _datetime, "reference": _reference, "id": _reference}


def _wrong(field: Field, kind: str, value: Any) -> Rejected:
    name = {str: "VALUE_STRING", bool: "VALUE_TRUE", dict: "START_OBJECT", list: "START_ARRAY"}.get(
        type(value), "VALUE_NUMBER"
    )
    message = (
        f"Cannot deserialize instance of {kind} from {name} value {value} or request may be missing a required field "
        f"at [line:1, column:2]"
    )
    return Rejected(Fault("JSON_PARSER_ERROR", message, ()))
