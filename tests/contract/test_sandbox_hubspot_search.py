"""HubSpot sandbox: search, its operators and limits, and the index that lags behind."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contract.hubspot_server import Server, serving, tiny

PATH = "/crm/objects/2026-09/{}/search"


def search(hubspot: Server, *filters: dict[str, Any], kind: str = "contacts", **body: Any) -> dict[str, Any]:
    groups = {"filterGroups": [{"filters": list(filters)}]} if filters else {}
    return hubspot.ok("POST", PATH.format(kind), {**groups, **body})


def rule(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **({} if value is None else {"value": value}), **more}


def ids(found: dict[str, Any]) -> list[str]:
    return [row["id"] for row in found["results"]]


@pytest.fixture
def people(hubspot: Server) -> dict[str, str]:
    """Three contacts, a minute apart."""
    made = {}
    rows = [("Ola", "Oslo", "lead"), ("Kari", "oslo", "customer"), ("Åse", None, "lead")]
    for name, city, stage in rows:
        fields = {"firstname": name, "email": f"{len(made)}@x.example", "lifecyclestage": stage}
        made[name] = hubspot.contact(**fields, **({"city": city} if city else {}))
        hubspot.clock.advance(60)
    return made


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([rule("city", "EQ", "OSLO")], ["Ola", "Kari"]),
        ([rule("city", "NEQ", "oslo")], ["Åse"]),
        ([rule("city", "HAS_PROPERTY")], ["Ola", "Kari"]),
        ([rule("city", "NOT_HAS_PROPERTY")], ["Åse"]),
        ([rule("city", "IN", values=["oslo"])], ["Ola", "Kari"]),
        ([rule("city", "IN", values=["Oslo"])], []),
        ([rule("city", "NOT_IN", values=["oslo"])], ["Åse"]),
        ([rule("lifecyclestage", "EQ", "lead")], ["Ola", "Åse"]),
        ([rule("lifecyclestage", "EQ", "LEAD")], []),
        ([rule("lifecyclestage", "IN", values=["lead"]), rule("city", "HAS_PROPERTY")], ["Ola"]),
        ([rule("email", "CONTAINS_TOKEN", "*@x.example")], ["Ola", "Kari", "Åse"]),
        ([rule("email", "NOT_CONTAINS_TOKEN", "0*")], ["Kari", "Åse"]),
        ([rule("createdate", "GT", "2026-11-20T12:00:30Z")], ["Kari", "Åse"]),
        ([rule("createdate", "LTE", "1795176060000")], ["Ola", "Kari"]),
        ([rule("createdate", "BETWEEN", "1795176030000", highValue="1795176090000")], ["Kari"]),
        ([rule("hs_object_id", "GTE", "1002")], ["Kari", "Åse"]),
        ([rule("hs_object_id", "LT", 1002)], ["Ola"]),
        ([rule("hs_object_id", "GT", "999")], ["Ola", "Kari", "Åse"]),
    ],
)
def test_operators(hubspot: Server, people: dict[str, str], filters: list[dict[str, Any]], expected: list[str]) -> None:
    found = search(hubspot, *filters)
    assert ids(found) == [people[name] for name in expected]
    assert found["total"] == len(expected)


def test_groups_are_or_and_the_order_is_creation_unless_sorted(hubspot: Server, people: dict[str, str]) -> None:
    groups = [{"filters": [rule("firstname", "EQ", name)]} for name in ("åse", "ola")]
    found = hubspot.ok("POST", PATH.format("contacts"), {"filterGroups": groups})
    assert ids(found) == [people["Ola"], people["Åse"]]
    sorts = [{"propertyName": "createdate", "direction": "DESCENDING"}]
    assert ids(search(hubspot, sorts=sorts)) == [people[name] for name in ("Åse", "Kari", "Ola")]


def test_pages_are_offsets(hubspot: Server, people: dict[str, str]) -> None:
    first = search(hubspot, limit=2)
    assert (first["total"], first["paging"]["next"]["after"]) == (3, "2")
    second = search(hubspot, limit=2, after="2")
    assert ids(first) + ids(second) == list(people.values())
    assert "paging" not in second


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 100, "after": "9901"},
        {"filterGroups": [{"filters": [rule("city", "EQ", "x")]}] * 6},
        {"filterGroups": [{"filters": [rule("city", "EQ", "x")] * 7}]},
        {"filterGroups": [{"filters": [rule("city", "EQ", "x")] * 5}] * 4},
        {"filterGroups": [{"filters": [rule("nonsense", "EQ", "x")]}]},
        {"filterGroups": [{"filters": [rule("city", "LIKE", "x")]}]},
        {"filterGroups": [{"filters": [rule("city", "EQ")]}]},
        {"filterGroups": [{"filters": [rule("createdate", "GT", "yesterday")]}]},
        {"filterGroups": [{"filters": [rule("city", "IN", values=["x" * 3000])]}]},
        {"sorts": ["city", "email"]},
        {"sorts": [{"propertyName": "nonsense"}]},
        {"filterGroups": ["x"]},
        {"filterGroups": [{"filters": ["x"]}]},
    ],
)
def test_what_search_refuses(hubspot: Server, body: dict[str, Any]) -> None:
    answer = hubspot.call("POST", PATH.format("contacts"), body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_the_index_lags_behind_and_batch_read_does_not() -> None:
    with serving(index_lag_seconds=30) as hubspot:
        contact = hubspot.contact(email="a@x.example", city="Oslo")
        assert search(hubspot)["total"] == 0
        hubspot.clock.advance(30)
        assert ids(search(hubspot)) == [contact]
        hubspot.ok("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {"city": "Bergen"}})
        stale = search(hubspot, rule("city", "EQ", "oslo"), properties=["city"])
        assert stale["results"][0]["properties"]["city"] == "Oslo"
        read = hubspot.ok(
            "POST", "/crm/v3/objects/contacts/batch/read", {"inputs": [{"id": contact}], "properties": ["city"]}
        )
        assert read["results"][0]["properties"]["city"] == "Bergen"
        hubspot.clock.advance(30)
        assert search(hubspot, rule("city", "EQ", "oslo"))["total"] == 0


def test_archived_and_merged_away_records_are_never_found(hubspot: Server, people: dict[str, str]) -> None:
    hubspot.ok("DELETE", f"/crm/v3/objects/contacts/{people['Ola']}")
    survivor = hubspot.vendor.act("merge", object="contacts", winner=people["Kari"], loser=people["Åse"])["id"]
    assert ids(search(hubspot)) == [survivor]


def test_search_by_association(hubspot: Server, people: dict[str, str]) -> None:
    company = hubspot.company(name="A")
    hubspot.vendor.act("associate", from_type="contacts", from_id=people["Kari"], to_type="companies", to_id=company)
    assert ids(search(hubspot, rule("associations.company", "EQ", company))) == [people["Kari"]]


def test_incremental_windows_meet_without_gap_or_overlap() -> None:
    with serving(tiny(), search_limit=10_000) as hubspot:
        for kind, stamp in (
            ("contacts", "lastmodifieddate"),
            ("companies", "hs_lastmodifieddate"),
            ("deals", "hs_lastmodifieddate"),
        ):
            everything = {row["id"] for row in hubspot.vendor.records(kind)}
            middle = "2026-06-01T00:00:00Z"
            before = search(hubspot, rule(stamp, "LT", middle), kind=kind, limit=200)
            after = search(hubspot, rule(stamp, "GTE", middle), kind=kind, limit=200)
            assert {*ids(before), *ids(after)} == everything
            assert before["total"] + after["total"] == len(everything)
