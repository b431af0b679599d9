"""A sandbox organisation in this process, and a small client that calls it without a network, for tests."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from sandbox.clock import Clock
from sandbox.http import Answer, Call
from sandbox.salesforce import Salesforce
from sandbox.world import World

NOW = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
DATA = "/services/data/v62.0"
LONG_AGO = datetime(2025, 6, 1, 8, 0, 0, tzinfo=UTC)
API_USER, ANNA, GONE = "0055g0000000001AAA", "0055g0000000002AAA", "0055g0000000003AAA"
QUEUE = "00G5g0000000001EAA"


def world() -> World:
    """Return three users (the API's, an active one, an inactive one) and a queue: everything else the tests make."""
    stamps = {"CreatedDate": LONG_AGO, "LastModifiedDate": LONG_AGO, "SystemModstamp": LONG_AGO}
    stamps |= {"CreatedById": API_USER, "LastModifiedById": API_USER}
    users = [
        {"Id": record_id, "Username": f"{first.lower()}@corp.example", "FirstName": first, "LastName": "Berg",
         "Name": f"{first} Berg", "Email": f"{first.lower()}@corp.example", "IsActive": active, **stamps}
        for record_id, first, active in ((API_USER, "Api", True), (ANNA, "Anna", True), (GONE, "Gone", False))
    ]  # fmt: skip
    queue = {"Id": QUEUE, "Name": "Web Leads", "DeveloperName": "Web_Leads", "Type": "Queue", **stamps}
    return World(salesforce={"User": users, "Group": [queue]})


class Reply:
    """An answer with its JSON."""

    def __init__(self, answer: Answer) -> None:
        self.status, self.headers, self.body = answer.status, answer.headers, answer.body
        self.kind = answer.kind

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        """The errorCode of the first error."""
        return str(self.json[0]["errorCode"])


class Client:
    """Calls an organisation as its API user."""

    def __init__(self, org: Salesforce) -> None:
        self.org = org
        self.token = org.api.sessions.issue(API_USER)

    def __call__(self, method: str, path: str, json: Any = None, body: bytes = b"", **headers: str) -> Reply:
        """Call a path below /services/data/v62.0, or a whole one; header names are written with underscores."""
        parts = urlsplit(path if path.startswith("/services") else DATA + path)
        names = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        call = Call(
            method=method,
            path=parts.path,
            raw_path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={"authorization": f"Bearer {self.token}", "host": "acme.my.salesforce.com"} | names,
            body=body if json is None else orjson.dumps(json),
            scheme="https",
        )
        return Reply(self.org.api.handle(call))

    def create(self, name: str, **fields: Any) -> str:
        """Create a record and return its id; AssertionError with the answer if it is refused."""
        reply = self("POST", f"/sobjects/{name}", fields, sforce_auto_assign="FALSE")
        assert reply.status == 201, reply.body
        return str(reply.json["id"])

    def get(self, name: str, record_id: str) -> dict[str, Any]:
        """Read a record; AssertionError with the answer if there is none."""
        reply = self("GET", f"/sobjects/{name}/{record_id}")
        assert reply.status == 200, reply.body
        return dict(reply.json)

    def query(self, soql: str, everything: bool = False) -> dict[str, Any]:
        """Run a query; AssertionError with the answer if it is refused."""
        reply = self.ask(soql, everything)
        assert reply.status == 200, reply.body
        return dict(reply.json)

    def ids(self, soql: str, everything: bool = False) -> list[str]:
        """Run a query and return the ids of its records."""
        return [record["Id"] for record in self.query(soql, everything)["records"]]

    def ask(self, soql: str, everything: bool = False) -> Reply:
        """Run a query and return the answer, whatever it is."""
        from urllib.parse import quote

        return self("GET", f"/query{'All' if everything else ''}?q={quote(soql)}")


def organisation(**settings: Any) -> tuple[Client, Salesforce, Clock]:
    """Return a client, its organisation and the fixed clock."""
    clock = Clock(NOW, "fixed")
    org = Salesforce(clock, world(), settings)
    return Client(org), org, clock
