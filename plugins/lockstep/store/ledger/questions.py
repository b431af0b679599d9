"""Small questions about the ledger and what is due, answered from indexes."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, func, select

from lockstep.model import BatchStatus, Change, Operation, OutcomeKind, Pair, PairState, Step
from lockstep.store import tables as t
from lockstep.store.dialects import among
from lockstep.store.ledger.changes import _decoded as change_rows
from lockstep.store.pairs.rows import decoded


def latest_status(tx: Connection, operation: Operation, system: str, object: str) -> BatchStatus | None:
    """How the last batch of this kind that has ended went; None if there was none."""
    c = t.batch.c
    where = (c.operation == operation.value) & (c.system == system) & (c.object == object)
    query = (
        select(c.status)
        .where(where, c.status != BatchStatus.IN_PROCESS.value)
        .order_by(c.started_at.desc(), c.id.desc())
        .limit(1)
    )
    found = tx.execute(query).scalar()
    return BatchStatus(found) if found else None


def change(tx: Connection, change_id: int) -> Change:
    """:raises KeyError: there is no such change"""
    found = change_rows(tx.execute(select(t.change).where(t.change.c.id == change_id)).mappings())
    if not found:
        raise KeyError(change_id)
    return found[0]


def undone_count(tx: Connection, batch_id: int) -> int:
    """How many of the batch's changes have no outcome yet."""
    c = t.change.c
    return tx.execute(
        select(func.count()).select_from(t.change).where(c.batch_id == batch_id, c.outcome.is_(None))
    ).scalar_one()


def due_count(tx: Connection, entity: str, objects: Sequence[str]) -> int:
    """How many records and pairs of a mapping wait to be planned."""
    m, p = t.mirror.c, t.pair.c
    rows = select(func.count()).select_from(t.mirror).where(m.object.in_(objects), m.due_seq.is_not(None))
    paired = select(func.count()).select_from(t.pair).where(p.entity == entity, p.due_seq.is_not(None))
    return tx.execute(rows).scalar_one() + tx.execute(paired).scalar_one()


def unconfirmed(tx: Connection, entity: str) -> list[Pair]:
    """Pairs of which an answer was lost; `reason` names the change as `change:<id>`."""
    c = t.pair.c
    query = select(t.pair).where(c.entity == entity, c.state == PairState.UNCONFIRMED.value).order_by(c.id)
    return decoded(tx, tx.execute(query).mappings())


def undone_by(tx: Connection, change_ids: Collection[int]) -> dict[int, int]:
    """change id -> the change that undid it, for those that were undone."""
    c, b, r = t.change.c, t.batch.c, t.run.c
    done = c.outcome.in_([kind.value for kind in (OutcomeKind.NEW, OutcomeKind.UPDATED, OutcomeKind.DELETED)])
    query = select(c.retry_of, c.id).join(t.batch, b.id == c.batch_id).join(t.run, r.id == b.run_id)
    found = tx.execute(query.where(among(tx, c.retry_of, change_ids), r.step == Step.UNDO_RUN.value, done))
    return {row.retry_of: row.id for row in found}
