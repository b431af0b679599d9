"""The offline conversion upload summaries: how uploads went, per client, per conversion action, per day and per job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from sandbox.google_ads import dates
from sandbox.google_ads.errors import ADJUST, UPLOAD
from sandbox.google_ads.state import Customer, State, UploadedRow

RECENT = timedelta(days=28)
ALERT_KINDS = {
    UPLOAD: "conversion_upload_error", ADJUST: "conversion_adjustment_upload_error", "date_error": "date_error",
    "collection_size_error": "collection_size_error", "field_error": "field_error", "mutate_error": "mutate_error",
    "not_allowlisted_error": "not_allowlisted_error", "string_format_error": "string_format_error",
    "string_length_error": "string_length_error",
}  # fmt: skip
GOOD_RATE = 0.9
"""A success rate from here on is GOOD; without any failure it is EXCELLENT. Google does not publish its bounds."""


def summary_rows(state: State, customer: Customer, by_action: bool) -> Iterator[dict[str, Any]]:
    """The summary rows of the account whose uploads these are."""
    groups: dict[tuple[str, str | None], list[UploadedRow]] = {}
    for row in state.uploads:
        if row.customer == customer.id and (row.action or not by_action):
            groups.setdefault((row.source, row.action if by_action else None), []).append(row)
    for (source, action), rows in groups.items():
        yield _Summary(state, customer, rows).row(source, action)


class _Summary:
    def __init__(self, state: State, customer: Customer, rows: list[UploadedRow]) -> None:
        self.state, self.customer = state, customer
        self.rows = [row for row in rows if state.now() - row.at <= RECENT]
        self.last = max(row.at for row in rows)
        self.pending_since = state.now() - timedelta(seconds=float(state.settings["report_lag_seconds"]))

    def row(self, source: str, action: str | None) -> dict[str, Any]:
        kind = "conversion_action_" if action else "client_"
        name = f"offline_conversion_upload_{kind}summary"
        counts = self._counts(self.rows)
        fields: dict[str, Any] = {
            "resource_name": self._resource(source, action),
            "client": source,
            "status": self._status(counts),
            "total_event_count": len(self.rows),
            "successful_event_count": counts["successful"],
            "pending_event_count": counts["pending"],
            "last_upload_date_time": dates.local(self.last, self.customer.zone),
            "daily_summaries": self._split(
                lambda row: row.at.astimezone(self.customer.zone).date().isoformat(), "upload_date"
            ),
            "job_summaries": self._split(lambda row: row.job_id, "job_id"),
            "alerts": self._alerts(),
        }
        if action:
            fields |= {"conversion_action_id": int(action), "conversion_action_name": self.state.actions[action].name}
        else:
            total = len(self.rows) or 1
            fields |= {"success_rate": counts["successful"] / total, "pending_rate": counts["pending"] / total}
        return {f"{name}.{field}": value for field, value in fields.items()}

    def _resource(self, source: str, action: str | None) -> str:
        if action:
            return f"customers/{self.customer.id}/offlineConversionUploadConversionActionSummaries/{action}~{source}"
        return f"customers/{self.customer.id}/offlineConversionUploadClientSummaries/{source}"

    def _counts(self, rows: Iterable[UploadedRow]) -> Counter[str]:
        return Counter(
            "failed" if row.error else "pending" if row.at > self.pending_since else "successful" for row in rows
        )

    def _status(self, counts: Counter[str]) -> str:
        if not self.rows:
            return "NO_RECENT_UPLOAD"
        rate = 1 - counts["failed"] / len(self.rows)
        return "EXCELLENT" if rate == 1 else "GOOD" if rate >= GOOD_RATE else "NEEDS_ATTENTION"

    def _split(self, key: Callable[[UploadedRow], Any], field: str) -> list[dict[str, Any]]:
        groups: dict[Any, list[UploadedRow]] = {}
        for row in self.rows:
            groups.setdefault(key(row), []).append(row)
        out = []
        for value, rows in groups.items():
            counts = self._counts(rows)
            out.append({f"{name}_count": counts[name] for name in ("successful", "failed", "pending")} | {field: value})
        return out

    def _alerts(self) -> list[dict[str, Any]]:
        """Each error with its share of all rows; kinds that alerts cannot name are left out."""
        errors = Counter(row.error for row in self.rows if row.error and row.error[0] in ALERT_KINDS)
        return [
            {"error": {ALERT_KINDS[found[0]]: found[1]}, "error_percentage": count / len(self.rows)}
            for found, count in errors.most_common()
        ]
