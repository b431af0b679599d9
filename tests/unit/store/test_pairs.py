"""Pairs: bases come back as they were, a record is in one open pair, and due pairs wait their turn."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from lockstep.model import Pair, PairState
from lockstep.store import Store, pairs
from lockstep.store.pairs.bases import _encode, decode

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE = Pair(
    "p1", "people", "Contact", "contacts", "003A", "101", {"Email": "a@x.org"}, {"email": "a@x.org"}, PairState.LINKED
)


@dataclass(frozen=True)
class Wait:
    field: str
    system: str
    object: str
    record_id: str


def put(store: Store, *some: Pair) -> None:
    with store.writing() as tx:
        pairs.insert(tx, some)


def get(store: Store, pair_id: str = "p1") -> Pair:
    with store.reading() as tx:
        return pairs.get(tx, [pair_id])[pair_id]


def raise_due(store: Store, seq: int, at: datetime | None = None) -> None:
    with store.writing() as tx:
        pairs.raise_due(tx, ["p1"], seq, at)


def due(store: Store, now: datetime = NOW) -> list[tuple[str, int | None]]:
    with store.reading() as tx:
        return [(pair.id, pair.due_seq) for pair in pairs.due(tx, "people", now, 10)]


def test_a_pair_comes_back_as_it_was(store: Store) -> None:
    pair = replace(
        PEOPLE,
        sf_base={"Email": None, "LastName": "Ø"},
        hs_base={},
        state=PairState.HELD,
        reason="clash",
        due_seq=4,
        agreed_at=NOW,
        generation=2,
        references_seq=5,
    )
    put(store, pair)
    assert get(store) == pair


def test_a_missing_base_is_not_a_blank_one(store: Store) -> None:
    put(store, PEOPLE, replace(PEOPLE, id="p2", sf_id="003B", hs_id="102", sf_base={"Phone": None, "Fax": "0"}))
    assert get(store).sf_base == {"Email": "a@x.org"}
    assert get(store, "p2").sf_base == {"Phone": None, "Fax": "0"}


@given(st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=5)), st.sets(st.text(max_size=5)))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_bases_survive_any_wider_layout(base: dict[str, str | None], others: set[str]) -> None:
    fields = sorted(base.keys() | others)
    assert decode(fields, _encode(fields, base)) == base


def test_saving_writes_everything_but_what_is_due(store: Store) -> None:
    put(store, replace(PEOPLE, due_seq=1))
    old = get(store)
    raise_due(store, 2)
    moved = replace(
        old, sf_object="Contact", sf_id="003Z", state=PairState.UNCONFIRMED, sf_base={"Email": "b@x.org"}, agreed_at=NOW
    )
    with store.writing() as tx:
        pairs.save(tx, [moved])
    assert get(store) == replace(moved, due_seq=2)


@pytest.mark.parametrize("other", [{"hs_id": "102"}, {"sf_id": "003B"}])
def test_a_record_is_in_one_open_pair(store: Store, other: dict[str, str]) -> None:
    put(store, PEOPLE)
    second = replace(PEOPLE, id="p2", **other)
    with pytest.raises(IntegrityError):
        put(store, second)
    put(store, replace(second, state=PairState.CLOSED))


def test_ids_are_the_vendors_per_object(store: Store) -> None:
    """HubSpot's contact 101 and company 101 are two records."""
    company = replace(
        PEOPLE, id="p2", entity="accounts-companies", sf_object="Account", hs_object="companies", sf_id="001A"
    )
    put(store, PEOPLE, company)
    records = [("contacts", "101"), ("companies", "101"), ("contacts", "102")]
    with store.reading() as tx:
        found = pairs.by_record(tx, "hubspot", records)
    assert {record: pair.id for record, pair in found.items()} == {records[0]: "p1", records[1]: "p2"}


def test_pairs_are_found_by_record_open_and_closed_apart(store: Store) -> None:
    older = replace(PEOPLE, id="old", state=PairState.CLOSED, agreed_at=NOW)
    newer = replace(older, id="new", agreed_at=NOW + timedelta(days=1))
    put(store, newer, older, PEOPLE, replace(PEOPLE, id="half", sf_id="003B", hs_id=None, state=PairState.CREATING))
    records = [("Contact", "003A"), ("Contact", "003B"), ("Lead", "003A")]
    with store.reading() as tx:
        assert {r: p.id for r, p in pairs.by_record(tx, "salesforce", records).items()} == {
            records[0]: "p1",
            records[1]: "half",
        }
        assert {r: p.id for r, p in pairs.closed_by_record(tx, "salesforce", records).items()} == {records[0]: "new"}
        assert pairs.count(tx, "people", [PairState.CLOSED, PairState.CREATING]) == 3
        assert pairs.count(tx, "people", [PairState.LINKED]) == 1
        assert pairs.count(tx, "companies", [PairState.LINKED]) == 0


def test_a_pair_with_back_off_is_due_when_its_time_has_come(store: Store) -> None:
    put(store, PEOPLE)
    raise_due(store, 3, NOW + timedelta(minutes=5))
    assert due(store) == []
    assert due(store, NOW + timedelta(minutes=5)) == [("p1", 3)]


@pytest.mark.parametrize(("first", "second", "waits"), [(None, 5, 0), (5, None, 0), (5, 9, 5), (9, 5, 5)])
def test_the_earlier_time_counts(store: Store, first: int | None, second: int | None, waits: int) -> None:
    put(store, PEOPLE)
    for seq, minutes in enumerate((first, second), 1):
        raise_due(store, seq, None if minutes is None else NOW + timedelta(minutes=minutes))
    assert due(store, NOW + timedelta(minutes=waits)) == [("p1", 2)]
    assert waits == 0 or due(store, NOW + timedelta(minutes=waits - 1)) == []


def test_clearing_leaves_what_was_raised_meanwhile(store: Store) -> None:
    put(store, replace(PEOPLE, due_seq=1, references_seq=1))
    planned = get(store)
    with store.writing() as tx:
        pairs.raise_due(tx, ["p1"], 2)
        pairs.raise_references(tx, ["p1"], 3)
        pairs.clear_due(tx, [planned])
        pairs.clear_references(tx, [planned])
    assert (get(store).due_seq, get(store).references_seq) == (2, 3)
    with store.writing() as tx:
        pairs.clear_due(tx, [get(store)])
        pairs.clear_references(tx, [replace(planned, references_seq=3)])
        assert pairs.references_due(tx, "people", 10) == []
    assert due(store) == []


def test_those_who_wait_for_a_record_are_woken(store: Store) -> None:
    account, company = Wait("AccountId", "salesforce", "Account", "001A"), Wait("x", "hubspot", "companies", "7")
    joined = replace(
        PEOPLE,
        id="p2",
        entity="accounts-companies",
        sf_object="Account",
        hs_object="companies",
        sf_id="001B",
        hs_id="8",
    )
    put(store, PEOPLE, joined)
    with store.writing() as tx:
        pairs.set_waits(tx, {"p1": [account, company]})
        pairs.set_waits(tx, {"p1": [replace(account, record_id="001B")] * 2})
        assert pairs.wake(tx, "salesforce", "Account", ["001A", None], 8) == 0
        assert pairs.wake(tx, "salesforce", "Account", ["001B"], 9) == 1
        pairs.wake_for(tx, [joined], 10)
        assert [(pair.id, pair.references_seq) for pair in pairs.references_due(tx, "people", 10)] == [("p1", 10)]
