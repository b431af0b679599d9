"""Bulk API 2.0 queries: for reads that are too large for REST pages.

Result pages are checked against `Sforce-NumberOfRecords`, since a long body can end early without an error, and decoded
as UTF-8, since `text/csv` comes without a charset.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests

from lockstep.errors import RetriableError, VendorUnavailable
from lockstep.model import Page, Row
from lockstep.systems.answers import TRIES, Refused, pause
from lockstep.systems.salesforce.client import SalesforceClient
from lockstep.systems.salesforce.raw import csv_value, version

# long text areas hold 131,072 characters, which is where the csv module stops by default
csv.field_size_limit(1 << 24)

PREFIX = "bulk|"
POLL_FIRST, POLL_MOST = 0.2, 10.0
JOB_TIMEOUT = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading a job's results goes on."""

    job: str
    locator: str | None
    read_at: datetime

    def __str__(self) -> str:
        return f"{PREFIX}{self.job}|{self.locator or ''}|{self.read_at.isoformat()}"

    @classmethod
    def parse(cls, cursor: str) -> "Position":
        job, locator, at = cursor.removeprefix(PREFIX).split("|")
        return cls(job, locator or None, datetime.fromisoformat(at))


class BulkQuery:
    """Runs query jobs and pages through their results."""

    def __init__(
        self, client: SalesforceClient, page: int, now: Callable[[], datetime], sleep: Callable[[float], None]
    ):
        self._client, self._page, self._now, self._sleep = client, page, now, sleep

    def start(self, soql: str) -> Position:
        """Create a job and wait until it is complete."""
        read_at = self._now()
        # a job whose answer was lost only leaves an unread result behind, so creating it may be repeated
        job = self._client.json("POST", "/jobs/query", body={"operation": "query", "query": soql})["id"]
        self._wait(job)
        return Position(job, None, read_at)

    def _wait(self, job: str) -> None:
        delay, waited = POLL_FIRST, 0.0
        while True:
            answer = self._client.json("GET", f"/jobs/query/{job}")
            if answer["state"] == "JobComplete":
                return
            if answer["state"] in {"Failed", "Aborted"}:
                message = str(answer.get("errorMessage", ""))
                raise VendorUnavailable(f"Salesforce's query job {job} ended as {answer['state']}: {message}")
            if waited > JOB_TIMEOUT.total_seconds():
                raise RetriableError(f"Salesforce's query job {job} did not end within {JOB_TIMEOUT}.")
            self._sleep(delay)
            waited, delay = waited + delay, min(delay * 1.5, POLL_MOST)

    def known(self, position: Position) -> bool:
        """Whether the job can still be read (results are kept for 7 days)."""
        try:
            return bool(self._client.json("GET", f"/jobs/query/{position.job}")["state"] == "JobComplete")
        except Refused:
            return False

    def pages(self, position: Position, fields: Sequence[str], types: Sequence[str]) -> Iterator[Page]:
        """Pages from `position` on. `fields` begin with Id and SystemModstamp; `types` are those of the fields."""
        convert = [csv_value(one) for one in types]
        locator = position.locator
        while True:
            header, lines, following = self._results(position.job, locator)
            rows = _rows(header, lines, fields, convert)
            cursor = str(Position(position.job, following, position.read_at)) if following else None
            yield Page(rows, cursor, position.read_at)
            if not following:
                return
            locator = following

    def _results(self, job: str, locator: str | None) -> tuple[list[str], list[list[str]], str | None]:
        for attempt in range(1, TRIES + 1):
            response = self._page_of(job, locator)
            lines = list(csv.reader(io.StringIO(response.content.decode("utf-8"), newline="")))
            header, body = (lines[0], lines[1:]) if lines else ([], [])
            if str(len(body)) == response.headers.get("Sforce-NumberOfRecords"):
                following = response.headers.get("Sforce-Locator", "null")
                return header, body, None if following == "null" else following
            self._sleep(pause(attempt))
        raise VendorUnavailable(f"Salesforce's query job {job} gave incomplete results {TRIES} times.")

    def _page_of(self, job: str, locator: str | None) -> requests.Response:
        params = {"maxRecords": str(self._page)} | ({"locator": locator} if locator else {})
        return self._client.call("GET", f"/jobs/query/{job}/results", params=params, headers={"Accept": "text/csv"})


def _rows(header: Sequence[str], lines: list[list[str]], fields: Sequence[str], convert: Sequence[Any]) -> list[Row]:
    places = [header.index(name) for name in fields] if lines else []
    columns = list(zip(places[2:], convert[2:], strict=True)) if lines else []
    key, stamp = (places[0], places[1]) if lines else (0, 0)
    return [Row(line[key], version(line[stamp]), tuple([make(line[at]) for at, make in columns])) for line in lines]
