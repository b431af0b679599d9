"""Bulk API 2.0 ingest jobs: insert, update, upsert, delete, hardDelete from CSV."""

import csv
import io
import random
from collections import Counter
from typing import Any, Protocol

from sandbox.http import Answer, as_json
from sandbox.salesforce import dml
from sandbox.salesforce.bulk_jobs import DELIMITERS, ENDED, Job, Outcome, to_csv
from sandbox.salesforce.dml import Options
from sandbox.salesforce.errors import Rejected, rejected
from sandbox.salesforce.ids import is_id, to18
from sandbox.salesforce.org import Org
from sandbox.salesforce.request import Request, route
from sandbox.salesforce.rows import fields_of

OPERATIONS = frozenset({"insert", "update", "upsert", "delete", "hardDelete"})
SET_NULL = "#N/A"


def create(request: Request) -> Answer:
    """Create a job that waits for its data."""
    body = request.body()
    if str(body.get("operation")) not in OPERATIONS:
        raise rejected("INVALIDJOB", f"Invalid operation: {body.get('operation')}")
    name = _object(request, body)
    external, rule = body.get("externalIdFieldName"), body.get("assignmentRuleId")
    if rule is not None and not is_id(rule):
        raise rejected("INVALIDJOB", f"assignmentRuleId is not an id: {rule}")
    if (body["operation"] == "upsert") != (external is not None):
        raise rejected("INVALIDJOB", "externalIdFieldName is required for upsert and only there")
    if body["operation"] == "hardDelete" and not request.org.settings["bulk_hard_delete"]:
        raise rejected("FEATURENOTENABLED", "hardDelete operation requires special user profile permission")
    if external is not None and not _is_external(request, name, str(external)):
        raise rejected("INVALIDJOB", f"Field name provided, {external} does not match an External ID for {name}")
    job = request.api.jobs.add(request, "ingest", body, "Open", name)
    job.external_id, job.rule = external, to18(rule) if rule else None
    return as_json(shown(job))


def _object(request: Request, body: dict[str, Any]) -> str:
    try:
        return request.org.object_name(str(body.get("object")))
    except Rejected as error:
        raise rejected("INVALIDJOB", f"Unable to find object: {body.get('object')}") from error


def _is_external(request: Request, name: str, field: str) -> bool:
    found = request.org.objects[name].fields.get(field)
    return found is not None and (found.external_id or found.type == "id")


def shown(job: Job) -> dict[str, Any]:
    """Return a job as it is shown when it is created or changed."""
    out = job.brief() | {"contentUrl": f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"}
    out |= {"externalIdFieldName": job.external_id} if job.external_id else {}
    return out | ({"assignmentRuleId": job.rule} if job.rule else {})


def upload(request: Request) -> Answer:
    """Take a job's data, once."""
    job = request.api.jobs.get(request, "ingest")
    if job.state != "Open" or job.uploaded is not None:
        raise rejected(
            "INVALIDJOBSTATE", f"Found multiple contents for job: {job.id}, please 'Close' / 'Abort' / 'Delete' it"
        )
    if not request.call.headers.get("content-type", "").lower().startswith("text/csv"):
        raise rejected("INVALID_CONTENT_TYPE", "Content-Type must be text/csv", status=415)
    job.uploaded = request.call.body
    return Answer(201, kind=None)


def change(request: Request) -> Answer:
    """Close a job's data, which processes it, or abort the job."""
    job = request.api.jobs.get(request, "ingest")
    state = request.body().get("state")
    if state == "UploadComplete" and job.state == "Open":
        job.state = state
        process(request, job)
    elif state == "Aborted" and job.state not in ENDED:
        job.state = state
    else:
        raise rejected("INVALIDJOBSTATE", f"Job in state {job.state} cannot be changed to {state}")
    return as_json(shown(job))


def status(request: Request) -> Answer:
    """Answer a job's state."""
    job = request.api.jobs.get(request, "ingest")
    job.poll()
    ended = job.state in ENDED
    times = {"apiActiveProcessingTime": 80 if ended else 0, "apexProcessingTime": 0}
    return as_json(shown(job) | job.whole() | {"numberRecordsFailed": job.failed if ended else 0} | times)


def listed(request: Request) -> Answer:
    """Answer all ingest jobs."""
    return as_json(
        {
            "done": True,
            "records": [shown(job) | job.listed() for job in request.api.jobs.all("ingest")],
            "nextRecordsUrl": None,
        }
    )


def delete(request: Request) -> Answer:
    """Delete a job that has ended."""
    request.api.jobs.remove(request.api.jobs.get(request, "ingest"))
    return Answer(204, kind=None)


# --- processing --------------------------------------------------------------------------------------------------------
def process(request: Request, job: Job) -> None:
    """Write the rows one by one; a row that is refused does not stop the others."""
    try:
        rows = parsed(request, job)
    except ValueError as error:
        job.message = str(error)
        return
    failure = request.org.settings["bulk_failure"]
    stop = failure["after"] if failure else len(rows)
    repeated = _repeated(job, rows)
    for row in rows[:stop]:
        job.outcomes.append(one(request, job, row, repeated))
    job.outcomes += [Outcome(row) for row in rows[stop:]]
    job.processed = min(stop, len(rows))
    job.failed = sum(1 for outcome in job.outcomes if outcome.error)
    if failure:
        job.message, request.org.settings["bulk_failure"] = failure["message"], None


def parsed(request: Request, job: Job) -> list[dict[str, str]]:
    """Return the uploaded rows; ValueError with the job's error message if the file is not as it must be."""
    text = (job.uploaded or b"").decode("utf-8-sig", "replace")
    first = text.partition("\n")[0]
    if first.endswith("\r") != (job.ending == "CRLF"):
        raise ValueError(
            f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {job.ending}"
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[job.delimiter])
    table = [line for line in reader if line]
    if not table:
        raise ValueError("InvalidBatch : The 'Id' or a field column is required")
    job.columns = table[0]
    for column in job.columns:
        _check_column(request, job, column)
    if any(len(line) != len(job.columns) for line in table[1:]):
        raise ValueError("InvalidBatch : The number of columns in a row does not match the header")
    return [dict(zip(job.columns, line, strict=True)) for line in table[1:]]


def _check_column(request: Request, job: Job, column: str) -> None:
    definition = request.org.objects[job.object]
    relation = column.partition(".")[0].rpartition(":")[2]
    if column not in definition.fields and ("." not in column or definition.reference(relation) is None):
        raise ValueError(f"InvalidBatch : Field name not found : {column}")


def _repeated(job: Job, rows: list[dict[str, str]]) -> set[str]:
    if job.operation != "upsert" or job.external_id is None:
        return set()
    counts = Counter(row.get(job.external_id, "").casefold() for row in rows)
    return {value for value, count in counts.items() if count > 1 and value}


def one(request: Request, job: Job, row: dict[str, str], repeated: set[str]) -> Outcome:
    """Write one row and return its outcome."""
    options = Options(user=request.user, assign=job.rule or False)
    try:
        with request.org.store.transaction():
            record_id, created = write(request.org, job, body_of(request, job, row), options, repeated)
        return Outcome(row, record_id, created)
    except Rejected as error:
        return Outcome(row, row.get("Id", ""), error=error.faults[0].as_csv())


def body_of(request: Request, job: Job, row: dict[str, str]) -> dict[str, Any]:
    """Return a row's fields: empty is left out, #N/A is null, ``Account.Key__c`` names a parent by its external
    id, ``Lead:Who.Key__c`` one that may be of several objects."""
    body: dict[str, Any] = {}
    for column, value in row.items():
        if value == "":
            continue
        relation, _, key = column.partition(".")
        kind, _, relation = relation.rpartition(":")
        stored = None if value == SET_NULL else value
        parent = {"attributes": {"type": kind}, key: stored} if kind else {key: stored}
        body[relation if key else column] = parent if key else stored
    return fields_of(request.org, request.org.objects[job.object], body)


class Operation(Protocol):
    """What a job of either Bulk API does to each of its rows."""

    operation: str
    object: str
    external_id: str | None


def write(org: Org, job: Operation, body: dict[str, Any], options: Options, repeated: set[str]) -> tuple[str, bool]:
    """Carry out a job's operation on one row; return the record's id and whether it is new."""
    name = job.object
    if job.operation == "insert":
        return dml.create(org, name, body, options)["Id"], True
    if job.operation == "upsert" and job.external_id is not None:
        value = body.pop(job.external_id, None)
        if str(value).casefold() in repeated:
            raise rejected("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", job.external_id)
        row, created = dml.upsert(org, name, job.external_id, value, body, options)
        return row["Id"], created
    record_id = str(body.pop("Id", ""))
    if not record_id:
        raise rejected("MISSING_ARGUMENT", "Id not specified in an update call", "Id")
    if job.operation == "update":
        return dml.update(org, name, record_id, body, options)["Id"], False
    dml.delete(org, name, record_id, options)
    key = dml.full_id(record_id)
    if job.operation == "hardDelete":
        org.store.purge(name, key)
    return key, False


# --- results -----------------------------------------------------------------------------------------------------------
def successful(request: Request) -> Answer:
    """Answer the rows that were written."""
    job = ended(request)
    rows = [o for o in job.outcomes if o.error is None and o.record_id]
    header = ("sf__Id", "sf__Created", *job.columns)
    return answer(request, job, header, [(o.record_id, str(o.created).lower(), *o.row.values()) for o in rows])


def failed(request: Request) -> Answer:
    """Answer the rows that were refused, with the reason."""
    job = ended(request)
    rows = [o for o in job.outcomes if o.error is not None]
    return answer(
        request,
        job,
        ("sf__Id", "sf__Error", *job.columns),
        [(o.record_id, o.error or "", *o.row.values()) for o in rows],
    )


def unprocessed(request: Request) -> Answer:
    """Answer the rows that the job did not come to."""
    job = ended(request)
    rows = [o for o in job.outcomes if o.error is None and not o.record_id]
    return answer(request, job, job.columns, [tuple(o.row.values()) for o in rows])


def ended(request: Request) -> Job:
    """Return the job of a path; Rejected if it has not ended."""
    job = request.api.jobs.get(request, "ingest")
    if job.state not in ENDED:
        raise rejected("INVALIDJOBSTATE", f"Results are not available: the job's state is {job.state}")
    return job


def answer(request: Request, job: Job, header: Any, rows: list[tuple[str, ...]]) -> Answer:
    """Return rows as CSV, in an order that the client cannot rely on."""
    if request.org.settings["bulk_shuffle"]:
        random.Random(job.id).shuffle(rows)  # noqa: S311
    return Answer(200, to_csv(job, header, list(zip(*rows, strict=True))), "text/csv")


ROUTES = [
    route("POST", "/jobs/ingest", create),
    route("GET", "/jobs/ingest", listed),
    route("PUT", "/jobs/ingest/{}/batches", upload),
    route("PATCH", "/jobs/ingest/{}", change),
    route("GET", "/jobs/ingest/{}", status),
    route("DELETE", "/jobs/ingest/{}", delete),
    route("GET", "/jobs/ingest/{}/successfulresults", successful),
    route("GET", "/jobs/ingest/{}/failedresults", failed),
    route("GET", "/jobs/ingest/{}/unprocessedrecords", unprocessed),
]
