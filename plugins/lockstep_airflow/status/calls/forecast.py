"""When a budget of rolling 24 hours will be used up, if calls go on as in the last hours."""

from collections.abc import Sequence
from datetime import datetime, timedelta

HOURS = 24
#: hours whose mean, with the one that runs, is the pace that is carried on
PACE = 3


def pace(hourly: Sequence[int], now: datetime) -> float:
    """Calls per hour lately. `hourly`: calls of the last 24 hours by the clock, oldest first; the last one still runs."""
    recent = hourly[-PACE - 1 :]
    hours = len(recent) - 1 + now.minute / 60 + now.second / 3600
    return sum(recent) / hours if hours else 0.0


def exhausted_at(hourly: Sequence[int], used: int, limit: int, now: datetime) -> datetime | None:
    """The hour in which `used` passes `limit`, looking one day ahead; None: it does not.

    Each hour adds the pace, and the calls of the same hour of the day before no longer count.
    """
    if used >= limit:
        return now
    expected, each = float(used), pace(hourly, now)
    for ahead in range(1, HOURS + 1):
        gone = hourly[ahead - 1] if ahead <= len(hourly) else 0
        expected += each - gone
        if expected >= limit:
            return now + timedelta(hours=ahead)
    return None
