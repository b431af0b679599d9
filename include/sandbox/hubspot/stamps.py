"""Times as HubSpot writes them: ISO-8601, UTC, milliseconds, "Z"."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(at: datetime) -> str:
    """`at` as "2026-11-22T03:09:10.123Z". Strings of this form sort as the times do."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}Z"


def milliseconds(text: str) -> int:
    """An ISO stamp as milliseconds since the epoch."""
    return int((datetime.fromisoformat(text) - EPOCH).total_seconds() * 1000)


def parse_datetime(value: str) -> str | None:
    """Epoch milliseconds, ISO date or ISO date-time as the canonical stamp; None if it is none of these."""
    try:
        if value.lstrip("-").isdigit():
            return iso(EPOCH + timedelta(milliseconds=int(value)))
        at = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        return None
    return iso(at if at.tzinfo else at.replace(tzinfo=UTC))


def parse_date(value: str) -> str | None:
    """Midnight UTC in epoch milliseconds, or YYYY-MM-DD, as YYYY-MM-DD; None for anything else."""
    if len(value) == 10 and value[4:5] == "-":
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            return None
    stamp = parse_datetime(value)
    return stamp[:10] if stamp and stamp.endswith("T00:00:00.000Z") else None


def iso_of_milliseconds(value: int) -> str:
    """Milliseconds since the epoch as a stamp; times that no calendar has become the first or the last one."""
    latest = 253_402_300_799_999
    return iso(EPOCH + timedelta(milliseconds=max(-62_135_596_800_000, min(latest, value))))
