"""Bulk API 2.0 query jobs."""

import base64
import binascii
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sandbox.http import Answer, as_json
from sandbox.salesforce.bulk_jobs import ENDED, Job, to_lines
from sandbox.salesforce.errors import rejected
from sandbox.salesforce.fields import TEXT_TYPES
from sandbox.salesforce.request import Request, route
from sandbox.salesforce.soql.run import Result, run
from sandbox.salesforce.store import Row

TEXTS = TEXT_TYPES | {"id", "reference", "date"}
ENCODED_AT_ONCE = 2_000
OPERATIONS = frozenset({"query", "queryAll"})


def create(request: Request) -> Answer:
    """Create a job; it has run by the time its status says so."""
    body = request.body()
    if str(body.get("operation")) not in OPERATIONS:
        raise rejected("INVALIDJOB", f"Invalid operation: {body.get('operation')}")
    if not isinstance(body.get("query"), str):
        raise rejected("INVALIDJOB", "A query is required")
    result = run(request.org, body["query"], body["operation"] == "queryAll", request.version, bulk=True)
    job = request.api.jobs.add(request, "query", body, "UploadComplete", result.definition.name)
    job.result, job.processed = result, len(result.rows)
    if failure := request.org.settings["bulk_failure"]:
        job.message = failure["message"]
        request.org.settings["bulk_failure"] = None
    return as_json(job.brief())


def status(request: Request) -> Answer:
    """Answer a job's state."""
    job = request.api.jobs.get(request, "query")
    job.poll()
    # rows are never altered, and are written when they are asked for; a parent may be another one by then
    if job.state == "JobComplete" and job.result is not None and not of_itself(job.result):
        encode(job, job.result, len(job.result.rows))
    return as_json(job.whole())


def encode(job: Job, result: Result, end: int) -> None:
    """Write a completed job's rows as CSV up to that one, some at a time; what was written before only has to be cut out."""
    for start in range(len(job.lines), min(end, len(result.rows)), ENCODED_AT_ONCE):
        job.lines += to_lines(job, csv_columns(result, result.rows[start : start + ENCODED_AT_ONCE]))


def listed(request: Request) -> Answer:
    """Answer all query jobs."""
    return as_json(
        {"done": True, "records": [job.listed() for job in request.api.jobs.all("query")], "nextRecordsUrl": None}
    )


def change(request: Request) -> Answer:
    """Abort a job."""
    job = request.api.jobs.get(request, "query")
    if request.body().get("state") != "Aborted":
        raise rejected("INVALIDJOBSTATE", "The state of a query job can only be changed to Aborted")
    if job.state in ENDED:
        raise rejected("INVALIDJOBSTATE", f"Aborting already {job.state} Job not allowed")
    job.state = "Aborted"
    return as_json(job.brief())


def delete(request: Request) -> Answer:
    """Delete a job that has ended."""
    request.api.jobs.remove(request.api.jobs.get(request, "query"))
    return Answer(204, kind=None)


def results(request: Request) -> Answer:
    """Answer one page of a completed job's rows, with the locator of the next."""
    job = request.api.jobs.get(request, "query")
    if job.version != request.version:
        message = request.org.text("other_version", asked=request.version, made=job.version)
        raise rejected("API_VERSION_MISMATCH", message, status=409)
    if job.state != "JobComplete" or job.result is None:
        raise rejected("INVALIDJOBSTATE", f"Results are not available: the job's state is {job.state}")
    start, size = bounds(request, job, len(job.result.rows))
    encode(job, job.result, start + size)
    lines = job.lines[start : start + size]
    end = start + len(lines)
    locator = (
        "null" if end >= len(job.result.rows) else base64.urlsafe_b64encode(str(end).encode()).decode().rstrip("=")
    )
    headers = {"Sforce-NumberOfRecords": str(len(lines)), "Sforce-Locator": locator}
    return Answer(200, b"".join(to_lines(job, [[name] for name in job.result.names]) + lines), "text/csv", headers)


def bounds(request: Request, job: Job, rows: int) -> tuple[int, int]:
    """Return the first row and the most rows of the page that a request asks for."""
    most = int(request.org.settings["bulk_page_rows"])
    text = request.call.query.get("maxRecords")
    if text is not None:
        if not text.isdigit() or int(text) == 0:
            raise rejected("INVALID_INPUT", request.org.text("max_records", value=text))
        most = min(most, int(text))
    locator = request.call.query.get("locator")
    if locator is None:
        return 0, most
    try:
        start = int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except (ValueError, binascii.Error) as error:
        raise rejected("INVALID_QUERY_LOCATOR", f"invalid query locator: {locator}") from error
    if not 0 <= start < max(1, rows):
        raise rejected("INVALID_QUERY_LOCATOR", f"invalid query locator: {locator}")
    return start, most


def csv_columns(result: Result, rows: list[Row]) -> list[Sequence[str]]:
    """Return the rows' values by column as Bulk API 2.0 writes them: times with Z, booleans in lower case, null empty."""
    if of_itself(result) and len(result.names) > 1:
        values = zip(*map(itemgetter(*result.names), rows), strict=True) if rows else ((),) * len(result.names)
    else:
        values = (tuple(map(get, rows)) for get in result.getters)
    return [written(kind, column) for kind, column in zip(result.types, values, strict=True)]


def of_itself(result: Result) -> bool:
    """Whether no column comes from another record."""
    return all(name in result.definition.fields for name in result.names)


def written(kind: str, values: Sequence[Any]) -> Sequence[str]:
    """Return one column's values as text, by its field's type."""
    if kind == "boolean":
        return ["" if value is None else "true" if value else "false" for value in values]
    if kind == "datetime":
        return [value[:-5] + "Z" if value else "" for value in values]
    if kind in TEXTS:
        return [value or "" for value in values] if None in values else values
    return ["" if value is None else str(value) for value in values]


ROUTES = [
    route("POST", "/jobs/query", create),
    route("GET", "/jobs/query", listed),
    route("GET", "/jobs/query/{}", status),
    route("PATCH", "/jobs/query/{}", change),
    route("DELETE", "/jobs/query/{}", delete),
    route("GET", "/jobs/query/{}/results", results),
]
