"""Records that are deleted, restored, merged or converted: their partners follow by the mapping's rules."""

from lockstep.model import PairState


def people(world, kind="Contact"):
    return world.linked("people", kind)


def test_a_deleted_contact_is_archived_in_hubspot_and_comes_back_with_it(synced):
    pair = people(synced)[0]
    email = synced.hs_record("contacts", pair.hs_id)["email"]
    synced.sandbox.act("salesforce", "delete", object="Contact", id=pair.sf_id)
    synced.cycle()
    assert synced.engine.errors == {}
    assert pair.hs_id not in synced.hs("contacts")
    assert synced.pair_of(pair.sf_id).state is PairState.CLOSED
    assert [b.counts["deleted"] for b in synced.batches(operation="push_deletes")] == [1]

    synced.sandbox.act("salesforce", "undelete", object="Contact", id=pair.sf_id)
    synced.cycle()
    mine = synced.pair_of(pair.sf_id, PairState.LINKED)
    assert synced.hs_record("contacts", mine.hs_id)["email"] == email
    assert [one["properties"].get("email") for one in synced.hs("contacts").values()].count(email) == 1
    synced.edit_sf("Contact", pair.sf_id, Title="Back again")
    synced.cycle()
    assert synced.hs_record("contacts", mine.hs_id)["jobtitle"] == "Back again"


def test_a_contact_deleted_in_hubspot_stays_in_salesforce_and_is_paired_again_when_restored(synced):
    pair = people(synced)[0]
    synced.sandbox.act("hubspot", "delete", object="contacts", id=pair.hs_id)
    synced.cycle()
    assert synced.engine.errors == {}
    assert pair.sf_id in synced.sf("Contact")
    assert synced.pair_of(pair.hs_id).state is PairState.CLOSED
    change = synced.last_change(pair_id=pair.id)
    assert (change["outcome"], change["code"]) == ("skipped", "delete_off")
    mark = synced.mark()
    synced.edit_sf("Contact", pair.sf_id, Title="Edited alone")
    synced.cycle()
    assert synced.writes(mark) == []
    assert pair.hs_id not in synced.hs("contacts")

    synced.sandbox.act("hubspot", "undelete", object="contacts", id=pair.hs_id)
    synced.cycle()
    assert synced.pair_of(pair.hs_id, PairState.LINKED).sf_id == pair.sf_id
    assert synced.hs_record("contacts", pair.hs_id)["jobtitle"] == "Edited alone"


def test_a_deleted_account_leaves_its_company_alone(synced):
    pair = synced.linked("accounts-companies")[0]
    synced.sandbox.act("salesforce", "hard_delete", object="Account", id=pair.sf_id)
    mark = synced.mark()
    synced.cycle()
    assert pair.hs_id in synced.hs("companies")
    assert synced.last_change(pair_id=pair.id)["code"] == "delete_off"
    assert not [path for method, path in synced.writes(mark) if "companies" in path]


def test_a_person_edited_on_one_side_and_deleted_on_the_other_waits_for_a_decision(synced):
    pair = people(synced)[0]
    synced.edit_hs("contacts", pair.hs_id, jobtitle="Just edited")
    synced.sandbox.act("salesforce", "delete", object="Contact", id=pair.sf_id)
    synced.cycle()
    assert pair.hs_id in synced.hs("contacts")
    change = synced.last_change(pair_id=pair.id)
    assert (change["outcome"], change["code"]) == ("held", "edited_and_deleted")
    mark = synced.mark()
    synced.cycle()
    assert synced.writes(mark) == []


def test_a_contact_merged_into_one_without_a_partner_takes_its_partner_along(synced):
    pair = people(synced)[0]
    winner = synced.create_sf("Contact", LastName="Winner")
    synced.cycle()
    synced.sandbox.act(
        "salesforce", "merge", object="Contact", winner=winner, loser=pair.sf_id, fields={"Title": "Merged"}
    )
    synced.cycle()
    assert synced.engine.errors == {}
    moved = synced.pair_of(pair.hs_id, PairState.LINKED)
    assert (moved.id, moved.sf_id) == (pair.id, winner)
    assert synced.hs_record("contacts", pair.hs_id)["jobtitle"] == "Merged"
    assert synced.hs_record("contacts", pair.hs_id)["lastname"] == "Winner"


def test_two_paired_contacts_merged_in_salesforce_leave_the_second_partner_to_a_person(synced):
    keep, lose = people(synced)[:2]
    synced.sandbox.act(
        "salesforce", "merge", object="Contact", winner=keep.sf_id, loser=lose.sf_id, fields={"Title": "Merged"}
    )
    synced.cycle()
    assert synced.hs_record("contacts", keep.hs_id)["jobtitle"] == "Merged"
    assert lose.hs_id in synced.hs("contacts")
    assert synced.last_change(pair_id=lose.id)["code"] == "merged_into_paired"
    mark, held = synced.mark(), synced.held()
    synced.cycle()
    assert synced.writes(mark) == []
    assert synced.held() == held


def test_two_contacts_merged_in_hubspot_go_on_under_the_new_id(synced):
    keep, lose = people(synced)[:2]
    new = synced.sandbox.act("hubspot", "merge", object="contacts", winner=keep.hs_id, loser=lose.hs_id)["id"]
    assert new not in (keep.hs_id, lose.hs_id)
    synced.cycle()
    assert {keep.sf_id, lose.sf_id} <= set(synced.sf("Contact"))
    (kept,) = [pair for pair in synced.pairs("people", PairState.LINKED) if pair.hs_id == new]
    assert kept.sf_id in (keep.sf_id, lose.sf_id)
    synced.edit_hs("contacts", new, jobtitle="After the merge")
    synced.cycle()
    assert synced.sf_record("Contact", kept.sf_id)["Title"] == "After the merge"
    mark, held = synced.mark(), synced.held()
    synced.cycle()
    assert synced.writes(mark) == []
    assert synced.held() == held


def test_a_converted_lead_hands_its_partner_to_the_contact(synced):
    pair = people(synced, "Lead")[0]
    number = len(synced.hs("contacts"))
    made = synced.sandbox.act("salesforce", "convert", lead_id=pair.sf_id, opportunity_name="From a lead")
    synced.cycle()
    assert synced.engine.errors == {}
    moved = synced.pair_of(pair.hs_id, PairState.LINKED)
    assert (moved.id, moved.sf_object, moved.sf_id) == (pair.id, "Contact", made["contact"])
    assert len(synced.hs("contacts")) == number
    assert "From a lead" in {one["properties"]["dealname"] for one in synced.hs("deals").values()}
    company = synced.pair_of(made["account"]).hs_id
    assert 1 in synced.hs("contacts")[pair.hs_id]["associations"]["companies"][company]
    synced.edit_hs("contacts", pair.hs_id, jobtitle="Now a contact")
    synced.cycle()
    assert synced.sf_record("Contact", made["contact"])["Title"] == "Now a contact"
    mark, held = synced.mark(), synced.held()
    synced.cycle()
    assert synced.writes(mark) == []
    assert synced.held() == held


def test_an_opportunity_restored_from_the_recycle_bin_has_its_deal_again(synced):
    pair = synced.linked("opportunities-deals")[0]
    name = synced.sf_record("Opportunity", pair.sf_id)["Name"]
    synced.sandbox.act("salesforce", "delete", object="Opportunity", id=pair.sf_id)
    synced.cycle()
    assert pair.hs_id not in synced.hs("deals")
    synced.sandbox.act("salesforce", "undelete", object="Opportunity", id=pair.sf_id)
    synced.cycle()
    assert synced.engine.errors == {}
    deal = synced.pair_of(pair.sf_id, PairState.LINKED).hs_id
    assert synced.hs_record("deals", deal)["dealname"] == name
    assert [one["properties"]["dealname"] for one in synced.hs("deals").values()].count(name) == 1


def test_a_record_that_both_sides_deleted_closes_its_pair_without_a_write(synced):
    pair = people(synced)[0]
    synced.sandbox.act("salesforce", "delete", object="Contact", id=pair.sf_id)
    synced.sandbox.act("hubspot", "delete", object="contacts", id=pair.hs_id)
    mark = synced.mark()
    synced.cycle()
    assert synced.engine.errors == {}
    assert synced.writes(mark) == []
    assert synced.pair_of(pair.sf_id).state is PairState.CLOSED
