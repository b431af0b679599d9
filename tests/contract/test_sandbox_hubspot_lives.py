"""HubSpot sandbox: merges, GDPR deletion, the recycle bin, and people's actions."""

from __future__ import annotations

import pickle

import pytest
from tests.contract.hubspot_server import Server

V3 = "/crm/v3/objects"


def merge(hubspot: Server, kind: str, winner: str, loser: str) -> dict:
    body = {"primaryObjectId": winner, "objectIdToMerge": loser}
    return hubspot.ok("POST", f"{V3}/{kind}/merge", body)


def test_a_merge_makes_a_new_id_to_which_both_old_ids_lead(hubspot: Server) -> None:
    one = hubspot.contact(email="one@x.example", city="Oslo")
    two = hubspot.contact(email="two@x.example", city="Bergen", phone="17")
    survivor = merge(hubspot, "contacts", one, two)
    assert survivor["id"] not in (one, two)
    assert survivor["properties"]["hs_merged_object_ids"] == f"{one};{two}"
    for old in (one, two):
        found = hubspot.ok("GET", f"{V3}/contacts/{old}?properties=city,phone,email,hs_additional_emails")
        assert found["id"] == survivor["id"]
        assert found["properties"]["city"] == "Oslo"
        assert found["properties"]["phone"] == "17"
        assert found["properties"]["hs_additional_emails"] == "two@x.example"
    again = hubspot.call("POST", f"{V3}/contacts", {"properties": {"email": "two@x.example"}})
    assert again.json()["message"] == f"Contact already exists. Existing ID: {survivor['id']}"
    assert [row["id"] for row in hubspot.ok("GET", f"{V3}/contacts")["results"]] == [survivor["id"]]
    assert hubspot.ok("GET", f"{V3}/contacts?archived=true")["results"] == []


def test_merge_chains_resolve_and_a_setting_keeps_the_winners_id(hubspot: Server) -> None:
    ids = [hubspot.company(name=f"C{n}") for n in range(3)]
    first = merge(hubspot, "companies", ids[0], ids[1])["id"]
    last = merge(hubspot, "companies", ids[2], first)["id"]
    assert {hubspot.ok("GET", f"{V3}/companies/{key}")["id"] for key in [*ids, first]} == {last}
    hubspot.vendor.settings.update({"merge_creates_new_id": False})
    other = hubspot.company(name="D")
    assert merge(hubspot, "companies", other, last)["id"] == other
    assert hubspot.ok("GET", f"{V3}/companies/{ids[0]}")["id"] == other


def test_a_merge_moves_the_links_and_keeps_one_primary_company(hubspot: Server) -> None:
    one, two = hubspot.contact(email="one@x.example"), hubspot.contact(email="two@x.example")
    a, b = hubspot.company(name="A"), hubspot.company(name="B")
    for contact, company in ((one, a), (two, b)):
        hubspot.vendor.act(
            "associate", from_type="contacts", from_id=contact, to_type="companies", to_id=company, type=1
        )
    survivor = hubspot.vendor.read("contacts", merge(hubspot, "contacts", one, two)["id"])
    assert survivor["associations"]["companies"] == {a: [1, 279], b: [279]}
    assert survivor["properties"]["associatedcompanyid"] == a


def test_merging_with_itself_or_with_nothing_is_refused(hubspot: Server) -> None:
    one = hubspot.contact(email="one@x.example")
    for other, status in ((one, 400), ("7", 404)):
        body = {"primaryObjectId": one, "objectIdToMerge": other}
        assert hubspot.call("POST", f"{V3}/contacts/merge", body).status_code == status


@pytest.mark.parametrize("by_email", [True, False])
def test_a_gdpr_delete_is_for_good_and_blocks_the_address(hubspot: Server, by_email: bool) -> None:
    contact = hubspot.contact(email="one@x.example")
    body = {"objectId": "One@x.example", "idProperty": "email"} if by_email else {"objectId": contact}
    assert hubspot.call("POST", f"{V3}/contacts/gdpr-delete", body).status_code == 204
    assert hubspot.vendor.read("contacts", contact) is None
    assert hubspot.ok("GET", f"{V3}/contacts?archived=true")["results"] == []
    again = hubspot.call("POST", f"{V3}/contacts", {"properties": {"email": "ONE@x.example"}})
    assert again.status_code == 400
    assert "GDPR blacklisted" in again.json()["message"]


def test_undelete_brings_back_the_record_and_its_links(hubspot: Server) -> None:
    contact, company = hubspot.contact(email="one@x.example"), hubspot.company(name="A")
    hubspot.vendor.act("associate", from_type="contacts", from_id=contact, to_type="companies", to_id=company, type=1)
    hubspot.clock.advance(60)
    hubspot.vendor.act("delete", object="contacts", id=contact)
    assert "num_associated_contacts" not in hubspot.vendor.read("companies", company)["properties"]
    hubspot.clock.advance(60)
    hubspot.vendor.act("undelete", object="contacts", id=contact)
    found = hubspot.vendor.read("contacts", contact)
    assert (found["archived"], found["updatedAt"]) == (False, "2026-11-20T12:02:00.000Z")
    assert found["associations"]["companies"] == {company: [1, 279]}
    found_by_search = hubspot.ok("POST", f"{V3}/contacts/search", {})["results"]
    assert [row["id"] for row in found_by_search] == [contact]


def test_undelete_is_refused_when_the_address_was_taken(hubspot: Server) -> None:
    contact = hubspot.contact(email="one@x.example")
    hubspot.vendor.act("delete", object="contacts", id=contact)
    hubspot.contact(email="one@x.example")
    with pytest.raises(ValueError, match="is taken by"):
        hubspot.vendor.act("undelete", object="contacts", id=contact)


def test_people_may_move_a_lifecycle_stage_back(hubspot: Server) -> None:
    contact = hubspot.contact(email="one@x.example", lifecyclestage="customer")
    hubspot.vendor.act("edit", object="contacts", id=contact, fields={"lifecyclestage": "lead"})
    assert hubspot.vendor.read("contacts", contact)["properties"]["lifecyclestage"] == "lead"


def test_people_change_owners_and_owners_leave(hubspot: Server) -> None:
    contact = hubspot.contact(email="one@x.example")
    hubspot.vendor.act("change_owner", object="contacts", id=contact, owner="101")
    hubspot.vendor.act("set_owner_active", id="101", active=False)
    assert hubspot.vendor.read("contacts", contact)["properties"]["hubspot_owner_id"] == "101"
    archived = hubspot.ok("GET", "/crm/v3/owners?archived=true")["results"]
    assert [row["id"] for row in archived] == ["101", "102"]
    assert all("userId" not in row and row["userIdIncludingInactive"] for row in archived)
    assert hubspot.ok("GET", "/crm/owners/2026-09")["results"] == []


@pytest.mark.parametrize(
    ("action", "arguments", "message"),
    [
        ("dance", {}, "unknown HubSpot action 'dance'"),
        ("edit", {"object": "contacts", "id": "7", "fields": {}}, "there is no contact 7"),
        ("edit", {"object": "contacts"}, "missing 2 required"),
        ("create", {"object": "unicorns", "fields": {}}, "Unable to infer object type"),
        ("create", {"object": "contacts", "fields": {"email": "bad"}}, "INVALID_EMAIL"),
        ("set_owner_active", {"id": "9", "active": True}, "there is no owner 9"),
    ],
)
def test_a_wrong_action_is_a_sentence(hubspot: Server, action: str, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        hubspot.vendor.act(action, **arguments)


def test_the_portal_can_be_put_away_and_goes_on_where_it_was(hubspot: Server) -> None:
    contact = hubspot.contact(email="one@x.example")
    hubspot.vendor.settings.update({"used": 5})
    clock, vendor = pickle.loads(pickle.dumps((hubspot.clock, hubspot.vendor)))
    assert list(vendor.records("contacts")) == list(hubspot.vendor.records("contacts"))
    assert vendor.settings["used"] == 5
    clock.advance(60)
    vendor.act("edit", object="contacts", id=contact, fields={"city": "Oslo"})
    assert vendor.read("contacts", contact)["updatedAt"] == "2026-11-20T12:01:00.000Z"
