"""Mappings against what the vendors describe: fields that do not exist, types that do not fit, options without counterpart."""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, replace

from lockstep.lifecycle import WORKED_OUT
from lockstep.mapping.definition import FieldMapping, FieldType, Mapping, Mappings, Rule
from lockstep.model import HUBSPOT, SALESFORCE, Field, ObjectSchema
from lockstep.yaml_files import Problem

Schemas = AbstractMapping[tuple[str, str], ObjectSchema]

_SF_TEXT = frozenset({"string", "textarea", "email", "phone", "url", "combobox", "encryptedstring", "id"})
_HS_TEXT = frozenset({"string", "phone_number"})
_NUMBERS = frozenset({"int", "long", "double", "currency", "percent"})

#: type in the mapping -> types of Salesforce (Object Reference, field types) and of HubSpot (Properties API) that fit (HS-14)
FITTING: dict[FieldType, dict[str, frozenset[str]]] = {
    **dict.fromkeys((FieldType.STRING, FieldType.TEXT, FieldType.HTML), {SALESFORCE: _SF_TEXT, HUBSPOT: _HS_TEXT}),
    FieldType.EMAIL: {SALESFORCE: frozenset({"email", "string"}), HUBSPOT: _HS_TEXT},
    FieldType.PHONE: {SALESFORCE: frozenset({"phone", "string"}), HUBSPOT: _HS_TEXT},
    **dict.fromkeys((FieldType.URL, FieldType.DOMAIN), {SALESFORCE: frozenset({"url", "string"}), HUBSPOT: _HS_TEXT}),
    FieldType.NUMBER: {SALESFORCE: _NUMBERS, HUBSPOT: frozenset({"number"})},
    FieldType.BOOLEAN: {SALESFORCE: frozenset({"boolean"}), HUBSPOT: frozenset({"bool", "enumeration"})},
    FieldType.DATE: {SALESFORCE: frozenset({"date"}), HUBSPOT: frozenset({"date", "string"})},
    FieldType.DATETIME: {SALESFORCE: frozenset({"datetime"}), HUBSPOT: frozenset({"datetime"})},
    FieldType.PICKLIST: {
        SALESFORCE: frozenset({"picklist", "combobox", "string"}),
        HUBSPOT: frozenset({"enumeration", "string"}),
    },
    FieldType.MULTIPICKLIST: {SALESFORCE: frozenset({"multipicklist"}), HUBSPOT: frozenset({"enumeration"})},
    **dict.fromkeys(
        (FieldType.COUNTRY, FieldType.STATE),
        {SALESFORCE: _SF_TEXT | {"picklist"}, HUBSPOT: _HS_TEXT | {"enumeration"}},
    ),
    FieldType.LIFECYCLE: {SALESFORCE: frozenset(), HUBSPOT: frozenset({"enumeration"})},
    FieldType.OWNER: {SALESFORCE: frozenset({"reference"}), HUBSPOT: frozenset({"enumeration", "string", "number"})},
    FieldType.REFERENCE: {
        SALESFORCE: frozenset({"reference"}),
        HUBSPOT: frozenset({"enumeration", "string", "number"}),
    },
}

#: rules by which a side is never written to
_NEVER_WRITTEN = {SALESFORCE: {Rule.always_salesforce, Rule.dont_sync}, HUBSPOT: {Rule.always_hubspot, Rule.dont_sync}}
#: HubSpot describes stages with the pipelines, not with the property
_STAGES = ("dealstage", "hs_pipeline_stage")
_SHOWN = 8


def check_against(mappings: Mappings, schemas: Schemas) -> list[Problem]:
    """Mistakes (`error`) and remarks (`warning`) of all mappings; objects that are not in `schemas` are not checked.

    Errors are what would make reads or writes fail: missing, hidden and read-only fields, types that do not fit, options
    that do not exist, required fields that nothing fills. Warnings are values that cannot travel.
    """
    return [one for mapping in mappings.all for one in _Check(mapping, mappings, schemas).problems()]


@dataclass(frozen=True)
class _Check:
    mapping: Mapping
    mappings: Mappings
    schemas: Schemas

    def problems(self) -> Iterator[Problem]:
        for system in (SALESFORCE, HUBSPOT):
            for object in self.mapping.objects(system):
                schema = self.schemas.get((system, object))
                if schema is not None:
                    yield from self._object(system, object, schema)
        yield from self._counterparts()

    def _object(self, system: str, object: str, schema: ObjectSchema) -> Iterator[Problem]:
        external = self.mapping.external_id[system]
        if external and external not in schema.fields:
            remedy = {
                SALESFORCE: "Deploy the field and its permission set.",
                HUBSPOT: "Run sync_schema: it creates it.",
            }[system]
            message = f"{object} has no field {external}, or hides it from the integration user."
            yield Problem(self.mapping.path, 1, f"external_id.{system}", message, remedy)
        for field in self.mapping.fields:
            name = field.on(system, object)
            if name is None or name in WORKED_OUT or field.rule is Rule.dont_sync:
                continue
            if system == HUBSPOT and field.is_association:
                continue
            described = schema.fields.get(name)
            if described is None:
                yield self._missing(field, object, name, schema)
            else:
                yield from self._field(field, system, object, described)
        yield from self._required(system, object, schema)

    def _missing(self, field: FieldMapping, object: str, name: str, schema: ObjectSchema) -> Problem:
        same = next((one for one in schema.fields if one.lower() == name.lower()), None)
        remedy = (
            f"Write {same}."
            if same
            else "Correct the name, or let the integration user see the field, or remove the line."
        )
        return self._of(field, f"{object} has no field {name}, or hides it from the integration user.", remedy)

    def _field(self, field: FieldMapping, system: str, object: str, described: Field) -> Iterator[Problem]:
        where = f"{object}.{described.name}"
        if described.type not in FITTING[field.form(system)][system]:
            yield self._of(
                field,
                f"{where} is of type {described.type}, which does not fit {field.form(system)}.",
                _fits(described),
            )
        if self._written(field, system) and not (described.writable or described.creatable):
            remedy = f"Use the rule {_one_way(system)}, or let the integration user edit the field."
            yield self._of(field, f"{where} is read-only, but the rule {field.rule} writes to it.", remedy)
        if field.type is FieldType.REFERENCE and described.reference_to:
            yield from self._target(field, where, described)

    def _target(self, field: FieldMapping, where: str, described: Field) -> Iterator[Problem]:
        for entity in field.refers_to:
            objects = self.mappings.entity(entity).sf_objects
            if not set(objects) & set(described.reference_to):
                message = f"{where} refers to {', '.join(described.reference_to)}, but {entity} is about {', '.join(objects)}."
                yield self._of(field, message, "Name the mapping file of that object under `reference`.")

    def _written(self, field: FieldMapping, system: str) -> bool:
        side_is_written = self.mapping.update[system] or self.mapping.create[system] is not None
        return side_is_written and field.rule not in _NEVER_WRITTEN[system]

    def _required(self, system: str, object: str, schema: ObjectSchema) -> Iterator[Problem]:
        if self.mapping.create[system] != object:
            return
        names = {field.on(system, object): field for field in self.mapping.fields if self._written(field, system)}
        demanded = self.mapping.required.get(object, ())
        for described in schema.fields.values():
            field = names.get(described.name)
            if not described.required or described.name == self.mapping.external_id[system]:
                continue
            if field is None:
                remedy = f"Add the field to the mapping, or write `create: {{{system}: never}}`."
                yield Problem(
                    self.mapping.path,
                    1,
                    f"create.{system}",
                    f"{object} requires {described.name}, and no line fills it.",
                    remedy,
                )
            elif field.name not in demanded:
                remedy = f"List {field.name} under `required: {{{object}: [...]}}`, so that records without it are skipped with a reason."
                yield self._of(field, f"{object} requires {described.name}.", remedy, warning=True)

    def _counterparts(self) -> Iterator[Problem]:
        yield from self._pipelines()
        own = self.mapping.pipelines.field if self.mapping.pipelines else None
        for field in (one for one in self.mapping.fields if one.hubspot != own):
            if field.type in (FieldType.PICKLIST, FieldType.MULTIPICKLIST) and field.rule is not Rule.dont_sync:
                theirs = self._options(field, HUBSPOT, self.mapping.hs_object)
                for object in field.salesforce:
                    yield from self._lists(field, object, self._options(field, SALESFORCE, object), theirs)

    def _pipelines(self) -> Iterator[Problem]:
        """Pipelines and record types that are not there; those that are not named are left alone on purpose (HS-18)."""
        if self.mapping.pipelines is None:
            return
        field = self.mapping.by_name[self.mapping.pipelines.field]
        theirs = self.schemas.get((HUBSPOT, self.mapping.hs_object))
        if theirs and (wrong := _without(self.mapping.pipelines.record_types, theirs.pipelines)):
            remedy = f"Write the internal ids of pipelines: {_shown(list(theirs.pipelines))}."
            yield self._of(field, f"{self.mapping.hs_object} has no pipeline {_shown(wrong)}.", remedy)
        for object in field.salesforce:
            ours = self._options(field, SALESFORCE, object)
            if ours and (wrong := _without(field.values, ours)):
                remedy = f"Write developer names of record types: {_shown(list(ours))}."
                yield self._of(field, f"{object} has no record type {_shown(wrong)}.", remedy)

    def _options(self, field: FieldMapping, system: str, object: str) -> tuple[str, ...]:
        schema = self.schemas.get((system, object))
        described = schema.fields.get(field.on(system, object) or "") if schema else None
        if schema and described and described.name in _STAGES and schema.pipelines:
            synced = self.mapping.pipelines.record_types if self.mapping.pipelines else schema.pipelines
            known = (schema.pipelines.get(name, ()) for name in synced)
            return tuple(dict.fromkeys(stage for stages in known for stage in stages))
        return described.options if described else ()

    def _lists(
        self, field: FieldMapping, object: str, ours: tuple[str, ...], theirs: tuple[str, ...]
    ) -> Iterator[Problem]:
        listed = {value: option for table in field.tables() for value, option in table.items()}
        mapped = listed or {value: value for value in ours if not theirs or value in theirs}
        known = {*mapped.values(), *field.read_as}
        hubspot = f"{self.mapping.hs_object}.{field.hubspot}"
        if listed and ours and (wrong := _without(listed, ours)):
            yield self._of(field, f"{object} has no value {_shown(wrong)}.", "Correct the value under `values`.")
        if listed and theirs and (wrong := _without(known, theirs)):
            yield self._of(
                field, f"{hubspot} has no option {_shown(wrong)}.", "Correct it under `values`, or add it in HubSpot."
            )
        if ours and theirs and (alone := _without(ours, mapped)):
            message = f"These values of {object} have no counterpart in {hubspot}: {_shown(alone)}."
            yield self._of(field, message, "Name a HubSpot option for each under `values`.", warning=True)
        if ours and theirs and self._written(field, SALESFORCE) and (alone := _without(theirs, known)):
            message = f"These options of {hubspot} have no counterpart in {object}: {_shown(alone)}."
            yield self._of(field, message, "Add each to the list of a Salesforce value under `values`.", warning=True)

    def _of(self, field: FieldMapping, message: str, remedy: str, warning: bool = False) -> Problem:
        problem = Problem(self.mapping.path, field.line, f"fields.{field.name}", message, remedy)
        return replace(problem, severity="warning") if warning else problem


def _fits(described: Field) -> str:
    """Which types of a mapping a vendor's field would fit."""
    fitting = dict.fromkeys(
        str(kind) for kind, sides in FITTING.items() if any(described.type in types for types in sides.values())
    )
    return f"Use type {' or '.join(fitting)}." if fitting else "Fields of this type cannot be synced: remove the line."


def _one_way(system: str) -> str:
    return Rule.always_salesforce if system == SALESFORCE else Rule.always_hubspot


def _without(values: Iterable[str], known: Iterable[str]) -> list[str]:
    there = set(known)
    return [value for value in values if value not in there]


def _shown(values: list[str]) -> str:
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(repr(value) for value in values[:_SHOWN]) + more
