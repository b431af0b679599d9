"""One look at a record and its story."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection

from lockstep.decisions import Decision
from lockstep.mapping import Mapping, Mappings
from lockstep.model import HUBSPOT, SALESFORCE, Batch, Change, MirrorRow, Pair, Values
from lockstep.store import decisions, ledger, mirror, name_search, search
from lockstep.store.ledger import ErrorFilter, ErrorRow, story
from lockstep.store.ledger.causes import record_subject
from lockstep.store.pairs import rows as pairs
from lockstep.store.search import Hit
from lockstep_airflow.status.access import Viewer
from lockstep_airflow.status.params import BadQuery
from lockstep_airflow.status.record.address import spot_of, spot_text

CHANGES = 50
#: changes that are looked through for one field
_AMONG = 1000

Record = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """`looked`: records whose names were looked through; `after`: what to ask with to look on, None at the end.
    `needs_values`: ids alone were searched for, since names and addresses are values."""

    hits: list[Hit]
    needs_values: bool = False
    looked: int = 0
    after: str | None = None


def find(tx: Connection, text: str, viewer: Viewer, after: str = "") -> Found:
    """By id; else, for who may see values, by match key, else by name, as far as a page may take time for it.

    :param after: that of what was found so far
    :raises BadQuery: there is no such `after`
    """
    text, spot = text.strip(), spot_of(after)
    hits = search.by_id(tx, text) if text and not spot else []
    if hits or not text or not viewer.sees_values:
        return Found(hits, needs_values=not viewer.sees_values)
    if not spot and (by_key := search.by_key(tx, text)):
        return Found(by_key)
    try:
        look = name_search.by_name(tx, text, spot)
    except ValueError:
        raise BadQuery([("after", after)]) from None
    return Found(look.hits, looked=look.looked, after=spot_text(look.last))


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One mapped field: now and at the base, on both sides. `known`: which of the four there are at all."""

    name: str
    names: dict[str, str]
    now: Values
    base: Values
    rule: str

    @property
    def moved(self) -> list[str]:
        """Sides whose value is not that of their base."""
        return [
            one for one in self.names if one in self.now and (one not in self.base or self.now[one] != self.base[one])
        ]


@dataclass(frozen=True, slots=True)
class Step:
    """What one change did to one field. `lost`: the value that lost a clash there, if one did."""

    field: str
    before: str | None
    after: str | None
    why: str
    lost: str | None
    has_lost: bool


@dataclass(frozen=True, slots=True)
class Event:
    """A change with its batch, field by field; `message`: what was said where it was not done."""

    change: Change
    batch: Batch
    steps: list[Step]
    message: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """`rows`: the mirror's, by system. `following`: the `before` of the next page, None at the end."""

    pair: Pair | None
    records: list[Record]
    rows: dict[str, MirrorRow]
    fields: list[FieldRow]
    events: list[Event]
    following: int | None
    errors: list[ErrorRow]
    decisions: list[Decision]


def of_pair(tx: Connection, pair_id: str, mappings: Mappings | None, field: str, before: int | None) -> Story:
    """:raises KeyError: there is no such pair"""
    pair = pairs.get(tx, [pair_id])[pair_id]
    sides = ((SALESFORCE, pair.sf_object, pair.sf_id), (HUBSPOT, pair.hs_object, pair.hs_id))
    return _story(tx, pair, [(system, name, one) for system, name, one in sides if one], mappings, field, before)


def of_record(tx: Connection, record: Record, mappings: Mappings | None, field: str, before: int | None) -> Story:
    """A record without a pair; of one that has a pair, the pair's story.

    :raises KeyError: neither the mirror nor the ledger knows it
    """
    system, name, record_id = record
    pair = pairs.by_record(tx, system, [(name, record_id)]).get((name, record_id))
    if pair:
        return of_pair(tx, pair.id, mappings, field, before)
    found = _story(tx, None, [record], mappings, field, before)
    if not (found.rows or found.events or found.errors):
        raise KeyError(record)
    return found


def _story(
    tx: Connection, pair: Pair | None, records: list[Record], mappings: Mappings | None, field: str, before: int | None
) -> Story:
    rows = {
        system: row
        for system, name, record_id in records
        if (row := mirror.rows(tx, system, name, [record_id]).get(record_id))
    }
    fields = _fields(pair, rows, mappings)
    names = {field, *(name for one in fields if one.name == field for name in one.names.values())} if field else set()
    limit = CHANGES if not field else _AMONG
    told = story.story(tx, pair.id if pair else None, records, before, limit + 1)
    events = [one for one in _events(told[:limit], names) if one.steps or not field]
    subjects = {record_subject(*record) for record in records} | ({pair.id} if pair else set())
    standing = ErrorFilter(standing=True, latest=True, subjects=sorted(subjects))
    return Story(
        pair=pair,
        records=records,
        rows=rows,
        fields=fields,
        events=events,
        following=told[limit - 1][0].id if len(told) > limit else None,
        errors=list(ledger.errors(tx, standing, 50)),
        decisions=_decisions(tx, pair, records),
    )


def _decisions(tx: Connection, pair: Pair | None, records: Sequence[Record]) -> list[Decision]:
    found = decisions.history(tx, pair_id=pair.id, limit=20) if pair else []
    for record in records:
        found += decisions.history(tx, record=record, limit=20)
    return sorted({one.id: one for one in found}.values(), key=lambda one: -one.id)


def _fields(pair: Pair | None, rows: dict[str, MirrorRow], mappings: Mappings | None) -> list[FieldRow]:
    """In the mapping's order; without mapping files, each side's own fields."""
    bases = {SALESFORCE: pair.sf_base, HUBSPOT: pair.hs_base} if pair else {}
    objects = (
        {SALESFORCE: pair.sf_object, HUBSPOT: pair.hs_object} if pair else {s: row.object for s, row in rows.items()}
    )
    mapping = _mapping(mappings, objects)
    if mapping is None:
        return [
            FieldRow(name, {system: name}, {system: row.values[name]}, {system: bases.get(system, {}).get(name)}, "")
            for system, row in rows.items()
            for name in row.values
        ]
    found = []
    for one in mapping.fields:
        names = {system: name for system, object in objects.items() if (name := one.on(system, object))}
        now = {s: rows[s].values[n] for s, n in names.items() if s in rows and n in rows[s].values}
        base = {s: bases[s][n] for s, n in names.items() if s in bases and n in bases[s]}
        found.append(FieldRow(one.name, names, now, base, one.rule.value))
    return found


def _mapping(mappings: Mappings | None, objects: dict[str, str]) -> Mapping | None:
    for system, name in objects.items() if mappings else ():
        with suppress(KeyError):
            return mappings.of_object(system, name) if mappings else None
    return None


def _events(told: Sequence[tuple[Change, Batch]], names: set[str]) -> Iterator[Event]:
    for change, batch in told:
        message = (change.detail or {}).get("message")
        yield Event(change, batch, list(_steps(change, names)), str(message) if message else None)


def _steps(change: Change, names: set[str]) -> Iterator[Step]:
    for field in dict.fromkeys((*change.after, *change.why, *change.lost)):
        if names and field not in names:
            continue
        lost = change.lost.get(field)
        yield Step(
            field,
            change.before.get(field),
            change.after.get(field),
            change.why.get(field, ""),
            lost,
            field in change.lost,
        )
