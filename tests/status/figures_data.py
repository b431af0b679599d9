"""API calls, backlog, changed fields, freshness and decisions, through the store's own functions."""

from datetime import timedelta
from typing import Any

from tests.status.ledger_data import FORMULA, SCRIPT, Filled

from lockstep.decisions import Decision, DecisionKind
from lockstep.model import Usage
from lockstep.store import backlog, decisions, freshness, schema, suspensions
from lockstep.store.budget import StoreMeter
from lockstep.store.schema import Assessment, Difference

PATCH = f"# {SCRIPT}\n- salesforce: {{Contact: Title}}\n  hubspot: jobtitle\n  rule: dont_sync\n"


class _Allocation:
    allocation: dict[str, int] = {}


def add_figures(made: Filled) -> Filled:
    """HubSpot is called every hour and near its limit, Salesforce is suspended; people's backlog to HubSpot grows."""
    _calls(made)
    with made.store.writing() as tx:
        _backlog(tx, made)
        _drift(tx, made)
        _health(tx, made)
    return made


def _calls(made: Filled) -> None:
    seconds = made.now.timestamp()
    clock = [seconds]
    meter = StoreMeter(made.store, _Allocation(), clock=lambda: clock[0])
    for hours in range(23, -1, -1):
        clock[0] = seconds - hours * 3600
        for number in range(3 if hours % 5 else 9):
            bucket = ("crm", "search", "batch")[number % 3]
            meter.record("hubspot", bucket, 429 if number == 8 else 200, 120.0 + number, Usage(240_000, 250_000))
    meter.record("salesforce", "rest", 200, 80.0, Usage(1200, 15_000))


def _backlog(tx: Any, made: Filled) -> None:
    for hours in range(120, -1, -2):
        if 50 < hours < 70:
            continue  # nothing was measured then
        waiting = {
            ("people", "hubspot"): 1500 - 10 * hours,
            ("people", "salesforce"): 3,
            ("opportunities-deals", "hubspot"): 0,
        }
        backlog.sample(tx, waiting, made.now - timedelta(hours=hours))


def _drift(tx: Any, made: Filled) -> None:
    def note(hours: int, difference: Difference, assessment: Assessment) -> None:
        from lockstep.store import tables as t

        row = {name: getattr(difference, name) for name in ("system", "object", "field", "what", "before", "after")}
        tx.execute(t.schema_change.insert().values(row | {"at": made.now - timedelta(hours=hours)}))
        schema.note(tx, difference, assessment)

    options = {"options": ["A", "B"]}, {"options": ["A", "C", FORMULA]}
    note(30, Difference("salesforce", "Contact", "Title", "changed", {"type": "string"}, {"type": "textarea"}), Assessment("mapped", "people", 7))  # fmt: skip
    note(5, Difference("salesforce", "Contact", "Title", "removed", {"type": "textarea"}, None), Assessment("held", "people", 1234, PATCH))  # fmt: skip
    note(4, Difference("hubspot", "contacts", "lifecyclestage", "changed", *options), Assessment("values", "people", 9))
    note(
        3,
        Difference("hubspot", "deals", "amount", "removed", {"type": "number"}, None),
        Assessment("stops", "deals", 3),
    )
    note(2, Difference("hubspot", "contacts", f"x_{SCRIPT}", "added", None, {"type": "string"}), Assessment("none", "people"))  # fmt: skip


def _health(tx: Any, made: Filled) -> None:
    suspensions.suspend(tx, "salesforce", suspensions.API_ACCESS, f"API_DISABLED {SCRIPT}", "pull:1", made.now)
    freshness.note(tx, "people", made.now - timedelta(minutes=4), made.now)
    freshness.note(tx, "opportunities-deals", made.now - timedelta(hours=5), made.now)
    paused = Decision(DecisionKind.PAUSE, "vera", made.now, object="companies")
    decisions.use(tx, [decisions.record(tx, paused)], "push_updates:1", "in force")
    decisions.record(tx, Decision(DecisionKind.ALLOCATION, "ola", made.now, system="hubspot", value="5000"))


def allocate(made: Filled, system: str, calls: int) -> None:
    with made.store.writing() as tx:
        suspensions.allocate(tx, system, calls)
