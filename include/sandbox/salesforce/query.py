"""REST query, queryAll, and the locators of their further pages (REST API Developer Guide, Query)."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sandbox.http import Answer, as_json
from sandbox.salesforce.errors import rejected
from sandbox.salesforce.ids import base62
from sandbox.salesforce.request import Request, route
from sandbox.salesforce.soql.run import Result, run

BATCH_MIN, BATCH_MAX = 200, 2000
LOCATOR = re.compile(r"(0r8\w{15})-(\d+)")
ALL_ROWS = re.compile(r"\s+ALL\s+ROWS\s*$", re.IGNORECASE)
BATCH_OPTION = re.compile(r"batchsize\s*=\s*(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Cursor:
    """A query's result that is being paged through."""

    result: Result
    batch: int
    until: datetime


class Cursors:
    """The cursors by the first 18 characters of their locators."""

    def __init__(self) -> None:
        self._cursors: dict[str, Cursor] = {}
        self._made = 0

    def open(self, cursor: Cursor) -> str:
        """Keep a cursor and return its locator's first part."""
        self._made += 1
        key = f"0r8{base62(self._made, 12)}AAQ"
        self._cursors[key] = cursor
        return key

    def get(self, key: str, now: datetime) -> Cursor:
        """Return a cursor that has not expired; Rejected with INVALID_QUERY_LOCATOR otherwise."""
        cursor = self._cursors.get(key)
        if cursor is None or cursor.until <= now:
            raise rejected("INVALID_QUERY_LOCATOR", "invalid query locator")
        return cursor


def query(request: Request) -> Answer:
    """Answer a new query."""
    text = request.call.query.get("q")
    if text is None:
        raise rejected("MALFORMED_QUERY", "A query string has to be specified")
    deleted = request.call.path.rstrip("/").lower().endswith("queryall")
    if request.org.settings["all_rows_in_queries"] and ALL_ROWS.search(text):
        text, deleted = ALL_ROWS.sub("", text), True
    result = run(request.org, text, deleted, request.version)
    size = batch_size(request)
    if len(result.rows) <= size:
        return as_json(page(result, 0, len(result.rows) or 1, None))
    until = request.org.clock.now() + timedelta(seconds=request.org.settings["locator_seconds"])
    key = request.api.cursors.open(Cursor(result, size, until))
    return as_json(page(result, 0, size, f"{request.base}/query/{key}"))


def more(request: Request) -> Answer:
    """Answer a locator."""
    match = LOCATOR.fullmatch(request.parts[0])
    if match is None or not request.org.settings["locators_valid"]:
        raise rejected("INVALID_QUERY_LOCATOR", "invalid query locator")
    cursor = request.api.cursors.get(match[1], request.org.clock.now())
    start = int(match[2])
    if start >= len(cursor.result.rows):
        raise rejected("INVALID_QUERY_LOCATOR", "invalid query locator")
    result = cursor.result if request.org.settings["locator_snapshot"] else as_it_is(request, cursor.result)
    return as_json(page(result, start, cursor.batch, f"{request.base}/query/{match[1]}"))


def as_it_is(request: Request, result: Result) -> Result:
    """Return a result with its rows as they are now; those that are gone stay as they were."""
    table = request.org.store.tables[result.definition.name]
    return replace(result, rows=[table.get(row.get("Id", ""), row) for row in result.rows])


def batch_size(request: Request) -> int:
    """Return the page size: what the header asks for, within Salesforce's bounds, and no more than the setting."""
    asked = BATCH_OPTION.search(request.call.headers.get("sforce-query-options", ""))
    size = min(max(int(asked[1]), BATCH_MIN), BATCH_MAX) if asked else BATCH_MAX
    return max(1, min(size, int(request.org.settings["page_size_max"])))


def page(result: Result, start: int, size: int, url: str | None) -> dict[str, Any]:
    """Return one page of a result."""
    end = start + size
    body: dict[str, Any] = {"totalSize": result.total, "done": end >= len(result.rows)}
    if not body["done"]:
        body["nextRecordsUrl"] = f"{url}-{end}"
    return body | {"records": [result.show(row) for row in result.rows[start:end]]}


ROUTES = [
    route("GET", "/query", query),
    route("GET", "/queryall", query),
    route("GET", "/query/{}", more),
    route("GET", "/queryall/{}", more),
]
