"""Property definitions: the value, its JSON shape, and the rules for creating one.

Source: CRM properties API (type/fieldType pairs, immutable name and hasUniqueValue, at most ten unique properties
per object).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.hubspot import shapes
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.shapes import text, whole

FIELD_TYPES = {
    "bool": {"booleancheckbox", "calculation_equation"},
    "enumeration": {"booleancheckbox", "checkbox", "radio", "select", "calculation_equation"},
    "date": {"date"},
    "datetime": {"date"},
    "string": {"file", "text", "textarea", "html", "phonenumber", "calculation_equation"},
    "number": {"number", "calculation_equation"},
    "phone_number": {"phonenumber"},
}
UNIQUE_MAX = 10
TEXTS = ("name", "label", "type", "fieldType", "groupName", "description")


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    order: int = 0
    hidden: bool = False
    description: str = ""

    def json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "value": self.value,
            "displayOrder": self.order,
            "hidden": self.hidden,
            "description": self.description,
        }


@dataclass(frozen=True)
class Property:
    """One property of one object type. `source` is what keeps the options of `external` properties ("OWNER")."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str = ""
    options: tuple[Option, ...] = ()
    read_only: bool = False
    unique: bool = False
    calculated: bool = False
    external: str | None = None
    standard: bool = True
    hidden: bool = False
    description: str = ""
    order: int = -1
    created_at: str | None = None
    updated_at: str | None = None
    values: frozenset[str] = field(default=frozenset(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozenset(option.value for option in self.options))

    @property
    def multiple(self) -> bool:
        return self.type == "enumeration" and self.field_type == "checkbox"

    def json(self, archived_at: str | None = None) -> dict[str, Any]:
        """The shape of GET /crm/properties/…/{objectType}/{name}."""
        body: dict[str, Any] = {
            "name": self.name, "label": self.label, "type": self.type, "fieldType": self.field_type,
            "description": self.description, "groupName": self.group, "displayOrder": self.order,
            "options": [option.json() for option in self.options], "calculated": self.calculated,
            "externalOptions": self.external is not None, "hasUniqueValue": self.unique, "hidden": self.hidden,
            "hubspotDefined": self.standard, "formField": not self.read_only, "dataSensitivity": "non_sensitive",
            "archived": archived_at is not None, "modificationMetadata": {
                "archivable": not self.standard, "readOnlyDefinition": self.standard,
                "readOnlyOptions": self.standard and self.external is not None, "readOnlyValue": self.read_only,
            },
        }  # fmt: skip
        stamps = {"createdAt": self.created_at, "updatedAt": self.updated_at, "archivedAt": archived_at}
        body.update({key: value for key, value in stamps.items() if value})
        if self.external:
            body["referencedObjectType"] = self.external
        return body


def options_from(rows: Any) -> tuple[Option, ...]:
    """Options from a request body; 400 for one without a label or value, or for a value given twice."""
    options = tuple(_option(row, position) for position, row in enumerate(shapes.rows(rows, "options")))
    values = [option.value for option in options]
    if twice := sorted({value for value in values if values.count(value) > 1}):
        raise invalid(f"Property options must have unique values. Duplicates: {twice}")
    return options


def _option(row: dict[str, Any], position: int) -> Option:
    if row.get("label") is None or row.get("value") is None:
        raise invalid("Some required fields were not set: [options[].label, options[].value]")
    order, note = whole(row.get("displayOrder"), "displayOrder", position), text(row.get("description"), "description")
    return Option(str(row["value"]), str(row["label"]), order, bool(row.get("hidden")), note)


def property_from(body: dict[str, Any], groups: set[str], unique_count: int, at: str) -> Property:
    """A custom property from a create request; raises 400 naming everything that is missing or does not fit."""
    missing = [key for key in ("fieldType", "groupName", "label", "name", "type") if not body.get(key)]
    if missing:
        raise invalid(f"Some required fields were not set: [{', '.join(missing)}]")
    body = body | {key: text(body.get(key), key) for key in TEXTS}
    check_name(body["name"])
    check_pair(body["type"], body["fieldType"])
    if body["groupName"] not in groups:
        raise invalid(f"Property group {body['groupName']} does not exist.")
    if body.get("hasUniqueValue") and unique_count >= UNIQUE_MAX:
        raise ApiError(400, f"Limit of {UNIQUE_MAX} unique properties reached.", "PROPERTY_LIMIT_EXCEEDED")
    return Property(
        name=body["name"], label=body["label"], type=body["type"], field_type=body["fieldType"],
        group=body["groupName"], options=options_from(body.get("options")), standard=False,
        unique=bool(body.get("hasUniqueValue")), hidden=bool(body.get("hidden")),
        description=body["description"], order=whole(body.get("displayOrder"), "displayOrder", -1), created_at=at, updated_at=at,
    )  # fmt: skip


def changed(old: Property, body: dict[str, Any], groups: set[str], at: str) -> Property:
    """`old` after a PATCH: options are replaced as a whole; name and hasUniqueValue cannot change."""
    body = body | {key: text(body[key], key) for key in TEXTS if key in body}
    kind, field_type = body.get("type", old.type), body.get("fieldType", old.field_type)
    check_pair(kind, field_type)
    group = body.get("groupName", old.group)
    if "groupName" in body and group not in groups:
        raise invalid(f"Property group {group} does not exist.")
    return replace(
        old,
        label=body.get("label", old.label),
        type=kind,
        field_type=field_type,
        group=group,
        options=options_from(body["options"]) if "options" in body else old.options,
        hidden=bool(body.get("hidden", old.hidden)),
        description=body.get("description", old.description),
        order=whole(body.get("displayOrder"), "displayOrder", old.order),
        updated_at=at,
    )


def check_name(name: Any) -> None:
    text = str(name)
    if not (text[:1].isalpha() and text.isascii() and text == text.lower() and text.replace("_", "a").isalnum()):
        raise invalid(
            f"Property name {text!r} is invalid: it must start with a letter and hold only lower-case letters, "
            "digits and underscores."
        )
    if len(text) > 100:
        raise invalid("Property name may not be longer than 100 characters.")


def check_pair(kind: Any, field_type: Any) -> None:
    if kind not in FIELD_TYPES:
        raise invalid(f"Invalid input JSON: type {kind!r} is not one of {sorted(FIELD_TYPES)}")
    if field_type not in FIELD_TYPES[kind]:
        raise invalid(f"{field_type} is not a valid field type for {kind}. Valid: {sorted(FIELD_TYPES[kind])}")
