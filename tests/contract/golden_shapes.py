"""The small language in which golden fixtures say what an answer looks like.

A shape is YAML:

* a mapping: an object with exactly these keys. `key?` may be absent; `"*"` stands for any further keys.
* `[shape]`: a list with at least one item, all of the shape; `["*", shape]` may be empty; `[]` is empty;
  several shapes: a list of exactly these items, in order.
* a word: `string`, `integer`, `number`, `boolean`, `any`, or a pattern of `PATTERNS`.
* `/…/`: text that the regular expression matches whole. `=text`: exactly this text.
* a `?` behind a word or a regular expression allows null.
* anything else (null, true, a number): exactly this value.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

DAY, TIME = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d:\d\d"
PATTERNS = {
    "text": r"(?s).+",
    "empty": "",
    "date": DAY,
    "digits": r"\d+",
    "sf-id": r"[0-9A-Za-z]{15}[A-Z0-5]{3}",
    "sf-datetime": rf"{DAY}T{TIME}\.\d{{3}}\+0000",
    "iso-datetime": rf"{DAY}T{TIME}(\.\d+)?Z",
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}
TYPES: dict[str, type | tuple[type, ...]] = {"string": str, "integer": int, "number": (int, float), "boolean": bool}


class BadShape(Exception):
    """A fixture says what this language does not know."""


def differences(shape: Any, value: Any, at: str = "$") -> Iterator[str]:
    """Yield one sentence for each place where a value is not of a shape."""
    if isinstance(shape, Mapping):
        yield from _object(shape, value, at)
    elif isinstance(shape, list):
        yield from _list(shape, value, at)
    elif not _is(shape, value):
        yield f"{at}: {shape!r} was expected, not {value!r}"


def _object(shape: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{at}: an object was expected, not {value!r}"
        return
    known = {key.removesuffix("?"): key for key in shape if key != "*"}
    for name, key in known.items():
        if name in value:
            yield from differences(shape[key], value[name], f"{at}.{name}")
        elif not key.endswith("?"):
            yield f"{at}.{name}: missing"
    for name in value.keys() - known.keys():
        if "*" in shape:
            yield from differences(shape["*"], value[name], f"{at}.{name}")
        else:
            yield f"{at}.{name}: not documented ({value[name]!r})"


def _list(shape: list[Any], value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at}: a list was expected, not {value!r}"
        return
    items = _items(shape, len(value))
    if items is None or len(items) != len(value):
        yield f"{at}: a list like {shape!r} was expected, not one of {len(value)}"
        return
    for n, (expected, item) in enumerate(zip(items, value, strict=True)):
        yield from differences(expected, item, f"{at}[{n}]")


def _items(shape: list[Any], count: int) -> list[Any] | None:
    """The shape of each item of a list of `count`; None if it may not have so many."""
    if shape[:1] == ["*"]:
        return shape[1:] * count
    return (shape * count or None) if len(shape) == 1 else shape


def _is(shape: Any, value: Any) -> bool:
    if not isinstance(shape, str):
        return type(shape) is type(value) and bool(shape == value)
    if shape.startswith("="):
        return bool(value == shape[1:])
    kind = shape.removesuffix("?")
    return _named(kind, value) or (value is None and kind != shape)


def _named(word: str, value: Any) -> bool:
    if word.startswith("/"):
        return isinstance(value, str) and re.fullmatch(word[1:-1], value) is not None
    if word == "any":
        return True
    if word in TYPES:
        return isinstance(value, TYPES[word]) and isinstance(value, bool) == (word == "boolean")
    if word not in PATTERNS:
        raise BadShape(f"no shape is called {word!r}")
    return isinstance(value, str) and re.fullmatch(PATTERNS[word], value) is not None
