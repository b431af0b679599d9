"""Every action of HubSpot's in the admin API, and what an unmodified client (hubspot-api-client) then sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts.exceptions import ApiException
from tests.contract.hubspot_server import Server


class Portal:
    """Acts as a person and looks with hubspot-api-client."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client = client = HubSpot(access_token="pat-na1-people", host=server.url, retry=False)
        self.contacts, self.links = client.crm.contacts.basic_api, client.crm.associations.v4.basic_api

    def act(self, action: str, **args: Any) -> dict[str, Any]:
        self.server.clock.advance(60)
        return self.server.vendor.act(action, **args)

    def contact(self, **fields: Any) -> str:
        return str(self.act("create", object="contacts", fields=fields)["id"])

    def values(self, key: str, *names: str) -> dict[str, Any]:
        return dict(self.contacts.get_by_id(key, properties=list(names)).properties)

    def gone(self, key: str) -> bool:
        try:
            self.contacts.get_by_id(key)
        except ApiException as error:
            return error.status == 404
        return False

    def owner(self, index: int) -> str:
        return str(self.client.crm.owners.owners_api.get_page().results[index].id)

    def companies_of(self, key: str) -> dict[str, set[int]]:
        rows = self.links.get_page("contacts", key, "companies").results
        return {str(row.to_object_id): {one.type_id for one in row.association_types} for row in rows}


def created(portal: Portal) -> None:
    found = portal.values(portal.contact(email="New@x.example"), "email", "hs_object_source")
    assert (found["email"], found["hs_object_source"]) == ("new@x.example", "CRM_UI")


def edited(portal: Portal) -> None:
    key = portal.contact(email="edit@x.example")
    portal.act("edit", object="contacts", id=key, fields={"city": "Bodø", "lifecyclestage": "customer"})
    portal.act("edit", object="contacts", id=key, fields={"lifecyclestage": "lead"})
    assert portal.values(key, "city", "lifecyclestage")["lifecyclestage"] == "lead"


def given_away(portal: Portal) -> None:
    key = portal.contact(email="owner@x.example")
    portal.act("change_owner", object="contacts", id=key, owner=portal.owner(0))
    assert portal.values(key, "hubspot_owner_id")["hubspot_owner_id"] == portal.owner(0)


def deleted(portal: Portal) -> str:
    key = portal.contact(email="gone@x.example")
    portal.act("delete", object="contacts", id=key)
    assert portal.gone(key)
    assert portal.contacts.get_by_id(key, archived=True).archived
    return key


def undeleted(portal: Portal) -> None:
    key = deleted(portal)
    portal.act("undelete", object="contacts", id=key)
    assert not portal.gone(key)


def merged(portal: Portal) -> None:
    one, two = (portal.contact(email=f"{name}@merge.example") for name in "ab")
    survivor = portal.act("merge", object="contacts", winner=one, loser=two)["id"]
    assert {portal.contacts.get_by_id(key).id for key in (one, two)} == {survivor}


def erased(portal: Portal) -> None:
    key = portal.contact(email="erase@x.example")
    portal.act("gdpr_delete", object="contacts", id=key)
    assert portal.gone(key)
    with pytest.raises(ApiException, match="GDPR blacklisted"):
        portal.contacts.create({"properties": {"email": "erase@x.example"}})


def associated(portal: Portal) -> tuple[str, str]:
    contact = portal.contact(email="link@x.example")
    company = str(portal.act("create", object="companies", fields={"name": "Nord"})["id"])
    ends = {"from_type": "contacts", "from_id": contact, "to_type": "companies", "to_id": company}
    portal.act("associate", **ends, type=1)
    assert portal.companies_of(contact) == {company: {1, 279}}
    return contact, company


def disassociated(portal: Portal) -> None:
    contact, company = associated(portal)
    ends = {"from_type": "contacts", "from_id": contact, "to_type": "companies", "to_id": company}
    portal.act("disassociate", **ends, type=1)
    assert portal.companies_of(contact) == {company: {279}}
    portal.act("disassociate", **ends)
    assert portal.companies_of(contact) == {}


def owner_left(portal: Portal) -> None:
    owner = portal.owner(-1)
    portal.act("set_owner_active", id=owner, active=False)
    gone = portal.client.crm.owners.owners_api.get_page(archived=True).results
    assert owner in [one.id for one in gone]
    portal.act("set_owner_active", id=owner, active=True)
    assert portal.owner(-1) == owner


def list_edited(portal: Portal) -> None:
    body = {"name": "By hand", "objectTypeId": "0-1", "processingType": "MANUAL"}
    key = portal.client.crm.lists.lists_api.create(body).list.list_id
    members = portal.client.crm.lists.memberships_api
    one, two = (portal.contact(email=f"{name}@list.example") for name in "ab")
    portal.act("edit_list", id=key, add=[one, two])
    portal.act("edit_list", id=key, remove=[one])
    assert [str(row.record_id) for row in members.get_page(key).results] == [two]


def form_sent(portal: Portal) -> None:
    first = portal.act("submit_form", email="form@x.example", gclid="click-1", fields={"city": "Oslo"})["id"]
    again = portal.act("submit_form", email="form@x.example", fields={"city": "Bergen"})["id"]
    assert first == again
    names = ("city", "hs_google_click_id", "hs_analytics_source", "hs_latest_source", "num_conversion_events")
    found = portal.values(first, *names, "hs_analytics_num_visits")
    assert [found[name] for name in names] == ["Bergen", "click-1", "PAID_SEARCH", "DIRECT_TRAFFIC", "2"]
    blind = portal.act("submit_form", email="blind@x.example", gclid="click-2", cookie=False)["id"]
    assert portal.values(blind, *names)["hs_google_click_id"] is None


ACTIONS: dict[str, Callable[[Portal], object]] = {
    "create": created,
    "edit": edited,
    "change_owner": given_away,
    "delete": deleted,
    "undelete": undeleted,
    "merge": merged,
    "gdpr_delete": erased,
    "associate": associated,
    "disassociate": disassociated,
    "set_owner_active": owner_left,
    "edit_list": list_edited,
    "submit_form": form_sent,
}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_client_sees_what_a_person_did(hubspot: Server, action: str) -> None:
    ACTIONS[action](Portal(hubspot))


def test_every_action_is_tried(hubspot: Server) -> None:
    with pytest.raises(ValueError, match="known are") as refused:
        hubspot.vendor.act("dance")
    assert set(re.findall(r"\w+", str(refused.value).rpartition("known are")[2])) == set(ACTIONS)
