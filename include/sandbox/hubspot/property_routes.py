"""Properties and their groups."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot import answers, shapes
from sandbox.hubspot.catalogue import Property, changed, property_from
from sandbox.hubspot.errors import ApiError, invalid, not_found
from sandbox.hubspot.records import Table
from sandbox.hubspot.request import Answer, Request


def one(table: Table, name: str) -> Property:
    item = table.properties.get(name)
    if item is None:
        raise not_found(f"Property {name} does not exist on {table.kind.plural}.")
    return item


def shown(table: Table, item: Property) -> dict[str, Any]:
    return item.json() | {"groupName": item.group or table.kind.group}


def list_properties(request: Request) -> Answer:
    """All of them, without pages; `archived=true` lists the archived ones alone."""
    table = request.table
    if request.flag("archived"):
        return answers.page([item.json(at) for item, at in table.archived_properties.values()])
    return answers.page([shown(table, item) for item in table.properties.values()])


def read(request: Request) -> Answer:
    table = request.table
    return Answer(200, shown(table, one(table, request.path["name"])))


def create(request: Request) -> Answer:
    table = request.table
    return Answer(201, shown(table, define(request, table, request.json)))


def define(request: Request, table: Table, body: dict[str, Any]) -> Property:
    """Make one property; 409 if the name exists, 400 if the definition is not valid."""
    name = str(body.get("name", ""))
    if name in table.properties:
        raise ApiError(409, f"A property named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
    unique = sum(1 for item in table.properties.values() if item.unique and not item.standard)
    item = property_from(body, set(table.groups), unique, request.portal.now())
    table.archived_properties.pop(name, None)
    table.define(item)
    return item


def update(request: Request) -> Answer:
    table = request.table
    item = one(table, request.path["name"])
    if item.standard and set(request.json) - {"label", "description", "groupName", "displayOrder", "options"}:
        raise ApiError(
            400, f"Property {item.name} is defined by HubSpot and cannot be changed.", "READ_ONLY_DEFINITION"
        )
    if item.external and "options" in request.json:
        raise ApiError(
            400, f"The options of {item.name} are kept elsewhere and cannot be changed.", "READ_ONLY_OPTIONS"
        )
    table.define(changed(item, request.json, set(table.groups), request.portal.now()))
    return Answer(200, shown(table, table.properties[item.name]))


def archive(request: Request) -> Answer:
    table, name = request.table, request.path["name"]
    if name in table.properties:
        archive_one(request, table, name)
    return Answer(204)


def archive_one(request: Request, table: Table, name: str) -> None:
    item = one(table, name)
    if item.standard:
        raise ApiError(400, f"Property {name} is defined by HubSpot and cannot be archived.", "VALIDATION_ERROR")
    table.archived_properties[name] = (item, request.portal.now())
    del table.properties[name]
    table.unique.pop(name, None)


def inputs_of(request: Request) -> list[dict[str, Any]]:
    return shapes.rows(request.required("inputs")[0], "inputs")


def batch_read(request: Request) -> Answer:
    started, table = request.portal.now(), request.table
    names = [str(row.get("name")) for row in inputs_of(request)]
    found = [shown(table, table.properties[name]) for name in names if name in table.properties]
    lacking = [name for name in names if name not in table.properties]
    errors = (
        [not_found(f"Properties do not exist: {lacking}").item() | {"context": {"names": lacking}}] if lacking else []
    )
    return answers.batch(request, found, errors, started)


def batch_create(request: Request) -> Answer:
    started, table = request.portal.now(), request.table
    results, errors = [], []
    for row in inputs_of(request):
        try:
            results.append(shown(table, define(request, table, row)))
        except ApiError as error:
            errors.append({**error.item(), "context": {"name": [str(row.get("name"))]}})
    return answers.batch(request, results, errors, started, 201)


def batch_archive(request: Request) -> Answer:
    table = request.table
    for row in inputs_of(request):
        if str(row.get("name")) in table.properties:
            archive_one(request, table, str(row["name"]))
    return Answer(204)


# --- groups --------------------------------------------------------------------------------------------------------
def list_groups(request: Request) -> Answer:
    return answers.page(list(request.table.groups.values()))


def read_group(request: Request) -> Answer:
    return Answer(200, group(request))


def group(request: Request) -> dict[str, Any]:
    found = request.table.groups.get(request.path["name"])
    if found is None:
        raise not_found(f"Property group {request.path['name']} does not exist.")
    return found


def create_group(request: Request) -> Answer:
    name, label = (shapes.text(value, "name and label") for value in request.required("name", "label"))
    groups = request.table.groups
    if name in groups:
        raise ApiError(409, f"A property group named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
    groups[name] = {
        "name": name,
        "label": label,
        "displayOrder": shapes.whole(request.json.get("displayOrder"), "displayOrder", -1),
        "archived": False,
    }
    return Answer(201, groups[name])


def update_group(request: Request) -> Answer:
    found = group(request)
    found.update({key: request.json[key] for key in ("label", "displayOrder") if key in request.json})
    return Answer(200, found)


def archive_group(request: Request) -> Answer:
    table, name = request.table, request.path["name"]
    if any((item.group or table.kind.group) == name for item in table.properties.values()):
        raise invalid(f"Property group {name} still holds properties.")
    table.groups.pop(name, None)
    return Answer(204)
