"""What people decide is done once, by the next run, and listed with who decided it."""

from dataclasses import replace
from typing import Any

import pytest
from tests.integration.engine.world import in_turn, on_both

from lockstep.decisions import Decision, DecisionKind
from lockstep.mapping import Mappings, Rule
from lockstep.model import PairState, Step
from lockstep.store import decisions, leases, ledger


def decide(world, kind: DecisionKind, **more: Any) -> int:
    with world.engine.store.writing() as tx:
        return decisions.record(tx, Decision(kind, "ann", world.now, **more))


def used(world, decision_id: int) -> Decision:
    with world.engine.store.reading() as tx:
        return decisions.get(tx, [decision_id])[0]


def hold(world, name: str) -> None:
    """Have a person decide clashes of this field of people."""
    people = world.engine.mappings.entity("people")
    fields = tuple(replace(one, rule=Rule.hold) if one.name == name else one for one in people.fields)
    every = [replace(people, fields=fields) if m.entity == "people" else m for m in world.engine.mappings.all]
    world.engine.mappings = Mappings(tuple(every))


def clashing(world):
    """A contact whose title was changed on both sides, held."""
    hold(world, "jobtitle")
    pair = world.linked("people", "Contact")[0]
    world.edit_sf("Contact", pair.sf_id, Title="Ours")
    world.edit_hs("contacts", pair.hs_id, jobtitle="Theirs")
    world.cycle()
    assert world.last_change(pair_id=pair.id)["code"] == "clash"
    return pair


def titles(world, pair):
    return world.sf_record("Contact", pair.sf_id)["Title"], world.hs_record("contacts", pair.hs_id).get("jobtitle")


def rests(world):
    mark = world.mark()
    world.cycle()
    assert world.engine.errors == {}
    assert world.writes(mark) == []


# --- a held clash


@in_turn(
    "choice, value, end", [("salesforce", None, "Ours"), ("hubspot", None, "Theirs"), ("value", "Agreed", "Agreed")]
)
def test_a_persons_choice_ends_a_clash_once(synced, choice, value, end):
    pair = clashing(synced)
    rests(synced)
    chosen = decide(synced, DecisionKind.CHOOSE, pair_id=pair.id, field="jobtitle", choice=choice, value=value)
    synced.cycle()
    assert titles(synced, pair) == (end, end)
    done = used(synced, chosen)
    assert (done.result, (done.used_run_id or "").split(":")[0]) == ("planned", "push_updates")
    lost = [one for one in synced.changes(pair_id=pair.id) if one["lost"]]
    assert all(f"decision {chosen} of ann" in str(one["why"]) for one in lost)
    assert len(lost) == (2 if choice == "value" else 1)
    rests(synced)
    synced.edit_sf("Contact", pair.sf_id, Title="Ours again")
    synced.edit_hs("contacts", pair.hs_id, jobtitle="Theirs again")
    synced.cycle()
    assert titles(synced, pair) == ("Ours again", "Theirs again")


def test_a_choice_is_not_used_for_values_that_nobody_saw(synced):
    pair = clashing(synced)
    chosen = decide(synced, DecisionKind.CHOOSE, pair_id=pair.id, field="jobtitle", choice="salesforce")
    synced.wait()
    synced.edit_hs("contacts", pair.hs_id, jobtitle="Edited after the choice")
    synced.cycle()
    assert titles(synced, pair) == ("Ours", "Edited after the choice")
    assert "not applied" in used(synced, chosen).result
    assert synced.last_change(pair_id=pair.id)["code"] == "clash"


def test_a_dry_run_uses_no_choice(synced):
    pair = clashing(synced)
    chosen = decide(synced, DecisionKind.CHOOSE, pair_id=pair.id, field="jobtitle", choice="hubspot")
    synced.cycle(dry_run=True)
    assert used(synced, chosen).used_at is None
    synced.cycle()
    assert titles(synced, pair) == ("Theirs", "Theirs")


# --- a held deletion


@pytest.mark.parametrize("choice", ["delete", "recreate", "keep"])
def test_a_person_says_what_becomes_of_a_record_edited_here_and_deleted_there(synced, choice):
    pair = synced.linked("people", "Contact")[0]
    synced.edit_hs("contacts", pair.hs_id, jobtitle="Just edited")
    synced.sandbox.act("salesforce", "delete", object="Contact", id=pair.sf_id)
    synced.cycle()
    assert synced.last_change(pair_id=pair.id)["code"] == "edited_and_deleted"
    decide(synced, DecisionKind.CHOOSE, pair_id=pair.id, choice=choice)
    synced.cycle()
    assert synced.engine.errors == {}
    here = pair.hs_id in synced.hs("contacts")
    found = synced.pair_of(pair.hs_id)
    assert here == (choice != "delete")
    assert found.state is (PairState.LINKED if choice == "recreate" else PairState.CLOSED)
    if choice == "recreate":
        assert found.sf_id != pair.sf_id
        assert synced.sf_record(found.sf_object, found.sf_id)["Title"] == "Just edited"
    synced.cycle()
    rests(synced)


# --- a held ambiguity


def ambiguous(world):
    """Two contacts in Salesforce with the address of one in HubSpot."""
    one, two = (world.create_sf("Contact", LastName=name, Email="twin@people.example") for name in ("Ann", "Anne"))
    theirs = world.create_hs("contacts", email="twin@people.example", lastname="Anne", company="Twin AS")
    world.cycle()
    held = [one["detail"] for one in world.changes(code="ambiguous_match") if "record" in one["detail"]]
    assert {one, two} <= {detail["record"]["id"] for detail in held}
    return one, two, theirs


@on_both
def test_a_person_says_which_of_two_twins_is_the_partner(synced):
    one, two, theirs = ambiguous(synced)
    place = {"system": "salesforce", "object": "Contact", "record_id": two}
    right = decide(synced, DecisionKind.MATCH, **place, choice="candidate", value=theirs)
    synced.cycle()
    assert used(synced, right).result == "paired"
    assert synced.pair_of(theirs, PairState.LINKED).sf_id == two
    place["record_id"] = one
    taken = decide(synced, DecisionKind.MATCH, **place, choice="candidate", value=theirs)
    synced.cycle()
    assert "another partner" in used(synced, taken).result
    assert synced.pair_of(theirs, PairState.LINKED).sf_id == two


def test_a_person_says_that_none_of_the_candidates_is_the_partner(synced):
    before = {one["id"] for one in synced.hs("companies").values()}
    here, there = synced.linked("accounts-companies")[:2]
    name = synced.sf_record("Account", here.sf_id)["Name"]
    theirs = synced.hs_record("companies", here.hs_id)
    new = synced.create_sf("Account", Name=name, Website=theirs.get("domain"))
    synced.cycle()
    (held,) = [one for one in synced.changes(outcome="held") if new in str(one["detail"])]
    assert held["detail"]["candidates"]
    made = decide(synced, DecisionKind.MATCH, system="salesforce", object="Account", record_id=new, choice="create")
    synced.cycle()
    assert "new record" in used(synced, made).result
    partner = synced.pair_of(new, PairState.LINKED).hs_id
    assert partner not in before
    assert there.id != here.id


def test_a_match_for_a_record_that_is_gone_is_used_up_with_the_reason(synced):
    one, _two, theirs = ambiguous(synced)
    synced.sandbox.act("salesforce", "delete", object="Contact", id=one)
    place = {"system": "salesforce", "object": "Contact", "record_id": one}
    late = decide(synced, DecisionKind.MATCH, **place, choice="candidate", value=theirs)
    synced.cycle()
    assert used(synced, late).result == "not applied: the record is gone"


# --- resync


@in_turn("by", ["pair", "record", "change", "batch", "code", "object"])
def test_a_resync_tries_what_was_refused_once_more(synced, by):
    rule = {"object": "Contact", "when": "MailingCity = 'Nowhere'", "message": "There is no such city"}
    synced.settings("salesforce", validation_rules=[rule])
    pair = synced.linked("people", "Contact")[0]
    synced.edit_hs("contacts", pair.hs_id, city="Nowhere")
    synced.cycle()
    failed = synced.last_change(pair_id=pair.id)
    assert failed["code"] == "validation_rule"
    synced.settings("salesforce", validation_rules=[])
    rests(synced)
    how = {
        "pair": {"pair_id": pair.id},
        "record": {"system": "hubspot", "object": "contacts", "record_id": pair.hs_id},
        "change": {"choice": "change", "value": str(failed["id"])},
        "batch": {"choice": "batch", "value": str(failed["batch_id"])},
        "code": {"choice": "code", "value": "validation_rule", "object": "Contact"},
        "object": {"choice": "object", "object": "contacts"},
    }[by]
    again = decide(synced, DecisionKind.RESYNC, **how)
    synced.cycle()
    assert synced.engine.errors == {}
    assert synced.sf_record("Contact", pair.sf_id)["MailingCity"] == "Nowhere"
    assert "planned again" in used(synced, again).result


# --- a refused plan


def refused(world, some: int = 6) -> tuple[str, list[Any]]:
    """A plan with too many deletes. Returns the refused run and the pairs."""
    found = world.linked("people", "Contact")[:some]
    for pair in found:
        world.sandbox.act("salesforce", "delete", object="Contact", id=pair.sf_id)
    world.cycle()
    assert "push_updates" in world.engine.errors
    return world.batches(step=Step.PUSH_UPDATES)[0].run_id, found


def waiting(world) -> list[str]:
    with world.engine.store.reading() as tx:
        return [run.id for run in ledger.waiting_plans(tx)]


@on_both
def test_an_approved_plan_is_applied_as_it_was_shown_and_nothing_else(synced):
    run_id, deleted = refused(synced)
    synced.cycle()
    assert run_id in waiting(synced)
    assert len(waiting(synced)) == 2
    edited = synced.linked("people", "Contact")[0]
    synced.wait()
    synced.edit_hs("contacts", deleted[0].hs_id, jobtitle="Edited since")
    synced.edit_sf("Contact", edited.sf_id, Title="Not in the plan")
    approval = decide(synced, DecisionKind.APPROVE, run_id=run_id)
    synced.cycle()
    assert "push_updates" not in synced.engine.errors
    left = {pair.hs_id for pair in deleted} & set(synced.hs("contacts"))
    assert left == {deleted[0].hs_id}
    assert used(synced, approval).result.startswith("applied")
    (batch,) = synced.batches(step=Step.PUSH_UPDATES)
    assert (batch.counts["deleted"], batch.counts["deferred"]) == (5, 1)
    old = {one["id"] for one in synced.changes(code="guard_tripped")}
    assert {one["retry_of"] for one in synced.changes(batch_id=batch.id)} <= old
    assert synced.hs_record("contacts", edited.hs_id).get("jobtitle") != "Not in the plan"
    assert waiting(synced) == []
    other = decide(synced, DecisionKind.APPROVE, run_id=run_id)
    synced.cycle()
    assert synced.engine.errors == {}
    assert used(synced, other).result == "not applied: another plan was approved"
    assert synced.hs_record("contacts", edited.hs_id)["jobtitle"] == "Not in the plan"
    assert synced.last_change(pair_id=deleted[0].id)["code"] == "edited_and_deleted"
    rests(synced)


def test_an_approved_plan_waits_until_all_of_it_can_be_applied(synced):
    run_id, deleted = refused(synced)
    approval = decide(synced, DecisionKind.APPROVE, run_id=run_id)
    synced.step(Step.PUSH_UPDATES, "push_updates:others only", objects=["accounts-companies"])
    assert used(synced, approval).used_at is None
    with synced.engine.store.writing() as tx:
        leases.acquire(tx, "people", "push_updates:another", synced.now, 60)
    (noted,) = synced.step(Step.PUSH_UPDATES, "push_updates:too early")
    assert (noted.error_code, used(synced, approval).used_at) == ("lease_held", None)
    assert {pair.hs_id for pair in deleted} <= set(synced.hs("contacts"))
    synced.wait()
    (done,) = synced.step(Step.PUSH_UPDATES, "push_updates:in time")
    assert (done.counts["deleted"], used(synced, approval).used_run_id) == (6, "push_updates:in time")


def test_an_approval_of_what_was_never_refused_is_used_up_with_the_reason(synced):
    sealed = next(batch.run_id for batch in synced.cycle() if batch.run_id.startswith("pull_updates"))
    wrong = [decide(synced, DecisionKind.APPROVE, run_id=one) for one in (sealed, "nobody")]
    synced.cycle()
    assert [used(synced, one).result for one in wrong] == [
        "not applied: the run was not refused",
        "not applied: there is no such run",
    ]


# --- objects and systems


def test_a_paused_object_is_read_and_not_written_until_it_is_resumed(synced):
    person, deal = synced.linked("people", "Contact")[0], synced.linked("opportunities-deals")[0]
    decide(synced, DecisionKind.PAUSE, object="Contact")
    synced.edit_sf("Contact", person.sf_id, Title="Waits")
    synced.edit_sf("Opportunity", deal.sf_id, Name="Goes on")
    synced.cycle()
    assert synced.engine.errors == {}
    assert synced.hs_record("contacts", person.hs_id).get("jobtitle") != "Waits"
    assert synced.hs_record("deals", deal.hs_id)["dealname"] == "Goes on"
    synced.cycle()
    assert synced.hs_record("contacts", person.hs_id).get("jobtitle") != "Waits"
    decide(synced, DecisionKind.RESUME, object="people")
    synced.cycle()
    assert synced.hs_record("contacts", person.hs_id)["jobtitle"] == "Waits"


def test_a_refused_token_suspends_the_system_until_it_answers_again(synced):
    from lockstep.store import budget

    synced.settings("hubspot", tokens_valid=["pat-na1-another"])
    synced.cycle()
    with synced.engine.store.reading() as tx:
        told = budget.health(tx)["hubspot"]
    assert (told.suspended, told.probed_by.split(":")[0]) == ("api_access_disabled", "pull_deletes")
    assert "refuses the token" in told.suspended_words
