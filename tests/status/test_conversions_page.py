"""Conversions: findings, states, lists, passports, the difference of both numbers and clicks that expire; no personal data."""

import csv
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.status.conversions_data import (
    ACCOUNT,
    BRAID,
    BRAND,
    CLICK,
    DEAL,
    HASH,
    KARI,
    ORDER,
    OTHER,
    Days,
    add_conversions,
)
from tests.status.ledger_data import FORMULA, Filled, fill
from tests.status.mounted import client_of

from lockstep.conversions.reconciliation import Bucket
from lockstep.store import Store
from lockstep.store import tables as t
from lockstep_airflow.status.conversions.bridge import FAMILIES, bars, parts

PAGES = ("", "/list", f"/passport?q={CLICK}", "/differences", "/expiring")


@dataclass
class Shared:
    """A ledger with conversions that these tests only look at."""

    url: str
    days: Days


@pytest.fixture(scope="module")
def shared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Shared:
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('conversions') / 'lockstep.db')}"
    store = Store(url)
    days = add_conversions(fill(store))
    store.dispose()
    return Shared(url, days)


@pytest.fixture(scope="module")
def days(shared: Shared) -> Days:
    return shared.days


@pytest.fixture(scope="module")
def site(shared: Shared) -> TestClient:
    return client_of(lambda: Store(shared.url))


@pytest.fixture(scope="module")
def api(site: TestClient) -> Callable[[str], Any]:
    return lambda path: site.get(f"api/conversions{path}").json()


@pytest.fixture(scope="module")
def plain(shared: Shared) -> TestClient:
    """Of a user who may not see values, nor act."""
    return client_of(lambda: Store(shared.url), sees_values=False, may_act=False)


def test_preflight_by_link_account_object_and_milestone(api: Callable[[str], Any], site: TestClient):
    """GA-00, GA-E14, GA-19"""
    found = api("")
    blocking, warning = found["findings"]
    assert (blocking["code"], blocking["severity"], blocking["state"]) == ("opp_gclid_missing", "block", "waiting")
    assert 19.9 * 3600 < blocking["seconds_left"] < 20.1 * 3600
    assert (warning["code"], warning["state"], warning["account"]) == ("ads_auto_tagging_off", "standing", ACCOUNT)
    states = {(one["kind"], one["name"]): (one["state"], one["codes"]) for one in found["subjects"]}
    assert states["link", None] == ("well", [])
    assert states["account", ACCOUNT] == ("warning", ["ads_auto_tagging_off"])
    assert states["object", "Opportunity"] == states["milestone", "won"] == ("block", ["opp_gclid_missing"])
    assert states["milestone", "working"] == ("well", [])
    page = site.get("conversions").text
    assert "2 findings · 1 of them stops milestones" in page
    assert "20 hours left" in page
    assert 'href="/sync-status/guide#class-config"' in page
    assert "&lt;script&gt;" in page
    assert "<script>document" not in page
    assert "milestone_gone" in page, "what is gone is told for a week"


def test_only_who_may_trigger_preflight_can_run_it(site: TestClient, plain: TestClient):
    assert '<form class="start" data-dag="preflight">' in site.get("conversions").text
    page = plain.get("conversions").text
    assert "<form" not in page
    assert "that needs the right to trigger the DAG preflight" in page


def test_uploads_by_state_and_each_number_opens_its_list(api: Callable[[str], Any], site: TestClient):
    by_action = {one["action"]: one for one in api("")["actions"]}
    leads = by_action["CRM qualified lead"]
    assert leads["conversions"] == 11
    assert by_action["700004"]["title"] == "CRM closed won"
    for one in by_action.values():
        for line in one["states"]:
            query = {
                "action": one["action"],
                "account": one["account"] or "own",
                "state": line["state"],
                "code": line["code"] or "",
            }
            listed = site.get("api/conversions/list", params=query).json()
            rows = [row for row in listed["conversions"] if row["code"] == line["code"]]
            assert len(rows) == line["conversions"], line
    assert {"state": "waiting", "code": "ads_too_recent_event", "conversions": 1} in leads["states"]
    (told,) = api("")["diagnoses"]
    assert (told["title"], told["status"], told["alerts"]) == (
        "CRM qualified lead",
        "NEEDS_ATTENTION",
        {"EVENT_NOT_FOUND": 0.2},
    )


def test_the_list_is_filtered_and_paged_by_the_server(api: Callable[[str], Any], site: TestClient):
    first = api("/list?limit=5")
    rest = api(f"/list?limit=500&before={first['next']}")
    orders = [one["order_id"] for one in first["conversions"] + rest["conversions"]]
    assert len(orders) == len(set(orders)) == first["total"] == 13
    assert rest["next"] is None
    assert sum(first["states"].values()) == 13
    assert [one["order_id"] for one in api("/list?milestone=won")["conversions"]] == [f"{DEAL}-won-1"]
    assert api("/list?period=24h")["total"] == 0
    assert api("/list?state=waiting&state=ready")["total"] == 2
    assert site.get("conversions/list?state=lost").status_code == 400
    page = site.get("conversions/list?state=rejected&code=ads_currency_code").text
    assert page.count("data-order=") == 1
    assert "Only: " in page
    assert "No conversion matches these filters" in site.get("conversions/list?code=nothing").text


def test_values_are_for_those_who_may_see_them_and_hashes_for_nobody(site: TestClient, plain: TestClient):
    paths = [f"conversions{one}" for one in PAGES if CLICK not in one] + [f"conversions/passport?q={ORDER}"]
    paths += [
        "api/conversions/list",
        f"api/conversions/passport?q={ORDER}",
        "export/conversions.csv",
        "api/conversions",
    ]
    for path in paths:
        hidden = plain.get(path).text
        assert plain.get(path).status_code == 200, path
        assert CLICK not in hidden, path
        assert BRAID not in hidden, path
        assert "1234.5" not in hidden, path
        assert HASH not in hidden + site.get(path).text, path
    shown = site.get("api/conversions/list?milestone=won").json()["conversions"][0]
    assert (shown["value"], shown["now_value"], shown["click_id"]) == ("1234.50", "999", CLICK)
    assert "found_by" in plain.get("api/conversions/list").json()["conversions"][0]


@pytest.mark.parametrize("asked", [CLICK, ORDER, KARI, "1801", f" {ORDER} "])
def test_a_passport_by_click_order_or_record(api: Callable[[str], Any], site: TestClient, asked: str):
    """From the click to the verdict, in order."""
    found = site.get("api/conversions/passport", params={"q": asked}).json()
    whats = [one["what"] for one in found["timeline"]]
    assert whats[:2] == ["captured", "contact"]
    assert [one for one in whats if one in ("record", "upload", "verdict")][-2:] == ["upload", "verdict"]
    assert {"milestone", "record"} <= set(whats)
    assert found["campaign"] == {"id": BRAND, "name": "Brand"}
    assert {one["order_id"] for one in found["conversions"]} == {ORDER, f"{DEAL}-won-1"}
    page = site.get("conversions/passport", params={"q": asked}).text
    assert "Request of 3 rows: some refused" in page
    assert "Reached the milestone working" in page


def test_a_passport_without_a_click_and_one_of_nothing(api: Callable[[str], Any], site: TestClient):
    lone = api("/list?state=unidentified")["conversions"][0]["order_id"]
    assert [one["what"] for one in api(f"/passport?q={lone}")["timeline"]] == ["record", "milestone"]
    assert site.get("api/conversions/passport?q=nobody").status_code == 404
    assert "Nothing is known of nobody" in site.get("conversions/passport?q=nobody").text
    assert "Which click?" in site.get("conversions/passport").text


def test_the_buckets_of_every_row_add_up(days: Days, api: Callable[[str], Any], site: TestClient):
    """AT-01, AT-05"""
    found = api("/differences")
    for one in [*found["rows"], found]:
        assert sum(map(Decimal, one["buckets"].values()), Decimal(0)) == Decimal(one["difference"]), one
        assert Decimal(one["network"]) - one["contacts"] == Decimal(one["difference"])
    assert (found["network"], found["contacts"], found["difference"]) == ("3.5", 1, "2.5")
    assert found["buckets"]["other_sources"] == "2"
    assert found["buckets"]["rejected ads_click_not_found"] == "-1"
    page = site.get("conversions/differences").text
    assert "Contacts in HubSpot: 1. Conversions in Google Ads: 3.5. The difference of +2.5" in page
    assert "<script>document" not in page
    only = api(f"/differences?campaign={BRAND}&from={days.clicked}&to={days.clicked}")
    assert [one["name"] for one in only["rows"]] == ["Brand"]
    assert api("/differences?campaign=none")["rows"][0]["campaign"] is None
    assert api(f"/differences?from={days.today}")["rows"] == []
    assert "Nothing happened in these days" in site.get("conversions/differences?from=2020-01-01&to=2020-01-02").text


def test_each_account_has_a_table_of_its_own(api: Callable[[str], Any], site: TestClient):
    found, other = api("/differences"), api(f"/differences?account={OTHER}")
    assert (found["account"], found["time_zone"]) == (ACCOUNT, "UTC")
    assert (other["account"], other["time_zone"]) == (OTHER, "America/New_York")
    assert found["accounts"] == other["accounts"] == sorted([ACCOUNT, OTHER])
    assert (other["network"], other["contacts"], len(other["rows"])) == ("0", 0, 1), "one milestone names this account"
    page = site.get(f"conversions/differences?account={OTHER}").text
    assert f'<option value="{OTHER}" selected>' in page
    rows = csv.DictReader(io.StringIO(site.get(f"export/differences.csv?account={OTHER}").content.decode("utf-8-sig")))
    assert [one["account"] for one in rows] == [OTHER]


@pytest.mark.parametrize(
    "query", ["from=x", "to=2026-13-01", "from=2026-02-01&to=2026-01-01", "from=2020-01-01&to=2026-01-01"]
)
def test_days_that_make_no_sense_are_told(site: TestClient, query: str):
    assert site.get(f"conversions/differences?{query}").status_code == 400


def test_rows_on_which_both_agree_are_shown_on_demand(site: TestClient):
    assert "1 row with nothing to explain is not shown" in site.get("conversions/differences").text
    assert site.get("conversions/differences?agreeing=show").text.count('class="when"') == 1 + site.get(
        "conversions/differences"
    ).text.count('class="when"')


def test_the_bridge_leads_from_one_number_to_the_other():
    buckets = {"no_click_id": Decimal(-3), "other_sources": Decimal("4.5"), "rejected ads_x": Decimal(-1)}
    made = bars(Decimal(10), buckets, Decimal("10.5"))
    assert [one.name for one in made] == ["contacts", "other_sources", "no_click_id", "rejected ads_x", "network"]
    for before, after in zip(made[1:-1], made[2:-1], strict=False):
        assert before.link in (after.x, after.x + after.width), "each bar begins where the one before has ended"
    assert made[-1].width == made[-2].link
    assert max(one.x + one.width for one in made) == 100
    below = bars(Decimal(1), {"contact_without_milestone": Decimal(-3), "other_sources": Decimal(2)}, Decimal(0))
    assert min(one.x for one in below) == 0
    assert bars(Decimal(0), {}, Decimal(0))[0].width == 0
    sides = parts(buckets, Decimal(5))
    assert [(one.name, one.x, one.width) for one in sides] == [("other_sources", 0, 45), ("no_click_id", -30, 30), ("rejected ads_x", -40, 10)]  # fmt: skip


def test_every_bucket_has_a_family_and_words():
    from lockstep_airflow.status.texts import TEXTS

    assert sorted(one for family in FAMILIES.values() for one in family) == sorted(Bucket)
    assert [one for one in Bucket if f"bucket.{one.value}" not in TEXTS] == []
    assert [one for one in FAMILIES if f"family.{one}" not in TEXTS] == []


def test_clicks_that_will_be_too_old(days: Days, api: Callable[[str], Any], site: TestClient):
    (late,) = api("/expiring")["opportunities"]
    assert late["opportunity"] == "0065g00000lateEAB"
    assert late["click_expires_on"] == (days.clicked + timedelta(days=90)).isoformat()
    assert "30 days" in site.get("conversions/expiring").text
    assert api("")["expiring"] == 1


def test_tables_as_csv(site: TestClient):
    def sheet(path: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(site.get(path).content.decode("utf-8-sig"))))

    rows = sheet("export/conversions.csv?milestone=working&state=accepted")
    assert len(rows) == 2
    assert f"'{FORMULA}" in {one["action"] for one in sheet("export/conversions.csv")}
    table = sheet("export/differences.csv")
    plain = (
        "account",
        "day",
        "campaign",
        "name",
        "clicks",
        "milestones",
        "accepted",
        "network",
        "contacts",
        "difference",
    )
    for one in table:
        assert sum(Decimal(number) for name, number in one.items() if name not in plain) == Decimal(one["difference"])
    assert len(sheet("export/expiring.csv")) == 1


def test_when_nothing_is_there_yet(filled: Filled, client: TestClient):
    assert "No milestone has become a conversion yet" in client.get("conversions").text
    assert "No milestone was found yet" in client.get("conversions/list").text
    assert "No report was read yet" in client.get("conversions/differences").text
    assert "No open opportunity outlives its click" in client.get("conversions/expiring").text


def test_checked_but_nothing_found(filled: Filled, client: TestClient):
    from lockstep.store import preflight

    with filled.store.writing() as tx:
        preflight.save(tx, [], filled.now)
    page = client.get("conversions").text
    assert "Nothing keeps milestones from becoming conversions" in page
    assert "No milestone was found yet" in page


def test_conversions_without_a_preflight(filled: Filled, client: TestClient):
    add_conversions(filled)
    with filled.store.writing() as tx:
        tx.execute(t.preflight.delete())
        tx.execute(t.cache.delete())
    page = client.get("conversions").text
    assert "Not checked yet" in page
    assert "Recorded" in page


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["nb", "sv"])
def test_in_each_language(site: TestClient, path: str, language: str):
    assert site.get(f"conversions{path}", headers={"Accept-Language": language}).status_code == 200
