"""From a folder of YAML files to `Mappings`, or one error that lists every mistake."""

from collections.abc import Mapping as AbstractMapping
from pathlib import Path

from lockstep.errors import ConfigError
from lockstep.mapping.checks import check, check_together
from lockstep.mapping.definition import FieldMapping, FieldType, Mapping, Mappings, MatchKey
from lockstep.mapping.document import EVERYWHERE, FieldDocument, MappingDocument
from lockstep.mapping.pipelines import pipelines_of, with_stages
from lockstep.mapping.switches import joined, switched_on
from lockstep.yaml_files import Document, refuse

#: files of the folder that are about something else than a pair of objects
OTHER_FILES = {"settings.yaml", "conversions.yaml"}


def load(folder: Path) -> Mappings:
    """All mapping files of the folder, in dependency order.

    Raises ConfigError that names file, line, key and remedy of every mistake in every file.
    """
    found = [path for path in sorted(folder.glob("*.y*ml")) if path.name not in OTHER_FILES]
    if not found:
        hint = "Put mapping files there, or set LOCKSTEP_MAPPINGS to the folder that has them."
        raise ConfigError(f"No mapping files (*.yaml) in {folder}.", hint=hint)
    read = [_read(path) for path in found]
    problems = [one for document, _ in read for one in document.problems]
    mappings = [mapping for _, mapping in read if mapping]
    ordered, together = check_together(mappings, complete=not problems)
    refuse([*problems, *together], f"the mapping files of {folder.name}/")
    return switched_on(ordered)


def _read(path: Path) -> tuple[Document, Mapping | None]:
    document = Document(path)
    content = document.validate(MappingDocument)
    if content is None:
        return document, None
    check(document, content)
    return document, None if document.problems else _mapping(path, content, document)


def _mapping(path: Path, content: MappingDocument, document: Document) -> Mapping:
    fields = tuple(
        _field(one, content.objects.salesforce, document.line(("fields", index)))
        for index, one in enumerate(content.fields)
    )
    pipelines = content.pipelines
    if pipelines:
        fields = with_stages(fields, pipelines, content.objects.salesforce, document.line(("pipelines",)))
    types = {one.name: one.type for one in fields}
    return Mapping(
        entity=path.stem,
        path=path.name,
        sf_objects=tuple(content.objects.salesforce),
        hs_object=content.objects.hubspot,
        external_id=content.external_id.model_dump(),
        match=tuple(
            MatchKey(one.key or one.field, one.field, one.type or types[one.field], frozenset(one.unique), one.also)
            for one in content.match
        ),
        create=content.create.model_dump(),
        create_if_referred=content.create_if_referred,
        update=content.update.model_dump(),
        delete={"salesforce": content.delete.salesforce, "hubspot": content.delete.hubspot},
        edited_and_deleted=content.edited_and_deleted,
        required=content.required,
        fields=fields,
        batch_size=content.batch_size,
        freshness_minutes=content.freshness_minutes,
        enabled=content.enabled,
        backfill=content.backfill,
        inclusion_list=content.inclusion_list,
        one_way=content.direction == "to_salesforce",
        pipelines=pipelines_of(pipelines) if pipelines else None,
        conflict_winner=_per_object(content.conflict_winner, content.objects.salesforce),
    )


def _field(content: FieldDocument, objects: list[str], line: int) -> FieldMapping:
    options = {ours: theirs[0] for ours, theirs in content.values.items()}
    return FieldMapping(
        name=content.name or content.hubspot[0],
        salesforce=_per_object(content.salesforce, objects),
        hubspot=joined(content.hubspot),
        type=common_type(content.type),
        rule=content.rule,
        values=options,
        read_as={extra: theirs[0] for theirs in content.values.values() for extra in theirs[1:]},
        refers_to=tuple(content.reference),
        default=dict(content.default),
        truncate=dict(content.truncate),
        forms={system: form for system, form in content.type.items() if system != EVERYWHERE},
        vendor_filled=frozenset(content.filled_by_vendor),
        sums=content.merged == "sum",
        line=line,
    )


def _per_object(names: AbstractMapping[str, str], objects: list[str]) -> dict[str, str]:
    return dict.fromkeys(objects, names[EVERYWHERE]) if EVERYWHERE in names else dict(names)


def common_type(forms: AbstractMapping[str, FieldType]) -> FieldType:
    """The type by which both sides are compared: of a date and a point in time the date, of text and html the text."""
    kinds = set(forms.values())
    return next((one for one in (FieldType.DATE, FieldType.TEXT) if len(kinds) > 1 and one in kinds), next(iter(kinds)))
