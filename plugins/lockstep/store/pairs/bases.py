"""Bases as they are stored: positional values of a layout that grows with the fields that were ever agreed on.

A missing base (the field is absent from the dict) is the number 0, which no raw value can be.
"""

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection

from lockstep.model import Layout, Values
from lockstep.store import layouts

_MISSING = 0


class BaseWriter:
    """Encodes the bases of many pairs with one layout per object."""

    def __init__(self, tx: Connection):
        self._tx = tx
        self._layouts: dict[tuple[str, str], Layout] = {}

    def encode_all(self, system: str, object: str, bases: Sequence[Values]) -> list[tuple[int, str]]:
        """(layout id, JSON text) of each base."""
        layout = self._wide_enough(system, object, {name for base in bases for name in base})
        return [(layout.id, _encode(layout.fields, base)) for base in bases]

    def _wide_enough(self, system: str, object: str, names: set[str]) -> Layout:
        known = self._layouts.get((system, object)) or layouts.newest(self._tx, layouts.BASE, system, object)
        if known is None or not names.issubset(known.fields):
            held = set(known.fields) if known else set()
            known = layouts.obtain(self._tx, layouts.BASE, system, object, sorted(names | held))
        self._layouts[system, object] = known
        return known


def _encode(fields: tuple[str, ...], base: Values) -> str:
    # most bases were decoded from this very layout, and none of their fields is missing
    same = tuple(base) == fields
    return orjson.dumps(list(base.values()) if same else [base.get(name, _MISSING) for name in fields]).decode()


def decode(fields: Sequence[str], payload: str) -> Values:
    return {name: value for name, value in zip(fields, orjson.loads(payload), strict=True) if value != _MISSING}


def missing_bases(width: int) -> str:
    """The payload of a layout of so many fields, all of whose bases are missing."""
    return orjson.dumps([_MISSING] * width).decode()
