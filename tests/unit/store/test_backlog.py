"""What waits is counted per mapping and direction, and sampled; old samples go."""

from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine

from lockstep.model import Action, Change, Operation, OutcomeKind, Pair, PairState, Row, Step, Window
from lockstep.store import Store, backlog, ledger, mirror, pairs
from lockstep.store.backlog import Sample
from lockstep.store.pairs import rows

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = "push_updates:1"


def _pair(name: str) -> Pair:
    return Pair(
        name, "people", "Contact", "contacts", f"003{name}", f"9{name}", sf_base={}, hs_base={}, state=PairState.LINKED
    )


def _change(batch_id: int, name: str, system: str, outcome: OutcomeKind | None = None) -> Change:
    return Change(
        id=0, batch_id=batch_id, pair_id=name, system=system, object="x", action=Action.UPDATE, record_id=name,
        before={}, after={}, why={}, lost={}, outcome=outcome,
    )  # fmt: skip


def _batch(tx: Any, system: str, entity: str = "people", **counts: int) -> int:
    batch_id = ledger.open_batch(tx, RUN, system, "x", Operation.PUSH_UPDATES, entity=entity)
    ledger.add_counts(tx, batch_id, **counts)
    return batch_id


def test_records_that_were_changed_and_not_planned(store: Store) -> None:
    with store.writing() as tx:
        layout = mirror.layout_of(tx, "salesforce", "Contact", ["LastName"])
        fresh = [Row(f"003{n}", "2026-03-01T12:00:00.000Z", (str(n),)) for n in range(3)]
        mirror.merge_page(tx, layout, fresh, NOW, 1)
        assert backlog.due_records(tx) == {("salesforce", "Contact"): 3}
        mirror.clear_due(tx, mirror.due(tx, "salesforce", ["Contact"], 2))
        assert backlog.due_records(tx) == {("salesforce", "Contact"): 1}


def test_pairs_count_for_the_system_that_they_were_last_written_to(store: Store) -> None:
    with store.writing() as tx:
        rows.insert(tx, [_pair(name) for name in "abcd"])
        ledger.open_run(tx, RUN, Step.PUSH_UPDATES, "manual", Window(None, NOW), "hash")
        batch_id = _batch(tx, "salesforce")
        planned = [_change(batch_id, "a", "hubspot", OutcomeKind.UPDATED), _change(batch_id, "a", "salesforce", OutcomeKind.FAILED)]  # fmt: skip
        ledger.insert_changes(tx, planned)
        pairs.raise_due(tx, ["a", "b"], 7)
        pairs.raise_due(tx, ["c"], 7, NOW + timedelta(hours=1))
        ledger.insert_changes(tx, [_change(batch_id, "d", "salesforce", OutcomeKind.NEW)])
        pairs.raise_due(tx, ["d"], 7)
        assert backlog.due_pairs(tx, NOW) == {("people", "salesforce"): 1, ("people", "hubspot"): 1}
        assert backlog.due_pairs(tx, NOW + timedelta(hours=2))["people", "hubspot"] == 2


def test_planned_changes_without_an_outcome(store: Store) -> None:
    with store.writing() as tx:
        ledger.open_run(tx, RUN, Step.PUSH_UPDATES, "manual", Window(None, NOW), "hash")
        one, other = _batch(tx, "hubspot"), _batch(tx, "hubspot", "deals")
        ledger.insert_changes(tx, [_change(one, "a", "hubspot"), _change(one, "b", "hubspot", OutcomeKind.NEW), _change(other, "c", "hubspot")])  # fmt: skip
        assert backlog.unsent(tx) == {("people", "hubspot"): 1, ("deals", "hubspot"): 1}


def test_samples_are_kept_for_the_trend_and_no_longer(store: Store) -> None:
    side = ("people", "hubspot")
    with store.writing() as tx:
        backlog.sample(tx, {side: 5}, NOW - timedelta(days=6))
        backlog.sample(tx, {side: 4}, NOW - timedelta(days=5))
        backlog.sample(tx, {side: 9}, NOW)
        backlog.sample(tx, {side: 3}, NOW)
        found = backlog.samples(tx, backlog.times(tx, NOW - timedelta(days=30)))
    assert found == [Sample(*side, NOW - timedelta(days=5), 4), Sample(*side, NOW, 3)]


def test_what_was_written_lately(store: Store) -> None:
    with store.writing() as tx:
        ledger.open_run(tx, RUN, Step.PUSH_UPDATES, "manual", Window(None, NOW), "hash")
    for hours, counts in ((30, {"new": 1}), (3, {"new": 2, "updated": 3, "failed": 4}), (2, {"skipped": 9})):
        with store.writing() as tx, time_machine.travel(NOW - timedelta(hours=hours), tick=False):
            _batch(tx, "hubspot", **counts)
    with store.reading() as tx:
        assert backlog.written(tx, NOW - timedelta(days=1)) == [("people", "hubspot", NOW - timedelta(hours=3), 5)]
