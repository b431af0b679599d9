"""The pipelines of a mapping file as fields: a record's pipeline is its Salesforce record type, its stage depends on both (HS-18)."""

from dataclasses import replace

from lockstep.mapping.definition import FieldMapping, FieldType, Pipelines
from lockstep.mapping.document import PipelinesDocument
from lockstep.model import HUBSPOT

#: names record types as people know them in every org; ids differ between a sandbox org and production
RECORD_TYPE = "RecordType.DeveloperName"


def pipelines_of(content: PipelinesDocument) -> Pipelines:
    types = {name: tuple(one.record_types) for name, one in content.synced.items()}
    return Pipelines(content.hubspot, RECORD_TYPE if any(types.values()) else None, types)


def with_stages(
    fields: tuple[FieldMapping, ...], content: PipelinesDocument, objects: list[str], line: int
) -> tuple[FieldMapping, ...]:
    """The fields with the stages of all pipelines, and one field more: the pipeline itself."""
    tables = {name: {ours: theirs[0] for ours, theirs in one.stages.items()} for name, one in content.synced.items()}
    extra = {
        also: theirs[0] for one in content.synced.values() for theirs in one.stages.values() for also in theirs[1:]
    }
    by_type = {kind: tables[name] for name, one in content.synced.items() for kind in one.record_types}
    staged = [
        replace(
            field,
            values={} if by_type else next(iter(tables.values())),
            read_as=extra,
            stages=by_type,
            record_type=RECORD_TYPE if by_type else "",
        )
        if field.name == content.stage
        else field
        for field in fields
    ]
    pipeline = FieldMapping(
        name=content.hubspot,
        salesforce=dict.fromkeys(objects, RECORD_TYPE) if by_type else {},
        hubspot=content.hubspot,
        type=FieldType.PICKLIST,
        rule=content.rule,
        values={kind: name for name, one in content.synced.items() for kind in one.record_types},
        default={} if by_type else {HUBSPOT: next(iter(content.synced))},
        line=line,
    )
    return (pipeline, *staged)
