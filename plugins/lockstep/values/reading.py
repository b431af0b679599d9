"""Values as they are compared: raw text of a vendor -> canonical form, by field type. Pure."""

from collections.abc import Callable
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from lockstep import markup, places, scalars, spelling
from lockstep.mapping import FieldMapping, FieldType
from lockstep.model import SALESFORCE, ObjectSchema, Values
from lockstep.owners import OwnerMap, OwnerRef


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Text that does not fit the field's type. Equal only to the same text; never written elsewhere (`wrong_type`)."""

    text: str


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A picklist value of `system` without a counterpart under `values:` (`picklist_value`)."""

    system: str
    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reference to a record that is not paired yet (`waiting_for_reference`)."""

    system: str
    entity: str
    record_id: str


#: None is blank. A reference is its target's pair id; a multipicklist is the set of its options.
Canonical = (
    str
    | Decimal
    | bool
    | date
    | datetime
    | OwnerRef
    | Unreadable
    | Unmapped
    | Waiting
    | frozenset[str | Unmapped]
    | None
)

#: (system, entity, record id) -> pair id; or (system, entity, pair id) -> record id. None: not paired.
Lookup = Callable[[str, str, str], str | None]


def _unpaired(system: str, entity: str, id: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class ValueContext:
    """What values are read and written with.

    `references` leads from a record to its pair, `records` from a pair to the record in a system. `default_country`: whose
    telephone numbers may lack a country code. `zone`: in which a point in time becomes a day. `schemas`: (system, object) ->
    what the vendor describes, where known: lengths and options are then checked before a write.
    """

    owners: OwnerMap
    references: Lookup = _unpaired
    records: Lookup = _unpaired
    default_country: str | None = None
    zone: tzinfo = UTC
    schemas: AbstractMapping[tuple[str, str], ObjectSchema] = field(default_factory=dict)


def canonical(
    field: FieldMapping, system: str, raw: str | None, context: ValueContext, beside: Values | None = None
) -> Canonical:
    """The value in the form that is compared; None for blank. `beside`: the side's other values, which a stage depends on.

    Text is trimmed and composed, e-mail case-folded, telephone numbers E.164, numbers exact decimals, a picklist value the
    HubSpot option that it is mapped to, an owner the person, a reference the pair of the record.
    """
    trimmed = spelling.text(raw) if raw is not None else ""
    if not trimmed:
        return None
    if field.form(system) is FieldType.HTML and not (trimmed := markup.plain(trimmed)):
        return None
    if field.stages and system == SALESFORCE:
        return _option(field, system, trimmed, beside or {})
    return _READERS[field.type](field, system, trimmed, context)


def key_text(type: FieldType, raw: str | None, context: ValueContext) -> str | None:
    """A match key as text; None where there is nothing to match by: blank, or no valid value of its type."""
    trimmed = spelling.text(raw) if raw is not None else ""
    value = read_text(type, trimmed, context) if trimmed else None
    if isinstance(value, Decimal):
        return scalars.number_text(value)
    return value if isinstance(value, str) else None


def read_text(type: FieldType, trimmed: str, context: ValueContext) -> Canonical:
    """Canonical form of types that need nothing but their own text."""
    match type:
        case FieldType.EMAIL:
            return spelling.folded(trimmed)
        case FieldType.PHONE:
            return spelling.phone(trimmed, context.default_country)
        case FieldType.URL:
            return spelling.url(trimmed) or Unreadable(trimmed)
        case FieldType.DOMAIN:
            return spelling.domain(trimmed) or Unreadable(trimmed)
        case FieldType.NUMBER:
            return _or_unreadable(scalars.number(trimmed), trimmed)
        case FieldType.BOOLEAN:
            return _or_unreadable(scalars.boolean(trimmed), trimmed)
        case FieldType.DATE:
            return _or_unreadable(scalars.day(trimmed, context.zone), trimmed)
        case FieldType.DATETIME:
            return _or_unreadable(scalars.moment(trimmed), trimmed)
        case FieldType.COUNTRY:
            return places.country(trimmed) or trimmed
        case FieldType.STATE:
            return places.state(trimmed, None) or trimmed
        case _:
            return trimmed


def _or_unreadable(value: Canonical, text: str) -> Canonical:
    return Unreadable(text) if value is None else value


def _read_plain(field: FieldMapping, system: str, trimmed: str, context: ValueContext) -> Canonical:
    value = read_text(field.type, trimmed, context)
    if field.truncate and isinstance(value, str):
        return spelling.cut(value, min(field.truncate.values())) or None
    return value


def _read_option(field: FieldMapping, system: str, trimmed: str, context: ValueContext) -> Canonical:
    return _option(field, system, trimmed)


def _option(field: FieldMapping, system: str, value: str, beside: Values | None = None) -> str | Unmapped:
    if not field.values and not field.stages:
        return value
    tables = field.tables(beside)
    if system == SALESFORCE:
        return next((table[value] for table in tables if value in table), None) or Unmapped(system, value)
    option = field.read_as.get(value, value)
    return option if any(option in table.values() for table in tables) else Unmapped(system, value)


def _read_options(field: FieldMapping, system: str, trimmed: str, context: ValueContext) -> Canonical:
    parts = (part.strip() for part in trimmed.split(";"))
    return frozenset(_option(field, system, part) for part in parts if part) or None


def _read_owner(field: FieldMapping, system: str, trimmed: str, context: ValueContext) -> Canonical:
    return context.owners.canonical(system, trimmed)


def _read_reference(field: FieldMapping, system: str, trimmed: str, context: ValueContext) -> Canonical:
    for entity, record_id in field.referred(system, trimmed):
        if paired := context.references(system, entity, record_id):
            return paired
    return Waiting(system, " or ".join(field.refers_to), trimmed)


_READERS: dict[FieldType, Callable[[FieldMapping, str, str, ValueContext], Canonical]] = {
    **dict.fromkeys(FieldType, _read_plain),
    FieldType.PICKLIST: _read_option,
    FieldType.MULTIPICKLIST: _read_options,
    FieldType.OWNER: _read_owner,
    FieldType.REFERENCE: _read_reference,
}
