"""The Data Manager API: IngestEvents takes events whole or not at all, RetrieveRequestStatus tells later how they fared.

Processing is by the clock: what a request brought is settled as of the moment `processing_seconds` after it came.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.google_ads.arranged import REQUESTS, take
from sandbox.google_ads.data_manager_reading import EventReader, Violation
from sandbox.google_ads.matching import Candidate
from sandbox.google_ads.oauth import Tokens
from sandbox.google_ads.protos import data_manager
from sandbox.google_ads.settings import DATA_MANAGER_SCOPE
from sandbox.google_ads.settling import settle
from sandbox.google_ads.state import Customer, State, UploadedRow

DOMAIN = "datamanager.googleapis.com"
CODES = {
    "PERMISSION_DENIED": "PERMISSION_DENIED", "RESOURCE_EXHAUSTED": "RESOURCE_EXHAUSTED", "NOT_FOUND": "NOT_FOUND",
    "INTERNAL_ERROR": "INTERNAL", "DEADLINE_EXCEEDED": "DEADLINE_EXCEEDED",
}  # fmt: skip
"""The gRPC codes of reasons that are not about the request's fields."""


class DataManagerRefused(Exception):
    """A whole request is refused: gRPC code, ErrorReason, text, and the fields that are wrong."""

    def __init__(self, code: str, reason: str, message: str, violations: list[Violation] | None = None) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.violations = code, reason, message, violations or []
        self.request_id = ""

    def status(self) -> Any:
        """Return the google.rpc.Status with its details: ErrorInfo, RequestInfo, and BadRequest if fields are wrong."""
        from google.rpc import code_pb2, error_details_pb2, status_pb2

        status = status_pb2.Status(code=code_pb2.Code.Value(self.code), message=self.message)
        status.details.add().Pack(error_details_pb2.ErrorInfo(reason=self.reason, domain=DOMAIN))
        if self.request_id:
            status.details.add().Pack(error_details_pb2.RequestInfo(request_id=self.request_id))
        if self.violations:
            bad = error_details_pb2.BadRequest()
            for found in self.violations:
                bad.field_violations.add(field=found.field, description=found.text, reason=found.reason)
            status.details.add().Pack(bad)
        return status


@dataclass
class Destination:
    """One destination of a request: its message (to be shown again), its account, and the findings per event once settled."""

    message: bytes
    customer: str
    candidates: list[Candidate]
    findings: Counter[str] = field(default_factory=Counter)


@dataclass
class Ingested:
    id: str
    at: datetime
    destinations: list[Destination]
    settled: bool = False


class DataManager:
    """The requests that came, and the rules for new ones."""

    def __init__(self, state: State, tokens: Tokens) -> None:
        self.state, self.tokens = state, tokens
        self.requests: dict[str, Ingested] = {}
        self.waiting: deque[Ingested] = deque()
        self.ingestions: deque[datetime] = deque()
        self.reads: deque[datetime] = deque()

    # --- the two methods ---------------------------------------------------------------------------------------------
    def ingest(self, body: Any, authorization: str) -> Any:
        """Answer IngestEvents; DataManagerRefused if anything about the request is wrong."""
        self._authorize(authorization)
        request_id = f"t-{self.state.next_id():016x}"
        try:
            self._charge(self.ingestions)
            self._check_arranged()
            destinations = self._destinations(body)
        except DataManagerRefused as refused:
            refused.request_id = request_id
            raise
        if not body.validate_only:
            ingested = Ingested(request_id, self.state.now(), destinations)
            self.requests[request_id] = ingested
            self.waiting.append(ingested)
        return data_manager("ingestion_service.IngestEventsResponse")(request_id=request_id)

    def status(self, body: Any, authorization: str) -> Any:
        """Answer RetrieveRequestStatus."""
        self._authorize(authorization)
        self._charge(self.reads)
        self.settle()
        if not body.request_id:
            raise self._bad(
                "REQUIRED_FIELD_MISSING",
                Violation("request_id", "REQUIRED_FIELD_MISSING", "Required field is missing."),
            )
        found = self.requests.get(body.request_id)
        if found is None:
            violation = Violation("request_id", "INVALID_REQUEST_ID", "The request ID is not valid.")
            raise self._bad("INVALID_REQUEST_ID", violation)
        if self.state.now() - found.at > timedelta(days=float(self.state.settings["status_days"])):
            raise self._bad("REQUEST_TOO_OLD", Violation("request_id", "REQUEST_TOO_OLD", "The request is too old."))
        response = data_manager("ingestion_service.RetrieveRequestStatusResponse")()
        for destination in found.destinations:
            _write_status(response.request_status_per_destination.add(), destination, found.settled)
        return response

    # --- checks ------------------------------------------------------------------------------------------------------
    def _authorize(self, header: str) -> None:
        problem = self.tokens.problem(header, DATA_MANAGER_SCOPE)
        if problem == "scope":
            text = "Request had insufficient authentication scopes."
            raise DataManagerRefused("PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", text)
        if problem:
            text = (
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
                "authentication credential."
            )
            raise DataManagerRefused(
                "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED" if "EXPIRED" in problem else "ACCESS_TOKEN_INVALID", text
            )

    def _charge(self, calls: deque[datetime]) -> None:
        """Count one call of its kind against the minute and the day."""
        now, settings = self.state.now(), self.state.settings
        while calls and calls[0] <= now - timedelta(days=1):
            calls.popleft()
        minute = sum(1 for at in calls if at > now - timedelta(minutes=1))
        too_many = minute >= settings["data_manager_requests_per_minute"]
        if too_many or len(calls) >= settings["data_manager_requests_per_day"]:
            raise DataManagerRefused("RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED", "Too many requests.")
        calls.append(now)

    def _bad(self, reason: str, *violations: Violation) -> DataManagerRefused:
        return DataManagerRefused("INVALID_ARGUMENT", reason, "There was a problem with the request.", list(violations))

    def _check_arranged(self) -> None:
        reason = take(self.state.settings, REQUESTS)
        if reason in CODES:
            raise DataManagerRefused(CODES[reason], reason, "There was a problem with the request.")
        if reason:
            place = self.state.settings["violation_field"].format(index=0)
            raise self._bad("INVALID_ARGUMENT", Violation(place, reason, reason.replace("_", " ").capitalize() + "."))

    def _destinations(self, body: Any) -> list[Destination]:
        reader = EventReader(self.state, body)
        violations = reader.problems()
        if not violations:
            self._check_access(reader.accounts())
            violations = reader.event_problems()
        if violations:
            raise self._bad("INVALID_ARGUMENT", *violations)
        return [
            Destination(target.message.SerializeToString(), target.customer.id, reader.candidates(target))
            for target in reader.targets
        ]

    def _check_access(self, accounts: list[tuple[Customer, str | None]]) -> None:
        for customer, login in accounts:
            reachable = self.state.reachable(customer.id) if login is None else self._through(customer, login)
            if not reachable:
                text = "The user does not have permission or the resource is not found."
                raise DataManagerRefused("PERMISSION_DENIED", "PERMISSION_DENIED", text)

    def _through(self, customer: Customer, login: str) -> bool:
        if login not in self.state.customers or not self.state.reachable(login):
            return False
        if not self.state.descends(customer.id, login):
            violation = Violation(
                "destinations",
                "OPERATING_ACCOUNT_LOGIN_ACCOUNT_MISMATCH",
                "The operating account is not below the login account.",
            )
            raise self._bad("OPERATING_ACCOUNT_LOGIN_ACCOUNT_MISMATCH", violation)
        return True

    # --- processing --------------------------------------------------------------------------------------------------
    def settle(self) -> None:
        """Process what is due by now, each request as of its own moment, in the order in which they came."""
        wait = timedelta(seconds=float(self.state.settings["processing_seconds"]))
        while self.waiting and self.waiting[0].at + wait <= self.state.now():
            request = self.waiting.popleft()
            for destination in request.destinations:
                self._settle(request, destination, request.at + wait)
            request.settled = True

    def _settle(self, request: Ingested, destination: Destination, at: datetime) -> None:
        seen: set[tuple[str, ...]] = set()
        for candidate in destination.candidates:
            reason = settle(self.state, candidate, at, candidate.key in seen)
            seen.add(candidate.key)
            destination.findings[reason or ""] += 1
            row = UploadedRow(
                destination.customer,
                candidate.action.id,
                candidate.source,
                0,
                at,
                ("processing_error", reason) if reason else None,
            )
            self.state.uploads.append(row)


def _write_status(target: Any, destination: Destination, settled: bool) -> None:
    kind = target.DESCRIPTOR.fields_by_name["request_status"].enum_type.values_by_name
    target.destination.MergeFromString(destination.message)
    target.events_ingestion_status.record_count = len(destination.candidates)
    if not settled:
        target.request_status = kind["PROCESSING"].number
        return
    good = destination.findings[""]
    bad = sum(destination.findings.values()) - good
    target.request_status = kind["SUCCESS" if not bad else "PARTIAL_SUCCESS" if good else "FAILED"].number
    for reason, count in sorted(destination.findings.items()):
        if reason:
            item = target.error_info.error_counts.add(record_count=count)
            item.reason = item.DESCRIPTOR.fields_by_name["reason"].enum_type.values_by_name[reason].number
