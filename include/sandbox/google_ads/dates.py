"""Google's date-times: ``yyyy-mm-dd hh:mm:ss+|-hh:mm``, the offset is mandatory."""

from __future__ import annotations

import re
from datetime import datetime

_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}")


def parse(text: str) -> datetime | None:
    """Return the time, None if the text is not of this form or names no such time."""
    if not _SHAPE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def local(at: datetime, zone: object) -> str:
    """Return a time as reports show it, in an account's own zone."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")  # type: ignore[arg-type]
