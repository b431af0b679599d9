"""Unmodified clients against the sandbox: simple-salesforce in all its ways to log in, and the Airflow provider's hook."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)
from tests.contract.sandbox_process import Running, start

USER = "integration.user.0@our-company.example.sandbox"


@pytest.fixture(scope="module")
def box() -> Iterator[Running]:
    running = start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def pointed_there(box: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    box.heal()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", box.ca)


def log_in(box: Running, **how: Any) -> Salesforce:
    how = how or {"consumer_key": "key", "consumer_secret": "secret", "domain": "acme.my"}
    return Salesforce(**how, proxies={"https": box.proxy}, version="62.0")


@pytest.fixture
def sf(box: Running) -> Salesforce:
    return log_in(box)


def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()


@pytest.mark.parametrize(
    "how",
    [
        {"consumer_key": "key", "consumer_secret": "secret", "domain": "acme.my"},
        {"username": USER, "password": "pw", "consumer_key": "key", "consumer_secret": "secret"},
        {"username": USER, "password": "pw", "security_token": "TOKEN"},
        {"username": USER, "consumer_key": "key", "privatekey": private_key()},
    ],
    ids=["client credentials", "password grant", "SOAP", "JWT bearer"],
)
def test_every_way_to_log_in(box: Running, how: dict[str, Any]) -> None:
    sf = log_in(box, **how)
    assert sf.sf_instance == "acme.my.salesforce.com"
    assert sf.query("SELECT COUNT() FROM User")["totalSize"] == 6


def test_a_wrong_user_is_told(box: Running) -> None:
    with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
        log_in(box, username="nobody@corp.example", password="pw", security_token="T")


def test_rows(sf: Salesforce) -> None:
    record_id = sf.Lead.create({"LastName": "Zoë 🚀", "Company": "Ærlig\nAS"})["id"]
    assert sf.Lead.get(record_id)["LastName"] == "Zoë 🚀"
    assert sf.Lead.update(record_id, {"FirstName": "Bo"}) == 204
    assert sf.Lead.upsert("Lockstep_Id__c/Key-1", {"LastName": "Li", "Company": "Co"}) == 201
    assert sf.Lead.get_by_custom_id("Lockstep_Id__c", "Key-1")["LastName"] == "Li"
    assert sf.Lead.delete(record_id) == 204
    with pytest.raises(SalesforceResourceNotFound):
        sf.Lead.get(record_id)
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.Lead.create({"Company": "Co"})
    assert refused.value.content[0]["errorCode"] == "REQUIRED_FIELD_MISSING"


def test_queries_page_to_the_end(box: Running, sf: Salesforce) -> None:
    box.admin("POST", "salesforce/settings", {"page_size_max": 7})
    records = sf.query_all("SELECT Id, Name, Account.Name, Owner.Name FROM Contact")["records"]
    box.admin("POST", "salesforce/settings", {"page_size_max": 2000})
    expected = {row["Id"] for row in box.admin("GET", "salesforce/Contact")}
    assert len(records) == len(expected) == 60
    assert {record["Id"] for record in records} == expected


def test_metadata_and_limits(sf: Salesforce) -> None:
    assert {"Lead", "Contact"} <= {entry["name"] for entry in sf.describe()["sobjects"]}
    stamp = "Fri, 01 Jan 2100 00:00:00 GMT"
    with pytest.raises(SalesforceGeneralError) as unchanged:
        sf.Lead.describe(headers={"If-Modified-Since": stamp})
    assert unchanged.value.status == 304
    assert sf.limits()["DailyApiRequests"]["Max"] == 100_000
    assert sf.api_usage["api-usage"].total == 100_000


def test_updated_and_deleted(box: Running, sf: Salesforce) -> None:
    lead = sf.Lead.create({"LastName": "Li", "Company": "Co"})["id"]
    now = datetime.fromisoformat(box.admin("GET", "clock")["now"])
    box.admin("POST", "clock", {"advance": 120})
    assert lead in sf.Lead.updated(now - timedelta(minutes=5), now + timedelta(minutes=2))["ids"]
    sf.Lead.delete(lead)
    box.admin("POST", "clock", {"advance": 120})
    deleted = sf.Lead.deleted(now - timedelta(minutes=5), now + timedelta(minutes=4))
    assert lead in [record["id"] for record in deleted["deletedRecords"]]


def test_collections_and_composite(sf: Salesforce) -> None:
    records = [{"attributes": {"type": "Contact"}, "LastName": f"L{number}"} for number in range(200)]
    assert all(r["success"] for r in sf.restful("composite/sobjects", method="POST", json={"records": records}))
    part = {"method": "GET", "url": "/services/data/v62.0/limits", "referenceId": "a"}
    answer = sf.restful("composite", method="POST", json={"compositeRequest": [part]})
    assert answer["compositeResponse"][0]["httpStatusCode"] == 200


def test_an_expired_token_is_renewed_by_the_client(box: Running, sf: Salesforce) -> None:
    before = sf.session_id
    box.admin("POST", "salesforce/expire_tokens")
    assert sf.query("SELECT COUNT() FROM User")["totalSize"] == 6
    assert sf.session_id != before


def test_bulk_2_query(box: Running, sf: Salesforce, tmp_path: Path) -> None:
    expected = {row["Id"]: row for row in box.admin("GET", "salesforce/Lead")}
    fields = "Id, LastName, Street, Description, HasOptedOutOfEmail, SystemModstamp"
    pages = list(sf.bulk2.Lead.query(f"SELECT {fields} FROM Lead", max_records=9, wait=0.1))
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page, newline=""))]
    assert len(pages) == -(-len(expected) // 9)
    assert {row["Id"] for row in rows} == set(expected)
    for row in rows:
        assert row["Street"] == (expected[row["Id"]]["Street"] or "")
        assert row["LastName"] == expected[row["Id"]]["LastName"]


def test_bulk_2_ingest(sf: Salesforce) -> None:
    done = sf.bulk2.Lead.insert(records=[{"LastName": "A", "Company": "C"}, {"LastName": "B", "Company": ""}], wait=0.1)
    assert (done[0]["numberRecordsProcessed"], done[0]["numberRecordsFailed"]) == (2, 1)
    assert "REQUIRED_FIELD_MISSING" in sf.bulk2.Lead.get_failed_records(done[0]["job_id"])


def test_the_airflow_hook(box: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = pytest.importorskip("airflow.providers.salesforce.hooks.salesforce")
    extra = {"consumer_key": "key", "consumer_secret": "secret", "domain": "acme.my", "version": "62.0"}
    connection = {"conn_type": "salesforce", "extra": extra | {"proxies": {"https": box.proxy}}}
    monkeypatch.setenv("AIRFLOW_CONN_SALESFORCE_SANDBOX", json.dumps(connection))
    hook = hooks.SalesforceHook("salesforce_sandbox")
    assert hook.test_connection() == (True, "Connection successfully tested")
    assert hook.make_query("SELECT Id FROM User")["totalSize"] == 6
    assert "Lockstep_Id__c" in hook.get_available_fields("Lead")


@pytest.fixture
def airflow(box: Running, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The provider's operators over a connection to the sandbox, without waiting five seconds for each batch."""
    operators = pytest.importorskip("airflow.providers.salesforce.operators.bulk")
    extra = {"consumer_key": "key", "consumer_secret": "secret", "domain": "acme.my", "version": "62.0"}
    connection = {"conn_type": "salesforce", "extra": extra | {"proxies": {"https": box.proxy}}}
    monkeypatch.setenv("AIRFLOW_CONN_SALESFORCE_SANDBOX", json.dumps(connection))
    monkeypatch.setattr("simple_salesforce.bulk.sleep", lambda seconds: None)
    return operators


def bulk(airflow: Any, operation: str, name: str, payload: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    operator = airflow.SalesforceBulkOperator(
        task_id="bulk", operation=operation, object_name=name, payload=payload,
        salesforce_conn_id="salesforce_sandbox", **more,
    )  # fmt: skip
    return list(operator.execute({}))


def test_the_airflow_bulk_operator(box: Running, airflow: Any, sf: Salesforce) -> None:
    leads = [
        {"LastName": "Ås", "Company": "Bulk 1"},
        {"LastName": "Ø", "Company": None},
        {"LastName": "Li", "Company": "x"},
    ]
    made = bulk(airflow, "insert", "Lead", leads, batch_size=2)
    assert [one["success"] for one in made] == [True, False, True]
    assert made[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    keep = made[0]["id"]
    assert bulk(airflow, "update", "Lead", [{"Id": keep, "LastName": "Åse"}])[0] == {
        "success": True, "created": False, "id": keep, "errors": [],
    }  # fmt: skip
    again = bulk(airflow, "upsert", "Lead", [{"Lockstep_Id__c": "bulk-1", "LastName": "B", "Company": "C"}] ,
                 external_id_field="Lockstep_Id__c")  # fmt: skip
    assert (again[0]["success"], again[0]["created"]) == (True, True)
    assert sf.Lead.get(keep)["LastName"] == "Åse"
    assert bulk(airflow, "delete", "Lead", [{"Id": keep}])[0]["success"]
    assert bulk(airflow, "hard_delete", "Lead", [{"Id": made[2]["id"]}])[0]["success"]
    assert sf.query_all(f"SELECT Id FROM Lead WHERE Id = '{made[2]['id']}'", include_deleted=True)["totalSize"] == 0


def test_the_airflow_bulk_operator_tries_locked_rows_again(box: Running, airflow: Any, sf: Salesforce) -> None:
    lead = sf.Lead.create({"LastName": "Locked", "Company": "C"})["id"]
    box.admin("POST", "salesforce/settings", json={"locked": [lead]})
    try:
        tried = bulk(airflow, "update", "Lead", [{"Id": lead, "Title": "x"}], max_retries=1, bulk_retry_delay=0)
        assert tried[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    finally:
        box.admin("POST", "salesforce/settings", json={"locked": []})
    assert bulk(airflow, "update", "Lead", [{"Id": lead, "Title": "x"}])[0]["success"]
    posts = [call for call in box.calls("salesforce") if call["path"].endswith("/batch")]
    assert len(posts) >= 3


def test_bulk_1_queries(sf: Salesforce, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simple_salesforce.bulk.sleep", lambda seconds: None)
    rows = sf.bulk.User.query("SELECT Id, Name FROM User", lazy_operation=False)
    assert len(rows) == 6
    assert rows[0]["attributes"]["type"] == "User"


def test_a_url_is_enough_for_clients_that_take_one(box: Running) -> None:
    import requests

    form = {"grant_type": "client_credentials", "client_id": "k", "client_secret": "s"}
    body = requests.post(f"{box.salesforce}/services/oauth2/token", data=form).json()
    assert body["instance_url"] == box.salesforce
    url = f"{body['instance_url']}/services/data/v62.0/query?q=SELECT+COUNT()+FROM+User"
    assert requests.get(url, headers={"Authorization": f"Bearer {body['access_token']}"}).json()["totalSize"] == 6
