"""One record: how it is found, what both sides hold, and why."""

import html
import re

import pytest
from fastapi.testclient import TestClient
from tests.status.held_data import ALONE, EMAIL, PAIR, add_held
from tests.status.ledger_data import RIGHT_TO_LEFT, SCRIPT, Filled
from tests.status.ledgers import Ledgers
from tests.status.mounted import client_of

from lockstep.store import Store, mirror, name_search
from lockstep.store.search import long_id

STORY = f"/sync-status/record/{PAIR.id}"


@pytest.fixture(autouse=True)
def waiting(filled: Filled, ledgers: Ledgers) -> Filled:
    return ledgers.into(filled, add_held)


@pytest.mark.parametrize("text", [PAIR.sf_id, PAIR.hs_id, PAIR.id, f"{PAIR.id}.2", f" {PAIR.hs_id} "])
def test_found_by_any_id(client: TestClient, text: str):
    answer = client.get("record", params={"q": text})
    assert (answer.status_code, answer.headers["location"]) == (303, STORY)


@pytest.mark.parametrize("text", [EMAIL, EMAIL.upper(), "nordmann", "Nordmann-H", "ÅS nordmann"])
def test_found_by_match_key_or_name(client: TestClient, text: str):
    assert client.get("record", params={"q": text}).headers["location"] == STORY


@pytest.mark.parametrize("text", ["nobody", "%", "_", "Hansen Ås", "' OR 1=1 --", "\\"])
def test_what_is_not_there_is_not_found(client: TestClient, text: str):
    page = client.get("record", params={"q": text})
    assert page.status_code == 200
    assert "Nothing found" in page.text


def test_names_and_addresses_are_values(sqlite_url: str):
    blind = client_of(lambda: Store(sqlite_url), sees_values=False)
    assert blind.get("record", params={"q": PAIR.hs_id}).status_code == 303
    for text in (EMAIL, "nordmann"):
        assert "Only ids were searched" in blind.get("record", params={"q": text}).text
        assert blind.get("api/record", params={"q": text}).json()["records"] == []


def test_several_hits_are_listed(client: TestClient, filled: Filled):
    with filled.store.writing() as tx:
        layout = mirror.layout_of(tx, "hubspot", "contacts", ["firstname", "lastname"])
        row = mirror.merge.Row("777", "2026-03-01T12:00:00.000Z", ("Ola", "Nordmann"))
        mirror.merge_page(tx, layout, [row], filled.now, 1)
    page = client.get("record", params={"q": "nordmann"}).text
    assert "3 records found" in page
    assert "/sync-status/record/hubspot/contacts/777" in page
    assert client.get("record/hubspot/contacts/777").status_code == 200


def test_a_large_mirror_is_looked_through_piece_by_piece(client: TestClient, filled: Filled, monkeypatch):
    monkeypatch.setattr(name_search, "SECONDS", 0)
    monkeypatch.setattr(name_search, "_ROWS", 1)
    told, after = [], ""
    while after is not None:
        answer = client.get("api/record", params={"q": "nordmann", "after": after}).json()
        told, after = told + answer["records"], answer["next"]
    assert [(one["id"], one["name"]) for one in told] == [
        (PAIR.hs_id, "Nordmann \u00c5s"),
        (PAIR.sf_id, "Nordmann-Hansen"),
    ]
    page = client.get("record", params={"q": "hansen"}).text
    assert "Nothing found so far" in page
    (onward,) = re.findall(r'href="(/sync-status/record\?q=hansen&amp;after=[^"]+)"', page)
    page = client.get(html.unescape(onward).removeprefix("/sync-status/")).text
    assert "1 record found" in page
    assert "Names looked through so far: 2." in page


def test_an_address_to_look_on_from_that_is_none_is_refused(client: TestClient):
    for after in ("x", "hubspot/contacts/", "hubspot/nobody/1", "hubspot/contacts/\0"):
        assert client.get("record", params={"q": "ola", "after": after}).status_code == 400
        assert client.get("api/record", params={"q": "ola", "after": after}).status_code == 400


def test_both_sides_and_their_base(client: TestClient):
    told = client.get(f"api/record/{PAIR.id}").json()
    (lastname,) = [one for one in told["fields"] if one["name"] == "lastname"]
    assert lastname["now"] == {"salesforce": "Nordmann-Hansen", "hubspot": "Nordmann \u00c5s"}
    assert lastname["base"] == {"salesforce": "Nordmann", "hubspot": "Nordmann"}
    assert lastname["names"] == {"salesforce": "LastName", "hubspot": "lastname"}
    assert told["errors"][0]["code"] == "clash"


def test_what_waits_for_a_person_is_told_in_their_language(client: TestClient):
    page = client.get(f"record/{PAIR.id}", headers={"Accept-Language": "nb"}).text
    assert page.count("hold: begge sider er endret; et menneske avgjør") == 2, "what is open, and what happened"
    assert "a person decides" not in page


def test_why_is_this_value_here(client: TestClient):
    told = client.get(f"api/record/{PAIR.id}?field=phone").json()["changes"]
    assert [(one["fields"][0]["before"], one["fields"][0]["after"], one["fields"][0]["lost"]) for one in told] == [
        (RIGHT_TO_LEFT, "+47 1", SCRIPT),
        ("+47 0", RIGHT_TO_LEFT, None),
    ]
    assert told[0]["fields"][0]["why"] == "two_way: both sides changed; Salesforce wins"
    assert told[0]["run_id"] == "push_updates:manual__held"
    page = client.get(f"record/{PAIR.id}?field=phone").text
    assert "What happened to phone" in page
    assert f'<bdi class="raw">{RIGHT_TO_LEFT}</bdi>' in page
    assert "<script>document" not in page
    assert SCRIPT in html.unescape(page)


def test_a_record_without_a_pair(client: TestClient):
    page = client.get("/".join(("record", *ALONE))).text
    assert "Several records could be the partner." in page
    assert client.get(f"api/record/{'/'.join(ALONE)}").json()["pair"] is None
    assert client.get("record/salesforce/Lead/00Qnobody").status_code == 404
    assert client.get("record/nobody").status_code == 404
    assert client.get("api/record/nobody").status_code == 404


def test_a_record_with_a_pair_shows_the_pairs_story(client: TestClient):
    told = client.get(f"api/record/hubspot/contacts/{PAIR.hs_id}").json()
    assert told["pair"]["id"] == PAIR.id


def test_without_mapping_files_each_side_is_told_alone(client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setenv("LOCKSTEP_MAPPINGS", str(tmp_path))
    told = client.get(f"api/record/{PAIR.id}").json()
    assert {"name": "LastName", "names": {"salesforce": "LastName"}, "rule": "", "now": {"salesforce": "Nordmann-Hansen"}, "base": {"salesforce": "Nordmann"}} in told["fields"]  # fmt: skip


def test_short_salesforce_ids_are_known():
    assert long_id("001D000000IqhSL") == "001D000000IqhSLIAZ"
    assert long_id("a@b.example.com") == "a@b.example.com"
