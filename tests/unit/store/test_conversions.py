"""Conversions in the store: they come back as they were, are due in their time, and are found by record and request."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from lockstep.conversions.definition import Backend
from lockstep.conversions.record import Conversion, ConversionState, Undone
from lockstep.model import Gone, Operation, Row, Step, Tombstone, Window
from lockstep.store import Store, conversion_list, conversions, ledger, mirror
from lockstep.store.conversion_list import ConversionFilter
from lockstep.store.sequence import next_seq

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE = Conversion("00Q1-m-0171", "salesforce", "Lead", "00Q1", "m", "0171", None, "7", NOW - timedelta(days=1))


def put(store: Store, *rows: Conversion) -> None:
    with store.writing() as tx:
        conversions.put(tx, rows, NOW)


def get(store: Store, order_id: str = ONE.order_id) -> Conversion:
    with store.reading() as tx:
        return conversions.by_order(tx, [order_id])[order_id]


def test_a_conversion_comes_back_as_it_was(store: Store) -> None:
    full = replace(
        ONE, value="1.50", now_value="2", currency="NOK", gclid="g", people=(("email", "ab"), ("phone", "cd")),
        consent={"ad_user_data": "granted"}, click_by=NOW, undone=Undone.REOPENED, state=ConversionState.PENDING,
        code="ads_x", not_before=NOW, backend=Backend.DATA_MANAGER, request_id="t-1", sent_value="1.50", sent_at=NOW,
        accepted_at=NOW, attempts=3,
    )  # fmt: skip
    put(store, full)
    assert replace(get(store), id=0) == full
    put(store, replace(get(store), state=ConversionState.ACCEPTED, people=()))
    assert (get(store).state, get(store).people, get(store).value) == (ConversionState.ACCEPTED, (), "1.50")


def test_an_order_id_is_there_once(store: Store) -> None:
    put(store, ONE)
    with pytest.raises(IntegrityError):
        put(store, replace(ONE, record_id="00Q2"))


def test_what_is_due(store: Store) -> None:
    def row(name: str, state: ConversionState, not_before: datetime | None = None) -> Conversion:
        return replace(ONE, order_id=name, state=state, not_before=not_before)

    later = NOW + timedelta(hours=1)
    put(
        store,
        row("ready", ConversionState.READY),
        row("parked", ConversionState.WAITING, later),
        row("due", ConversionState.WAITING, NOW),
        row("lost", ConversionState.SENT),
        row("done", ConversionState.ACCEPTED),
    )
    with store.reading() as tx:
        found = conversions.due(tx, NOW)
        assert [one.order_id for one in found] == ["ready", "due", "lost"]
        assert [one.order_id for one in conversions.due(tx, later, after_id=found[0].id, limit=2)] == ["parked", "due"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, False),
        ({"now_value": "2"}, True),
        ({"now_currency": "SEK"}, True),
        ({"now_value": None}, False),
        ({"now_value": "2", "accepted_at": None}, False),
        ({"now_value": "2", "state": ConversionState.PENDING}, False),
        ({"now_value": "2", "not_before": NOW + timedelta(1)}, False),
        ({"undone": Undone.CONSENT}, True),
        ({"undone": Undone.CONSENT, "state": ConversionState.SENT, "accepted_at": None}, True),
        ({"undone": Undone.CONSENT, "state": ConversionState.UNRESOLVED, "accepted_at": None}, True),
        ({"undone": Undone.CONSENT, "state": ConversionState.PENDING}, False),
        ({"now_value": "2", "happened_at": NOW - timedelta(days=55)}, False),
        ({"undone": Undone.CONSENT, "state": ConversionState.RETRACTED}, False),
    ],
)
def test_what_is_to_be_adjusted(store: Store, change: dict[str, object], expected: bool) -> None:
    held = replace(ONE, state=ConversionState.ACCEPTED, accepted_at=NOW, value="1", now_value="1", sent_value="1")
    put(store, replace(held, **change))  # type: ignore[arg-type]
    with store.reading() as tx:
        assert bool(conversions.to_adjust(tx, NOW)) is expected


@pytest.mark.parametrize(
    ("kind", "undone"), [(Gone.DELETED, True), (Gone.ERASED, True), (Gone.MERGED, False), (Gone.CONVERTED, False)]
)
def test_a_deleted_record_undoes_its_conversions(store: Store, kind: Gone, undone: bool) -> None:
    put(store, ONE)
    with store.writing() as tx:
        layout = mirror.layout_of(tx, "salesforce", "Lead", ("Email",))
        mirror.merge_page(tx, layout, [Row("00Q1", "2026-03-01T00:00:00.000Z", ("a",))], NOW, next_seq(tx))
        assert conversions.mark_deleted(tx) == 0
        mirror.entomb(tx, "salesforce", "Lead", [Tombstone("00Q1", NOW, kind)], next_seq(tx))
        assert conversions.mark_deleted(tx) == int(undone)
    assert (get(store).undone is Undone.DELETED) is undone


def test_requests_wait_for_their_verdict(store: Store) -> None:
    with store.writing() as tx:
        ledger.open_run(tx, "r", Step.PUSH_UPDATES, "scheduled", Window(None, NOW), "h")
        batch = ledger.open_batch(tx, "r", "google_ads", "conversion", Operation.PUSH_CONVERSIONS)
        conversions.note_upload(tx, conversions.Upload("t-1", Backend.DATA_MANAGER, "2223334445", batch, NOW, 2))
    put(store, replace(ONE, request_id="t-1", state=ConversionState.PENDING))
    with store.writing() as tx:
        (upload,) = conversions.open_uploads(tx)
        assert (upload.rows, upload.state, upload.reasons) == (2, "processing", {})
        assert [one.order_id for one in conversions.by_request(tx, "t-1")] == [ONE.order_id]
        conversions.settle_upload(tx, "t-1", "partial", {"TOO_RECENT_CLICK": 1}, NOW)
        assert conversions.open_uploads(tx) == []


def test_questions_about_records(store: Store) -> None:
    put(store, replace(ONE, gclid="g", people=(("email", "ab"),)), replace(ONE, order_id="2", record_id="00Q2"))
    with store.writing() as tx:
        assert conversions.known(tx, "salesforce", "Lead", ["00Q2", "00Q3"]) == {"00Q2"}
        assert conversions.known(tx, "salesforce", "Lead", []) == set()
        assert list(conversions.by_record(tx, "salesforce", "Lead", ["00Q1"])) == ["00Q1"]
        assert conversions.counts(tx) == {("m", ConversionState.READY, None): 2}
        assert conversions.forget(tx, "salesforce", "Lead", "00Q1") == 1
        assert [one.order_id for one in conversions.all_of(tx, "m")] == [ONE.order_id, "2"]
    assert (get(store).gclid, get(store).people) == (None, ())


def test_what_can_no_longer_be_taken_back(store: Store) -> None:
    old = replace(ONE, state=ConversionState.ACCEPTED, accepted_at=NOW, undone=Undone.REOPENED)
    put(store, replace(old, happened_at=NOW - timedelta(days=55)), replace(old, order_id="young"))
    with store.writing() as tx:
        assert conversions.close_late(tx, NOW) == 1
    assert (get(store).state, get(store, "young").state) == (ConversionState.CANNOT_RETRACT, ConversionState.ACCEPTED)


def test_conversions_as_people_look_at_them(store: Store) -> None:
    other = replace(
        ONE, order_id="b", record_id="00Q2", account="1112223334", state=ConversionState.REJECTED, code="ads_x"
    )
    late = replace(ONE, order_id="c", action="8", milestone="won", happened_at=NOW)
    put(store, ONE, other, late)
    with store.reading() as tx:
        orders = [one.order_id for one in conversion_list.page(tx, ConversionFilter(), None, 2)]
        assert orders == ["c", "b"], "found last, first"
        last = conversion_list.page(tx, ConversionFilter(), 2, 9)
        assert [one.order_id for one in last] == [ONE.order_id]
        for wanted, found in (
            (ConversionFilter(states=[ConversionState.REJECTED]), "b"),
            (ConversionFilter(codes=["ads_x"]), "b"),
            (ConversionFilter(milestones=["won"]), "c"),
            (ConversionFilter(actions=["8"]), "c"),
            (ConversionFilter(account="1112223334"), "b"),
            (ConversionFilter(account="", date_to=NOW), ONE.order_id),
            (ConversionFilter(date_from=NOW), "c"),
        ):
            assert [one.order_id for one in conversion_list.page(tx, wanted, None, 9)] == [found], wanted
            assert conversion_list.count(tx, wanted) == 1
        assert conversion_list.states(tx, ConversionFilter()) == {ConversionState.READY: 2, ConversionState.REJECTED: 1}
        assert {(one.account, one.action, one.state, one.number) for one in conversion_list.tallies(tx)} == {
            (None, "7", ConversionState.READY, 1), ("1112223334", "7", ConversionState.REJECTED, 1), (None, "8", ConversionState.READY, 1),
        }  # fmt: skip
        assert [one.order_id for one in conversion_list.of_record(tx, "00Q2")] == ["b"]
