"""Inserts, updates, deletes and undeletes with all that Salesforce does round them: checks, rules, stamps, side effects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce import activities, effects, rules
from sandbox.salesforce.errors import Fault, Rejected, rejected
from sandbox.salesforce.fields import CASCADES, SObject
from sandbox.salesforce.ids import is_id, to18
from sandbox.salesforce.org import Org
from sandbox.salesforce.store import Row
from sandbox.salesforce.values import accept


@dataclass(frozen=True)
class Options:
    """Who writes and how. ``assign``: False, True (the active rule) or a rule's id. ``api``: through an API, not a page.

    ``version`` is the API version of the URLs in the answer.
    """

    user: str
    assign: bool | str = False
    allow_duplicates: bool = False
    duplicate_details: bool = False
    api: bool = True
    version: str = "62.0"


def create(org: Org, name: str, body: Mapping[str, Any], options: Options) -> Row:
    """Insert a record and return its row; Rejected with the errors of the record."""
    definition = _permitted(org, name, "create", options)
    values = accept(definition, body, creating=True)
    for field in definition.fields.values():
        if field.default is not None and field.type != "boolean" and values.get(field.name) is None:
            values[field.name] = field.default
    if "OwnerId" in definition.fields and values.get("OwnerId") is None:
        values["OwnerId"] = options.user
    if "RecordTypeId" in definition.fields and values.get("RecordTypeId") is None:
        values["RecordTypeId"] = rules.default_record_type(org, name)
    _require(definition, values)
    rules.assign(org, name, {}, values, options)
    values |= effects.derived(org, name, {}, values)
    _check(org, definition, None, values, values, options)
    row = org.store.insert(name, values, options.user)
    effects.after(org, name, None, row, options.user)
    return row


def update(org: Org, name: str, record_id: str, body: Mapping[str, Any], options: Options) -> Row:
    """Change a record and return its row; Rejected with the errors of the record."""
    definition = _permitted(org, name, "edit", options)
    before = live(org, name, record_id, options)
    if before.get("IsConverted"):
        raise rejected("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    values = accept(definition, body, creating=False)
    rules.assign(org, name, before, values, options)
    values |= effects.derived(org, name, before, values)
    after = before | values
    _require(definition, after, only=values)
    _check(org, definition, before, after, values, options)
    row = org.store.update(name, before["Id"], values, options.user)
    effects.after(org, name, before, row, options.user)
    return row


def delete(org: Org, name: str, record_id: str, options: Options, parent: str | None = None) -> None:
    """Put a record and its dependants into the recycle bin."""
    _permitted(org, name, "delete", options)
    row = live(org, name, record_id, options)
    rules.check_deletable(org, name, row)
    _bury(org, name, row, options.user, parent)


def _bury(org: Org, name: str, row: Row, user: str, parent: str | None) -> None:
    """Put a row into the recycle bin after its dependants; without one it is gone at once."""
    for child, field, _ in org.full[name].children:
        if child in CASCADES.get(name, ()):
            for dependant in org.store.holding(child, field, row["Id"]):
                if activities.stays(child, field, dependant):
                    org.store.update(child, dependant["Id"], {field: None}, None)
                else:
                    _bury(org, child, dependant, user, row["Id"])
        elif field.endswith("__c"):
            for dependant in org.store.holding(child, field, row["Id"]):
                org.store.update(child, dependant["Id"], {field: None}, None)
    alone = parent is None and name in org.settings["never_recycled"]
    if "IsDeleted" in org.full[name].fields and not alone:
        org.store.bury(name, row["Id"], user, parent=parent)
    else:
        org.store.purge(name, row["Id"])
    effects.count(org, name, row, None)


def undelete(org: Org, name: str, record_id: str, options: Options) -> None:
    """Take a record, and what was deleted with it, out of the recycle bin."""
    key = full_id(record_id)
    row = org.store.tables[name].get(key)
    if row is None or not row.get("IsDeleted"):
        raise rejected("UNDELETE_FAILED", "Entity is not in the recycle bin")
    _restore(org, name, key, options.user)


def _restore(org: Org, name: str, key: str, user: str) -> None:
    org.store.restore(name, key, user, clear_master=org.settings["undelete_clears_master"])
    for dependant in [child for child, parent in org.store.deleted_with.items() if parent == key]:
        if found := org.store.find(dependant):
            _restore(org, found[0], dependant, user)
    effects.count(org, name, None, org.store.tables[name][key])


def upsert(org: Org, name: str, field: str, value: Any, body: Mapping[str, Any], options: Options) -> tuple[Row, bool]:
    """Update the record that has an external id, or insert one; return its row and whether it is new.

    Raises Twins if several records have the external id.
    """
    definition = org.object(name)
    column = definition.canonical(field)
    if column is None or not (definition.fields[column].external_id or column == "Id"):
        raise rejected(
            "NOT_FOUND", "Provided external ID field does not exist or is not accessible: " + field, status=404
        )
    if column == "Id" and not value:
        return create(org, name, body, options), True
    if column == "Id":
        return update(org, name, str(value), body, options), False
    if value is None or str(value).strip() == "":
        raise rejected("MISSING_ARGUMENT", f"{column} not specified")
    found = org.store.by_external(name, column, str(value).strip())
    if len(found) > 1:
        raise Twins(name, found)
    if found:
        return update(org, name, found[0], body, options), False
    return create(org, name, {**body, column: value}, options), True


class Twins(Rejected):
    """Several records hold the external id of an upsert: HTTP 300 and their URLs."""

    def __init__(self, name: str, ids: list[str]) -> None:
        message = f"More than one record found for the external ID: {ids}"
        super().__init__(Fault("MULTIPLE_CHOICES", message, (), 300))
        self.name, self.ids = name, ids


def live(org: Org, name: str, record_id: str, options: Options) -> Row:
    """Return a live row of an object for writing; Rejected if it is gone, locked or not of this object."""
    key = full_id(record_id)
    if not key.startswith(org.objects[name].prefix):
        raise rejected("MALFORMED_ID", f"{org.objects[name].label} ID: id value of incorrect type: {record_id}", "Id")
    row = org.store.tables[name].get(key)
    if row is None:
        if key in org.store.tombstones[name]:
            raise rejected("ENTITY_IS_DELETED", "entity is deleted", status=404)
        raise rejected("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404)
    if row.get("IsDeleted"):
        raise rejected("ENTITY_IS_DELETED", "entity is deleted", status=404)
    if options.api and (key in org.store.held or key in org.settings["locked"]):
        message = f"unable to obtain exclusive access to this record or 1 records: {key}"
        raise rejected("UNABLE_TO_LOCK_ROW", message)
    return row


def full_id(record_id: str) -> str:
    """Return an id's 18 characters; Rejected with MALFORMED_ID if it is no id."""
    if not is_id(record_id):
        raise rejected("MALFORMED_ID", f"malformed id {record_id}")
    return to18(record_id)


def _permitted(org: Org, name: str, action: str, options: Options) -> SObject:
    definition = org.object(name)
    able = {"create": definition.creatable, "edit": definition.updatable, "delete": definition.deletable}[action]
    if not able:
        done = {"create": "inserted", "edit": "updated", "delete": "deleted"}[action]
        message = f"entity type cannot be {done}: {definition.label}"
        raise rejected("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)
    if options.api and f"{name}.{action}" in org.settings["no_access"]:
        raise rejected("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", status=403)
    return definition


def _require(definition: SObject, values: Row, only: Mapping[str, Any] | None = None) -> None:
    missing = [
        field.name
        for field in definition.fields.values()
        if field.required and values.get(field.name) is None and (only is None or field.name in only)
    ]
    if missing:
        message = f"Required fields are missing: [{', '.join(missing)}]"
        raise Rejected(Fault("REQUIRED_FIELD_MISSING", message, tuple(missing)))


def _check(org: Org, definition: SObject, before: Row | None, after: Row, values: Row, options: Options) -> None:
    """Check references, owners, uniqueness and the organisation's own rules."""
    rules.check_references(org, definition, before or {}, values)
    rules.check_unique(org, definition, (before or {}).get("Id"), values)
    effects.check(org, definition.name, (before or {}).get("Id"), after)
    rules.check_validation(org, definition.name, after)
    rules.check_duplicates(org, definition.name, before, after, options)
