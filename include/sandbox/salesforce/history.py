"""Field history: one row per change of a tracked field, which nobody can write or change (Object Reference, …History)."""

from typing import Any

from sandbox.salesforce.custom_table import HISTORIES
from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.store import Row

LONG_TEXT = 255
KINDS = {
    "picklist": "DynamicEnum",
    "multipicklist": "MultiEnum",
    "reference": "EntityId",
    "date": "DateOnly",
    "datetime": "DateTime",
    "boolean": "Boolean",
    "currency": "Currency",
    "percent": "Percent",
    "double": "Double",
    "int": "Integer",
    "email": "Email",
    "phone": "Phone",
    "url": "Url",
    "textarea": "TextArea",
}


def track(org: Org, name: str, before: Row | None, row: Row, user: str) -> None:
    """Write the history rows of a change; a new record gets the one row "created"."""
    if name not in HISTORIES:
        return
    if before is None:
        write(org, name, row["Id"], "created", "Text", None, None, user)
        return
    for field in org.settings["history_fields"].get(name, ()):
        if row[field] != before[field]:
            _changed(org, name, org.full[name].fields[field], before[field], row, user)


def _changed(org: Org, name: str, field: Field, old: Any, row: Row, user: str) -> None:
    shown = field.name if field.custom else field.name.removesuffix("Id") if field.references else field.name
    kind, new = KINDS.get(field.type, "Text"), row[field.name]
    if field.references and org.settings["lookup_history_names"]:
        names = (_name(org, old), _name(org, new))
        write(org, name, row["Id"], shown, "Text", *names, user)
    if field.length > LONG_TEXT and field.type == "textarea":
        old = new = None  # of long text only that it changed is kept
    write(org, name, row["Id"], shown, kind, old, new, user)


def _name(org: Org, record_id: str | None) -> str | None:
    found = org.store.find(record_id) if record_id else None
    return str(found[1].get("Name")) if found else None


def write(org: Org, name: str, record_id: str, field: str, kind: str, old: Any, new: Any, user: str) -> None:
    """Write one row of an object's history."""
    history, parent = HISTORIES[name]
    values = {parent: record_id, "Field": field, "DataType": kind, "OldValue": old, "NewValue": new}
    org.store.insert(history, values, user)
