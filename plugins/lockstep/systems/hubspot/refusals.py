"""HubSpot's error answers in our terms. Shapes: HubSpot developer docs, "Error handling" and "CRM batch endpoints".

Categories and codes are stable; messages are not, except that property errors come only inside one, as JSON.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from lockstep.model import Rejection, Usage

CATEGORIES: Mapping[str, str] = {
    "CONFLICT": "duplicate",
    "OBJECT_ALREADY_EXISTS": "duplicate",
    "OBJECT_NOT_FOUND": "record_gone",
    "MISSING_SCOPES": "record_permission",
    "RATE_LIMITS": "rate_limited",
}
PROPERTIES: Mapping[str, str] = {
    "INVALID_OPTION": "picklist_value",
    "PROPERTY_DOESNT_EXIST": "unknown_field",
    "INVALID_EMAIL": "invalid_email",
    "READ_ONLY_VALUE": "field_permission",
    "CONFLICTING_UNIQUE_VALUE": "duplicate",
    "INVALID_OWNER_ID": "inactive_owner",
    "INVALID_OWNER": "inactive_owner",
}
_EMBEDDED = re.compile(r"Property values were not valid: (\[.*\])", re.DOTALL)
_EXISTING = re.compile(r"Existing ID: (\d+)")


def parsed(body: bytes) -> dict[str, Any]:
    """The error envelope; empty if the body is none (a proxy's HTML)."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def rejections_of(error: Mapping[str, Any], status: int = 400) -> tuple[Rejection, ...]:
    """One rejection per refused property, or one for the record."""
    message, category = str(error.get("message", "")), str(error.get("category") or f"HTTP_{status}")
    found = tuple(_property(one) for one in _problems(message))
    if found:
        return found
    named = [name for one in error.get("errors") or () for name in (one.get("context") or {}).get("propertyName") or ()]
    code = CATEGORIES.get(category, "vendor_error" if status >= 500 else "vendor_refused")
    return (Rejection(code, message or f"HTTP {status}", category, tuple(named)),)


def _problems(message: str) -> list[dict[str, Any]]:
    embedded = _EMBEDDED.search(message)
    try:
        found = orjson.loads(embedded.group(1)) if embedded else []
    except orjson.JSONDecodeError:
        return []  # the whole message is kept as the record's rejection
    return [one for one in found if isinstance(one, dict)]


def _property(problem: Mapping[str, Any]) -> Rejection:
    vendor_code = str(problem.get("error", ""))
    name = str(problem.get("name", ""))
    return Rejection(_property_code(vendor_code), str(problem.get("message", "")), vendor_code, (name,) if name else ())


def _property_code(vendor_code: str) -> str:
    if vendor_code.startswith("REQUIRED"):
        return "required_field_missing"
    if "TOO_LONG" in vendor_code or "TOO_MANY_CHARACTERS" in vendor_code:
        return "value_too_long"
    return PROPERTIES.get(vendor_code, "invalid_value" if vendor_code.startswith("INVALID") else "vendor_refused")


def existing_id(error: Mapping[str, Any]) -> str | None:
    """The id of the record that has the unique value already."""
    named = (error.get("context") or {}).get("existingId") or []
    found = _EXISTING.search(str(error.get("message", "")))
    return str(named[0]) if named else found.group(1) if found else None


def usage_of(headers: Mapping[str, str]) -> Usage | None:
    """`X-HubSpot-RateLimit-Daily` and `-Daily-Remaining`."""
    limit, left = headers.get("X-HubSpot-RateLimit-Daily"), headers.get("X-HubSpot-RateLimit-Daily-Remaining")
    return Usage(int(limit) - int(left), int(limit)) if limit and left and limit.isdigit() and left.isdigit() else None
