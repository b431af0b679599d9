"""Skipped and held: every record that is not in step, its reason, and what a person decides about it."""

import html

import pytest
from fastapi.testclient import TestClient
from tests.status.held_data import ALONE, DELETED, EMAIL, PAIR, add_held
from tests.status.ledger_data import SECRET, Filled, fill
from tests.status.ledgers import Ledgers
from tests.status.mounted import client_of
from tests.status.test_exports import read

from lockstep.decisions import DecisionKind
from lockstep.store import Store, decisions, ledger, search
from lockstep_airflow.status.record_links import RecordLinks

SAME = {"Sec-Fetch-Site": "same-origin"}
CHOICE = {"kind": "choose", "pair": PAIR.id, "field": "lastname", "choice": "hubspot"}


@pytest.fixture
def waiting(filled: Filled, ledgers: Ledgers) -> Filled:
    return ledgers.into(filled, add_held)


def told(client: TestClient, query: str = "") -> list[dict]:
    return client.get(f"api/unsynced{query}").json()["records"]


def decide(client: TestClient, *asked: dict, **headers: str):
    return client.post("api/decisions", json={"decisions": asked}, headers=SAME | headers)


def recorded(filled: Filled) -> list:
    with filled.store.reading() as tx:
        return decisions.open(tx)


def test_every_record_has_its_reason(client: TestClient, waiting: Filled):
    answer = client.get("api/unsynced").json()
    assert answer["outcomes"] == {"held": 4, "failed": 4, "field_failed": 1, "deferred": 1, "skipped": 1}
    assert [one["code"] for one in answer["reasons"] if one["outcome"] == "skipped"] == ["no_match_key"]
    skipped = told(client, "?outcome=skipped")[0]
    assert skipped["salesforce"] == {"object": "Lead", "id": "00Q5g00000SKIPAAAA"}
    assert {one["code"] for one in told(client, "?code=clash")} == {"clash"}
    assert told(client, "?object=deals") == []


def test_a_reason_is_told_once_and_in_the_readers_language(client: TestClient, waiting: Filled):
    page = client.get("unsynced?outcome=held", headers={"Accept-Language": "sv"}).text
    assert "Flera poster kan vara partnern." in page
    assert "Several records could be the partner." not in page
    assert "hold: båda sidor har ändrats; en person avgör" in page
    assert "both sides changed" not in page


def test_what_was_planned_anew_is_gone(client: TestClient, waiting: Filled):
    with waiting.store.writing() as tx:
        ledger.settle(tx, [PAIR.id], [ALONE], references=False)
    assert {one["code"] for one in told(client, "?outcome=held")} == {"partner_deleted", "ambiguous_match"}
    assert len(told(client, "?outcome=held")) == 2


def test_a_held_pair_shows_both_values_the_base_and_the_rule(client: TestClient, waiting: Filled):
    (clash,) = told(client, "?code=clash")[0]["clashes"]
    assert clash == {
        "field": "lastname", "rule": "hold: both sides changed; a person decides", "salesforce": "Nordmann-Hansen",
        "hubspot": "Nordmann \u00c5s", "sf_base": "Nordmann", "hs_base": "Nordmann",
    }  # fmt: skip
    page = html.unescape(client.get("unsynced?outcome=held").text)
    for words in (
        "Nordmann-Hansen",
        "Nordmann \u00c5s",
        "Which value shall lastname have?",
        "Which record is its partner?",
    ):
        assert words in page
    (match,) = [one for one in told(client, "?outcome=held") if one["candidates"]]
    assert [(one["id"], one["taken"]) for one in match["candidates"]] == [
        ("51003", False),
        ("51001", True),
        (ALONE[2], False),
    ]


def test_ids_lead_into_the_vendors_pages(client: TestClient, waiting: Filled):
    page = client.get("unsynced?code=clash").text
    assert f'href="https://acme.my.salesforce.com/{PAIR.sf_id}"' in page
    assert f'href="https://app.hubspot.com/contacts/123/record/0-1/{PAIR.hs_id}"' in page


@pytest.mark.parametrize(
    ("object", "id", "leads_to"),
    [("deals", "5", "0-3/5"), ("2-1234", "5", "2-1234/5"), ("2-1/..", "5", None), ("deals/contacts", "5-11", None), (None, "5", None)],
)  # fmt: skip
def test_links_into_hubspot(object: str | None, id: str, leads_to: str | None):
    found = RecordLinks({"hubspot": "https://app.hubspot.com/contacts/1"}).get("hubspot", object, id)
    assert found == (leads_to and f"https://app.hubspot.com/contacts/1/record/{leads_to}")


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (CHOICE, {"kind": "choose", "pair_id": PAIR.id, "field": "lastname", "choice": "hubspot", "value": None}),
        ({**CHOICE, "choice": "value", "value": "\u00c5s"}, {"choice": "value", "value": "\u00c5s"}),
        ({**CHOICE, "choice": "value", "value": ""}, {"choice": "value", "value": None}),
        (
            {"kind": "match", "system": ALONE[0], "object": ALONE[1], "record": ALONE[2], "choice": "candidate", "candidate": "51003"},
            {"kind": "match", "record_id": ALONE[2], "choice": "candidate", "value": "51003"},
        ),
        (
            {"kind": "match", "system": ALONE[0], "object": ALONE[1], "record": ALONE[2], "choice": "create"},
            {"kind": "match", "choice": "create", "value": None},
        ),
        ({"kind": "resync", "pairs": [DELETED.id], "note": "mended"}, {"kind": "resync", "pair_id": DELETED.id, "note": "mended"}),
    ],
)  # fmt: skip
def test_a_decision_is_recorded_with_the_users_name(client: TestClient, waiting: Filled, asked: dict, kept: dict):
    answer = decide(client, asked)
    assert answer.status_code == 201
    (one,) = recorded(waiting)
    assert {name: getattr(one, name) for name in kept} == kept
    assert one.made_by == "vera"
    assert answer.json() == {"decisions": [one.id], "dag_id": "push_updates", "conf": {"decision": [one.id]}}


def test_selected_rows_are_synced_again(client: TestClient, waiting: Filled):
    rows = told(client)
    assert decide(client, {"kind": "resync", "errors": [one["id"] for one in rows]}).status_code == 201
    kept = {(one.pair_id, one.system, one.object, one.record_id) for one in recorded(waiting)}
    assert (PAIR.id, None, None, None) in kept
    assert (None, *ALONE) in kept
    assert len(kept) == len({(one["pair_id"], one["salesforce"]["id"]) for one in rows})
    assert all(one.kind is DecisionKind.RESYNC for one in recorded(waiting))


def test_all_open_records_of_a_cause_are_synced_again(client: TestClient, waiting: Filled):
    (cause,) = [one["id"] for one in client.get("api/errors").json()["causes"] if one["code"] == "picklist_value"]
    assert decide(client, {"kind": "resync", "cause": cause}).status_code == 201
    assert len(recorded(waiting)) == 1
    assert decide(client, {"kind": "resync", "cause": 999}).status_code == 422
    before = {"kind": "resync", "cause": cause, "until": "2026-01-01T00:00:00Z"}
    assert decide(client, before).status_code == 422, "none was told then"


def test_what_was_decided_stands_beside_the_record(client: TestClient, waiting: Filled):
    decide(client, {**CHOICE, "note": "asked Kari"})
    assert told(client, "?code=clash")[0]["decided"] == [
        {"kind": "choose", "by": "vera", "choice": "hubspot", "field": "lastname"}
    ]
    page = html.unescape(client.get("unsynced?code=clash").text)
    assert "vera decided: HubSpot's value. The next run obeys it." in page
    assert "asked Kari" in page


@pytest.mark.parametrize(
    "asked",
    [
        {**CHOICE, "choice": "mine"},
        {**CHOICE, "pair": ""},
        {**CHOICE, "pair": "held\0"},
        {"kind": "approve", "run": "x"},
        {"kind": "resync"},
        {"kind": "match", "system": "a", "object": "b", "record": "c", "choice": "candidate"},
        {**CHOICE, "made_by": "somebody else"},
    ],
)
def test_what_is_no_decision_is_refused_whole(client: TestClient, waiting: Filled, asked: dict):
    assert decide(client, CHOICE, asked).status_code in (422, 201)
    assert decide(client, asked).status_code == 422
    assert len(recorded(waiting)) <= 1


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_another_site_cannot_decide(client: TestClient, waiting: Filled, site: str):
    answer = client.post(
        "api/decisions", json={"decisions": [CHOICE]}, headers={"Sec-Fetch-Site": site} if site else {}
    )
    assert answer.status_code == 403
    assert recorded(waiting) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://testserver"}, 201),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_a_page_that_came_by_plain_http_can_decide(client: TestClient, waiting: Filled, headers: dict, status: int):
    """To such an address a browser sends no Sec-Fetch-Site."""
    assert client.post("api/decisions", json={"decisions": [CHOICE]}, headers=headers).status_code == status


def test_a_form_of_another_site_is_not_json(client: TestClient, waiting: Filled):
    body = '{"decisions": [{"kind": "resync", "pairs": ["held-1"]}]}'
    answer = client.post("api/decisions", content=body, headers={**SAME, "Content-Type": "text/plain"})
    assert answer.status_code == 422
    assert recorded(waiting) == []


def test_who_may_not_trigger_may_look_but_not_act(waiting: Filled, sqlite_url: str):
    looking = client_of(lambda: Store(sqlite_url), may_act=False)
    page = looking.get("unsynced").text
    assert "You may look, but not decide" in page
    assert '<form class="decide"' not in page
    assert 'id="resync"' not in page
    assert decide(looking, CHOICE).status_code == 403
    assert recorded(waiting) == []


def test_who_may_not_see_values_sees_fields_and_reasons(waiting: Filled, sqlite_url: str):
    blind = client_of(lambda: Store(sqlite_url), sees_values=False)
    for path in ("unsynced", "api/unsynced", "export/unsynced.csv", "errors", "api/errors", "export/errors.csv", "record/held-1", "api/record/held-1", f"batches/{waiting.ids['held']}"):  # fmt: skip
        text = html.unescape(blind.get(path).text)
        for value in ("Nordmann-Hansen", "Nordmann \u00c5s", "kari@example.no", "evil.example", SECRET):
            assert value not in text, (path, value)
    assert "lastname" in blind.get("unsynced?code=clash").text
    assert decide(blind, {**CHOICE, "choice": "value", "value": "x"}).status_code == 403
    assert decide(blind, CHOICE).status_code == 201


def test_csv(client: TestClient, waiting: Filled):
    rows = read(client, "export/unsynced.csv?outcome=held")
    assert {row["outcome"] for row in rows} == {"held"}
    assert len(rows) == 4


def test_paging(client: TestClient, waiting: Filled):
    seen, before = [], ""
    while before is not None:
        answer = client.get(f"api/unsynced?limit=3{before and f'&before={before}'}").json()
        seen += [one["id"] for one in answer["records"]]
        before = answer["next"]
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 11


def test_all_in_step(sqlite_url: str, filled: Filled):
    asked = client_of(lambda: Store(sqlite_url))
    with filled.store.writing() as tx:
        for number in range(7):
            ledger.settle(tx, [f"pair-{filled.ids['hostile']}-{number}"], [], references=False)
    assert "Every record is in step" in asked.get("unsynced").text
    assert "No record matches these filters" in asked.get("unsynced?outcome=held").text


def test_both_databases(store: Store):
    add_held(fill(store))
    with store.reading() as tx:
        for text in (PAIR.sf_id or "", PAIR.hs_id or "", PAIR.id):
            assert {hit.pair_id for hit in search.by_id(tx, text)} == {PAIR.id}
        assert [hit.pair_id for hit in search.by_key(tx, EMAIL)] == [PAIR.id, PAIR.id]
    asked = client_of(lambda: store)
    for path in (f"record/{PAIR.id}", "unsynced", f"record/{'/'.join(ALONE)}", "record?q=nordmann"):
        assert asked.get(path).status_code in (200, 303), path
