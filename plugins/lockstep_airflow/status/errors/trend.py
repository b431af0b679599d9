"""A trend small enough for a card: errors per stretch of time, as bars."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: as many as Marketo's backlog trend has (MK-13)
BARS = 30
_HOUR = timedelta(hours=1)


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


def trend(hours: Mapping[str, int], start: datetime, end: datetime) -> Trend:
    """:param hours: hour (`2026-03-01T14`, UTC) -> errors, all from `start` to `end`"""
    first = start.replace(minute=0, second=0, microsecond=0)
    width = max(_HOUR, (end - first) / BARS)
    numbers = [0] * max(1, min(BARS, -(-(end - first) // width)))
    for hour, errors in hours.items():
        at = datetime.fromisoformat(f"{hour}:00:00").replace(tzinfo=UTC)
        numbers[min(len(numbers) - 1, max(0, (at - first) // width))] += errors
    highest = max(numbers) or 1
    return Trend(tuple(Bar(first + n * width, errors, errors / highest) for n, errors in enumerate(numbers)))
