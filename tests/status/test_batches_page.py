"""The list of batches: what it shows, hides, counts and escapes, and its filters in the address."""

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from tests.status.ledger_data import SCRIPT, SECRET, Filled, insert

from lockstep.model import COUNTERS
from lockstep.store import ledger, suspensions
from lockstep.store import tables as t
from lockstep.store.ledger import BatchFilter


def rows(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'data-id="(\d+)"', html)]


def names(filled: Filled, ids: list[int]) -> list[str]:
    by_id = {batch_id: name for name, batch_id in filled.ids.items()}
    return [by_id[one] for one in ids]


def test_the_ten_columns_in_marketos_order(client: TestClient):
    heads = re.findall(r'<th role="columnheader".*?>(.*?)</th>', client.get("").text)
    plain = [re.sub(r"<.*?>", "", head) for head in heads]
    ten = [
        "Started At",
        "Ended At",
        "Object",
        "Operation",
        "Status",
        "New",
        "Updated",
        "Deleted",
        "Failed Item",
        "Skipped",
    ]
    assert plain == [*ten, "Held", "Deferred", "System"]


def test_last_five_days_newest_first_without_idle_batches(client: TestClient, filled: Filled):
    shown = names(filled, rows(client.get("").text))
    assert shown == ["running", "odd", "failed", "hostile", "cleaned", "done", "pulled"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?period=30d", "running odd failed hostile cleaned done pulled old"),
        ("?empty=show", "running odd failed hostile cleaned done pulled empty"),
        ("?sort=started_at", "pulled done cleaned hostile failed odd running"),
        ("?status=failed&status=cleaned_up", "failed cleaned"),
        ("?object=contacts", "running hostile"),
        ("?operation=push_new&period=all", "done old"),
        ("?system=salesforce", "odd failed done pulled"),
        ("?run=manual__2026-11-22T03:00:00%2B00:00", "pulled"),
        ("?run=push_updates:cycle__scheduled__2026-11-22T04:00:00%2B00:00&status=failed", "failed"),
        ("?run=sync_cycle:scheduled__2026-11-22T04:00:00%2B00:00&status=failed", "failed"),
        ("?dag_id=sync_cycle&run_id=scheduled__2026-11-22T04:00:00%2B00:00&period=24h", "running odd failed hostile cleaned done"),
        ("?dag_id=pull_updates&run_id=manual__2026-11-22T03:00:00%2B00:00", "pulled empty"),
    ],
)  # fmt: skip
def test_filters(client: TestClient, filled: Filled, query: str, expected: str):
    answer = client.get(query)
    assert answer.status_code == 200
    assert names(filled, rows(answer.text)) == expected.split()


def test_with_a_run_chosen_the_last_five_days_are_a_choice(client: TestClient):
    """All that a page takes for said, when the form leaves it out, is what the form takes for its default."""
    for query, default in (("", "5d"), ("?run=x", "all"), ("?dag_id=push_updates&run_id=x", "all")):
        assert f'name="period" id="period" data-default="{default}"' in client.get(query).text
    assert '<option value="5d" selected>' in client.get("?run=x&period=5d").text


def test_date_and_time_range(client: TestClient, filled: Filled):
    def at(minutes: float) -> str:
        return (filled.now - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")

    html = client.get("", params={"from": at(36), "to": at(19)}).text
    assert names(filled, rows(html)) == ["failed", "hostile", "cleaned"]


def test_totals_are_those_of_the_filter(client: TestClient, filled: Filled):
    html = client.get("?status=incomplete&status=succeeded").text
    told = {name: int(re.sub(r"\D", "", re.sub("<.*?>", "", cell))) for name, cell in re.findall(r'data-total="(\w+)">(.*?)</td>', html)}  # fmt: skip
    with filled.store.reading() as tx:
        lately = ledger.tally(tx, BatchFilter(date_from=filled.now - timedelta(days=5)))
        totals = lately.of(("incomplete", "succeeded"))
    assert told == {name: totals.counts[name] for name in told}
    assert told["new"] == 5699
    assert told["failed"] == 4


def test_an_ended_sort_is_offered_and_followed(client: TestClient, filled: Filled):
    html = client.get("?sort=ended_at").text
    assert 'aria-sort="ascending"' in html
    assert names(filled, [one for one in rows(html) if one != filled.ids["running"]])[0] == "pulled"


def test_mistakes_in_the_address_are_told_all_at_once(client: TestClient):
    answer = client.get("?from=yesterday&status=fine&sort=object&page=0")
    assert answer.status_code == 400
    for wrong in ("from = yesterday", "status = fine", "sort = object", "page = 0"):
        assert wrong in answer.text
    told = client.get("api/batches?from=yesterday&page=x").json()["detail"]
    assert [one["parameter"] for one in told] == ["from", "page"]


def test_hostile_names_are_text(client: TestClient):
    html = client.get("").text
    assert SCRIPT not in html
    assert "&lt;script&gt;document.title" in html


def test_values_never_leave_the_ledger(client: TestClient, filled: Filled):
    batch = filled.ids["hostile"]
    for path in ("", f"batches/{batch}", f"api/batches/{batch}/records", "api/batches", "export/batch-errors.csv"):
        assert SECRET not in client.get(path).text
    assert "lastname" in client.get(f"api/batches/{batch}/records").text


@pytest.mark.parametrize(
    "path", ["run/bash_demo/manual__1", "task/bash_demo/manual__1/t/-1", "?dag_id=bash_demo&run_id=x"]
)
def test_a_dag_of_somebody_else(client: TestClient, path: str):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "bash_demo is not a sync step" in answer.text


def test_tabs_of_a_run_and_a_task(client: TestClient, filled: Filled):
    run = "cycle__scheduled__2026-11-22T04:00:00%2B00:00"
    assert names(filled, rows(client.get(f"run/push_updates/{run}").text))[-1] == "old"
    task = client.get(f"task/push_updates/{run}/apply/3?batch={filled.ids['odd']}").text
    assert names(filled, rows(task)) == ["odd"]
    unmapped = client.get(f"task/push_updates/{run}/plan/%7BMAP_INDEX%7D").text
    assert 'data-map="-1"' in unmapped
    assert "[{MAP_INDEX}]" not in unmapped


def test_a_run_without_batches_says_where_to_look(client: TestClient):
    assert "This run has no batches yet" in client.get("run/push_updates/manual__never").text


def test_only_idle_batches(client: TestClient):
    html = client.get("?operation=pull_deletes").text
    assert "Every batch was without items" in html
    assert "empty=show" in html


def test_paging(client: TestClient, filled: Filled):
    from lockstep.model import Operation

    with filled.store.writing() as tx:
        run = "pull_updates:manual__2026-11-22T03:00:00+00:00"
        more = [ledger.open_batch(tx, run, "hubspot", "deals", Operation.PULL_UPDATES) for _ in range(60)]
    first, second = (client.get(f"?object=deals&status=in_process&page={page}") for page in (1, 2))
    assert rows(first.text) + rows(second.text) == sorted(more, reverse=True)
    assert "page=2" in first.text
    assert "1–50 of 60" in first.text
    assert "51–60 of 60" in second.text


def test_json_of_batches(client: TestClient, filled: Filled):
    told = client.get("api/batches?status=incomplete").json()
    (batch,) = told["batches"]
    assert batch["id"] == filled.ids["hostile"]
    assert set(batch["counts"]) == set(COUNTERS)
    assert told["counts"] == batch["counts"]
    assert told["total"] == 1
    assert told["statuses"] == {"failed": 1, "incomplete": 1, "in_process": 1, "cleaned_up": 1, "succeeded": 3}
    assert told["live"] is True


def test_both_databases(store, tmp_path):
    """The same pages on SQLite and PostgreSQL."""
    from tests.status.ledger_data import fill
    from tests.status.mounted import client_of

    made = fill(store)
    asked = client_of(lambda: store)
    told = asked.get("api/batches?period=all&empty=show").json()
    assert told["total"] == len(made.ids) == 9
    assert asked.get(f"batches/{made.ids['hostile']}").status_code == 200
    assert len(asked.get("export/batch-errors.csv?period=all").text.splitlines()) == 9


def test_progress_of_what_is_in_process(client: TestClient, filled: Filled):
    with filled.store.writing() as tx:
        insert(filled.store, tx, filled.ids["running"], [{"outcome": None, "detail": None} for _ in range(50)])
    page = client.get("").text
    assert '<progress max="50" value="40" aria-label="40 of 50">' in page
    assert "40 of 50" in client.get(f"batches/{filled.ids['running']}").text
    told = {one["id"]: one["planned"] for one in client.get("api/batches").json()["batches"]}
    assert told[filled.ids["running"]] == 50
    assert told[filled.ids["done"]] is None


def test_records_lead_to_their_story(client: TestClient, filled: Filled):
    page = client.get(f"batches/{filled.ids['hostile']}").text
    assert f"/sync-status/record/pair-{filled.ids['hostile']}-0" in page


def test_more_than_a_thousand_batches(filled: Filled, client: TestClient):
    from lockstep.model import Operation

    with filled.store.writing() as tx:
        for _ in range(1100):
            ledger.open_batch(tx, "push_updates:cycle__scheduled__2026-11-22T04:00:00+00:00", "hubspot", "deals", Operation.PUSH_NEW)  # fmt: skip
    assert "of 1,1" in client.get("").text


def test_what_is_open_now_stands_first(client: TestClient, filled: Filled):
    """Whoever is called at night sees what is wrong, how much of it, since when, and what to do."""
    page = client.get("").text
    first = page.index('id="now"')
    assert first < page.index('id="filters"')
    told = page[first : page.index('id="filters"')]
    assert re.search(r"All \d causes", told)
    items = told.split("<li>")[1:]
    assert "The vendor refuses our credentials." in items[0]
    assert "1 job" in items[0]
    assert "INVALID_SESSION &lt;script&gt;" in items[0], "in the vendor's own words"
    assert (
        f'since <time datetime="{filled.now - timedelta(minutes=20) + timedelta(seconds=9):%Y-%m-%dT%H:%M:%S}'
        in items[0]
    )
    assert 'href="/sync-status/errors/' in items[0]
    assert len(items) == 3
    assert all(
        'id="now"' not in client.get(path).text for path in ("?status=failed", "?run=x", "run/push_updates/manual__1")
    )


def test_nothing_is_told_where_nothing_is_open(client: TestClient, filled: Filled):
    with filled.store.writing() as tx:
        tx.execute(t.error.update().values(standing=False))
    assert 'id="now"' not in client.get("").text
    with filled.store.writing() as tx:
        suspensions.suspend(tx, "hubspot", "api_limit_exceeded", "429", "run", filled.now)
    page = client.get("").text
    assert "HubSpot is suspended: the API limit is used up" in page
    assert "All " not in page[page.index('id="now"') : page.index('id="filters"')]
