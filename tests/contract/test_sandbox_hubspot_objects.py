"""HubSpot sandbox: single objects, in both path families."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.contract.hubspot_server import Server

V3, DATED = "/crm/v3/objects", "/crm/objects/2026-09"


def problems(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The list inside the message of a property validation error."""
    prefix = "Property values were not valid: "
    assert body["message"].startswith(prefix)
    return json.loads(body["message"].removeprefix(prefix))


@pytest.mark.parametrize("base", [V3, DATED, "/crm/objects/2026-03"])
def test_create_read_update_archive_in_both_path_families(hubspot: Server, base: str) -> None:
    made = hubspot.ok(
        "POST", f"{base}/contacts", {"properties": {"email": "Ola.Nordmann@X.example", "firstname": "Ola"}}
    )
    assert made["properties"]["email"] == "ola.nordmann@x.example"
    assert list(made["properties"]) == sorted(made["properties"])
    assert made["createdAt"] == made["properties"]["createdate"] == "2026-11-20T12:00:00.000Z"
    hubspot.clock.advance(90)
    changed = hubspot.ok("PATCH", f"{base}/contacts/{made['id']}", {"properties": {"phone": 17, "firstname": None}})
    assert changed["properties"] == {
        "createdate": "2026-11-20T12:00:00.000Z",
        "firstname": None,
        "hs_object_id": made["id"],
        "lastmodifieddate": "2026-11-20T12:01:30.000Z",
        "phone": "17",
    }
    found = hubspot.ok("GET", f"{base}/contacts/ola.nordmann@x.example?idProperty=email&properties=phone,city,nonsense")
    assert found["properties"]["phone"] == "17"
    assert found["properties"]["city"] is None
    assert "nonsense" not in found["properties"]
    assert hubspot.call("DELETE", f"{base}/contacts/{made['id']}").status_code == 204
    assert hubspot.call("DELETE", f"{base}/contacts/{made['id']}").status_code == 204
    assert hubspot.call("GET", f"{base}/contacts/{made['id']}").status_code == 404


@pytest.mark.parametrize("name", ["contacts", "contact", "CONTACT", "0-1"])
def test_object_type_is_found_by_plural_singular_and_id(hubspot: Server, name: str) -> None:
    record = hubspot.contact(email="a@x.example")
    assert hubspot.ok("GET", f"{V3}/{name}/{record}")["id"] == record


def test_unknown_object_type_route_and_method_are_errors_of_hubspots_shape(hubspot: Server) -> None:
    unknown = hubspot.call("GET", f"{V3}/unicorns")
    assert (unknown.status_code, unknown.json()["category"]) == (400, "VALIDATION_ERROR")
    for path in ("/crm/v9/objects/contacts", "/crm/objects/2031-03/contacts", "/nowhere"):
        answer = hubspot.call("GET", path)
        assert answer.status_code == 404
        assert answer.json()["status"] == "error"
        assert answer.json()["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]
    assert hubspot.call("PUT", f"{V3}/contacts").status_code == 405


def test_malformed_json_is_400(hubspot: Server) -> None:
    answer = hubspot.call("POST", f"{V3}/contacts", data=b'{"properties": ')
    assert answer.status_code == 400
    assert "Invalid input JSON on line 1" in answer.json()["message"]


def test_a_body_that_is_not_json_by_its_header_is_415(hubspot: Server) -> None:
    answer = hubspot.call("POST", f"{V3}/contacts", data={"email": "a@x.example"})
    assert (answer.status_code, answer.json()["status"]) == (415, "error")


def test_list_pages_by_the_id_of_the_next_record(hubspot: Server) -> None:
    ids = [hubspot.contact(email=f"{n}@x.example") for n in range(5)]
    first = hubspot.ok("GET", f"{V3}/contacts?limit=2&properties=phone&properties=city")
    assert [row["id"] for row in first["results"]] == ids[:2]
    assert set(first["results"][0]["properties"]) == {"phone", "city", "createdate", "lastmodifieddate", "hs_object_id"}
    assert first["paging"]["next"]["after"] == ids[2]
    last = hubspot.ok("GET", f"{V3}/contacts?limit=100&after={ids[2]}")
    assert [row["id"] for row in last["results"]] == ids[2:]
    assert "paging" not in last
    assert hubspot.call("GET", f"{V3}/contacts?limit=101").status_code == 400


def test_archived_records_are_listed_only_on_request(hubspot: Server) -> None:
    kept, gone = hubspot.contact(email="kept@x.example"), hubspot.contact(email="gone@x.example")
    hubspot.ok("DELETE", f"{V3}/contacts/{gone}")
    assert [row["id"] for row in hubspot.ok("GET", f"{V3}/contacts")["results"]] == [kept]
    archived = hubspot.ok("GET", f"{V3}/contacts?archived=true")["results"]
    assert [(row["id"], row["archived"], "archivedAt" in row) for row in archived] == [(gone, True, True)]
    assert hubspot.ok("GET", f"{V3}/contacts/{gone}?archived=true")["archived"] is True


@pytest.mark.parametrize(
    ("properties", "error"),
    [
        ({"email": "000"}, "INVALID_EMAIL"),
        ({"nonsense": "1"}, "PROPERTY_DOESNT_EXIST"),
        ({"lastmodifieddate": "1"}, "READ_ONLY_VALUE"),
        ({"associatedcompanyid": "1"}, "READ_ONLY_VALUE"),
        ({"lifecyclestage": "Lead"}, "INVALID_OPTION"),
        ({"date_of_birth": "tomorrow"}, "INVALID_DATE"),
        ({"date_of_birth": "1577840461000"}, "INVALID_DATE"),
        ({"hubspot_owner_id": "999"}, "INVALID_OWNER_ID"),
        ({"hubspot_owner_id": "102"}, "INVALID_OWNER_ID"),
    ],
)
def test_bad_property_values_name_the_property_inside_the_message(
    hubspot: Server, properties: dict[str, str], error: str
) -> None:
    answer = hubspot.call("POST", f"{V3}/contacts", {"properties": {"firstname": "x", **properties}})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    found = problems(answer.json())
    assert [(row["name"], row["error"], row["isValid"]) for row in found] == [(next(iter(properties)), error, False)]
    assert not list(hubspot.vendor.records("contacts"))


def test_all_bad_properties_are_named_at_once(hubspot: Server) -> None:
    properties = {"numberofemployees": "1,000", "industry": "Software", "name": "A"}
    answer = hubspot.call("POST", f"{V3}/companies", {"properties": properties}).json()
    assert {row["error"] for row in problems(answer)} == {"INVALID_LONG", "INVALID_OPTION"}
    assert "1,000 was not a valid long." in answer["message"]


def test_values_are_text_in_canonical_form(hubspot: Server) -> None:
    deal = {"dealname": "D", "dealstage": "closedwon", "amount": 12.5, "closedate": 1_767_225_600_000}
    made = hubspot.ok("POST", f"{V3}/deals", {"properties": deal})["properties"]
    assert made["amount"] == "12.5"
    assert made["closedate"] == "2026-01-01T00:00:00.000Z"
    assert (made["pipeline"], made["hs_is_closed_won"], made["hs_deal_stage_probability"]) == ("default", "true", "1.0")
    person = hubspot.contact(firstname="x", date_of_birth="1577836800000")
    assert hubspot.vendor.read("contacts", person)["properties"]["date_of_birth"] == "2020-01-01"


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("contacts", {"phone": "1"}),
        ("companies", {"city": "Oslo"}),
        ("deals", {"dealname": "D"}),
        ("deals", {"dealname": "D", "dealstage": "nonsense"}),
        ("deals", {"dealname": "D", "dealstage": "closedwon", "pipeline": "other"}),
    ],
)
def test_required_properties_and_stages_of_the_pipeline(hubspot: Server, kind: str, properties: dict[str, str]) -> None:
    answer = hubspot.call("POST", f"{V3}/{kind}", {"properties": properties})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_a_contact_that_exists_is_409_with_its_id(hubspot: Server) -> None:
    known = hubspot.contact(email="kari@x.example")
    answer = hubspot.call("POST", f"{V3}/contacts", {"properties": {"email": "KARI@x.example"}})
    assert (answer.status_code, answer.json()["category"]) == (409, "CONFLICT")
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {known}"


def test_companies_are_not_deduplicated_by_domain(hubspot: Server) -> None:
    one, two = (hubspot.company(name="A", domain="a.example") for _ in range(2))
    assert one != two


def test_lifecycle_backwards_is_answered_200_and_ignored_until_it_is_cleared(hubspot: Server) -> None:
    contact = hubspot.contact(email="a@x.example", lifecyclestage="opportunity")
    path = f"{V3}/contacts/{contact}"
    answer = hubspot.ok("PATCH", path, {"properties": {"lifecyclestage": "lead"}})
    assert answer["properties"]["lifecyclestage"] == "opportunity"
    hubspot.ok("PATCH", path, {"properties": {"lifecyclestage": ""}})
    assert (
        hubspot.ok("PATCH", path, {"properties": {"lifecyclestage": "lead"}})["properties"]["lifecyclestage"] == "lead"
    )


def test_history_tells_who_wrote_what(hubspot: Server) -> None:
    contact = hubspot.contact(email="a@x.example", city="Oslo")
    hubspot.clock.advance(60)
    hubspot.vendor.act("edit", object="contacts", id=contact, fields={"city": "Bergen"})
    found = hubspot.ok("GET", f"{V3}/contacts/{contact}?propertiesWithHistory=city")["propertiesWithHistory"]["city"]
    assert [(row["value"], row["sourceType"]) for row in found] == [("Bergen", "CRM_UI"), ("Oslo", "INTEGRATION")]
    assert found[0]["timestamp"] > found[1]["timestamp"]


def test_conditional_rules_hold_on_2026_09_and_not_on_v3(hubspot: Server) -> None:
    hubspot.vendor.settings.update(
        {
            "required_when": {"deals": [{"when": {"dealstage": "closedwon"}, "require": ["closedate"]}]},
            "required_on_create": {"deals": ["amount"]},
        }
    )
    deal = {"dealname": "D", "dealstage": "closedwon", "amount": "1"}
    assert hubspot.call("POST", f"{V3}/deals", {"properties": deal}).status_code == 201
    refused = hubspot.call("POST", f"{DATED}/deals", {"properties": deal})
    assert [row["name"] for row in problems(refused.json())] == ["closedate"]
    assert (
        hubspot.call("POST", f"{DATED}/deals", {"properties": {**deal, "closedate": "2026-01-01"}}).status_code == 201
    )
    open_deal = {"dealname": "D", "dealstage": "qualifiedtobuy"}
    assert [
        row["name"] for row in problems(hubspot.call("POST", f"{DATED}/deals", {"properties": open_deal}).json())
    ] == ["amount"]


def test_associations_can_be_made_with_the_record_and_are_shown_with_it(hubspot: Server) -> None:
    company = hubspot.company(name="A")
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    body = {"properties": {"email": "a@x.example"}, "associations": [{"to": {"id": company}, "types": types}]}
    made = hubspot.ok("POST", f"{V3}/contacts", body)
    assert made["properties"]["associatedcompanyid"] == company
    shown = hubspot.ok("GET", f"{V3}/contacts/{made['id']}?associations=companies")["associations"]["companies"]
    assert [(row["id"], row["type"]) for row in shown["results"]] == [
        (company, "contact_to_company"),
        (company, "contact_to_company_unlabeled"),
    ]


def test_a_uri_that_is_too_long_is_414(hubspot: Server) -> None:
    names = ",".join(f"property_{n}" for n in range(1500))
    assert hubspot.call("GET", f"{V3}/contacts?properties={names}").status_code == 414
