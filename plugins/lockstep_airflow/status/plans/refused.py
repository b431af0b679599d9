"""A plan that a guard refused: what it would write, and whether it can still be approved."""

from dataclasses import dataclass

from sqlalchemy import Connection

from lockstep.decisions import WRITE_STEPS, Decision, DecisionKind
from lockstep.errors import ConfigError
from lockstep.model import Batch, RunState
from lockstep.store import decisions, ledger
from lockstep.store.ledger import NotOpen, Run, story
from lockstep.store.ledger.approvals import APPLIED

CODE = "guard_tripped"
#: how the result of an approval begins that was of no use; the reason follows
UNUSED = "not applied: "

_NOT_OPEN = {
    "applied": "it was approved and applied already",
    "running": "the run has not ended yet",
    "gone": "its changes are no longer in the ledger",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One batch's share of a plan: `records` of its object, which its operation would write (or has written)."""

    batch: Batch
    records: int


@dataclass(frozen=True, slots=True)
class Refused:
    """`words`: what the guards said, with their numbers and limits. `approvals`: of this plan, newest first. `instead`: the run whose
    plan was approved instead; `newer`: the newest plan of the step that was refused since and is still open."""

    run: Run
    parts: list[Part]
    words: list[str]
    not_open: NotOpen | None
    approvals: list[Decision]
    instead: str | None
    newer: Run | None

    @property
    def records(self) -> int:
        return sum(one.records for one in self.parts)

    @property
    def approval(self) -> Decision | None:
        """The one that counts: that was obeyed, or else the latest."""
        obeyed = (one for one in self.approvals if (one.result or "").startswith(APPLIED))
        return next(obeyed, self.approvals[0] if self.approvals else None)

    @property
    def state(self) -> str:
        """open | running | approved | applied | gone (its changes were deleted by age), or the name of why it is not open."""
        if self.run.state is RunState.OPEN:
            return "running"
        if self.approval and (self.approval.result or "").startswith(APPLIED):
            return "applied"
        if self.not_open:
            return self.not_open.name.lower()
        if self.approval and self.approval.used_at is None:
            return "approved"
        return "open" if self.parts else "gone"

    @property
    def unused_because(self) -> str | None:
        """Why the latest approval was of no use, in the engine's words."""
        result = (self.approval.result if self.approval else None) or ""
        return result.removeprefix(UNUSED) if result.startswith(UNUSED) else None


def refused(tx: Connection, run: Run) -> Refused | None:
    """None: no guard has refused a plan of this run."""
    batches = [one for one in ledger.batches(tx, run.id) if one.error_code == CODE]
    if run.step not in WRITE_STEPS or not batches:
        return None
    counted = story.tallied(tx, [one.id for one in batches])
    code = planned_as(run)
    parts = [Part(one, counted.get((one.id, code), 0)) for one in batches]
    return Refused(
        run=run,
        parts=[one for one in parts if one.records],
        words=list(dict.fromkeys(one.error for one in batches if one.error)),
        not_open=ledger.not_open(tx, run, ledger.runs(tx, run.step, limit=1)[0].mapping_hash),
        approvals=about(tx, DecisionKind.APPROVE, run),
        instead=ledger.superseded_by(tx, run),
        newer=_newer(tx, run),
    )


def ensure_open(tx: Connection, run: Run) -> None:
    """:raises ConfigError: the run has no plan that could be approved now"""
    found = refused(tx, run)
    if found is None or found.state != "open":
        why = _why(found) if found else ledger.never_open(run)
        raise ConfigError(f"The plan of {run.id} cannot be approved: {why}.")


def _why(one: Refused) -> str | None:
    if one.state == "approved" and one.approval:
        return f"{one.approval.made_by} has approved it already, and the next run of {one.run.step} applies it"
    return _NOT_OPEN.get(one.state, one.not_open)


def planned_as(run: Run) -> str:
    """The code of the changes that were planned and not sent."""
    return "dry_run" if run.params.get("dry_run") else CODE


def about(tx: Connection, kind: DecisionKind, run: Run) -> list[Decision]:
    """Decisions of this kind about the run, newest first."""
    return [one for one in decisions.history(tx, kind=kind, run_id=run.id) if one.run_id == run.id]


def _newer(tx: Connection, run: Run) -> Run | None:
    newest = next(iter(ledger.waiting_plans(tx, run.step)), None)
    return newest if newest and newest.opened_at > run.opened_at else None
