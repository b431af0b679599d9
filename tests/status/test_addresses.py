"""Addresses as people get them: edited by hand, copied long ago, or with names that hold a slash."""

import pytest
from fastapi.testclient import TestClient
from tests.status.conversions_data import add_conversions
from tests.status.error_data import add_errors
from tests.status.figures_data import add_figures
from tests.status.held_data import PAIR, add_held
from tests.status.ledger_data import Filled
from tests.status.ledgers import Ledgers

from lockstep.model import Row
from lockstep.store import mirror

HUGE = f"1{'0' * 30}"


@pytest.fixture(autouse=True)
def everything(filled: Filled, ledgers: Ledgers) -> Filled:
    return ledgers.into(filled, add_errors, add_held, add_figures, add_conversions)


@pytest.mark.parametrize(
    "path",
    [
        "?page=0000000001{}", "?batch={}", "batches/{}", "batches/6?after={}", "errors/{}", "errors/9?before={}", "unsynced?before={}",
        "schema?before=0000000001{}", f"record/{PAIR.id}?before={{}}", "record/hubspot/contacts/51002?before={}", "conversions/list?before={}",
        "api/batches/{}", "api/batches/6/records?after={}", "api/errors/{}", "api/errors/9?before={}", "api/schema?before={}",
        f"api/record/{PAIR.id}?before={{}}",
    ],
)  # fmt: skip
def test_numbers_that_no_column_holds_are_mistakes(client: TestClient, path: str):
    assert client.get(path.format(HUGE)).status_code in (400, 404, 422)


def test_times_at_the_ends_of_the_calendar_are_mistakes(client: TestClient):
    assert client.get("?to=0001-01-01T00:00:00").status_code == 400
    assert client.get("?from=0002-01-01T00:00:00&to=9998-12-31T23:59:59").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("?object=a%00b", 400), ("errors?system=%00", 400), ("record?q=%00", 400), ("api/unsynced?code=%00", 400), ("conversions/passport?q=%00", 400),
     ("record/a%00b", 404), ("run/push_updates/%00", 404), ("api/runs/%00", 404)],
)  # fmt: skip
def test_a_nul_is_a_mistake_of_the_address_and_not_of_the_database(client: TestClient, path: str, status: int):
    """PostgreSQL refuses to look for one."""
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("?system=salesforce&page=9", "?system=salesforce"),
        ("errors?level=record&page=9", "errors?level=record"),
        ("errors/9?period=all&before=1", "errors/9?period=all"),
        ("unsynced?outcome=held&before=1", "unsynced?outcome=held"),
        ("schema?impact=held&before=1", "schema?impact=held"),
        ("conversions/list?state=rejected&before=1", "conversions/list?state=rejected"),
        ("conversions/differences?agreeing=show&page=9", "conversions/differences?agreeing=show"),
    ],
)
def test_a_page_that_is_no_more_is_not_taken_for_nothing(client: TestClient, path: str, leads_to: str):
    """What it listed may have been settled since the address was copied."""
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sync-status/{leads_to}")
    assert client.get(leads_to).status_code == 200


def test_a_record_of_links_has_a_story(client: TestClient, everything: Filled):
    with everything.store.writing() as tx:
        layout = mirror.layout_of(tx, "hubspot", "deals/contacts", ["from", "to"])
        mirror.merge_page(tx, layout, [Row("5-11", "1", ("5", "11"))], everything.now, 1)
    story = client.get("record?q=5-11").headers["location"]
    page = client.get(story.removeprefix("/sync-status/"))
    assert page.status_code == 200
    assert "Changes of from" in page.text
    assert client.get("record/hubspot/deals/contacts/5-11?field=from").status_code == 200
    assert client.get("api/record/hubspot/deals/contacts/5-11").json()["records"][0]["object"] == "deals/contacts"
