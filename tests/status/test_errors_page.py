"""Errors by root cause: what the cards say, what they leave out, their records, and both as JSON."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from tests.status.error_data import RECORDS, RULE, add_errors
from tests.status.ledger_data import FORMULA, LONG, RIGHT_TO_LEFT, SCRIPT, Filled, fill
from tests.status.ledgers import Ledgers
from tests.status.mounted import client_of
from tests.status.test_exports import read

from lockstep.errors import AuthenticationError, LockstepError, VendorUnavailable
from lockstep.model import Operation, Step, Window
from lockstep.store import Store, ledger
from lockstep_airflow.status.errors import pages
from lockstep_airflow.status.errors.trend import by_day, trend
from lockstep_airflow.status.words import bare


@pytest.fixture
def troubled(filled: Filled, ledgers: Ledgers) -> Filled:
    return ledgers.into(filled, add_errors)


@pytest.fixture
def rule(client: TestClient, troubled: Filled) -> dict:
    (found,) = [one for one in client.get("api/errors").json()["causes"] if one["code"] == "validation_rule"]
    return found


def codes(client: TestClient, query: str = "") -> list[str]:
    return [one["code"] for one in client.get(f"api/errors{query}").json()["causes"]]


def test_one_cause_with_its_records_and_times(rule: dict, troubled: Filled):
    assert (rule["records"], rule["standing"], rule["errors"]) == (RECORDS, RECORDS - 2, 3 * RECORDS)
    assert rule["template"] == RULE
    assert rule["message"].startswith("Amount 1011 of 0065g")
    assert (rule["level"], rule["class"], rule["field"], rule["object"]) == ("record", "data", "Amount", "Opportunity")
    first = (troubled.now - timedelta(minutes=3000)).isoformat().replace("+00:00", "Z")
    assert rule["first"] == first
    assert sum(bar["errors"] for bar in rule["trend"]) == 3 * RECORDS
    assert len(rule["trend"]) == 30
    assert [bar["errors"] for bar in rule["trend"] if bar["errors"]] == [RECORDS] * 3


def test_what_stands_comes_first_and_jobs_before_records(client: TestClient, troubled: Filled):
    told = client.get("api/errors").json()
    assert [one["code"] for one in told["causes"]][:2] == ["authentication", "validation_rule"]
    assert told["levels"] == {"job": {"touched": 1, "standing": 1}, "record": {"touched": 17, "standing": 15}}
    assert "ambiguous_match" not in codes(client), "what waits for a person is no error"
    assert "stale" not in codes(client)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?level=job", {"authentication"}),
        ("?object=Opportunity", {"validation_rule"}),
        ("?system=salesforce", {"authentication", "validation_rule"}),
        ("?period=1h&system=salesforce", {"authentication", "validation_rule"}),
        ("?level=record&system=hubspot", {"vendor_refused", "picklist_value"}),
        ("?object=Nothing", set()),
    ],
)
def test_filters(client: TestClient, troubled: Filled, query: str, expected: set[str]):
    assert set(codes(client, query)) == expected
    assert client.get(f"errors{query}").status_code == 200


def test_a_range_counts_what_happened_in_it(client: TestClient, troubled: Filled, rule: dict):
    since, until = (troubled.now - timedelta(minutes=at) for at in (3100, 1000))
    told = client.get("api/errors", params={"from": since.isoformat(), "to": until.isoformat()}).json()
    (one,) = told["causes"]
    assert (one["code"], one["records"], one["standing"], one["errors"]) == ("validation_rule", RECORDS, 0, 2 * RECORDS)


def test_a_card_says_what_to_do(client: TestClient, troubled: Filled):
    page = html.unescape(client.get("errors?object=Opportunity").text)
    assert "A validation rule or automation in the target refused the record." in page
    assert "Read the vendor's message; correct the record or the rule." in page
    assert "12 records" in page
    assert "10 still open" in page
    assert 'role="img"' in page


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (VendorUnavailable("HubSpot is not available (503)."), "HubSpot is not available (503)."),
        (AuthenticationError("Refused.", hint="Rotate the key."), "Refused. What to do: Rotate the key."),
        (LockstepError("[1] Odd.", code="unheard_of"), "[1] Odd."),
    ],
)
def test_what_stands_beside_a_message_is_not_said_in_it_too(error: LockstepError, told: str):
    assert bare(str(error), error.code) == told


def test_a_card_opens_its_records(client: TestClient, troubled: Filled, rule: dict):
    path = re.search(r'href="[^"]*/(errors/\d+[^"]*)"', client.get("errors?object=Opportunity").text)[1]
    page = html.unescape(client.get(html.unescape(path)).text)
    assert "0065g00000AB011AAA" in page
    assert "770011" in page
    assert f"/batches/{troubled.ids['rule 15']}" in page
    assert client.get("errors/99999").status_code == 404


def test_records_page_by_page(client: TestClient, rule: dict):
    path, seen, before = f"api/errors/{rule['id']}?limit=5", [], ""
    while before is not None:
        told = client.get(f"{path}{before and f'&before={before}'}").json()
        seen += [one["id"] for one in told["latest"]]
        before = told["next"]
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == RECORDS


def test_standing_records_alone(client: TestClient, rule: dict):
    told = client.get(f"api/errors/{rule['id']}?state=standing").json()
    assert {one["salesforce"]["id"][-5:-3] for one in told["latest"]} == {
        f"{number:02}" for number in range(2, RECORDS)
    }
    assert all(one["standing"] and one["hubspot"]["object"] == "deals" for one in told["latest"])


def test_records_that_are_still_open_can_be_selected_by_who_may_sync_them_again(
    client: TestClient, rule: dict, sqlite_url: str
):
    standing = {one["id"] for one in client.get(f"api/errors/{rule['id']}?state=standing").json()["latest"]}
    looking = client_of(lambda: Store(sqlite_url), may_act=False)
    for asking, expected in ((client, standing), (looking, set())):
        page = asking.get(f"errors/{rule['id']}").text
        assert {int(one) for one in re.findall(r'name="error" value="(\d+)"', page)} == expected
        assert ('id="select-all"' in page) == bool(expected)


def test_where_nothing_can_be_decided_nobody_is_told_that_they_may_not(
    troubled: Filled, client: TestClient, sqlite_url: str
):
    (job,) = [one["id"] for one in client.get("api/errors?level=job").json()["causes"]]
    looking = client_of(lambda: Store(sqlite_url), may_act=False)
    assert "You may look, but not decide" not in looking.get(f"errors/{job}").text


def test_all_that_are_shown_open_are_synced_again_and_no_more_is_promised(
    client: TestClient, rule: dict, monkeypatch: pytest.MonkeyPatch
):
    asked = client.get(f"errors/{rule['id']}?from=2026-01-01T00:00:00Z").text
    assert 'data-since="2026-01-01T00:00:00Z" data-until=""' in asked
    assert f"Resync all {RECORDS - 2} open" in asked
    monkeypatch.setattr(pages, "MOST", 3)
    assert f"Resync the latest 3 of {RECORDS - 2} open" in client.get(f"errors/{rule['id']}").text


@pytest.mark.parametrize("hostile", [SCRIPT, FORMULA, RIGHT_TO_LEFT, LONG])
def test_hostile_texts_are_shown_whole_and_as_text(client: TestClient, filled: Filled, hostile: str):
    page = client.get("errors").text
    assert hostile in html.unescape(page)
    assert "<script>document" not in page
    assert "<img src=x" not in page


def test_csv_of_what_is_filtered(client: TestClient, troubled: Filled):
    rows = read(client, "export/errors.csv?object=Opportunity&state=standing")
    assert {row["code"] for row in rows} == {"validation_rule"}
    assert [row["standing"] for row in rows] == ["yes"] * (RECORDS - 2)
    assert rows[0]["sf_id"] == "0065g00000AB011AAA"
    assert read(client, "export/errors.csv?level=job")[0]["outcome"] == "batch_failed"


def test_mistakes_in_the_address(client: TestClient, filled: Filled):
    answer = client.get("errors?level=high&state=odd&page=x")
    assert answer.status_code == 400
    assert "level = high" in answer.text
    assert "state = odd" in answer.text


def test_nothing_wrong(sqlite_url: str):
    store = Store(sqlite_url)
    asked = client_of(lambda: store)
    assert "Nothing has been synced yet" in asked.get("errors").text
    with store.writing() as tx:
        ledger.open_run(tx, "push_updates:1", Step.PUSH_UPDATES, "manual", Window(None, datetime.now(UTC)), "hash")
        ledger.close_batch(tx, ledger.open_batch(tx, "push_updates:1", "hubspot", "contacts", Operation.PUSH_NEW))
    page = asked.get("errors").text
    assert "No errors" in page
    assert "errors.csv" not in page
    assert "No error matches these filters" in asked.get("errors?object=Account").text


def test_both_databases(store):
    add_errors(fill(store))
    asked = client_of(lambda: store)
    told = asked.get("api/errors").json()
    assert told["total"] == len(told["causes"]) == 7
    assert sum(bar["errors"] for bar in told["causes"][1]["trend"]) == 3 * RECORDS
    assert asked.get(f"errors/{told['causes'][1]['id']}").status_code == 200


@pytest.mark.parametrize(
    ("days", "bars", "width"), [(0.1, 3, "1:00:00"), (5, 30, "4:00:00"), (90, 23, "4 days, 0:00:00")]
)
def test_bars_of_a_trend(days: float, bars: int, width: str):
    end = datetime(2026, 3, 1, 12, tzinfo=UTC)
    start = end - timedelta(days=days)
    form = "%Y-%m-%d" if by_day(start, end) else "%Y-%m-%dT%H"
    found = trend({f"{start:{form}}": 3, f"{end - timedelta(hours=1):{form}}": 1}, start, end)
    assert (len(found.bars), str(found.bars[1].at - found.bars[0].at)) == (bars, width)
    assert [bar.errors for bar in found.bars] == [3, *[0] * (bars - 2), 1]
    assert found.bars[0].at <= start
