"""What is older than the settings allow is deleted; what is still needed stays, however old it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from lockstep.conversions.definition import Backend
from lockstep.conversions.record import Conversion, ConversionState
from lockstep.conversions.reports import AdContact
from lockstep.decisions import Decision, DecisionKind
from lockstep.model import (
    Action,
    Change,
    Operation,
    OutcomeKind,
    Pair,
    PairState,
    Row,
    RunState,
    Step,
    Tombstone,
    Window,
)
from lockstep.store import Store, ad_reports, conversions, decisions, ledger, mirror, pairs, retention
from lockstep.store import tables as t

OLD = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CUT = NOW - timedelta(days=90)


def count(store: Store, table: Any) -> int:
    with store.reading() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def sweep(store: Store, table: str) -> int:
    done = 0
    for one in retention.SWEEPS[table]:
        with store.writing() as tx:
            done += one(tx, CUT)
    return done


def history(store: Store, run_id: str, at: datetime, outcome: OutcomeKind | None = OutcomeKind.UPDATED) -> None:
    with store.writing() as tx:
        ledger.open_run(tx, run_id, Step.PUSH_UPDATES, "scheduled", Window(None, at), "hash")
        batch = ledger.open_batch(tx, run_id, "hubspot", "contacts", Operation.PUSH_UPDATES)
        row = Change(
            0, batch, "p1", "hubspot", "contacts", Action.UPDATE, "1", {"a": "b"}, {"a": "c"}, {}, {}, outcome=outcome
        )
        ledger.insert_changes(tx, [row])
        ledger.close_batch(tx, batch)
        ledger.close_run(tx, run_id, RunState.SEALED)
        tx.execute(update(t.run).where(t.run.c.id == run_id).values(opened_at=at))
        tx.execute(update(t.batch).where(t.batch.c.run_id == run_id).values(started_at=at))
        tx.execute(update(t.change).where(t.change.c.batch_id == batch).values(planned_at=at))


def pair(pair_id: str, sf_id: str, hs_id: str, state: PairState) -> Pair:
    return Pair(pair_id, "people", "Contact", "contacts", sf_id, hs_id, {}, {}, state, agreed_at=OLD)


def record(store: Store, system: str, name: str, record_id: str, gone: bool) -> None:
    with store.writing() as tx:
        layout = mirror.layout_of(tx, system, name, ["email"])
        mirror.merge_page(tx, layout, [Row(record_id, "2024-01-01T00:00:00.000Z", ("a@b.example",))], OLD, 1)
        if gone:
            mirror.entomb(tx, system, name, [Tombstone(record_id, OLD)], 2)
        tx.execute(update(t.mirror).values(due_seq=None))


def test_old_history_goes_and_young_history_stays(store: Store) -> None:
    history(store, "old", OLD)
    history(store, "young", NOW)
    assert sweep(store, "ledger") == 3
    assert [count(store, table) for table in (t.change, t.batch, t.run)] == [1, 1, 1]
    assert sweep(store, "ledger") == 0


def test_a_change_without_an_outcome_keeps_its_batch_and_its_run(store: Store) -> None:
    history(store, "old", OLD, outcome=None)
    assert sweep(store, "ledger") == 0


def test_a_change_whose_answer_was_lost_stays_until_it_is_settled(store: Store) -> None:
    history(store, "old", OLD, OutcomeKind.DEFERRED)
    with store.writing() as tx:
        pairs.insert(tx, [pair("p1", "003A", "1", PairState.UNCONFIRMED)])
    assert sweep(store, "ledger") == 0


def test_used_decisions_go_and_those_that_hold_stay(store: Store) -> None:
    with store.writing() as tx:
        kinds = {DecisionKind.RESYNC: {"pair_id": "p"}, DecisionKind.PAUSE: {"object": "people"}}
        ids = [decisions.record(tx, Decision(kind, "ann", OLD, **names)) for kind, names in kinds.items()]
        decisions.record(tx, Decision(DecisionKind.RESYNC, "ann", OLD, pair_id="open"))
        decisions.use(tx, ids, "run")
        tx.execute(update(t.decision).where(t.decision.c.used_at.is_not(None)).values(used_at=OLD))
    assert sweep(store, "ledger") == 1
    with store.reading() as tx:
        assert {one.kind for one in decisions.history(tx)} == {DecisionKind.PAUSE, DecisionKind.RESYNC}


def test_a_held_field_keeps_its_row(store: Store) -> None:
    place = {"system": "hubspot", "object": "contacts", "what": "removed"}
    with store.writing() as tx:
        for name, impact in (("a", "held"), ("b", "none"), ("c", None)):
            tx.execute(insert(t.schema_change).values(at=OLD, field=name, impact=impact, **place))
    assert sweep(store, "ledger") == 2


def test_api_calls_go_by_the_hour(store: Store) -> None:
    with store.writing() as tx:
        for hour in (OLD, NOW):
            tx.execute(insert(t.api_call).values(hour=hour, system="hubspot", operation="search", calls=1))
    assert (sweep(store, "api_calls"), count(store, t.api_call)) == (1, 1)


def test_tombstones_go_unless_an_open_pair_needs_them(store: Store) -> None:
    record(store, "salesforce", "Contact", "003A", gone=True)
    record(store, "salesforce", "Contact", "003B", gone=True)
    record(store, "hubspot", "contacts", "1", gone=False)
    with store.writing() as tx:
        pairs.insert(tx, [pair("p1", "003B", "1", PairState.HELD)])
    assert sweep(store, "tombstones") == 1
    with store.reading() as tx:
        assert set(mirror.rows(tx, "salesforce", "Contact", ["003A", "003B"])) == {"003B"}


def test_a_closed_pair_stays_while_one_of_its_records_lives(store: Store) -> None:
    record(store, "salesforce", "Contact", "003A", gone=True)
    record(store, "hubspot", "contacts", "1", gone=False)
    with store.writing() as tx:
        pairs.insert(tx, [pair("lives", "003A", "1", PairState.CLOSED), pair("gone", "003C", "3", PairState.CLOSED)])
        pairs.insert(tx, [pair("open", "003D", "4", PairState.LINKED)])
    assert sweep(store, "closed_pairs") == 1
    with store.reading() as tx:
        assert set(pairs.get(tx, ["lives", "gone", "open"])) == {"lives", "open"}


def test_old_conversions_go_unless_google_still_owes_its_verdict(store: Store) -> None:
    one = Conversion("1", "salesforce", "Lead", "00Q1", "m", "e", None, "7", OLD, gclid="g", people=(("email", "ab"),))
    states = {"1": ConversionState.ACCEPTED, "2": ConversionState.REJECTED, "3": ConversionState.PENDING}
    rows = [replace(one, order_id=name, state=state) for name, state in states.items()]
    with store.writing() as tx:
        conversions.put(tx, [*rows, replace(one, order_id="young", happened_at=NOW)], NOW)
        ad_reports.put_contacts(
            tx, [AdContact(name, "g", at, None, None, 1, True, True) for name, at in (("1", OLD), ("2", NOW))]
        )
    assert sweep(store, "conversions") == 3
    with store.reading() as tx:
        assert [row.order_id for row in conversions.all_of(tx)] == ["3", "young"]
        assert [row.id for row in ad_reports.contacts(tx)] == ["2"]


def test_requests_to_google_go_with_the_ledger_once_they_have_their_verdict(store: Store) -> None:
    history(store, "old", OLD)
    with store.writing() as tx:
        (batch,) = ledger.batches(tx, "old")
        for name in ("settled", "open"):
            conversions.note_upload(tx, conversions.Upload(name, Backend.DATA_MANAGER, "2223334445", batch.id, OLD, 1))
        conversions.settle_upload(tx, "settled", "success", {}, OLD)
    assert sweep(store, "ledger") == 2, "its change and the settled request"
    with store.writing() as tx:
        assert [one.request_id for one in conversions.open_uploads(tx)] == ["open"]
        conversions.settle_upload(tx, "open", "success", {}, OLD)
    assert sweep(store, "ledger") == 3, "the request, its batch and the run"
