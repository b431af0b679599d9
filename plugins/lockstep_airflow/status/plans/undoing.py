"""Undoing a run: what it has written, and what a dry run of the undo listed."""

from dataclasses import dataclass

from sqlalchemy import Connection

from lockstep.decisions import WRITE_STEPS, Decision, DecisionKind
from lockstep.errors import ConfigError
from lockstep.model import HUBSPOT, SALESFORCE, Batch, BatchStatus, RunState, Step
from lockstep.store import ledger
from lockstep.store.ledger import Run, story
from lockstep_airflow.status.plans.refused import CODE, Part, about

#: the DAG that undoes, dry first
UNDO_DAG = Step.UNDO_RUN.value

_WRITTEN = ("new", "updated", "deleted")
#: state of the run that took a decision up -> what became of it; else it is undone
_ENDED = {RunState.OPEN: "running", RunState.REFUSED: "refused"}


@dataclass(frozen=True, slots=True)
class Undone:
    """A person's decision to undo a run. `state`: waiting (no run has taken it up) | running | undone | refused (by a guard)."""

    decision: Decision
    state: str


@dataclass(frozen=True, slots=True)
class Undoable:
    """A run that has ended and has written records to Salesforce or HubSpot. `undone`: decisions to undo it, newest first."""

    run: Run
    parts: list[Part]
    undone: list[Undone]

    @property
    def records(self) -> int:
        return sum(one.records for one in self.parts)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A dry run of an undo. `parts`: what would be put back; `stays`: code -> changes that would stay, and why; `words`: of the guards
    that would refuse it; `whole`: everything was looked at; `undone`: decisions made since."""

    run: Run
    of: Run
    parts: list[Part]
    stays: dict[str, int]
    words: list[str]
    whole: bool
    undone: list[Undone]

    @property
    def records(self) -> int:
        return sum(one.records for one in self.parts)

    @property
    def state(self) -> str:
        """running | broken | open | nothing (is left to undo) | done (since)."""
        if self.run.state is RunState.OPEN:
            return "running"
        if not self.whole:
            return "broken"
        if any(one.state != "waiting" for one in self.undone):
            return "done"
        return "open" if self.parts else "nothing"

    @property
    def options(self) -> dict[str, str]:
        """What it was told to do about records that the run created, or deleted."""
        return {name: str(self.run.params.get(name) or "keep") for name in ("creates", "deletes")}


def undoable(tx: Connection, run: Run) -> Undoable | None:
    """None: the run wrote nothing, or has not ended."""
    if run.step not in WRITE_STEPS or run.state is RunState.OPEN:
        return None
    batches = [one for one in ledger.batches(tx, run.id) if one.system in (SALESFORCE, HUBSPOT)]
    parts = [Part(one, written) for one in batches if (written := sum(one.counts[name] for name in _WRITTEN))]
    return Undoable(run, parts, _undone(tx, run)) if parts else None


def ensure_undoable(tx: Connection, run: Run) -> None:
    """:raises ConfigError: there is nothing to undo"""
    if undoable(tx, run) is None:
        raise ConfigError(f"The run {run.id} cannot be undone: it has not ended, or it wrote no records.")


def rehearsal(tx: Connection, run: Run) -> Rehearsal | None:
    """None: the run is no dry run of an undo."""
    if run.step is not Step.UNDO_RUN or not run.params.get("dry_run"):
        return None
    of = ledger.named(tx, [str(run.params.get("run"))])
    if not of:
        return None
    batches = ledger.batches(tx, run.id)
    counted = story.tallied(tx, [one.id for one in batches])
    stays: dict[str, int] = {}
    for (_, code), number in counted.items():
        if code and code != "dry_run":
            stays[code] = stays.get(code, 0) + number
    parts = [Part(one, counted.get((one.id, "dry_run"), 0)) for one in batches]
    return Rehearsal(
        run=run,
        of=of[0],
        parts=[one for one in parts if one.records],
        stays=stays,
        words=list(dict.fromkeys(one.error for one in batches if one.error_code == CODE and one.error)),
        whole=bool(batches) and not any(_broken(one) for one in batches),
        undone=[one for one in _undone(tx, of[0]) if one.decision.made_at > run.opened_at],
    )


def _broken(batch: Batch) -> bool:
    """The batches of a plan are closed when all is planned; one that failed by itself was left behind by a task that ended early."""
    ended = batch.status not in (BatchStatus.FAILED, BatchStatus.IN_PROCESS)
    return not (ended or batch.error_code == CODE or ledger.superseded(batch))


def _undone(tx: Connection, run: Run) -> list[Undone]:
    found = about(tx, DecisionKind.UNDO, run)
    states = {one.id: one.state for one in ledger.named(tx, [one.used_run_id or "" for one in found])}
    return [Undone(one, _state(one, states)) for one in found]


def _state(one: Decision, states: dict[str, RunState]) -> str:
    if one.used_at is None:
        return "waiting"
    return _ENDED.get(states.get(one.used_run_id or "", RunState.SEALED), "undone")
