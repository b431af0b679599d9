"""Checks of the shape of JSON that clients send; each raises 400 "Invalid input JSON" naming the key."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.errors import invalid


def as_int(value: Any) -> int:
    """A whole number that clients send as text or number; -1 if it is neither."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else -1


def rows(value: Any, name: str) -> list[dict[str, Any]]:
    """A list of objects; None is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise invalid(f"Invalid input JSON: {name} must be a list of objects")
    return value


def texts(value: Any, name: str) -> list[str]:
    """A list of texts; None is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise invalid(f"Invalid input JSON: {name} must be a list of strings")
    return value


def text(value: Any, name: str) -> str:
    """A text; None is an empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise invalid(f"Invalid input JSON: {name} must be a string")
    return value


def mapping(value: Any, name: str) -> dict[str, Any]:
    """An object; None is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"Invalid input JSON: {name} must be an object")
    return value


def whole(value: Any, name: str, default: int) -> int:
    """A whole number, also a negative one; None is the default."""
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(f"Invalid input JSON: {name} must be a whole number")
    return value


def id_of(value: Any, name: str) -> str:
    """The id inside {"id": …}, which clients send as text or number."""
    return str(mapping(value, name).get("id", ""))
