"""The Data Manager API's uploads: a request is taken whole or not at all, and its verdict comes later, in numbers (GA-27).

A request that is refused names the wrong rows in its field violations; these are left out and the rest is sent again. Where
Google does not say which rows are wrong, the request is halved until it is known.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from google.ads import datamanager_v1 as api

from lockstep.systems.ads import ClickConversion, RowError, Sent, Settled
from lockstep.systems.base import parts
from lockstep.systems.google_ads.calls import AdsRefused, Caller, Failure

INGEST, STATUS = "ingest", "status"
_PEOPLE = {"email": "email_address", "phone": "phone_number"}
_FORGOTTEN = {"REQUEST_TOO_OLD", "INVALID_REQUEST_ID", "NOT_FOUND"}
_PREFIX = "PROCESSING_ERROR_REASON_"


class DataManagerUploader:
    """Implements `base.Uploader`. `client`: makes the IngestionServiceClient. `login`: the manager's account, if any."""

    def __init__(self, call: Caller, client: Callable[[], Any], login: str | None, now: Callable[[], datetime]):
        self._call, self._client, self._login, self._now = call, client, login, now

    def upload(self, account: str, rows: Sequence[ClickConversion], validate_only: bool = False) -> Sent:
        left, errors, repeated = list(range(len(rows))), dict[int, RowError](), False
        while left:
            try:
                request = self._request(account, [rows[at] for at in left], validate_only)
                answer = self._call(INGEST, self._client().ingest_events, request=request)
                return Sent(errors, answer.request_id, repeated or self._call.repeated)
            except AdsRefused as refused:
                repeated = repeated or self._call.repeated
                wrong = self._wrong(account, rows, left, refused.failures, validate_only)
                errors |= wrong
                left = [at for at in left if at not in wrong]
        return Sent(errors, None, repeated)

    def _wrong(
        self, account: str, rows: Sequence[ClickConversion], left: list[int], found: list[Failure], validate_only: bool
    ) -> dict[int, RowError]:
        """Which of the rows are to blame; at least one."""
        wrong = {left[one.row]: _error(one) for one in found if one.row is not None and one.row < len(left)}
        for one in found:
            if one.place.startswith("destinations.") or one.place.startswith("destinations["):
                wrong |= {at: _error(one) for at in self._of_destination(rows, left, one)}
        if wrong:
            return wrong
        if len(left) == 1:
            return {left[0]: _error(found[0])}
        return self._bisected(account, rows, left)

    def _of_destination(self, rows: Sequence[ClickConversion], left: list[int], one: Failure) -> list[int]:
        place = one.place.rpartition("[")[2].partition("]")[0]
        actions = sorted({rows[at].action for at in left})
        return [
            at
            for at in left
            if place.isdigit() and int(place) < len(actions) and rows[at].action == actions[int(place)]
        ]

    def _bisected(self, account: str, rows: Sequence[ClickConversion], left: list[int]) -> dict[int, RowError]:
        """Find the wrong rows by asking for halves, which keep nothing."""
        wrong: dict[int, RowError] = {}
        for half in parts(left, (len(left) + 1) // 2):
            sent = self.upload(account, [rows[at] for at in half], validate_only=True)
            wrong |= {half[at]: error for at, error in sent.errors.items()}
        # wrong together, right alone: let all wait rather than ask for ever
        return wrong or dict.fromkeys(
            left, RowError("INTERNAL_ERROR", "Google refuses the request, but each half of it is right.")
        )

    def verdict(self, request_id: str) -> Mapping[str, Settled] | None:
        try:
            answer = self._call(STATUS, self._client().retrieve_request_status, request={"request_id": request_id})
        except AdsRefused as refused:
            if refused.failures[0].name in _FORGOTTEN:
                raise KeyError(request_id) from None
            raise
        statuses = list(answer.request_status_per_destination)
        if not statuses or any(one.request_status.name in ("PROCESSING", "REQUEST_STATUS_UNKNOWN") for one in statuses):
            return None
        return {one.destination.product_destination_id: _settled(one) for one in statuses}

    def _request(self, account: str, rows: Sequence[ClickConversion], validate_only: bool) -> Any:
        operating = {"account_type": "GOOGLE_ADS", "account_id": account}
        login = {"login_account": {"account_type": "GOOGLE_ADS", "account_id": self._login}} if self._login else {}
        destinations = [
            {"reference": action, "operating_account": operating, "product_destination_id": action, **login}
            for action in sorted({row.action for row in rows})
        ]
        return api.IngestEventsRequest(
            destinations=destinations,
            events=[self._event(row) for row in rows],
            validate_only=validate_only,
            encoding=api.Encoding.HEX,
        )

    def _event(self, row: ClickConversion) -> Any:
        values: dict[str, Any] = {
            "destination_references": [row.action],
            "transaction_id": row.order_id,
            "event_timestamp": row.at.astimezone(UTC),
            "event_source": "WEB",
        }
        if row.click:
            values["ad_identifiers"] = {row.click[0]: row.click[1]}
        if row.people:
            people = [{_PEOPLE[kind]: value} for kind, value in row.people]
            values["user_data"] = {"user_identifiers": people}
        if row.value is not None:
            values |= {"conversion_value": row.value, **({"currency": row.currency} if row.currency else {})}
        if row.consent:
            values["consent"] = {signal: f"CONSENT_{answer.upper()}" for signal, answer in row.consent.items()}
        if row.restates:
            values["last_updated_timestamp"] = self._now().astimezone(UTC)
        return api.Event(values)


def _error(one: Failure) -> RowError:
    return RowError(one.name, one.message)


def _settled(one: Any) -> Settled:
    counts = one.error_info.error_counts if one.error_info else ()
    reasons = {found.reason.name.removeprefix(_PREFIX): int(found.record_count) for found in counts}
    return Settled(int(one.events_ingestion_status.record_count), reasons)
