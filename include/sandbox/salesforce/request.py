"""One authenticated REST request, as route functions get it, and the table form of routes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.http import Answer, Call
from sandbox.salesforce.dml import Options
from sandbox.salesforce.errors import rejected
from sandbox.salesforce.ids import is_id, to18
from sandbox.salesforce.org import Org

if TYPE_CHECKING:
    from sandbox.salesforce.api import Api

NO_BODY = "The HTTP entity body is required, but this request has no entity body."


@dataclass(frozen=True)
class Request:
    """A call with its path's parameters, API version ("62.0") and user."""

    api: "Api"
    call: Call
    version: str
    user: str
    parts: tuple[str, ...] = ()

    @property
    def org(self) -> Org:
        return self.api.org

    @property
    def base(self) -> str:
        return f"/services/data/v{self.version}"

    def options(self) -> Options:
        """Return how this request writes, from its headers. Without Sforce-Auto-Assign, assignment rules run."""
        assign = self.call.headers.get("sforce-auto-assign", "TRUE").strip()
        if assign.upper() not in {"TRUE", "FALSE"} and not is_id(assign):
            raise rejected("MALFORMED_ID", self.org.text("auto_assign", value=assign))
        duplicates = self.call.headers.get("sforce-duplicate-rule-header", "").lower().replace(" ", "")
        return Options(
            user=self.user,
            assign=to18(assign) if is_id(assign) else assign.upper() != "FALSE",
            allow_duplicates="allowsave=true" in duplicates,
            version=self.version,
        )

    def body(self) -> dict[str, Any]:
        """Return the JSON object of the body; Rejected with JSON_PARSER_ERROR if it is none."""
        kind = self.call.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise rejected("UNSUPPORTED_MEDIA_TYPE", self.org.text("content_type", kind=kind), status=415)
        if not self.call.body:
            raise rejected("JSON_PARSER_ERROR", NO_BODY)
        try:
            body = self.call.json()
        except ValueError as error:
            raise rejected("JSON_PARSER_ERROR", f"{error}") from error
        if not isinstance(body, dict):
            raise rejected("JSON_PARSER_ERROR", self.org.text("body_object"))
        return body


def all_or_none(org: Org, body: dict[str, Any]) -> bool:
    """Return a body's ``allOrNone``: false when it is absent or null, as django-salesforce sends it."""
    found = body.get("allOrNone")
    if found is not None and not isinstance(found, bool):
        raise rejected("JSON_PARSER_ERROR", org.text("all_or_none"))
    return bool(found)


Handler = Callable[[Request], Answer]


@dataclass(frozen=True)
class Route:
    """A route below ``/services/data/vXX.X``; the pattern is matched without regard to case, on the undecoded path."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler


def route(method: str, pattern: str, handler: Handler) -> Route:
    """Return a route; ``{}`` in the pattern is one path segment."""
    return Route(method, re.compile(pattern.replace("{}", r"([^/]+)") + "/?$", re.IGNORECASE), handler)
