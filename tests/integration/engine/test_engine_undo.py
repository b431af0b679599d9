"""Undoing a run: what we wrote goes back where it still stands, and both sides rest afterwards."""

from typing import Any

import pytest
from tests.integration.engine.world import on_both

from lockstep.decisions import Decision, DecisionKind
from lockstep.errors import ConfigError
from lockstep.model import PairState, Step
from lockstep.store import decisions


def undo(world, run_id: str | None, **params: Any):
    world.wait()
    return world.step(Step.UNDO_RUN, f"undo_run:{world.now.isoformat()}", run=run_id, **params)


def pushed(world) -> str:
    return world.batches(step=Step.PUSH_UPDATES)[0].run_id


def totals(batches, name: str) -> int:
    return sum(one.counts[name] for one in batches)


def rests(world):
    for _ in range(2):
        mark = world.mark()
        world.cycle()
        assert world.engine.errors == {}
        assert world.writes(mark) == []


@on_both
def test_an_undone_run_leaves_what_was_there_before_and_both_sides_at_rest(synced):
    one, two, three = synced.linked("people", "Contact")[:3]
    was = {pair.id: synced.hs_record("contacts", pair.hs_id).get("jobtitle") for pair in (one, two, three)}
    city = synced.sf_record("Contact", three.sf_id)["MailingCity"]
    for pair in (one, two, three):
        synced.edit_sf("Contact", pair.sf_id, Title="Mass update")
    synced.edit_hs("contacts", three.hs_id, city="Bergen")
    synced.cycle()
    run_id = pushed(synced)
    synced.edit_hs("contacts", two.hs_id, jobtitle="Corrected by hand")
    listed = undo(synced, run_id, dry_run=True)
    assert totals(listed, "updated") == 0
    assert [c["code"] for batch in listed for c in synced.changes(batch_id=batch.id)].count("dry_run") == 3
    done = undo(synced, run_id)
    assert synced.engine.errors == {}
    assert (totals(done, "updated"), totals(done, "skipped")) == (3, 1)
    assert synced.hs_record("contacts", one.hs_id).get("jobtitle") == was[one.id]
    assert synced.hs_record("contacts", two.hs_id)["jobtitle"] == "Corrected by hand"
    assert synced.hs_record("contacts", three.hs_id).get("jobtitle") == was[three.id]
    assert synced.sf_record("Contact", three.sf_id)["MailingCity"] == city
    changes = [c for batch in done for c in synced.changes(batch_id=batch.id)]
    assert {c["code"] for c in changes} == {None, "changed_since"}
    original = {
        c["id"]: c for batch in synced.batches(step=Step.PUSH_UPDATES) for c in synced.changes(batch_id=batch.id)
    }
    assert {c["retry_of"] for c in changes} == set(original)
    again = undo(synced, run_id)
    assert totals(again, "updated") == 0
    # the correction by hand is still an edit; all else rests
    synced.cycle()
    assert synced.sf_record("Contact", two.sf_id)["Title"] == "Corrected by hand"
    assert synced.sf_record("Contact", one.sf_id)["Title"] == "Mass update"
    rests(synced)
    synced.edit_sf("Contact", one.sf_id, Title="And on")
    synced.cycle()
    assert synced.hs_record("contacts", one.hs_id)["jobtitle"] == "And on"


def test_records_that_a_run_created_are_deleted_if_asked_and_still_as_they_were_made(synced):
    new = [synced.create_sf("Contact", LastName=f"New {n}", Email=f"new{n}@undo.example") for n in range(2)]
    synced.cycle()
    run_id = pushed(synced)
    partners = [synced.pair_of(one).hs_id for one in new]
    kept = undo(synced, run_id)
    assert (totals(kept, "deleted"), totals(kept, "skipped")) == (0, 2)
    synced.edit_hs("contacts", partners[0], lastname="Edited since")
    done = undo(synced, run_id, creates="delete")
    assert (totals(done, "deleted"), totals(done, "skipped")) == (1, 1)
    assert [one in synced.hs("contacts") for one in partners] == [True, False]
    synced.edit_sf("Contact", new[1], LastName="Edited and yet at rest")
    synced.cycle()
    assert "Edited and yet at rest" not in {one["properties"].get("lastname") for one in synced.hs("contacts").values()}
    rests(synced)


def test_records_that_a_run_deleted_are_made_again_if_asked(synced):
    pair = synced.linked("people", "Contact")[0]
    was = synced.hs_record("contacts", pair.hs_id)
    synced.sandbox.act("salesforce", "delete", object="Contact", id=pair.sf_id)
    synced.cycle()
    run_id = pushed(synced)
    kept = undo(synced, run_id)
    assert totals(kept, "skipped") == 1
    done = undo(synced, run_id, deletes="recreate")
    assert synced.engine.errors == {}
    assert totals(done, "new") == 1
    (back,) = [one for one in synced.hs("contacts").values() if one["properties"].get("email") == was["email"]]
    assert back["properties"]["lastname"] == was["lastname"]
    assert synced.pair_of(back["id"]).state is PairState.CLOSED
    rests(synced)
    assert back["id"] in synced.hs("contacts")
    synced.sandbox.act("salesforce", "undelete", object="Contact", id=pair.sf_id)
    synced.cycle()
    assert synced.pair_of(back["id"], PairState.LINKED).sf_id == pair.sf_id


def test_a_person_decides_which_run_is_undone(synced):
    pair = synced.linked("people", "Contact")[0]
    was = synced.sf_record("Contact", pair.sf_id)["Title"]
    synced.edit_hs("contacts", pair.hs_id, jobtitle="Regretted")
    synced.cycle()
    with synced.engine.store.writing() as tx:
        decision = decisions.record(tx, Decision(DecisionKind.UNDO, "ann", synced.now, run_id=pushed(synced)))
    undo(synced, None, decision=[decision])
    assert synced.sf_record("Contact", pair.sf_id)["Title"] == was
    with synced.engine.store.reading() as tx:
        assert decisions.get(tx, [decision])[0].used_run_id


def test_a_plan_that_a_guard_refused_is_applied_as_it_was_shown_once_a_person_approves(synced):
    one, two, three = synced.linked("people", "Contact")[:3]
    was = {pair.id: synced.hs_record("contacts", pair.hs_id).get("jobtitle") for pair in (one, two)}
    for pair in (one, two, three):
        synced.edit_sf("Contact", pair.sf_id, Title="Mass update")
    synced.cycle()
    settings = synced.engine.settings
    guards = settings.guards.model_copy(update={"max_changed_share": 0.0, "ignore_below": 1})
    synced.engine.settings = settings.model_copy(update={"guards": guards})
    synced.edit_hs("contacts", three.hs_id, jobtitle="Looked right meanwhile")
    refused = undo(synced, pushed(synced))
    assert {one.error_code for one in refused} == {"guard_tripped"}
    assert synced.hs_record("contacts", one.hs_id)["jobtitle"] == "Mass update"
    synced.edit_hs("contacts", two.hs_id, jobtitle="Corrected by hand")
    synced.edit_hs("contacts", three.hs_id, jobtitle="Mass update")
    with synced.engine.store.writing() as tx:
        decision = decisions.record(tx, Decision(DecisionKind.APPROVE, "ann", synced.now, run_id=refused[0].run_id))
    synced.engine.errors.clear()
    done = undo(synced, None, decision=[decision])
    assert synced.engine.errors == {}
    assert (totals(done, "updated"), totals(done, "skipped"), totals(done, "deferred")) == (1, 1, 1)
    assert synced.hs_record("contacts", one.hs_id).get("jobtitle") == was[one.id]
    assert synced.hs_record("contacts", two.hs_id)["jobtitle"] == "Corrected by hand"
    assert synced.hs_record("contacts", three.hs_id)["jobtitle"] == "Mass update", "nobody was shown that it goes back"
    with synced.engine.store.reading() as tx:
        assert (decisions.get(tx, [decision])[0].result or "").startswith("applied")


@pytest.mark.parametrize(
    ("run_id", "words"), [(None, "no run ''"), ("push_updates:9999", "no run 'push_updates:9999'")]
)
def test_a_run_that_is_not_there_is_refused_by_name(synced, run_id, words):
    undo(synced, run_id)
    error = synced.engine.errors["undo_run"]
    assert isinstance(error, ConfigError)
    assert words in str(error)
