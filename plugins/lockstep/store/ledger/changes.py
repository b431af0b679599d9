"""Changes: plan and ledger in one table. Inserted without an outcome, which is filled once (DESIGN §4)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, func, or_, select, update
from sqlalchemy import insert as insert_into

from lockstep.errors import LedgerError
from lockstep.model import Action, BatchStatus, Change, OutcomeKind, RunState, fields_failed
from lockstep.store import tables as t
from lockstep.store.dialects import among
from lockstep.store.ledger.causes import note_changes

#: change id, outcome, our code, detail, the record's id if it was not known before
Outcome = tuple[int, OutcomeKind, str | None, Mapping[str, Any] | None, str | None]

_PLAIN = (
    "batch_id", "pair_id", "retry_of", "system", "object", "record_id",
    "before", "after", "source", "why", "lost", "sent_at", "code", "detail", "attempts",
)  # fmt: skip


def insert_changes(tx: Connection, rows: Sequence[Change]) -> list[int]:
    """Insert changes; their `id` is not read. Returns the new ids in the order of the rows."""
    if not rows:
        return []
    now = datetime.now(UTC)
    statement = insert_into(t.change).returning(t.change.c.id, sort_by_parameter_order=True)
    ids = list(tx.execute(statement, [_encoded(row, now) for row in rows]).scalars())
    note_changes(tx, [replace(row, id=one) for one, row in zip(ids, rows, strict=True) if row.outcome])
    return ids


def _encoded(row: Change, now: datetime) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _PLAIN} | {
        "action": row.action.value,
        "outcome": row.outcome.value if row.outcome else None,
        "planned_at": now,
        "done_at": now if row.outcome else None,
        "fields_failed": fields_failed(row.outcome, row.detail),
    }


def changes(
    tx: Connection, batch_id: int, undone_only: bool = False, after_id: int = 0, limit: int | None = None
) -> list[Change]:
    """The batch's changes by id, from the one after `after_id`; `undone_only`: those without an outcome."""
    c = t.change.c
    query = select(t.change).where(c.batch_id == batch_id, c.id > after_id).order_by(c.id).limit(limit)
    if undone_only:
        query = query.where(c.outcome.is_(None))
    return _decoded(tx.execute(query).mappings())


def undone(tx: Connection, entity: str, besides: str | None = None) -> list[Change]:
    """Changes of the entity that were left without an outcome, by id.

    Those of runs that are closed and of batches that have ended. `besides` is a run's id: those of all other runs, too,
    open or not. Only for the run that holds the entity's lease: then nobody else can be at work on them.
    """
    c, b, r = t.change.c, t.batch.c, t.run.c
    left: ColumnElement[bool] = or_(r.state != RunState.OPEN.value, b.status != BatchStatus.IN_PROCESS.value)
    if besides is not None:
        left = or_(left, r.id != besides)
    query = select(t.change).join(t.batch, b.id == c.batch_id).join(t.run, r.id == b.run_id)
    found = tx.execute(query.where(b.entity == entity, c.outcome.is_(None), left).order_by(c.id))
    return _decoded(found.mappings())


def _decoded(rows: Iterable[RowMapping]) -> list[Change]:
    return [
        Change(
            **{name: row[name] for name in _PLAIN},
            id=row["id"],
            action=Action(row["action"]),
            outcome=OutcomeKind(row["outcome"]) if row["outcome"] else None,
        )
        for row in rows
    ]


def mark_sent(tx: Connection, ids: Collection[int], at: datetime) -> None:
    """Commit the intent: these changes are about to be sent."""
    if ids:
        tx.execute(update(t.change).where(among(tx, t.change.c.id, ids)).values(sent_at=at))


def sent(tx: Connection, batch_id: int) -> int:
    """How many of the batch's changes were sent."""
    c = t.change.c
    return tx.execute(
        select(func.count()).select_from(t.change).where(c.batch_id == batch_id, c.sent_at.is_not(None))
    ).scalar_one()


def count_attempt(tx: Connection, change_id: int) -> None:
    c = t.change.c
    tx.execute(update(t.change).where(c.id == change_id).values(attempts=c.attempts + 1))


def set_outcomes(tx: Connection, outcomes: Sequence[Outcome]) -> None:
    """Fill in outcomes. What was known of a change when it was planned stays in its detail.

    :raises LedgerError: a change has an outcome already, or does not exist
    """
    if not outcomes:
        return
    c = t.change.c
    query = select(c.id, c.outcome, c.detail).where(among(tx, c.id, [change_id for change_id, *_ in outcomes]))
    known = {row.id: row for row in tx.execute(query)}
    wrong = [change_id for change_id, *_ in outcomes if change_id not in known or known[change_id].outcome]
    if wrong or len(known) != len(outcomes):
        raise LedgerError(f"Changes {wrong or sorted(known)} cannot get an outcome: unknown, or they have one already.")
    now = datetime.now(UTC)
    rows = [_filled(one, known[one[0]].detail, now) for one in outcomes]
    statement = update(t.change).where(c.id == bindparam("of"))
    tx.execute(statement.values(record_id=func.coalesce(bindparam("known_id"), c.record_id)), rows)
    unwell = [row["of"] for row in rows if row["code"] or row["fields_failed"]]
    if unwell:
        note_changes(tx, _decoded(tx.execute(select(t.change).where(among(tx, c.id, unwell))).mappings()))


def _filled(one: Outcome, planned: Mapping[str, Any] | None, now: datetime) -> dict[str, Any]:
    change_id, outcome, code, detail, record_id = one
    both = _joined(planned, detail)
    return {
        "of": change_id,
        "known_id": record_id,
        "outcome": OutcomeKind(outcome).value,
        "code": code,
        "detail": both,
        "done_at": now,
        "fields_failed": fields_failed(OutcomeKind(outcome), both),
    }


def _joined(planned: Mapping[str, Any] | None, detail: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not planned or not detail:
        return dict(detail or planned or {}) or None
    fields = [*planned.get("fields", ()), *detail.get("fields", ())]
    return {**planned, **detail, **({"fields": fields} if fields else {})}


def failures_in_a_row(tx: Connection, pair_id: str, at_most: int = 50) -> int:
    """How often the pair's changes were rejected since one was done; deferred ones do not count either way."""
    c = t.change.c
    telling = c.outcome.is_not(None) & (c.outcome != OutcomeKind.DEFERRED.value)
    query = select(c.outcome).where(c.pair_id == pair_id, telling).order_by(c.id.desc()).limit(at_most)
    return sum(1 for _ in takewhile(lambda outcome: outcome == OutcomeKind.FAILED, tx.execute(query).scalars()))
