"""What became of single records: changes by id, how many a batch has, and every change of one pair."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, Connection, func, select

from lockstep.model import Batch, Change
from lockstep.store import tables as t
from lockstep.store.dialects import among
from lockstep.store.ledger.batches import decoded
from lockstep.store.ledger.causes import record_subject
from lockstep.store.ledger.changes import _decoded as change_rows


def changes_of(tx: Connection, ids: Collection[int]) -> dict[int, Change]:
    """id -> change; unknown ids are absent."""
    found = change_rows(tx.execute(select(t.change).where(among(tx, t.change.c.id, ids))).mappings()) if ids else []
    return {one.id: one for one in found}


def planned(tx: Connection, batch_ids: Collection[int]) -> dict[int, int]:
    """batch id -> changes that it has to do, done or not; batches without changes (pulls) are absent."""
    c = t.change.c
    query = select(c.batch_id, func.count()).where(among(tx, c.batch_id, batch_ids)).group_by(c.batch_id)
    return {row[0]: row[1] for row in tx.execute(query)} if batch_ids else {}


def tallied(tx: Connection, batch_ids: Collection[int]) -> dict[tuple[int, str | None], int]:
    """(batch id, code) -> changes that ended with that code."""
    c = t.change.c
    query = (
        select(c.batch_id, c.code, func.count()).where(among(tx, c.batch_id, batch_ids)).group_by(c.batch_id, c.code)
    )
    return {(row[0], row[1]): row[2] for row in tx.execute(query)} if batch_ids else {}


def story(
    tx: Connection, pair_id: str | None, records: Collection[tuple[str, str, str]], before: int | None, limit: int
) -> list[tuple[Change, Batch]]:
    """Every change of a pair, and of records (system, object, id) before they had one, newest first, with its batch."""
    c = t.change.c
    own = [c.pair_id == pair_id] if pair_id else []
    own += [
        (c.system == system) & (c.object == name) & (c.record_id == record_id) for system, name, record_id in records
    ]
    subjects = [record_subject(*record) for record in records]
    held = select(t.error.c.change_id).where(t.error.c.subject.in_(subjects), t.error.c.change_id.is_not(None))
    ids = sorted({one for where in own for one in _ids(tx, where, before, limit)} | set(tx.execute(held).scalars()))
    wanted = [one for one in ids if before is None or one < before][-limit:]
    found = changes_of(tx, wanted)
    batches = _batches(tx, {one.batch_id for one in found.values()})
    return [(found[one], batches[found[one].batch_id]) for one in reversed(wanted)]


def _batches(tx: Connection, ids: Collection[int]) -> dict[int, Batch]:
    found = tx.execute(select(t.batch).where(among(tx, t.batch.c.id, ids))).mappings() if ids else ()
    return {row["id"]: decoded(row) for row in found}


def _ids(tx: Connection, where: ColumnElement[bool], before: int | None, limit: int) -> Iterable[int]:
    query = select(t.change.c.id).where(where).order_by(t.change.c.id.desc()).limit(limit)
    return tx.execute(query if before is None else query.where(t.change.c.id < before)).scalars()
