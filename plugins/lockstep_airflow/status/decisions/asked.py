"""The body of a request to decide, and the decisions that it means."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection

from lockstep.decisions import Decision, DecisionKind
from lockstep.errors import ConfigError
from lockstep.model import Step
from lockstep.store import ledger
from lockstep.store.ledger import ErrorFilter, ErrorRow, Run
from lockstep_airflow.status.params import RowId
from lockstep_airflow.status.plans.refused import ensure_open
from lockstep_airflow.status.plans.undoing import UNDO_DAG, ensure_undoable

#: decisions of one request: a run's conf names them all
MOST = 2000

#: the steps that a decision starts: about records, about objects, and about a system, which it asks again; what is decided about a
#: run as a whole has its own
RECORDS_DAG = OBJECTS_DAG = "push_updates"
CONTROLS_DAG = "sync_schema"

Text = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00]+$")]
SystemName = Literal["salesforce", "hubspot", "google_ads"]


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    note: str = Field(default="", max_length=1000)


class Resync(Asked):
    """Records to be planned again: those of single errors, or of the open errors of a cause, told since a time and before another."""

    kind: Literal["resync"]
    errors: list[RowId] = Field(default=[], max_length=MOST)
    cause: RowId | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    pairs: list[Text] = Field(default=[], max_length=MOST)


class Choose(Asked):
    """A held pair: which value a field takes, or what becomes of a held deletion (`field` None)."""

    kind: Literal["choose"]
    pair: Text
    field: Text | None = None
    choice: Literal["salesforce", "hubspot", "value", "delete", "recreate", "keep"]
    value: str | None = Field(default=None, max_length=130_000)


class Match(Asked):
    """A held record: who its partner is."""

    kind: Literal["match"]
    system: Text
    object: Text
    record: Text
    choice: Literal["candidate", "create"]
    candidate: Text | None = None


class Allocate(Asked):
    """API calls per 24 hours for a system (HS-01)."""

    kind: Literal["allocation"]
    system: SystemName
    calls: int = Field(ge=0, le=10**9)


class ClearSuspension(Asked):
    """A system that refused us is called again (HS-03)."""

    kind: Literal["clear_suspension"]
    system: SystemName


class Switch(Asked):
    """Nothing is written of an object, or it is written again."""

    kind: Literal["pause", "resume"]
    object: Text


class Approve(Asked):
    """A plan that a guard refused is applied as it was shown."""

    kind: Literal["approve"]
    run: Text


class Undo(Asked):
    """What a run has written is put back; `creates`, `deletes`: what becomes of records that it created or deleted."""

    kind: Literal["undo"]
    run: Text
    creates: Literal["keep", "delete"] = "keep"
    deletes: Literal["keep", "recreate"] = "keep"


Controls = Allocate | ClearSuspension
OfRuns = Approve | Undo


class Body(BaseModel):
    """What a request may ask for; everything in it is recorded, or nothing."""

    model_config = ConfigDict(extra="forbid")
    decisions: list[
        Annotated[
            Resync | Choose | Match | Allocate | ClearSuspension | Switch | Approve | Undo, Field(discriminator="kind")
        ]
    ] = Field(min_length=1, max_length=50)

    @property
    def types_values(self) -> bool:
        return any(isinstance(one, Choose) and one.choice == "value" for one in self.decisions)

    @model_validator(mode="after")
    def _alone(self) -> "Body":
        if len(self.decisions) > 1 and any(isinstance(one, OfRuns) for one in self.decisions):
            raise ValueError("A decision about a run is sent alone: it starts a run of its own.")
        return self


def starts(tx: Connection, body: Body) -> tuple[list[str], dict[str, Any]]:
    """The DAGs that obey the decisions, and what their conf tells besides them.

    :raises ConfigError: there is no such run
    """
    one = body.decisions[0]
    if isinstance(one, Undo):
        return [UNDO_DAG], {"creates": one.creates, "deletes": one.deletes, "dry_run": False}
    if isinstance(one, Approve):
        step = _run(tx, one.run).step
        # undo_run looks only, unless told otherwise
        return [step.value], {"dry_run": False} if step is Step.UNDO_RUN else {}
    return sorted({CONTROLS_DAG if isinstance(one, Controls) else RECORDS_DAG for one in body.decisions}), {}


def _run(tx: Connection, run_id: str) -> Run:
    found = ledger.named(tx, [run_id])
    if not found:
        raise ConfigError(f"There is no run {run_id}.")
    return found[0]


def meant(tx: Connection, body: Body, user: str, now: datetime) -> list[Decision]:
    """The decisions, not yet recorded; each pair and record is planned again once."""
    found = {_key(one): one for asked in body.decisions for one in _of(tx, asked, user, now)}
    return list(found.values())


def _key(one: Decision) -> tuple[Any, ...]:
    return one.kind, one.pair_id, one.run_id, one.system, one.object, one.record_id, one.field


def _of(tx: Connection, asked: Any, user: str, now: datetime) -> Iterator[Decision]:
    signed: dict[str, Any] = {"made_by": user, "made_at": now, "note": asked.note or None}
    match asked:
        case Resync():
            yield from (Decision(DecisionKind.RESYNC, pair_id=one, **signed) for one in asked.pairs)
            yield from (_resync(one, signed) for one in _errors(tx, asked))
        case Choose():
            value = (asked.value or None) if asked.choice == "value" else None
            told = {"pair_id": asked.pair, "field": asked.field, "choice": asked.choice, "value": value}
            yield Decision(DecisionKind.CHOOSE, **told, **signed)
        case Match():
            record = {"system": asked.system, "object": asked.object, "record_id": asked.record}
            yield Decision(DecisionKind.MATCH, **record, choice=asked.choice, value=asked.candidate, **signed)
        case Allocate():
            yield Decision(DecisionKind.ALLOCATION, system=asked.system, value=str(asked.calls), **signed)
        case ClearSuspension():
            yield Decision(DecisionKind.CLEAR_SUSPENSION, system=asked.system, **signed)
        case Switch():
            yield Decision(DecisionKind(asked.kind), object=asked.object, **signed)
        case Approve():
            ensure_open(tx, _run(tx, asked.run))
            yield Decision(DecisionKind.APPROVE, run_id=asked.run, **signed)
        case Undo():
            ensure_undoable(tx, _run(tx, asked.run))
            yield Decision(DecisionKind.UNDO, run_id=asked.run, **signed)


def _errors(tx: Connection, asked: Resync) -> Iterator[ErrorRow]:
    if asked.errors:
        yield from (one for one in ledger.errors(tx, ErrorFilter(ids=asked.errors)) if one.change_id)
    if asked.cause:
        told = {"date_from": asked.since, "date_to": asked.until}
        open_ones = ErrorFilter(cause_id=asked.cause, standing=True, latest=True, job=False, **told)
        yield from ledger.errors(tx, open_ones, MOST)


def _resync(one: ErrorRow, signed: dict[str, Any]) -> Decision:
    if one.pair_id:
        return Decision(DecisionKind.RESYNC, pair_id=one.pair_id, **signed)
    if one.sf_id or one.hs_id:
        system, name, record_id = (
            ("salesforce", one.sf_object, one.sf_id) if one.sf_id else ("hubspot", one.hs_object, one.hs_id)
        )
        return Decision(DecisionKind.RESYNC, system=system, object=name, record_id=record_id, **signed)
    return Decision(DecisionKind.RESYNC, choice="change", value=str(one.change_id), **signed)
