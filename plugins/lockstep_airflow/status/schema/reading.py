"""One look at the vendors' fields against the mappings."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from lockstep.store import drift, schema
from lockstep.store.drift import Drift

if TYPE_CHECKING:
    from lockstep.mapping import Mappings, Problem

#: worst first
IMPACTS = ("stops", "held", "values", "mapped", drift.UNMAPPED)
#: those that wait for a person
URGENT = IMPACTS[:3]
ROWS = 50
#: options of one list that are shown
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a definition that differs, as text; options: only what came and went."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Listing:
    """`described_at`: when the fields were last read; None: never. `following`: the `before` of the next page."""

    drifts: list[Drift]
    following: int | None
    impacts: dict[str, int]
    described_at: datetime | None


def listing(tx: Connection, impact: str | None, before: int | None, limit: int = ROWS) -> Listing:
    found = drift.drifts(tx, impact, before, limit + 1)
    numbers = drift.impacts(tx)
    return Listing(
        drifts=found[:limit],
        following=found[limit - 1].id if len(found) > limit else None,
        impacts={one: numbers[one] for one in IMPACTS if one in numbers},
        described_at=drift.described_at(tx),
    )


def problems(tx: Connection, mappings: "Mappings") -> "list[Problem]":
    """Where the mapping files and the fields as last described do not fit: mistakes first, then values that cannot travel."""
    from lockstep.mapping import check_against

    found = {}
    for one in mappings.all:
        for system in ("salesforce", "hubspot"):
            for name in one.objects(system):
                if described := schema.get(tx, system, name):
                    found[system, name] = described
    return sorted(check_against(mappings, found), key=lambda one: (one.severity, one.file, one.line))


def parts(one: Drift) -> list[Part]:
    """What differs; of an added or removed field its type only."""
    if one.what != "changed":
        told = one.after or one.before or {}
        kind = str(told.get("type", ""))
        return [Part("type", kind, "") if one.what == "removed" else Part("type", "", kind)]
    before, after = one.before or {}, one.after or {}
    return [_part(name, before.get(name), after.get(name)) for name in sorted({*before, *after})]


def _part(name: str, before: Any, after: Any) -> Part:
    if isinstance(before, list) or isinstance(after, list):
        old, new = list(before or ()), list(after or ())
        return Part(name, _some([one for one in old if one not in new]), _some([one for one in new if one not in old]))
    return Part(name, _word(before), _word(after))


def _some(values: list[Any]) -> str:
    return ", ".join(map(str, values[:_SHOWN])) + (f" (+{len(values) - _SHOWN})" if len(values) > _SHOWN else "")


def _word(value: Any) -> str:
    return "" if value is None else str(value)
