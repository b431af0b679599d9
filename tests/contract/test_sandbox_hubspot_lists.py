"""HubSpot sandbox: lists, their memberships, and dynamic lists that follow with a lag."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot import HubSpot
from tests.contract.hubspot_server import TOKEN, Server, serving, tiny

V3, DATED = "/crm/v3/lists", "/crm/lists/2026-09"


def prop(name: str, kind: str, operator: str, **values: Any) -> dict[str, Any]:
    return {
        "filterType": "PROPERTY",
        "property": name,
        "operation": {"operationType": kind, "operator": operator, **values},
    }


def branch(*filters: dict[str, Any], inner: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    both = {"filterBranchType": "AND", "filterBranches": inner or [], "filters": list(filters)}
    return {"filterBranchType": "OR", "filterBranches": [both], "filters": []}


def make(server: Server, name: str, processing: str = "MANUAL", filters: Any = None, type_id: str = "0-1") -> str:
    body = {"name": name, "objectTypeId": type_id, "processingType": processing, "filterBranch": filters}
    return server.ok("POST", V3, {key: value for key, value in body.items() if value is not None})["list"]["listId"]


def members(server: Server, key: str, family: str = V3) -> list[str]:
    return [row["recordId"] for row in server.ok("GET", f"{family}/{key}/memberships")["results"]]


def test_members_come_and_go_by_hand_and_the_answer_tells_who(hubspot: Server) -> None:
    ids = [hubspot.contact(email=f"{n}@x.example") for n in range(3)]
    key = make(hubspot, "Fair")
    answer = hubspot.ok("PUT", f"{DATED}/{key}/memberships/add", [*ids, "7"])
    assert answer == {"recordsIdsAdded": ids, "recordIdsRemoved": [], "recordIdsMissing": ["7"]}
    body = {"recordIdsToAdd": [ids[0]], "recordIdsToRemove": [ids[1]]}
    answer = hubspot.ok("PUT", f"{V3}/{key}/memberships/add-and-remove", body)
    assert (answer["recordsIdsAdded"], answer["recordIdsRemoved"]) == ([], [ids[1]])
    assert members(hubspot, key) == [ids[0], ids[2]]
    hubspot.ok("PUT", f"{V3}/{key}/memberships/remove", [ids[0]])
    hubspot.ok("DELETE", f"{V3}/{key}/memberships")
    assert members(hubspot, key, DATED) == []


def test_memberships_come_in_pages_forward_and_backward(hubspot: Server) -> None:
    ids = [hubspot.contact(email=f"{n}@x.example") for n in range(5)]
    key = make(hubspot, "Fair")
    hubspot.ok("PUT", f"{V3}/{key}/memberships/add", ids)
    seen, after = [], ""
    while after is not None:
        page = hubspot.ok("GET", f"{V3}/{key}/memberships?limit=2&after={after}")
        seen += [row["recordId"] for row in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
    assert (seen, page["total"]) == (ids, 5)
    back = hubspot.ok("GET", f"{V3}/{key}/memberships?limit=2&before={page['paging']['prev']['before']}")
    assert [row["recordId"] for row in back["results"]] == ids[2:4]
    assert hubspot.call("GET", f"{V3}/{key}/memberships?limit=251").status_code == 400
    assert hubspot.call("GET", f"{V3}/{key}/memberships?after=x").status_code == 400


def test_a_dynamic_list_follows_its_records_with_a_lag(hubspot: Server) -> None:
    one = hubspot.contact(email="one@x.example", city="Oslo")
    key = make(hubspot, "Oslo", "DYNAMIC", branch(prop("city", "MULTISTRING", "IS_EQUAL_TO", values=["oslo"])))
    assert hubspot.ok("GET", f"{V3}/{key}")["list"]["processingStatus"] == "PROCESSING"
    assert members(hubspot, key) == []
    hubspot.clock.advance(31)
    assert hubspot.ok("GET", f"{V3}/{key}")["list"]["processingStatus"] == "COMPLETE"
    assert members(hubspot, key) == [one]
    two = hubspot.contact(email="two@x.example", city="Oslo")
    hubspot.ok("PATCH", f"/crm/v3/objects/contacts/{one}", {"properties": {"city": "Bergen"}})
    hubspot.clock.advance(29)
    assert members(hubspot, key) == [one]
    hubspot.clock.advance(2)
    assert members(hubspot, key) == [two]
    refused = hubspot.call("PUT", f"{V3}/{key}/memberships/add", [one])
    assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")


def test_a_snapshot_is_filled_once_and_then_edited_by_hand(hubspot: Server) -> None:
    one = hubspot.contact(email="one@x.example", city="Oslo")
    key = make(hubspot, "Oslo", "SNAPSHOT", branch(prop("city", "STRING", "CONTAINS", value="osl")))
    hubspot.clock.advance(31)
    assert members(hubspot, key) == [one]
    hubspot.ok("PATCH", f"/crm/v3/objects/contacts/{one}", {"properties": {"city": "Bergen"}})
    hubspot.clock.advance(60)
    assert members(hubspot, key) == [one]
    assert hubspot.ok("PUT", f"{V3}/{key}/memberships/remove", [one])["recordIdsRemoved"] == [one]


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (prop("city", "STRING", "IS_NOT_EQUAL_TO", value="oslo"), "b"),
        (prop("city", "STRING", "IS_NOT_EQUAL_TO", value="oslo", includeObjectsWithNoValueSet=True), "bc"),
        (prop("city", "MULTISTRING", "STARTS_WITH", values=["be", "tr"]), "b"),
        (prop("city", "ALL_PROPERTY", "IS_UNKNOWN"), "c"),
        (prop("lifecyclestage", "ENUMERATION", "IS_ANY_OF", values=["lead", "customer"]), "ac"),
        (prop("lifecyclestage", "ENUMERATION", "IS_NONE_OF", values=["lead"]), "bc"),
        (prop("hs_is_unworked", "BOOL", "IS_EQUAL_TO", value=True), "abc"),
        (prop("num_associated_deals", "NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", value=1), "a"),
        (prop("hs_object_id", "NUMBER_RANGED", "IS_BETWEEN", lowerBound=0, upperBound=9), ""),
        (prop("date_of_birth", "DATE", "IS_BEFORE_DATE", year=1990, month=1, day=1), "a"),
        (prop("createdate", "DATETIME", "IS_AFTER_DATE", timestamp=1_700_000_000_000), "abc"),
    ],
)
def test_filters_of_every_type(hubspot: Server, rule: dict[str, Any], wanted: str) -> None:
    rows = [
        {"city": "Oslo", "lifecyclestage": "lead", "date_of_birth": "1980-05-17"},
        {"city": "Bergen", "lifecyclestage": "opportunity", "date_of_birth": "1990-01-01"},
        {"lifecyclestage": "customer"},
    ]
    ids = {hubspot.contact(email=f"{n}@x.example", **row): n for n, row in zip("abc", rows, strict=True)}
    deal = hubspot.ok("POST", "/crm/v3/objects/deals", {"properties": {"dealname": "D", "dealstage": "closedwon"}})[
        "id"
    ]
    hubspot.ok("PUT", f"/crm/v4/objects/deals/{deal}/associations/default/contacts/{min(ids, key=int)}")
    key = make(hubspot, "L", "DYNAMIC", branch(rule))
    hubspot.clock.advance(31)
    assert "".join(ids[one] for one in members(hubspot, key)) == wanted


def test_a_branch_over_associations_and_one_over_another_list(hubspot: Server) -> None:
    one, two = hubspot.contact(email="one@x.example"), hubspot.contact(email="two@x.example")
    won = {"filterBranchType": "ASSOCIATION", "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 4,
           "objectTypeId": "0-3", "operator": "IN_LIST", "filterBranches": [],
           "filters": [prop("hs_is_closed_won", "BOOL", "IS_EQUAL_TO", value=True)]}  # fmt: skip
    key = make(hubspot, "Buyers", "DYNAMIC", branch(inner=[won]))
    manual = make(hubspot, "Not these")
    other = make(
        hubspot, "Others", "DYNAMIC", branch({"filterType": "IN_LIST", "listId": manual, "operator": "NOT_IN_LIST"})
    )
    hubspot.ok("PUT", f"{V3}/{manual}/memberships/add", [one])
    deal = {"dealname": "D", "dealstage": "contractsent"}
    deal_id = hubspot.ok("POST", "/crm/v3/objects/deals", {"properties": deal})["id"]
    hubspot.ok("PUT", f"/crm/v4/objects/deals/{deal_id}/associations/default/contacts/{one}")
    hubspot.clock.advance(31)
    assert (members(hubspot, key), members(hubspot, other)) == ([], [two])
    hubspot.ok("PATCH", f"/crm/v3/objects/deals/{deal_id}", {"properties": {"dealstage": "closedwon"}})
    hubspot.clock.advance(31)
    assert members(hubspot, key) == [one]


@pytest.mark.parametrize(
    ("processing", "filters"),
    [
        ("DYNAMIC", None), ("MANUAL", branch()), ("STATIC", None), ("DYNAMIC", {"filterBranchType": "AND"}),
        ("DYNAMIC", branch(prop("nope", "STRING", "IS_EQUAL_TO", value="x"))),
        ("DYNAMIC", branch(prop("city", "STRING", "RHYMES", value="x"))),
        ("DYNAMIC", branch(prop("city", "POEM", "IS_EQUAL_TO", value="x"))),
        ("DYNAMIC", branch(prop("city", "STRING", "IS_EQUAL_TO"))),
        ("DYNAMIC", branch({"filterType": "FORM_SUBMISSION"})),
        ("DYNAMIC", branch({"filterType": "IN_LIST", "listId": "999"})),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_is_refused(hubspot: Server, processing: str, filters: Any) -> None:
    body = {"name": "L", "objectTypeId": "0-1", "processingType": processing, "filterBranch": filters}
    answer = hubspot.call("POST", V3, {key: value for key, value in body.items() if value is not None})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_a_list_is_renamed_refiltered_deleted_and_restored(hubspot: Server) -> None:
    one = hubspot.contact(email="one@x.example", city="Oslo")
    key = make(hubspot, "L", "DYNAMIC", branch(prop("city", "STRING", "IS_EQUAL_TO", value="Bergen")))
    make(hubspot, "Taken")
    assert hubspot.call("PUT", f"{V3}/{key}/update-list-name?listName=taken").status_code == 409
    assert hubspot.ok("PUT", f"{V3}/{key}/update-list-name?listName=M")["updatedList"]["name"] == "M"
    changed = branch(prop("city", "STRING", "IS_EQUAL_TO", value="Oslo"))
    answer = hubspot.ok("PUT", f"{DATED}/{key}/update-list-filters", {"filterBranch": changed})
    assert (answer["updatedList"]["listVersion"], answer["updatedList"]["filterBranch"]) == (2, changed)
    hubspot.clock.advance(31)
    assert members(hubspot, key) == [one]
    hubspot.ok("DELETE", f"{V3}/{key}")
    missing = hubspot.call("GET", f"{V3}/{key}")
    assert (missing.status_code, missing.json()["category"]) == (404, "OBJECT_NOT_FOUND")
    hubspot.ok("PUT", f"{V3}/{key}/restore")
    assert hubspot.ok("GET", f"{V3}/object-type-id/0-1/name/m?includeFilters=true")["list"]["filterBranch"] == changed


def test_the_lists_of_records_one_by_one_and_in_a_batch(hubspot: Server) -> None:
    one, two = hubspot.contact(email="one@x.example"), hubspot.contact(email="two@x.example")
    keys = [make(hubspot, name) for name in "AB"]
    for key in keys:
        hubspot.ok("PUT", f"{V3}/{key}/memberships/add", [one])
    found = hubspot.ok("GET", f"{V3}/records/0-1/{one}/memberships")
    assert ([row["listId"] for row in found["results"]], found["total"]) == (keys, 2)
    inputs = [{"objectTypeId": "0-1", "recordId": key} for key in (one, two, "7")]
    answer = hubspot.call("POST", f"{DATED}/records/memberships/batch/read", {"inputs": inputs})
    rows = {row["recordId"]: len(row["recordListMemberships"]) for row in answer.json()["results"]}
    assert (answer.status_code, rows, answer.json()["numErrors"]) == (207, {one: 2, two: 0}, 1)


def test_archived_members_leave_and_the_survivor_of_a_merge_stays(hubspot: Server) -> None:
    one, two, three = (hubspot.contact(email=f"{n}@x.example") for n in range(3))
    key = make(hubspot, "L")
    hubspot.ok("PUT", f"{V3}/{key}/memberships/add", [one, two, three])
    hubspot.ok("DELETE", f"/crm/v3/objects/contacts/{three}")
    body = {"primaryObjectId": one, "objectIdToMerge": two}
    survivor = hubspot.ok("POST", "/crm/v3/objects/contacts/merge", body)["id"]
    assert members(hubspot, key) == [survivor]


def test_one_list_is_filled_from_another(hubspot: Server) -> None:
    one = hubspot.contact(email="one@x.example")
    source, target, firms = make(hubspot, "A"), make(hubspot, "B"), make(hubspot, "C", type_id="0-2")
    hubspot.ok("PUT", f"{V3}/{source}/memberships/add", [one])
    hubspot.ok("PUT", f"{V3}/{target}/memberships/add-from/{source}")
    assert members(hubspot, target) == [one]
    assert hubspot.call("PUT", f"{V3}/{firms}/memberships/add-from/{source}").status_code == 400


def test_the_unmodified_client_on_the_seeded_world() -> None:
    with serving(tiny()) as server:
        api = HubSpot(access_token=TOKEN, host=server.url).crm.lists
        found = api.lists_api.do_search({"query": "sync to", "processingTypes": ["DYNAMIC"], "count": 5})
        (inclusion,) = found.lists
        assert (found.total, found.has_more, inclusion.name) == (1, False, "Sync to Salesforce")
        page = api.memberships_api.get_page(inclusion.list_id, limit=250)
        assert str(page.total) == inclusion.additional_properties["hs_list_size"]
        stages = {server.vendor.read("contacts", row.record_id)["properties"]["lifecyclestage"] for row in page.results}
        assert "customer" in stages
        assert "subscriber" not in stages
        made = api.lists_api.create({"name": "New", "objectTypeId": "0-1", "processingType": "MANUAL"}).list
        answer = api.memberships_api.add(made.list_id, [page.results[0].record_id])
        assert answer.records_ids_added == [page.results[0].record_id]
        server.vendor.act("edit_list", id=made.list_id, remove=[page.results[0].record_id])
        assert server.vendor.read("lists", made.list_id)["members"] == []
