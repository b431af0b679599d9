"""Numbers, booleans and points in time, read from the text forms of both vendors. Pure; None where the text does not fit."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation

_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = re.compile(r"[+-]?\d{6,15}", re.ASCII)
#: far beyond any CRM's number field (Salesforce: 18 digits), and small enough to write out in full
_MAX_DIGITS = 60


def number(text: str) -> Decimal | None:
    """An exact decimal; not a number, infinity, or absurdly large or small: None."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or len(value.as_tuple().digits) > _MAX_DIGITS or abs(value.adjusted()) > _MAX_DIGITS:
        return None
    return value


def number_text(value: Decimal) -> str:
    """Plain decimal notation, without trailing zeros or an exponent."""
    plain = format(value, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain


def boolean(text: str) -> bool | None:
    return _TRUTH.get(text.casefold())


def moment(text: str) -> datetime | None:
    """Aware UTC with milliseconds; from ISO 8601 with an offset, or from milliseconds since 1970 (HubSpot).

    A time without an offset is refused: nobody can say which moment it is.
    """
    try:
        parsed = _epoch(text) if _MILLISECONDS.fullmatch(text) else datetime.fromisoformat(text)
        if parsed.tzinfo is None:
            return None
        utc = parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def moment_text(value: datetime) -> str:
    """`2026-01-01T00:00:00.000Z`"""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day(text: str, zone: tzinfo) -> date | None:
    """The calendar day; of a point in time: the day that it is in `zone`. Midnight in UTC, as HubSpot keeps plain dates
    in its millisecond form, is that day in every zone."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return _iso_day(text)
    at = moment(text)
    if at is None:
        return None
    return at.date() if _MILLISECONDS.fullmatch(text) and at.time() == time() else _in_zone(at, zone)


def noon(value: date, zone: tzinfo) -> datetime | None:
    """The middle of a day: how a plain date is written to a field with a time of day, so that neither vendor's zone moves it."""
    try:
        return datetime.combine(value, time(12), zone).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _epoch(text: str) -> datetime:
    return _EPOCH + timedelta(milliseconds=int(text))


def _iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _in_zone(at: datetime, zone: tzinfo) -> date | None:
    try:
        return at.astimezone(zone).date()
    except OverflowError:
        return None
