"""Mappings without the fields that a vendor's change has made unusable. Pure."""

from dataclasses import replace

from lockstep.mapping.definition import FieldMapping, Mapping, Mappings
from lockstep.model import HUBSPOT, SALESFORCE

#: (system, object, vendor's field)
Held = frozenset[tuple[str, str, str]]


def without(mappings: Mappings, held: Held) -> Mappings:
    """The mappings as they were written, without the held fields; `whole` leads back to all of them.

    A held field is unknown, not blank: it is not read, compared or written. Its mapping counts as unedited, since nobody
    edited it.
    """
    whole = mappings.whole
    return Mappings(tuple(_without(one, held) for one in whole.all), whole.off, whole) if held else whole


def can_do_without(mapping: Mapping, field: FieldMapping) -> bool:
    """False for what records are matched by, created with, or sorted into pipelines by."""
    required = {name for names in mapping.required.values() for name in names}
    pipelines = {mapping.pipelines.field, mapping.pipelines.record_type} if mapping.pipelines else set()
    own = {field.name, field.hubspot, *field.salesforce.values()}
    return field.name not in {key.field for key in mapping.match} | required and not own & pipelines


def _without(mapping: Mapping, held: Held) -> Mapping:
    fields = tuple(left for one in mapping.fields if (left := _left(mapping, one, held)))
    if fields == mapping.fields:
        return mapping
    reduced = replace(mapping, fields=fields)
    # a cached property: the guard of edited mappings is about edits by people
    reduced.__dict__["hash"] = mapping.hash
    return reduced


def _left(mapping: Mapping, field: FieldMapping, held: Held) -> FieldMapping | None:
    """What is left of the field; None: nothing."""
    if not can_do_without(mapping, field):
        return field
    if (HUBSPOT, mapping.hs_object, field.hubspot) in held:
        return None
    salesforce = {name: one for name, one in field.salesforce.items() if (SALESFORCE, name, one) not in held}
    if len(salesforce) == len(field.salesforce):
        return field
    return replace(field, salesforce=salesforce) if salesforce else None
