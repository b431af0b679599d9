"""The seeded world: deterministic, relational, old, and dirty as real data is."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import pytest

from sandbox.salesforce.ids import to18
from sandbox.world import SIZES, World, generate

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PEOPLE = ("Contact", "Lead")


@lru_cache
def small() -> World:
    return generate(7, "small", NOW)


def live(name: str) -> list[dict[str, Any]]:
    return [row for row in small().salesforce[name] if not row["IsDeleted"]]


def test_the_same_seed_makes_the_same_world_and_another_seed_another() -> None:
    assert generate(7, "tiny", NOW) == generate(7, "tiny", NOW)
    assert generate(7, "tiny", NOW) != generate(8, "tiny", NOW)


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_sizes_count_live_records(size: str) -> None:
    world = generate(7, size, NOW)
    counts = {name: sum(not row["IsDeleted"] for row in rows) for name, rows in world.salesforce.items()}
    wanted = SIZES[size]
    assert (counts["Account"], counts["Contact"], counts["Lead"]) == (wanted.accounts, wanted.contacts, wanted.leads)
    assert (counts["Opportunity"], counts["User"]) == (wanted.opportunities, wanted.users)


def test_large_has_a_hundred_thousand_contacts() -> None:
    assert SIZES["large"].contacts == 100_000
    assert SIZES["large"].leads > 30_000


def test_bad_arguments_are_sentences() -> None:
    with pytest.raises(ValueError, match="unknown size 'huge'; choose one of empty, tiny, small"):
        generate(7, "huge", NOW)
    with pytest.raises(ValueError, match="time zone"):
        generate(7, "tiny", NOW.replace(tzinfo=None))


def test_ids_are_valid_and_unique_and_references_resolve() -> None:
    rows = [row for name in small().salesforce for row in small().salesforce[name]]
    known = Counter(row["Id"] for row in rows)
    assert max(known.values()) == 1
    for row in rows:
        assert to18(row["Id"]) == row["Id"]
        for key, value in row.items():
            if value and key != "Id" and key.endswith("Id") and key != "CampaignId":
                assert value in known, (key, row)


def test_nothing_is_from_the_last_day_or_older_than_the_span() -> None:
    for rows in small().salesforce.values():
        for row in rows:
            assert NOW - timedelta(days=400) <= row["CreatedDate"] <= row["LastModifiedDate"] <= NOW - timedelta(days=1)
    for name in ("contacts", "companies", "deals"):
        for row in small().hubspot[name]:
            assert NOW - timedelta(days=400) <= row["createdAt"] <= row["updatedAt"] <= NOW - timedelta(days=1)


def test_converted_leads_have_their_contact_and_account() -> None:
    contacts = {row["Id"]: row for row in live("Contact")}
    converted = [row for row in live("Lead") if row["IsConverted"]]
    assert len(converted) > 100
    assert any(row["ConvertedOpportunityId"] for row in converted)
    for row in converted:
        assert row["ConvertedAccountId"] == contacts[row["ConvertedContactId"]]["AccountId"]
        assert row["OwnerId"].startswith("005")


def test_merge_chains_end_in_a_live_record() -> None:
    for name in ("Account", *PEOPLE):
        rows = {row["Id"]: row for row in small().salesforce[name]}
        chains = [
            row for row in rows.values() if row["MasterRecordId"] and rows[row["MasterRecordId"]]["MasterRecordId"]
        ]
        assert chains
        for row in chains:
            assert not rows[rows[row["MasterRecordId"]]["MasterRecordId"]]["IsDeleted"]


def test_the_dirt_is_there() -> None:
    emails = Counter(row["Email"].lower() for name in PEOPLE for row in live(name) if row["Email"])
    by_kind = {name: {row["Email"].lower() for row in live(name) if row["Email"]} for name in PEOPLE}
    spellings = {row["Email"] for row in live("Contact") if row["Email"]}
    assert max(emails.values()) > 1
    assert by_kind["Lead"] & by_kind["Contact"]
    assert any(one != one.lower() for one in spellings)
    inactive = {row["Id"] for row in live("User") if not row["IsActive"]}
    assert inactive & {row["OwnerId"] for row in live("Contact")}
    assert any(row["OwnerId"].startswith("00G") for row in live("Lead"))
    countries = {row["BillingCountry"] for row in live("Account")}
    assert {"Norway", "Norge", "NO", None} <= countries
    names = "".join(row["Name"] for row in live("Contact"))
    assert all(sign in names for sign in "øåäß🚀")
    assert any("\u4e00" <= sign <= "\u9fff" for sign in names)
    notes = [row["Description"] for row in live("Contact") if row["Description"]]
    assert any("\n" in note and '"' in note for note in notes)
    assert max(map(len, notes)) > 3_000


def test_one_address_is_held_by_many() -> None:
    """A contact and several leads have one address, not all in the same spelling."""
    held: dict[str, list[tuple[str, str]]] = {}
    for name in PEOPLE:
        for row in live(name):
            if row["Email"]:
                held.setdefault(row["Email"].lower(), []).append((name, row["Email"]))
    kinds = [Counter(name for name, _ in rows) for rows in held.values()]
    assert any(one["Contact"] and one["Lead"] > 1 for one in kinds)
    assert any(len({spelling for _, spelling in rows}) > 1 for rows in held.values())


def test_some_people_want_no_mail() -> None:
    for name in PEOPLE:
        assert 0.02 < sum(row["HasOptedOutOfEmail"] for row in live(name)) / len(live(name)) < 0.2


def test_opportunities_are_open_and_closed_and_have_a_history() -> None:
    kinds = Counter((row["IsClosed"], row["IsWon"]) for row in live("Opportunity"))
    assert {(False, False), (True, True), (True, False)} <= set(kinds)
    stages: dict[str, list[str]] = {}
    for row in small().salesforce["OpportunityHistory"]:
        stages.setdefault(row["OpportunityId"], []).append(row["StageName"])
    assert all(row["StageName"] in stages[row["Id"]] for row in live("Opportunity"))
    assert max(map(len, stages.values())) > 3


def test_hubspot_overlaps_and_has_its_own() -> None:
    mine = {row["Email"].lower() for name in PEOPLE for row in live(name) if row["Email"]}
    theirs = [row["properties"]["email"] for row in small().hubspot["contacts"] if row["properties"]["email"]]
    assert len(theirs) == len(set(theirs))
    assert all(one == one.lower() for one in theirs)
    shared = sum(one in mine for one in theirs)
    assert 0.55 < shared / len(mine) < 0.68
    assert 0.05 < 1 - shared / len(theirs) < 0.15
    long = max(len(row["properties"]["lastname"] or "") for row in small().hubspot["contacts"])
    assert long > 80


def test_hubspot_owners_are_the_active_users_minus_a_few_and_one_more() -> None:
    users = {row["Email"]: row["IsActive"] for row in live("User")}
    owners = small().hubspot["owners"]
    active = {row["email"] for row in owners if not row["archived"]}
    assert len(active - set(users)) == 1
    assert 0 < len({mail for mail, is_active in users.items() if is_active} - active) < 4
    assert {row["email"] for row in owners if row["archived"]} == {
        mail for mail, is_active in users.items() if not is_active
    }


def test_hubspot_has_work_of_its_own_that_is_old_and_belongs_to_people_who_may_have_left() -> None:
    hubspot = small().hubspot
    counts = {name: len(hubspot[name]) for name in ("tickets", "tasks", "meetings", "calls", "emails", "notes")}
    assert all(100 < count < 500 for count in counts.values()), counts
    assert len(hubspot["campaigns"]) == 15
    assert {row["processingType"] for row in hubspot["lists"]} == {"DYNAMIC", "MANUAL", "SNAPSHOT"}
    left = {row["id"] for row in hubspot["owners"] if row["archived"]}
    assert left & {row["properties"]["hubspot_owner_id"] for row in hubspot["tasks"]}
    for name in counts:
        for row in hubspot[name]:
            assert NOW - timedelta(days=400) <= row["createdAt"] <= row["updatedAt"] <= NOW - timedelta(days=1)
    ids = {row["Id"] for rows in small().salesforce.values() for row in rows}
    assert not ids & {value for name in counts for row in hubspot[name] for value in row["properties"].values()}


def test_hubspot_links_join_records_that_exist() -> None:
    ids = {name: {row["id"] for row in rows} for name, rows in small().hubspot.items()}
    assert small().hubspot_associations
    for origin, origin_id, target, target_id, _ in small().hubspot_associations:
        assert origin_id in ids[origin]
        assert target_id in ids[target]
