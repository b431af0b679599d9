"""Bulk API 1.0 with JSON: jobs, batches and their results under ``/services/async`` (Bulk API 2.0 and Bulk API Developer Guide).

Its answers differ from the rest of the API: the session is in ``X-SFDC-Session``, errors are one object, there is no
usage header, and the results of a batch are in the order of its rows.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.http import Answer, Call, as_json
from sandbox.salesforce import limits
from sandbox.salesforce.batches import MODES, QUERIES, WRITES, Batch, BatchJob
from sandbox.salesforce.bulk_ingest import write
from sandbox.salesforce.dml import Options
from sandbox.salesforce.errors import Rejected, rejected
from sandbox.salesforce.ids import is_id, make_id, to18
from sandbox.salesforce.org import Org
from sandbox.salesforce.rows import fields_of
from sandbox.salesforce.soql.run import run

if TYPE_CHECKING:
    from sandbox.salesforce.api import Api

ASYNC = re.compile(r"/services/async/(\d+\.\d)/(.+?)/?$", re.IGNORECASE)
RECORDS_MAX = 10_000


class BatchJobs:
    """All jobs of the organisation, and the routes to them."""

    def __init__(self, api: "Api") -> None:
        self.api, self._jobs, self.made = api, dict[str, BatchJob](), 0

    def handle(self, call: Call, version: str, path: str) -> Answer:
        """Answer one call below ``/services/async/<version>``."""
        try:
            user = self.api.sessions.user_with(call.headers.get("x-sfdc-session", ""))
            self._count_call()
            answer = self._route(call, user, version, path.split("/"))
        except Rejected as error:
            answer = self._refused(error)
        if self.api.org.settings["limit_info_on_bulk_1"]:
            answer.headers["Sforce-Limit-Info"] = limits.info(self.api.org.settings)
        return answer

    def _refused(self, error: Rejected) -> Answer:
        fault = error.faults[0]
        code = CODES.get(fault.code, fault.code)
        message = "Invalid session id" if code == "InvalidSessionId" else fault.message
        body = {"exceptionCode": code, "exceptionMessage": message}
        return as_json(body, int(self.api.org.settings["bulk_1_error_status"]))

    def _count_call(self) -> None:
        settings = self.api.org.settings
        if settings["used"] >= settings["daily_limit"]:
            raise rejected("ExceededQuota", "TotalRequests Limit exceeded.")
        settings["used"] += 1

    def _route(self, call: Call, user: str, version: str, parts: list[str]) -> Answer:
        low, high = self.api.org.settings["api_versions"]
        if not low <= float(version) <= high:
            raise rejected("InvalidVersion", f"Api version {version} is not supported")
        shape = "/".join("{}" if is_id(part) else part.lower() for part in parts)
        routes: dict[tuple[str, str], Callable[[Call, list[str]], Answer]] = {
            ("POST", "job/{}"): self._change,
            ("GET", "job/{}"): lambda _, p: as_json(self._job(p).shown()),
            ("POST", "job/{}/batch"): self._add,
            ("GET", "job/{}/batch"): lambda _, p: as_json({"batchInfo": [b.shown() for b in self._job(p).batches]}),
            ("GET", "job/{}/batch/{}"): self._status,
            ("GET", "job/{}/batch/{}/request"): lambda _, p: as_json(self._batch(p).request),
            ("GET", "job/{}/batch/{}/result"): self._results,
            ("GET", "job/{}/batch/{}/result/{}"): self._query_result,
        }
        if (call.method, shape) == ("POST", "job"):
            return as_json(self._create(_json(call), user, version).shown(), 201)
        if (call.method, shape) not in routes:
            raise rejected("InvalidUrl", f"Destination URL not reset. The URL is not valid: {call.path}")
        return routes[call.method, shape](call, parts)

    # --- jobs --------------------------------------------------------------------------------------------------------
    def _create(self, body: Any, user: str, version: str) -> BatchJob:
        if not isinstance(body, dict):
            raise rejected("InvalidJob", "Unable to parse Job")
        if body.get("contentType") != "JSON":
            raise rejected("InvalidJob", f"Unsupported content type: {body.get('contentType')}")
        operation, mode = body.get("operation"), _mode(body.get("concurrencyMode", 0))
        if operation not in WRITES + QUERIES:
            raise rejected("InvalidJob", f"Unable to parse Job: invalid operation {operation}")
        org = self.api.org
        job = BatchJob(
            make_id("750", 500_000 + len(self._jobs)), str(operation), self._object(org, body), version, user,
            org.now_stamp(), mode,
        )  # fmt: skip
        self._configure(org, job, body)
        self._jobs[job.id] = job
        return job

    @staticmethod
    def _object(org: Org, body: dict[str, Any]) -> str:
        try:
            return org.object_name(str(body.get("object")))
        except Rejected as error:
            raise rejected("InvalidJob", f"Unable to find object: {body.get('object')}") from error

    @staticmethod
    def _configure(org: Org, job: BatchJob, body: dict[str, Any]) -> None:
        external, rule = body.get("externalIdFieldName"), body.get("assignmentRuleId")
        if job.operation == "hardDelete" and not org.settings["bulk_hard_delete"]:
            message = "hardDelete operation requires special user profile permission, please contact your system administrator"
            raise rejected("FeatureNotEnabled", message)
        if job.operation == "upsert" and not external:
            message = f"External ID was blank for {job.object}. An External ID must be specified for upsert."
            raise rejected("InvalidJob", message)
        known = org.objects[job.object].fields.get(str(external))
        if job.operation == "upsert" and (known is None or not (known.external_id or known.type == "id")):
            message = f"Field name provided, {external} does not match an External ID for {job.object}"
            raise rejected("InvalidJob", message)
        if rule is not None and not is_id(rule):
            raise rejected("InvalidJob", f"assignmentRuleId is not an id: {rule}")
        job.external_id, job.rule = external, to18(rule) if rule else None

    def _job(self, parts: list[str]) -> BatchJob:
        if to18(parts[1]) not in self._jobs:
            raise rejected("InvalidJob", f"Invalid job id: {parts[1]}")
        return self._jobs[to18(parts[1])]

    def _change(self, call: Call, parts: list[str]) -> Answer:
        job, body = self._job(parts), _json(call)
        state = body.get("state") if isinstance(body, dict) else None
        if state not in {"Closed", "Aborted"} or job.state != "Open":
            raise rejected("InvalidJobState", f"Job {job.id} in state {job.state} cannot be changed to {state}")
        job.state = str(state)
        for batch in job.batches:
            if state == "Aborted" and batch.state in {"Queued", "InProgress"}:
                batch.state = "NotProcessed"
        return as_json(job.shown())

    # --- batches -----------------------------------------------------------------------------------------------------
    def _add(self, call: Call, parts: list[str]) -> Answer:
        job = self._job(parts)
        if job.state != "Open":
            raise rejected("InvalidJobState", f"Batch cannot be added to a job that is {job.state}")
        self.made += 1
        polls = int(self.api.org.settings["bulk_polls"])
        query = job.operation in QUERIES
        request = call.body.decode("utf-8", "replace") if query else _json(call)
        batch = Batch(make_id("751", self.made), job.id, self.api.org.now_stamp(), request, "Queued", polls)
        job.batches.append(batch)
        self._process(job, batch)
        return as_json(batch.shown() | {"state": "Queued", "numberRecordsProcessed": 0, "numberRecordsFailed": 0}, 201)

    def _process(self, job: BatchJob, batch: Batch) -> None:
        """Carry a batch out at once; its state says so after the set number of reads."""
        try:
            if job.operation in QUERIES:
                batch.results = self._select(job, batch.request)
            else:
                batch.results = [self._write(job, row) for row in _rows(batch.request)]
        except Rejected as error:
            batch.message = f"InvalidBatch : {error.faults[0].message}"

    def _select(self, job: BatchJob, text: str) -> list[dict[str, Any]]:
        result = run(self.api.org, text, job.operation == "queryAll", job.version, bulk=True)
        return [result.show(row) for row in result.rows]

    def _write(self, job: BatchJob, row: dict[str, Any]) -> dict[str, Any]:
        org, options = self.api.org, Options(user=job.user, assign=job.rule or False)
        try:
            with org.store.transaction():
                body = fields_of(org, org.objects[job.object], row)
                record_id, created = write(org, job, body, options, set())
        except Rejected as error:
            errors = [fault.as_result() | {"extendedErrorDetails": None} for fault in error.faults]
            return {"success": False, "created": False, "id": None, "errors": errors}
        return {"success": True, "created": created, "id": record_id, "errors": []}

    def _batch(self, parts: list[str]) -> Batch:
        found = next((batch for batch in self._job(parts).batches if batch.id == to18(parts[3])), None)
        if found is None:
            raise rejected("InvalidBatch", f"Invalid batch id: {parts[3]}")
        return found

    def _status(self, call: Call, parts: list[str]) -> Answer:
        batch = self._batch(parts)
        if batch.state in {"Queued", "InProgress"}:
            batch.polls -= 1
            batch.state = "InProgress" if batch.polls >= 0 else "Failed" if batch.message else "Completed"
        return as_json(batch.shown())

    def _results(self, call: Call, parts: list[str]) -> Answer:
        job, batch = self._job(parts), self._batch(parts)
        if batch.state == "Failed":
            raise rejected("InvalidBatch", "Records not processed")
        if batch.state != "Completed":
            raise rejected("InvalidBatch", "Batch not completed")
        return as_json([make_id("752", self.made)] if job.operation in QUERIES else batch.results)

    def _query_result(self, call: Call, parts: list[str]) -> Answer:
        return as_json(self._batch(parts).results)


CODES = {"INVALID_SESSION_ID": "InvalidSessionId", "JSON_PARSER_ERROR": "InvalidBatch"}
"""Exception codes of this API for those of the others."""


def _mode(given: Any) -> str:
    """A concurrency mode by its name or its number."""
    for number, name in enumerate(MODES):
        if not isinstance(given, bool) and given in (number, name):
            return name
    raise rejected("InvalidJob", f"Unable to parse Job: invalid concurrencyMode {given}")


def _json(call: Call) -> Any:
    try:
        return orjson.loads(call.body)
    except ValueError as error:
        raise rejected("InvalidBatch", f"Unable to parse: {error}") from error


def _rows(request: Any) -> list[dict[str, Any]]:
    if not isinstance(request, list) or not all(isinstance(row, dict) for row in request):
        raise rejected("InvalidBatch", "Records not found: a JSON array of objects is required")
    if len(request) > RECORDS_MAX:
        raise rejected("ExceededQuota", f"Too many records in batch, the limit is {RECORDS_MAX}")
    return request
