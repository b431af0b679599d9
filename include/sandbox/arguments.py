"""Holds what the admin API is given to the type hints of what takes it, so that nonsense is a sentence and not a traceback."""

import types
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Union, get_args, get_origin

NUMBERS = {int: (int,), float: (int, float)}


def check(hints: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """ValueError naming every argument that is of another type than its hint. Names without a hint are not looked at."""
    wrong = [name for name, value in given.items() if name in hints and not fits(hints[name], value)]
    if wrong:
        shown = "; ".join(f"{name} must be {_named(hints[name])}, not {given[name]!r}" for name in sorted(wrong))
        raise ValueError(shown)


def fits(hint: Any, value: Any) -> bool:
    """Whether a JSON value is of a type. A time comes as text."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(fits(one, value) for one in inner)
    if origin is Literal:
        return value in inner
    if origin is list:
        return isinstance(value, list) and all(fits(inner[0], one) for one in value)
    if origin is not None:
        return isinstance(value, origin)
    if hint in NUMBERS:
        return isinstance(value, NUMBERS[hint]) and not isinstance(value, bool)
    return isinstance(value, str | datetime) if hint is datetime else isinstance(value, hint)


def _named(hint: Any) -> str:
    return (
        "a time"
        if hint is datetime
        else str(getattr(hint, "__name__", hint))
        if get_origin(hint) is None
        else str(hint)
    )
