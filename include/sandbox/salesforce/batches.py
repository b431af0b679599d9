"""Bulk API 1.0's jobs and batches as values, and how their information is shown (Bulk API Developer Guide, JobInfo, BatchInfo)."""

from dataclasses import dataclass, field
from typing import Any

WRITES = ("insert", "update", "upsert", "delete", "hardDelete")
QUERIES = ("query", "queryAll")
MODES = ("Parallel", "Serial")


@dataclass
class Batch:
    """One batch of a job. ``polls`` counts down status reads before it has been processed."""

    id: str
    job_id: str
    created: str
    request: Any
    state: str
    polls: int
    message: str | None = None
    results: list[dict[str, Any]] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return sum(1 for result in self.results if result.get("success") is False)

    def shown(self) -> dict[str, Any]:
        """Return the batch's information."""
        ended = self.state in {"Completed", "Failed"}
        body: dict[str, Any] = {
            "id": self.id,
            "jobId": self.job_id,
            "state": self.state,
            "createdDate": self.created,
            "systemModstamp": self.created,
            "numberRecordsProcessed": len(self.results) if ended else 0,
            "numberRecordsFailed": self.failed if ended else 0,
            "totalProcessingTime": 60 if ended else 0,
            "apiActiveProcessingTime": 40 if ended else 0,
            "apexProcessingTime": 0,
        }
        return body | ({"stateMessage": self.message} if self.message else {})


@dataclass
class BatchJob:
    """One job, to which batches are added while it is open."""

    id: str
    operation: str
    object: str
    version: str
    user: str
    created: str
    mode: str
    external_id: str | None = None
    rule: str | None = None
    state: str = "Open"
    batches: list[Batch] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """Return the job's information."""
        states = [batch.state for batch in self.batches]
        body: dict[str, Any] = {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user,
            "createdDate": self.created,
            "systemModstamp": self.created,
            "state": self.state,
            "concurrencyMode": self.mode,
            "contentType": "JSON",
            "apiVersion": float(self.version),
            "numberBatchesQueued": states.count("Queued"),
            "numberBatchesInProgress": states.count("InProgress"),
            "numberBatchesCompleted": states.count("Completed"),
            "numberBatchesFailed": states.count("Failed"),
            "numberBatchesTotal": len(states),
            "numberRecordsProcessed": sum(batch.shown()["numberRecordsProcessed"] for batch in self.batches),
            "numberRecordsFailed": sum(batch.shown()["numberRecordsFailed"] for batch in self.batches),
            "numberRetries": 0,
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        }
        optional = {"externalIdFieldName": self.external_id, "assignmentRuleId": self.rule}
        return body | {key: value for key, value in optional.items() if value}
