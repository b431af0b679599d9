"""Network metrics of campaigns and accounts: impressions, clicks and cost per day, and conversions on the day of their click.

Conversions count on the click's date in the account's own zone; the `…_by_conversion_date` metrics on the conversion's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from sandbox.google_ads.state import Conversion, Customer, State
from sandbox.google_ads.tables import Row, action_name, campaign_row, customer_row

DAYS = 400
DATE_SEGMENTS = {"date", "week", "month", "quarter", "year", "day_of_week"}
ACTION_SEGMENTS = {"conversion_action", "conversion_action_name", "conversion_action_category"}
SEGMENTS = {f"segments.{name}" for name in DATE_SEGMENTS | ACTION_SEGMENTS}
CONVERSION_METRICS = {
    f"metrics.{name}{suffix}"
    for name in ("conversions", "conversions_value", "all_conversions", "all_conversions_value")
    for suffix in ("", "_by_conversion_date")
}
METRICS = CONVERSION_METRICS | {"metrics.impressions", "metrics.clicks", "metrics.cost_micros", "metrics.interactions"}
WHOLE = {"metrics.impressions", "metrics.clicks", "metrics.cost_micros", "metrics.interactions"}


def facts(state: State, customer: Customer) -> Iterator[Row]:
    """Yield what happened in an account's campaigns: one row per campaign and day, and two per conversion."""
    yield from _traffic(state, customer)
    for conversion in state.reported():
        click = state.clicks.get(conversion.click)
        if click is None or click.customer != customer.id:
            continue
        entity = campaign_row(state, click.campaign)
        action = _action_segments(state, conversion)
        counts = _counts(state, conversion)
        by_click = click.at.astimezone(customer.zone).date()
        by_conversion = conversion.at.astimezone(customer.zone).date()
        late = {f"{name}_by_conversion_date": value for name, value in counts.items()}
        yield entity | action | date_segments(by_click) | counts
        yield entity | action | date_segments(by_conversion) | late


def _counts(state: State, conversion: Conversion) -> Row:
    counts = {"metrics.all_conversions": 1.0, "metrics.all_conversions_value": conversion.worth}
    if state.actions[conversion.action].primary:
        counts |= {"metrics.conversions": 1.0, "metrics.conversions_value": conversion.worth}
    return counts


def _action_segments(state: State, conversion: Conversion) -> Row:
    action = state.actions[conversion.action]
    return {
        "segments.conversion_action": action_name(action),
        "segments.conversion_action_name": action.name,
        "segments.conversion_action_category": action.category,
    }


def _traffic(state: State, customer: Customer) -> Iterator[Row]:
    today = state.now().astimezone(customer.zone).date()
    known: dict[tuple[str, date], int] = {}
    for click in state.clicks.values():
        if click.customer == customer.id:
            key = (click.campaign, click.at.astimezone(customer.zone).date())
            known[key] = known.get(key, 0) + 1
    for campaign_id, campaign in state.campaigns.items():
        if campaign["customer"] != customer.id:
            continue
        entity = campaign_row(state, campaign_id)
        for back in range(DAYS):
            day = today - timedelta(days=back)
            yield entity | date_segments(day) | _day(campaign_id, day, known.get((campaign_id, day), 0))


def _day(campaign_id: str, day: date, known: int) -> Row:
    """Traffic that looks like a campaign's: the same for the same campaign and day, never fewer clicks than are known."""
    noise = int.from_bytes(blake2b(f"{campaign_id}/{day}".encode(), digest_size=4).digest())
    clicks = known + noise % 23
    shown = clicks * (12 + noise % 17) + noise % 50
    cost = clicks * (3_000_000 + noise % 9_000_000)
    return {
        "metrics.clicks": clicks,
        "metrics.interactions": clicks,
        "metrics.impressions": shown,
        "metrics.cost_micros": cost,
    }


@lru_cache(maxsize=2_048)
def _segments_of(day: date) -> tuple[tuple[str, Any], ...]:
    week = day - timedelta(days=day.weekday())
    quarter = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return (
        ("segments.date", day.isoformat()),
        ("segments.week", week.isoformat()),
        ("segments.month", day.replace(day=1).isoformat()),
        ("segments.quarter", quarter.isoformat()),
        ("segments.year", day.year),
        ("segments.day_of_week", day.strftime("%A").upper()),
    )


def date_segments(day: date) -> Row:
    return dict(_segments_of(day))


def entities(state: State, customer: Customer, resource: str) -> list[Row]:
    """The campaigns of an account, or the account itself."""
    if resource == "customer":
        return [customer_row(state, customer)]
    own = (campaign_id for campaign_id, row in state.campaigns.items() if row["customer"] == customer.id)
    return [campaign_row(state, campaign_id) for campaign_id in own]


def blank(metrics: set[str]) -> Row:
    return {name: 0 if name in WHOLE else 0.0 for name in metrics}
