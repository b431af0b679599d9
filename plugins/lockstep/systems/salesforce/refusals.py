"""Salesforce's error answers in our terms. Codes: Salesforce Developer Docs, "Status Codes and Error Responses"."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from lockstep.model import Rejection, Usage

#: Salesforce's statusCode or errorCode -> our code
CODES: Mapping[str, str] = {
    "REQUIRED_FIELD_MISSING": "required_field_missing",
    "STRING_TOO_LONG": "value_too_long",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "picklist_value",
    "INVALID_EMAIL_ADDRESS": "invalid_email",
    "DUPLICATE_VALUE": "duplicate",
    "DUPLICATE_EXTERNAL_ID": "duplicate",
    "DUPLICATES_DETECTED": "duplicate_rule",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "validation_rule",
    "FIELD_FILTER_VALIDATION_EXCEPTION": "validation_rule",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "validation_rule",
    "INACTIVE_OWNER_OR_USER": "inactive_owner",
    "OP_WITH_INVALID_USER_TYPE_EXCEPTION": "inactive_owner",
    "CANNOT_UPDATE_CONVERTED_LEAD": "converted_lead",
    "ENTITY_IS_DELETED": "record_gone",
    "NOT_FOUND": "record_gone",
    "INVALID_CROSS_REFERENCE_KEY": "reference_invalid",
    "MALFORMED_ID": "reference_invalid",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "record_permission",
    "INSUFFICIENT_ACCESS_OR_READONLY": "record_permission",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "field_permission",
    "INVALID_FIELD": "unknown_field",
    "INVALID_TYPE_ON_FIELD_IN_RECORD": "invalid_value",
    "NUMBER_OUTSIDE_VALID_RANGE": "invalid_value",
    "FIELD_INTEGRITY_EXCEPTION": "invalid_value",
    "JSON_PARSER_ERROR": "invalid_value",
    "UNABLE_TO_LOCK_ROW": "row_locked",
    "STORAGE_LIMIT_EXCEEDED": "quota",
    "REQUEST_LIMIT_EXCEEDED": "quota",
    "UNKNOWN_EXCEPTION": "vendor_error",
    "SERVER_UNAVAILABLE": "vendor_error",
    "PROCESSING_HALTED": "vendor_error",
}
_COLUMN = re.compile(r"No such column '([^']+)'")
_LISTED = re.compile(r"(?:Unable to create/update fields|Required fields are missing): \[?([\w, ]+)\]?")
_RECORD = re.compile(r"record with id: (\w{15,18})")
#: INVALID_FIELD messages begin with the query, which may hold personal data
_QUERY_ECHO = re.compile(r"^.*ERROR at Row:\d+:Column:\d+\s*", re.DOTALL)
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")


def errors_of(body: bytes) -> list[dict[str, Any]]:
    """The error items of an answer, whatever its form: REST's list, OAuth's object, or HTML (then empty)."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return []
    items = parsed if isinstance(parsed, list) else [parsed]
    return [item for item in items if isinstance(item, dict)]


def rejection_of(errors: list[dict[str, Any]], status: int = 400) -> Rejection:
    """Our rejection for one record's (or one request's) errors; the first decides, all are told."""
    first = errors[0] if errors else {}
    vendor_code = str(first.get("statusCode") or first.get("errorCode") or f"HTTP_{status}")
    message = "; ".join(_QUERY_ECHO.sub("", str(one.get("message", ""))).strip() for one in errors)
    fields = [name for one in errors for name in _fields_of(one)]
    code = CODES.get(vendor_code, "vendor_error" if status >= 500 else "vendor_refused")
    return Rejection(code, message or f"HTTP {status}", vendor_code, tuple(dict.fromkeys(fields)))


def _fields_of(error: Mapping[str, Any]) -> list[str]:
    message = str(error.get("message", ""))
    named = [str(name) for name in error.get("fields") or []] + _COLUMN.findall(message)
    for listed in _LISTED.findall(message):
        named += [name.strip() for name in listed.split(",")]
    return [name for name in named if name]


def existing_id(errors: list[dict[str, Any]]) -> str | None:
    """The id of the record that exists already, if a duplicate error names one."""
    for error in errors:
        for result in (error.get("duplicateResult") or {}).get("matchResults") or []:
            for match in result.get("matchRecords") or []:
                return str(match["record"]["Id"])
        if found := _RECORD.search(str(error.get("message", ""))):
            return found.group(1)
    return None


def usage_of(headers: Mapping[str, str]) -> Usage | None:
    """`Sforce-Limit-Info: api-usage=18/5000`, with whatever follows it."""
    found = _USAGE.search(headers.get("Sforce-Limit-Info") or "")
    return Usage(int(found.group(1)), int(found.group(2))) if found else None
