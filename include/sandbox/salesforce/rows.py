"""sObject rows: describe, read, create, update, delete, upsert by external id (REST API Developer Guide, sObject Rows)."""

from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote

from sandbox.http import Answer, as_json
from sandbox.salesforce import dml, rules
from sandbox.salesforce.errors import not_found, rejected
from sandbox.salesforce.fields import SObject
from sandbox.salesforce.ids import is_id, to18
from sandbox.salesforce.org import Org
from sandbox.salesforce.request import Request, route
from sandbox.salesforce.soql.run import shower
from sandbox.salesforce.store import Row

NO_CONTENT = 204
T = TypeVar("T")


def describe_global(request: Request) -> Answer:
    """Answer the list of objects."""
    if unchanged(request):
        return Answer(304, kind=None)
    brief = [definition.brief(request.version) for definition in request.org.objects.values()]
    return as_json({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": brief})


def describe(request: Request) -> Answer:
    """Answer one object's description; 304 if nothing has changed since If-Modified-Since."""
    definition = definition_of(request)
    if unchanged(request):
        return Answer(304, kind=None)
    types = rules.record_types(request.org, definition.name) if "RecordTypeId" in definition.fields else []
    modified = format_datetime(request.org.changed_at.astimezone(UTC).replace(microsecond=0), usegmt=True)
    return as_json(definition.describe(request.version, types), headers={"Last-Modified": modified})


def unchanged(request: Request) -> bool:
    """Say whether the metadata is as it was at the request's If-Modified-Since."""
    since = request.call.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        at = parsedate_to_datetime(since)
    except (TypeError, ValueError) as error:
        raise rejected("INVALID_HEADER", f"Invalid date in If-Modified-Since: {since}") from error
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return request.org.changed_at.replace(microsecond=0) <= at


def basic(request: Request) -> Answer:
    """Answer an object's short description and recent items."""
    return as_json({"objectDescribe": definition_of(request).brief(request.version), "recentItems": []})


def definition_of(request: Request) -> SObject:
    """Return the object that a path names in its first part."""
    return request.org.object(request.org.object_name(request.parts[0]))


# --- reading -----------------------------------------------------------------------------------------------------------
def read(request: Request) -> Answer:
    """Answer one record by id."""
    definition = definition_of(request)
    if not is_id(request.parts[1]):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {request.parts[1]}")
    key = to18(request.parts[1])
    row = request.org.store.get(definition.name, key)
    if (row is None and key in request.org.store.tombstones[definition.name]) or (row and row.get("IsDeleted")):
        raise rejected("ENTITY_IS_DELETED", "entity is deleted", status=404)
    if row is None:
        raise not_found()
    return as_json(shown(request, definition, row))


def read_external(request: Request) -> Answer:
    """Answer one record by external id; 300 if several have it."""
    definition = definition_of(request)
    column = definition.canonical(request.parts[1])
    if column is None or not definition.fields[column].external_id:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {request.parts[1]}")
    found = request.org.store.by_external(definition.name, column, request.parts[2])
    if not found:
        raise not_found()
    if len(found) > 1:
        return twins(request, definition.name, found)
    return as_json(shown(request, definition, request.org.store.tables[definition.name][found[0]]))


def shown(request: Request, definition: SObject, row: Row) -> dict[str, Any]:
    """Return a row as JSON: the fields that are asked for, or all."""
    wanted = request.call.query.get("fields")
    names = columns(definition, wanted.split(",")) if wanted else list(definition.fields)
    return shower(request.org, definition, [(name,) for name in names], request.version)(row)


def columns(definition: SObject, names: list[str]) -> list[str]:
    """Return the API names of fields in any spelling; Rejected with INVALID_FIELD on an unknown one."""
    found = []
    for name in names:
        column = definition.canonical(name.strip())
        if column is None:
            raise rejected("INVALID_FIELD", f"No such column '{name.strip()}' on sobject of type {definition.name}")
        found.append(column)
    return found


# --- writing -----------------------------------------------------------------------------------------------------------
def create(request: Request) -> Answer:
    """Create a record."""
    definition = definition_of(request)
    body = fields_of(request.org, definition, request.body())
    row = in_transaction(request.org, lambda: dml.create(request.org, definition.name, body, request.options()))
    headers = {"Location": f"{request.base}/sobjects/{definition.name}/{row['Id']}"}
    return as_json({"id": row["Id"], "success": True, "errors": []}, 201, headers)


def update(request: Request) -> Answer:
    """Update a record by id."""
    definition = definition_of(request)
    body = fields_of(request.org, definition, request.body())
    in_transaction(
        request.org, lambda: dml.update(request.org, definition.name, request.parts[1], body, request.options())
    )
    return Answer(NO_CONTENT, kind=None)


def delete(request: Request) -> Answer:
    """Delete a record by id."""
    definition = definition_of(request)
    in_transaction(request.org, lambda: dml.delete(request.org, definition.name, request.parts[1], request.options()))
    return Answer(NO_CONTENT, kind=None)


def upsert(request: Request) -> Answer:
    """Create or update a record by external id."""
    definition = definition_of(request)
    field, value = request.parts[1], request.parts[2]
    body = fields_of(request.org, definition, request.body())
    if field.lower() in {key.lower() for key in body}:
        raise rejected("INVALID_FIELD", f"The {field} field should not be specified in the sobject data.")
    try:
        row, created = in_transaction(
            request.org, lambda: dml.upsert(request.org, definition.name, field, value, body, request.options())
        )
    except dml.Twins as error:
        return twins(request, error.name, error.ids)
    return as_json({"id": row["Id"], "success": True, "errors": [], "created": created}, 201 if created else 200)


def delete_external(request: Request) -> Answer:
    """Delete a record by external id."""
    definition = definition_of(request)
    column = definition.canonical(request.parts[1])
    found = request.org.store.by_external(definition.name, column, request.parts[2]) if column else []
    if not found:
        raise not_found()
    if len(found) > 1:
        return twins(request, definition.name, found)
    in_transaction(request.org, lambda: dml.delete(request.org, definition.name, found[0], request.options()))
    return Answer(NO_CONTENT, kind=None)


def twins(request: Request, name: str, ids: list[str]) -> Answer:
    """Answer 300 with the URLs of the records that share an external id."""
    return as_json([f"{request.base}/sobjects/{name}/{quote(record_id)}" for record_id in ids], 300)


def in_transaction(org: Org, act: Callable[[], T]) -> T:
    """Run a write so that a refusal leaves nothing behind."""
    with org.store.transaction():
        return act()


def fields_of(org: Org, definition: SObject, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body's fields: without attributes, and with parents named by external id resolved to their ids."""
    out: dict[str, Any] = {}
    for key, value in body.items():
        if key == "attributes":
            continue
        if isinstance(value, Mapping):
            name, found = _parent(org, definition, key, value)
            out[name] = found
        else:
            out[key] = value
    return out


def _parent(org: Org, definition: SObject, relation: str, value: Mapping[str, Any]) -> tuple[str, str]:
    reference = definition.reference(relation)
    keys = [key for key in value if key != "attributes"]
    if reference is None or len(keys) != 1:
        raise rejected("INVALID_FIELD", f"No such column '{relation}' on sobject of type {definition.name}")
    kind = str(value.get("attributes", {}).get("type", "")) if isinstance(value.get("attributes", {}), Mapping) else ""
    targets = [target for target in reference.references if not kind or target.lower() == kind.lower()]
    if len(reference.references) > 1 and (not kind or not targets):
        raise rejected("INVALID_FIELD", f"The relationship {relation} is polymorphic: its attributes must name a type")
    for target in targets:
        column = org.objects[target].canonical(keys[0])
        if column and org.objects[target].fields[column].external_id:
            found = org.store.by_external(target, column, str(value[keys[0]]))
            if len(found) == 1:
                return reference.name, found[0]
    target = targets[0] if targets else kind
    message = f"Foreign key external ID: {value[keys[0]]} not found for field {keys[0]} in entity {target}"
    raise rejected("INVALID_FIELD", message)


ROUTES = [
    route("GET", "/sobjects", describe_global),
    route("GET", "/sobjects/{}", basic),
    route("POST", "/sobjects/{}", create),
    route("GET", "/sobjects/{}/describe", describe),
    route("GET", "/sobjects/{}/{}", read),
    route("PATCH", "/sobjects/{}/{}", update),
    route("DELETE", "/sobjects/{}/{}", delete),
    route("GET", "/sobjects/{}/{}/{}", read_external),
    route("PATCH", "/sobjects/{}/{}/{}", upsert),
    route("DELETE", "/sobjects/{}/{}/{}", delete_external),
]
