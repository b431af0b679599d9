"""Who may call what: access tokens, the login customer, the project's approval and its quota."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.google_ads.errors import Refusal, error
from sandbox.google_ads.oauth import Tokens
from sandbox.google_ads.settings import ADS_SCOPE
from sandbox.google_ads.state import Customer, State


@dataclass(frozen=True)
class Caller:
    """`login` is the login-customer-id of the call, None if it names none."""

    login: str | None


class Access:
    """Checks every call to the Google Ads API."""

    def __init__(self, state: State, tokens: Tokens) -> None:
        self.state, self.tokens = state, tokens
        self.operations: deque[tuple[datetime, int]] = deque()
        self.requests: deque[datetime] = deque()

    def caller(self, metadata: Mapping[str, str]) -> Caller:
        """Return who calls; Refusal if the token or a header is not valid."""
        problem = self.tokens.problem(metadata.get("authorization", ""), ADS_SCOPE)
        if problem == "scope":
            raise Refusal(
                error(
                    "authorization_error",
                    "SERVICE_ACCESS_DENIED",
                    text="Request had insufficient authentication scopes.",
                )
            )
        if problem:
            raise Refusal(error("authentication_error", problem))
        login = metadata.get("login-customer-id")
        if login is not None and not (login.isdigit() and len(login) == 10):
            raise Refusal(error("header_error", "INVALID_LOGIN_CUSTOMER_ID"))
        return Caller(login)

    def customer(self, customer_id: str, caller: Caller, changes: bool = False) -> Customer:
        """Return the account of a call; Refusal if the caller may not use it (or change it)."""
        if not (customer_id.isdigit() and len(customer_id) == 10):
            raise Refusal(error("request_error", "INVALID_CUSTOMER_ID", trigger=customer_id))
        found = self.state.customers.get(customer_id)
        if found is None:
            raise Refusal(error("authentication_error", "CUSTOMER_NOT_FOUND"))
        self._check_login(found, caller)
        if found.status in {"CANCELED", "CLOSED"}:
            raise Refusal(error("authorization_error", "CUSTOMER_NOT_ENABLED"))
        if found.status == "SUSPENDED" and changes:
            raise Refusal(error("authorization_error", "ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT"))
        if not self.state.settings["project_approved"] and not found.test_account:
            raise Refusal(error("authorization_error", "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION"))
        return found

    def _check_login(self, customer: Customer, caller: Caller) -> None:
        login = self.state.customers.get(caller.login or customer.id)
        if login is None or not self.state.reachable(login.id):
            raise Refusal(error("authorization_error", "USER_PERMISSION_DENIED"))
        if caller.login is None and not customer.accessible:
            raise Refusal(error("authorization_error", "USER_PERMISSION_DENIED"))
        if not self.state.descends(customer.id, login.id):
            raise Refusal(error("authorization_error", "INVALID_LOGIN_CUSTOMER_ID_SERVING_CUSTOMER_ID_COMBINATION"))

    # --- quota -------------------------------------------------------------------------------------------------------
    def charge(self, operations: int) -> None:
        """Count one request of so many operations; Refusal if the day's or the minute's quota does not allow it."""
        now, settings = self.state.now(), self.state.settings
        per_minute, per_day = settings["requests_per_minute"], settings["daily_operations"]
        while self.requests and self.requests[0] <= now - timedelta(minutes=1):
            self.requests.popleft()
        while self.operations and self.operations[0][0] <= now - timedelta(days=1):
            self.operations.popleft()
        if per_minute is not None and len(self.requests) >= per_minute:
            raise self._exhausted("RESOURCE_TEMPORARILY_EXHAUSTED")
        used = int(settings["used"]) + sum(count for _, count in self.operations)
        if per_day is not None and used + operations > per_day:
            raise self._exhausted("RESOURCE_EXHAUSTED")
        self.requests.append(now)
        self.operations.append((now, operations))

    def _exhausted(self, name: str) -> Refusal:
        seconds = float(self.state.settings["retry_delay_seconds"])
        found = error("quota_error", name)
        return Refusal(replace(found, message=found.message.format(seconds=int(seconds)), retry_seconds=seconds))
