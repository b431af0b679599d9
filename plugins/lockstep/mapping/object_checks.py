"""What a mapping file can get wrong about the object as a whole: its keys, its pipelines, its direction, its switch."""

from collections import Counter
from collections.abc import Iterable, Iterator

from lockstep.mapping.definition import FieldMapping, FieldType, Mapping
from lockstep.mapping.document import MappingDocument, PipelinesDocument
from lockstep.yaml_files import Path_, Problem

Mistake = tuple[Path_, str, str]

#: levels of custom objects (MK-25)
DEPTH = 2
#: HubSpot objects that take no properties of ours, besides links
WITHOUT_PROPERTIES = frozenset({"campaigns"})


def external_id_problems(content: MappingDocument) -> Iterator[Mistake]:
    """Without a property of ours, a create whose answer was lost would be repeated."""
    hubspot = content.objects.hubspot
    bare = hubspot in WITHOUT_PROPERTIES or "/" in hubspot
    if content.create.hubspot and not content.external_id.hubspot and not bare:
        message = f"Records of {hubspot} are created, but no property keeps the pair's id."
        yield ("external_id",), message, "Add `hubspot: lockstep_id`: sync_schema creates the property."


def match_problems(content: MappingDocument) -> Iterator[Mistake]:
    """Each match key has a name of its own."""
    names = [one.key or one.field for one in content.match]
    for index, name in enumerate(names):
        if name in names[:index]:
            remedy = "Remove one of them, or give it a `key:` of its own if it compares otherwise."
            yield ("match", index), f"There are two match keys {name!r}.", remedy


def pipeline_problems(content: MappingDocument) -> Iterator[Mistake]:
    """(place, message, remedy) of each mistake under `pipelines`."""
    pipelines = content.pipelines
    if pipelines is None:
        return
    named = [one for one in content.fields if (one.name or one.hubspot[0]) == pipelines.stage]
    if not named:
        yield ("pipelines", "stage"), f"There is no field {pipelines.stage!r}.", "Name the field that holds the stage."
    elif next(iter(named[0].type.values())) is not FieldType.PICKLIST or named[0].values:
        remedy = "Give it type picklist and no `values`: the stages stand under `pipelines`."
        yield ("pipelines", "stage"), f"The field {pipelines.stage!r} does not hold stages.", remedy
    if any(pipelines.hubspot in one.hubspot for one in content.fields):
        remedy = "Remove that line: `pipelines` keeps the property in step."
        yield ("pipelines", "hubspot"), f"{pipelines.hubspot} is mapped under `fields`, too.", remedy
    yield from _ambiguous(pipelines)


def _ambiguous(pipelines: PipelinesDocument) -> Iterator[Mistake]:
    """A record must have one pipeline, and a stage one meaning, in both directions."""
    without = [name for name, one in pipelines.synced.items() if not one.record_types]
    if len(pipelines.synced) > 1:
        for name in without:
            remedy = "Name the Salesforce record types whose records stand in it."
            yield ("pipelines", "synced", name), "Of several pipelines, each needs its `record_types`.", remedy
    for what, counts in (
        ("record type", Counter(kind for one in pipelines.synced.values() for kind in one.record_types)),
        ("stage", Counter(stage for one in pipelines.synced.values() for stage in _stages(one.stages))),
    ):
        for repeated in [name for name, count in counts.items() if count > 1]:
            remedy = "Name it in one of them."
            yield ("pipelines", "synced"), f"The {what} {repeated!r} stands in several pipelines.", remedy


def _stages(table: dict[str, list[str]]) -> set[str]:
    return {stage for stages in table.values() for stage in stages}


def direction_problems(content: MappingDocument) -> Iterator[Mistake]:
    """What is copied once is neither updated nor created in HubSpot."""
    if content.direction != "to_salesforce":
        return
    if content.create.hubspot is not None:
        yield ("create", "hubspot"), "HubSpot is not written to in this direction.", "Write `hubspot: never`."
    if content.update.salesforce or content.update.hubspot:
        remedy = "Write `update: {salesforce: false, hubspot: false}`."
        yield ("update",), "Records are copied once in this direction.", remedy


def depth_problems(mapping: Mapping, known: dict[str, Mapping]) -> Iterator[Problem]:
    """Custom objects may stand two levels below accounts and people, not deeper (MK-25)."""
    for field in mapping.references:
        levels = _customs(mapping, (field,), known)
        if len(levels) > DEPTH:
            message = f"{' below '.join(levels)}: custom objects can be synced {DEPTH} levels deep."
            remedy = "Refer to an object that is nearer to accounts and people, or remove the file."
            yield Problem(mapping.path, field.line, f"fields.{field.name}", message, remedy)


def _customs(mapping: Mapping, fields: Iterable[FieldMapping], known: dict[str, Mapping]) -> list[str]:
    """The custom objects from this one upwards by these fields; of several ways the longest."""
    if not any(name.endswith("__c") for name in mapping.sf_objects):
        return []
    parents = [known[one] for field in fields for one in field.refers_to if one in known and one != mapping.entity]
    above = (_customs(parent, parent.references, known) for parent in parents)
    return [mapping.entity, *max(above, key=len, default=[])]


def referrer_problems(mapping: Mapping, known: dict[str, Mapping]) -> Iterator[Problem]:
    """`create_if_referred` names a file whose records do refer to these."""
    for system, entity in mapping.create_if_referred.items():
        if mapping.entity not in [one for field in _references(known.get(entity)) for one in field.refers_to]:
            referring = [
                name for name, one in known.items() if any(mapping.entity in f.refers_to for f in one.references)
            ]
            remedy = f"Use one of: {', '.join(sorted(referring))}." if referring else "Remove the key."
            message = f"{entity}.yaml has no reference to {mapping.entity}."
            yield Problem(mapping.path, 1, f"create_if_referred.{system}", message, remedy)


def _references(mapping: Mapping | None) -> tuple[FieldMapping, ...]:
    return mapping.references if mapping else ()


def switch_problems(mapping: Mapping, known: dict[str, Mapping]) -> Iterator[Problem]:
    """A record cannot require a reference to objects that are all switched off."""
    off = {entity for entity, one in known.items() if not one.enabled}
    required = {name for names in mapping.required.values() for name in names}
    for field in mapping.references:
        if mapping.enabled and field.name in required and field.refers_to and off.issuperset(field.refers_to):
            message = f"{field.name} is required, but {' and '.join(field.refers_to)} is switched off."
            remedy = "Switch it on, or do not require the field, or switch this object off, too."
            yield Problem(mapping.path, field.line, f"fields.{field.name}", message, remedy)
