"""The value `ObjectType`, and short ways to write a property down."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sandbox.hubspot import options as lists
from sandbox.hubspot.catalogue import Option, Property


@dataclass(frozen=True)
class ObjectType:
    """One CRM object type. `modified` names its last-modified property, `defaults` what is answered when none is asked
    for, `required` the groups of properties of which a create needs at least one each."""

    id: str
    plural: str
    singular: str
    modified: str
    created: str
    defaults: tuple[str, ...]
    required: tuple[tuple[str, ...], ...]
    group: str
    primary_display: str
    unique: tuple[str, ...] = ()
    mergeable: bool = True
    searchable: tuple[str, ...] = ()


def text(name: str, label: str, field_type: str = "text") -> Property:
    return Property(name, label, "string", field_type)


def number(name: str, label: str) -> Property:
    return Property(name, label, "number", "number")


def choice(name: str, label: str, options: tuple[Option, ...], field_type: str = "select") -> Property:
    return Property(name, label, "enumeration", field_type, options=options)


def fixed(name: str, label: str, kind: str = "string", field_type: str | None = None) -> Property:
    """A property that HubSpot itself writes; a client's write is refused with READ_ONLY_VALUE."""
    fields = {"datetime": "date", "number": "number", "bool": "booleancheckbox"}
    options = lists.BOOLEAN if kind == "bool" else ()
    return Property(name, label, kind, field_type or fields.get(kind, "text"), options=options, read_only=True)


def stamped(created: str, modified: str) -> list[Property]:
    return [
        fixed(created, "Create Date", "datetime"),
        fixed(modified, "Last Modified Date", "datetime"),
        fixed("hs_object_id", "Record ID", "number"),
        fixed("hs_object_source", "Record creation source"),
        fixed("hs_object_source_label", "Record source"),
        fixed("hs_object_source_id", "Record creation source ID"),
        fixed("hs_merged_object_ids", "Merged record IDs"),
        Property("hubspot_owner_id", "Owner", "enumeration", "select", external="OWNER"),
        fixed("hubspot_owner_assigneddate", "Owner Assigned Date", "datetime"),
    ]


def address() -> list[Property]:
    pairs = (("address", "Street Address"), ("city", "City"), ("zip", "Postal Code"), ("country", "Country/Region"))
    return [*(text(name, label) for name, label in pairs), text("state", "State/Region")]


def read_only(properties: list[Property]) -> list[Property]:
    return [replace(item, read_only=True) for item in properties]


def custom(item: Property) -> Property:
    return replace(item, standard=False)
