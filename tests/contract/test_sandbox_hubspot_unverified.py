"""Every setting of HubSpot that stands for something unverified is one switch: another value is another behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from tests.contract.hubspot_server import NOW, TOKEN, owners

from sandbox.clock import Clock
from sandbox.hubspot import HubSpot
from sandbox.hubspot.unverified import UNVERIFIED
from sandbox.hubspot.visits import submit_form
from sandbox.world import World

V3, DATED, V4 = "/crm/v3/objects", "/crm/objects/2026-09", "/crm/v4/associations"


class Portal:
    """An empty portal in this process, called without a network."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock(NOW, "fixed")
        world = World(hubspot={"owners": owners()})
        self.vendor = HubSpot(self.clock, world, {"search_limit": 1_000, **settings})

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        path, _, query = path.partition("?")
        scope = {
            "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": [(b"authorization", f"Bearer {TOKEN}".encode())],
        }  # fmt: skip
        status, _, raw = self.vendor.app.answer(scope, b"" if body is None else orjson.dumps(body))
        return status, orjson.loads(raw) if raw else None

    def make(self, kind: str, **properties: Any) -> str:
        status, body = self("POST", f"{V3}/{kind}", {"properties": properties})
        assert status == 201, body
        return str(body["id"])

    def values(self, kind: str, key: str, *names: str) -> dict[str, Any]:
        return dict(self("GET", f"{V3}/{kind}/{key}?properties={','.join(names)}")[1]["properties"])


def status_of(method: str, path: str, body: Any = None) -> Callable[[Portal], int]:
    return lambda portal: portal(method, path, body)[0]


def search(portal: Portal, **body: Any) -> tuple[int, Any]:
    return portal("POST", f"{V3}/contacts/search", body)


def found_at_once(portal: Portal) -> int:
    portal.make("contacts", email="a@x.example")
    return int(search(portal)[1]["total"])


def list_at_once(portal: Portal) -> str:
    rule = {"operationType": "STRING", "operator": "CONTAINS", "value": "osl"}
    rows = [{"filterType": "PROPERTY", "property": "city", "operation": rule}]
    inner = {"filterBranchType": "AND", "filterBranches": [], "filters": rows}
    branch = {"filterBranchType": "OR", "filterBranches": [inner], "filters": []}
    body = {"name": "L", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}
    key = portal("POST", "/crm/v3/lists", body)[1]["list"]["listId"]
    return str(portal("GET", f"/crm/v3/lists/{key}")[1]["list"]["processingStatus"])


def pages_of_links(portal: Portal) -> bool:
    contact = portal.make("contacts", email="a@x.example")
    for name in "AB":
        portal(
            "PUT",
            f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{portal.make('companies', name=name)}",
        )
    body = {"inputs": [{"id": contact}]}
    (row,) = portal("POST", f"{V4}/contacts/companies/batch/read", body)[1]["results"]
    return "paging" in row


def two_links(portal: Portal) -> int:
    row = {
        "from": {"id": "1"},
        "to": {"id": "2"},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}],
    }
    return portal("POST", f"{V4}/contacts/companies/batch/create", {"inputs": [row, row]})[0]


def used_after_refusal(portal: Portal) -> int:
    portal.vendor.settings.update({"rate_limit": 0})
    assert portal("GET", "/crm/v3/owners")[0] == 429
    return int(portal.vendor.settings["used"])


def refusal_of_rate(portal: Portal) -> Any:
    portal.vendor.settings.update({"rate_limit": 0})
    return portal("GET", "/crm/v3/owners")[1].get("groupName")


def search_by_iso(portal: Portal) -> int:
    filters = [{"propertyName": "createdate", "operator": "GTE", "value": "2020-01-01T00:00:00Z"}]
    return search(portal, filterGroups=[{"filters": filters}])[0]


def cleared_by_null(portal: Portal) -> int:
    return portal("PATCH", f"{V3}/companies/{portal.make('companies', name='A')}", {"properties": {"city": None}})[0]


def stamp_after_same(portal: Portal) -> str:
    key = portal.make("companies", name="A")
    portal.clock.advance(60)
    return str(portal("PATCH", f"{V3}/companies/{key}", {"properties": {"name": "A"}})[1]["updatedAt"])


def source_of_new(portal: Portal) -> Any:
    return portal.values("companies", portal.make("companies", name="A"), "hs_object_source")["hs_object_source"]


def created_with(**properties: Any) -> Callable[[Portal], int]:
    return status_of("POST", f"{V3}/contacts", {"properties": {"email": "a@x.example", **properties}})


def refusal_of_owner(portal: Portal) -> str:
    body = {"properties": {"email": "a@x.example", "hubspot_owner_id": "999"}}
    return str(portal("POST", f"{V3}/contacts", body)[1]["message"])


def backwards(portal: Portal) -> Any:
    key = portal.make("contacts", email="a@x.example", lifecyclestage="customer")
    portal("PATCH", f"{V3}/contacts/{key}", {"properties": {"lifecyclestage": "lead"}})
    return portal.values("contacts", key, "lifecyclestage")["lifecyclestage"]


def first_stage(portal: Portal) -> Any:
    return portal.values("contacts", portal.make("contacts", email="a@x.example"), "lifecyclestage")["lifecyclestage"]


def merged(portal: Portal) -> tuple[str, str, str]:
    """Winner, loser, survivor."""
    one, two = (portal.make("contacts", email=f"{name}@x.example") for name in "ab")
    body = {"primaryObjectId": one, "objectIdToMerge": two}
    return one, two, str(portal("POST", f"{V3}/contacts/merge", body)[1]["id"])


def by_second_address(portal: Portal) -> int:
    merged(portal)
    return portal("GET", f"{V3}/contacts/b@x.example?idProperty=email")[0]


def twice_the_domain(portal: Portal) -> int:
    portal.make("companies", domain="x.example")
    return portal("POST", f"{V3}/companies", {"properties": {"domain": "x.example"}})[0]


def value_of_archived(portal: Portal) -> int:
    body = {
        "name": "key",
        "label": "K",
        "type": "string",
        "fieldType": "text",
        "groupName": "companyinformation",
        "hasUniqueValue": True,
    }
    assert portal("POST", "/crm/v3/properties/companies", body)[0] == 201
    portal("DELETE", f"{V3}/companies/{portal.make('companies', name='A', key='1')}")
    return portal("POST", f"{V3}/companies", {"properties": {"name": "B", "key": "1"}})[0]


def survivor_is_winner(portal: Portal) -> bool:
    winner, _, survivor = merged(portal)
    return winner == survivor


def update_of_loser(portal: Portal) -> int:
    _, loser, _ = merged(portal)
    body = {"inputs": [{"id": loser, "properties": {"city": "Oslo"}}]}
    return len(portal("POST", f"{V3}/contacts/batch/update", body)[1]["results"])


def types_of_first_link(portal: Portal) -> list[int]:
    contact, company = portal.make("contacts", email="a@x.example"), portal.make("companies", name="A")
    portal("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}")
    (row,) = portal("GET", f"/crm/v4/objects/contacts/{contact}/associations/companies")[1]["results"]
    return sorted(one["typeId"] for one in row["associationTypes"])


def second_list(portal: Portal) -> int:
    body = {"name": "L", "objectTypeId": "0-1", "processingType": "MANUAL"}
    portal("POST", "/crm/v3/lists", body)
    return portal("POST", "/crm/v3/lists", body)[0]


def versions_of_forms(portal: Portal) -> int:
    for form in ("Newsletter", "Book a boat"):
        submit_form(portal.vendor.portal, "a@x.example", None, None, True, {}, form)
    asked = {
        "inputs": [{"id": "a@x.example"}],
        "idProperty": "email",
        "propertiesWithHistory": ["recent_conversion_date"],
    }
    (found,) = portal("POST", f"{V3}/contacts/batch/read", asked | {"properties": []})[1]["results"]
    return len(found["propertiesWithHistory"]["recent_conversion_date"])


#: setting -> another value than the default, and what then differs
SWITCHES: dict[str, tuple[Any, Callable[[Portal], Any]]] = {
    "index_lag_seconds": (0, found_at_once),
    "list_lag_seconds": (0, list_at_once),
    "uri_max": (30, status_of("GET", f"{V3}/contacts?properties=firstname")),
    "associations_write_max": (1, two_links),
    "associations_page_size": (1, pages_of_links),
    "refused_calls_count": (False, used_after_refusal),
    "rate_limit_group": ("publicapi:private-apps:1", refusal_of_rate),
    "results_max_text": ("Too far: {most}", lambda portal: search(portal, after="10000")[1]["message"]),
    "search_iso_dates": (False, search_by_iso),
    "dated_batch_error_status": (200, status_of("POST", f"{DATED}/contacts/batch/read", {"inputs": [{"id": "1"}]})),
    "null_clears": (False, cleared_by_null),
    "touch_on_same_value": (False, stamp_after_same),
    "object_source": ("API", source_of_new),
    "analytics_source_on_create": (True, created_with(hs_analytics_source="REFERRALS")),
    "click_id_writable": (True, created_with(hs_google_click_id="abc")),
    "archived_owner_assignable": (True, created_with(hubspot_owner_id="102")),
    "owner_error": ("INVALID_OWNER", refusal_of_owner),
    "lifecycle_forward_only": (False, backwards),
    "lifecycle_default": (None, first_stage),
    "secondary_emails_found": (False, by_second_address),
    "company_domain_unique": (True, twice_the_domain),
    "archived_hold_unique": (False, value_of_archived),
    "archive_missing_status": (404, status_of("DELETE", f"{V3}/contacts/1")),
    "merge_creates_new_id": (False, survivor_is_winner),
    "update_drops_merged": (False, update_of_loser),
    "first_company_is_primary": (False, types_of_first_link),
    "form_histories": (False, versions_of_forms),
    "list_name_taken_status": (400, second_list),
    "non_unique_text": (
        "Not unique: {property}",
        lambda portal: portal("GET", f"{V3}/companies/x?idProperty=domain")[1]["message"],
    ),
}


def test_every_setting_is_tried() -> None:
    assert set(SWITCHES) == set(UNVERIFIED)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_setting_changes_what_it_says(name: str) -> None:
    value, observe = SWITCHES[name]
    assert observe(Portal()) != observe(Portal(**{name: value}))
