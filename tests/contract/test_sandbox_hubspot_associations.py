"""HubSpot sandbox: associations v4 and dated: types, labels, the primary company, and what follows from them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contract.hubspot_server import Server, serving

V4, DATED = "/crm/v4/associations", "/crm/associations/2026-09"
UNLABELLED = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}
PRIMARY = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}


def link(hubspot: Server, contact: str, company: str, *types: dict[str, Any], base: str = DATED) -> Any:
    rows = [{"from": {"id": contact}, "to": {"id": company}, "types": list(types)}]
    return hubspot.call("POST", f"{base}/contacts/companies/batch/create", {"inputs": rows})


def types(hubspot: Server, contact: str) -> dict[str, list[int]]:
    """company id -> type ids, through the API."""
    body = {"inputs": [{"id": contact}]}
    found = hubspot.ok("POST", f"{DATED}/contacts/companies/batch/read", body)["results"]
    rows = found[0]["to"] if found else []
    return {str(row["toObjectId"]): sorted(kind["typeId"] for kind in row["associationTypes"]) for row in rows}


@pytest.fixture
def three(hubspot: Server) -> tuple[str, str, str]:
    return hubspot.contact(email="a@x.example"), hubspot.company(name="A"), hubspot.company(name="B")


@pytest.mark.parametrize(("base", "status"), [(V4, 201), (DATED, 200)])
def test_create_is_201_in_v4_and_200_in_the_dated_api(
    hubspot: Server, three: tuple[str, str, str], base: str, status: int
) -> None:
    contact, company, _ = three
    answer = link(hubspot, contact, company, UNLABELLED, base=base)
    assert answer.status_code == status
    (row,) = answer.json()["results"]
    assert row == {
        "fromObjectTypeId": "0-1", "fromObjectId": int(contact), "toObjectTypeId": "0-2", "toObjectId": int(company),
        "labels": [],
    }  # fmt: skip


@pytest.mark.parametrize(("base", "status"), [(V4, 204), (DATED, 200)])
def test_archive_is_204_in_v4_and_200_in_the_dated_api(
    hubspot: Server, three: tuple[str, str, str], base: str, status: int
) -> None:
    contact, company, _ = three
    link(hubspot, contact, company, UNLABELLED)
    rows = [{"from": {"id": contact}, "to": [{"id": company}]}]
    assert hubspot.call("POST", f"{base}/contacts/companies/batch/archive", {"inputs": rows}).status_code == status
    assert types(hubspot, contact) == {}
    assert "associatedcompanyid" not in hubspot.vendor.read("contacts", contact)["properties"]


def test_the_first_company_becomes_primary_and_a_new_primary_demotes_it(
    hubspot: Server, three: tuple[str, str, str]
) -> None:
    contact, one, two = three
    link(hubspot, contact, one, UNLABELLED)
    assert types(hubspot, contact) == {one: [1, 279]}
    link(hubspot, contact, two, UNLABELLED)
    assert types(hubspot, contact) == {one: [1, 279], two: [279]}
    link(hubspot, contact, two, PRIMARY)
    assert types(hubspot, contact) == {one: [279], two: [1, 279]}
    assert hubspot.vendor.read("contacts", contact)["properties"]["associatedcompanyid"] == two
    back = hubspot.ok("GET", f"/crm/objects/2026-09/companies/{two}/associations/contacts")["results"]
    assert [(row["toObjectId"], [kind["typeId"] for kind in row["associationTypes"]]) for row in back] == [
        (int(contact), [2, 280])
    ]


def test_a_primary_set_from_the_companys_side_demotes_too(hubspot: Server, three: tuple[str, str, str]) -> None:
    contact, one, two = three
    link(hubspot, contact, one, PRIMARY)
    rows = [{"from": {"id": two}, "to": {"id": contact}, "types": [{**PRIMARY, "associationTypeId": 2}]}]
    hubspot.ok("POST", f"{DATED}/companies/contacts/batch/create", {"inputs": rows})
    assert types(hubspot, contact) == {one: [279], two: [1, 279]}


def test_first_company_can_be_left_unlabelled_by_a_setting() -> None:
    with serving(first_company_is_primary=False) as hubspot:
        contact, company = hubspot.contact(email="a@x.example"), hubspot.company(name="A")
        link(hubspot, contact, company, UNLABELLED)
        assert types(hubspot, contact) == {company: [279]}


def test_put_delete_and_default_of_single_links(hubspot: Server, three: tuple[str, str, str]) -> None:
    contact, one, two = three
    path = f"/crm/v4/objects/contacts/{contact}/associations"
    assert hubspot.call("PUT", f"{path}/companies/{one}", [PRIMARY]).status_code == 201
    default = hubspot.ok("PUT", f"{path}/default/companies/{two}")["results"]
    assert default[0]["associationSpec"] == {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}
    assert types(hubspot, contact) == {one: [1, 279], two: [279]}
    assert hubspot.call("DELETE", f"{path}/companies/{one}").status_code == 204
    assert types(hubspot, contact) == {two: [279]}


def test_labels_are_pairs_and_removing_the_unlabelled_type_removes_them(
    hubspot: Server, three: tuple[str, str, str]
) -> None:
    contact, company, _ = three
    body = {"label": "Billing contact", "name": "billing", "inverseLabel": "Billed company"}
    made = hubspot.ok("POST", f"{DATED}/contacts/companies/labels", body)["results"]
    label = {"associationCategory": "USER_DEFINED", "associationTypeId": made[0]["typeId"]}
    link(hubspot, contact, company, label)
    assert types(hubspot, contact) == {company: [1, made[0]["typeId"], 279]}
    listed = hubspot.ok("GET", f"{V4}/companies/contacts/labels")["results"]
    assert {"category": "USER_DEFINED", "typeId": made[1]["typeId"], "label": "Billed company"} in listed
    rows = [{"from": {"id": contact}, "to": {"id": company}, "types": [PRIMARY]}]
    hubspot.ok("POST", f"{DATED}/contacts/companies/batch/labels/archive", {"inputs": rows})
    assert types(hubspot, contact) == {company: [made[0]["typeId"], 279]}
    rows[0]["types"] = [UNLABELLED]
    hubspot.ok("POST", f"{DATED}/contacts/companies/batch/labels/archive", {"inputs": rows})
    assert types(hubspot, contact) == {}
    again = hubspot.call("POST", f"{DATED}/contacts/companies/labels", body)
    assert again.json()["category"] == "OBJECT_ALREADY_EXISTS"


def test_read_puts_records_without_links_among_the_errors_of_a_207(
    hubspot: Server, three: tuple[str, str, str]
) -> None:
    contact, company, _ = three
    lonely = hubspot.contact(email="b@x.example")
    link(hubspot, contact, company, UNLABELLED)
    body = {"inputs": [{"id": contact}, {"id": lonely}]}
    answer = hubspot.call("POST", f"{V4}/contacts/companies/batch/read", body)
    assert answer.status_code == 207
    assert [row["from"]["id"] for row in answer.json()["results"]] == [contact]
    error = answer.json()["errors"][0]
    assert (error["category"], error["subCategory"]) == ("OBJECT_NOT_FOUND", "crm.associations.NO_ASSOCIATIONS_FOUND")


def test_read_pages_per_input() -> None:
    with serving(associations_page_size=2) as hubspot:
        company = hubspot.company(name="A")
        contacts = [hubspot.contact(email=f"{n}@x.example") for n in range(3)]
        for contact in contacts:
            link(hubspot, contact, company, UNLABELLED)
        path, row = f"{DATED}/companies/contacts/batch/read", {"id": company}
        (first,) = hubspot.ok("POST", path, {"inputs": [row]})["results"]
        row["after"] = first["paging"]["next"]["after"]
        (second,) = hubspot.ok("POST", path, {"inputs": [row]})["results"]
        assert [str(to["toObjectId"]) for to in first["to"] + second["to"]] == contacts
        assert "paging" not in second


def test_what_associations_refuse(hubspot: Server, three: tuple[str, str, str]) -> None:
    contact, company, _ = three
    wrong = link(hubspot, contact, company, {**PRIMARY, "associationTypeId": 5})
    assert (wrong.status_code, wrong.json()["category"]) == (400, "VALIDATION_ERROR")
    assert link(hubspot, contact, company).status_code == 400
    missing = link(hubspot, contact, "77", UNLABELLED)
    assert missing.status_code == 207
    assert missing.json()["errors"][0]["context"] == {"toObjectId": ["77"]}
    many = {"inputs": [{"id": str(n)} for n in range(1001)]}
    assert hubspot.call("POST", f"{DATED}/contacts/companies/batch/read", many).status_code == 400


def test_counts_follow_the_links_and_move_the_modified_stamp(hubspot: Server, three: tuple[str, str, str]) -> None:
    contact, company, _ = three
    hubspot.clock.advance(60)
    link(hubspot, contact, company, UNLABELLED)
    found = hubspot.vendor.read("companies", company)
    assert found["properties"]["num_associated_contacts"] == "1"
    assert found["updatedAt"] == found["properties"]["hs_lastmodifieddate"] == "2026-11-20T12:01:00.000Z"
    hubspot.clock.advance(60)
    link(hubspot, contact, company, UNLABELLED)
    assert hubspot.vendor.read("companies", company)["updatedAt"] == "2026-11-20T12:01:00.000Z"
