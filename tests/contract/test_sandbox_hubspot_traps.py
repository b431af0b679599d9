"""HubSpot sandbox: traps that naive mocks miss. sandbox_completeness.yaml names the tests of all twenty; some stand with their parts."""

from __future__ import annotations

import pytest
from tests.contract.hubspot_server import Server, serving

V3, DATED = "/crm/v3/objects", "/crm/objects/2026-09"


def test_an_address_comes_back_in_lower_case(hubspot: Server) -> None:
    rows = {"inputs": [{"id": "Kari@X.example", "idProperty": "email", "properties": {"firstname": "Kari"}}]}
    (made,) = hubspot.ok("POST", f"{DATED}/contacts/batch/upsert", rows)["results"]
    assert (made["properties"]["email"], made["new"]) == ("kari@x.example", True)


def test_clearing_and_setting_a_stage_takes_two_requests(hubspot: Server) -> None:
    for kind, key in (("contacts", hubspot.contact(email="a@x.example")), ("companies", hubspot.company(name="A"))):
        path = f"{V3}/{kind}/{key}"
        hubspot.ok("PATCH", path, {"properties": {"lifecyclestage": "customer"}})
        ignored = hubspot.ok("PATCH", path, {"properties": {"lifecyclestage": "subscriber", "city": "Oslo"}})
        assert ignored["properties"]["lifecyclestage"] == "customer"
        twice = [{"id": key, "properties": {"lifecyclestage": value}} for value in ("", "lead")]
        assert hubspot.call("POST", f"{V3}/{kind}/batch/update", {"inputs": twice}).status_code == 400
        for value in ("", "lead"):
            hubspot.ok("PATCH", path, {"properties": {"lifecyclestage": value}})
        assert hubspot.ok("GET", f"{path}?properties=lifecyclestage")["properties"]["lifecyclestage"] == "lead"


def test_a_stage_of_ones_own_has_its_place_by_display_order(hubspot: Server) -> None:
    path = "/crm/v3/properties/contacts/lifecyclestage"
    options = hubspot.ok("GET", path)["options"]
    for option in options:
        option["displayOrder"] *= 10
    options = [
        {"label": "Trial", "value": "8812001", "displayOrder": 45},
        *(row for row in options if row["value"] != "other"),
    ]
    hubspot.ok("PATCH", path, {"options": options})
    contact = f"{V3}/contacts/{hubspot.contact(email='a@x.example', lifecyclestage='opportunity')}"
    for stage, wanted in (
        ("8812001", "8812001"),
        ("opportunity", "8812001"),
        ("customer", "customer"),
        ("8812001", "customer"),
    ):
        answer = hubspot.ok("PATCH", contact, {"properties": {"lifecyclestage": stage}})
        assert answer["properties"]["lifecyclestage"] == wanted


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("companies", [{"name": "A", "city": "Oslo"}, {"name": "B", "phone": "17"}]),
        (
            "deals",
            [{"dealname": "A", "dealstage": "closedwon"}, {"dealname": "B", "dealstage": "closedlost", "amount": "5"}],
        ),
        (
            "tickets",
            [{"subject": "A", "hs_pipeline_stage": "1"}, {"subject": "B", "hs_pipeline_stage": "4", "content": "c"}],
        ),
    ],
)
def test_every_kind_that_can_be_merged_tells_what_it_was_made_of(
    hubspot: Server, kind: str, rows: list[dict[str, str]]
) -> None:
    one, two = (hubspot.ok("POST", f"{V3}/{kind}", {"properties": row})["id"] for row in rows)
    body = {"primaryObjectId": one, "objectIdToMerge": two}
    survivor = hubspot.ok("POST", f"{DATED}/{kind}/merge", body)
    assert survivor["properties"]["hs_merged_object_ids"] == f"{one};{two}"
    merged = rows[1] | rows[0]
    for old in (one, two):
        found = hubspot.ok("GET", f"{V3}/{kind}/{old}?properties={','.join(merged)}")
        assert found["id"] == survivor["id"]
        assert {name: found["properties"][name] for name in merged} == merged


def test_an_archived_record_is_read_only_on_request(hubspot: Server) -> None:
    key = hubspot.company(name="A")
    hubspot.ok("DELETE", f"{V3}/companies/{key}")
    assert hubspot.call("GET", f"{V3}/companies/{key}").status_code == 404
    found = hubspot.ok("GET", f"{V3}/companies/{key}?archived=true")
    assert (found["archived"], found["archivedAt"]) == (True, "2026-11-20T12:00:00.000Z")
    body = {"inputs": [{"id": key}], "properties": ["name"]}
    assert hubspot.call("POST", f"{V3}/companies/batch/read", body).status_code == 207
    (row,) = hubspot.ok("POST", f"{DATED}/companies/batch/read?archived=true", body)["results"]
    assert row["properties"]["name"] == "A"


def test_an_owner_who_left_stays_on_records_and_cannot_be_assigned(hubspot: Server) -> None:
    key = hubspot.contact(email="a@x.example", hubspot_owner_id="101")
    hubspot.vendor.act("set_owner_active", id="101", active=False)
    hubspot.ok("PATCH", f"{V3}/contacts/{key}", {"properties": {"city": "Oslo"}})
    found = hubspot.ok("GET", f"{V3}/contacts/{key}?properties=hubspot_owner_id")
    assert found["properties"]["hubspot_owner_id"] == "101"
    refused = hubspot.call("PATCH", f"{V3}/contacts/{key}", {"properties": {"hubspot_owner_id": "102"}})
    assert (refused.status_code, "INVALID_OWNER_ID" in refused.text) == (400, True)
    hubspot.vendor.settings.update({"archived_owner_assignable": True})
    hubspot.ok("PATCH", f"{V3}/contacts/{key}", {"properties": {"hubspot_owner_id": "102"}})


def test_association_batches_have_their_own_sizes(hubspot: Server) -> None:
    path = "/crm/v4/associations/contacts/companies/batch"
    read = {"inputs": [{"id": str(n)} for n in range(1_001)]}
    assert hubspot.call("POST", f"{path}/read", read).status_code == 400
    assert hubspot.call("POST", f"{path}/read", {"inputs": read["inputs"][:1_000]}).status_code == 207
    row = {
        "from": {"id": "1"},
        "to": {"id": "2"},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}],
    }
    assert hubspot.call("POST", f"{path}/create", {"inputs": [row] * 2_001}).status_code == 400


# --- history -------------------------------------------------------------------------------------------------------
def test_history_shows_the_latest_values_with_their_sources_in_reads_and_batches(hubspot: Server) -> None:
    company = hubspot.company(name="A", city="0")
    for number in range(1, 25):
        hubspot.clock.advance(1)
        hubspot.ok("PATCH", f"{V3}/companies/{company}", {"properties": {"city": str(number)}})
    hubspot.vendor.act("edit", object="companies", id=company, fields={"city": "by hand"})
    body = {"inputs": [{"id": company}], "properties": [], "propertiesWithHistory": ["city", "nope"]}
    read = hubspot.ok("GET", f"{DATED}/companies/{company}?propertiesWithHistory=city,nope")["propertiesWithHistory"]
    (row,) = hubspot.ok("POST", f"{V3}/companies/batch/read", body)["results"]
    assert row["propertiesWithHistory"] == read
    assert set(read) == {"city"}
    assert [one["value"] for one in read["city"]] == ["by hand", *(str(number) for number in range(24, 5, -1))]
    assert read["city"][0] == {
        "value": "by hand", "timestamp": "2026-11-20T12:00:24.000Z", "sourceType": "CRM_UI", "sourceId": "userId:12300002",
        "updatedByUserId": 12_300_002,
    }  # fmt: skip
    assert (read["city"][1]["sourceType"], read["city"][1]["sourceId"]) == ("INTEGRATION", "7654321")


def test_contacts_keep_more_history_and_calls_with_history_take_fewer_records(hubspot: Server) -> None:
    contact = hubspot.contact(email="a@x.example")
    for number in range(50):
        hubspot.vendor.act("edit", object="contacts", id=contact, fields={"city": str(number)})
    found = hubspot.ok("GET", f"{V3}/contacts/{contact}?propertiesWithHistory=city,lifecyclestage")
    assert len(found["propertiesWithHistory"]["city"]) == 45
    assert found["propertiesWithHistory"]["lifecyclestage"][0]["sourceType"] == "INTEGRATION"
    assert hubspot.call("GET", f"{V3}/contacts?limit=51&propertiesWithHistory=city").status_code == 400
    body = {"inputs": [{"id": str(n)} for n in range(51)], "propertiesWithHistory": ["city"]}
    assert hubspot.call("POST", f"{V3}/contacts/batch/read", body).status_code == 400


def test_a_cleared_value_is_an_empty_text_in_the_history() -> None:
    with serving() as hubspot:
        contact = hubspot.contact(email="a@x.example", city="Oslo")
        hubspot.ok("PATCH", f"{V3}/contacts/{contact}", {"properties": {"city": ""}})
        found = hubspot.ok("GET", f"{V3}/contacts/{contact}?propertiesWithHistory=city&properties=city")
        assert found["properties"]["city"] is None
        assert [row["value"] for row in found["propertiesWithHistory"]["city"]] == ["", "Oslo"]
