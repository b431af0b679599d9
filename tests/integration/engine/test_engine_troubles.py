"""What goes wrong stays where it is: it has its code and its words, all others are synced, and the next cycle heals it."""

import pytest
from tests.integration.engine.people import work

from lockstep.errors import AuthenticationError, RunFailed, VendorUnavailable
from lockstep.model import PairState, Step
from lockstep.store import ledger

VENDORS = ("salesforce", "hubspot")


def other(vendor):
    return "hubspot" if vendor == "salesforce" else "salesforce"


class Work:
    """A person's edit on each side, whose arrival shows that all is well."""

    def __init__(self, world):
        self.world = world
        self.one, self.two = world.linked("people", "Contact")[:2]
        world.edit_sf("Contact", self.one.sf_id, Title="Edited in Salesforce")
        world.edit_hs("contacts", self.two.hs_id, jobtitle="Edited in HubSpot")

    @property
    def in_hubspot(self):
        return self.world.hs_record("contacts", self.one.hs_id).get("jobtitle") == "Edited in Salesforce"

    @property
    def in_salesforce(self):
        return self.world.sf_record("Contact", self.two.sf_id)["Title"] == "Edited in HubSpot"

    def arrived_in(self, vendor):
        return self.in_salesforce if vendor == "salesforce" else self.in_hubspot


def break_down(world, vendor):
    world.fault(vendor, "status", status=503, times=1_000_000)


def revoke(world, vendor):
    if vendor == "salesforce":
        world.settings("salesforce", tokens_valid=False)
    else:
        world.settings("hubspot", tokens_valid=["pat-na1-another"])


def open_errors(world, record_id):
    """Codes of what is still wrong with a record, as Sync Status tells it."""
    with world.engine.store.reading() as tx:
        found = list(ledger.errors(tx, ledger.ErrorFilter(standing=True)))
    return {one.code for one in found if record_id in (one.sf_id, one.hs_id)}


def repair(world):
    world.heal()
    for vendor in VENDORS:
        world.settings(vendor, tokens_valid=True, used=0)


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("trouble", "code", "error"),
    [(break_down, "vendor_unavailable", VendorUnavailable), (revoke, "authentication", AuthenticationError)],
)
def test_while_a_vendor_cannot_be_read_the_other_is_and_nothing_is_written(synced, vendor, trouble, code, error):
    mine = Work(synced)
    trouble(synced, vendor)
    mark = synced.mark()
    synced.cycle()
    assert isinstance(synced.engine.errors["pull_updates"], error)
    assert code in str(synced.engine.errors["pull_updates"])
    for operation in ("pull_updates", "pull_deletes"):
        read = synced.batches(system=vendor, operation=operation)
        assert {(str(b.status), b.error_code) for b in read} == {("failed", code)}
        assert all(vendor in b.error.lower() and "What to do" in b.error for b in read)
        assert {str(b.status) for b in synced.batches(system=other(vendor), operation=operation)} == {"succeeded"}
    read = synced.batches(system=other(vendor), object="contacts" if vendor == "salesforce" else "Contact")
    assert sum(b.counts["updated"] for b in read) == 1
    waiting = [b for b in synced.batches() if b.error_code == "waiting_for_coverage"]
    assert waiting
    assert {str(b.status) for b in waiting} == {"incomplete"}
    assert synced.writes(mark) == []
    repair(synced)
    synced.cycle()
    assert synced.engine.errors == {}
    assert mine.in_hubspot
    assert mine.in_salesforce


@pytest.mark.parametrize("status", [403, 503])
def test_trouble_with_one_object_leaves_the_others_alone(synced, status):
    """Also its deletes, which are asked for together with those of the others."""
    mine = Work(synced)
    synced.fault("hubspot", "status", "/(deals|0-3)(/|$)", status=status, times=1_000_000)
    synced.cycle()
    failed = {(b.object, str(b.operation)) for b in synced.batches(system="hubspot") if str(b.status) == "failed"}
    assert failed == {("deals", "pull_updates"), ("deals", "pull_deletes")}
    assert mine.in_hubspot
    assert mine.in_salesforce
    synced.heal()
    synced.cycle()
    assert synced.engine.errors == {}


def at_push(world, act):
    """Something happens after the pulls, just before the push writes."""

    def at(step, _target):
        if step is Step.PUSH_UPDATES:
            act()
            world.engine.on_task = lambda _step, _target: None

    world.engine.on_task = at


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(("trouble", "code"), [(break_down, "vendor_unavailable"), (revoke, "authentication")])
def test_a_vendor_that_fails_during_the_push_fails_its_batch_alone(synced, vendor, trouble, code):
    mine = Work(synced)
    at_push(synced, lambda: trouble(synced, vendor))
    synced.cycle()
    assert isinstance(synced.engine.errors["push_updates"], (VendorUnavailable, AuthenticationError))
    (bad,) = synced.batches(system=vendor, step=Step.PUSH_UPDATES)
    assert (str(bad.status), bad.error_code) == ("failed", code)
    (good,) = synced.batches(system=other(vendor), step=Step.PUSH_UPDATES)
    assert (str(good.status), good.counts["updated"]) == ("succeeded", 1)
    assert mine.arrived_in(other(vendor))
    assert not mine.arrived_in(vendor)
    repair(synced)
    synced.cycle()
    assert synced.engine.errors == {}
    assert mine.arrived_in(vendor)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_used_up_quota_stops_the_reading_cleanly_and_the_other_vendor_goes_on(synced, vendor):
    mine = Work(synced)
    synced.settings(vendor, used=10_000_000)
    synced.cycle()
    read = synced.batches(system=vendor, operation="pull_updates")
    assert {(str(b.status), b.error_code) for b in read} == {("incomplete", "quota_exhausted")}
    assert {str(b.status) for b in synced.batches(system=other(vendor), operation="pull_updates")} == {"succeeded"}
    assert isinstance(synced.engine.errors["pull_updates"], RunFailed)
    assert "quota_exhausted" in str(synced.engine.errors["pull_updates"])
    repair(synced)
    synced.cycle()
    assert synced.engine.errors == {}
    assert mine.in_hubspot
    assert mine.in_salesforce


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_quota_used_up_during_the_push_defers_the_rest(synced, vendor):
    mine = Work(synced)
    at_push(synced, lambda: synced.settings(vendor, used=10_000_000))
    synced.cycle()
    (bad,) = synced.batches(system=vendor, step=Step.PUSH_UPDATES)
    assert (str(bad.status), bad.error_code, bad.counts["deferred"]) == ("incomplete", "quota_exhausted", 1)
    assert synced.last_change(batch_id=bad.id)["code"] == "quota"
    assert mine.arrived_in(other(vendor))
    repair(synced)
    synced.cycle()
    assert synced.engine.errors == {}
    assert mine.arrived_in(vendor)


def test_a_vendor_that_fails_in_the_middle_of_a_pull_is_read_on_from_there(synced):
    synced.settings("salesforce", page_size_max=2)
    edits = [edit for edit in work(synced, 5) if edit.object == "Contact"]
    for edit in edits:
        edit.make(synced)
    synced.fault("salesforce", "status", "/query/.+", status=503, nth=2, times=1_000_000)
    synced.cycle()
    (batch,) = synced.batches(object="Contact", operation="pull_updates")
    assert (str(batch.status), batch.error_code) == ("failed", "vendor_unavailable")
    read = batch.counts["read"]
    assert 0 < read < len(edits)
    repair(synced)
    synced.cycle()
    assert synced.engine.errors == {}
    assert [edit for edit in edits if not edit.arrived(synced)] == []
    (batch,) = synced.batches(object="Contact", operation="pull_updates")
    assert batch.counts["read"] == len(edits) - read


def test_a_session_that_expires_is_renewed_without_a_word(synced):
    mine = Work(synced)
    synced.cycle(objects=["Opportunity"])
    synced.sandbox.admin("POST", "salesforce/expire_tokens")
    synced.cycle()
    assert synced.engine.errors == {}
    assert mine.in_hubspot
    assert mine.in_salesforce


#: what a person writes in HubSpot, what mends it, the code, the field it becomes, and the vendor's words
REFUSED = {
    "validation rule": (
        {"city": "Nowhere"},
        {"city": "Oslo"},
        "validation_rule",
        "MailingCity",
        "There is no such city",
    ),
    "300 characters": ({"lastname": "n" * 300}, {"lastname": "Short"}, "value_too_long", "LastName", None),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_record_that_salesforce_refuses_is_listed_with_its_words_and_the_rest_arrives(synced, kind):
    rule = {"object": "Contact", "when": "MailingCity = 'Nowhere'", "message": "There is no such city"}
    synced.settings("salesforce", validation_rules=[rule])
    mine = Work(synced)
    pair = synced.linked("people", "Contact")[2]
    wrong, right, code, field, words = REFUSED[kind]
    synced.edit_hs("contacts", pair.hs_id, **wrong)
    synced.cycle()
    change = synced.last_change(pair_id=pair.id)
    assert change["code"] == code
    if words:
        assert change["outcome"] == "failed"
        assert isinstance(synced.engine.errors["push_updates"], RunFailed)
        assert "were rejected" in str(synced.engine.errors["push_updates"])
        assert words in change["detail"]["message"]
    else:
        # what can be known beforehand is not sent
        assert change["outcome"] == "skipped"
        assert change["sent_at"] is None
    (batch,) = synced.batches(system="salesforce", step=Step.PUSH_UPDATES)
    assert (str(batch.status), batch.counts[change["outcome"]], batch.counts["updated"]) == ("incomplete", 1, 1)
    assert mine.in_salesforce
    assert mine.in_hubspot
    mark = synced.mark()
    synced.cycle()
    assert synced.writes(mark) == []
    assert code in open_errors(synced, pair.sf_id)
    synced.edit_hs("contacts", pair.hs_id, **right)
    synced.cycle()
    assert synced.engine.errors == {}
    assert synced.sf_record("Contact", pair.sf_id)[field] == next(iter(right.values()))
    assert open_errors(synced, pair.sf_id) == set()


def test_a_value_that_is_no_option_of_hubspots_list_is_left_out_and_listed(synced):
    pair = synced.linked("people", "Contact")[2]
    before = synced.hs_record("contacts", pair.hs_id).get("leadsource")
    synced.edit_sf("Contact", pair.sf_id, LeadSource="From a dream", Title="Also changed")
    synced.cycle()
    held = synced.hs_record("contacts", pair.hs_id)
    assert (held["jobtitle"], held.get("leadsource")) == ("Also changed", before)
    (listed,) = synced.last_change(pair_id=pair.id)["detail"]["fields"]
    assert (listed["code"], listed["field"]) == ("picklist_value", "leadsource")
    assert "From a dream" in listed["message"]
    (batch,) = synced.batches(system="hubspot", step=Step.PUSH_UPDATES)
    assert (str(batch.status), batch.counts["fields_failed"], batch.counts["updated"]) == ("incomplete", 1, 1)
    assert open_errors(synced, pair.sf_id) == {"picklist_value"}
    synced.edit_sf("Contact", pair.sf_id, LeadSource="Web")
    synced.cycle()
    assert open_errors(synced, pair.sf_id) == set()
    assert synced.hs_record("contacts", pair.hs_id)["leadsource"] == "Web"
    assert synced.engine.errors == {}


def test_a_person_without_what_the_mapping_requires_is_listed_and_created_when_it_is_filled(synced):
    nameless = synced.create_sf("Contact", LastName="No Address")
    synced.cycle()
    change = synced.changes()[-1]
    assert (change["outcome"], change["code"]) == ("skipped", "no_match_key")
    assert nameless in str(change["detail"])
    assert open_errors(synced, nameless) == {"no_match_key"}
    synced.edit_sf("Contact", nameless, Email="now.with@address.example")
    synced.cycle()
    assert synced.hs_record("contacts", synced.pair_of(nameless).hs_id)["email"] == "now.with@address.example"
    assert open_errors(synced, nameless) == set()


def test_a_person_without_what_hubspot_requires_is_refused_alone_and_created_when_it_is_filled(synced):
    synced.settings("hubspot", required_on_create={"contacts": ["jobtitle"]})
    bad = synced.create_sf("Contact", LastName="Untitled", Email="untitled@somewhere.example")
    good = synced.create_sf("Contact", LastName="Right", Email="right@somewhere.example", Title="CEO")
    synced.cycle()
    change = synced.last_change(pair_id=synced.pair_of(bad).id)
    assert (change["outcome"], change["code"]) == ("failed", "required_field_missing")
    assert "jobtitle" in str(change["detail"])
    assert synced.hs_record("contacts", synced.pair_of(good).hs_id)["lastname"] == "Right"
    synced.edit_sf("Contact", bad, Title="Entitled")
    synced.cycle()
    assert synced.engine.errors == {}
    assert synced.hs_record("contacts", synced.pair_of(bad).hs_id)["jobtitle"] == "Entitled"


WRITES = {"salesforce": "/composite/sobjects", "hubspot": "/batch/(upsert|update)"}


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("times", [1, 1_000])
def test_a_lost_answer_is_read_back_and_nothing_is_done_twice(synced, vendor, times):
    """A create and an update to the vendor whose answers are lost: once, or so often that the next cycle must find out."""
    mine = Work(synced)
    if vendor == "salesforce":
        new = synced.create_hs("contacts", email="lost@answer.example", lastname="Lost", company="Lost AS")
    else:
        new = synced.create_sf("Contact", Email="lost@answer.example", LastName="Lost")
    synced.fault(vendor, "commit_then_reset", WRITES[vendor], times=times)
    synced.cycle()
    assert synced.changes(outcome="failed") == []
    lost = [c for c in synced.changes() if c["code"] == "unconfirmed"]
    assert bool(lost) == (times > 1)
    repair(synced)
    synced.cycle()
    assert synced.engine.errors == {}
    assert mine.arrived_in(vendor)
    pair = synced.pair_of(new)
    assert pair.state is PairState.LINKED
    assert [
        one["LastName"]
        for name in ("Contact", "Lead")
        for one in synced.sf(name).values()
        if one["Email"] == "lost@answer.example"
    ] == ["Lost"]
    assert [
        one["id"] for one in synced.hs("contacts").values() if one["properties"].get("email") == "lost@answer.example"
    ] == [pair.hs_id]
    mark = synced.mark()
    synced.cycle()
    assert synced.writes(mark) == []
    assert synced.changes(outcome=None) == []
