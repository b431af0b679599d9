"""More of the same errors: one validation rule that refuses twelve opportunities on three days, and logins that fail."""

from datetime import datetime, timedelta
from typing import Any

import time_machine
from tests.status.ledger_data import Filled

from lockstep.model import Action, BatchStatus, Change, Operation, OutcomeKind, Pair, PairState, Step, Window
from lockstep.store import ledger
from lockstep.store.pairs import rows as pairs

RECORDS = 12
#: the rule's words with the amount taken out
RULE = "Amount \u2026 of \u2026 needs an approval: \u2026"
RUNS = {minutes: f"{Step.PUSH_UPDATES}:manual__{minutes}" for minutes in (3000, 1500, 15)}


def add_errors(made: Filled) -> Filled:
    """`ids`: batches "rule 3000", "rule 1500", "rule 15" by their age in minutes. Two of the records are in step by now."""
    with made.store.writing() as tx:
        pairs.insert(tx, [_pair(number) for number in range(RECORDS)])
    for minutes, run_id in RUNS.items():
        made.ids[f"rule {minutes}"] = _refuse(made, run_id, made.now - timedelta(minutes=minutes))
    with made.store.writing() as tx:
        ledger.settle(tx, [_pair(0).id, _pair(1).id], [], references=False)
    return made


def _pair(number: int) -> Pair:
    ids = {"id": f"deal-{number}", "sf_id": f"0065g00000AB{number:03}AAA", "hs_id": f"7700{number}"}
    return Pair(
        **ids,
        entity="deals",
        sf_object="Opportunity",
        hs_object="deals",
        sf_base={},
        hs_base={},
        state=PairState.LINKED,
    )


def _refuse(made: Filled, run_id: str, began: datetime) -> int:
    with made.store.writing() as tx, time_machine.travel(began, tick=False):
        ledger.open_run(tx, run_id, Step.PUSH_UPDATES, "manual", Window(None, began), "hash")
        batch_id = ledger.open_batch(tx, run_id, "salesforce", "Opportunity", Operation.PUSH_UPDATES, entity="deals")
        ledger.settle(tx, [_pair(number).id for number in range(RECORDS)], [], references=False)
        ledger.insert_changes(tx, [_change(batch_id, number) for number in range(RECORDS)])
        ledger.add_counts(tx, batch_id, read=RECORDS, failed=RECORDS)
        ledger.close_batch(tx, batch_id, BatchStatus.INCOMPLETE)
    return batch_id


def _change(batch_id: int, number: int) -> Change:
    pair = _pair(number)
    words = f"Amount {1000 + number} of {pair.sf_id} needs an approval: \u201cBig deals\u201d"
    told: dict[str, Any] = {"message": words, "vendor_code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Amount"]}
    return Change(
        id=0, batch_id=batch_id, pair_id=pair.id, system="salesforce", object="Opportunity", action=Action.UPDATE,
        record_id=pair.sf_id, before={"Amount": "1"}, after={"Amount": str(1000 + number)}, why={"Amount": "two_way"},
        lost={}, outcome=OutcomeKind.FAILED, code="validation_rule", detail=told,
    )  # fmt: skip
