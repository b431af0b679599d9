"""What a person decided, as a value: made once, signed, and used once by a run. Pure.

Which columns each kind needs, beside who made it and when:

    kind              names                                     choice                      value
    resync            pair_id                                   -                           -
                      or system, object, record_id              -                           -
                      or nothing                                batch | change | code       batch id | change id | error code
                      or object                                 object                      -
    choose            pair_id, field (of the mapping)           salesforce | hubspot        -
                                                                value                       Salesforce's spelling; None blanks it
                      pair_id (a held deletion)                 delete | recreate | keep    -
    match             system, object, record_id (the one held)  candidate                   the partner's record id
                                                                create                      -
    erase             system, object, record_id                 -                           -
    approve, undo     run_id                                    -                           -
    allocation        system                                    -                           API calls per day, 0 or more
    clear_suspension  system                                    -                           -
    pause, resume     object (a mapping's or a vendor's name)   -                           -
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lockstep.errors import ConfigError
from lockstep.model import Step


class DecisionKind(StrEnum):
    """What a person can decide. Each is described in docs/operations.md."""

    RESYNC = "resync"
    CHOOSE = "choose"
    MATCH = "match"
    ERASE = "erase"
    APPROVE = "approve"
    UNDO = "undo"
    ALLOCATION = "allocation"
    CLEAR_SUSPENSION = "clear_suspension"
    PAUSE = "pause"
    RESUME = "resume"


#: approve and undo are about runs of these steps: they plan changes of records and write them
WRITE_STEPS = (Step.PUSH_UPDATES, Step.UPDATE_FOREIGN_KEYS, Step.UNDO_RUN)

#: in force from the run that used it until a newer one of the same object or system is used; the others are used up at once
LASTING = (DecisionKind.PAUSE, DecisionKind.RESUME, DecisionKind.ALLOCATION)

#: key in a planned create's `detail`: the decision by which its match keys are not looked up in the target
NO_SEARCH = "no_search"

#: key in a planned change's `detail`: the reason with which its pair closes once it is done (an undo lets both sides rest)
CLOSES_AS = "closes_as"

#: kind -> the columns that it always needs
_NEEDS = {
    DecisionKind.CHOOSE: ("pair_id", "choice"),
    DecisionKind.MATCH: ("system", "object", "record_id", "choice"),
    DecisionKind.ERASE: ("system", "object", "record_id"),
    DecisionKind.APPROVE: ("run_id",),
    DecisionKind.UNDO: ("run_id",),
    DecisionKind.ALLOCATION: ("system", "value"),
    DecisionKind.CLEAR_SUSPENSION: ("system",),
    DecisionKind.PAUSE: ("object",),
    DecisionKind.RESUME: ("object",),
}

_CHOICES = {
    DecisionKind.RESYNC: (None, "batch", "change", "code", "object"),
    DecisionKind.CHOOSE: ("salesforce", "hubspot", "value", "delete", "recreate", "keep"),
    DecisionKind.MATCH: ("candidate", "create"),
}


#: choices for a pair that is held because one of its records was deleted: delete the other one as well, make the deleted
#: one anew, or leave things as they are
ABOUT_RECORDS = ("delete", "recreate", "keep")


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of the table `decision`. `made_by`: the user's name as Airflow knows it. `id` is 0 until it is recorded.

    `used_run_id`, `used_at`: the run that applied it; `result`: what came of it, in words.
    """

    kind: DecisionKind
    made_by: str
    made_at: datetime
    pair_id: str | None = None
    run_id: str | None = None
    system: str | None = None
    object: str | None = None
    record_id: str | None = None
    field: str | None = None
    choice: str | None = None
    value: str | None = None
    note: str | None = None
    id: int = 0
    used_run_id: str | None = None
    used_at: datetime | None = None
    result: str | None = None

    @property
    def mark(self) -> str:
        """How a change's `why` names it."""
        return f"decision {self.id} of {self.made_by}"


def ensure_complete(decision: Decision) -> None:
    """:raises ConfigError: the decision lacks what its kind needs; every mistake is named."""
    problems = list(_problems(decision))
    if problems:
        raise ConfigError(f"A decision of kind {decision.kind} cannot be used: {'; '.join(problems)}.")


def _problems(one: Decision) -> Iterator[str]:
    if not one.made_by:
        yield "made_by is empty"
    yield from (f"{name} is missing" for name in _NEEDS.get(one.kind, ()) if not getattr(one, name))
    allowed = _CHOICES.get(one.kind)
    if allowed and one.choice not in allowed and (one.choice or "choice" not in _NEEDS.get(one.kind, ())):
        yield f"choice {one.choice!r} is none of {', '.join(str(choice) for choice in allowed if choice)}"
    if one.kind is DecisionKind.CHOOSE and (one.field is None) != (one.choice in ABOUT_RECORDS):
        yield "salesforce, hubspot and value are about a field; delete, recreate and keep are about a whole record"
    if one.kind is DecisionKind.RESYNC:
        yield from _resync_problems(one)
    if one.kind is DecisionKind.MATCH and one.choice == "candidate" and not one.value:
        yield "value must be the partner's record id"
    if one.kind is DecisionKind.ALLOCATION and one.value and not _counts(one.value):
        yield f"value {one.value!r} is no number of API calls"


def _resync_problems(one: Decision) -> Iterator[str]:
    match one.choice:
        case None:
            if not one.pair_id and not (one.system and one.object and one.record_id):
                yield "it needs pair_id, or system, object and record_id, or a choice"
        case "object":
            if not one.object:
                yield "object is missing"
        case "batch" | "change":
            if not _counts(one.value or ""):
                yield f"value must be the id of a {one.choice}"
        case "code":
            if not one.value:
                yield "value must be an error code"


def _counts(text: str) -> bool:
    return text.isascii() and text.isdigit()
