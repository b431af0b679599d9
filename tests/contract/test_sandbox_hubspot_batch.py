"""HubSpot sandbox: batches, their atomicity, and what they do with ids that are twice there or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contract.hubspot_server import Server

V3, DATED = "/crm/v3/objects", "/crm/objects/2026-09"


def unique(hubspot: Server, kind: str = "contacts", name: str = "sf_id") -> None:
    hubspot.ok("POST", f"/crm/v3/properties/{kind}", {
        "name": name, "label": name, "type": "string", "fieldType": "text", "hasUniqueValue": True,
        "groupName": "contactinformation" if kind == "contacts" else "companyinformation",
    })  # fmt: skip


def create(hubspot: Server, rows: list[dict[str, Any]], base: str = DATED) -> Any:
    return hubspot.call("POST", f"{base}/contacts/batch/create", {"inputs": rows})


@pytest.mark.parametrize("base", [V3, DATED])
def test_read_answers_207_with_one_error_for_all_missing_ids(hubspot: Server, base: str) -> None:
    ids = [hubspot.contact(email=f"{n}@x.example") for n in range(3)]
    body = {"inputs": [{"id": key} for key in [*ids, "1", "2"]], "properties": ["email", "city"]}
    answer = hubspot.call("POST", f"{base}/contacts/batch/read", body)
    assert answer.status_code == 207
    found = answer.json()
    assert found["status"] == "COMPLETE"
    assert {row["id"] for row in found["results"]} == set(ids)
    assert found["results"][0]["properties"]["city"] is None
    assert found["numErrors"] == 1
    assert found["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert found["errors"][0]["context"] == {"ids": ["1", "2"]}
    assert hubspot.call("POST", f"{base}/contacts/batch/read", {"inputs": [{"id": ids[0]}]}).status_code == 200


def test_read_by_email_finds_secondary_addresses_and_other_case(hubspot: Server) -> None:
    one, two = hubspot.contact(email="one@x.example"), hubspot.contact(email="two@x.example")
    survivor = hubspot.vendor.act("merge", object="contacts", winner=one, loser=two)["id"]
    body = {"idProperty": "email", "inputs": [{"id": "TWO@x.example"}], "properties": ["email"]}
    results = hubspot.ok("POST", f"{V3}/contacts/batch/read", body)["results"]
    assert [(row["id"], row["properties"]["email"]) for row in results] == [(survivor, "one@x.example")]


def test_results_do_not_keep_the_order_of_the_inputs(hubspot: Server) -> None:
    ids = [hubspot.contact(email=f"{n}@x.example") for n in range(20)]
    results = hubspot.ok("POST", f"{V3}/contacts/batch/read", {"inputs": [{"id": key} for key in ids]})["results"]
    assert [row["id"] for row in results] != ids
    assert sorted(row["id"] for row in results) == sorted(ids)


def test_more_than_100_inputs_and_ids_given_twice_are_400(hubspot: Server) -> None:
    many = hubspot.call("POST", f"{V3}/contacts/batch/read", {"inputs": [{"id": str(n)} for n in range(101)]})
    assert many.status_code == 400
    twins = hubspot.call("POST", f"{V3}/contacts/batch/read", {"inputs": [{"id": "7"}, {"id": "7"}]}).json()
    assert twins["message"] == "Duplicate IDs found in batch input: [7]. IDs must be unique"
    assert twins["context"] == {"ids": ["7"]}


def test_upsert_keys_that_differ_only_in_case_are_twins(hubspot: Server) -> None:
    rows = [{"id": key, "idProperty": "email", "properties": {}} for key in ("a@x.example", "A@x.example")]
    answer = hubspot.call("POST", f"{V3}/contacts/batch/upsert", {"inputs": rows})
    assert answer.status_code == 400
    assert "Duplicate IDs" in answer.json()["message"]


def test_without_trace_ids_one_bad_input_refuses_all(hubspot: Server) -> None:
    rows = [{"properties": {"email": "good@x.example"}}, {"properties": {"email": "bad"}}]
    assert create(hubspot, rows).status_code == 400
    hubspot.contact(email="taken@x.example")
    rows[1] = {"properties": {"email": "taken@x.example"}}
    assert create(hubspot, rows).status_code == 409
    assert [row["properties"]["email"] for row in hubspot.vendor.records("contacts")] == ["taken@x.example"]


@pytest.mark.parametrize("base", [V3, DATED])
def test_with_trace_ids_each_input_stands_alone(hubspot: Server, base: str) -> None:
    known = hubspot.contact(email="taken@x.example")
    emails = ["good@x.example", "bad", "taken@x.example", "good@x.example"]
    rows = [{"objectWriteTraceId": str(n), "properties": {"email": mail}} for n, mail in enumerate(emails)]
    answer = create(hubspot, rows, base)
    assert answer.status_code == 207
    body = answer.json()
    assert [(row["objectWriteTraceId"], row["properties"]["email"]) for row in body["results"]] == [
        ("0", "good@x.example")
    ]
    errors = {row["context"]["objectWriteTraceId"][0]: row for row in body["errors"]}
    assert {key: row["category"] for key, row in errors.items()} == {
        "1": "VALIDATION_ERROR", "2": "CONFLICT", "3": "CONFLICT",
    }  # fmt: skip
    assert errors["2"]["context"]["existingId"] == [known]
    assert errors["2"]["message"] == f"Contact already exists. Existing ID: {known}"
    assert body["numErrors"] == 3


def test_trace_ids_that_are_not_unique_do_not_count(hubspot: Server) -> None:
    rows = [{"objectWriteTraceId": "0", "properties": {"email": mail}} for mail in ("good@x.example", "bad")]
    assert create(hubspot, rows).status_code == 400


def test_one_address_twice_in_a_create_is_refused(hubspot: Server) -> None:
    rows = [{"properties": {"email": mail}} for mail in ("a@x.example", "A@x.example")]
    assert create(hubspot, rows).status_code == 409
    assert not list(hubspot.vendor.records("contacts"))


def test_upsert_creates_and_updates_by_a_unique_property(hubspot: Server) -> None:
    unique(hubspot)
    for expected, city in ((True, "Oslo"), (False, "Bergen")):
        rows = [{"id": "003A", "idProperty": "sf_id", "properties": {"firstname": "x", "city": city}}]
        (result,) = hubspot.ok("POST", f"{DATED}/contacts/batch/upsert", {"inputs": rows})["results"]
        assert result["new"] is expected
        assert result["properties"]["city"] == city
    (record,) = hubspot.vendor.records("contacts")
    assert record["properties"]["sf_id"] == "003A"


@pytest.mark.parametrize(("kind", "name"), [("companies", "domain"), ("deals", "dealname")])
def test_upsert_by_a_property_that_is_not_unique_is_400(hubspot: Server, kind: str, name: str) -> None:
    rows = [{"id": "x", "idProperty": name, "properties": {}}]
    answer = hubspot.call("POST", f"{DATED}/{kind}/batch/upsert", {"inputs": rows})
    assert answer.status_code == 400
    assert "Unable to perform upsert by non-unique" in answer.json()["message"]


def test_a_unique_value_has_one_holder_and_an_archived_record_keeps_it(hubspot: Server) -> None:
    unique(hubspot)
    holder = hubspot.contact(email="a@x.example", sf_id="003A")
    other = {"properties": {"email": "b@x.example", "sf_id": "003a"}}
    answer = hubspot.call("POST", f"{V3}/contacts", other)
    assert answer.status_code == 400
    assert "CONFLICTING_UNIQUE_VALUE" in answer.json()["message"]
    hubspot.ok("DELETE", f"{V3}/contacts/{holder}")
    assert hubspot.call("POST", f"{V3}/contacts", other).status_code == 400
    assert hubspot.call("POST", f"{V3}/contacts", {"properties": {"email": "a@x.example"}}).status_code == 201
    hubspot.vendor.settings.update({"archived_hold_unique": False})
    second = hubspot.contact(email="c@x.example", sf_id="003C")
    hubspot.ok("DELETE", f"{V3}/contacts/{second}")
    assert (
        hubspot.call("POST", f"{V3}/contacts", {"properties": {"email": "d@x.example", "sf_id": "003C"}}).status_code
        == 201
    )


def test_update_of_a_merged_away_id_is_left_out_without_an_error(hubspot: Server) -> None:
    one, two, three = (hubspot.contact(email=f"{n}@x.example") for n in range(3))
    hubspot.vendor.act("merge", object="contacts", winner=one, loser=two)
    rows = [{"id": key, "properties": {"city": "Oslo"}} for key in (two, three)]
    answer = hubspot.call("POST", f"{V3}/contacts/batch/update", {"inputs": rows})
    assert answer.status_code == 200
    assert [row["id"] for row in answer.json()["results"]] == [three]


def test_update_of_a_record_that_is_not_there_refuses_the_batch(hubspot: Server) -> None:
    known = hubspot.contact(email="a@x.example")
    rows = [{"id": key, "properties": {"city": "Oslo"}} for key in (known, "1")]
    answer = hubspot.call("POST", f"{V3}/contacts/batch/update", {"inputs": rows})
    assert (answer.status_code, answer.json()["category"]) == (404, "OBJECT_NOT_FOUND")
    assert "city" not in hubspot.vendor.read("contacts", known)["properties"]


def test_archive_is_204_and_passes_over_what_is_not_there(hubspot: Server) -> None:
    known = hubspot.contact(email="a@x.example")
    answer = hubspot.call("POST", f"{DATED}/contacts/batch/archive", {"inputs": [{"id": known}, {"id": "1"}]})
    assert (answer.status_code, answer.content) == (204, b"")
    assert hubspot.vendor.read("contacts", known)["archived"] is True
