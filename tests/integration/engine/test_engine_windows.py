"""Windows in any order, repeated, or after an outage: nothing is missed, and nothing old comes back."""

from datetime import timedelta
from itertools import pairwise

import pytest
from tests.integration.engine.people import a_busy_quarter, work

from lockstep.model import Step, Window
from lockstep.systems.hubspot import HubSpotSystem
from lockstep.systems.salesforce import SalesforceSystem

DAY = timedelta(days=1)
DAYS = 3


def busy_days(world):
    """Three days on which people work and Lockstep is off. Returns the midnights between them, first and last included."""
    begin = world.now
    edits = work(world, 3)
    for day in range(DAYS):
        world.wait(begin + day * DAY + DAY / 2 - world.now)
        for edit in edits[day::DAYS]:
            edit.make(world)
        if day == 1:
            a_busy_quarter(world)
    world.wait(begin + DAYS * DAY - world.now)
    return [begin + day * DAY for day in range(DAYS + 1)]


ORDERS = {
    "day by day, twice": lambda days: list(pairwise(days)) * 2,
    "backwards": lambda days: list(reversed(list(pairwise(days)))),
}


@pytest.fixture(scope="session")
def one_window():
    """The end when all days are one window; the same for all orders."""
    return {}


def end_of(world, windows):
    for window in windows:
        world.engine.cycle("backfill", Window(*window))
        assert world.engine.errors == {}
    return world.end_state(), world.mirrored()


@pytest.mark.parametrize("order", ORDERS)
def test_a_backfill_in_any_order_ends_like_one_window_over_all_of_it(order, world_at, one_window):
    if not one_window:
        with world_at("synced") as world:
            days = busy_days(world)
            one_window["end"] = end_of(world, [(days[0], days[-1])])
    with world_at("synced") as world:
        days = busy_days(world)
        before = world.end_state()
        state, mirror = end_of(world, ORDERS[order](days))
        assert state != before
        assert state == one_window["end"][0]
        assert mirror == one_window["end"][1]


def test_after_an_outage_of_two_days_a_scheduled_run_misses_nothing(synced):
    edits = work(synced, 3)
    half = len(edits) // 2
    for edit in edits[:half]:
        edit.make(synced)
    synced.wait(DAY)
    new = synced.create_sf("Contact", LastName="Between", Email="in.between@outage.example")
    gone = synced.linked("opportunities-deals")[-1]
    synced.sandbox.act("salesforce", "delete", object="Opportunity", id=gone.sf_id)
    for edit in edits[half:]:
        edit.make(synced)
    synced.wait(DAY)
    synced.cycle()
    assert synced.engine.errors == {}
    assert [edit for edit in edits if not edit.arrived(synced)] == []
    assert synced.pair_of(new).hs_id in synced.hs("contacts")
    assert gone.hs_id not in synced.hs("deals")


def test_a_backfill_moves_no_coverage_and_the_schedule_goes_on_where_it_was(synced):
    pair = synced.linked("people", "Contact")[0]
    synced.wait(DAY)
    synced.edit_sf("Contact", pair.sf_id, Title="While a backfill ran")
    synced.wait(timedelta(hours=1))
    synced.engine.cycle("backfill", Window(synced.now - 10 * DAY, synced.now - 5 * DAY))
    assert synced.hs_record("contacts", pair.hs_id).get("jobtitle") != "While a backfill ran"
    synced.cycle()
    assert synced.hs_record("contacts", pair.hs_id)["jobtitle"] == "While a backfill ran"


def test_an_old_page_never_overwrites_a_newer_version(synced, monkeypatch):
    """A slow backfill commits what it read before people changed it, and before the schedule read the change."""
    one, two = synced.linked("people", "Contact")[:2]
    window = Window(synced.now - 3000 * DAY, synced.now)
    kept = {}
    for system in (SalesforceSystem, HubSpotSystem):
        keep_and_replay(monkeypatch, system, kept)
    synced.step(Step.PULL_UPDATES, "pull:early", "backfill", window)
    assert sum(len(page.rows) for pages in kept.values() for page in pages) > 150
    synced.edit_sf("Contact", one.sf_id, Title="New in Salesforce")
    synced.edit_hs("contacts", two.hs_id, jobtitle="New in HubSpot")
    monkeypatch.undo()
    synced.cycle()
    mirror, held = synced.mirror(), synced.held()

    for system in (SalesforceSystem, HubSpotSystem):
        monkeypatch.setattr(system, "changed", lambda self, name, *_: iter(kept[self.name, name]))
    batches = synced.step(Step.PULL_UPDATES, "pull:late", "backfill", window)
    assert sum(batch.counts["updated"] + batch.counts["new"] for batch in batches) == 0
    assert synced.mirror() == mirror
    monkeypatch.undo()
    synced.cycle()
    assert synced.held() == held


def keep_and_replay(monkeypatch, system, kept):
    original = system.changed

    def changed(self, name, *rest):
        kept[self.name, name] = list(original(self, name, *rest))
        return iter(kept[self.name, name])

    monkeypatch.setattr(system, "changed", changed)
