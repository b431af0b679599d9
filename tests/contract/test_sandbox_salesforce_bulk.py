"""Bulk API 2.0 query and ingest in the sandbox."""

import csv
import io
from typing import Any

import pytest
from tests.contract.salesforce_org import ANNA, API_USER, QUEUE, Client, Reply, organisation

RULE = "01Q5g0000000001EAA"


@pytest.fixture
def sf() -> Client:
    return organisation()[0]


def table(reply: Reply) -> list[dict[str, str]]:
    """Read a CSV answer; embedded newlines stay."""
    return list(csv.DictReader(io.StringIO(reply.body.decode(), newline="")))


# --- query -------------------------------------------------------------------------------------------------------------
def query_job(sf: Client, soql: str, operation: str = "query", **options: Any) -> str:
    reply = sf("POST", "/jobs/query", {"operation": operation, "query": soql} | options)
    assert reply.status == 200, reply.body
    return str(reply.json["id"])


def test_a_job_runs_through_its_states(sf: Client) -> None:
    sf.create("Account", Name="Å", AnnualRevenue=5)
    sf.org.settings["bulk_polls"] = 2
    made = sf("POST", "/jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"}).json
    assert (made["state"], made["object"], made["apiVersion"], made["contentType"]) == (
        "UploadComplete",
        "Account",
        62.0,
        "CSV",
    )
    path = f"/jobs/query/{made['id']}"
    assert sf("GET", f"{path}/results").status == 400
    states = [sf("GET", path).json["state"] for _ in range(3)]
    assert states == ["InProgress", "InProgress", "JobComplete"]
    done = sf("GET", path).json
    assert (done["numberRecordsProcessed"], done["jobType"], done["retries"]) == (1, "V2Query", 0)


def test_results_are_paged_csv_without_a_charset(sf: Client) -> None:
    for number in range(5):
        sf.create("Contact", LastName=f'L"{number}\nx', HasOptedOutOfEmail=number == 0, Birthdate="2000-01-02")
    job = query_job(
        sf, "SELECT Id, LastName, HasOptedOutOfEmail, CreatedDate, Birthdate, Email, Owner.Name FROM Contact"
    )
    sf("GET", f"/jobs/query/{job}")
    page = sf("GET", f"/jobs/query/{job}/results?maxRecords=2")
    assert page.kind == "text/csv"
    assert page.headers["Sforce-NumberOfRecords"] == "2"
    rows, locator = table(page), page.headers["Sforce-Locator"]
    again = sf("GET", f"/jobs/query/{job}/results?maxRecords=2&locator={locator}")
    assert again.body == sf("GET", f"/jobs/query/{job}/results?maxRecords=2&locator={locator}").body
    while locator != "null":
        page = sf("GET", f"/jobs/query/{job}/results?maxRecords=2&locator={locator}")
        rows, locator = rows + table(page), page.headers["Sforce-Locator"]
    assert [row["LastName"] for row in rows] == [f'L"{number}\nx' for number in range(5)]
    assert rows[0] | {"Id": ""} == {
        "Id": "",
        "LastName": 'L"0\nx',
        "HasOptedOutOfEmail": "true",
        "CreatedDate": "2026-03-02T12:00:00.000Z",
        "Birthdate": "2000-01-02",
        "Email": "",
        "Owner.Name": "Api Berg",
    }
    first = sf("GET", f"/jobs/query/{job}/results?maxRecords=1").body.decode().splitlines()[0]
    assert first.startswith('"Id","LastName"')


def test_an_empty_result_is_a_header(sf: Client) -> None:
    job = query_job(sf, "SELECT Id, Name FROM Account")
    sf("GET", f"/jobs/query/{job}")
    page = sf("GET", f"/jobs/query/{job}/results")
    assert (page.body, page.headers["Sforce-NumberOfRecords"], page.headers["Sforce-Locator"]) == (
        b'"Id","Name"\n',
        "0",
        "null",
    )


def test_query_all_reads_the_recycle_bin(sf: Client) -> None:
    gone = sf.create("Account", Name="gone")
    sf("DELETE", f"/sobjects/Account/{gone}")
    job = query_job(sf, "SELECT Id, IsDeleted FROM Account", "queryAll", lineEnding="CRLF", columnDelimiter="TAB")
    sf("GET", f"/jobs/query/{job}")
    assert sf("GET", f"/jobs/query/{job}/results").body.decode() == f'"Id"\t"IsDeleted"\r\n"{gone}"\t"true"\r\n'


def test_results_need_the_version_of_the_job(sf: Client) -> None:
    job = query_job(sf, "SELECT Id FROM Account")
    sf("GET", f"/jobs/query/{job}")
    assert sf("GET", f"/services/data/v61.0/jobs/query/{job}/results").status == 409


def test_abort_and_delete(sf: Client) -> None:
    sf.org.settings["bulk_polls"] = 5
    job = query_job(sf, "SELECT Id FROM Account")
    assert sf("DELETE", f"/jobs/query/{job}").status == 400
    assert sf("PATCH", f"/jobs/query/{job}", {"state": "Aborted"}).json["state"] == "Aborted"
    assert sf("GET", f"/jobs/query/{job}").json["state"] == "Aborted"
    assert sf("PATCH", f"/jobs/query/{job}", {"state": "Aborted"}).status == 400
    assert sf("DELETE", f"/jobs/query/{job}").status == 204
    assert sf("GET", f"/jobs/query/{job}").status == 404


def test_a_job_that_fails_says_why(sf: Client) -> None:
    sf.org.settings["bulk_failure"] = {"message": "InternalServerError : try again", "after": 0}
    job = query_job(sf, "SELECT Id FROM Account")
    status = sf("GET", f"/jobs/query/{job}").json
    assert (status["state"], status["errorMessage"]) == ("Failed", "InternalServerError : try again")
    assert sf("GET", f"/jobs/query/{job}/results").status == 400


@pytest.mark.parametrize(
    "soql",
    ["SELECT COUNT() FROM Account", "SELECT Id FROM Account OFFSET 5", "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
     "SELECT Name, COUNT(Id) FROM Account GROUP BY Name", "SELECT Nope FROM Account", "nonsense"],
)  # fmt: skip
def test_refused_queries(sf: Client, soql: str) -> None:
    assert sf("POST", "/jobs/query", {"operation": "query", "query": soql}).status == 400


# --- ingest ------------------------------------------------------------------------------------------------------------
def ingest(sf: Client, text: str, **body: Any) -> tuple[dict[str, Any], str]:
    """Run a whole job and return its last status and its path."""
    made = sf("POST", "/jobs/ingest", {"object": "Lead", "operation": "insert", "contentType": "CSV"} | body)
    assert made.status == 200, made.body
    assert made.json["state"] == "Open"
    assert made.json["contentUrl"] == f"services/data/v62.0/jobs/ingest/{made.json['id']}/batches"
    path = f"/jobs/ingest/{made.json['id']}"
    uploaded = sf("PUT", f"{path}/batches", body=text.encode(), content_type="text/csv")
    assert (uploaded.status, uploaded.body) == (201, b"")
    assert sf("PUT", f"{path}/batches", body=b"x", content_type="text/csv").status == 400
    assert sf("PATCH", path, {"state": "UploadComplete"}).status == 200
    return sf("GET", path).json, path


def test_a_complete_job_may_have_failed_rows(sf: Client) -> None:
    rows = "".join(f"Li{number},Co,{'x' * (81 if number == 3 else 5)}@a.example\n" for number in range(6))
    status, path = ingest(sf, "LastName,Company,Email\n" + rows)
    assert (status["state"], status["numberRecordsProcessed"], status["numberRecordsFailed"]) == ("JobComplete", 6, 1)
    good, bad = table(sf("GET", f"{path}/successfulResults")), table(sf("GET", f"{path}/failedresults"))
    assert {row["LastName"] for row in good} == {"Li0", "Li1", "Li2", "Li4", "Li5"}
    assert [row["LastName"] for row in good] != ["Li0", "Li1", "Li2", "Li4", "Li5"]
    assert all(
        row["sf__Created"] == "true" and sf.get("Lead", row["sf__Id"])["LastName"] == row["LastName"] for row in good
    )
    assert bad[0]["sf__Error"].startswith("STRING_TOO_LONG:Email: data value too large: xxx")
    assert bad[0]["sf__Error"].endswith(":Email --")
    assert table(sf("GET", f"{path}/unprocessedrecords")) == []


def test_empty_is_left_alone_and_na_is_null(sf: Client) -> None:
    lead = sf.create("Lead", LastName="Li", Company="Co", Phone="1", Title="T")
    status, _ = ingest(sf, f"Id,Phone,Title,City\n{lead},,#N/A,Oslo\n", operation="update")
    assert status["numberRecordsFailed"] == 0
    row = sf.get("Lead", lead)
    assert (row["Phone"], row["Title"], row["City"]) == ("1", None, "Oslo")


def test_upsert_refuses_an_external_id_that_is_there_twice(sf: Client) -> None:
    account = sf.create("Account", Name="A", Lockstep_Id__c="acc")
    text = "Lockstep_Id__c,LastName,Account.Lockstep_Id__c\na,L,acc\nb,L,\nB,L,\n"
    status, path = ingest(sf, text, object="Contact", operation="upsert", externalIdFieldName="Lockstep_Id__c")
    assert (status["numberRecordsProcessed"], status["numberRecordsFailed"]) == (3, 2)
    errors = [row["sf__Error"] for row in table(sf("GET", f"{path}/failedResults"))]
    assert all("DUPLICATE_VALUE:Duplicate external id specified" in error for error in errors)
    assert sf.query("SELECT AccountId FROM Contact")["records"][0]["AccountId"] == account


def test_rules_run_only_if_the_job_names_one(sf: Client) -> None:
    sf.org.settings["assignment_rules"] = {"Lead": {"id": RULE, "owner": QUEUE}}
    ingest(sf, "LastName,Company\nNone,C\n")
    ingest(sf, "LastName,Company\nRule,C\n", assignmentRuleId=RULE)
    owners = {r["LastName"]: r["OwnerId"] for r in sf.query("SELECT LastName, OwnerId FROM Lead")["records"]}
    assert owners == {"None": API_USER, "Rule": QUEUE}


def test_deletes(sf: Client) -> None:
    soft, hard = (sf.create("Lead", LastName="L", Company="C", OwnerId=ANNA) for _ in range(2))
    ingest(sf, f"Id\n{soft}\n", operation="delete")
    ingest(sf, f"Id\n{hard}\n", operation="hardDelete")
    assert sf.ids("SELECT Id FROM Lead", everything=True) == [soft]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lastname,Company\nL,C\n", "InvalidBatch : Field name not found : lastname"),
        ("LastName,Company\r\nL,C\r\n", "ClientInputError : LineEnding is invalid on user data"),
        ("LastName,Company\nL\n", "InvalidBatch : The number of columns"),
    ],
)
def test_a_malformed_file_fails_the_job(sf: Client, text: str, message: str) -> None:
    status, _ = ingest(sf, text)
    assert status["state"] == "Failed"
    assert status["errorMessage"].startswith(message)
    assert sf.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_a_failed_job_may_have_committed_some_rows(sf: Client) -> None:
    sf.org.settings["bulk_failure"] = {"message": "InternalServerError", "after": 2}
    status, path = ingest(sf, "LastName,Company\na,C\nb,C\nc,C\n")
    assert (status["state"], status["numberRecordsProcessed"]) == ("Failed", 2)
    assert len(table(sf("GET", f"{path}/successfulResults"))) == 2
    assert [row["LastName"] for row in table(sf("GET", f"{path}/unprocessedRecords"))] == ["c"]


@pytest.mark.parametrize(
    "body",
    [{"operation": "fly"}, {"object": "Nope"}, {"operation": "upsert"}, {"externalIdFieldName": "Lockstep_Id__c"},
     {"operation": "upsert", "externalIdFieldName": "Email"}, {"contentType": "JSON"}, {"columnDelimiter": "DOT"}],
)  # fmt: skip
def test_refused_jobs(sf: Client, body: dict[str, Any]) -> None:
    assert sf("POST", "/jobs/ingest", {"object": "Lead", "operation": "insert"} | body).status == 400
