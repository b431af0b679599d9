"""Milestones found in history: times, values, rows in one second, skipped and re-entered stages, sales that reopen."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.conversions.definition import Amount, Count, Kind, Milestone
from lockstep.conversions.history import FieldChange, History, HistoryRow, Source
from lockstep.conversions.milestones import find, ordered
from lockstep.systems.hubspot.history import _history

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAD, OPPORTUNITY = "00QAA0000000001AAA", "006AA0000000001AAA"


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def status(reached: str, name: str = "m", **more: object) -> Milestone:
    return replace(Milestone(name, Kind.LEAD_STATUS, reached, "1"), **more)  # type: ignore[arg-type]


def stage(reached: str, name: str = "m", **more: object) -> Milestone:
    return replace(Milestone(name, Kind.OPPORTUNITY_STAGE, reached, "1"), **more)  # type: ignore[arg-type]


def lead(*moves: tuple[float, str, str], current: str = "New", **values: str | None) -> History:
    """A lead created at T0; each move: minutes, old, new."""
    rows = tuple(HistoryRow(f"017{n:03}", at(minutes), new, old) for n, (minutes, old, new) in enumerate(moves))
    return History("salesforce", "Lead", LEAD, T0, current, rows, (Source("Lead", LEAD, dict(values), T0),))


def deal(*stages: tuple[float, str, str | None], **values: str | None) -> History:
    """An opportunity; each: minutes, stage, amount then."""
    rows = tuple(
        HistoryRow(f"008{n:03}", at(m), name, amount=amount, won=name == "Won")
        for n, (m, name, amount) in enumerate(stages)
    )
    sources = (Source("Opportunity", OPPORTUNITY, dict(values), T0),)
    return History("salesforce", "Opportunity", OPPORTUNITY, T0, stages[-1][1], rows, sources)


def test_a_status_counts_when_it_was_reached() -> None:
    (found,) = find(lead((5, "New", "Working"), (9, "Working", "Closed")), [status("Working")])
    assert (found.at, found.order_id) == (at(5), f"{LEAD}-m-017000")


def test_the_status_at_creation_has_no_row_of_its_own() -> None:
    (found,) = find(lead((5, "New", "Working")), [status("New")])
    assert (found.at, found.entry) == (T0, "created")
    assert [one.at for one in find(lead(current="New"), [status("New")])] == [T0]


def test_a_skipped_status_is_not_reached() -> None:
    assert find(lead((5, "New", "Closed")), [status("Working")]) == []


def test_a_status_reached_again_counts_once_or_each_time() -> None:
    moves = lead((1, "New", "Working"), (2, "Working", "New"), (3, "New", "Working"))
    assert [one.entry for one in find(moves, [status("Working")])] == ["017000"]
    assert [one.entry for one in find(moves, [status("Working", count=Count.EVERY)])] == ["017000", "017002"]
    assert [one.entry for one in find(moves, [status("New", count=Count.EVERY)])] == ["created", "017001"]


def test_changing_from_once_to_each_time_keeps_the_first_order_id() -> None:
    moves = lead((1, "New", "Working"), (2, "Working", "New"), (3, "New", "Working"))
    first, every = find(moves, [status("Working")]), find(moves, [status("Working", count=Count.EVERY)])
    assert first[0].order_id == every[0].order_id


def test_the_conversion_of_a_lead() -> None:
    moves = lead((5, "New", "Closed - Converted"))
    moves = replace(moves, rows=(*moves.rows, HistoryRow("017X", at(5), converted=True)))
    both = [Milestone("conv", Kind.LEAD_CONVERTED, "", "1"), status("Closed - Converted")]
    assert {(one.milestone.name, one.at, one.entry) for one in find(moves, both)} == {
        ("conv", at(5), "017X"), ("m", at(5), "017000"),
    }  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_rows_of_one_second_follow_what_each_replaced(order: tuple[int, ...]) -> None:
    made = [("New", "A"), ("A", "B"), ("B", "C")]
    rows = [HistoryRow(f"017{order[n]}", T0, new, old) for n, (old, new) in enumerate(made)]
    assert [row.new for row in ordered(rows)] == ["A", "B", "C"]
    later = HistoryRow("0179", T0 - timedelta(hours=1), "New", "Old")
    assert [row.new for row in ordered([*rows, later])] == ["New", "A", "B", "C"]


def test_a_circle_within_one_second_ends_where_it_ended() -> None:
    rows = [HistoryRow("2", T0, "A", "B"), HistoryRow("1", T0, "B", "A"), HistoryRow("0", T0 - timedelta(1), "A", "N")]
    assert [row.new for row in ordered(rows)] == ["A", "B", "A"]


def test_a_stage_keeps_the_amount_that_it_then_had() -> None:
    won = stage("Won", value=Amount(field="Amount"))
    (found,) = find(deal((0, "Open", "5"), (5, "Won", "10.5"), (9, "Won", "20"), Amount="20"), [won])
    assert (found.at, found.entry, found.value, found.now_value) == (at(5), "008001", "10.5", "20")
    (fixed,) = find(deal((0, "Open", "5"), (5, "Won", "10.5"), Amount="20"), [replace(won, restate=False)])
    assert (fixed.value, fixed.now_value) == ("10.5", "10.5")


def test_values_fixed_and_of_other_fields_and_currencies() -> None:
    from decimal import Decimal

    opened = deal((0, "Open", None), Margin__c="7", CurrencyIsoCode="SEK")
    margin = stage("Open", value=Amount(field="Margin__c"), currency_field="CurrencyIsoCode")
    (found,) = find(opened, [margin])
    assert (found.value, found.currency) == ("7", "SEK")
    (found,) = find(opened, [stage("Open", value=Amount(fixed=Decimal("99.90")), currency="NOK")])
    assert (found.value, found.now_value, found.currency) == ("99.90", "99.90", "NOK")
    (found,) = find(opened, [stage("Open")])
    assert (found.value, found.currency) == (None, None)


@pytest.mark.parametrize(
    ("changes", "then"),
    [
        ([], "7"),  # no history is kept: what it holds now
        ([FieldChange("Margin__c", at(3), "5")], "7"),  # it had its value by then
        ([FieldChange("Margin__c", at(5), "5")], "7"),  # with the stage, in one save
        ([FieldChange("Margin__c", at(9), None)], None),
        ([FieldChange("Margin__c", at(12), "6"), FieldChange("Margin__c", at(9), "5")], "5"),
        ([FieldChange("Other__c", at(9), "5")], "7"),
    ],
)
def test_a_field_counts_as_it_was_then(changes: list[FieldChange], then: str | None) -> None:
    past = replace(deal((0, "Open", None), (5, "Won", None), Margin__c="7"), changes=tuple(changes))
    (found,) = find(past, [stage("Won", value=Amount(field="Margin__c"))])
    assert (found.value, found.now_value) == (then, "7")


def test_a_currency_counts_as_it_was_then() -> None:
    past = deal((0, "Open", "5"), (5, "Won", "10"), Amount="10", CurrencyIsoCode="SEK")
    past = replace(past, changes=(FieldChange("CurrencyIsoCode", at(9), "NOK"),))
    won = stage("Won", value=Amount(field="Amount"), currency_field="CurrencyIsoCode")
    (found,) = find(past, [won])
    assert (found.value, found.currency, found.now_value, found.now_currency) == ("10", "NOK", "10", "SEK")
    (fixed,) = find(past, [replace(won, restate=False)])
    assert (fixed.now_value, fixed.now_currency) == ("10", "NOK")


def test_a_sale_that_reopens_did_not_happen_and_the_next_one_is_another() -> None:
    once = deal((0, "Open", "1"), (1, "Won", "1"), (2, "Open", "1"))
    assert [(one.entry, one.undone) for one in find(once, [stage("Won")])] == [("008001", True)]
    again = deal((0, "Open", "1"), (1, "Won", "1"), (2, "Open", "1"), (3, "Won", "1"))
    assert [(one.entry, one.undone) for one in find(again, [stage("Won")])] == [("008001", True), ("008003", False)]


def test_leaving_a_stage_that_is_no_sale_undoes_nothing() -> None:
    found = find(deal((0, "Open", "1"), (1, "Offer", "1"), (2, "Open", "1"), (3, "Won", "1")), [stage("Offer")])
    assert [(one.entry, one.undone) for one in found] == [("008001", False)]


STATES = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["New", "A", "B", "C"])), max_size=8)


@given(moves=STATES, seed=st.randoms())
def test_the_same_order_ids_whatever_order_history_comes_in(moves: list[tuple[int, str]], seed: object) -> None:
    rows, before, minute = [], "New", 0
    for number, (wait, new) in enumerate(moves):
        minute += wait
        rows.append(HistoryRow(f"017{number:03}", at(minute), new, before))
        before = new
    shuffled = list(rows)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    wanted = [status(name, f"m{n}", count=Count.EVERY) for n, name in enumerate(["New", "A", "B", "C"])]
    straight = History("salesforce", "Lead", LEAD, T0, before, tuple(rows))
    ids = [one.order_id for one in find(straight, wanted)]
    assert ids == [one.order_id for one in find(replace(straight, rows=tuple(shuffled)), wanted)]
    assert len(ids) == len(set(ids))
    assert all(len(one) <= 64 for one in ids)


def test_hubspot_tells_what_a_property_held_before() -> None:
    versions = [
        {"value": "9", "timestamp": "2026-03-01T12:09:00Z"},
        {"value": "5", "timestamp": "2026-03-01T12:00:00Z"},
    ]
    record = {
        "id": 1,
        "properties": {"createdate": "2026-03-01T12:00:00Z", "budget": "9"},
        "propertiesWithHistory": {
            "lifecyclestage": [{"value": "lead", "timestamp": "2026-03-01T12:05:00Z"}],
            "budget": versions,
        },
    }
    past = _history("contacts", ["budget"], record)
    assert [row.new for row in past.rows] == ["lead"]
    assert [past.then("budget", at(minute)) for minute in (-1, 5, 9)] == [None, "5", "9"]
