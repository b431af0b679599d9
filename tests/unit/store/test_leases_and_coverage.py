"""Leases change hands only when they expire; coverage moves forward only, and only without a hole."""

from datetime import UTC, datetime, timedelta

import pytest

from lockstep.errors import LeaseHeld
from lockstep.model import Step
from lockstep.store import Store, coverage, leases
from lockstep.store.coverage import Coverage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(minutes: int | None) -> datetime | None:
    return None if minutes is None else NOW + timedelta(minutes=minutes)


def acquire(store: Store, holder: str, minutes: int) -> int:
    with store.writing() as tx:
        return leases.acquire(tx, "people", holder, NOW + timedelta(minutes=minutes), ttl=600)


def check(store: Store, holder: str, epoch: int) -> None:
    with store.writing() as tx:
        leases.check(tx, "people", holder, epoch)


def test_a_holder_enters_again_and_prolongs(store: Store) -> None:
    assert acquire(store, "a", 0) == acquire(store, "a", 9) == 1
    with pytest.raises(LeaseHeld, match=r"run a, until 2026-03-01T12:19:00"):
        acquire(store, "b", 18)
    check(store, "a", 1)


def test_an_expired_lease_changes_hands_and_the_old_holder_finds_out(store: Store) -> None:
    epoch = acquire(store, "a", 0)
    assert acquire(store, "b", 10) == epoch + 1
    with pytest.raises(LeaseHeld, match="taken by run b"):
        check(store, "a", epoch)
    assert acquire(store, "a", 20) == epoch + 2
    with pytest.raises(LeaseHeld):
        check(store, "a", epoch)


def test_a_released_lease_is_free_and_keeps_its_epoch(store: Store) -> None:
    acquire(store, "a", 0)
    with store.writing() as tx:
        leases.acquire(tx, "deals", "a", NOW, ttl=600)
        leases.release(tx, "a")
        assert leases.acquire(tx, "deals", "c", NOW, ttl=600) == 2
    assert acquire(store, "b", 1) == 2


@pytest.mark.parametrize(
    ("held", "joins_from", "covered_to", "moved"),
    [
        (None, None, 10, True),  # a full load
        (None, 5, 10, False),  # nothing before it was read
        (10, 10, 20, True),
        (10, 8, 20, True),  # overlaps
        (10, 11, 20, False),  # leaves a hole
        (10, 5, 9, False),  # backwards
        (10, None, 20, True),  # a full load again
    ],
)
def test_coverage_moves_forward_without_a_hole(
    store: Store, held: int | None, joins_from: int | None, covered_to: int, moved: bool
) -> None:
    place = (Step.PULL_UPDATES, "hubspot", "contacts")
    with store.writing() as tx:
        if held is not None:
            coverage.advance(tx, *place, covered_to=at(held), cursor=None, joins_from=None)
        done = coverage.advance(tx, *place, covered_to=at(covered_to), cursor="k", joins_from=at(joins_from))
        expected = Coverage(at(covered_to), "k") if moved else Coverage(at(held), None) if held else None
        assert (done, coverage.get(tx, *place)) == (moved, expected)


def test_a_full_load_that_stops_early_keeps_its_place_and_covers_nothing(store: Store) -> None:
    place = (Step.PULL_UPDATES, "hubspot", "contacts")
    with store.writing() as tx:
        assert coverage.advance(tx, *place, covered_to=None, cursor="page 2", joins_from=None)
        assert coverage.get(tx, *place) == Coverage(None, "page 2")
        assert not coverage.advance(tx, *place, covered_to=at(9), cursor=None, joins_from=at(0))
        assert coverage.advance(tx, *place, covered_to=at(9), cursor=None, joins_from=None)
        assert coverage.get(tx, *place) == Coverage(at(9), None)
        assert not coverage.advance(tx, *place, covered_to=None, cursor="page 1", joins_from=None)
