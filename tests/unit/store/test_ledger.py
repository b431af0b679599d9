"""The ledger: runs are frozen, batches balance, and an outcome is filled in once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lockstep.errors import ErrorClass, LedgerError
from lockstep.model import Action, BatchStatus, Change, Operation, OutcomeKind, Pair, PairState, RunState, Step, Window
from lockstep.store import Store, ledger, pairs
from lockstep.store.ledger import BatchFilter, ErrorFilter

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(hours=1), NOW)
FAILED, DEFERRED, UPDATED = OutcomeKind.FAILED, OutcomeKind.DEFERRED, OutcomeKind.UPDATED


def open_run(store: Store, run_id: str = "run-1", window: Window = WINDOW, **params: Any) -> ledger.Run:
    with store.writing() as tx:
        return ledger.open_run(tx, run_id, Step.PUSH_UPDATES, "scheduled", window, "hash", "dag-run", params)


def open_batch(
    store: Store, run_id: str = "run-1", operation: Operation = Operation.PUSH_UPDATES, name: str = "contacts"
) -> int:
    with store.writing() as tx:
        return ledger.open_batch(tx, run_id, "hubspot", name, operation, WINDOW, "people", {"page": 1})


def change(batch_id: int, pair_id: str | None = "p1", **more: Any) -> Change:
    plain = {
        "record_id": "101",
        "before": {"email": "a"},
        "after": {"email": "b"},
        "why": {"email": "two_way"},
        "lost": {},
    }
    return Change(0, batch_id, pair_id, "hubspot", "contacts", **({"action": Action.UPDATE} | plain | more))


def insert(store: Store, *changes: Change) -> list[int]:
    with store.writing() as tx:
        return ledger.insert_changes(tx, changes)


def fill(store: Store, *outcomes: ledger.Outcome) -> None:
    with store.writing() as tx:
        ledger.set_outcomes(tx, outcomes)


def close(store: Store, batch_id: int, status: BatchStatus | None = None, **counts: int) -> Any:
    with store.writing() as tx:
        ledger.add_counts(tx, batch_id, **counts)
    with store.writing() as tx:
        return ledger.close_batch(tx, batch_id, status)


def changes(store: Store, batch_id: int, **options: Any) -> list[Change]:
    with store.reading() as tx:
        return ledger.changes(tx, batch_id, **options)


def test_a_retried_run_is_opened_again_as_it_was(store: Store) -> None:
    first = open_run(store, limit=5)
    with store.writing() as tx:
        ledger.close_run(tx, "run-1", RunState.PARTIAL)
        assert ledger.run(tx, "run-1").state is RunState.PARTIAL
    again = open_run(store, window=Window(None, NOW + timedelta(days=1)), limit=9)
    assert again == first
    assert (again.window, again.params, again.state) == (WINDOW, {"limit": 5}, RunState.OPEN)


def test_runs_are_listed_newest_first(store: Store) -> None:
    open_run(store, "a")
    open_run(store, "b")
    with store.reading() as tx:
        assert [run.id for run in ledger.runs(tx, Step.PUSH_UPDATES)] == ["b", "a"]
        assert ledger.runs(tx, Step.PULL_UPDATES) == []
        with pytest.raises(KeyError):
            ledger.run(tx, "c")


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ({}, BatchStatus.SUCCEEDED),
        ({"read": 6, "new": 1, "updated": 2, "deleted": 1, "skipped": 2, "api_calls": 9}, BatchStatus.SUCCEEDED),
        ({"read": 1, "held": 1}, BatchStatus.INCOMPLETE),
        ({"read": 1, "failed": 1}, BatchStatus.INCOMPLETE),
        ({"read": 1, "deferred": 1}, BatchStatus.INCOMPLETE),
        ({"read": 1, "updated": 1, "fields_failed": 1}, BatchStatus.INCOMPLETE),
    ],
)
def test_a_closed_batch_says_how_it_went(store: Store, counts: dict[str, int], status: BatchStatus) -> None:
    open_run(store)
    batch = close(store, open_batch(store), **counts)
    assert (batch.status, batch.error_code) == (status, None)
    assert {name: count for name, count in batch.counts.items() if count} == counts
    assert batch.ended_at >= batch.started_at
    ledger.ensure_balanced(batch)


def test_a_batch_that_does_not_balance_fails(store: Store) -> None:
    open_run(store)
    batch_id = open_batch(store)
    batch = close(store, batch_id, read=3, new=1, skipped=1)
    assert (batch.status, batch.error_code) == (BatchStatus.FAILED, "ledger_unbalanced")
    assert "read 3 is not 1 new" in batch.error
    with pytest.raises(LedgerError, match=f"Batch {batch_id}"):
        ledger.ensure_balanced(batch)
    with store.writing() as tx:
        ledger.reopen_batch(tx, batch_id)
        ledger.add_counts(tx, batch_id, held=1)
        assert ledger.close_batch(tx, batch_id).status is BatchStatus.INCOMPLETE


def test_counters_are_known_and_never_negative(store: Store) -> None:
    open_run(store)
    batch_id = open_batch(store)
    with store.writing() as tx, pytest.raises(KeyError, match="no counter red"):
        ledger.add_counts(tx, batch_id, red=1)


def test_only_batches_that_did_nothing_are_cleaned_up(store: Store) -> None:
    open_run(store)
    idle, planned, read, _closed = (open_batch(store) for _ in range(4))
    insert(store, change(planned))
    with store.writing() as tx:
        ledger.add_counts(tx, idle, api_calls=2)
        ledger.add_counts(tx, read, read=1, new=1)
        ledger.close_batch(tx, _closed)
        assert ledger.clean_up(tx, "run-1", system="salesforce") == []
        assert [batch.id for batch in ledger.clean_up(tx, "run-1")] == [idle]
        found = ledger.batches(tx, "run-1")
        assert [(batch.status, ledger.superseded(batch)) for batch in found] == [
            (BatchStatus.CLEANED_UP, True),
            (BatchStatus.IN_PROCESS, False),
            (BatchStatus.FAILED, True),
            (BatchStatus.SUCCEEDED, False),
        ]
        assert found[2].error_code == "not_finished"


def test_changes_come_back_as_they_were(store: Store) -> None:
    open_run(store)
    batch_id = open_batch(store)
    rows = [
        change(
            batch_id,
            None,
            action=Action.CREATE,
            record_id=None,
            source={"Email": "b"},
            lost={"y": "\0"},
        ),
        change(batch_id, outcome=OutcomeKind.HELD, code="clash", detail={"fields": ["email"]}, retry_of=1),
    ]
    ids = insert(store, *rows)
    found = changes(store, batch_id)
    first = found[0]
    assert (first.id, first.action, first.source, first.lost) == (ids[0], Action.CREATE, {"Email": "b"}, {"y": "\0"})
    assert (found[1].outcome, found[1].code, found[1].detail, found[1].retry_of) == (
        OutcomeKind.HELD,
        "clash",
        {"fields": ["email"]},
        1,
    )
    assert [one.id for one in changes(store, batch_id, undone_only=True)] == ids[:1]
    assert [one.id for one in changes(store, batch_id, after_id=ids[0], limit=5)] == ids[1:]


def test_an_outcome_is_filled_in_once(store: Store) -> None:
    open_run(store)
    batch_id = open_batch(store)
    first, second = insert(
        store, change(batch_id, record_id=None, detail={"fields": [{"code": "picklist_value"}]}), change(batch_id)
    )
    with store.writing() as tx:
        ledger.mark_sent(tx, [first], NOW)
        ledger.count_attempt(tx, first)
        assert ledger.sent(tx, batch_id) == 1
    fill(store, (first, UPDATED, None, {"fields": [{"code": "field_permission"}], "rewritten": 1}, "900"))
    done = changes(store, batch_id)[0]
    assert (done.outcome, done.record_id, done.sent_at, done.attempts) == (UPDATED, "900", NOW, 1)
    assert done.detail == {"fields": [{"code": "picklist_value"}, {"code": "field_permission"}], "rewritten": 1}
    for wrong in (first, 999):
        with pytest.raises(LedgerError, match=str(wrong)):
            fill(store, (second, FAILED, "invalid_value", None, None), (wrong, FAILED, "invalid_value", None, None))
    assert changes(store, batch_id)[1].outcome is None


def test_what_killed_tasks_left_is_found(store: Store) -> None:
    left = {}
    for run_id in ("closed", "ended", "killed", "mine"):
        open_run(store, run_id)
        left[run_id] = insert(store, change(open_batch(store, run_id)))[0]
    insert(store, change(open_batch(store, "closed"), outcome=OutcomeKind.SKIPPED))
    with store.writing() as tx:
        ledger.close_run(tx, "closed", RunState.PARTIAL)
        ledger.close_batch(tx, ledger.batches(tx, "ended")[0].id, BatchStatus.FAILED)
        assert [one.id for one in ledger.undone(tx, "people")] == [left["closed"], left["ended"]]
        assert [one.id for one in ledger.undone(tx, "people", besides="mine")] == [
            left["closed"],
            left["ended"],
            left["killed"],
        ]
        assert ledger.undone(tx, "opportunities-deals", besides="mine") == []


def test_failures_in_a_row_end_with_a_success(store: Store) -> None:
    open_run(store)
    batch_id = open_batch(store)
    outcomes = [FAILED, UPDATED, FAILED, DEFERRED, FAILED, None]
    insert(store, *(change(batch_id, outcome=outcome) for outcome in outcomes), change(batch_id, "p2", outcome=UPDATED))
    with store.reading() as tx:
        assert (ledger.failures_in_a_row(tx, "p1"), ledger.failures_in_a_row(tx, "p2")) == (2, 0)


def page(
    store: Store, sort: str = "-started_at", limit: int = 50, offset: int = 0, **chosen: Any
) -> tuple[list[int], ledger.Totals]:
    with store.reading() as tx:
        filters = BatchFilter(**chosen)
        found = ledger.page(tx, filters, sort, limit, offset)
        totals = ledger.tally(tx, filters).of(filters.statuses, filters.worked)
    return [batch.id for batch in found], totals


def test_batches_are_filtered_sorted_and_summed_up(store: Store) -> None:
    open_run(store)
    first = open_batch(store)
    second = open_batch(store, operation=Operation.PUSH_NEW, name="companies")
    close(store, first, read=5, new=5)
    close(store, second, read=1, failed=1)
    assert page(store)[0] == [second, first]
    ids, totals = page(store, sort="-read", limit=1)
    assert (ids, totals.batches, totals.counts["read"], totals.counts["failed"]) == ([first], 2, 6, 1)
    assert page(store, sort="object", limit=1, offset=1)[0] == [first]
    assert page(store, objects=["contacts"], operations=[Operation.PUSH_UPDATES], systems=["hubspot"])[0] == [first]
    assert page(store, statuses=[BatchStatus.INCOMPLETE], entities=["people"], run_ids=["run-1"])[0] == [second]
    assert page(store, batch_id=first, run_ids=["run-2"]) == ([], ledger.Totals(0, dict.fromkeys(totals.counts, 0)))
    with pytest.raises(ValueError, match="cannot be sorted by 'task'"):
        page(store, sort="task")


@pytest.mark.parametrize("sort", ["started_at", "-started_at", "ended_at", "-ended_at", "-read"])
def test_a_page_goes_on_after_a_batch(store: Store, sort: str) -> None:
    open_run(store)
    for number in range(6):
        batch_id = open_batch(store)
        if number not in (1, 4):
            close(store, batch_id, read=number % 3, new=number % 3)
    with store.reading() as tx:
        whole = ledger.page(tx, BatchFilter(), sort)
        for place, one in enumerate(whole):
            assert ledger.page(tx, BatchFilter(), sort, after=one) == whole[place + 1 :]
    running = [place for place, one in enumerate(whole) if one.ended_at is None]
    assert sort not in ("ended_at", "-ended_at") or running == ([0, 1] if sort == "-ended_at" else [4, 5])


def test_the_day_ends_before_the_next(store: Store) -> None:
    open_run(store)
    batch_id = open_batch(store)
    with store.reading() as tx:
        started = ledger.batch(tx, batch_id).started_at
    assert page(store, date_from=started)[0] == [batch_id]
    assert page(store, date_to=started)[0] == []
    assert page(store, date_from=started + timedelta(microseconds=1))[0] == []


def test_every_error_has_its_row(store: Store) -> None:
    open_run(store)
    batch_id, broken = open_batch(store), open_batch(store)
    with store.writing() as tx:
        pairs.insert(tx, [Pair("p1", "people", "Contact", "contacts", "003A", "101", {}, {}, PairState.LINKED)])
        ledger.close_batch(tx, broken, BatchStatus.FAILED, "access", "May not read contacts.")
    told = {"message": "No such option", "vendor_code": "INVALID_OPTION", "fields": ["industry"]}
    refused = {"code": "field_permission", "message": "Read only", "fields": ["fax"]}
    _, failed, partly = insert(
        store, change(batch_id, outcome=UPDATED), change(batch_id), change(batch_id, None, record_id="102")
    )
    fill(store, (failed, FAILED, "picklist_value", told, None), (partly, UPDATED, None, {"fields": [refused]}, None))
    with store.reading() as tx:
        rows = list(ledger.errors(tx, ErrorFilter(batches=BatchFilter(run_ids=["run-1"]))))
        of_batch = ErrorFilter(batches=BatchFilter(batch_id=batch_id))
        assert [row.change_id for row in ledger.errors(tx, of_batch, limit=1)] == [partly]
        assert [row.change_id for row in ledger.errors(tx, of_batch, before=rows[0].id)] == [failed]
        assert list(ledger.errors(tx, ErrorFilter(batches=BatchFilter(run_ids=["run-2"])))) == []
    assert [(row.batch_id, row.change_id, row.outcome, row.code, row.cls) for row in rows] == [
        (batch_id, partly, "field_failed", "field_permission", ErrorClass.PERMISSION),
        (batch_id, failed, "failed", "picklist_value", ErrorClass.DATA),
        (broken, None, "batch_failed", "access", ErrorClass.PERMISSION),
    ]
    last = rows[1]
    assert (last.record_id, last.sf_id, last.hs_id, last.vendor_code) == ("101", "003A", "101", "INVALID_OPTION")
    assert (last.message, last.fields, last.operation) == ("No such option", ("industry",), "push_updates")
    assert (rows[2].message, rows[0].record_id, rows[0].fields) == ("May not read contacts.", "102", ("fax",))
