"""Results of a Bulk API 2.0 query from the sandbox's Salesforce, 30 fields, over loopback; and how long a world takes to start."""

import http.client
import json
import sys
import time
from statistics import median
from urllib.parse import urlsplit

from tests.contract import sandbox_process

DATA = "/services/data/v62.0"
FIELDS = 30
PAGE = 50_000
ROUNDS = 5


class Connection:
    """One kept connection to the sandbox, with a token."""

    def __init__(self, url: str) -> None:
        self._http = http.client.HTTPConnection(urlsplit(url).netloc)
        form = "grant_type=client_credentials&client_id=k&client_secret=s"
        self._headers: dict[str, str] = {}
        token = json.loads(self.call("POST", "/services/oauth2/token", form.encode())[1])["access_token"]
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: bytes | None = None) -> tuple[http.client.HTTPMessage, bytes]:
        """Headers and body of one answer; RuntimeError if it is an error."""
        self._http.request(method, path, body, self._headers)
        answer = self._http.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:200]!r}")
        return answer.headers, content


def main(size: str) -> dict[str, float]:
    started = time.perf_counter()
    sandbox = sandbox_process.start(size)
    seconds = time.perf_counter() - started
    try:
        connection = Connection(sandbox.salesforce)
        describe = json.loads(connection.call("GET", f"{DATA}/sobjects/Contact/describe")[1])
        names = [field["name"] for field in describe["fields"]][:FIELDS]
        query = json.dumps({"operation": "query", "query": f"SELECT {', '.join(names)} FROM Contact"}).encode()
        rounds = [measured(connection, query) for _ in range(ROUNDS)]
    finally:
        sandbox.stop()
    return {
        "salesforce_fields": len(names),
        f"salesforce_{size}_start_seconds": round(seconds, 2),
        "salesforce_bulk_query_records_per_s": round(median(whole for whole, _ in rounds)),
        "salesforce_bulk_results_records_per_s": round(median(results for _, results in rounds)),
    }


def measured(connection: Connection, query: bytes) -> tuple[float, float]:
    """Records per second of a job from its creation to its last page, and of its pages alone."""
    started = time.perf_counter()
    job = json.loads(connection.call("POST", f"{DATA}/jobs/query", query)[1])["id"]
    connection.call("GET", f"{DATA}/jobs/query/{job}")
    ready = time.perf_counter()
    rows = read(connection, job)
    ended = time.perf_counter()
    return rows / (ended - started), rows / (ended - ready)


def read(connection: Connection, job: str) -> int:
    """Read all pages of a job's results; how many records they held."""
    rows, locator = 0, ""
    while locator != "null":
        page = f"?maxRecords={PAGE}" + (f"&locator={locator}" if locator else "")
        headers, _ = connection.call("GET", f"{DATA}/jobs/query/{job}/results{page}")
        rows, locator = rows + int(headers["Sforce-NumberOfRecords"]), headers["Sforce-Locator"]
    return rows


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1] if len(sys.argv) > 1 else "medium")))
