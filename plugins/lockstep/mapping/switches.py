"""Objects that are switched off (HS-12): they are checked as all others, and then they are not there."""

from collections.abc import Sequence
from dataclasses import replace

from lockstep.mapping.definition import ASSOCIATION, FieldMapping, Mapping, Mappings


def switched_on(mappings: Sequence[Mapping]) -> Mappings:
    """Without the objects that are off, and without references to them."""
    on = {mapping.entity for mapping in mappings if mapping.enabled}
    return Mappings(
        tuple(_without(mapping, on) for mapping in mappings if mapping.enabled),
        tuple(mapping for mapping in mappings if not mapping.enabled),
    )


def joined(names: Sequence[str]) -> str:
    """Several associations as one name: `association:deals|companies`."""
    first, *others = names
    return "|".join((first, *(one.removeprefix(ASSOCIATION) for one in others)))


def _without(mapping: Mapping, on: set[str]) -> Mapping:
    if all(one in on for field in mapping.references for one in field.refers_to):
        return mapping
    fields = [_pruned(field, on) if field.refers_to else field for field in mapping.fields]
    return replace(mapping, fields=tuple(field for field in fields if field))


def _pruned(field: FieldMapping, on: set[str]) -> FieldMapping | None:
    """The reference without the records of objects that are off; None if nothing is left to refer to."""
    kept = [(entity, target) for entity, target in field.targets() if entity in on]
    if len(kept) == len(field.refers_to):
        return field
    if not kept:
        return None
    label = field.hubspot.partition("/")[2]
    names = joined([ASSOCIATION + target for _, target in kept]) + (f"/{label}" if label else "")
    return replace(field, refers_to=tuple(entity for entity, _ in kept), hubspot=names)
