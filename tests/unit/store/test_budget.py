"""All tasks together keep to the vendors' windows and to our allocation."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.errors import QuotaExhausted
from lockstep.model import Usage
from lockstep.store import Store, budget
from lockstep.store.budget import StoreMeter

LIMITS = {("hubspot", "search"): (5, 1.0)}


@dataclass
class Time:
    """A clock that only moves when somebody sleeps."""

    now: float = 1_772_366_400.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass(frozen=True)
class Allocation:
    allocation: Mapping[str, int]


Make = Callable[..., StoreMeter]


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def meter(store: Store, clock: Time) -> Make:
    def make(share: float = 1.0, **allocation: int) -> StoreMeter:
        return StoreMeter(
            store, Allocation(allocation), share=share, limits=LIMITS, clock=lambda: clock.now, sleep=clock.sleep
        )

    return make


def test_two_tasks_share_one_window(meter: Make, clock: Time) -> None:
    one, other = meter(), meter()
    began = clock.now
    for task in (one, other, one, other, one):
        task.acquire("hubspot", "search")
    assert clock.slept == []
    other.acquire("hubspot", "search")
    assert clock.now == pytest.approx(began + 1)


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(1, 7)), max_size=30))
def test_no_window_holds_more_calls_than_allowed(arrivals: list[tuple[float, int]]) -> None:
    slots: list[float] = []
    now = 0.0
    for pause, calls in arrivals:
        now += pause
        for _ in range(calls):
            slots.append(budget._next(slots, (5, 1.0), now))
    assert slots == sorted(slots)
    assert all(later - earlier >= 1.0 - 1e-9 for earlier, later in zip(slots, slots[5:], strict=False))


def test_buckets_without_a_limit_never_wait(meter: Make, clock: Time) -> None:
    for _ in range(20):
        meter().acquire("salesforce", "api")
    assert clock.slept == []


def test_a_429_makes_everybody_pause(meter: Make, clock: Time) -> None:
    meter().record("hubspot", "search", 429, 3.0, None)
    meter().acquire("hubspot", "search")
    assert clock.slept == [pytest.approx(1.0)]


def test_the_allocation_is_of_the_last_24_hours_and_shared(store: Store, meter: Make, clock: Time) -> None:
    pull, push = meter(share=0.5, hubspot=4), meter(hubspot=4)
    for _ in range(2):
        pull.acquire("hubspot", "api")
        pull.record("hubspot", "api", 200, 1.0, None)
    with pytest.raises(QuotaExhausted, match="2 of 4 allocated calls to hubspot .* 50%"):
        pull.acquire("hubspot", "api")
    push.acquire("hubspot", "api", calls=2)
    with pytest.raises(QuotaExhausted):
        push.acquire("hubspot", "api", calls=3)
    clock.now += 86_400
    pull.acquire("hubspot", "api")
    assert (pull.calls, push.calls) == (2, 0)
    with store.reading() as tx:
        assert budget.spent(tx, "salesforce", datetime.fromtimestamp(clock.now, UTC)) == 0


def test_the_vendors_word_is_believed_for_a_while(store: Store, meter: Make, clock: Time) -> None:
    task = meter()
    task.record("salesforce", "api", 403, 1.0, Usage(100, 100))
    with pytest.raises(QuotaExhausted, match="salesforce says that 100 of its 100"):
        task.acquire("salesforce", "api")
    clock.now += 901
    task.acquire("salesforce", "api")
    task.record("salesforce", "api", 200, 1.0, None)
    with store.reading() as tx:
        told = budget.health(tx)["salesforce"]
    assert (told.usage, told.status) == (Usage(100, 100), 200)
    assert told.answered_at is not None
    assert told.told_at is not None
    assert told.answered_at > told.told_at


def test_calls_of_concurrent_tasks_are_all_counted(store: Store, meter: Make, clock: Time) -> None:
    tasks = [meter() for _ in range(4)]

    def work(task: StoreMeter) -> None:
        for _ in range(5):
            task.record("hubspot", "api", 200, 1.0, None)

    threads = [threading.Thread(target=work, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as tx:
        assert budget.spent(tx, "hubspot", datetime.fromtimestamp(clock.now, UTC)) == 20
