"""Runs about which a person decides as a whole: one that a guard refused, one that wrote, and dry runs of its undo."""

from datetime import datetime, timedelta
from typing import Any

import time_machine
from tests.status.ledger_data import SCRIPT, Filled, insert

from lockstep.model import Action, BatchStatus, Operation, OutcomeKind, RunState, Step, Window
from lockstep.store import ledger

#: as many deletes as the guard's message tells, and some updates of the same mapping
WORDS = f"people to HubSpot: 3 records would be deleted; max_deletes is 2 {SCRIPT}"
REFUSED = f"{Step.PUSH_UPDATES}:manual__refused"
WROTE = f"{Step.PUSH_UPDATES}:manual__wrote"
DRY = f"{Step.UNDO_RUN}:manual__dry"


def add_plans(made: Filled) -> Filled:
    add_written(made)
    add_rehearsal(made, DRY)
    add_refused(made, REFUSED, made.now - timedelta(minutes=5))
    return made


def add_refused(made: Filled, run_id: str, began: datetime, step: Step = Step.PUSH_UPDATES, **params: Any) -> None:
    """Three deletes and two updates, all refused."""
    with made.store.writing() as tx, time_machine.travel(began, tick=False):
        _open(tx, made, run_id, step, **params)
        for name, operation, action, number in (
            ("refused", Operation.PUSH_DELETES, Action.DELETE, 3),
            ("refused_too", Operation.PUSH_UPDATES, Action.UPDATE, 2),
        ):
            batch_id = made.ids[name] = ledger.open_batch(tx, run_id, "hubspot", "contacts", operation, entity="people")
            one = {"outcome": OutcomeKind.DEFERRED, "code": "guard_tripped", "action": action}
            if params.get("dry_run"):
                one |= {"outcome": OutcomeKind.SKIPPED, "code": "dry_run"}
            insert(made.store, tx, batch_id, [one] * number)
            ledger.add_counts(tx, batch_id, read=number, **{one["outcome"].value: number})
            ledger.close_batch(tx, batch_id, BatchStatus.FAILED, "guard_tripped", WORDS)
        ledger.close_run(tx, run_id, RunState.REFUSED)


def add_written(made: Filled) -> None:
    """Two contacts updated, one created."""
    with made.store.writing() as tx, time_machine.travel(made.now - timedelta(minutes=7), tick=False):
        _open(tx, made, WROTE, Step.PUSH_UPDATES)
        _wrote(made, tx, "wrote", Operation.PUSH_UPDATES, OutcomeKind.UPDATED, 2)
        _wrote(made, tx, "created", Operation.PUSH_NEW, OutcomeKind.NEW, 1)
        ledger.close_run(tx, WROTE, RunState.SEALED)


def _wrote(made: Filled, tx: Any, name: str, operation: Operation, outcome: OutcomeKind, number: int) -> None:
    batch_id = made.ids[name] = ledger.open_batch(tx, WROTE, "hubspot", "contacts", operation, entity="people")
    insert(made.store, tx, batch_id, [{"outcome": outcome}] * number)
    ledger.add_counts(tx, batch_id, read=number, **{outcome.value: number})
    ledger.close_batch(tx, batch_id)


def add_rehearsal(made: Filled, run_id: str, listed: int = 2, status: BatchStatus | None = None, **more: Any) -> None:
    """A dry run that would put `listed` values back and leaves what was created."""
    with made.store.writing() as tx, time_machine.travel(made.now - timedelta(minutes=6), tick=False):
        _open(tx, made, run_id, Step.UNDO_RUN, run=WROTE, creates="keep", deletes="keep", dry_run=True)
        batch_id = made.ids["rehearsed"] = ledger.open_batch(tx, run_id, "hubspot", "contacts", Operation.PUSH_UPDATES, entity="people")  # fmt: skip
        skipped = [{"outcome": OutcomeKind.SKIPPED, "code": code} for code in ["dry_run"] * listed + ["undo_kept"]]
        insert(made.store, tx, batch_id, skipped)
        ledger.add_counts(tx, batch_id, read=listed + 1, skipped=listed + 1)
        ledger.close_batch(tx, batch_id, status, **more)
        ledger.close_run(tx, run_id, RunState.SEALED)


def _open(tx: Any, made: Filled, run_id: str, step: Step, **params: Any) -> None:
    window = Window(None, made.now)
    ledger.open_run(tx, run_id, step, "manual", window, "hash", run_id.split(":", 1)[1], params, now=datetime.now(made.now.tzinfo))  # fmt: skip
