"""A trend small enough for a card: errors per stretch of time, as bars."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: as many as Marketo's backlog trend has (MK-13)
BARS = 30
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """`share`: of the highest bar, from 0 to 1."""

    at: datetime
    errors: int
    share: float


@dataclass(frozen=True, slots=True)
class Trend:
    bars: tuple[Bar, ...]

    @property
    def peak(self) -> Bar:
        return max(self.bars, key=lambda bar: bar.errors)


def by_day(start: datetime, end: datetime) -> bool:
    """Whether days tell as much as hours: bars that are longer than a day."""
    return end - start > (BARS + 1) * _DAY


def trend(counted: Mapping[str, int], start: datetime, end: datetime) -> Trend:
    """:param counted: hour (`2026-03-01T14`, UTC) -> errors, all from start to end; where `by_day` says so: day (`2026-03-01`)"""
    first, width = _first_bar(start, end)
    numbers = [0] * max(1, min(BARS, -(-(end - first) // width)))
    for when, errors in counted.items():
        at = datetime.fromisoformat(when if len(when) == len("2026-03-01") else f"{when}:00:00").replace(tzinfo=UTC)
        numbers[min(len(numbers) - 1, max(0, (at - first) // width))] += errors
    highest = max(numbers) or 1
    return Trend(tuple(Bar(first + n * width, errors, errors / highest) for n, errors in enumerate(numbers)))


def _first_bar(start: datetime, end: datetime) -> tuple[datetime, timedelta]:
    """When it begins, and how long each bar is: whole days where days are counted."""
    hour = start.replace(minute=0, second=0, microsecond=0)
    if not by_day(start, end):
        return hour, max(_HOUR, (end - hour) / BARS)
    first = hour.astimezone(UTC).replace(hour=0)
    return first, -(-(end - first) // (BARS * _DAY)) * _DAY
