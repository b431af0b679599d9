"""The REST API's dispatcher: versions, tokens, the daily quota, and the table of routes."""

import re
from dataclasses import replace
from urllib.parse import unquote

from sandbox.http import Answer, Call, as_json
from sandbox.salesforce import (
    bulk_ingest,
    bulk_query,
    composite,
    composite_graph,
    identity,
    limits,
    query,
    replication,
    rows,
    sobject_collections,
    tooling,
)
from sandbox.salesforce.bulk_batches import ASYNC, BatchJobs
from sandbox.salesforce.bulk_jobs import Jobs
from sandbox.salesforce.errors import Rejected, not_found, rejected
from sandbox.salesforce.org import Org
from sandbox.salesforce.query import Cursors
from sandbox.salesforce.request import Request, Route
from sandbox.salesforce.sessions import Sessions

DATA = re.compile(r"/services/data/v(\d+\.0)(/.*)?$", re.IGNORECASE)
SOAP = re.compile(r"/services/soap/[uc]/(\d+\.\d)(/.*)?$", re.IGNORECASE)
RETIRED_BELOW = 31
ROUTES: list[Route] = [
    *query.ROUTES,
    *replication.ROUTES,
    *rows.ROUTES,
    *sobject_collections.ROUTES,
    *composite.ROUTES,
    *composite_graph.ROUTES,
    *limits.ROUTES,
    *tooling.ROUTES,
    *bulk_query.ROUTES,
    *bulk_ingest.ROUTES,
]


class Api:
    """Everything Salesforce answers over HTTP."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.sessions, self.cursors, self.jobs = Sessions(org), Cursors(), Jobs()
        self.batch_jobs = BatchJobs(self)

    def handle(self, call: Call) -> Answer:
        """Answer one call."""
        self.org.store.tick()
        self.org.refresh()
        try:
            return too_long(call, self.org.settings["uri_max"]) or self._route(call)
        except Rejected as error:
            return error.answer()

    def _route(self, call: Call) -> Answer:
        path = call.path.rstrip("/").lower()
        if path == "/services/oauth2/token" and call.method == "POST":
            return self.sessions.token(call)
        if path == "/services/oauth2/revoke" and call.method == "POST":
            return self.sessions.revoke(call)
        if path == "/services/oauth2/userinfo":
            return identity.userinfo(self.sessions, call)
        if path.startswith("/id/"):
            return identity.identity(self.sessions, call)
        if (soap := SOAP.match(call.path)) and call.method == "POST":
            return self.sessions.soap(call, soap[1])
        if path == "/services/data":
            return self._versions()
        if bulk := ASYNC.match(call.raw_path):
            return self.batch_jobs.handle(call, bulk[1], bulk[2])
        return self._rest(call)

    def _versions(self) -> Answer:
        low, high = self.org.settings["api_versions"]
        names = [f"{number}.0" for number in range(low, high + 1)]
        return as_json([{"label": f"v{v}", "url": f"/services/data/v{v}", "version": v} for v in names])

    def _rest(self, call: Call) -> Answer:
        if DATA.match(call.raw_path) is None:
            raise not_found()
        user = self.sessions.user_of(call)
        settings = self.org.settings
        if settings["used"] >= settings["daily_limit"]:
            answer = rejected("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403).answer()
        else:
            settings["used"] += 1
            answer = self.dispatch(call, user)
        answer.headers["Sforce-Limit-Info"] = limits.info(settings)
        return answer

    def dispatch(self, call: Call, user: str) -> Answer:
        """Answer a REST call of a user; refusals become answers."""
        try:
            return self._find(call, user)
        except Rejected as error:
            return error.answer()

    def _find(self, call: Call, user: str) -> Answer:
        match = DATA.match(call.raw_path)
        if match is None:
            raise not_found()
        version, rest = match[1], match[2] or "/"
        self._check_version(float(version))
        if call.method == "POST" and "_HttpMethod" in call.query:
            call = replace(call, method=call.query["_HttpMethod"].upper())
        request = Request(self, call, version, user)
        if rest == "/":
            return as_json(resources(request.base))
        return self._table(request, rest)

    def _check_version(self, version: float) -> None:
        low, high = self.org.settings["api_versions"]
        if version < RETIRED_BELOW:
            raise rejected("GONE", "The requested resource is no longer available", status=410)
        if not low <= version <= high:
            raise not_found()

    def _table(self, request: Request, rest: str) -> Answer:
        known = False
        for entry in ROUTES:
            if match := entry.pattern.match(rest):
                known = True
                if entry.method == request.call.method:
                    return entry.handler(replace(request, parts=tuple(map(unquote, match.groups()))))
        if known:
            message = f"HTTP Method '{request.call.method}' not allowed. Allowed are {self._allowed(rest)}"
            raise rejected("METHOD_NOT_ALLOWED", message, status=405)
        raise not_found()

    @staticmethod
    def _allowed(rest: str) -> str:
        return ",".join(sorted({entry.method for entry in ROUTES if entry.pattern.match(rest)}))


def too_long(call: Call, most: int) -> Answer | None:
    """Refuse a URI, or a URI and headers together, of more bytes than Salesforce takes (API Request Limits)."""
    if call.uri_bytes > most:
        return Answer(414, b"<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>", "text/html;charset=iso-8859-1")
    if call.uri_bytes + sum(len(name) + len(value) for name, value in call.headers.items()) > most:
        text = b"<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>"
        return Answer(431, text, "text/html;charset=iso-8859-1")
    return None


def resources(base: str) -> dict[str, str]:
    """Return the resources of one version."""
    names = ("query", "queryAll", "sobjects", "composite", "limits", "jobs", "tooling")
    return {name: f"{base}/{name}" for name in names}
