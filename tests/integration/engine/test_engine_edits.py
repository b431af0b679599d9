"""What people change on either side is on the other side after the next cycle; where both changed, the mapping's rule decides."""

import shutil
from collections import Counter

import pytest
from tests.engine import MAPPINGS
from tests.integration.engine.live_sandbox import new_world
from tests.integration.engine.people import work
from tests.integration.engine.world import Snapshot, World, on_both, restored

from lockstep import mapping as mapping_files


def all_arrive(world: World, each: int, number: int) -> None:
    edits = work(world, each)
    assert len(edits) == number
    world.wait()
    for edit in edits:
        edit.make(world)
    world.cycle()
    assert world.engine.errors == {}
    assert [edit for edit in edits if not edit.arrived(world)] == []
    updated = Counter()
    for batch in world.batches(operation="push_updates"):
        updated[batch.system] += batch.counts["updated"]
    assert updated == {"hubspot": number // 2, "salesforce": number // 2}


@on_both
def test_thirty_two_edits_on_both_sides_arrive_in_the_next_cycle(synced):
    all_arrive(synced, 4, 32)
    mark, held = synced.mark(), synced.held()
    synced.cycle()
    assert synced.writes(mark) == []
    assert synced.held() == held


@pytest.mark.slow
def test_two_hundred_edits_on_both_sides_arrive_in_the_next_cycle(tmp_path, sqlite_url):
    with restored(Snapshot(new_world("small"), ""), tmp_path, sqlite_url) as world:
        world.cycle()
        world.cycle()
        all_arrive(world, 25, 200)


def test_where_both_sides_changed_a_field_the_most_recent_change_wins(synced):
    early, late, *_ = (pair for pair in synced.linked("people", "Contact") if pair.hs_id)
    synced.edit_hs("contacts", early.hs_id, jobtitle="From HubSpot, earlier")
    synced.edit_sf("Contact", late.sf_id, Title="From Salesforce, earlier")
    synced.wait()
    synced.edit_sf("Contact", early.sf_id, Title="From Salesforce, later")
    synced.edit_hs("contacts", late.hs_id, jobtitle="From HubSpot, later")
    synced.cycle()
    assert synced.sf_record("Contact", early.sf_id)["Title"] == "From Salesforce, later"
    assert synced.hs_record("contacts", early.hs_id)["jobtitle"] == "From Salesforce, later"
    assert synced.sf_record("Contact", late.sf_id)["Title"] == "From HubSpot, later"
    assert synced.hs_record("contacts", late.hs_id)["jobtitle"] == "From HubSpot, later"
    assert synced.last_change(record_id=early.hs_id)["lost"] == {"jobtitle": "From HubSpot, earlier"}
    assert synced.last_change(record_id=late.sf_id)["lost"] == {"Title": "From Salesforce, earlier"}


def test_where_salesforce_is_preferred_its_value_stands_and_the_other_is_kept_in_the_ledger(synced):
    both, alone, blank, *_ = synced.linked("accounts-companies")
    synced.edit_sf("Account", both.sf_id, Name="By Salesforce")
    synced.edit_hs("companies", both.hs_id, name="By HubSpot")
    name = synced.sf_record("Account", alone.sf_id)["Name"]
    synced.edit_hs("companies", alone.hs_id, name="By HubSpot alone")
    synced.edit_sf("Account", blank.sf_id, NumberOfEmployees=None)
    synced.cycle()
    synced.edit_hs("companies", blank.hs_id, numberofemployees="77")
    synced.cycle()
    assert synced.hs_record("companies", both.hs_id)["name"] == "By Salesforce"
    assert synced.last_change(record_id=both.hs_id)["lost"] == {"name": "By HubSpot"}
    assert synced.hs_record("companies", alone.hs_id)["name"] == name
    assert synced.last_change(record_id=alone.hs_id)["lost"] == {"name": "By HubSpot alone"}
    assert synced.sf_record("Account", blank.sf_id)["NumberOfEmployees"] == 77


def test_rules_of_a_mapping_that_somebody_changed(synced, tmp_path):
    """`always_salesforce` puts back, `always_hubspot` likewise, `hold` waits for a person, `dont_sync` leaves both alone."""
    folder = tmp_path / "mappings"
    shutil.copytree(MAPPINGS, folder)
    file = folder / "people.yaml"
    text = file.read_text()
    for line, rule in (
        ("{salesforce: FirstName, hubspot: firstname, type: string, rule: two_way}", "always_salesforce"),
        ("{salesforce: Phone, hubspot: phone, type: phone, rule: two_way}", "always_hubspot"),
        ("{salesforce: MobilePhone, hubspot: mobilephone, type: phone, rule: two_way}", "dont_sync"),
        ("City, Lead: City}, hubspot: city, type: string, rule: two_way}", "hold"),
    ):
        assert line in text
        text = text.replace(line, line.replace("two_way", rule))
    file.write_text(text)
    synced.engine.mappings = mapping_files.load(folder)
    paired = synced.linked("people", "Contact")
    pair = next(one for one in paired if synced.hs_record("contacts", one.hs_id).get("phone"))
    before = synced.sf_record("Contact", pair.sf_id)
    synced.edit_hs("contacts", pair.hs_id, firstname="Not taken", mobilephone="+4799999999", city="Bergen")
    synced.edit_sf("Contact", pair.sf_id, Phone="+4711111111", MailingCity="Oslo", Title="Still synced")
    synced.cycle()
    sf, hs = synced.sf_record("Contact", pair.sf_id), synced.hs_record("contacts", pair.hs_id)
    assert (sf["FirstName"], hs["firstname"]) == (before["FirstName"], before["FirstName"])
    assert hs["phone"] == sf["Phone"] != "+4711111111"
    assert (sf["MobilePhone"], hs["mobilephone"]) == (before["MobilePhone"], "+4799999999")
    assert (sf["MailingCity"], hs["city"]) == ("Oslo", "Bergen")
    assert hs["jobtitle"] == "Still synced"
    held = synced.last_change(pair_id=pair.id, outcome="held")
    assert held["code"] == "clash"


def test_a_record_that_appears_on_one_side_appears_on_the_other_with_its_references(synced):
    account = synced.linked("accounts-companies")[0]
    contact = synced.create_sf("Contact", LastName="Nilsen", Email="new.one@brand-new.example", AccountId=account.sf_id)
    person = synced.create_hs("contacts", email="new.two@brand-new.example", lastname="Olsen", company="Brand New AS")
    synced.cycle()
    assert synced.engine.errors == {}
    made = synced.hs("contacts")[synced.pair_of(contact).hs_id]
    assert (made["properties"]["lastname"], made["properties"]["email"]) == ("Nilsen", "new.one@brand-new.example")
    assert 1 in made["associations"]["companies"][account.hs_id]
    lead = synced.sf_record("Lead", synced.pair_of(person).sf_id)
    assert (lead["LastName"], lead["Company"], lead["Email"]) == ("Olsen", "Brand New AS", "new.two@brand-new.example")


def test_a_contact_moved_to_another_account_moves_to_the_other_company(synced):
    pair = next(
        p for p in synced.linked("people", "Contact") if synced.hs("contacts")[p.hs_id]["associations"].get("companies")
    )
    other = next(
        account
        for account in synced.linked("accounts-companies")
        if account.sf_id != synced.sf_record("Contact", pair.sf_id)["AccountId"]
    )
    synced.edit_sf("Contact", pair.sf_id, AccountId=other.sf_id)
    synced.cycle()
    links = synced.hs("contacts")[pair.hs_id]["associations"]["companies"]
    assert [company for company, kinds in links.items() if 1 in kinds] == [other.hs_id]
