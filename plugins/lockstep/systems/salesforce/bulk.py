"""Bulk API 2.0 queries: for reads that are too large for REST pages.

Result pages are checked against `Sforce-NumberOfRecords`, since a long body can end early without an error, and decoded
as UTF-8, since `text/csv` comes without a charset.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

import requests

from lockstep.errors import RetriableError, VendorUnavailable
from lockstep.model import Page, Row
from lockstep.systems.answers import TRIES, Refused, pause
from lockstep.systems.salesforce.client import SalesforceClient
from lockstep.systems.salesforce.raw import NUMBERS, number, version

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
        locator = position.locator
        while True:
            rows, following = self._results(position.job, locator, fields, types)
            cursor = str(Position(position.job, following, position.read_at)) if following else None
            yield Page(rows, cursor, position.read_at)
            if not following:
                return
            locator = following

    def _results(
        self, job: str, locator: str | None, fields: Sequence[str], types: Sequence[str]
    ) -> tuple[list[Row], str | None]:
        for attempt in range(1, TRIES + 1):
            response = self._page_of(job, locator)
            rows = list(_rows(response.content.decode("utf-8"), fields, types))
            if str(len(rows)) == response.headers.get("Sforce-NumberOfRecords"):
                following = response.headers.get("Sforce-Locator", "null")
                return rows, None if following == "null" else following
            self._sleep(pause(attempt))
        raise VendorUnavailable(f"Salesforce's query job {job} gave incomplete results {TRIES} times.")

    def _page_of(self, job: str, locator: str | None) -> requests.Response:
        params = {"maxRecords": str(self._page)} | ({"locator": locator} if locator else {})
        return self._client.call("GET", f"/jobs/query/{job}/results", params=params, headers={"Accept": "text/csv"})


def _rows(text: str, fields: Sequence[str], types: Sequence[str]) -> Iterator[Row]:
    """Rows of one page. A line that was cut off is left out, so that the page is seen to be incomplete."""
    lines = csv.reader(io.StringIO(text, newline=""))
    header = next(lines, [])
    if not header:
        return
    wanted = itemgetter(*(header.index(name) for name in fields))
    numbers = [at for at, type in enumerate(types[2:]) if type in NUMBERS]
    for line in lines:
        if len(line) != len(header):
            continue
        key, stamp, *told = wanted(line)
        values = [value or None for value in told]
        for at in numbers:
            # Bulk 2.0 writes integers as `0.0`
            if value := values[at]:
                values[at] = number(value)
        yield Row(key, version(stamp), tuple(values))
