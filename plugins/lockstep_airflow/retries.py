"""Which failures Airflow tries again, and when: the engine's error tree decides."""

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk import RetryDecision, RetryPolicy

from lockstep.errors import FatalError, QuotaExhausted, RetriableError

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class EngineRetries(RetryPolicy):
    """Fatal errors fail at once. Retriable ones wait as long as the vendor asks. Anything else: the task's own retries."""

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: "Context | None" = None
    ) -> RetryDecision:
        if isinstance(exception, (FatalError, QuotaExhausted)):
            return RetryDecision.fail(f"{exception.code}: trying again cannot help")
        if isinstance(exception, RetriableError) and exception.retry_after is not None:
            wait = timedelta(seconds=max(1.0, exception.retry_after))
            return RetryDecision.retry(wait, f"{exception.code}: the vendor asks to wait {wait}")
        return RetryDecision.default()

    def serialize(self) -> dict[str, str]:
        return {}

    @classmethod
    def deserialize(cls, data: dict[str, str]) -> "EngineRetries":
        return cls()


class TriggerRetries(EngineRetries):
    """A trigger whose step failed is not repeated by itself: the step has had its own retries."""

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: "Context | None" = None
    ) -> RetryDecision:
        if "failed with failed state" in str(exception):
            return RetryDecision.fail("the step failed; its own tasks were retried")
        return super().evaluate(exception, try_number, max_tries, context)
