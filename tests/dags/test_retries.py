"""Which errors Airflow tries again."""

from datetime import timedelta

import pytest
from airflow.sdk import RetryAction

from lockstep import errors
from lockstep_airflow.retries import EngineRetries, TriggerRetries


def decide(error, policy=EngineRetries):
    return policy().evaluate(error, 1, 3)


@pytest.mark.parametrize(
    "error",
    [errors.ConfigError, errors.AuthenticationError, errors.AccessError, errors.GuardTripped, errors.QuotaExhausted],
)
def test_what_trying_again_cannot_mend_fails_at_once(error):
    assert decide(error("no")).action is RetryAction.FAIL


def test_the_vendors_own_delay_is_kept():
    decision = decide(errors.RateLimited("slow down", retry_after=90))
    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, timedelta(seconds=90))


@pytest.mark.parametrize("error", [errors.VendorUnavailable("down"), errors.LeaseHeld("busy"), ValueError("bug")])
def test_anything_else_has_the_tasks_own_retries(error):
    assert decide(error).action is RetryAction.DEFAULT


def test_a_failed_step_is_not_started_again_by_its_trigger():
    assert decide(Exception("pull_updates failed with failed state failed"), TriggerRetries).action is RetryAction.FAIL
    assert decide(OSError("connection lost"), TriggerRetries).action is RetryAction.DEFAULT
