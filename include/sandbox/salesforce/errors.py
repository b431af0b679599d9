"""Salesforce's error answers: a JSON array of message, errorCode and fields (REST API Developer Guide, Status Codes)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.http import Answer, as_json


@dataclass(frozen=True)
class Fault:
    """One error of one record or request."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    status: int = 400
    extra: dict[str, Any] = field(default_factory=dict)

    def as_row(self) -> dict[str, Any]:
        """Return the form that single-request errors have."""
        row: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        return row | ({"fields": list(self.fields)} if self.code in WITH_FIELDS or self.fields else {}) | self.extra

    def as_result(self) -> dict[str, Any]:
        """Return the form that errors have in Collections results."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)} | self.extra

    def as_csv(self) -> str:
        """Return the ``sf__Error`` form of Bulk API 2.0 results."""
        return f"{self.code}:{self.message}:{','.join(self.fields)} --"


class Rejected(Exception):  # noqa: N818
    """A request or a record is refused; nothing was written."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.code}: {fault.message}" for fault in faults))
        self.faults: Sequence[Fault] = faults

    def answer(self) -> Answer:
        """Return the HTTP answer; the first error's status counts."""
        return as_json([fault.as_row() for fault in self.faults], self.faults[0].status)


WITH_FIELDS = frozenset(
    {
        "REQUIRED_FIELD_MISSING",
        "STRING_TOO_LONG",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "INVALID_EMAIL_ADDRESS",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "INVALID_CROSS_REFERENCE_KEY",
        "DUPLICATE_VALUE",
        "MALFORMED_ID",
        "ENTITY_IS_DELETED",
        "UNABLE_TO_LOCK_ROW",
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "INACTIVE_OWNER_OR_USER",
        "NUMBER_OUTSIDE_VALID_RANGE",
    }
)


def rejected(code: str, message: str, *fields: str, status: int = 400) -> Rejected:
    """Return a refusal with one error."""
    return Rejected(Fault(code, message, fields, status))


def not_found(message: str = "The requested resource does not exist") -> Rejected:
    return rejected("NOT_FOUND", message, status=404)
