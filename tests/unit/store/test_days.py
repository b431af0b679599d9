"""Days that are kept tell the same as the batches themselves, whatever becomes of these later."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from lockstep.model import BatchStatus, Operation, Step, Window
from lockstep.store import Store, ledger, retention
from lockstep.store import tables as t
from lockstep.store.ledger import BatchFilter, Tally, days

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
START = datetime(2026, 3, 5, tzinfo=UTC)
DONE = datetime(2026, 3, 9, tzinfo=UTC)
#: hours after START, object, how it ended; the last of a day and the first of the next are there
BATCHES = (
    (0, "contacts", {"read": 3, "new": 3}),
    (23.9, "deals", {"read": 2, "failed": 2}),
    (24, "contacts", {}),
    (49, "contacts", {"read": 1, "updated": 1, "fields_failed": 1}),
    (96, "deals", {"read": 5, "updated": 5}),
    (131, "contacts", {"read": 7, "new": 7}),
)


@pytest.fixture
def history(store: Store) -> Iterator[Store]:
    with time_machine.travel(NOW, tick=False) as clock:
        with store.writing() as tx:
            ledger.open_run(tx, "run", Step.PUSH_UPDATES, "scheduled", Window(None, NOW), "hash")
        for hours, name, counts in BATCHES:
            clock.move_to(START + timedelta(hours=hours))
            with store.writing() as tx:
                one = ledger.open_batch(tx, "run", "hubspot", name, Operation.PUSH_UPDATES)
                ledger.add_counts(tx, one, **counts)
                ledger.close_batch(tx, one)
        clock.move_to(NOW)
        yield store


def keep(store: Store, at_most: int = 100) -> int:
    with store.writing() as tx:
        return days.keep(tx, at_most)


def kept(store: Store) -> list[int]:
    with store.reading() as tx:
        return [day.day for day in days.kept(tx)]


def tallies(store: Store) -> list[Tally]:
    """Of every stretch of time and object."""
    times = [None, *(START + timedelta(hours=hours) for hours in (0, 12, 24, 25, 48, 96, 120, 132))]
    chosen = itertools.product(times, times, ((), ("deals",)))
    with store.reading() as tx:
        return [ledger.tally(tx, BatchFilter(date_from=a, date_to=b, objects=some)) for a, b, some in chosen]


def test_kept_days_tell_the_same_as_the_batches(history: Store) -> None:
    before = tallies(history)
    assert (keep(history, 3), keep(history, 3), keep(history, 3)) == (3, 1, 0)
    assert kept(history) == [5, 6, 7, 9]
    assert tallies(history) == before
    with history.reading() as tx:
        whole = ledger.tally(tx, BatchFilter())
    assert (whole.of().batches, whole.of(worked=True).batches, whole.of(("incomplete",)).batches) == (6, 5, 2)
    assert whole.of().counts["read"] == 18


def test_a_batch_that_is_opened_again_makes_its_day_forgotten(history: Store) -> None:
    keep(history)
    with history.writing() as tx:
        (one,) = (each.id for each in ledger.batches(tx, "run") if each.started_at == DONE)
        ledger.reopen_batch(tx, one)
        ledger.add_counts(tx, one, read=1, updated=1)
    assert (kept(history), keep(history)) == ([5, 6, 7], 0)
    with history.writing() as tx:
        ledger.close_batch(tx, one, BatchStatus.SUCCEEDED)
    assert keep(history) == 1
    with history.reading() as tx:
        assert ledger.tally(tx, BatchFilter(date_from=DONE, date_to=DONE + days.DAY)).of().counts["read"] == 6


def test_deleted_batches_are_told_no_more(history: Store) -> None:
    keep(history)
    with history.writing() as tx:
        assert retention.batches(tx, START + timedelta(hours=30)) == 3
    assert kept(history) == [7, 9]
    with history.reading() as tx:
        assert (
            ledger.tally(tx, BatchFilter()).of().batches
            == tx.execute(select(func.count()).select_from(t.batch)).scalar_one()
            == 3
        )


def test_today_and_yesterday_evening_are_not_kept(history: Store) -> None:
    with time_machine.travel(DONE + timedelta(hours=24 + 5), tick=False):
        keep(history)
    assert kept(history) == [5, 6, 7]
