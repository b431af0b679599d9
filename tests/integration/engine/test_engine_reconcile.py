"""A reconcile finds what the pulls were never told: silent changes, and records that left without a trace."""

from datetime import timedelta

import pytest
from tests.integration.engine.world import on_both

from lockstep.errors import GuardTripped, HorizonPassed
from lockstep.model import PairState, Step
from lockstep.store import coverage


def reconcile(world, **params):
    batches = world.step(Step.RECONCILE, f"reconcile:{world.now.isoformat()}", **params)
    return {one.object: one for one in batches}


def hide_from_pulls(world, system, name):
    """A change that the vendor reports too late: everything until tomorrow counts as read."""
    with world.engine.store.writing() as tx:
        place = (Step.PULL_UPDATES, system, name)
        coverage.advance(tx, *place, covered_to=world.now + timedelta(days=1), cursor=None, joins_from=None)


@on_both
def test_records_that_left_beyond_the_vendors_horizon_are_found_and_deletes_are_read_again(synced):
    gone, other = synced.linked("people", "Contact")[:2]
    synced.sandbox.act("salesforce", "hard_delete", object="Contact", id=gone.sf_id)
    synced.wait(timedelta(days=40))
    synced.cycle()
    assert isinstance(synced.engine.errors["pull_deletes"], HorizonPassed)
    assert "reconcile" in str(synced.engine.errors["pull_deletes"])
    assert gone.hs_id in synced.hs("contacts")
    synced.engine.errors.clear()
    done = reconcile(synced)
    assert synced.engine.errors == {}
    assert done["Contact"].counts["deleted"] == 1
    assert {str(one.status) for one in done.values()} == {"succeeded"}
    synced.edit_sf("Contact", other.sf_id, Title="Goes on")
    synced.cycle()
    assert synced.engine.errors == {}
    assert gone.hs_id not in synced.hs("contacts")
    assert synced.pair_of(gone.hs_id).state is PairState.CLOSED
    assert synced.hs_record("contacts", other.hs_id)["jobtitle"] == "Goes on"


@pytest.mark.parametrize("extent", ["whole", "rolling"])
def test_a_silent_change_is_caught_up(synced, extent):
    pair, late = synced.linked("people", "Contact")[:2]
    hide_from_pulls(synced, "salesforce", "Contact")
    synced.edit_sf("Contact", pair.sf_id, Title="Silently")
    synced.sandbox.act("salesforce", "delete", object="Contact", id=late.sf_id)
    with synced.engine.store.writing() as tx:
        until = synced.now + timedelta(days=1)
        coverage.advance(tx, Step.PULL_DELETES, "salesforce", "Contact", covered_to=until, cursor=None, joins_from=None)
    synced.cycle()
    assert synced.hs_record("contacts", pair.hs_id).get("jobtitle") != "Silently"
    found = {"updated": 0, "deleted": 0}
    for _ in range(28 if extent == "rolling" else 1):
        counts = reconcile(synced, extent=extent, objects=["Contact"], systems=["salesforce"])["Contact"].counts
        found = {name: found[name] + counts[name] for name in found}
        synced.wait(timedelta(days=1))
    assert found == {"updated": 1, "deleted": 1}
    push = synced.step(Step.PUSH_UPDATES, "push_updates:after")
    assert sum(one.counts["updated"] for one in push) == 1
    assert synced.hs_record("contacts", pair.hs_id)["jobtitle"] == "Silently"
    assert late.hs_id not in synced.hs("contacts")


def test_records_that_a_lost_permission_hides_are_not_taken_for_gone(synced):
    every = synced.linked("people", "Contact")
    for pair in every[:10]:
        synced.sandbox.act("salesforce", "hard_delete", object="Contact", id=pair.sf_id)
    synced.wait(timedelta(days=40))
    failed = reconcile(synced, objects=["people"])["Contact"]
    error = synced.engine.errors["reconcile"]
    assert isinstance(error, GuardTripped)
    assert "max_delete_share" in str(error)
    assert (str(failed.status), failed.error_code, failed.counts["deleted"]) == ("failed", "guard_tripped", 0)
    assert synced.due() == 0
    synced.engine.errors.clear()
    synced.wait()
    done = reconcile(synced, objects=["people"], override_guards=["max_delete_share"])["Contact"]
    assert synced.engine.errors == {}
    assert done.counts["deleted"] == 10
