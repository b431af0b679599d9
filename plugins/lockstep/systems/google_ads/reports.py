"""Reports of Google Ads, by GAQL: traffic, network conversions, clicks, and how uploads fared (AT-05, GA-26).

Metrics that are segmented by conversion action cannot be asked for together with clicks and cost; `click_view` takes one day a
query, of the last 90; an account that manages others has no metrics of its own.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from lockstep.conversions.reports import Clicked, Counted, Diagnosis, Traffic
from lockstep.systems.google_ads.reads import AdsReader

_CLIENT, _ACTION = "offline_conversion_upload_client_summary", "offline_conversion_upload_conversion_action_summary"
_SUMMARY = ("client", "status", "total_event_count", "successful_event_count", "pending_event_count",
            "last_upload_date_time", "daily_summaries", "alerts")  # fmt: skip


class GoogleAdsReports:
    """Implements `systems.ads_reports.AdsReports`."""

    def __init__(self, reader: AdsReader):
        self._reader = reader

    def below(self, customer: str) -> list[str]:
        query = (
            "SELECT customer_client.id, customer_client.manager, customer_client.status FROM customer_client"
            " WHERE customer_client.status = 'ENABLED' AND customer_client.manager = FALSE"
        )
        return sorted(str(row.customer_client.id) for row in self._reader.rows(customer, query))

    def traffic(self, customer: str, first: date, last: date) -> Iterator[Traffic]:
        query = (
            "SELECT campaign.id, campaign.name, segments.date, metrics.clicks, metrics.impressions, metrics.cost_micros"
            f" FROM campaign WHERE segments.date BETWEEN '{first}' AND '{last}'"
        )
        for row in self._reader.rows(customer, query):
            found = row.metrics
            yield Traffic(
                str(row.campaign.id), row.campaign.name, _day(row), found.clicks, found.impressions, found.cost_micros
            )

    def counted(self, customer: str, first: date, last: date) -> Iterator[Counted]:
        query = (
            "SELECT campaign.id, segments.date, segments.conversion_action, metrics.all_conversions,"
            " metrics.conversions, metrics.all_conversions_value, metrics.all_conversions_by_conversion_date"
            f" FROM campaign WHERE segments.date BETWEEN '{first}' AND '{last}'"
        )
        for row in self._reader.rows(customer, query):
            found = row.metrics
            yield Counted(
                str(row.campaign.id),
                _day(row),
                row.segments.conversion_action.rpartition("/")[2],
                _decimal(found.all_conversions),
                _decimal(found.conversions),
                _decimal(found.all_conversions_value),
                _decimal(found.all_conversions_by_conversion_date),
            )

    def clicked(self, customer: str, day: date) -> Iterator[Clicked]:
        query = f"SELECT click_view.gclid, campaign.id, segments.date FROM click_view WHERE segments.date = '{day}'"
        for row in self._reader.rows(customer, query):
            yield Clicked(row.click_view.gclid, str(row.campaign.id), _day(row))

    def diagnoses(self, customer: str) -> list[Diagnosis]:
        zone = ZoneInfo(
            next(iter(self._reader.rows(customer, "SELECT customer.time_zone FROM customer"))).customer.time_zone
        )
        found = [_diagnosis(getattr(row, _CLIENT), "", zone) for row in self._summaries(customer, _CLIENT)]
        for row in self._summaries(customer, _ACTION, "conversion_action_id"):
            one = getattr(row, _ACTION)
            found.append(_diagnosis(one, str(one.conversion_action_id), zone))
        return found

    def _summaries(self, customer: str, resource: str, *more: str) -> Iterator[Any]:
        fields = ", ".join(f"{resource}.{name}" for name in (*_SUMMARY, *more))
        return self._reader.rows(customer, f"SELECT {fields} FROM {resource}")


def _day(row: Any) -> date:
    return date.fromisoformat(row.segments.date)


def _decimal(number: float) -> Decimal:
    """Google's doubles, as it shows them: with at most six digits after the point."""
    return Decimal(str(round(number, 6)))


def _diagnosis(one: Any, action: str, zone: ZoneInfo) -> Diagnosis:
    last = one.last_upload_date_time
    return Diagnosis(
        client=one.client.name,
        action=action,
        status=one.status.name,
        total=one.total_event_count,
        successful=one.successful_event_count,
        pending=one.pending_event_count,
        last_upload=datetime.fromisoformat(last).replace(tzinfo=zone).astimezone(UTC) if last else None,
        alerts={_error(alert.error): alert.error_percentage for alert in one.alerts},
        daily={
            day.upload_date: (day.successful_count, day.failed_count, day.pending_count) for day in one.daily_summaries
        },
    )


def _error(error: Any) -> str:
    """Google's name of the error, whichever of its enums it is of."""
    kind = type(error).pb(error).WhichOneof("error_code")
    return str(getattr(error, kind).name) if kind else "UNKNOWN"
