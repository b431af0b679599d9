"""HubSpot's error envelope.

Shape: {"status": "error", "message", "correlationId", "category"?, "errors"?, "context"?, "subCategory"?}. The
breaking-change policy of HubSpot covers status code and category, not the message.
"""

from __future__ import annotations

from typing import Any

import orjson


class ApiError(Exception):
    """An answer that is an error; `extra` holds further top-level keys such as `policyName`."""

    def __init__(self, status: int, message: str, category: str | None = None, **extra: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.category, self.extra = status, message, category, extra
        self.headers: dict[str, str] = {}

    def item(self) -> dict[str, Any]:
        """The error as an element of a batch's `errors`."""
        body = {"status": "error", "category": self.category, "message": self.message, **self.extra}
        return {key: value for key, value in body.items() if value is not None}

    def body(self, correlation_id: str) -> dict[str, Any]:
        return {**self.item(), "correlationId": correlation_id}


def invalid(message: str, **extra: Any) -> ApiError:
    """400 VALIDATION_ERROR."""
    return ApiError(400, message, "VALIDATION_ERROR", **extra)


def not_found(message: str = "resource not found") -> ApiError:
    return ApiError(404, message, "OBJECT_NOT_FOUND")


def conflict(message: str, **extra: Any) -> ApiError:
    """409 CONFLICT, as for a contact whose e-mail address is taken."""
    return ApiError(409, message, "CONFLICT", **extra)


def problem(name: str, error: str, message: str) -> dict[str, Any]:
    """One element of the list inside the message of a property validation error."""
    return {
        "isValid": False,
        "message": message,
        "error": error,
        "name": name,
        "localizedErrorMessage": message,
        "portalId": PORTAL_ID,
    }


def property_errors(problems: list[dict[str, Any]]) -> ApiError:
    """400 whose message embeds the problems as JSON, as HubSpot writes it."""
    return invalid(f"Property values were not valid: {orjson.dumps(problems).decode()}")


PORTAL_ID = 26_912_345
