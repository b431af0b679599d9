"""A system that refused us altogether is asked once per run until it answers well or a person clears it (HS-01, HS-03)."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from lockstep.decisions import Decision, DecisionKind
from lockstep.errors import (
    AccessError,
    AuthenticationError,
    FatalError,
    LockstepError,
    QuotaExhausted,
    Suspended,
    VendorQuotaExhausted,
    VendorUnavailable,
)
from lockstep.steps.controls import obey_controls
from lockstep.store import Store, budget, decisions, suspensions
from lockstep.store.budget import Health, StoreMeter

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Allocation:
    allocation: Mapping[str, int] = field(default_factory=dict)


def meter(
    store: Store, run_id: str, meanwhile: Callable[[float], None] = lambda _seconds: None, **allocation: int
) -> StoreMeter:
    """`meanwhile`: what happens while it waits."""
    return StoreMeter(store, Allocation(allocation), run_id=run_id, limits={}, clock=NOW.timestamp, sleep=meanwhile)


def suspend(store: Store, error: LockstepError, run_id: str = "run-1", at: datetime = NOW) -> None:
    state = suspensions.state_of(error)
    assert state
    with store.writing() as tx:
        suspensions.suspend(tx, "salesforce", state, error.message, run_id, at)


def health(store: Store) -> Health:
    with store.reading() as tx:
        return budget.health(tx)["salesforce"]


def decide(store: Store, kind: DecisionKind, value: str | None = None) -> Decision:
    with store.writing() as tx:
        one = decisions.record(tx, Decision(kind, "ann", NOW, system="salesforce", value=value))
        obey_controls(tx, "run-9")
        return decisions.get(tx, [one])[0]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (VendorQuotaExhausted("used up"), "api_limit_exceeded"),
        (AuthenticationError("refused"), "api_access_disabled"),
        (AccessError("Salesforce denies access (API_DISABLED_FOR_ORG)."), "api_access_disabled"),
        (AccessError("Salesforce does not show the object Lead"), "object_permissions"),
        (QuotaExhausted("our own allocation"), None),
        (VendorUnavailable("down"), None),
        (FatalError("unexpected KeyError; see the task's log", code="internal"), "unknown_error"),
        (Suspended("told before"), None),
    ],
)
def test_what_suspends_a_system(error: LockstepError, state: str | None) -> None:
    assert suspensions.state_of(error) == state


def test_the_run_that_was_refused_calls_no_more_and_the_next_one_asks_once(store: Store) -> None:
    suspend(store, AuthenticationError("The user has no API access."))
    with pytest.raises(Suspended, match=r"api_access_disabled.*no API access"):
        meter(store, "run-1").acquire("salesforce", "api")
    meter(store, "run-1").acquire("hubspot", "ten_secondly")
    asking = meter(store, "run-2")
    asking.acquire("salesforce", "login")
    asking.record("salesforce", "login", 200, 1.0, None)
    asking.acquire("salesforce", "api")
    asking.record("salesforce", "api", 401, 1.0, None)
    with pytest.raises(Suspended):
        meter(store, "run-2").acquire("salesforce", "api")
    assert health(store).suspended == "api_access_disabled"


@pytest.mark.parametrize(("status", "told"), [(401, Suspended), (200, None)])
def test_other_calls_of_the_run_that_asks_wait_for_the_answer(
    store: Store, status: int, told: type[Suspended] | None
) -> None:
    suspend(store, AuthenticationError("refused"))
    asking = meter(store, "run-2")
    asking.acquire("salesforce", "api")
    waits = iter([lambda: None, lambda: asking.record("salesforce", "api", status, 1.0, None)])
    waiting = meter(store, "run-2", lambda _seconds: next(waits)())
    with pytest.raises(told) if told else nullcontext():
        waiting.acquire("salesforce", "api")
    assert next(waits, None) is None


@pytest.mark.parametrize("status", [0, 503])
def test_who_got_no_answer_asks_again(store: Store, status: int) -> None:
    suspend(store, AuthenticationError("refused"))
    asking = meter(store, "run-2")
    asking.acquire("salesforce", "api")
    asking.record("salesforce", "api", status, 1.0, None)
    asking.acquire("salesforce", "api")
    assert health(store).probed_at == NOW


def test_the_question_of_a_task_that_was_killed_is_asked_by_the_next(store: Store) -> None:
    suspend(store, AuthenticationError("refused"))
    now = [NOW]
    killed, next_one = (
        StoreMeter(store, Allocation(), run_id="run-2", limits={}, clock=lambda: now[0].timestamp(), sleep=passing(now))
        for _ in range(2)
    )
    killed.acquire("salesforce", "api")
    next_one.acquire("salesforce", "api")
    assert now[0] - NOW > suspensions.ANSWERED_WITHIN
    assert health(store).probed_at == now[0]


def passing(now: list[datetime]) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        now[0] += timedelta(seconds=seconds)

    return sleep


def test_a_call_that_our_own_allocation_forbids_asks_nothing(store: Store) -> None:
    suspend(store, AuthenticationError("refused"))
    with pytest.raises(QuotaExhausted):
        meter(store, "run-2", salesforce=0).acquire("salesforce", "api")
    meter(store, "run-2").acquire("salesforce", "api")


def test_a_good_answer_ends_a_suspension(store: Store) -> None:
    suspend(store, AuthenticationError("refused"))
    asking = meter(store, "run-2")
    asking.acquire("salesforce", "api")
    asking.record("salesforce", "api", 200, 1.0, None)
    meter(store, "run-1").acquire("salesforce", "api")
    assert (health(store).suspended, health(store).suspended_at, health(store).probed_by) == (None, None, None)


def test_a_quota_that_is_used_up_stops_the_run_as_a_quota_does(store: Store) -> None:
    suspend(store, VendorQuotaExhausted("used up"))
    with pytest.raises(QuotaExhausted):
        meter(store, "run-1").acquire("salesforce", "api")


def test_missing_rights_on_an_object_stop_nothing_and_are_shown_until_a_schema_is_read(store: Store) -> None:
    suspend(store, AccessError("Salesforce does not show the object Lead"))
    one = meter(store, "run-1")
    one.acquire("salesforce", "api")
    one.record("salesforce", "api", 200, 1.0, None)
    assert health(store).suspended == "object_permissions"
    with store.writing() as tx:
        suspensions.described_well(tx, "salesforce")
    assert health(store).suspended is None


def test_what_is_unknown_is_shown_and_hides_no_refusal(store: Store) -> None:
    unknown = FatalError("unexpected KeyError; see the task's log", code="internal")
    suspend(store, unknown)
    meter(store, "run-1").acquire("salesforce", "api")
    assert health(store).suspended == "unknown_error"
    suspend(store, AuthenticationError("refused"))
    suspend(store, unknown, "run-2")
    assert (health(store).suspended, health(store).suspended_words) == ("api_access_disabled", "refused")


def test_a_suspension_tells_since_when_it_lasts(store: Store) -> None:
    suspend(store, AuthenticationError("first"))
    suspend(store, AuthenticationError("second"), "run-2", NOW.replace(hour=13))
    assert (health(store).suspended_at, health(store).suspended_words) == (NOW, "second")


def test_a_person_clears_a_suspension(store: Store) -> None:
    suspend(store, AuthenticationError("refused"))
    assert decide(store, DecisionKind.CLEAR_SUSPENSION).result == "cleared"
    meter(store, "run-1").acquire("salesforce", "api")
    assert decide(store, DecisionKind.CLEAR_SUSPENSION).result == "it was not suspended"


def test_a_person_allots_calls_instead_of_the_setting(store: Store) -> None:
    one = meter(store, "run-1", salesforce=1)
    one.acquire("salesforce", "api")
    one.record("salesforce", "api", 200, 1.0, None)
    with pytest.raises(QuotaExhausted, match="1 of 1"):
        one.acquire("salesforce", "api")
    assert decide(store, DecisionKind.ALLOCATION, "2").result == "2 calls per 24 hours"
    one.acquire("salesforce", "api")
    decide(store, DecisionKind.ALLOCATION, "0")
    with pytest.raises(QuotaExhausted, match="1 of 0"):
        one.acquire("salesforce", "api")
