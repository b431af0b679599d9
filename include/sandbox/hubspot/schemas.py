"""Custom object types: their schemas, names and association definitions.

Sources: the custom objects guide (names, limits, automatic associations with activities, deletion only when empty) and the
ObjectSchema model of the object schemas API. Since 2025-06-24 the bare name no longer addresses a custom object: only the
type id (2-…), the fully qualified name (p<portal>_name) and the short p_name do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sandbox.hubspot import shapes
from sandbox.hubspot.activities import ACTIVITIES
from sandbox.hubspot.catalogue import property_from
from sandbox.hubspot.errors import PORTAL_ID, ApiError, invalid
from sandbox.hubspot.object_type import ObjectType, stamped
from sandbox.hubspot.records import Table

if TYPE_CHECKING:
    from sandbox.hubspot.link_types import LinkType
    from sandbox.hubspot.portal import Portal

SCHEMAS_MAX = 10
FIRST_TYPE = 46_500_001
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass
class Schema:
    """One custom object type. Required properties are kept by the table's `ObjectType`; `links` are its definitions."""

    name: str
    labels: dict[str, str]
    description: str
    primary: str
    secondary: list[str]
    searchable: list[str]
    required: list[str]
    created_at: str
    updated_at: str
    archived_at: str | None = None
    links: list[tuple[LinkType, str]] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"p{PORTAL_ID}_{self.name}"


def define(portal: Portal, body: dict[str, Any], at: str) -> Schema:
    """Make a custom object type from a create request; 400 naming what is wrong, 409 if the name is taken."""
    schema = _checked(portal, body, at)
    table = _table(portal, schema, shapes.rows(body["properties"], "properties"), at)
    targets = [portal.table(name).kind.plural for name in shapes.texts(body["associatedObjects"], "associatedObjects")]
    apply(schema, table)
    _enter(portal, schema, table)
    for target in dict.fromkeys([*targets, *(one.plural for one in ACTIVITIES)]):
        relate(portal, schema, table.kind.plural, target, at)
    return schema


def _table(portal: Portal, schema: Schema, rows: list[dict[str, Any]], at: str) -> Table:
    """An empty table with the properties of a create request, in a group of their own."""
    kind = ObjectType(
        f"2-{FIRST_TYPE + portal.schemas_made}", schema.full_name, schema.full_name, "hs_lastmodifieddate", "hs_createdate",
        ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"), (), f"{schema.name}_information", schema.primary,
    )  # fmt: skip
    table = Table(kind, stamped("hs_createdate", "hs_lastmodifieddate"), portal.settings)
    table.groups[kind.group] = {
        "name": kind.group, "label": f"{schema.labels['singular']} information", "displayOrder": -1, "archived": False,
    }  # fmt: skip
    for row in rows:
        if row.get("name") in table.properties:
            raise invalid(f"Property {row['name']} is defined twice or is HubSpot's own.")
        unique = sum(item.unique for item in table.properties.values())
        table.define(property_from({"groupName": kind.group} | row, set(table.groups), unique, at))
    table.next_id = 30_000_001 + portal.schemas_made * 1_000_000
    return table


def _checked(portal: Portal, body: dict[str, Any], at: str) -> Schema:
    needed = ("associatedObjects", "labels", "name", "properties", "requiredProperties")
    if missing := [key for key in needed if body.get(key) is None]:
        raise invalid(f"Some required fields were not set: [{', '.join(missing)}]")
    name, labels = shapes.text(body["name"], "name"), shapes.mapping(body["labels"], "labels")
    if not NAME.fullmatch(name):
        raise invalid(
            f"Object name {name!r} is invalid: it must begin with a letter and hold letters, digits and underscores."
        )
    if any(schema.name.lower() == name.lower() for schema in portal.schemas.values()):
        raise ApiError(409, f"An object type named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
    if len(portal.schemas) >= SCHEMAS_MAX:
        raise ApiError(400, f"The limit of {SCHEMAS_MAX} custom object types is reached.", "VALIDATION_ERROR")
    if not (labels.get("singular") and labels.get("plural")):
        raise invalid("Some required fields were not set: [labels.singular, labels.plural]")
    names = [str(row.get("name")) for row in shapes.rows(body["properties"], "properties")]
    required = shapes.texts(body["requiredProperties"], "requiredProperties")
    return Schema(
        name, {key: str(labels[key]) for key in ("singular", "plural")}, shapes.text(body.get("description"), "description"),
        shapes.text(body.get("primaryDisplayProperty"), "primaryDisplayProperty") or next(iter(names), "hs_object_id"),
        shapes.texts(body.get("secondaryDisplayProperties"), "secondaryDisplayProperties"),
        shapes.texts(body.get("searchableProperties"), "searchableProperties"), required, at, at,
    )  # fmt: skip


def apply(schema: Schema, table: Table) -> None:
    """Let the table follow its schema; 400 if the schema names a property that does not exist."""
    named = [schema.primary, *schema.secondary, *schema.searchable, *schema.required]
    if unknown := sorted({name for name in named if name not in table.properties}):
        raise invalid(f"The schema names properties that do not exist: {unknown}")
    table.kind = replace(
        table.kind,
        primary_display=schema.primary,
        required=tuple((name,) for name in schema.required),
        searchable=tuple(dict.fromkeys([schema.primary, *schema.searchable])),
    )


def _enter(portal: Portal, schema: Schema, table: Table) -> None:
    portal.schemas_made += 1
    portal.schemas[schema.full_name] = schema
    portal.tables[schema.full_name] = table
    for name in names_of(schema, table):
        portal.names[name] = schema.full_name


def names_of(schema: Schema, table: Table) -> tuple[str, ...]:
    return table.kind.id, schema.full_name.lower(), f"p_{schema.name}".lower()


def relate(portal: Portal, schema: Schema, origin: str, target: str, at: str, name: str = "") -> LinkType:
    """The unlabelled association type of a pair, made if there is none; it is listed in the schema both ways."""
    known = [kind for kind in portal.links.kinds(origin, target).values() if kind.label is None]
    if known:
        return known[0]
    shown = [
        portal.schemas[one].name if one in portal.schemas else portal.tables[one].kind.singular
        for one in (origin, target)
    ]
    pair = portal.links.relate(origin, target, name or "_to_".join(shown))
    schema.links += [(kind, at) for kind in pair]
    return pair[0]


def retire(portal: Portal, schema: Schema, purge: bool, at: str) -> None:
    """Archive a type that has no records left, or remove it for good so that its name is free again."""
    table = portal.tables[schema.full_name]
    if table.live:
        raise invalid(f"Unable to delete object type {schema.full_name}: {len(table.live)} records still exist.")
    for name in names_of(schema, table):
        portal.names.pop(name, None)
    schema.archived_at = schema.archived_at or at
    if purge:
        del portal.schemas[schema.full_name], portal.tables[schema.full_name]
        portal.links.forget(schema.full_name)
