"""Custom fields as the Metadata API describes them (CustomField), to and from the organisation's own descriptions."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.salesforce.errors import Rejected, rejected
from sandbox.salesforce.fields import Field

TYPES = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Lookup": "reference",
    "AutoNumber": "string",
}
KINDS = {kind: name for name, kind in TYPES.items() if name not in {"TextArea", "AutoNumber"}}
LENGTHS = {
    "TextArea": 255,
    "Email": 80,
    "Phone": 40,
    "Url": 255,
    "Picklist": 255,
    "MultiselectPicklist": 4099,
    "AutoNumber": 30,
}
NEEDS = {
    "Text": ("length",),
    "LongTextArea": ("length", "visibleLines"),
    "Number": ("precision", "scale"),
    "Currency": ("precision", "scale"),
    "Percent": ("precision", "scale"),
    "Checkbox": ("defaultValue",),
    "Picklist": ("valueSet",),
    "MultiselectPicklist": ("valueSet", "visibleLines"),
    "Lookup": ("referenceTo", "relationshipName"),
}
"""What the Metadata API demands of each type besides a label."""
NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c")
TEXT_MAX = 255
RANGES = {"Text": (1, TEXT_MAX), "LongTextArea": (TEXT_MAX + 1, 131_072)}
"""Least and greatest length of the types that have one."""
EXTERNAL = frozenset({"Text", "Number", "Email", "AutoNumber"})


def field_of(name: str, metadata: Any) -> Field:
    """Return the field that metadata describes; Rejected with what is wrong with it."""
    if NAME.fullmatch(name) is None:
        raise rejected(
            "FIELD_INTEGRITY_EXCEPTION", f"The name of a custom field is letters and digits and ends in __c: {name}"
        )
    if not isinstance(metadata, Mapping):
        raise rejected("JSON_PARSER_ERROR", "Metadata must be an object")
    kind = metadata.get("type")
    if kind not in TYPES:
        raise rejected(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"Type: bad value for restricted picklist field: {kind}", "Type"
        )
    _demand(str(kind), metadata)
    try:
        return _field(name, str(kind), metadata)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise rejected("JSON_PARSER_ERROR", f"Metadata of {name}: {error}") from error


def _demand(kind: str, metadata: Mapping[str, Any]) -> None:
    if not metadata.get("label"):
        raise rejected("REQUIRED_FIELD_MISSING", "Required field is missing: label", "label")
    for key in NEEDS.get(kind, ()):
        if metadata.get(key) is None:
            raise rejected("FIELD_INTEGRITY_EXCEPTION", f"Must specify '{key}' for a CustomField of type {kind}")
    low, high = RANGES.get(kind, (0, 0))
    if kind in RANGES and not (isinstance(metadata["length"], int) and low <= metadata["length"] <= high):
        raise rejected("FIELD_INTEGRITY_EXCEPTION", f"Length must be between {low} and {high}")
    if (metadata.get("externalId") or metadata.get("unique")) and kind not in EXTERNAL:
        raise rejected("FIELD_INTEGRITY_EXCEPTION", f"A field of type {kind} cannot be an external id or unique")


def _field(name: str, kind: str, metadata: Mapping[str, Any]) -> Field:
    value_set = metadata.get("valueSet") or {}
    values = value_set["valueSetDefinition"]["value"] if value_set else []
    return Field(
        name=name,
        type=TYPES[kind],
        length=int(metadata["length"]) if kind in RANGES else LENGTHS.get(kind, 0),
        label=str(metadata["label"]),
        required=bool(metadata.get("required")),
        values=tuple(str(value.get("valueName") or value.get("fullName")) for value in values),
        default=next((str(v.get("valueName") or v.get("fullName")) for v in values if v.get("default")), None),
        restricted=bool(value_set.get("restricted")),
        references=(str(metadata["referenceTo"]),) if kind == "Lookup" else (),
        relationship=name.removesuffix("__c") + "__r" if kind == "Lookup" else None,
        external_id=bool(metadata.get("externalId")),
        unique=bool(metadata.get("unique")),
        case_sensitive=bool(metadata.get("caseSensitive")),
        scale=int(metadata.get("scale") or 0),
        auto_number=kind == "AutoNumber",
        creatable=kind != "AutoNumber",
        updatable=kind != "AutoNumber",
    )


def metadata_of(field: Field) -> dict[str, Any]:
    """Return a custom field's metadata."""
    kind = "TextArea" if field.type == "textarea" and field.length <= TEXT_MAX else KINDS.get(field.type, "Text")
    metadata: dict[str, Any] = {
        "label": field.label,
        "type": kind,
        "length": field.length or None,
        "required": field.required,
        "externalId": field.external_id,
        "unique": field.unique or None,
        "caseSensitive": field.case_sensitive if field.unique else None,
        "precision": 18 if field.type in {"double", "currency", "percent"} else None,
        "scale": field.scale if field.type in {"double", "currency", "percent"} else None,
        "referenceTo": field.references[0] if field.references else None,
        "relationshipName": field.relationship.removesuffix("__r") if field.relationship else None,
        "defaultValue": "false" if field.type == "boolean" else None,
        "trackHistory": False,
        "valueSet": None,
    }
    if field.values:
        values = [{"valueName": v, "label": v, "default": v == field.default, "isActive": None} for v in field.values]
        metadata["valueSet"] = {
            "restricted": field.restricted,
            "valueSetDefinition": {"sorted": False, "value": values},
        }
    return metadata


def not_on(name: str) -> Rejected:
    """Return the refusal of a field on an object that takes none. Activities take theirs through Activity."""
    return rejected(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"Entity Enumeration Or ID: bad value for restricted picklist field: {name}",
        "TableEnumOrId",
    )  # fmt: skip
