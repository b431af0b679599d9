"""Errors by root cause: noted once, standing until their subject is judged anew."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import text

from lockstep.model import Action, BatchStatus, Change, Operation, OutcomeKind, RunState, Step, Window
from lockstep.store import Store, ledger
from lockstep.store.ledger import BatchFilter, Card, ErrorFilter

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
FAILED, HELD, SKIPPED = OutcomeKind.FAILED, OutcomeKind.HELD, OutcomeKind.SKIPPED


@pytest.fixture
def opened(store: Store) -> Store:
    for run_id in ("push:1", "push:2"):
        with store.writing() as tx:
            ledger.open_run(tx, run_id, Step.PUSH_UPDATES, "scheduled", Window(None, NOW), "hash")
    return store


def batch(store: Store, run_id: str = "push:1", operation: Operation = Operation.PUSH_UPDATES) -> int:
    with store.writing() as tx:
        return ledger.open_batch(tx, run_id, "hubspot", "contacts", operation, entity="people")


def fail(store: Store, batch_id: int, pair_id: str | None, message: str, at: datetime = NOW, **more: Any) -> None:
    detail = {"message": message, "vendor_code": "INVALID"}
    plain = {"record_id": "101", "outcome": FAILED, "code": "invalid_value", "detail": detail, "action": Action.UPDATE}
    values = {"before": {}, "after": {"phone": "Rocky 12"}, "why": {}, "lost": {}}
    one = Change(0, batch_id, pair_id, "hubspot", "contacts", **(plain | values | more))
    with store.writing() as tx, time_machine.travel(at, tick=False):
        ledger.insert_changes(tx, [one])


def cards(store: Store, **filters: Any) -> list[Card]:
    with store.reading() as tx:
        found, total = ledger.cards(tx, ErrorFilter(**filters), 50)
    assert total == len(found)
    return found


def figures(store: Store, **filters: Any) -> list[tuple[str, int, int, int]]:
    return [(card.cause.code, card.records, card.standing, card.errors) for card in cards(store, **filters)]


def test_one_cause_however_many_records_and_however_often(opened: Store) -> None:
    first = batch(opened)
    for minutes, (pair_id, message) in enumerate(
        [("p1", "Phone 'Rocky 12' is odd: 1"), ("p2", "Phone 'Apollo' is odd: 2"), ("p1", "Phone 'Rocky 12' is odd: 3")]
    ):
        fail(opened, first, pair_id, message, NOW + timedelta(minutes=minutes))
    fail(opened, first, "p3", "Another thing entirely")
    many, one = cards(opened)
    assert (many.records, many.errors, one.records, one.errors) == (2, 3, 1, 1)
    assert many.cause.template == "Phone \u2026 is odd: \u2026"
    assert (many.first, many.last) == (NOW, NOW + timedelta(minutes=2))
    assert many.message == "Phone 'Rocky 12' is odd: 3"


def test_an_error_stands_until_its_pair_is_planned_anew(opened: Store) -> None:
    for pair_id in ("p1", "p2"):
        fail(opened, batch(opened), pair_id, "odd")
    with opened.writing() as tx:
        ledger.settle(tx, ["p1", "p9"], [], references=False)
    assert figures(opened) == [("invalid_value", 2, 1, 2)]
    assert figures(opened, standing=True) == [("invalid_value", 1, 1, 1)]
    fail(opened, batch(opened), "p1", "odd")
    assert figures(opened) == [("invalid_value", 2, 2, 3)]


def test_references_are_settled_apart(opened: Store) -> None:
    fail(opened, batch(opened), "p1", "a phone")
    fail(opened, batch(opened, operation=Operation.UPDATE_FKS), "p1", "a link")
    with opened.writing() as tx:
        ledger.settle(tx, ["p1"], [], references=True)
    assert {card.message: card.standing for card in cards(opened)} == {"a phone": 1, "a link": 0}
    with opened.writing() as tx:
        ledger.settle(tx, ["p1"], [], references=False)
    assert {card.standing for card in cards(opened)} == {0}


def test_a_record_without_a_pair_is_known_by_its_own_id(opened: Store) -> None:
    record = {"system": "salesforce", "object": "Contact", "id": "003A"}
    fail(
        opened, batch(opened), None, "", outcome=SKIPPED, code="no_match_key", detail={"record": record}, record_id=None
    )
    with opened.reading() as tx:
        (row,) = ledger.errors(tx, ErrorFilter())
    assert (row.outcome, row.code, row.sf_object, row.sf_id, row.pair_id) == (
        "skipped",
        "no_match_key",
        "Contact",
        "003A",
        None,
    )
    with opened.writing() as tx:
        ledger.settle(tx, [], [("salesforce", "Contact", "003A")], references=False)
    assert figures(opened) == [("no_match_key", 1, 0, 1)]


def test_rejected_fields_of_a_record_that_was_done_otherwise(opened: Store) -> None:
    detail = {"fields": [{"field": "owner", "code": "inactive_owner", "message": "gone"}, {"code": "ignored_by_vendor", "fields": ["fax", "zip"]}]}  # fmt: skip
    fail(opened, batch(opened), "p1", "", outcome=OutcomeKind.UPDATED, code=None, detail=detail)
    fail(
        opened, batch(opened), "p2", "", outcome=SKIPPED, code="inactive_owner", detail={"fields": detail["fields"][:1]}
    )
    found = {(card.cause.code, card.cause.field): card.records for card in cards(opened, outcomes=["field_failed"])}
    assert found == {("inactive_owner", "owner"): 2, ("ignored_by_vendor", "fax, zip"): 1}
    assert cards(opened, outcomes=["skipped", "updated"]) == []
    with opened.reading() as tx:
        told = {row.fields: row.message for row in ledger.errors(tx, ErrorFilter())}
    assert told["owner",] == "gone"
    assert told["fax", "zip"].startswith("The vendor answered success")


def test_a_refused_record_and_a_field_that_had_not_even_been_sent(opened: Store) -> None:
    """Each is told with its own field, and the record counts once."""
    city = {"field": "city", "code": "value_too_long", "message": "The value has 56 characters."}
    refusal = {
        "code": "validation_rule",
        "message": "Ring the desk first.",
        "vendor_code": "RULE",
        "fields": [city, "Phone"],
    }
    fail(opened, batch(opened), "p1", "", code="validation_rule", detail=refusal)
    with opened.reading() as tx:
        found = [(one.outcome, one.code, one.fields, one.message) for one in ledger.errors(tx, ErrorFilter())]
        assert ledger.records(tx, ErrorFilter()) == (1, {"failed": 1, "field_failed": 1})
    assert found == [
        ("field_failed", "value_too_long", ("city",), "The value has 56 characters."),
        ("failed", "validation_rule", ("Phone",), "Ring the desk first."),
    ]


def test_what_is_fine_is_no_error(opened: Store) -> None:
    for code in ("unchanged", "dry_run"):
        fail(opened, batch(opened), "p1", "", outcome=SKIPPED, code=code, detail=None)
    fail(opened, batch(opened), "p1", "", outcome=OutcomeKind.UPDATED, code=None, detail=None)
    fail(opened, batch(opened), "p1", "", outcome=None, code=None, detail=None)
    assert cards(opened) == []


def test_an_outcome_that_comes_later_is_noted_then(opened: Store) -> None:
    batch_id = batch(opened)
    refused = {"fields": [{"field": "industry", "code": "picklist_value", "message": "no such option"}]}
    fail(opened, batch_id, "p1", "", outcome=None, code=None, detail=refused)
    fail(opened, batch_id, "p2", "", outcome=None, code=None, detail=None)
    with opened.writing() as tx:
        first, second = (change.id for change in ledger.changes(tx, batch_id))
        told = {"message": "Rocky 12 is no telephone number"}
        ledger.set_outcomes(
            tx, [(first, OutcomeKind.UPDATED, None, None, None), (second, FAILED, "invalid_value", told, None)]
        )
    assert figures(opened) == [("invalid_value", 1, 1, 1), ("picklist_value", 1, 1, 1)]
    assert cards(opened, codes=["invalid_value"])[0].cause.template == "\u2026 is no telephone number"


def test_failed_batches_stand_until_their_kind_succeeds(opened: Store) -> None:
    def close(batch_id: int, *error: str) -> None:
        with opened.writing() as tx:
            ledger.close_batch(tx, batch_id, BatchStatus.FAILED if error else None, *error)

    close(batch(opened), "authentication", "INVALID_SESSION 1")
    close(batch(opened), "vendor_unavailable", "No answer after 30 s")
    assert figures(opened, job=True) == [("vendor_unavailable", 1, 1, 1), ("authentication", 1, 0, 1)]
    close(batch(opened, operation=Operation.PUSH_NEW))
    assert figures(opened, standing=True) == [("vendor_unavailable", 1, 1, 1)]
    close(batch(opened, "push:2"))
    assert figures(opened, standing=True) == []
    assert figures(opened, job=False) == []


def test_a_whole_run_settles_what_earlier_ones_left(opened: Store) -> None:
    with opened.writing() as tx:
        batch_id = ledger.open_batch(tx, "push:1", "hubspot", "deals", Operation.PUSH_UPDATES)
        ledger.close_batch(tx, batch_id, BatchStatus.INCOMPLETE, "lease_held", "Run 7 writes.")
    with opened.writing() as tx:
        ledger.open_run(
            tx, "push:3", Step.PUSH_UPDATES, "manual", Window(None, NOW), "hash", params={"objects": ["people"]}
        )
        ledger.close_run(tx, "push:3", RunState.SEALED)
    assert figures(opened, standing=True) == [("lease_held", 1, 1, 1)]
    with opened.writing() as tx:
        ledger.close_run(tx, "push:2", RunState.SEALED)
    assert figures(opened, standing=True) == []


def test_filters_and_trend(opened: Store) -> None:
    early = batch(opened)
    fail(opened, early, "p1", "one thing", NOW - timedelta(days=2))
    fail(opened, early, "p1", "one thing", NOW)
    fail(opened, early, "p2", "", NOW, outcome=HELD, code="clash", detail=None)
    assert figures(opened, date_from=NOW - timedelta(hours=1), outcomes=["failed"]) == [("invalid_value", 1, 1, 1)]
    assert figures(opened, date_to=NOW - timedelta(hours=1)) == [("invalid_value", 1, 1, 1)]
    assert figures(opened, codes=["clash"]) == [("clash", 1, 1, 1)]
    assert figures(opened, batches=BatchFilter(systems=["salesforce"])) == []
    (card,) = cards(opened, codes=["invalid_value"])
    with opened.reading() as tx:
        assert ledger.trend(tx, ErrorFilter(), [card.id]) == {card.id: {"2026-02-27T12": 1, "2026-03-01T12": 1}}
        assert ledger.trend(tx, ErrorFilter(), [card.id], daily=True) == {card.id: {"2026-02-27": 1, "2026-03-01": 1}}
        assert ledger.card(tx, ErrorFilter(cause_id=card.id, date_from=NOW)).errors == 1
        assert ledger.totals(tx, ErrorFilter()) == {True: (0, 0), False: (2, 2)}
        assert ledger.known_cause(tx, card.id) == card.cause


def test_settling_uses_the_index_of_what_stands(opened: Store) -> None:
    fail(opened, batch(opened), "p1", "odd")
    with opened.reading() as tx:
        if tx.dialect.name == "sqlite":
            plan = tx.execute(
                text("EXPLAIN QUERY PLAN UPDATE error SET standing = 0 WHERE subject IN ('p1') AND standing = 1")
            )
            assert "ix_error_standing" in str(plan.all())


def test_records_come_before_single_fields_of_others(opened: Store) -> None:
    field = {"fields": [{"field": "owner", "code": "inactive_owner", "message": "gone"}]}
    for pair_id in ("p1", "p2"):
        fail(opened, batch(opened), pair_id, "", outcome=OutcomeKind.UPDATED, code=None, detail=field)
    fail(opened, batch(opened), "p3", "odd")
    assert [card.cause.code for card in cards(opened)] == ["invalid_value", "inactive_owner"]
