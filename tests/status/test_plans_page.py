"""Refused plans and undoing: what is offered when, and to whom; what is recorded, and which run it starts."""

import html
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.status.ledger_data import RUN, SECRET, Filled, fill
from tests.status.ledgers import Ledgers
from tests.status.mounted import client_of
from tests.status.plan_data import DRY, REFUSED, WORDS, WROTE, add_plans, add_refused, add_rehearsal

from lockstep.decisions import Decision, DecisionKind
from lockstep.model import BatchStatus, Operation, RunState, Step, Window
from lockstep.store import Store, decisions, ledger

SAME = {"Sec-Fetch-Site": "same-origin"}
APPROVE = {"kind": "approve", "run": REFUSED, "note": "asked the owner"}
UNDO = {"kind": "undo", "run": WROTE, "creates": "delete", "deletes": "keep"}
#: what the pages of a refused plan and of a dry run offer
OFFERS_APPROVAL, OFFERS_LISTING, OFFERS_UNDO = 'data-kind="approve"', "List what would be put back", 'data-kind="undo"'


@pytest.fixture
def waiting(filled: Filled, ledgers: Ledgers) -> Filled:
    return ledgers.into(filled, add_plans)


def run_page(client: TestClient, run_id: str) -> str:
    dag, _, airflow_run = run_id.partition(":")
    answer = client.get("", params={"dag_id": dag, "run_id": airflow_run})
    assert answer.status_code == 200
    return html.unescape(answer.text)


def told(client: TestClient, run_id: str) -> dict[str, Any]:
    answer = client.get(f"api/runs/{run_id}")
    assert answer.status_code == 200
    return answer.json()


def decide(client: TestClient, *asked: dict[str, Any]) -> Any:
    return client.post("api/decisions", json={"decisions": asked}, headers=SAME)


def decided(made: Filled, kind: DecisionKind, run_id: str, used_by: str = "", result: str = "") -> None:
    """Somebody decided about the run before; `used_by`: the run that took it up."""
    with made.store.writing() as tx:
        one = decisions.record(tx, Decision(kind, "ann", made.now, run_id=run_id, note="looked at it"))
        if used_by:
            decisions.use(tx, [one], used_by, result)


def open_run(made: Filled, run_id: str, state: RunState = RunState.SEALED, mapping_hash: str = "hash") -> None:
    with made.store.writing() as tx:
        step, _, name = run_id.partition(":")
        ledger.open_run(tx, run_id, Step(step), "manual", Window(None, made.now), mapping_hash, name)
        if state is not RunState.OPEN:
            ledger.close_run(tx, run_id, state)


def recorded(made: Filled) -> list[Decision]:
    with made.store.reading() as tx:
        return [one for one in decisions.open(tx) if one.made_by == "vera"]


# --- a refused plan


def test_a_refused_plan_is_shown_with_its_counts_before_it_can_be_approved(client: TestClient, waiting: Filled):
    plan = told(client, REFUSED)["refused"]
    assert (plan["state"], plan["guards"]) == ("open", [WORDS])
    assert [(one["object"], one["operation"], one["records"]) for one in plan["plan"]] == [
        ("contacts", "push_deletes", 3),
        ("contacts", "push_updates", 2),
    ]
    page = run_page(client, REFUSED)
    for words in (WORDS, "Approve and write 5 changes", "left out (stale)", f'data-run="{REFUSED}"'):
        assert words in page
    link = f"batches/{waiting.ids['refused']}?outcome=deferred&code=guard_tripped"
    assert f"{link}#records" in page
    assert html.unescape(client.get(link).text).count("Its story") == 3


def test_it_is_offered_wherever_it_shows(client: TestClient, waiting: Filled):
    (cause,) = [one["id"] for one in client.get("api/errors").json()["causes"] if one["code"] == "guard_tripped"]
    for path in (f"errors/{cause}", f"batches/{waiting.ids['refused']}", "run/push_updates/manual__refused"):
        page = client.get(path).text
        assert page.count(OFFERS_APPROVAL) == 1, path
        assert 'id="progress"' in page
    assert f"errors/{cause}" in client.get("errors").text.split("See the plan")[0][-60:]
    assert f"batches/{waiting.ids['refused']}#plan" in client.get("unsynced?code=guard_tripped").text
    assert OFFERS_APPROVAL not in client.get(f"batches/{waiting.ids['hostile']}").text


def test_an_approval_is_signed_and_starts_the_step_that_was_refused(client: TestClient, waiting: Filled):
    answer = decide(client, APPROVE)
    (one,) = recorded(waiting)
    assert (one.kind, one.run_id, one.made_by, one.note) == (DecisionKind.APPROVE, REFUSED, "vera", "asked the owner")
    assert answer.json() == {"decisions": [one.id], "dag_id": "push_updates", "conf": {"decision": [one.id]}}
    page = run_page(client, REFUSED)
    assert "vera approved this plan. The next run of push_updates applies it." in page
    assert "asked the owner" in page
    assert OFFERS_APPROVAL not in page
    again = decide(client, APPROVE)
    assert (again.status_code, len(recorded(waiting))) == (422, 1)
    assert "vera has approved it already" in again.json()["detail"]


def test_the_plan_of_an_undo_is_approved_for_undo_run_which_is_told_to_write(client: TestClient, waiting: Filled):
    add_refused(waiting, "undo_run:manual__2", waiting.now, Step.UNDO_RUN, run=WROTE)
    assert "The records are read once more." in run_page(client, "undo_run:manual__2")
    answer = decide(client, {"kind": "approve", "run": "undo_run:manual__2"}).json()
    assert (answer["dag_id"], answer["conf"]["dry_run"]) == ("undo_run", False)


def applied(made: Filled) -> None:
    open_run(made, "push_updates:later")
    decided(made, DecisionKind.APPROVE, REFUSED, "push_updates:later", "applied; what moved is stale")


def superseded(made: Filled) -> None:
    add_refused(made, "push_updates:manual__newer", made.now)
    decided(
        made, DecisionKind.APPROVE, "push_updates:manual__newer", "push_updates:later", "applied; what moved is stale"
    )


def edited(made: Filled) -> None:
    open_run(made, "push_updates:later", mapping_hash="another")
    decided(made, DecisionKind.APPROVE, REFUSED, "push_updates:later", "not applied: the mappings were edited")


@pytest.mark.parametrize(
    ("since", "state", "words"),
    [
        (applied, "applied", ["ann approved this plan, and a run took it up.", "looked at it", "run_id=later"]),
        (superseded, "superseded", ["Another plan of this step was approved since.", "run_id=manual__newer"]),
        (edited, "edited", ["The mappings were edited since", "ann's approval was of no use: the mappings were edited"]),
        (lambda made: open_run(made, REFUSED, RunState.OPEN), "running", ["The run has not ended yet."]),
        (lambda made: open_run(made, REFUSED), "not_refused", ["its plan was not refused then"]),
    ],
)  # fmt: skip
def test_what_can_no_longer_be_approved_says_why(
    client: TestClient, waiting: Filled, since: Any, state: str, words: list[str]
):
    since(waiting)
    assert told(client, REFUSED)["refused"]["state"] == state
    page = run_page(client, REFUSED)
    assert [one for one in words if one not in page] == []
    assert OFFERS_APPROVAL not in page
    answer = decide(client, APPROVE)
    assert (answer.status_code, recorded(waiting)) == (422, [])
    assert answer.json()["detail"].startswith(f"The plan of {REFUSED} cannot be approved: ")


def test_a_dry_run_that_was_refused_has_nothing_to_approve(client: TestClient, waiting: Filled):
    dry = "push_updates:manual__dry"
    add_refused(waiting, dry, waiting.now, dry_run=True)
    page = run_page(client, dry)
    assert "The run was a dry run: there is nothing to approve." in page
    assert f"batches/{waiting.ids['refused']}?outcome=skipped&code=dry_run" in page
    assert OFFERS_APPROVAL not in page
    assert decide(client, {**APPROVE, "run": dry}).status_code == 422
    assert told(client, REFUSED)["refused"]["newer"] is None


def test_a_newer_refused_plan_is_named(client: TestClient, waiting: Filled):
    add_refused(waiting, "push_updates:manual__newer", waiting.now)
    assert told(client, REFUSED)["refused"]["newer"] == "push_updates:manual__newer"
    assert told(client, "push_updates:manual__newer")["refused"]["newer"] is None
    page = run_page(client, REFUSED)
    assert "A newer plan of this step was refused since" in page
    assert OFFERS_APPROVAL in page


def test_a_reconcile_that_a_guard_stopped_has_no_plan(client: TestClient, waiting: Filled):
    run_id = "reconcile:manual__1"
    open_run(waiting, run_id, RunState.OPEN)
    with waiting.store.writing() as tx:
        batch_id = ledger.open_batch(tx, run_id, "hubspot", "contacts", Operation.RECONCILE, entity="people")
        ledger.close_batch(tx, batch_id, BatchStatus.FAILED, "guard_tripped", WORDS)
        ledger.close_run(tx, run_id, RunState.REFUSED)
    page = client.get(f"batches/{batch_id}").text
    assert "it made no plan that could be approved" in page
    assert OFFERS_APPROVAL not in page
    assert "only reads" in decide(client, {**APPROVE, "run": run_id}).json()["detail"]


# --- undoing a run


def test_a_run_that_wrote_can_be_undone_by_a_dry_run_first(client: TestClient, waiting: Filled):
    written = told(client, WROTE)["undoable"]
    assert [(one["operation"], one["records"]) for one in written["written"]] == [("push_updates", 2), ("push_new", 1)]
    page = run_page(client, WROTE)
    assert OFFERS_LISTING in page
    assert OFFERS_UNDO not in page, "nothing is undone that was not listed first"
    assert '{"dry_run": true, "run": "push_updates:manual__wrote"}' in page
    assert "run_id=manual__wrote#undo" in client.get(f"batches/{waiting.ids['wrote']}").text


def test_a_cycle_offers_each_of_its_runs_that_wrote(client: TestClient, waiting: Filled):
    page = run_page(client, "sync_cycle:scheduled__2026-11-22T04:00:00+00:00")
    assert OFFERS_LISTING not in page, "its push has not ended"
    with waiting.store.writing() as tx:
        ledger.close_run(tx, RUN, RunState.PARTIAL)
    page = run_page(client, "sync_cycle:scheduled__2026-11-22T04:00:00+00:00")
    assert page.count(OFFERS_LISTING) == 1


@pytest.mark.parametrize("run_id", [REFUSED, DRY, "pull_updates:manual__2026-11-22T03:00:00+00:00"])
def test_what_wrote_nothing_cannot_be_undone(client: TestClient, waiting: Filled, run_id: str):
    assert OFFERS_LISTING not in run_page(client, run_id)
    answer = decide(client, {**UNDO, "run": run_id})
    assert (answer.status_code, recorded(waiting)) == (422, [])
    assert "it wrote no records" in answer.json()["detail"]


def test_the_dry_run_lists_what_would_be_put_back_and_offers_to_do_it(client: TestClient, waiting: Filled):
    listed = told(client, DRY)["rehearsal"]
    assert (listed["state"], listed["of"], listed["stays"]) == ("open", WROTE, {"undo_kept": 1})
    assert [one["records"] for one in listed["plan"]] == [2]
    page = run_page(client, DRY)
    for words in ("Undo and write 2 changes", f'data-run="{WROTE}"', "leave them (keep)", "The undo was told to keep"):
        assert words in page
    assert f"batches/{waiting.ids['rehearsed']}?outcome=skipped&code=dry_run" in page
    assert OFFERS_LISTING not in page
    assert client.get("api/unsynced?code=undo_kept").json()["records"] == [], (
        "to look at an undo puts nothing out of step"
    )


def test_an_undo_is_signed_and_starts_undo_run_with_the_persons_choices(client: TestClient, waiting: Filled):
    answer = decide(client, UNDO).json()
    (one,) = recorded(waiting)
    assert (one.kind, one.run_id, one.made_by) == (DecisionKind.UNDO, WROTE, "vera")
    conf = {"decision": [one.id], "creates": "delete", "deletes": "keep", "dry_run": False}
    assert answer == {"decisions": [one.id], "dag_id": "undo_run", "conf": conf}
    assert "vera decided to undo it. No run has done so yet." in run_page(client, DRY)
    assert OFFERS_UNDO in run_page(client, DRY), "its run could not be started: it is tried again"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState.SEALED, "ann undid it."),
        (RunState.OPEN, "ann decided to undo it, and a run is at work."),
        (RunState.REFUSED, "ann decided to undo it. A guard refused the plan."),
    ],
)
def test_what_was_undone_says_by_whom_and_leads_there(client: TestClient, waiting: Filled, state: RunState, words: str):
    open_run(waiting, "undo_run:manual__real", state)
    decided(waiting, DecisionKind.UNDO, WROTE, "undo_run:manual__real", "planned")
    for run_id in (WROTE, DRY):
        page = run_page(client, run_id)
        assert words in page
        assert "run_id=manual__real" in page
    assert OFFERS_UNDO not in run_page(client, DRY)


@pytest.mark.parametrize(
    ("more", "state", "words"),
    [
        ({"listed": 0}, "nothing", "Nothing would be put back."),
        ({"status": BatchStatus.FAILED, "error_code": "not_finished", "error": "x"}, "broken", "did not look at everything"),
    ],
)  # fmt: skip
def test_a_dry_run_that_lists_nothing_or_not_all_offers_nothing(
    client: TestClient, waiting: Filled, more: dict[str, Any], state: str, words: str
):
    add_rehearsal(waiting, "undo_run:manual__2", **more)
    assert told(client, "undo_run:manual__2")["rehearsal"]["state"] == state
    page = run_page(client, "undo_run:manual__2")
    assert words in page
    assert OFFERS_UNDO not in page


def test_a_dry_run_that_a_guard_would_refuse_says_so(client: TestClient, waiting: Filled):
    refusal = {"status": BatchStatus.FAILED, "error_code": "guard_tripped", "error": WORDS}
    add_rehearsal(waiting, "undo_run:manual__2", **refusal)
    page = run_page(client, "undo_run:manual__2")
    for words in (WORDS, "A guard will refuse this plan.", OFFERS_UNDO):
        assert words in page
    assert OFFERS_APPROVAL not in page


# --- who


def test_a_viewer_may_look_but_not_act(waiting: Filled, sqlite_url: str):
    looking = client_of(lambda: Store(sqlite_url), may_act=False)
    for run_id, dag, asked in ((REFUSED, "push_updates", APPROVE), (WROTE, "undo_run", UNDO), (DRY, "undo_run", UNDO)):
        page = run_page(looking, run_id)
        assert f"that needs the right to trigger the DAG {dag}." in page
        assert [one for one in (OFFERS_APPROVAL, OFFERS_LISTING, OFFERS_UNDO) if one in page] == []
        assert decide(looking, asked).status_code == 403
    assert recorded(waiting) == []


def test_values_are_neither_needed_nor_shown(waiting: Filled, sqlite_url: str):
    blind = client_of(lambda: Store(sqlite_url), sees_values=False)
    for run_id in (REFUSED, WROTE, DRY):
        assert SECRET not in run_page(blind, run_id)
        assert SECRET not in blind.get(f"api/runs/{run_id}").text
    assert decide(blind, APPROVE).status_code == 201


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ([{**APPROVE, "run": "push_updates:nobody"}], 422),
        ([{**UNDO, "creates": "everything"}], 422),
        ([APPROVE, UNDO], 422),
        ([UNDO, {"kind": "resync", "pairs": ["pair-6-0"]}], 422),
    ],
)
def test_what_is_no_decision_is_refused_whole(client: TestClient, waiting: Filled, asked: Any, status: int):
    assert decide(client, *asked).status_code == status
    assert recorded(waiting) == []


def test_no_such_run(client: TestClient, waiting: Filled):
    assert client.get("api/runs/push_updates:nobody").status_code == 404


def test_both_databases(store: Store):
    made = add_plans(fill(store))
    add_refused(made, "push_updates:manual__newer", made.now + timedelta(seconds=1))
    asked = client_of(lambda: store)
    assert told(asked, REFUSED)["refused"]["newer"] == "push_updates:manual__newer"
    assert told(asked, DRY)["rehearsal"]["stays"] == {"undo_kept": 1}
    assert decide(asked, APPROVE).status_code == 201
