"""The thirteen traps of Salesforce that the sandbox must have, one test for each; each has cost real users data.

Finer tests of the same stand with their parts. What needs a network runs against a process.
"""

import http.client
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import requests
from tests.contract.salesforce_org import ANNA, NOW, QUEUE, Client, Reply, organisation
from tests.contract.sandbox_process import Running, start

from sandbox.clock import Clock
from sandbox.salesforce import Salesforce
from sandbox.salesforce.ids import make_id

Made = tuple[Client, Salesforce, Clock]
DATA = "/services/data/v62.0"
RULE = make_id("01Q", 1)


@pytest.fixture
def made() -> Made:
    return organisation(session_seconds=10**9)


@pytest.fixture(scope="module")
def box() -> Iterator[Running]:
    running = start(now="2026-03-02T12:00:00Z", clock="fixed")
    yield running
    running.stop()


@pytest.fixture
def web(box: Running) -> Iterator[requests.Session]:
    for what in ("faults", "calls"):
        box.admin("DELETE", what)
    with requests.Session() as session:
        session.trust_env = False
        form = {"grant_type": "client_credentials", "client_id": "k", "client_secret": "s"}
        token = session.post(f"{box.salesforce}/services/oauth2/token", data=form).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        yield session


def lead(**fields: Any) -> dict[str, Any]:
    return {"LastName": "Li", "Company": "Co"} | fields


def ingest(sf: Client, text: str, **job: Any) -> str:
    body = {"operation": "insert", "object": "Lead", "lineEnding": "LF"} | job
    name = str(sf("POST", "/jobs/ingest", body).json["id"])
    sf("PUT", f"/jobs/ingest/{name}/batches", body=text.encode(), content_type="text/csv")
    sf("PATCH", f"/jobs/ingest/{name}", {"state": "UploadComplete"})
    sf("GET", f"/jobs/ingest/{name}")
    return name


def query_job(sf: Client, soql: str, version: str = "62.0") -> str:
    path = f"/services/data/v{version}/jobs/query"
    name = str(sf("POST", path, {"operation": "query", "query": soql}).json["id"])
    sf("GET", f"{path}/{name}")
    return name


def span(start: float, end: float) -> str:
    return "&".join(
        f"{key}={quote((NOW + timedelta(minutes=at)).isoformat())}" for key, at in (("start", start), ("end", end))
    )


def test_01_a_stamp_and_its_visibility_are_two_clocks_and_latest_date_covered_is_honest(made: Made) -> None:
    sf, org, clock = made
    org.settings["commit_lag_seconds"] = 300
    late = org.act("create", object="Account", fields={"Name": "late"})["Id"]
    org.settings["commit_lag_seconds"] = 0
    clock.advance(120)
    early = sf.create("Account", Name="early")
    assert sf.ids("SELECT Id FROM Account ORDER BY SystemModstamp") == [early]
    told = sf("GET", f"/sobjects/Account/updated?{span(0, 3)}").json
    assert (told["ids"], told["latestDateCovered"]) == ([early], "2026-03-02T12:00:00.000+0000")
    clock.advance(300)
    rows = sf.query("SELECT Id, SystemModstamp FROM Account ORDER BY SystemModstamp")["records"]
    assert [row["Id"] for row in rows] == [late, early]
    assert rows[0]["SystemModstamp"] == "2026-03-02T12:00:00.000+0000"


def test_02_csv_comes_without_a_charset(made: Made) -> None:
    sf, _, _ = made
    sf.create("Lead", **lead(LastName="Zoë"))
    job = query_job(sf, "SELECT LastName FROM Lead")
    reply = sf("GET", f"/jobs/query/{job}/results")
    assert (reply.kind, reply.body) == ("text/csv", '"LastName"\n"Zoë"\n'.encode())
    written = ingest(sf, "LastName,Company\nÅse,Co\n")
    assert sf("GET", f"/jobs/ingest/{written}/successfulResults").kind == "text/csv"


def test_03_locators_expire_and_pages_are_smaller_than_asked(made: Made) -> None:
    sf, org, clock = made
    for number in range(5):
        sf.create("Lead", **lead(LastName=str(number)))
    org.settings["page_size_max"] = 2
    first = sf("GET", "/query?q=SELECT+Id+FROM+Lead", sforce_query_options="batchSize=2000").json
    assert (len(first["records"]), first["done"]) == (2, False)
    assert len(sf("GET", first["nextRecordsUrl"]).json["records"]) == 2
    clock.advance(172_801)
    assert sf("GET", first["nextRecordsUrl"]).code == "INVALID_QUERY_LOCATOR"


def test_03_bodies_may_be_truncated(box: Running, web: requests.Session) -> None:
    box.admin("POST", "faults", {"vendor": "salesforce", "path": "/query", "kind": "truncate"})
    with pytest.raises(
        (requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError, http.client.IncompleteRead)
    ):
        _ = web.get(f"{box.salesforce}{DATA}/query?q=SELECT+Id+FROM+Lead").content


def test_04_a_token_dies_at_a_call_and_the_next_log_in_is_counted(box: Running, web: requests.Session) -> None:
    box.admin("POST", "salesforce/settings", {"session_calls": 3})
    try:
        url = f"{box.salesforce}{DATA}/limits"
        form = {"grant_type": "client_credentials", "client_id": "k", "client_secret": "s"}
        codes = []
        for _ in range(2):
            token = web.post(f"{box.salesforce}/services/oauth2/token", data=form).json()["access_token"]
            web.headers["Authorization"] = f"Bearer {token}"
            codes += [web.get(url).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 401] * 2
    finally:
        box.admin("POST", "salesforce/settings", {"session_calls": None})
    logins = [call for call in box.calls("salesforce") if call["path"] == "/services/oauth2/token"]
    assert len(logins) == 3


def test_05_assignment_rules_run_unless_told_otherwise_and_in_bulk_only_if_told(made: Made) -> None:
    sf, org, _ = made
    org.settings["assignment_rules"] = {"Lead": {"id": RULE, "owner": QUEUE}}

    def owner(reply: Reply) -> str:
        return str(sf.get("Lead", reply.json["id"])["OwnerId"])

    assert owner(sf("POST", "/sobjects/Lead", lead())) == QUEUE
    assert owner(sf("POST", "/sobjects/Lead", lead(), sforce_auto_assign="FALSE")) != QUEUE
    ingest(sf, "LastName,Company\nBulk,Co\n")
    ingest(sf, "LastName,Company\nRuled,Co\n", assignmentRuleId=RULE)
    rows = sf.query("SELECT LastName, OwnerId FROM Lead WHERE LastName IN ('Bulk', 'Ruled') ORDER BY LastName")[
        "records"
    ]
    assert [row["OwnerId"] == QUEUE for row in rows] == [False, True]


def test_06_rules_are_data(made: Made) -> None:
    sf, org, _ = made
    sf.create("Lead", **lead(Email="a@x.example"))
    org.settings["validation_rules"] = [
        {"object": "Lead", "when": "Country = null", "message": "No country", "field": "Country"}
    ]
    org.settings["duplicate_rules"] = [{"object": "Lead", "fields": ["Email"]}]
    org.settings["restricted_picklists"] = ["Lead.Industry"]
    org.settings["hidden_fields"] = ["Lead.GCLID__c"]
    for fields, code in [
        ({}, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ({"Country": "x", "Email": "A@x.example"}, "DUPLICATES_DETECTED"),
        ({"Country": "x", "Industry": "Alchemy"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Country": "x", "GCLID__c": "g"}, "INVALID_FIELD"),
    ]:
        assert sf("POST", "/sobjects/Lead", lead(**fields)).code == code


def test_07_bulk_results_are_shuffled_and_jobs_end_with_failures_and_unprocessed_rows(made: Made) -> None:
    sf, org, _ = made
    rows = "".join(f"L{n},{'' if n == 7 else 'Co'}\n" for n in range(30))
    job = ingest(sf, f"LastName,Company\n{rows}")
    status = sf("GET", f"/jobs/ingest/{job}").json
    assert (status["state"], status["numberRecordsProcessed"], status["numberRecordsFailed"]) == ("JobComplete", 30, 1)
    names = [
        line.split('","')[2]
        for line in sf("GET", f"/jobs/ingest/{job}/successfulResults").body.decode().splitlines()[1:]
    ]
    assert (len(names), names == sorted(names, key=lambda name: int(name[1:]))) == (29, False)
    org.settings["bulk_failure"] = {"message": "InternalServerError", "after": 2}
    broken = ingest(sf, "LastName,Company\nOne,Co\nTwo,Co\nThree,Co\n")
    assert sf("GET", f"/jobs/ingest/{broken}").json["state"] == "Failed"
    assert sf.query("SELECT COUNT() FROM Lead WHERE LastName IN ('One', 'Two')")["totalSize"] == 2
    assert b"Three" in sf("GET", f"/jobs/ingest/{broken}/unprocessedrecords").body


def test_08_empty_leaves_alone_and_n_a_clears(made: Made) -> None:
    sf, _, _ = made
    kept, cleared = (sf.create("Lead", **lead(Title="CEO")) for _ in range(2))
    ingest(sf, f"Id,Title,City\n{kept},,Oslo\n{cleared},#N/A,Oslo\n", operation="update")
    assert [sf.get("Lead", record_id)["Title"] for record_id in (kept, cleared)] == ["CEO", None]


def test_09_what_becomes_of_records_and_for_how_long_it_is_told(made: Made) -> None:
    sf, org, clock = made
    first, second, third = (sf.create("Contact", LastName=name) for name in "abc")
    clock.advance(60)
    org.act("merge", object="Contact", winner=second, loser=first)
    org.act("merge", object="Contact", winner=third, loser=second)
    merged = {
        row["Id"]: row["MasterRecordId"] for row in sf.query("SELECT Id, MasterRecordId FROM Contact", True)["records"]
    }
    assert merged == {first: second, second: third, third: None}
    converted = sf.create("Lead", **lead(OwnerId=ANNA))
    org.act("convert", lead_id=converted)
    assert sf("PATCH", f"/sobjects/Lead/{converted}", {"Title": "x"}).code == "CANNOT_UPDATE_CONVERTED_LEAD"
    org.act("delete", object="Contact", id=third)
    org.act("undelete", object="Contact", id=third)
    assert sf.get("Contact", third)["IsDeleted"] is False
    org.act("hard_delete", object="Contact", id=third)
    assert org.act("empty_recycle_bin", object="Contact") == {"purged": 2}
    assert sf.ids("SELECT Id FROM Contact WHERE LastName IN ('a', 'b', 'c')", True) == []
    told = {record["id"] for record in sf("GET", f"/sobjects/Contact/deleted?{span(0, 5)}").json["deletedRecords"]}
    assert told == {first, second, third}
    clock.advance(16 * 86_400)
    assert sf("GET", f"/sobjects/Contact/deleted?{span(0, 5)}").code == "INVALID_REPLICATION_DATE"
    clock.advance(15 * 86_400)
    assert sf("GET", f"/sobjects/Contact/updated?{span(0, 5)}").code == "INVALID_REPLICATION_DATE"


def test_10_409_300_and_410(made: Made) -> None:
    sf, org, _ = made
    job = query_job(sf, "SELECT Id FROM Lead", version="61.0")
    assert sf("GET", f"/services/data/v62.0/jobs/query/{job}/results").status == 409
    org.settings["custom_fields"] = {"Lead": [{"name": "Ref__c", "type": "string", "length": 9, "external_id": True}]}
    for _ in range(2):
        sf.create("Lead", **lead(Ref__c="r"))
    assert sf("PATCH", "/sobjects/Lead/Ref__c/r", {"Title": "x"}).status == 300
    assert sf("GET", "/services/data/v30.0/limits").status == 410


def test_10_a_write_is_committed_although_its_answer_is_lost(box: Running, web: requests.Session) -> None:
    box.admin("POST", "faults", {"vendor": "salesforce", "path": "/sobjects/Lead", "kind": "commit_then_reset"})
    with pytest.raises(requests.exceptions.ConnectionError):
        web.post(f"{box.salesforce}{DATA}/sobjects/Lead", json=lead(LastName="Lost answer"))
    found = web.get(
        f"{box.salesforce}{DATA}/query", params={"q": "SELECT COUNT() FROM Lead WHERE LastName = 'Lost answer'"}
    )
    assert found.json()["totalSize"] == 1


def test_11_usage_is_told_in_both_forms_and_every_call_is_in_the_ledger(box: Running, web: requests.Session) -> None:
    plain = web.get(f"{box.salesforce}{DATA}/limits").headers["Sforce-Limit-Info"]
    box.admin("POST", "salesforce/settings", {"limit_info_bursts": True})
    try:
        bursts = web.get(f"{box.salesforce}{DATA}/limits").headers["Sforce-Limit-Info"]
    finally:
        box.admin("POST", "salesforce/settings", {"limit_info_bursts": False})
    assert plain.startswith("api-usage=")
    assert bursts.endswith("; api-bursts=1/750")
    assert [call["path"] for call in box.calls("salesforce")][1:] == [f"{DATA}/limits"] * 2


def test_12_paths_and_identifiers_match_in_any_case(made: Made) -> None:
    sf, _, _ = made
    record = sf.create("Lead", **lead())
    assert sf("GET", f"/SOBJECTS/lead/{record}").json["LastName"] == "Li"
    assert sf("GET", f"/sObjects/LEAD/{record[:15]}").status == 200
    assert sf.query("select lastname from LEAD where LASTNAME = 'lI'")["records"][0]["LastName"] == "Li"
    job = query_job(sf, "SELECT Id FROM Lead")
    assert sf("GET", f"/JOBS/Query/{job}/RESULTS").status == 200


def test_13_formulas_change_without_a_stamp(made: Made) -> None:
    sf, _, clock = made
    contact = sf.create("Contact", LastName="L", Email="old@x.example")
    case = sf.create("Case", ContactId=contact)
    before = sf.get("Case", case)
    clock.advance(3600)
    sf("PATCH", f"/sobjects/Contact/{contact}", {"Email": "new@x.example"})
    after = sf.get("Case", case)
    assert (before["ContactEmail"], after["ContactEmail"]) == ("old@x.example", "new@x.example")
    assert after["SystemModstamp"] == before["SystemModstamp"]
    assert sf("GET", f"/sobjects/Case/updated?{span(5, 61)}").json["ids"] == []


# --- what is not there is answered as Salesforce answers it ------------------------------------------------------------------
@pytest.mark.parametrize(
    "path",
    [
        "/search?q=FIND+{x}",
        "/parameterizedSearch?q=x",
        "/composite/tree/Lead",
        "/tooling/executeAnonymous",
        "/nonsense",
    ],
)
def test_unknown_resources_are_404(made: Made, path: str) -> None:
    reply = made[0]("GET", path)
    assert (reply.status, reply.json) == (
        404,
        [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}],
    )


def test_uris_and_headers_have_a_length(box: Running, web: requests.Session) -> None:
    url = f"{box.salesforce}{DATA}/query"
    long = web.get(url, params={"q": f"SELECT Id FROM Lead WHERE LastName = '{'x' * 16_400}'"})
    assert (long.status_code, long.text) == (414, "<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>")
    assert web.get(url, params={"q": "SELECT Id FROM Lead"}, headers={"X-Long": "x" * 16_300}).status_code == 431


def test_bodies_are_json(made: Made) -> None:
    sf, _, _ = made
    reply = sf("POST", "/sobjects/Lead", lead(), content_type="text/plain")
    assert (reply.status, reply.code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert sf("POST", "/sobjects/Lead", lead(), content_type="Application/JSON; charset=UTF-8").status == 201
