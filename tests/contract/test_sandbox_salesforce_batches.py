"""Bulk API 1.0 (JSON), Composite and Composite Graph of the sandbox's Salesforce, on the wire."""

from typing import Any

import pytest
from tests.contract.salesforce_org import QUEUE, Client, Reply, organisation

from sandbox.salesforce.ids import make_id

JOB = {"operation": "insert", "object": "Lead", "contentType": "JSON", "concurrencyMode": 0}


@pytest.fixture
def sf() -> Client:
    return organisation()[0]


def call(sf: Client, method: str, path: str, json: Any = None, **more: Any) -> Reply:
    return sf(method, f"/services/async/62.0/{path}", json, x_sfdc_session=sf.token, **more)


def opened(sf: Client, **changes: Any) -> str:
    reply = call(sf, "POST", "job", JOB | changes)
    assert reply.status == 201, reply.body
    return str(reply.json["id"])


def lead(**fields: Any) -> dict[str, Any]:
    return {"LastName": "Li", "Company": "Co"} | fields


# --- Bulk API 1.0 ----------------------------------------------------------------------------------------------------------
def test_a_job_its_batches_and_their_results_in_order(sf: Client) -> None:
    sf.org.settings["bulk_polls"] = 1
    job = opened(sf)
    added = call(sf, "POST", f"job/{job}/batch", [lead(), lead(Company=None), lead(LastName="Lo")])
    batch = added.json["id"]
    assert (added.status, added.json["state"], added.json["jobId"]) == (201, "Queued", job)
    states = [call(sf, "GET", f"job/{job}/batch/{batch}").json["state"] for _ in range(2)]
    assert states == ["InProgress", "Completed"]
    results = call(sf, "GET", f"job/{job}/batch/{batch}/result").json
    assert [result["success"] for result in results] == [True, False, True]
    assert (results[1]["id"], results[1]["errors"][0]["fields"]) == (None, ["Company"])
    closed = call(sf, "POST", f"job/{job}", {"state": "Closed"}).json
    assert (closed["state"], closed["numberBatchesCompleted"], closed["numberRecordsFailed"]) == ("Closed", 1, 1)
    late = call(sf, "POST", f"job/{job}/batch", [lead()])
    assert (late.status, late.json["exceptionCode"]) == (400, "InvalidJobState")
    assert call(sf, "GET", f"job/{job}/batch").json["batchInfo"][0]["id"] == batch
    assert "Sforce-Limit-Info" not in late.headers


def test_a_batch_that_is_no_list_fails(sf: Client) -> None:
    job = opened(sf)
    batch = call(sf, "POST", f"job/{job}/batch", {"LastName": "no list"}).json["id"]
    assert call(sf, "GET", f"job/{job}/batch/{batch}").json["state"] == "Failed"
    reply = call(sf, "GET", f"job/{job}/batch/{batch}/result")
    assert reply.json == {"exceptionCode": "InvalidBatch", "exceptionMessage": "Records not processed"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"operation": "fly"}, "InvalidJob"),
        ({"object": "Nope"}, "InvalidJob"),
        ({"contentType": "CSV"}, "InvalidJob"),
        ({"concurrencyMode": 7}, "InvalidJob"),
        ({"operation": "upsert"}, "InvalidJob"),
        ({"operation": "upsert", "externalIdFieldName": "Email"}, "InvalidJob"),
        ({"assignmentRuleId": "x"}, "InvalidJob"),
    ],
)
def test_jobs_are_refused_with_one_object(sf: Client, changes: dict[str, Any], code: str) -> None:
    reply = call(sf, "POST", "job", JOB | changes)
    assert (reply.status, reply.json["exceptionCode"]) == (400, code)


def test_wrong_sessions_versions_routes_and_ids(sf: Client) -> None:
    sf.token = "wrong"  # noqa: S105
    assert call(sf, "POST", "job", JOB).json["exceptionCode"] == "InvalidSessionId"
    sf = organisation()[0]
    assert call(sf, "GET", "jobs").json["exceptionCode"] == "InvalidUrl"
    assert call(sf, "GET", "job/7505g0000000001AAA").json["exceptionCode"] == "InvalidJob"
    assert call(sf, "POST", "job", body=b"{").json["exceptionCode"] == "InvalidBatch"
    reply = sf("POST", "/services/async/99.0/job", JOB, x_sfdc_session=sf.token)
    assert reply.json["exceptionCode"] == "InvalidVersion"
    sf.org.settings["used"] = sf.org.settings["daily_limit"]
    assert call(sf, "POST", "job", JOB).json["exceptionCode"] == "ExceededQuota"


def test_assignment_runs_only_with_a_rule_and_hard_delete_needs_a_permission(sf: Client) -> None:
    rule, queue = make_id("01Q", 1), QUEUE
    sf.org.settings["assignment_rules"] = {"Lead": {"id": rule, "owner": queue}}
    for given, moved in ((None, False), (rule, True)):
        job = opened(sf, **({"assignmentRuleId": given} if given else {}))
        batch = call(sf, "POST", f"job/{job}/batch", [lead()]).json["id"]
        call(sf, "GET", f"job/{job}/batch/{batch}")
        made = call(sf, "GET", f"job/{job}/batch/{batch}/result").json[0]["id"]
        assert (sf.get("Lead", made)["OwnerId"] == queue) is moved
    sf.org.settings["bulk_hard_delete"] = False
    assert call(sf, "POST", "job", JOB | {"operation": "hardDelete"}).json["exceptionCode"] == "FeatureNotEnabled"
    refused = sf("POST", "/jobs/ingest", {"operation": "hardDelete", "object": "Lead"})
    assert (refused.status, refused.code) == (400, "FEATURENOTENABLED")


# --- Composite and its graphs --------------------------------------------------------------------------------------------------
def part(name: str, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    given = {"method": method, "url": f"/services/data/v62.0{path}", "referenceId": name} | more
    return given | ({"body": body} if body else {})


def test_subrequests_inherit_no_sforce_headers(sf: Client) -> None:
    queue = QUEUE
    sf.org.settings["assignment_rules"] = {"Lead": {"id": make_id("01Q", 1), "owner": queue}}
    parts = [
        part("outer", "POST", "/sobjects/Lead", lead()),
        part("own", "POST", "/sobjects/Lead", lead(), httpHeaders={"Sforce-Auto-Assign": "FALSE"}),
    ]
    results = sf("POST", "/composite", {"compositeRequest": parts}, sforce_auto_assign="FALSE").json[
        "compositeResponse"
    ]
    owners = [sf.get("Lead", result["body"]["id"])["OwnerId"] for result in results]
    assert (owners[0] == queue, owners[1] == queue) == (True, False)


def test_each_graph_is_all_or_none(sf: Client) -> None:
    good = [part("a", "POST", "/sobjects/Account", {"Name": "A"}),
            part("c", "POST", "/sobjects/Contact", {"LastName": "L", "AccountId": "@{a.id}"})]  # fmt: skip
    bad = [part("a", "POST", "/sobjects/Account", {"Name": "B"}), part("x", "POST", "/sobjects/Contact", {"Nope": 1})]
    used = sf.org.settings["used"]
    reply = sf("POST", "/composite/graph", {"graphs": [
        {"graphId": "good", "compositeRequest": good}, {"graphId": "bad", "compositeRequest": bad}]})  # fmt: skip
    assert reply.status == 200
    first, second = reply.json["graphs"]
    assert (first["graphId"], first["isSuccessful"], second["isSuccessful"]) == ("good", True, False)
    codes = [one["body"][0]["errorCode"] for one in second["graphResponse"]["compositeResponse"]]
    assert codes == ["PROCESSING_HALTED", "INVALID_FIELD"]
    assert [row["Name"] for row in sf.query("SELECT Name FROM Account")["records"]] == ["A"]
    assert sf.org.settings["used"] == used + 2


def test_graphs_have_limits_and_hold_rows_alone(sf: Client) -> None:
    many = [part(f"n{number}", "POST", "/sobjects/Account", {"Name": "A"}) for number in range(501)]
    query = [part("q", "GET", "/query?q=SELECT+Id+FROM+Lead")]
    same = [{"graphId": "g", "compositeRequest": many[:1]}] * 2
    for graphs in (
        [{"graphId": "g", "compositeRequest": many}],
        [{"graphId": "g", "compositeRequest": query}],
        same,
        [],
        7,
    ):
        assert sf("POST", "/composite/graph", {"graphs": graphs}).status == 400
    assert sf.query("SELECT COUNT() FROM Account")["totalSize"] == 0
    old = sf("POST", "/services/data/v49.0/composite/graph", {"graphs": same[:1]})
    assert old.status == 404
