"""One API call and its answer, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.shapes import as_int
from sandbox.hubspot.writing import Author, Writer

if TYPE_CHECKING:
    from sandbox.hubspot.limits import Limits
    from sandbox.hubspot.portal import Portal
    from sandbox.hubspot.records import Table


@dataclass
class Answer:
    """A status and a JSON value; None sends no body."""

    status: int
    body: Any = None


@dataclass
class Request:
    """One call after routing. `version` is the dated version of the path ("2026-09"), None for v3 and v4."""

    portal: Portal
    method: str
    path: dict[str, str]
    query_string: str
    raw: bytes
    version: str | None = None
    limits: Limits | None = None
    _query: dict[str, list[str]] | None = field(default=None, repr=False)

    @property
    def query(self) -> dict[str, list[str]]:
        if self._query is None:
            self._query = parse_qs(self.query_string, keep_blank_values=True)
        return self._query

    def one(self, name: str, default: str | None = None) -> str | None:
        return self.query.get(name, [default])[-1]

    def many(self, name: str) -> list[str]:
        """A list parameter: repeated keys and comma-separated values alike."""
        return [part for value in self.query.get(name, []) for part in value.split(",") if part]

    def flag(self, name: str) -> bool:
        value = self.one(name, "false") or "false"
        if value.lower() not in ("true", "false"):
            raise invalid(f"Unable to parse value for query parameter: {name}")
        return value.lower() == "true"

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 to `most`; anything else is 400."""
        text = self.one(name)
        if text is None:
            return default
        if as_int(text) < 1:
            raise invalid(f"Unable to parse value for query parameter: {name}")
        if int(text) > most:
            raise invalid(f"{name} must be less than or equal to {most}")
        return int(text)

    @property
    def json(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        body = self.parsed()
        if not isinstance(body, dict):
            raise ApiError(400, "Invalid input JSON on line 1, column 1: expected an object", "VALIDATION_ERROR")
        return body

    def parsed(self) -> Any:
        try:
            return orjson.loads(self.raw)
        except orjson.JSONDecodeError as error:
            raise invalid(f"Invalid input JSON on line {error.lineno}, column {error.colno}: {error.msg}") from None

    def required(self, *names: str) -> list[Any]:
        """Values of required keys of the body; 400 naming all that lack."""
        body = self.json
        if missing := [name for name in names if body.get(name) is None or body[name] == ""]:
            raise invalid(f"Some required fields were not set: [{', '.join(missing)}]")
        return [body[name] for name in names]

    @property
    def table(self) -> Table:
        return self.portal.table(self.path["type"])

    def writer(self) -> Writer:
        app_id = str(self.portal.settings["app_id"])
        return Writer(self.portal, Author("INTEGRATION", app_id, None, self.version))
