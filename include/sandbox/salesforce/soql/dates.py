"""SOQL's date literals as half-open ranges of days (SOQL and SOSL Reference, Date Formats and Date Literals). UTC."""

import re
from datetime import date, timedelta

UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
PLAIN = re.compile(r"(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR)")
COUNTED = re.compile(r"(LAST|NEXT)_N_(DAY|WEEK|MONTH|QUARTER|YEAR)S")
AGO = re.compile(r"N_(DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO")
NAMED = {"YESTERDAY": (-1, 0), "TODAY": (0, 1), "TOMORROW": (1, 2), "LAST_90_DAYS": (-90, 1), "NEXT_90_DAYS": (1, 91)}


def day_range(name: str, count: int | None, today: date) -> tuple[date, date]:
    """Return the first day and the day after the last; ValueError if SOQL has no such literal."""
    if count is None and name in NAMED:
        first, end = NAMED[name]
        return today + timedelta(days=first), today + timedelta(days=end)
    if count is None and (match := PLAIN.fullmatch(name)):
        step = {"LAST": -1, "THIS": 0, "NEXT": 1}[match[1]]
        return _shift(today, match[2], step), _shift(today, match[2], step + 1)
    if count is not None and (match := COUNTED.fullmatch(name)):
        return _counted(match[1], match[2], count, today)
    if count is not None and (match := AGO.fullmatch(name)):
        return _shift(today, match[1], -count), _shift(today, match[1], 1 - count)
    raise ValueError(name)


def _counted(direction: str, unit: str, count: int, today: date) -> tuple[date, date]:
    if direction == "NEXT":
        return _shift(today, unit, 1), _shift(today, unit, count + 1)
    end = today + timedelta(days=1) if unit == "DAY" else _shift(today, unit, 0)
    return _shift(today, unit, -count), end


def _shift(today: date, unit: str, steps: int) -> date:
    """Return the first day of the unit that lies ``steps`` after today's."""
    if unit == "DAY":
        return today + timedelta(days=steps)
    if unit == "WEEK":
        return today - timedelta(days=(today.weekday() + 1) % 7) + timedelta(weeks=steps)
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
    index = (today.year * 12 + today.month - 1) // months * months + steps * months
    return date(index // 12, index % 12 + 1, 1)
