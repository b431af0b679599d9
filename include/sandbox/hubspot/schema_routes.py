"""The object schemas API: custom object types and their association definitions."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot import answers, property_routes, schemas, shapes
from sandbox.hubspot.errors import PORTAL_ID, invalid, not_found
from sandbox.hubspot.link_types import LinkType
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.records import Table
from sandbox.hubspot.request import Answer, Request
from sandbox.hubspot.schemas import Schema

TEXTS = {"description": "description", "primaryDisplayProperty": "primary"}
LISTS = {
    "secondaryDisplayProperties": "secondary",
    "searchableProperties": "searchable",
    "requiredProperties": "required",
}


def list_schemas(request: Request) -> Answer:
    """Custom object types only: standard ones are read one by one."""
    archived = request.flag("archived")
    rows = [one for one in request.portal.schemas.values() if (one.archived_at is not None) == archived]
    return answers.page([schema_json(request.portal, one) for one in rows])


def read(request: Request) -> Answer:
    table = request.portal.table(request.path["type"])
    schema = request.portal.schemas.get(table.kind.plural)
    return Answer(200, schema_json(request.portal, schema) if schema else standard_json(table))


def create(request: Request) -> Answer:
    schema = schemas.define(request.portal, request.json, request.portal.now())
    return Answer(201, schema_json(request.portal, schema))


def update(request: Request) -> Answer:
    """Labels, description and the lists of properties; the name never changes."""
    schema, body = custom(request), request.json
    if unknown := set(body) - {"labels", "restorable", "clearDescription", *TEXTS, *LISTS}:
        raise invalid(f"Invalid input JSON: {', '.join(sorted(unknown))} cannot be updated")
    before = dict(vars(schema))
    for key, name in TEXTS.items():
        if key in body:
            setattr(schema, name, shapes.text(body[key], key))
    for key, name in LISTS.items():
        if key in body:
            setattr(schema, name, shapes.texts(body[key], key))
    if "labels" in body:
        schema.labels = schema.labels | {
            key: str(value) for key, value in shapes.mapping(body["labels"], "labels").items()
        }
    schema.updated_at = request.portal.now()
    try:
        schemas.apply(schema, request.portal.tables[schema.full_name])
    except Exception:
        vars(schema).update(before)
        raise
    return Answer(200, schema_json(request.portal, schema))


def delete(request: Request) -> Answer:
    """Archive; with `archived=true` remove for good. 400 while records of the type exist."""
    schemas.retire(request.portal, custom(request, archived=True), request.flag("archived"), request.portal.now())
    return Answer(204)


def purge(request: Request) -> Answer:
    schemas.retire(request.portal, custom(request, archived=True), True, request.portal.now())
    return Answer(204)


def create_association(request: Request) -> Answer:
    origin, target = request.required("fromObjectTypeId", "toObjectTypeId")
    schema, portal = custom(request), request.portal
    ends = [portal.table(str(name)).kind.plural for name in (origin, target)]
    if schema.full_name not in ends:
        raise invalid(f"One end of the association must be {schema.full_name}")
    at, name = portal.now(), shapes.text(request.json.get("name"), "name")
    kind = schemas.relate(portal, schema, ends[0], ends[1], at, name)
    return Answer(201, link_json(portal, kind, at))


def delete_association(request: Request) -> Answer:
    schema, key = custom(request), request.path["association"]
    found = [kind for kind, _ in schema.links if key in (str(kind.id), kind.name)]
    if not found:
        raise not_found(f"No association {key} on {schema.full_name}.")
    ids = {found[0].id, found[0].inverse}
    request.portal.links.remove_label(found[0])
    schema.links = [(kind, at) for kind, at in schema.links if kind.id not in ids]
    return Answer(204)


def custom(request: Request, archived: bool = False) -> Schema:
    """The custom type of the path, by any of its names; 404 if there is none, 400 for a standard object."""
    portal, key = request.portal, request.path["type"].lower()
    for schema in portal.schemas.values():
        if key in schemas.names_of(schema, portal.tables[schema.full_name]) and (archived or not schema.archived_at):
            return schema
    if key in portal.names:
        raise invalid(f"{request.path['type']} is not a custom object type")
    raise not_found(f"Object type {request.path['type']} does not exist.")


# --- shapes --------------------------------------------------------------------------------------------------------
def schema_json(portal: Portal, schema: Schema) -> dict[str, Any]:
    table = portal.tables[schema.full_name]
    return {
        **shared_json(table, schema.labels, schema.full_name, schema.name),
        "requiredProperties": schema.required, "searchableProperties": schema.searchable,
        "primaryDisplayProperty": schema.primary, "secondaryDisplayProperties": schema.secondary,
        "description": schema.description or None, "archived": schema.archived_at is not None,
        "createdAt": schema.created_at, "updatedAt": schema.updated_at, "portalId": PORTAL_ID,
        "metaType": "PORTAL_SPECIFIC", "restorable": True, "allowsSensitiveProperties": False,
        "associations": [link_json(portal, kind, at) for kind, at in schema.links],
    }  # fmt: skip


def standard_json(table: Table) -> dict[str, Any]:
    kind = table.kind
    labels = {"singular": kind.singular.capitalize(), "plural": kind.plural.capitalize()}
    return {
        **shared_json(table, labels, kind.singular.upper(), kind.singular.upper()),
        "requiredProperties": [name for group in kind.required for name in group], "searchableProperties": list(kind.searchable),
        "primaryDisplayProperty": kind.primary_display, "secondaryDisplayProperties": [], "archived": False,
        "metaType": "HUBSPOT", "restorable": True, "associations": [],
    }  # fmt: skip


def shared_json(table: Table, labels: dict[str, str], full_name: str, name: str) -> dict[str, Any]:
    properties = [property_routes.shown(table, item) for item in table.properties.values()]
    own = {"id": table.kind.id, "objectTypeId": table.kind.id, "fullyQualifiedName": full_name, "name": name}
    return own | {"labels": labels, "properties": properties}


def link_json(portal: Portal, kind: LinkType, at: str) -> dict[str, Any]:
    return {
        "id": str(kind.id), "fromObjectTypeId": portal.tables[kind.origin].kind.id,
        "toObjectTypeId": portal.tables[kind.target].kind.id, "name": kind.name, "createdAt": at, "updatedAt": at,
    }  # fmt: skip
