"""Refused plans that wait for a person's word."""

from enum import StrEnum

from sqlalchemy import Connection, select

from lockstep.decisions import WRITE_STEPS, DecisionKind
from lockstep.model import RunState, Step
from lockstep.store import tables as t
from lockstep.store.ledger.runs import Run, runs

#: how the result of an approval begins that was obeyed
APPLIED = "applied"


class NotOpen(StrEnum):
    """Why the plan of a run cannot be approved, in words."""

    NOT_REFUSED = "the run was not refused"
    NO_PLAN = "the run only reads, and made no plan"
    DRY_RUN = "the run was a dry run, which keeps no plan"
    SUPERSEDED = "another plan was approved"
    EDITED = "the mappings were edited since the plan was made"


def never_open(run: Run) -> NotOpen | None:
    """Why no plan of this run can ever be approved; None: it has been refused, and waits or has waited."""
    if run.state is not RunState.REFUSED:
        return NotOpen.NOT_REFUSED
    if run.step not in WRITE_STEPS:
        return NotOpen.NO_PLAN
    return NotOpen.DRY_RUN if run.params.get("dry_run") else None


def not_open(tx: Connection, run: Run, mapping_hash: str) -> NotOpen | None:
    """Why the run's plan cannot be approved now; None: it can. `mapping_hash`: of the mappings as they are."""
    if never := never_open(run):
        return never
    if superseded_by(tx, run):
        return NotOpen.SUPERSEDED
    return NotOpen.EDITED if run.mapping_hash != mapping_hash else None


def superseded_by(tx: Connection, refused: Run) -> str | None:
    """The run whose plan of the same step was approved and applied after this one was refused; it may be this one itself."""
    d, r = t.decision.c, t.run.c
    query = (
        select(d.run_id)
        .join(t.run, r.id == d.run_id)
        .where(d.kind == DecisionKind.APPROVE.value, d.result.startswith(APPLIED), r.step == refused.step.value)
        .where(d.used_at > (refused.closed_at or refused.opened_at))
        .order_by(d.id)
        .limit(1)
    )
    return tx.execute(query).scalar()


def waiting_plans(tx: Connection, step: Step | None = None, limit: int = 50) -> list[Run]:
    """Refused runs (of one step) whose plan no approval has superseded, newest first, among the latest `limit` runs."""
    return [one for one in runs(tx, step, limit) if never_open(one) is None and not superseded_by(tx, one)]
