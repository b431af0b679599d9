"""What a mapping file can get wrong beyond its grammar: names that do not exist, fields mapped twice, circles of references."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from lockstep.lifecycle import WORKED_OUT
from lockstep.mapping.definition import ASSOCIATION as PREFIX
from lockstep.mapping.definition import FieldType, Mapping, Rule
from lockstep.mapping.document import EVERYWHERE, FieldDocument, MappingDocument
from lockstep.mapping.object_checks import (
    depth_problems,
    direction_problems,
    external_id_problems,
    match_problems,
    pipeline_problems,
    referrer_problems,
    switch_problems,
)
from lockstep.model import HUBSPOT, SALESFORCE
from lockstep.yaml_files import Document, Path_, Problem

ASSOCIATION = re.compile(r"association:[a-z0-9_]+(/\w+)?")
#: types that the two sides of one field may have
MIXED = ({FieldType.DATE, FieldType.DATETIME}, {FieldType.TEXT, FieldType.HTML})
LISTS = (FieldType.PICKLIST, FieldType.MULTIPICKLIST)
TEXTS = (FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.DOMAIN)


def check(document: Document, content: MappingDocument) -> None:
    """Notes on `document` every mistake that shows within one file."""
    names = [one.name or one.hubspot[0] for one in content.fields]
    _check_objects(document, content)
    _check_names(document, content, names)
    for index, field in enumerate(content.fields):
        for problem in _field_problems(field, content):
            document.problem(("fields", index, *problem[0]), *problem[1:])
    _check_twice(document, content)
    for found in (external_id_problems, match_problems, pipeline_problems, direction_problems):
        for place, message, remedy in found(content):
            document.problem(place, message, remedy)


def check_together(mappings: list[Mapping], complete: bool) -> tuple[list[Mapping], list[Problem]]:
    """The mappings in dependency order, and the mistakes that show only between files.

    `complete`: no file was refused, so that a reference to an unknown entity is a mistake and not a consequence.
    """
    known = {mapping.entity: mapping for mapping in mappings}
    problems = [*_shared_objects(mappings)]
    if complete:
        problems += [one for mapping in mappings for one in _reference_problems(mapping, known)]
        problems += [one for mapping in mappings for one in switch_problems(mapping, known)]
        problems += [one for mapping in mappings for one in referrer_problems(mapping, known)]
    graph = {
        mapping.entity: [one for one in _referenced(mapping) if one in known and one != mapping.entity]
        for mapping in mappings
    }
    try:
        ordered = [known[entity] for entity in TopologicalSorter(graph).static_order()]
        return ordered, problems + [one for mapping in ordered for one in depth_problems(mapping, known)]
    except CycleError as error:
        return mappings, [*problems, _circle(error.args[1], known)]


def _check_objects(document: Document, content: MappingDocument) -> None:
    objects = content.objects
    if content.create.salesforce not in (None, *objects.salesforce):
        remedy = f"Use one of {', '.join(objects.salesforce)}, or `never`."
        document.problem(("create", SALESFORCE), f"{content.create.salesforce} is not an object of this file.", remedy)
    if content.create.hubspot not in (None, objects.hubspot):
        remedy = f"Use {objects.hubspot}, or `never`."
        document.problem(("create", HUBSPOT), f"{content.create.hubspot} is not this file's HubSpot object.", remedy)
    for name in content.conflict_winner:
        if name not in (EVERYWHERE, *objects.salesforce):
            remedy = f"Use one of {', '.join(objects.salesforce)}."
            document.problem(("conflict_winner", name), f"{name} is not a Salesforce object of this file.", remedy)
    for name in content.required:
        if name not in (*objects.salesforce, objects.hubspot):
            remedy = f"Use one of {', '.join([*objects.salesforce, objects.hubspot])}."
            document.problem(("required", name), f"{name} is not an object of this file.", remedy)


def _check_names(document: Document, content: MappingDocument, names: list[str]) -> None:
    for name in _repeated(names):
        second = [index for index, one in enumerate(names) if one == name][1]
        document.problem(
            ("fields", second), f"Two fields have the name {name!r}.", "Give one of them a `name:` of its own."
        )
    for index, match in enumerate(content.match):
        if match.field not in names:
            remedy = f"Use the name of one of the fields: {', '.join(dict.fromkeys(names))}."
            document.problem(("match", index, "field"), f"There is no field {match.field!r}.", remedy)
    for name, fields in content.required.items():
        for index, field in enumerate(fields):
            if field not in names:
                remedy = f"Use the name of one of the fields: {', '.join(dict.fromkeys(names))}."
                document.problem(("required", name, index), f"There is no field {field!r}.", remedy)
            elif not _has(content.fields[names.index(field)], name, content):
                remedy = f"Name the Salesforce field of {name} under `fields`, or do not require it there."
                document.problem(("required", name, index), f"The field {field!r} does not exist on {name}.", remedy)


def _has(field: FieldDocument, object: str, content: MappingDocument) -> bool:
    return object == content.objects.hubspot or EVERYWHERE in field.salesforce or object in field.salesforce


def _field_problems(field: FieldDocument, content: MappingDocument) -> Iterator[tuple[Path_, str, str]]:
    """(place within the field, message, remedy) of each mistake."""
    kinds = set(field.type.values())
    kind = next(iter(field.type.values()))
    for name in field.salesforce:
        if name not in (EVERYWHERE, *content.objects.salesforce):
            yield (
                ("salesforce", name),
                f"{name} is not an object of this file.",
                f"Use {', '.join(content.objects.salesforce)}.",
            )
    if len(kinds) > 1 and kinds not in MIXED:
        message = "Only date and datetime, and text and html, can be paired with each other."
        yield ("type",), message, "Write one type for both sides."
    if field.values and kind not in LISTS:
        yield ("values",), f"A field of type {kind} has no list of values.", "Use type picklist, or remove `values`."
    if field.merged == "sum" and kind is not FieldType.NUMBER:
        yield ("merged",), f"A field of type {kind} cannot be added up.", "Use type number, or remove `merged`."
    if field.merged == "sum" and field.rule in (Rule.always_salesforce, Rule.always_hubspot, Rule.dont_sync):
        yield ("merged",), f"By the rule {field.rule} a sum cannot be written to both sides.", "Use another rule."
    if field.truncate and kind not in TEXTS:
        yield ("truncate",), f"A field of type {kind} cannot be cut.", "Remove `truncate`."
    yield from _option_problems(field)
    yield from _association_problems(field, kind)
    yield from _lifecycle_problems(field, kind)


def _option_problems(field: FieldDocument) -> Iterator[tuple[Path_, str, str]]:
    written = {options[0] for options in field.values.values() if options}
    extras = [(value, extra) for value, options in field.values.items() for extra in options[1:]]
    repeated = _repeated(extra for _, extra in extras)
    for value, options in field.values.items():
        if not options or not all(options):
            yield (
                ("values", value),
                "There is no HubSpot option.",
                "Name one, or remove the line: the value is then reported.",
            )
    for value, extra in extras:
        if extra in written or extra in repeated:
            remedy = (
                "List each option once; an option that is written may stand first for several values, but not later."
            )
            yield ("values", value), f"The HubSpot option {extra!r} stands for several Salesforce values.", remedy


def _lifecycle_problems(field: FieldDocument, kind: FieldType) -> Iterator[tuple[Path_, str, str]]:
    """HubSpot's stage never moves Salesforce (HS-08)."""
    if (kind is FieldType.LIFECYCLE) != (not set(field.salesforce.values()).isdisjoint(WORKED_OUT)):
        yield ("salesforce",), "A lifecycle stage is worked out of opportunities.", f"Write {' or '.join(WORKED_OUT)}."
    elif kind is FieldType.LIFECYCLE and field.rule not in (Rule.always_salesforce, Rule.dont_sync):
        yield ("rule",), "A lifecycle stage is written to HubSpot only.", "Write always_salesforce or dont_sync."


def _association_problems(field: FieldDocument, kind: FieldType) -> Iterator[tuple[Path_, str, str]]:
    links = [name for name in field.hubspot if name.startswith(PREFIX)]
    for name in links:
        if not ASSOCIATION.fullmatch(name):
            remedy = (
                "Write association:<object>, or association:<object>/<label> such as association:companies/primary."
            )
            yield ("hubspot",), f"{name!r} is not an association.", remedy
    if len(field.hubspot) > 1 and (len(links) < len(field.hubspot) or any("/" in name for name in links)):
        remedy = "Write a list of associations without labels, or one name."
        yield ("hubspot",), "Only associations without labels can stand in a list.", remedy
    if kind is FieldType.REFERENCE and field.reference and len(field.reference) != len(field.hubspot):
        yield (
            ("reference",),
            "There are not as many mapping files as associations.",
            "Name one for each, in the same order.",
        )
    if kind is FieldType.REFERENCE and not field.reference:
        yield (
            ("type",),
            "A reference does not say to what.",
            "Add `reference:` with the name of a mapping file, without .yaml.",
        )
    if kind is not FieldType.REFERENCE and (field.reference or links):
        yield ("type",), f"An association cannot have the type {kind}.", "Use type reference."


def _check_twice(document: Document, content: MappingDocument) -> None:
    """One vendor field in two lines could never settle: each line would undo what the other wrote."""
    seen: dict[tuple[str, str], int] = {}
    external = [(one, content.external_id.salesforce) for one in content.objects.salesforce]
    taken = {*external, (content.objects.hubspot, content.external_id.hubspot)}
    for index, field in enumerate(content.fields):
        for object, name in _vendor_fields(field, content):
            if (object, name) in taken:
                remedy = "Remove the field: Lockstep keeps the pair's id there."
                document.problem(("fields", index), f"{object}.{name} is the external id.", remedy)
            elif seen.setdefault((object, name), index) != index:
                remedy = (
                    f"Keep one of the two lines (the other is line {document.line(('fields', seen[object, name]))})."
                )
                document.problem(("fields", index), f"{object}.{name} is mapped twice.", remedy)


def _vendor_fields(field: FieldDocument, content: MappingDocument) -> list[tuple[str, str]]:
    every = field.salesforce.get(EVERYWHERE)
    ours = [(one, every) for one in content.objects.salesforce] if every else list(field.salesforce.items())
    return [*ours, *((content.objects.hubspot, name) for name in field.hubspot)]


def _shared_objects(mappings: list[Mapping]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for mapping in mappings:
        for system in (SALESFORCE, HUBSPOT):
            for name in mapping.sources(system):
                first = seen.setdefault((system, name), mapping.path)
                if first != mapping.path:
                    remedy = "Keep it in one file: a record has one partner."
                    yield Problem(mapping.path, 1, "objects", f"The {system} object {name} is also in {first}.", remedy)


def _referenced(mapping: Mapping) -> list[str]:
    return [entity for field in mapping.references for entity in field.refers_to]


def _reference_problems(mapping: Mapping, known: dict[str, Mapping]) -> Iterator[Problem]:
    for field in mapping.references:
        key, label = f"fields.{field.name}", field.hubspot.partition("/")[2]
        for entity, object in field.targets():
            target = known.get(entity)
            if target is None:
                remedy = f"Use one of: {', '.join(sorted(known))}."
                yield Problem(mapping.path, field.line, key, f"There is no mapping file {entity}.yaml.", remedy)
            elif field.is_association and object != target.hs_object:
                written, right = (PREFIX + one + (f"/{label}" if label else "") for one in (object, target.hs_object))
                message = f"{written} leads to {object}, but {entity} is about {target.hs_object}."
                yield Problem(mapping.path, field.line, key, message, f"Write {right}.")


def _circle(entities: list[str], known: dict[str, Mapping]) -> Problem:
    mapping = known[entities[0]]
    message = f"The files refer to each other in a circle: {' -> '.join(entities)}."
    return Problem(mapping.path, mapping.references[0].line, "fields", message, "Remove one of the references.")


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
