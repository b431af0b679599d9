"""Bulk API 2.0 jobs: their ids, states over time, and CSV forms (Bulk API 2.0 Developer Guide)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.errors import rejected
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.request import Request
from sandbox.salesforce.soql.run import Result

DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "PIPE": "|", "TAB": "\t", "CARET": "^", "BACKQUOTE": "`"}
ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
ENDED = frozenset({"JobComplete", "Failed", "Aborted"})


@dataclass
class Outcome:
    """What became of one uploaded row: its id and whether it is new, or an error; None of both: not processed."""

    row: dict[str, str]
    record_id: str = ""
    created: bool = False
    error: str | None = None


@dataclass
class Job:
    """One job. ``polls`` counts down status reads that still see InProgress."""

    id: str
    kind: str
    operation: str
    object: str
    version: str
    user: str
    created: str
    state: str
    delimiter: str = "COMMA"
    ending: str = "LF"
    polls: int = 0
    message: str | None = None
    processed: int = 0
    failed: int = 0
    result: Result | None = None
    lines: list[bytes] = field(default_factory=list)
    external_id: str | None = None
    rule: str | None = None
    uploaded: bytes | None = None
    columns: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def brief(self) -> dict[str, Any]:
        """Return the job as it is shown when it is created."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user,
            "createdDate": self.created,
            "systemModstamp": self.created,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.ending,
            "columnDelimiter": self.delimiter,
        }

    def listed(self) -> dict[str, Any]:
        """Return the job as the list of all jobs shows it."""
        return self.brief() | {"jobType": "V2Query" if self.kind == "query" else "V2Ingest"}

    def whole(self) -> dict[str, Any]:
        """Return the job as its status shows it."""
        ended = self.state in ENDED
        body = self.listed() | {
            "retries": 0,
            "totalProcessingTime": 120 if ended else 0,
            "numberRecordsProcessed": self.processed if ended else 0,
        }
        return body | ({"errorMessage": self.message} if self.message else {})

    def poll(self) -> None:
        """Go on by one status read: from UploadComplete through InProgress to the end."""
        if self.state in {"UploadComplete", "InProgress"}:
            self.polls -= 1
            self.state = "InProgress" if self.polls >= 0 else ("Failed" if self.message else "JobComplete")


class Jobs:
    """All jobs by id."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}

    def add(self, request: Request, kind: str, body: dict[str, Any], state: str, object_name: str) -> Job:
        """Create a job from a request; Rejected if its format is none that Salesforce knows."""
        if body.get("contentType", "CSV") != "CSV":
            raise rejected("INVALIDJOB", "contentType must be CSV")
        delimiter, ending = str(body.get("columnDelimiter", "COMMA")), str(body.get("lineEnding", "LF"))
        if delimiter not in DELIMITERS or ending not in ENDINGS:
            raise rejected("INVALIDJOB", f"Invalid columnDelimiter or lineEnding: {delimiter}, {ending}")
        job = Job(
            id=make_id("750", len(self._jobs) + 1),
            kind=kind,
            operation=body["operation"],
            object=object_name,
            version=request.version,
            user=request.user,
            created=request.org.now_stamp(),
            state=state,
            delimiter=delimiter,
            ending=ending,
            polls=int(request.org.settings["bulk_polls"]),
        )
        self._jobs[job.id] = job
        return job

    def get(self, request: Request, kind: str) -> Job:
        """Return the job that a path names; Rejected with 404 if there is none of this kind."""
        job = next((j for j in self._jobs.values() if j.id[:15] == request.parts[0][:15] and j.kind == kind), None)
        if job is None:
            raise rejected("NOT_FOUND", "The requested resource does not exist", status=404)
        return job

    def all(self, kind: str) -> list[Job]:
        """Return the jobs of a kind, newest first."""
        return [job for job in reversed(self._jobs.values()) if job.kind == kind]

    def remove(self, job: Job) -> None:
        """Forget a job that has ended; Rejected if it has not."""
        if job.state not in ENDED:
            raise rejected("INVALIDJOBSTATE", f"Job {job.id} cannot be deleted in state {job.state}")
        del self._jobs[job.id]

    def count(self, kind: str) -> int:
        """Return how many jobs of a kind there are."""
        return len(self.all(kind))


def to_csv(job: Job, header: Sequence[str], columns: Sequence[Sequence[str]]) -> bytes:
    """Return columns of text as CSV with every value quoted, in the job's format."""
    return b"".join(to_lines(job, [[name] for name in header]) + to_lines(job, columns))


def to_lines(job: Job, columns: Iterable[Sequence[str]]) -> list[bytes]:
    """Return columns of text as encoded lines of CSV.

    Written out here because it is several times faster than quoting value by value.
    """
    mark, end = f'"{DELIMITERS[job.delimiter]}"', f'"{ENDINGS[job.ending]}'
    lines = map(mark.join, zip(*map(escaped, columns), strict=True))
    return [f'"{line}{end}'.encode() for line in lines]


def escaped(column: Sequence[str]) -> Sequence[str]:
    """Return a column with its quotation marks doubled."""
    return [value.replace('"', '""') for value in column] if '"' in "".join(column) else column
