"""Refused plans that wait for a person's word."""

from sqlalchemy import Connection, func, select

from lockstep.decisions import DecisionKind
from lockstep.model import RunState
from lockstep.store import tables as t
from lockstep.store.ledger.runs import Run, runs


def superseded_by_approval(tx: Connection, refused: Run) -> bool:
    """True if a plan of the same step was approved and applied after this one was refused."""
    d, r = t.decision.c, t.run.c
    query = (
        select(func.count())
        .select_from(t.decision.join(t.run, r.id == d.run_id))
        .where(d.kind == DecisionKind.APPROVE.value, d.result.startswith("applied"), r.step == refused.step.value)
        .where(d.used_at > (refused.closed_at or refused.opened_at))
    )
    return bool(tx.execute(query).scalar_one())


def waiting_plans(tx: Connection, limit: int = 50) -> list[Run]:
    """Refused runs whose plan can still be approved, newest first, among the latest `limit` runs."""
    return [
        one for one in runs(tx, limit=limit) if one.state is RunState.REFUSED and not superseded_by_approval(tx, one)
    ]
