"""Parameters of an address, read one by one. All mistakes are told at once."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from pydantic import Field
from starlette.datastructures import QueryParams

#: MK-01: the last five days, unless asked otherwise. None: all that the ledger keeps.
PERIODS: Mapping[str, timedelta | None] = {
    "1h": timedelta(hours=1),
    "24h": timedelta(days=1),
    "5d": timedelta(days=5),
    "30d": timedelta(days=30),
    "all": None,
}
DEFAULT_PERIOD, CUSTOM = "5d", "custom"

#: the id of a row, no larger than a column of the ledger holds
RowId = Annotated[int, Field(ge=0, le=2**63 - 1)]


class BadQuery(ValueError):
    """`mistakes`: (parameter, value) of each one that cannot be understood."""

    def __init__(self, mistakes: list[tuple[str, str]]):
        super().__init__("; ".join(f"{name}={value}" for name, value in mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: one of PERIODS, which end now, or CUSTOM. Times are aware, `date_to` is not included."""

    period: str
    date_from: datetime | None = None
    date_to: datetime | None = None

    def bounds(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        length = PERIODS.get(self.period)
        if self.period == CUSTOM:
            return self.date_from, self.date_to
        return (now - length if length else None), None

    def pairs(self, default: str) -> list[tuple[str, str]]:
        """As parameters; `default` is left out."""
        told = [("from", instant_text(self.date_from)), ("to", instant_text(self.date_to))]
        return told if self.period in (CUSTOM, default) else [*told, ("period", self.period)]


def described(
    name: str, says: str, allowed: Sequence[str] = (), kind: str = "string", many: bool = False
) -> dict[str, Any]:
    """A parameter as OpenAPI has it; `many`: it may be given several times."""
    schema: dict[str, Any] = {"type": kind, **({"enum": list(allowed)} if allowed else {})}
    schema = {"type": "array", "items": schema} if many else schema
    return {"name": name, "in": "query", "required": False, "description": says, "schema": schema}


def span_described(what: str, default: str) -> list[dict[str, Any]]:
    """:param what: whose time it is"""
    return [
        described("period", f"{what} within this time until now; `{default}` if nothing is said", tuple(PERIODS)),
        described("from", f"{what} at this time or later: ISO 8601, UTC without an offset; instead of `period`"),
        described("to", f"{what} before this time"),
    ]


def extra(parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """For a route that reads these parameters by itself."""
    return {"parameters": list(parameters)}


def readable(request: Request) -> None:
    """FastAPI dependency: no text of the ledger holds a NUL, and PostgreSQL does not even look for one.

    :raises BadQuery: a parameter holds one
    :raises HTTPException: 404, the path holds one
    """
    if "\0" in request.scope["path"]:
        raise HTTPException(404)
    wrong = [
        (name, value.replace("\0", "\ufffd")) for name, value in request.query_params.multi_items() if "\0" in value
    ]
    if wrong:
        raise BadQuery(wrong)


@dataclass
class Reader:
    params: QueryParams
    mistakes: list[tuple[str, str]] = field(default_factory=list)

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        value = self.params.get(name, "") or default
        return self._known(name, value, allowed) or default

    def choices(self, name: str, allowed: Sequence[str] | None = None) -> tuple[str, ...]:
        given = [value for value in dict.fromkeys(self.params.getlist(name)) if value]
        return tuple(value for value in given if allowed is None or self._known(name, value, allowed))

    def instant(self, name: str) -> datetime | None:
        """ISO 8601; without an offset: UTC."""
        value = self.params.get(name, "")
        if not value:
            return None
        with suppress(ValueError, OverflowError):
            found = datetime.fromisoformat(value)
            at = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
            if MINYEAR < at.year < MAXYEAR:  # days before and after it can be counted
                return at
        self.mistakes.append((name, value))
        return None

    def number(self, name: str, default: int) -> int:
        value = self.params.get(name, "") or str(default)
        if value.isascii() and value.isdigit() and len(value) < 10 and int(value) > 0:
            return int(value)
        self.mistakes.append((name, value))
        return default

    def _known(self, name: str, value: str, allowed: Sequence[str]) -> str | None:
        if value in allowed:
            return value
        self.mistakes.append((name, value))
        return None

    def span(self, default: str) -> Span:
        since, until = self.instant("from"), self.instant("to")
        period = self.choice("period", (*PERIODS, CUSTOM), CUSTOM if since or until else default)
        if since or until:
            return Span(CUSTOM, since, until)
        return Span("all" if period == CUSTOM else period)

    def done(self) -> None:
        """:raises BadQuery: naming every parameter that cannot be understood"""
        if self.mistakes:
            raise BadQuery(self.mistakes)


def instant_text(at: datetime | None) -> str:
    return at.isoformat().replace("+00:00", "Z") if at else ""


def address(pairs: Sequence[tuple[str, str]]) -> str:
    """The part of a URL from `?` on; empty values are left out."""
    return f"?{urlencode([(name, value) for name, value in pairs if value])}"
