"""Decisions are complete, recorded as they were made, used once, and never altered afterwards."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lockstep.decisions import Decision, DecisionKind
from lockstep.errors import ConfigError
from lockstep.store import Store, decisions

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RESYNC, CHOOSE, PAUSE, RESUME = DecisionKind.RESYNC, DecisionKind.CHOOSE, DecisionKind.PAUSE, DecisionKind.RESUME


def decision(kind: DecisionKind = RESYNC, **more: Any) -> Decision:
    return Decision(kind, "ann", NOW, **({"pair_id": "p1"} | more if kind is RESYNC else more))


def record(store: Store, *some: Decision) -> list[int]:
    with store.writing() as tx:
        return [decisions.record(tx, one) for one in some]


def use(store: Store, *ids: int, run_id: str = "run-1", result: str | None = None) -> list[int]:
    with store.writing() as tx:
        return decisions.use(tx, ids, run_id, result)


def test_a_decision_is_read_back_as_it_was_made(store: Store) -> None:
    made = decision(CHOOSE, pair_id="p1", field="name", choice="value", value="Ann\0 A", note="by phone")
    (decision_id,) = record(store, made)
    with store.reading() as tx:
        assert decisions.get(tx, [decision_id]) == [replace(made, id=decision_id, value="Ann A")]
        with pytest.raises(KeyError, match="no decision 98, 99"):
            decisions.get(tx, [99, decision_id, 98])


def test_who_records_cannot_say_that_it_was_used(store: Store) -> None:
    record(store, decision(used_at=NOW, used_run_id="run-0", result="done"))
    with store.reading() as tx:
        (found,) = decisions.open(tx)
    assert (found.used_at, found.used_run_id, found.result) == (None, None, None)


def test_a_decision_is_used_once(store: Store) -> None:
    first, second = record(store, decision(), decision(pair_id="p2"))
    assert use(store, first, result="raised") == [first]
    assert use(store, first, second, run_id="run-2") == [second]
    assert use(store) == []
    with store.reading() as tx:
        found = decisions.get(tx, [first, second])
        assert [(one.used_run_id, one.result) for one in found] == [("run-1", "raised"), ("run-2", None)]
        assert found[0].used_at
        assert decisions.open(tx) == []


def test_open_decisions_come_oldest_first_by_kind(store: Store) -> None:
    pause = decision(PAUSE, object="people")
    ids = record(store, pause, decision(), pause, decision())
    use(store, ids[1])
    with store.reading() as tx:
        assert [one.id for one in decisions.open(tx)] == [ids[0], ids[2], ids[3]]
        assert [one.id for one in decisions.open(tx, PAUSE)] == [ids[0], ids[2]]
        assert [one.id for one in decisions.open(tx, CHOOSE, RESYNC)] == [ids[3]]


def test_a_lasting_decision_holds_from_its_use_until_the_next_one(store: Store) -> None:
    people, deals = decision(PAUSE, object="people"), decision(PAUSE, object="opportunities-deals")
    ids = record(store, people, deals, decision(RESUME, object="people"))
    with store.reading() as tx:
        assert decisions.in_force(tx, PAUSE, RESUME) == []
    use(store, *ids[:2])
    with store.reading() as tx:
        assert [one.id for one in decisions.in_force(tx, PAUSE, RESUME)] == ids[:2]
    use(store, ids[2])
    with store.reading() as tx:
        assert [one.id for one in decisions.in_force(tx, PAUSE, RESUME)] == ids[1:]


def test_history_is_newest_first_and_filtered(store: Store) -> None:
    place = {"system": "hubspot", "object": "contacts", "record_id": "7"}
    approve = decision(DecisionKind.APPROVE, run_id="run-9")
    ids = record(store, decision(), decision(pair_id=None, **place), approve, decision())
    use(store, ids[0], run_id="run-9")

    def history(**wanted: Any) -> list[int]:
        with store.reading() as tx:
            return [one.id for one in decisions.history(tx, **wanted)]

    assert history() == ids[::-1]
    assert history(limit=2) == [ids[3], ids[2]]
    assert history(before_id=ids[2], limit=2) == [ids[1], ids[0]]
    assert history(pair_id="p1") == [ids[3], ids[0]]
    assert history(record=("hubspot", "contacts", "7")) == [ids[1]]
    assert history(run_id="run-9") == [ids[2], ids[0]]
    assert history(kind=DecisionKind.APPROVE) == [ids[2]]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (decision(pair_id=None), "pair_id, or system"),
        (decision(pair_id=None, system="hubspot", object="contacts"), "pair_id, or system"),
        (decision(pair_id=None, choice="batch", value="x"), "id of a batch"),
        (decision(pair_id=None, choice="code"), "error code"),
        (decision(pair_id=None, choice="object"), "object is missing"),
        (decision(pair_id=None, choice="everything"), "none of batch, change, code, object"),
        (replace(decision(), made_by=""), "made_by is empty"),
        (decision(CHOOSE, field="name"), "pair_id is missing; choice is missing"),
        (decision(CHOOSE, pair_id="p", choice="hubspot"), "are about a field"),
        (decision(CHOOSE, pair_id="p", field="name", choice="keep"), "are about a whole record"),
        (
            decision(CHOOSE, pair_id="p", field="name", choice="left"),
            "'left' is none of salesforce, hubspot, value, delete",
        ),
        (
            decision(DecisionKind.MATCH, system="hubspot", object="contacts", record_id="7", choice="candidate"),
            "partner's record id",
        ),
        (decision(DecisionKind.APPROVE), "run_id is missing"),
        (decision(DecisionKind.UNDO), "run_id is missing"),
        (decision(DecisionKind.ALLOCATION, system="hubspot", value="-1"), "no number of API calls"),
        (decision(DecisionKind.CLEAR_SUSPENSION), "system is missing"),
        (decision(PAUSE), "object is missing"),
    ],
)
def test_an_incomplete_decision_is_refused_with_every_mistake(store: Store, wrong: Decision, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        record(store, wrong)


@pytest.mark.parametrize(
    "right",
    [
        decision(pair_id=None, choice="batch", value="12"),
        decision(pair_id=None, choice="change", value="12"),
        decision(pair_id=None, choice="code", value="picklist_value", object="Contact"),
        decision(pair_id=None, choice="object", object="people"),
        decision(CHOOSE, pair_id="p", field="name", choice="value", value=None),
        decision(CHOOSE, pair_id="p", choice="recreate"),
        decision(DecisionKind.MATCH, system="hubspot", object="contacts", record_id="7", choice="create"),
        decision(DecisionKind.ALLOCATION, system="hubspot", value="0"),
    ],
)
def test_a_complete_decision_is_kept(store: Store, right: Decision) -> None:
    assert len(record(store, right)) == 1
