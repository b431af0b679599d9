"""Params narrow a run, a dry run only shows, guards refuse, and only one run writes at a time."""

from datetime import timedelta

import pytest
from tests.integration.engine.people import work
from tests.integration.engine.world import on_both

from lockstep import steps
from lockstep.errors import RunFailed
from lockstep.model import RunState, Step
from lockstep.store import ledger


@on_both
def test_a_dry_run_lists_what_it_would_do_and_changes_nothing(synced):
    edits = work(synced, 2)
    for edit in edits:
        edit.make(synced)
    synced.create_hs("contacts", email="dry@run.example", lastname="Dry", company="Dry AS")
    synced.wait()
    for one in (Step.PULL_UPDATES, Step.PULL_DELETES):
        synced.step(one, f"{one}:before")
    pairs, held, due, mark = synced.pairs(), synced.held(), synced.due(), synced.mark()
    assert due > 0
    batches = synced.step(Step.PUSH_UPDATES, "push_updates:dry", dry_run=True)
    synced.step(Step.UPDATE_FOREIGN_KEYS, "update_foreign_keys:dry", dry_run=True)
    assert synced.engine.errors == {}
    assert synced.writes(mark) == []
    assert (synced.pairs(), synced.held(), synced.due()) == (pairs, held, due)
    listed = [c for batch in batches for c in synced.changes(batch_id=batch.id)]
    assert {c["record_id"] for c in listed if c["action"] == "update"} == {edit.there[1] for edit in edits}
    assert [c["after"]["Email"] for c in listed if c["action"] == "create"] == ["dry@run.example"]
    assert {(c["outcome"], c["code"]) for c in listed} == {("skipped", "dry_run")}
    synced.cycle()
    assert [edit for edit in edits if not edit.arrived(synced)] == []


def test_a_limit_stops_early_and_later_runs_bring_the_rest(synced):
    edits = work(synced, 4)
    for edit in edits:
        edit.make(synced)
    synced.cycle(limit=2)
    arrived = [edit for edit in edits if edit.arrived(synced)]
    assert 0 < len(arrived) < len(edits)
    limited = [b for b in synced.batches(operation="pull_updates") if b.error_code == "limit_reached"]
    assert limited or synced.due() > 0
    synced.cycle()
    assert [edit for edit in edits if not edit.arrived(synced)] == []


def test_a_limited_pull_goes_on_where_it_stopped(synced):
    synced.settings("salesforce", page_size_max=2)
    edits = [edit for edit in work(synced, 5) if (edit.system, edit.object) == ("salesforce", "Contact")]
    for edit in edits:
        edit.make(synced)
    for _ in range(2):
        synced.cycle(limit=2)
        (batch,) = synced.batches(system="salesforce", object="Contact", operation="pull_updates")
        assert (str(batch.status), batch.error_code, batch.counts["read"]) == ("incomplete", "limit_reached", 2)
    synced.cycle()
    assert synced.engine.errors == {}
    assert [edit for edit in edits if not edit.arrived(synced)] == []


def test_objects_narrow_a_run_to_their_mapping(synced):
    edits = work(synced, 2)
    for edit in edits:
        edit.make(synced)
    synced.cycle(objects=["Opportunity"])
    assert {b.object for b in synced.batches()} <= {"Opportunity", "deals", "User"}
    arrived = {edit.object for edit in edits if edit.arrived(synced)}
    assert arrived == {"Opportunity", "deals"}
    synced.cycle()
    assert [edit for edit in edits if not edit.arrived(synced)] == []


# --- guards


def refused(world, words, **params):
    """A cycle that must be refused before any write, leaving the plan to be looked at."""
    mark, held = world.mark(), world.held()
    world.cycle(**params)
    error = world.engine.errors["push_updates"]
    assert isinstance(error, RunFailed)
    for word in words:
        assert word in str(error)
    assert world.writes(mark) == []
    assert world.held() == held
    batches = world.batches(step=Step.PUSH_UPDATES)
    assert {(str(b.status), b.error_code) for b in batches} == {("failed", "guard_tripped")}
    with world.engine.store.reading() as tx:
        assert ledger.run(tx, batches[0].run_id).state is RunState.REFUSED


def test_a_side_that_is_suddenly_empty_is_not_taken_for_deletes(synced):
    deals = len(synced.hs("deals"))
    for record_id in synced.sf("Opportunity"):
        synced.sandbox.act("salesforce", "delete", object="Opportunity", id=record_id)
    refused(synced, ["Salesforce holds no records any more", "empty_side", "override_guards"])
    assert len(synced.hs("deals")) == deals
    synced.cycle(override_guards=["empty_side"])
    assert "push_updates" not in synced.engine.errors
    assert len(synced.hs("deals")) == 0


def test_too_many_deletes_wait_for_a_persons_word(synced):
    some = synced.linked("people", "Contact")[:6]
    for pair in some:
        synced.sandbox.act("salesforce", "delete", object="Contact", id=pair.sf_id)
    refused(synced, ["people to HubSpot", "6 of", "would be deleted", "max_delete_share is 5%"])
    assert {pair.hs_id for pair in some} <= set(synced.hs("contacts"))
    refused(synced, ["max_delete_share"], override_guards=["empty_side"])
    synced.cycle(override_guards=["max_delete_share"])
    assert synced.engine.errors == {}
    assert not {pair.hs_id for pair in some} & set(synced.hs("contacts"))


def test_a_refused_plan_does_not_keep_the_others_waiting(synced):
    for pair in synced.linked("people", "Contact")[:6]:
        synced.sandbox.act("salesforce", "delete", object="Contact", id=pair.sf_id)
    account = synced.linked("accounts-companies")[0]
    synced.edit_sf("Account", account.sf_id, Phone="+47 21 00 00 00")
    synced.cycle()
    assert "max_delete_share" in str(synced.engine.errors["push_updates"])
    assert synced.hs_record("companies", account.hs_id)["phone"] == "+47 21 00 00 00"
    refused = {b.entity for b in synced.batches(step=Step.PUSH_UPDATES) if b.error_code == "guard_tripped"}
    assert refused == {"people"}


def test_a_dry_run_tells_which_guard_the_real_one_would_meet(synced):
    for pair in synced.linked("people", "Contact")[:6]:
        synced.sandbox.act("salesforce", "delete", object="Contact", id=pair.sf_id)
    mark = synced.mark()
    synced.cycle(dry_run=True)
    assert "max_delete_share is 5%" in str(synced.engine.errors["push_updates"])
    assert synced.writes(mark) == []
    deletes = [one for one in synced.changes(action="delete") if one["code"] == "dry_run"]
    assert len(deletes) == 6


# --- one writer


@pytest.fixture
def planned(synced):
    """A run that has planned and not finished: it holds the leases. Returns (world, its context, an edit that waits)."""
    edit = next(one for one in work(synced, 1) if one.system == "hubspot")
    edit.make(synced)
    synced.wait()
    for one in (Step.PULL_UPDATES, Step.PULL_DELETES):
        synced.step(one, f"{one}:first")
    ctx = synced.engine.context("push_updates:first", Step.PUSH_UPDATES, "scheduled", synced.window(), {})
    return synced, ctx, edit, steps.plan_push(ctx)


@on_both
def test_of_two_runs_at_once_the_second_is_refused_with_a_clear_message(planned):
    world, ctx, edit, targets = planned
    mark = world.mark()
    batches = world.step(Step.PUSH_UPDATES, "push_updates:second")
    assert {(str(b.status), b.error_code) for b in batches} == {("incomplete", "lease_held")}
    assert all("is being written to by run push_updates:first, until" in b.error for b in batches)
    assert world.writes(mark) == []
    assert not edit.arrived(world)
    for target in targets:
        steps.apply_batch(ctx, target["batch_id"])
    steps.seal(ctx)
    assert edit.arrived(world)
    assert world.step(Step.PUSH_UPDATES, "push_updates:third") == []


def test_the_lease_of_a_killed_run_expires(planned):
    world, ctx, edit, targets = planned
    world.wait(timedelta(seconds=world.engine.settings.lease_seconds - 60))
    (batch, *_) = world.step(Step.PUSH_UPDATES, "push_updates:too early")
    assert batch.error_code == "lease_held"
    world.wait(timedelta(seconds=61))
    world.engine.errors.clear()
    world.step(Step.PUSH_UPDATES, "push_updates:in time")
    assert world.engine.errors == {}
    assert edit.arrived(world)
    mark = world.mark()
    with pytest.raises(RunFailed, match="a later run settled it"):
        steps.seal(ctx)
    assert [steps.apply_batch(ctx, target["batch_id"])["updated"] for target in targets] == [0] * len(targets)
    assert world.writes(mark) == []
