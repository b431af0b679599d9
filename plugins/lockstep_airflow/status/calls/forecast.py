"""When a budget of rolling 24 hours will be used up, if calls go on as in the last hours."""

from collections.abc import Sequence
from datetime import datetime, timedelta

HOURS = 24
#: whole hours whose mean is the pace that is carried on
PACE = 3


def pace(hourly: Sequence[int]) -> float:
    """Calls per hour lately. `hourly`: calls of the last 24 hours, oldest first; the last one is still running and not counted."""
    recent = hourly[-PACE - 1 : -1]
    return sum(recent) / len(recent) if recent else 0.0


def exhausted_at(hourly: Sequence[int], used: int, limit: int, now: datetime) -> datetime | None:
    """The hour in which `used` passes `limit`, looking one day ahead; None: it does not.

    Each hour adds the pace, and the calls of the same hour of the day before no longer count.
    """
    if used >= limit:
        return now
    expected, each = float(used), pace(hourly)
    for ahead in range(1, HOURS + 1):
        gone = hourly[ahead - 1] if ahead <= len(hourly) else 0
        expected += each - gone
        if expected >= limit:
            return now + timedelta(hours=ahead)
    return None
