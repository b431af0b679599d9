"""HubSpot sandbox: properties, groups, pipelines and owners."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contract.hubspot_server import Server

V3, DATED = "/crm/v3/properties", "/crm/properties/2026-09"


def definition(name: str = "sf_contact_id", **changes: Any) -> dict[str, Any]:
    return {
        "name": name, "label": "Salesforce id", "type": "string", "fieldType": "text",
        "groupName": "contactinformation", **changes,
    }  # fmt: skip


@pytest.mark.parametrize("base", [V3, DATED])
def test_a_property_is_created_read_changed_and_archived(hubspot: Server, base: str) -> None:
    made = hubspot.call("POST", f"{base}/contacts", definition(hasUniqueValue=True))
    assert made.status_code == 201
    assert made.json()["hasUniqueValue"] is True
    assert made.json()["hubspotDefined"] is False
    path = f"{base}/contacts/sf_contact_id"
    changed = hubspot.ok("PATCH", path, {"label": "SF", "hasUniqueValue": False, "name": "other"})
    assert (changed["name"], changed["label"], changed["hasUniqueValue"]) == ("sf_contact_id", "SF", True)
    assert hubspot.call("DELETE", path).status_code == 204
    assert hubspot.call("GET", path).status_code == 404
    archived = hubspot.ok("GET", f"{base}/contacts?archived=true")["results"]
    assert [(row["name"], row["archived"]) for row in archived] == [("sf_contact_id", True)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (definition("email"), 409),
        ({"name": "x"}, 400),
        (definition(type="strange"), 400),
        (definition(type="number", fieldType="textarea"), 400),
        (definition(groupName="nonsense"), 400),
        (definition("With Blank"), 400),
        (definition("1st"), 400),
        (definition(type="enumeration", fieldType="select", options=[{"label": "A"}]), 400),
        (definition(type="enumeration", fieldType="select", options=[{"label": "A", "value": "a"}] * 2), 400),
    ],
)
def test_what_property_creation_refuses(hubspot: Server, body: dict[str, Any], status: int) -> None:
    assert hubspot.call("POST", f"{V3}/contacts", body).status_code == status


def test_an_object_has_at_most_ten_unique_properties(hubspot: Server) -> None:
    for number in range(10):
        hubspot.ok("POST", f"{V3}/contacts", definition(f"unique_{number}", hasUniqueValue=True))
    assert hubspot.call("POST", f"{V3}/contacts", definition("one_more", hasUniqueValue=True)).status_code == 400
    assert hubspot.call("POST", f"{V3}/contacts", definition("plain")).status_code == 201


def test_of_a_standard_property_only_label_place_and_options_change(hubspot: Server) -> None:
    path = f"{V3}/contacts/hs_lead_status"
    assert hubspot.ok("PATCH", path, {"label": "Status"})["label"] == "Status"
    assert (
        hubspot.call("PATCH", path, {"type": "string", "fieldType": "text"}).json()["category"]
        == "READ_ONLY_DEFINITION"
    )
    assert hubspot.call("PATCH", path, {"groupName": "nowhere"}).status_code == 400
    refused = hubspot.call("PATCH", f"{V3}/contacts/hubspot_owner_id", {"options": []})
    assert (refused.status_code, refused.json()["category"]) == (400, "READ_ONLY_OPTIONS")


def test_a_multiple_selection_is_replaced_or_added_to(hubspot: Server) -> None:
    options = [{"label": value.upper(), "value": value} for value in "abc"]
    hubspot.ok("POST", f"{V3}/contacts", definition("picks", type="enumeration", fieldType="checkbox", options=options))
    contact = hubspot.contact(email="a@x.example", picks="a;b")
    for written, held in ((";c", "a;b;c"), ("b", "b")):
        answer = hubspot.ok("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {"picks": written}})
        assert answer["properties"]["picks"] == held
    bad = hubspot.call("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {"picks": "a;B"}})
    assert "B was not one of the allowed options: [a, b, c]" in bad.json()["message"]


def test_changing_options_replaces_the_whole_list(hubspot: Server) -> None:
    options = [{"label": "A", "value": "a"}]
    hubspot.ok("POST", f"{V3}/contacts", definition("pick", type="enumeration", fieldType="select", options=options))
    changed = hubspot.ok("PATCH", f"{V3}/contacts/pick", {"options": [{"label": "B", "value": "b"}]})
    assert [row["value"] for row in changed["options"]] == ["b"]


def test_standard_properties_say_what_may_be_done_with_them(hubspot: Server) -> None:
    found = {row["name"]: row for row in hubspot.ok("GET", f"{DATED}/contacts")["results"]}
    assert found["email"]["hasUniqueValue"] is True
    assert found["lastmodifieddate"]["modificationMetadata"]["readOnlyValue"] is True
    assert found["hubspot_owner_id"]["externalOptions"] is True
    assert found["lifecyclestage"]["options"][0]["value"] == "subscriber"
    assert "associatedcompanyid" in found
    companies = {row["name"]: row for row in hubspot.ok("GET", f"{DATED}/companies")["results"]}
    assert "COMPUTER_SOFTWARE" in {row["value"] for row in companies["industry"]["options"]}
    assert hubspot.call("DELETE", f"{DATED}/contacts/email").status_code == 400
    assert hubspot.call("PATCH", f"{DATED}/contacts/email", {"type": "number"}).status_code == 400


def test_batches_of_properties(hubspot: Server) -> None:
    rows = [definition("a_one"), definition("email")]
    answer = hubspot.call("POST", f"{V3}/contacts/batch/create", {"inputs": rows})
    assert answer.status_code == 207
    assert [row["name"] for row in answer.json()["results"]] == ["a_one"]
    names = {"inputs": [{"name": "a_one"}, {"name": "nonsense"}], "archived": False}
    read = hubspot.call("POST", f"{DATED}/contacts/batch/read", names)
    assert (read.status_code, read.json()["numErrors"]) == (207, 1)
    assert hubspot.call("POST", f"{V3}/contacts/batch/archive", {"inputs": [{"name": "a_one"}]}).status_code == 204
    assert hubspot.call("GET", f"{V3}/contacts/a_one").status_code == 404


def test_groups(hubspot: Server) -> None:
    body = {"name": "lockstep", "label": "Salesforce sync"}
    assert hubspot.call("POST", f"{V3}/contacts/groups", body).status_code == 201
    assert hubspot.call("POST", f"{DATED}/contacts/groups", body).status_code == 409
    hubspot.ok("POST", f"{V3}/contacts", definition(groupName="lockstep"))
    assert hubspot.call("DELETE", f"{V3}/contacts/groups/lockstep").status_code == 400
    names = {row["name"] for row in hubspot.ok("GET", f"{DATED}/contacts/groups")["results"]}
    assert names == {"contactinformation", "lockstep"}


def test_pipelines_have_stages_with_probabilities(hubspot: Server) -> None:
    (pipeline,) = hubspot.ok("GET", "/crm/pipelines/2026-09/deals")["results"]
    assert pipeline["id"] == "default"
    assert {row["id"]: row["metadata"] for row in pipeline["stages"]}["closedwon"] == {
        "isClosed": "true", "probability": "1.0",
    }  # fmt: skip
    body = {
        "label": "New",
        "displayOrder": 1,
        "stages": [{"label": "First", "displayOrder": 0, "metadata": {"probability": "0.5"}}],
    }
    made = hubspot.ok("POST", "/crm/v3/pipelines/deals", body)
    stage = made["stages"][0]["id"]
    deal = {"dealname": "D", "pipeline": made["id"], "dealstage": stage}
    assert hubspot.call("POST", "/crm/v3/objects/deals", {"properties": deal}).status_code == 201
    assert hubspot.call("GET", "/crm/v3/pipelines/deals/nonsense").status_code == 404


def test_owners_are_split_by_archived_and_paged(seeded: Server) -> None:
    active = seeded.ok("GET", "/crm/v3/owners/?limit=2")
    assert len(active["results"]) == 2
    rest = seeded.ok("GET", f"/crm/v3/owners?after={active['paging']['next']['after']}")
    owner = active["results"][0]
    assert owner["id"] not in {row["id"] for row in rest["results"]}
    found = seeded.ok("GET", f"/crm/owners/2026-09?email={owner['email'].upper()}")["results"]
    assert [row["id"] for row in found] == [owner["id"]]
    assert seeded.ok("GET", f"/crm/v3/owners/{owner['userId']}?idProperty=userId")["id"] == owner["id"]
    assert seeded.call("GET", "/crm/v3/owners/1").status_code == 404
