"""Values as they are written: canonical form -> the raw text that a vendor's field takes, or a rejection. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from lockstep import markup, places, scalars, spelling
from lockstep.labels import LABEL
from lockstep.mapping import FieldMapping, FieldType
from lockstep.model import SALESFORCE, Rejection
from lockstep.model import Field as SchemaField
from lockstep.owners import OwnerRef
from lockstep.values.reading import Canonical, Unmapped, Unreadable, ValueContext, Waiting, read_text

#: Salesforce's two objects for people, by the first three characters of their ids
PERSON = {"003": "Contact", "00Q": "Lead"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """The raw value to write; None clears the field."""

    value: str | None


def render(
    field: FieldMapping, system: str, object: str, value: Canonical, source_raw: str | None, context: ValueContext
) -> Rendered | Rejection:
    """The raw value that makes `object` of `system` hold `value`.

    `source_raw` is the text that `value` was read from, on either side: its spelling is kept where the type has several
    (telephone numbers, e-mail, web addresses). A rejection names the vendor's field and one of the codes `wrong_type`,
    `picklist_value`, `inactive_owner`, `required_empty`, `waiting_for_reference`, `value_too_long`.
    """
    name = field.on(system, object)
    if name is None:
        return Rejection(
            "unknown_field", f"{object} has no field for {field.name!r} in the mapping.", fields=(field.name,)
        )
    if value is None:
        return _blank(field, system, name)
    described = _described(system, object, name, context)
    if field.type in (FieldType.COUNTRY, FieldType.STATE):
        value = places.written(str(value), described.options if described else ())
    result = _write(field, system, value, source_raw, context)
    if isinstance(result, Rejection):
        return Rejection(result.code, result.message, fields=(name,))
    return _fitting(field, system, result, described, name)


def _blank(field: FieldMapping, system: str, name: str) -> Rendered | Rejection:
    if system == SALESFORCE and field.type is FieldType.BOOLEAN:
        # a Salesforce checkbox knows no blank (Object Reference, field type "checkbox")
        return Rendered("false")
    if system == SALESFORCE and field.type is FieldType.OWNER:
        return Rejection("required_empty", "Every Salesforce record needs an owner (OW-04).", fields=(name,))
    return Rendered(None)


def _write(
    field: FieldMapping, system: str, value: Canonical, source_raw: str | None, context: ValueContext
) -> Rendered | Rejection:
    match value:
        case Unreadable(text):
            return Rejection("wrong_type", f"The value is not a valid {field.type}." if text else "The value is empty.")
        case Unmapped() | str() if field.type is FieldType.PICKLIST:
            return _option_text(field, system, value)
        case frozenset():
            return _option_texts(field, system, value, source_raw)
        case OwnerRef():
            return _owner_text(system, value, context)
        case Waiting(_, entity, _):
            return Rejection("waiting_for_reference", f"The record that it refers to ({entity}) is not paired yet.")
        case str() if field.type is FieldType.REFERENCE:
            return _reference_text(field, system, value, context)
        case str():
            return Rendered(_spelled(field, system, value, source_raw, context))
        case _:
            return _scalar_text(field, system, value, context)


def _option_text(field: FieldMapping, system: str, value: str | Unmapped) -> Rendered | Rejection:
    if isinstance(value, Unmapped):
        if value.system == system:
            return Rendered(value.text)
        return Rejection(
            "picklist_value", f"The {LABEL[value.system]} value {value.text!r} has no counterpart under `values:`."
        )
    if system != SALESFORCE or not (field.values or field.stages):
        return Rendered(value)
    back = next((ours for table in field.tables() for ours, theirs in table.items() if theirs == value), None)
    if back is None:
        return Rejection("picklist_value", f"The HubSpot option {value!r} has no counterpart under `values:`.")
    return Rendered(back)


def _option_texts(
    field: FieldMapping, system: str, options: frozenset[str | Unmapped], source_raw: str | None
) -> Rendered | Rejection:
    texts = []
    for option in options:
        result = _option_text(field, system, option)
        if isinstance(result, Rejection):
            return result
        texts.append(result.value or "")
    return Rendered(";".join(sorted(texts)))


def _owner_text(system: str, owner: OwnerRef, context: ValueContext) -> Rendered | Rejection:
    id = context.owners.render(system, owner)
    if id is None:
        message = f"The {LABEL[owner.system]} owner {owner.id} has no active counterpart by name and e-mail in {LABEL[system]}."
        return Rejection("inactive_owner", message)
    return Rendered(id)


def _reference_text(field: FieldMapping, system: str, pair_id: str, context: ValueContext) -> Rendered | Rejection:
    for entity in field.refers_to:
        if id := context.records(system, entity, pair_id):
            return Rendered(field.reference_to(system, entity, id))
    words = f"The record that it refers to ({' or '.join(field.refers_to)}) is not in {system} yet."
    return Rejection("waiting_for_reference", words)


def _spelled(field: FieldMapping, system: str, value: str, source_raw: str | None, context: ValueContext) -> str:
    """The source's own spelling where it means this value; cut where the target would cut it."""
    keeps_spelling = field.type in (FieldType.EMAIL, FieldType.PHONE, FieldType.URL)
    spelled = spelling.text(source_raw) if keeps_spelling and source_raw is not None else value
    if field.type not in (FieldType.COUNTRY, FieldType.STATE) and read_text(field.type, spelled, context) != value:
        spelled = value
    limit = field.truncate.get(system)
    written = spelled if limit is None else spelling.cut(spelled, limit)
    return markup.rich(written) if field.form(system) is FieldType.HTML else written


def _scalar_text(field: FieldMapping, system: str, value: Canonical, context: ValueContext) -> Rendered | Rejection:
    match value:
        case bool():
            return Rendered("true" if value else "false")
        case Decimal():
            return Rendered(scalars.number_text(value))
        case datetime():
            return Rendered(scalars.moment_text(value))
        case date() if field.form(system) is FieldType.DATETIME:
            at = scalars.noon(value, context.zone)
            return Rendered(scalars.moment_text(at)) if at else Rejection("wrong_type", "The date is out of range.")
        case date():
            return Rendered(value.isoformat())
        case _:
            return Rejection("wrong_type", f"The value is not a valid {field.type}.")


def _described(system: str, object: str, name: str, context: ValueContext) -> SchemaField | None:
    schema = context.schemas.get((system, object))
    return schema.fields.get(name) if schema else None


def _fitting(
    field: FieldMapping, system: str, rendered: Rendered, described: SchemaField | None, name: str
) -> Rendered | Rejection:
    """Refuses beforehand what the vendor is known to refuse: text that is too long, an option that is not in its list."""
    text = rendered.value
    if described is None or text is None:
        return rendered
    if field.type in (FieldType.PICKLIST, FieldType.MULTIPICKLIST, FieldType.LIFECYCLE):
        return _listed(field, rendered, described, text, name)
    if field.type is FieldType.REFERENCE and PERSON.get(text[:3]) not in (None, *described.reference_to):
        words = f"{PERSON[text[:3]]} records cannot stand in {name}: it waits until the person is a {described.reference_to[0]}."
        return Rejection("waiting_for_reference", words, fields=(name,))
    if described.length and spelling.length(text) > described.length and field.type in _TEXTS:
        message = f"The value has {spelling.length(text)} characters; {LABEL[system]} allows {described.length}."
        return Rejection("value_too_long", message, fields=(name,))
    return rendered


def _listed(
    field: FieldMapping, rendered: Rendered, described: SchemaField, text: str, name: str
) -> Rendered | Rejection:
    options = text.split(";") if field.type is FieldType.MULTIPICKLIST else [text]
    missing = [option for option in options if option not in described.options]
    if described.restricted and described.options and missing:
        return Rejection("picklist_value", f"The field's list lacks {', '.join(map(repr, missing))}.", fields=(name,))
    return rendered


_TEXTS = frozenset({
    FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.DOMAIN,
})  # fmt: skip
