"""What to change in a mapping file when a vendor's schema has changed: YAML that can be pasted under `fields:`. Pure."""

from collections.abc import Mapping as AbstractMapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from lockstep.mapping.definition import FieldMapping, FieldType, Mapping, Rule
from lockstep.mapping.schema_check import FITTING
from lockstep.model import HUBSPOT, SALESFORCE, Field

#: a new field of Salesforce's has this ending, which HubSpot's internal names lack
_CUSTOM = "__c"


def left_out(field: FieldMapping, why: str) -> str:
    """The field's line, switched off until somebody corrects it."""
    return _text(_line(field) | {"rule": str(Rule.dont_sync)}, f"{why} Name its successor, or leave it out like this:")


def retyped(field: FieldMapping, system: str, described: Field) -> str:
    """The field's line with a type that fits what the field has become, or switched off where none does."""
    there = HUBSPOT if system == SALESFORCE else SALESFORCE
    for kind in FieldType:
        fits = FITTING.get(kind, {})
        if described.type in fits.get(system, ()) and FITTING.get(field.form(there), {}).get(there) == fits.get(there):
            return _text(_line(field) | {"type": str(kind)}, f"{described.name} is of type {described.type} now:")
    return left_out(field, f"{described.name} is of type {described.type} now, which does not fit {field.type}.")


def more_values(field: FieldMapping, alone: tuple[str, ...], options: tuple[str, ...]) -> str:
    """The field's line with the values that lack a counterpart; those that HubSpot has no option for are to be filled in."""
    known = {value: option for table in field.tables() for value, option in table.items()}
    added = {value: _same(value, options) or "" for value in alone}
    open_ = [value for value, option in added.items() if not option]
    values = (known or {value: value for value in options}) | {value: one for value, one in added.items() if one}
    comment = "New values of the list" + (
        f"; add a HubSpot option for {', '.join(map(repr, open_))}, then a line for it:" if open_ else ":"
    )
    return _text(_line(field) | {"values": values}, comment)


def new_field(
    mapping: Mapping, system: str, object: str, described: Field, others: AbstractMapping[str, Field]
) -> str | None:
    """A line for a new field whose counterpart of the same name and a fitting type is there on the other side."""
    there = HUBSPOT if system == SALESFORCE else SALESFORCE
    other = next((one for name, one in others.items() if _plain(name) == _plain(described.name)), None)
    if other is None:
        return None
    kind = next((k for k in FieldType if _fits(k, system, described) and _fits(k, there, other)), None)
    if kind is None or kind in (FieldType.OWNER, FieldType.REFERENCE):
        return None
    ours, theirs = (described.name, other.name) if system == SALESFORCE else (other.name, described.name)
    place = object if system == SALESFORCE else mapping.sf_objects[0]
    line = {"salesforce": {place: ours}, "hubspot": theirs, "type": str(kind), "rule": "prefer_salesforce_unless_blank"}
    return _text(line, f"{described.name} is new, and has a counterpart:")


def _fits(kind: FieldType, system: str, described: Field) -> bool:
    return described.type in FITTING.get(kind, {}).get(system, ())


def _plain(name: str) -> str:
    return name.lower().removesuffix(_CUSTOM).replace("_", "")


def _same(value: str, options: tuple[str, ...]) -> str | None:
    return next((one for one in options if one.casefold() == value.casefold()), None)


def _line(field: FieldMapping) -> dict[str, Any]:
    line: dict[str, Any] = {"salesforce": dict(field.salesforce), "hubspot": field.hubspot, "type": str(field.type)}
    if field.name != field.hubspot:
        line["name"] = field.name
    line["rule"] = str(field.rule)
    if field.values:
        line["values"] = dict(field.values)
    if field.refers_to:
        line["reference"] = list(field.refers_to)
    return line


def _text(line: dict[str, Any], comment: str) -> str:
    """`fields:` with one line, and the comment above it."""
    out, yaml = StringIO(), YAML()
    yaml.width = 120
    entry = CommentedMap(line)
    for key, value in entry.items():
        if isinstance(value, dict) and key != "values":
            inner = CommentedMap(value)
            inner.fa.set_flow_style()
            entry[key] = inner
    yaml.dump(CommentedMap({"fields": CommentedSeq([entry])}), out)
    return f"# {comment}\n{out.getvalue()}"
