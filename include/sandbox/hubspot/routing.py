"""One table of routes for both path families.

Each route is written once: its v3 or v4 path, and its dated path with `{version}` where the dated API puts it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.hubspot import account_routes as account
from sandbox.hubspot import association_routes as links
from sandbox.hubspot import batch_routes as batch
from sandbox.hubspot import campaign_routes as campaigns
from sandbox.hubspot import legacy_association_routes as legacy
from sandbox.hubspot import list_routes as lists
from sandbox.hubspot import object_routes as objects
from sandbox.hubspot import pipeline_routes as pipelines
from sandbox.hubspot import property_routes as properties
from sandbox.hubspot import schema_routes as schemas
from sandbox.hubspot.request import Answer, Request

VERSIONS = ("2025-09", "2026-03", "2026-09")
Endpoint = Callable[[Request], Answer]


@dataclass(frozen=True)
class Route:
    """`scope` is the pattern of the scope that a token needs; `{type}` stands for the object type's plural name."""

    method: str
    endpoint: Endpoint
    scope: str
    search: bool = False


READ, WRITE = "crm.objects.{type}.read", "crm.objects.{type}.write"
SCHEMA_READ, SCHEMA_WRITE = "crm.schemas.{type}.read", "crm.schemas.{type}.write"
OBJECTS = ("/crm/v3/objects", "/crm/objects/{version}")
LINKS = ("/crm/v4/associations", "/crm/associations/{version}")
RECORD_LINKS = ("/crm/v4/objects", "/crm/objects/{version}")
LEGACY_LINKS = ("/crm/v3/associations",)
LEGACY_RECORDS = ("/crm/v3/objects",)
PROPERTIES = ("/crm/v3/properties", "/crm/properties/{version}")
PIPELINES = ("/crm/v3/pipelines", "/crm/pipelines/{version}")
SCHEMAS = ("/crm-object-schemas/v3/schemas", "/crm/v3/schemas", "/crm-object-schemas/{version}/schemas")
LISTS = ("/crm/v3/lists", "/crm/lists/{version}")
LIST_READ, LIST_WRITE = "crm.lists.read", "crm.lists.write"
CAMPAIGNS = ("/marketing/v3/campaigns", "/marketing/campaigns/{version}")
CAMPAIGN_READ, CAMPAIGN_WRITE = "marketing.campaigns.read", "marketing.campaigns.write"
CAMPAIGN_REVENUE = "marketing.campaigns.revenue.read"
OWNERS = ("/crm/v3/owners", "/crm/owners/{version}")
ACCOUNT = ("/account-info/v3", "/account-info/{version}")

TABLE: tuple[tuple[str, tuple[str, ...], str, Endpoint, str], ...] = (
    ("GET", OBJECTS, "/{type}", objects.list_objects, READ),
    ("POST", OBJECTS, "/{type}", objects.create, WRITE),
    ("POST", OBJECTS, "/{type}/search", objects.search_objects, READ),
    ("POST", OBJECTS, "/{type}/merge", objects.merge_objects, WRITE),
    ("POST", OBJECTS, "/{type}/gdpr-delete", objects.gdpr, WRITE),
    ("POST", OBJECTS, "/{type}/batch/read", batch.read, READ),
    ("POST", OBJECTS, "/{type}/batch/create", batch.create, WRITE),
    ("POST", OBJECTS, "/{type}/batch/update", batch.update, WRITE),
    ("POST", OBJECTS, "/{type}/batch/upsert", batch.upsert, WRITE),
    ("POST", OBJECTS, "/{type}/batch/archive", batch.archive, WRITE),
    ("GET", OBJECTS, "/{type}/{id}", objects.read, READ),
    ("PATCH", OBJECTS, "/{type}/{id}", objects.update, WRITE),
    ("DELETE", OBJECTS, "/{type}/{id}", objects.archive, WRITE),
    ("GET", RECORD_LINKS, "/{type}/{id}/associations/{to}", links.list_links, READ),
    ("PUT", RECORD_LINKS, "/{type}/{id}/associations/default/{to}/{to_id}", links.put_default, WRITE),
    ("PUT", RECORD_LINKS, "/{type}/{id}/associations/{to}/{to_id}", links.put, WRITE),
    ("DELETE", RECORD_LINKS, "/{type}/{id}/associations/{to}/{to_id}", links.delete, WRITE),
    ("POST", LINKS, "/{type}/{to}/batch/read", links.batch_read, READ),
    ("POST", LINKS, "/{type}/{to}/batch/create", links.batch_create, WRITE),
    ("POST", LINKS, "/{type}/{to}/batch/associate/default", links.batch_default, WRITE),
    ("POST", LINKS, "/{type}/{to}/batch/archive", links.batch_archive, WRITE),
    ("POST", LINKS, "/{type}/{to}/batch/labels/archive", links.labels_archive, WRITE),
    ("GET", LINKS, "/{type}/{to}/labels", links.list_labels, READ),
    ("POST", LINKS, "/{type}/{to}/labels", links.create_label, WRITE),
    ("PUT", LINKS, "/{type}/{to}/labels", links.update_label, WRITE),
    ("DELETE", LINKS, "/{type}/{to}/labels/{type_id}", links.delete_label, WRITE),
    ("POST", LEGACY_LINKS, "/{type}/{to}/batch/read", legacy.batch_read, READ),
    ("POST", LEGACY_LINKS, "/{type}/{to}/batch/create", legacy.batch_create, WRITE),
    ("POST", LEGACY_LINKS, "/{type}/{to}/batch/archive", legacy.batch_archive, WRITE),
    ("GET", LEGACY_LINKS, "/{type}/{to}/types", legacy.list_types, READ),
    ("GET", LEGACY_RECORDS, "/{type}/{id}/associations/{to}", legacy.list_links, READ),
    ("PUT", LEGACY_RECORDS, "/{type}/{id}/associations/{to}/{to_id}/{kind}", legacy.put, WRITE),
    ("DELETE", LEGACY_RECORDS, "/{type}/{id}/associations/{to}/{to_id}/{kind}", legacy.delete, WRITE),
    ("GET", PROPERTIES, "/{type}", properties.list_properties, SCHEMA_READ),
    ("POST", PROPERTIES, "/{type}", properties.create, SCHEMA_WRITE),
    ("POST", PROPERTIES, "/{type}/batch/read", properties.batch_read, SCHEMA_READ),
    ("POST", PROPERTIES, "/{type}/batch/create", properties.batch_create, SCHEMA_WRITE),
    ("POST", PROPERTIES, "/{type}/batch/archive", properties.batch_archive, SCHEMA_WRITE),
    ("GET", PROPERTIES, "/{type}/groups", properties.list_groups, SCHEMA_READ),
    ("POST", PROPERTIES, "/{type}/groups", properties.create_group, SCHEMA_WRITE),
    ("GET", PROPERTIES, "/{type}/groups/{name}", properties.read_group, SCHEMA_READ),
    ("PATCH", PROPERTIES, "/{type}/groups/{name}", properties.update_group, SCHEMA_WRITE),
    ("DELETE", PROPERTIES, "/{type}/groups/{name}", properties.archive_group, SCHEMA_WRITE),
    ("GET", PROPERTIES, "/{type}/{name}", properties.read, SCHEMA_READ),
    ("PATCH", PROPERTIES, "/{type}/{name}", properties.update, SCHEMA_WRITE),
    ("DELETE", PROPERTIES, "/{type}/{name}", properties.archive, SCHEMA_WRITE),
    ("GET", PIPELINES, "/{type}", pipelines.list_pipelines, SCHEMA_READ),
    ("POST", PIPELINES, "/{type}", pipelines.create_pipeline, SCHEMA_WRITE),
    ("GET", PIPELINES, "/{type}/{pipeline}", pipelines.read_pipeline, SCHEMA_READ),
    ("PATCH", PIPELINES, "/{type}/{pipeline}", pipelines.update_pipeline, SCHEMA_WRITE),
    ("PUT", PIPELINES, "/{type}/{pipeline}", pipelines.replace_pipeline, SCHEMA_WRITE),
    ("DELETE", PIPELINES, "/{type}/{pipeline}", pipelines.delete_pipeline, SCHEMA_WRITE),
    ("GET", PIPELINES, "/{type}/{pipeline}/audit", pipelines.pipeline_audit, SCHEMA_READ),
    ("GET", PIPELINES, "/{type}/{pipeline}/stages", pipelines.list_stages, SCHEMA_READ),
    ("POST", PIPELINES, "/{type}/{pipeline}/stages", pipelines.create_stage, SCHEMA_WRITE),
    ("GET", PIPELINES, "/{type}/{pipeline}/stages/{stage}", pipelines.read_stage, SCHEMA_READ),
    ("PATCH", PIPELINES, "/{type}/{pipeline}/stages/{stage}", pipelines.update_stage, SCHEMA_WRITE),
    ("PUT", PIPELINES, "/{type}/{pipeline}/stages/{stage}", pipelines.replace_stage, SCHEMA_WRITE),
    ("DELETE", PIPELINES, "/{type}/{pipeline}/stages/{stage}", pipelines.delete_stage, SCHEMA_WRITE),
    ("GET", PIPELINES, "/{type}/{pipeline}/stages/{stage}/audit", pipelines.stage_audit, SCHEMA_READ),
    ("GET", SCHEMAS, "", schemas.list_schemas, "crm.schemas.custom.read"),
    ("POST", SCHEMAS, "", schemas.create, "crm.schemas.custom.write"),
    ("GET", SCHEMAS, "/{type}", schemas.read, SCHEMA_READ),
    ("PATCH", SCHEMAS, "/{type}", schemas.update, SCHEMA_WRITE),
    ("DELETE", SCHEMAS, "/{type}", schemas.delete, SCHEMA_WRITE),
    ("DELETE", SCHEMAS, "/{type}/purge", schemas.purge, SCHEMA_WRITE),
    ("POST", SCHEMAS, "/{type}/associations", schemas.create_association, SCHEMA_WRITE),
    ("DELETE", SCHEMAS, "/{type}/associations/{association}", schemas.delete_association, SCHEMA_WRITE),
    ("GET", LISTS, "", lists.read_many, LIST_READ),
    ("POST", LISTS, "", lists.create, LIST_WRITE),
    ("POST", LISTS, "/search", lists.search, LIST_READ),
    ("GET", LISTS, "/object-type-id/{type}/name/{name}", lists.read_by_name, LIST_READ),
    ("POST", LISTS, "/records/memberships/batch/read", lists.batch_read, LIST_READ),
    ("GET", LISTS, "/records/{type}/{id}/memberships", lists.lists_of_record, LIST_READ),
    ("GET", LISTS, "/{list}", lists.read, LIST_READ),
    ("DELETE", LISTS, "/{list}", lists.delete, LIST_WRITE),
    ("PUT", LISTS, "/{list}/restore", lists.restore, LIST_WRITE),
    ("PUT", LISTS, "/{list}/update-list-name", lists.rename, LIST_WRITE),
    ("PUT", LISTS, "/{list}/update-list-filters", lists.update_filters, LIST_WRITE),
    ("GET", LISTS, "/{list}/memberships", lists.page_of, LIST_READ),
    ("DELETE", LISTS, "/{list}/memberships", lists.clear, LIST_WRITE),
    ("GET", LISTS, "/{list}/memberships/join-order", lists.page_by_join, LIST_READ),
    ("PUT", LISTS, "/{list}/memberships/add", lists.add, LIST_WRITE),
    ("PUT", LISTS, "/{list}/memberships/remove", lists.remove, LIST_WRITE),
    ("PUT", LISTS, "/{list}/memberships/add-and-remove", lists.add_and_remove, LIST_WRITE),
    ("PUT", LISTS, "/{list}/memberships/add-from/{source}", lists.add_from, LIST_WRITE),
    ("GET", CAMPAIGNS, "", campaigns.list_campaigns, CAMPAIGN_READ),
    ("POST", CAMPAIGNS, "", campaigns.create, CAMPAIGN_WRITE),
    ("POST", CAMPAIGNS, "/batch/read", campaigns.batch_read, CAMPAIGN_READ),
    ("POST", CAMPAIGNS, "/batch/create", campaigns.batch_create, CAMPAIGN_WRITE),
    ("POST", CAMPAIGNS, "/batch/update", campaigns.batch_update, CAMPAIGN_WRITE),
    ("POST", CAMPAIGNS, "/batch/archive", campaigns.batch_archive, CAMPAIGN_WRITE),
    ("GET", CAMPAIGNS, "/{campaign}", campaigns.read, CAMPAIGN_READ),
    ("PATCH", CAMPAIGNS, "/{campaign}", campaigns.update, CAMPAIGN_WRITE),
    ("DELETE", CAMPAIGNS, "/{campaign}", campaigns.delete, CAMPAIGN_WRITE),
    ("GET", CAMPAIGNS, "/{campaign}/assets/{asset_type}", campaigns.list_assets, CAMPAIGN_READ),
    ("PUT", CAMPAIGNS, "/{campaign}/assets/{asset_type}/{asset}", campaigns.attach, CAMPAIGN_WRITE),
    ("DELETE", CAMPAIGNS, "/{campaign}/assets/{asset_type}/{asset}", campaigns.detach, CAMPAIGN_WRITE),
    ("GET", CAMPAIGNS, "/{campaign}/budget/totals", campaigns.totals, CAMPAIGN_READ),
    ("POST", CAMPAIGNS, "/{campaign}/{money}", campaigns.add_item, CAMPAIGN_WRITE),
    ("GET", CAMPAIGNS, "/{campaign}/{money}/{item}", campaigns.read_item, CAMPAIGN_READ),
    ("PUT", CAMPAIGNS, "/{campaign}/{money}/{item}", campaigns.update_item, CAMPAIGN_WRITE),
    ("DELETE", CAMPAIGNS, "/{campaign}/{money}/{item}", campaigns.delete_item, CAMPAIGN_WRITE),
    ("GET", CAMPAIGNS, "/{campaign}/reports/metrics", campaigns.metrics, CAMPAIGN_READ),
    ("GET", CAMPAIGNS, "/{campaign}/reports/revenue", campaigns.revenue, CAMPAIGN_REVENUE),
    ("GET", CAMPAIGNS, "/{campaign}/reports/contacts/{contact_type}", campaigns.contacts, CAMPAIGN_READ),
    ("GET", OWNERS, "", account.list_owners, "crm.objects.owners.read"),
    ("GET", OWNERS, "/{id}", account.read_owner, "crm.objects.owners.read"),
    ("GET", ACCOUNT, "/details", account.details, "oauth"),
    ("GET", ACCOUNT, "/usage/api/daily/private-apps", account.usage, "oauth"),
    ("GET", ACCOUNT, "/api-usage/daily/private-apps", account.usage, "oauth"),
)


#: parameters that only stand for some words
WORDS = {"version": "|".join(VERSIONS), "money": "budget|spend"}


def pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", lambda part: f"(?P<{part[1]}>{WORDS.get(part[1], '[^/]+')})", template))


def compiled() -> list[tuple[re.Pattern[str], dict[str, Route]]]:
    """Each path once, with its methods; literal segments come before parameters because they are listed first."""
    found: dict[str, dict[str, Route]] = {}
    for method, families, rest, endpoint, scope in TABLE:
        for prefix in families:
            route = Route(method, endpoint, scope, endpoint is objects.search_objects)
            found.setdefault(prefix + rest, {})[method] = route
    return [(pattern(template), routes) for template, routes in found.items()]


ROUTES = compiled()


def match(method: str, raw_path: str) -> tuple[Route | None, dict[str, str], set[str]]:
    """The route and its path parameters; no route but methods if the path exists for these alone."""
    path = raw_path.rstrip("/")
    allowed: set[str] = set()
    for regex, routes in ROUTES:
        if found := regex.fullmatch(path):
            if method in routes:
                return routes[method], {key: unquote(value) for key, value in found.groupdict().items()}, set()
            allowed |= set(routes)
    return None, {}, allowed
