"""Green runs tell of what is new: a kind of rejection, a mapping that falls behind; once each."""

from datetime import UTC, datetime

import pytest

from lockstep.model import Action, Change, Operation, OutcomeKind, Step, Window
from lockstep.steps import Behind
from lockstep.store import Store, alerts, ledger
from lockstep_airflow import early_warnings

STEP = "push_updates"
FRESH_TO = datetime(2026, 3, 1, 6, tzinfo=UTC)


@pytest.fixture
def store(sqlite_url):
    opened = Store(sqlite_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sent():
    return []


@pytest.fixture
def send(sent):
    return lambda message: sent.append(message) or True


def rejected(store, run_id, *kinds, fields=()):
    """A run with one rejected record per (object, code), and one with rejected fields."""
    with store.writing() as tx:
        ledger.open_run(tx, f"{STEP}:{run_id}", Step(STEP), "scheduled", Window(None, FRESH_TO), "hash")
        batch = ledger.open_batch(tx, f"{STEP}:{run_id}", "salesforce", "Contact", Operation.PUSH_UPDATES)
        rows = [
            Change(
                0, batch, "p", "salesforce", name, Action.UPDATE, "1", {}, {}, {}, {},
                outcome=OutcomeKind.FAILED, code=code,
            )
            for name, code in kinds
        ]  # fmt: skip
        detail = {"fields": [{"code": code, "fields": ["X"]} for code in fields]}
        if fields:
            rows.append(
                Change(
                    0, batch, "p", "salesforce", "Lead", Action.UPDATE, "1", {}, {}, {}, {},
                    outcome=OutcomeKind.UPDATED, detail=detail,
                )
            )  # fmt: skip
        ledger.insert_changes(tx, rows)


def tell(store, run_id, send):
    early_warnings.rejections(store, STEP, run_id, send)


def test_a_new_kind_of_rejection_is_told_once(store, sent, send):
    rejected(store, "1", ("Contact", "validation_rule"), ("Contact", "validation_rule"))
    tell(store, "1", send)
    (message,) = sent
    assert "Contact: 2 x validation_rule" in message.body
    assert "What to do: Read the vendor's message" in message.body
    rejected(store, "2", ("Contact", "validation_rule"))
    tell(store, "2", send)
    assert len(sent) == 1
    rejected(store, "3", ("Lead", "validation_rule"), fields=["picklist_value"])
    tell(store, "3", send)
    assert "Lead: 1 x validation_rule" in sent[1].body
    assert "Lead: 1 x picklist_value" in sent[1].body
    assert "Contact" not in sent[1].body


@pytest.mark.parametrize(
    ("outcome", "code", "more"),
    [
        (OutcomeKind.SKIPPED, "no_match_key", {"record": {"system": "salesforce", "object": "Lead", "id": "1"}}),
        (OutcomeKind.HELD, "clash", {}),
        (OutcomeKind.DEFERRED, "waiting_for_reference", {}),
    ],
)
def test_fields_of_a_record_that_was_not_written_are_no_rejection(store, sent, send, outcome, code, more):
    rejected(store, "1")
    detail = {"fields": [{"field": "email", "code": code}], **more}
    with store.writing() as tx:
        batch = ledger.open_batch(tx, f"{STEP}:1", "salesforce", "Lead", Operation.PUSH_UPDATES)
        row = Change(
            0, batch, "p", "salesforce", "Lead", Action.NONE, None, {}, {}, {}, {}, outcome=outcome, code=code, detail=detail
        )  # fmt: skip
        ledger.insert_changes(tx, [row])
    tell(store, "1", send)
    assert sent == []


def test_a_kind_that_was_away_for_a_day_is_told_again(store, sent, send):
    rejected(store, "1", ("Contact", "duplicate"))
    tell(store, "1", send)
    with store.writing() as tx:
        alerts.transition(tx, f"rejected:{STEP}", '{"Contact:duplicate": "2026-01-01T00:00:00+00:00"}', FRESH_TO)
    rejected(store, "2", ("Contact", "duplicate"))
    tell(store, "2", send)
    assert len(sent) == 2


def test_a_run_without_rejections_says_nothing(store, sent, send):
    rejected(store, "1")
    tell(store, "1", send)
    assert sent == []


def test_what_could_not_be_sent_is_told_by_the_next_run(store, sent, send):
    rejected(store, "1", ("Contact", "duplicate"))
    tell(store, "1", lambda message: False)
    rejected(store, "2", ("Contact", "duplicate"))
    tell(store, "2", send)
    assert len(sent) == 1


def test_a_mapping_that_falls_behind_is_told_until_it_has_caught_up(store, sent, send):
    late = [Behind("people", FRESH_TO, 47, 30)]
    for _ in range(2):
        early_warnings.behind(store, late, ["people", "deals"], send)
    (message,) = sent
    assert "47 minutes, while the mapping allows 30" in message.body
    early_warnings.behind(store, [], ["people", "deals"], send)
    early_warnings.behind(store, [], ["people", "deals"], send)
    assert [one.severity for one in sent] == ["warning", "success"]
