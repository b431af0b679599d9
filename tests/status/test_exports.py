"""CSV for spreadsheets (MK-04)."""

import csv
import io

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from tests.status.ledger_data import FORMULA, LONG, RIGHT_TO_LEFT, SCRIPT, Filled

from lockstep_airflow.status.spreadsheet import safe


def read(client: TestClient, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="lockstep-')
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_errors_of_the_filter(client: TestClient, filled: Filled):
    rows = read(client, "export/batch-errors.csv")
    assert [row["outcome"] for row in rows].count("failed") == 4
    assert {row["outcome"] for row in rows} == {"batch_failed", "failed", "held", "deferred", "field_failed"}
    only = read(client, "export/batch-errors.csv?status=failed")
    assert [(row["batch_id"], row["code"], row["class"]) for row in only] == [
        (str(filled.ids["failed"]), "authentication", "permission")
    ]
    assert read(client, "export/batch-errors.csv?object=Account") == []


def test_hostile_texts_in_cells(client: TestClient):
    messages = [row["message"] for row in read(client, "export/batch-errors.csv?status=incomplete")]
    assert f"'{FORMULA}" in messages
    assert SCRIPT in messages
    assert LONG in messages
    assert RIGHT_TO_LEFT in messages
    assert "'@SUM(1+1)" in [row["record_id"] for row in read(client, "export/batch-errors.csv")]


def test_batches_of_the_filter(client: TestClient, filled: Filled):
    rows = read(client, "export/batches.csv?sort=started_at&empty=show&period=all")
    assert [int(row["id"]) for row in rows] == list(filled.ids.values())
    assert rows[2]["new"] == "5500"
    assert rows[2]["status"] == "succeeded"


def test_errors_of_one_batch(client: TestClient, filled: Filled):
    page = client.get(f"batches/{filled.ids['hostile']}").text
    path = f"export/batch-errors.csv?batch={filled.ids['hostile']}&period=all"
    assert path.replace("&", "&amp;") in page
    assert {row["batch_id"] for row in read(client, path)} == {str(filled.ids["hostile"])}


def test_a_wrong_filter_gives_no_file(client: TestClient):
    assert client.get("export/batch-errors.csv?status=wrong").status_code == 400


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", " =1", "\uff1d1", "\n=1"])
def test_formulas_become_text(text: str):
    assert safe(text) == f"'{text}"


@given(st.text())
def test_no_cell_is_ever_a_formula(text: str):
    assert not str(safe(text)).lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_plain_cells_stay_as_they_are():
    assert [safe(one) for one in (7, None, "Ola", "a=b", "00Q5g00")] == [7, "", "Ola", "a=b", "00Q5g00"]
