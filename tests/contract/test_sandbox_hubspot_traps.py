"""HubSpot sandbox: the twenty traps that naive mocks miss, each with the test that shows it; the missing ones are here."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.contract.hubspot_server import Server, serving

HERE = Path(__file__).parent
V3, DATED = "/crm/v3/objects", "/crm/objects/2026-09"
#: trap -> the tests that show it, as file (without its prefix) and test
TRAPS = {
    "both path families": [("objects", "test_create_read_update_archive_in_both_path_families")],
    "everything is text, null against left out": [("objects", "test_values_are_text_in_canonical_form")],
    "the search index lags": [("search", "test_the_index_lags_behind_and_batch_read_does_not")],
    "search has its own bucket and headers": [("limits", "test_search_has_its_own_bucket_headers_and_body")],
    "limits of a search": [("search", "test_what_search_refuses"), ("search", "test_operators")],
    "all or nothing without trace ids": [("batch", "test_without_trace_ids_one_bad_input_refuses_all")],
    "207 with trace ids": [("batch", "test_with_trace_ids_each_input_stands_alone")],
    "results in another order": [("batch", "test_results_do_not_keep_the_order_of_the_inputs")],
    "e-mails in lower case": [("traps", "test_an_address_comes_back_in_lower_case")],
    "ids given twice": [("batch", "test_more_than_100_inputs_and_ids_given_twice_are_400")],
    "lifecycle stages go forward": [
        ("objects", "test_lifecycle_backwards_is_answered_200_and_ignored_until_it_is_cleared"),
        ("traps", "test_clearing_and_setting_a_stage_takes_two_requests"),
    ],
    "merges make new ids": [
        ("lives", "test_a_merge_makes_a_new_id_to_which_both_old_ids_lead"),
        ("traps", "test_every_kind_that_can_be_merged_tells_what_it_was_made_of"),
        ("batch", "test_update_of_a_merged_away_id_is_left_out_without_an_error"),
    ],
    "archived records hide": [
        ("objects", "test_archived_records_are_listed_only_on_request"),
        ("search", "test_archived_and_merged_away_records_are_never_found"),
        ("traps", "test_an_archived_record_is_read_only_on_request"),
    ],
    "validation inside the message": [("objects", "test_bad_property_values_name_the_property_inside_the_message")],
    "unique values and archived holders": [
        ("batch", "test_a_unique_value_has_one_holder_and_an_archived_record_keeps_it")
    ],
    "one primary company": [("associations", "test_the_first_company_becomes_primary_and_a_new_primary_demotes_it")],
    "inverse type ids": [("kinds", "test_default_association_type_ids_are_the_documented_ones")],
    "the unlabelled type takes the labels with it": [
        ("associations", "test_labels_are_pairs_and_removing_the_unlabelled_type_removes_them"),
    ],
    "owners, active and archived apart": [
        ("properties", "test_owners_are_split_by_archived_and_paged"),
        ("traps", "test_an_owner_who_left_stays_on_records_and_cannot_be_assigned"),
    ],
    "three bodies of 429": [
        ("limits", "test_190_calls_in_ten_seconds_and_the_window_rolls"),
        ("limits", "test_search_has_its_own_bucket_headers_and_body"),
        ("limits", "test_the_daily_limit_counts_refused_calls_and_ends_at_midnight"),
        ("limits", "test_retry_after_is_a_setting"),
    ],
    "423, 502, 504, 524 and resets": [("process", "test_gateway_errors_locks_and_resets_strike_as_told")],
    "calculated values move the stamp": [("associations", "test_counts_follow_the_links_and_move_the_modified_stamp")],
    "rules of 2026-09": [("objects", "test_conditional_rules_hold_on_2026_09_and_not_on_v3")],
    "read-only properties": [("objects", "test_bad_property_values_name_the_property_inside_the_message")],
    "associations in pages, at most 1,000": [
        ("associations", "test_read_pages_per_input"),
        ("traps", "test_association_batches_have_their_own_sizes"),
    ],
    "dynamic lists lag": [("lists", "test_a_dynamic_list_follows_its_records_with_a_lag")],
}


@pytest.mark.parametrize("trap", TRAPS)
def test_every_trap_has_its_test(trap: str) -> None:
    for file, name in TRAPS[trap]:
        assert f"def {name}(" in (HERE / f"test_sandbox_hubspot_{file}.py").read_text(), (file, name)


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
