"""One batch: its figures, reasons and records."""

import html

import pytest
from fastapi.testclient import TestClient
from tests.status.ledger_data import FORMULA, LONG, RIGHT_TO_LEFT, SCRIPT, Filled

from lockstep.store import ledger


@pytest.fixture
def page(client: TestClient, filled: Filled) -> str:
    return client.get(f"batches/{filled.ids['hostile']}").text


def test_reasons_with_numbers_and_remedies(client: TestClient, filled: Filled):
    told = client.get(f"api/batches/{filled.ids['hostile']}").json()["reasons"]
    found = [(one["outcome"], one["code"], one["records"]) for one in told]
    assert found == [
        ("failed", "vendor_refused", 4),
        ("field_failed", "picklist_value", 1),
        ("held", "ambiguous_match", 1),
        ("deferred", "stale", 1),
        ("updated", None, 1),
    ]
    assert told[0]["remedy"] == "Read the vendor's message."


@pytest.mark.parametrize("hostile", [SCRIPT, FORMULA, RIGHT_TO_LEFT, LONG])
def test_hostile_texts_are_shown_whole_and_as_text(page: str, hostile: str):
    assert hostile in html.unescape(page)
    assert "<script>document" not in page
    assert "<img src=x" not in page


def test_right_to_left_text_is_isolated(page: str):
    assert f"<bdi>{RIGHT_TO_LEFT}</bdi>" in page


def test_records_by_outcome_and_reason(client: TestClient, filled: Filled):
    def outcomes(query: str) -> list[str]:
        told = client.get(f"api/batches/{filled.ids['hostile']}/records{query}").json()
        return [one["outcome"] for one in told["records"]]

    assert outcomes("?outcome=held") == ["held"]
    assert outcomes("?outcome=field_failed") == ["updated"]
    assert outcomes("?code=picklist_value&outcome=field_failed") == ["updated"]
    assert outcomes("?code=vendor_refused&outcome=failed") == ["failed"] * 4
    assert outcomes("?code=stale&outcome=failed") == []
    assert client.get(f"api/batches/{filled.ids['hostile']}/records?outcome=perfect").status_code == 422


def test_records_page_by_page(client: TestClient, filled: Filled):
    path, seen, after = f"api/batches/{filled.ids['hostile']}/records", [], 0
    while after is not None:
        told = client.get(f"{path}?limit=3&after={after}").json()
        seen += [one["id"] for one in told["records"]]
        after = told["next"]
    assert seen == sorted(set(seen))
    assert len(seen) == 7


def test_a_record_has_both_ids_and_field_names(client: TestClient, filled: Filled):
    record = client.get(f"api/batches/{filled.ids['hostile']}/records?limit=1").json()["records"][0]
    assert record["ids"]["salesforce"].startswith("003pair")
    assert record["ids"]["hubspot"].startswith("pair")
    assert record["sent_fields"] == ["email", "lastname"]
    assert record["lost_fields"] == ["phone"]
    assert record["vendor_code"] == "INVALID"
    assert record["remedy"]


def test_a_failed_batch_says_why_and_what_to_do(client: TestClient, filled: Filled):
    page = client.get(f"batches/{filled.ids['failed']}").text
    assert "INVALID_SESSION &lt;script&gt;" in page
    assert "Renew the credentials in the Airflow connection" in page


def test_where_two_upload_apis_differ(client: TestClient, filled: Filled):
    def page(**differences: int) -> str:
        with filled.store.writing() as tx:
            told = {"backend": "google_ads", "rows": 3, "differences": differences}
            ledger.note(tx, filled.ids["pulled"], shadow=told)
        return client.get(f"batches/{filled.ids['pulled']}").text

    assert "Checked by" not in client.get(f"batches/{filled.ids['done']}").text
    assert "3 rows: both answer alike." in page()
    assert "<code>ok / EVENT_NOT_FOUND</code>" in page(**{"ok / EVENT_NOT_FOUND": 2})


def test_a_pull_explains_where_records_are_listed(client: TestClient, filled: Filled):
    assert "Pull steps only read." in client.get(f"batches/{filled.ids['pulled']}").text


def test_links_into_airflow_survive_its_run_ids(client: TestClient, filled: Filled):
    page = client.get(f"batches/{filled.ids['odd']}").text
    assert 'href="/dags/push_updates/runs/cycle__scheduled__2026-11-22T04%3A00%3A00%2B00%3A00"' in page
    assert "run_id=cycle__scheduled__2026-11-22T04%3A00%3A00%2B00%3A00" in page


def test_no_such_batch(client: TestClient):
    assert client.get("batches/99999").status_code == 404
    assert "There is no batch 99999" in client.get("batches/99999").text
    assert client.get("batches/abc").status_code == 404
    assert client.get("api/batches/99999/records").json() == {"detail": "There is no batch 99999."}
