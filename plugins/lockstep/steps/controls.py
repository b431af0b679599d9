"""What people decided about systems and objects: in force from the next run that opens."""

from typing import Any

from lockstep.decisions import Decision, DecisionKind
from lockstep.mapping import Mapping
from lockstep.store import decisions, suspensions

_KINDS = (DecisionKind.ALLOCATION, DecisionKind.CLEAR_SUSPENSION, DecisionKind.PAUSE, DecisionKind.RESUME)


def obey_controls(tx: Any, run_id: str) -> None:
    """Put what is open into force."""
    for one in decisions.open(tx, *_KINDS):
        decisions.use(tx, [one.id], run_id, _obey(tx, one))


def _obey(tx: Any, one: Decision) -> str:
    match one.kind:
        case DecisionKind.ALLOCATION:
            suspensions.allocate(tx, one.system or "", int(one.value or 0))
            return f"{one.value} calls per 24 hours"
        case DecisionKind.CLEAR_SUSPENSION:
            return "cleared" if suspensions.clear(tx, one.system or "") else "it was not suspended"
        case _:
            return "in force"


def paused(tx: Any, mapping: Mapping) -> Decision | None:
    """The decision by which nothing is written of this mapping; None: it is written."""
    names = {mapping.entity, mapping.hs_object, *mapping.sf_objects}
    found = [one for one in decisions.in_force(tx, DecisionKind.PAUSE, DecisionKind.RESUME) if one.object in names]
    return found[-1] if found and found[-1].kind is DecisionKind.PAUSE else None
