"""Batches: one ledger row for at most 10,000 items of one object, operation and system (MK-05, MK-06)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, select, update
from sqlalchemy import insert as insert_into

from lockstep.errors import LedgerError
from lockstep.model import COUNTERS, Batch, BatchStatus, Operation, Window
from lockstep.store import tables as t
from lockstep.store.ledger import days
from lockstep.store.ledger.causes import note_batch

#: what the items of a balanced batch became (DESIGN §3)
OUTCOMES = ("new", "updated", "deleted", "skipped", "failed", "deferred", "held")

_NOT_FINISHED = {
    "status": BatchStatus.FAILED.value,
    "error_code": "not_finished",
    "error": "The task ended before its batch was done; the run read on in another batch.",
}

#: key in a batch's `task`
SUPERSEDED = "superseded"

#: a closed batch with any of these is incomplete
_UNFINISHED = ("failed", "deferred", "held", "fields_failed")


def open_batch(
    tx: Connection,
    run_id: str,
    system: str,
    object: str,
    operation: Operation,
    window: Window | None = None,
    entity: str | None = None,
    task: Mapping[str, Any] | None = None,
) -> int:
    """Start a batch. Returns its id."""
    values = {
        "run_id": run_id,
        "entity": entity,
        "system": system,
        "object": object,
        "operation": Operation(operation).value,
        "status": BatchStatus.IN_PROCESS.value,
        "started_at": datetime.now(UTC),
        "window_from": window.start if window else None,
        "window_to": window.end if window else None,
        "task": dict(task) if task is not None else None,
    }
    batch_id: int = tx.execute(insert_into(t.batch).values(values).returning(t.batch.c.id)).scalar_one()
    return batch_id


def add_counts(tx: Connection, batch_id: int, **deltas: int) -> None:
    """Add to the batch's counters, in the transaction of what is counted.

    :raises KeyError: there is no such counter
    """
    unknown = deltas.keys() - set(COUNTERS)
    if unknown:
        raise KeyError(f"a batch has no counter {', '.join(sorted(unknown))}")
    changed = {name: t.batch.c[name] + delta for name, delta in deltas.items() if delta}
    if changed:
        tx.execute(update(t.batch).where(t.batch.c.id == batch_id).values(changed))


def note(tx: Connection, batch_id: int, **facts: Any) -> None:
    """Add to what is known of the batch's work (JSON values)."""
    known = batch(tx, batch_id).task or {}
    tx.execute(update(t.batch).where(t.batch.c.id == batch_id).values(task={**known, **facts}))


def reopen_batch(tx: Connection, batch_id: int) -> None:
    """A retry goes on with the batch; its counts stay."""
    fresh = {"status": BatchStatus.IN_PROCESS.value, "ended_at": None, "error_code": None, "error": None}
    again = update(t.batch).where(t.batch.c.id == batch_id).values(fresh).returning(t.batch.c.started_at)
    for started_at in tx.execute(again).scalars().all():
        days.forget(tx, started_at)


def close_batch(
    tx: Connection,
    batch_id: int,
    status: BatchStatus | None = None,
    error_code: str | None = None,
    error: str | None = None,
) -> Batch:
    """End the batch. Status None: succeeded, or incomplete if any item or field was not done.

    A batch whose counts do not add up is marked failed with code `ledger_unbalanced`. It is not raised here, since that
    would roll the mark back: see `ensure_balanced`.
    """
    found = batch(tx, batch_id)
    if status is None:
        unfinished = any(found.counts[name] for name in _UNFINISHED)
        status = BatchStatus.INCOMPLETE if unfinished else BatchStatus.SUCCEEDED
    trouble = _imbalance(found)
    if trouble and status is not BatchStatus.FAILED:
        status, error_code, error = BatchStatus.FAILED, LedgerError.code, trouble
    ended = {"status": status.value, "ended_at": datetime.now(UTC), "error_code": error_code, "error": error}
    tx.execute(update(t.batch).where(t.batch.c.id == batch_id).values(ended))
    closed = batch(tx, batch_id)
    note_batch(tx, closed)
    return closed


def ensure_balanced(batch: Batch) -> None:
    """:raises LedgerError: the batch was closed as unbalanced. Call it after the transaction."""
    if batch.error_code == LedgerError.code:
        raise LedgerError(f"Batch {batch.id}: {batch.error}", hint="Please report this with the batch's row.")


def _imbalance(batch: Batch) -> str | None:
    total = sum(batch.counts[name] for name in OUTCOMES)
    if batch.counts["read"] == total:
        return None
    parts = " + ".join(f"{batch.counts[name]} {name}" for name in OUTCOMES)
    return f"read {batch.counts['read']} is not {parts} = {total}"


def batch(tx: Connection, batch_id: int) -> Batch:
    """:raises KeyError: there is no such batch"""
    found = tx.execute(select(t.batch).where(t.batch.c.id == batch_id)).mappings().first()
    if found is None:
        raise KeyError(batch_id)
    return decoded(found)


def batches(tx: Connection, run_id: str) -> list[Batch]:
    """The run's batches in the order in which they were opened."""
    query = select(t.batch).where(t.batch.c.run_id == run_id).order_by(t.batch.c.id)
    return [decoded(row) for row in tx.execute(query).mappings()]


def clean_up(tx: Connection, run_id: str, **only: str) -> list[Batch]:
    """Batches (`only` those of one system, object or operation) of which nothing was committed and nothing sent when their task ended become `cleaned_up`.

    Call it when none of the run's tasks is at work on them: before its first. Since the work is done over, a read that was
    left in its middle has failed, and all batches that ended badly are `superseded`: they stay in the ledger as they are,
    and no longer judge the run.
    """
    c = t.batch.c
    idle: ColumnElement[bool] = and_(*(c[name] == 0 for name in COUNTERS if name != "api_calls"))
    planned = exists().where(t.change.c.batch_id == c.id)
    where = and_(c.run_id == run_id, c.status == BatchStatus.IN_PROCESS.value, ~planned)
    where = and_(where, *(c[name] == value for name, value in only.items()))
    ended = {"status": BatchStatus.CLEANED_UP.value, "ended_at": datetime.now(UTC)}
    ids = sorted(tx.execute(update(t.batch).where(where, idle).values(ended).returning(c.id)).scalars())
    left = tx.execute(update(t.batch).where(where).values(ended | _NOT_FINISHED).returning(c.id)).scalars().all()
    for batch_id in left:
        note_batch(tx, batch(tx, batch_id))
    ours = (one for one in batches(tx, run_id) if all(getattr(one, name) == value for name, value in only.items()))
    bad = [one for one in ours if _ended_badly(one)]
    for one in bad:
        tx.execute(update(t.batch).where(c.id == one.id).values(task={**(one.task or {}), SUPERSEDED: True}))
    return [batch(tx, batch_id) for batch_id in ids]


def _ended_badly(batch: Batch) -> bool:
    return batch.status in (BatchStatus.FAILED, BatchStatus.CLEANED_UP) or batch.error_code is not None


def superseded(batch: Batch) -> bool:
    """True if its work was done over in the same run: what went wrong then is history."""
    return bool((batch.task or {}).get(SUPERSEDED))


def decoded(row: RowMapping) -> Batch:
    same = (
        "id", "run_id", "system", "object", "started_at", "ended_at",
        "window_from", "window_to", "error_code", "error", "entity", "task",
    )  # fmt: skip
    return Batch(
        **{name: row[name] for name in same},
        operation=Operation(row["operation"]),
        status=BatchStatus(row["status"]),
        counts={name: row[name] for name in COUNTERS},
    )
