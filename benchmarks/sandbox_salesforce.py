"""Results of a Bulk API 2.0 query from the sandbox's Salesforce, 30 fields, over loopback; and how long a world takes to start."""

import http.client
import json
import sys
import time
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
        query = {"operation": "query", "query": f"SELECT {', '.join(names)} FROM Contact"}
        job = json.loads(connection.call("POST", f"{DATA}/jobs/query", json.dumps(query).encode())[1])["id"]
        connection.call("GET", f"{DATA}/jobs/query/{job}")
        rates = sorted(read(connection, job) for _ in range(ROUNDS))
    finally:
        sandbox.stop()
    return {
        "salesforce_fields": len(names),
        f"salesforce_{size}_start_seconds": round(seconds, 2),
        "salesforce_bulk_query_records_per_s": round(rates[ROUNDS // 2]),
    }


def read(connection: Connection, job: str) -> float:
    """Read all pages of a job's results; records per second."""
    rows, locator, started = 0, "", time.perf_counter()
    while locator != "null":
        page = f"?maxRecords={PAGE}" + (f"&locator={locator}" if locator else "")
        headers, _ = connection.call("GET", f"{DATA}/jobs/query/{job}/results{page}")
        rows, locator = rows + int(headers["Sforce-NumberOfRecords"]), headers["Sforce-Locator"]
    return rows / (time.perf_counter() - started)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1] if len(sys.argv) > 1 else "medium")))
