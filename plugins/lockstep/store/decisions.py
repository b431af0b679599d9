"""What people decided (see `lockstep.decisions`): recorded once, never altered, marked by the run that used it."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy import insert as insert_into

from lockstep.decisions import Decision, DecisionKind, ensure_complete
from lockstep.store import tables as t
from lockstep.store.dialects import among

_COLUMNS = tuple(column.name for column in t.decision.c)


def record(tx: Connection, decision: Decision) -> int:
    """Keep a decision. Returns its id.

    :raises ConfigError: it lacks what its kind needs
    """
    ensure_complete(decision)
    values = {name: getattr(decision, name) for name in _COLUMNS if name != "id"}
    made = {"kind": decision.kind.value, "used_run_id": None, "used_at": None, "result": None}
    decision_id: int = tx.execute(insert_into(t.decision).values(values | made).returning(t.decision.c.id)).scalar_one()
    return decision_id


def get(tx: Connection, ids: Collection[int]) -> list[Decision]:
    """By id, in order; used ones too.

    :raises KeyError: there is no decision of one of the ids
    """
    found = [_decision(row) for row in tx.execute(select(t.decision).where(among(tx, t.decision.c.id, ids)))]
    missing = sorted(set(ids) - {one.id for one in found})
    if missing:
        raise KeyError(f"there is no decision {', '.join(map(str, missing))}")
    return sorted(found, key=lambda one: one.id)


def open(tx: Connection, *kinds: DecisionKind) -> list[Decision]:
    """Decisions (of these kinds) that no run has used yet, oldest first."""
    query = select(t.decision).where(t.decision.c.used_at.is_(None)).order_by(t.decision.c.id)
    if kinds:
        query = query.where(t.decision.c.kind.in_([kind.value for kind in kinds]))
    return [_decision(row) for row in tx.execute(query)]


def about_records(tx: Connection, field: str, records: Collection[tuple[str, str, str]]) -> frozenset[str]:
    """Ids of those of the records (system, object, id) about whose field something was decided, used or not."""
    c = t.decision.c
    ids = {record_id for *_, record_id in records}
    query = select(c.system, c.object, c.record_id).where(c.field == field, among(tx, c.record_id, ids))
    return frozenset(row.record_id for row in tx.execute(query) if tuple(row) in set(records)) if ids else frozenset()


def use(tx: Connection, ids: Collection[int], run_id: str, result: str | None = None) -> list[int]:
    """Mark decisions as used by a run, with what came of them. Returns those that no run had used before."""
    if not ids:
        return []
    c = t.decision.c
    used = {"used_run_id": run_id, "used_at": datetime.now(UTC), "result": result}
    where = (among(tx, c.id, ids), c.used_at.is_(None))
    return sorted(tx.execute(update(t.decision).where(*where).values(used).returning(c.id)).scalars())


def in_force(tx: Connection, *kinds: DecisionKind) -> list[Decision]:
    """Of the decisions of these kinds that a run has used, the newest one per system and object: what holds now."""
    c = t.decision.c
    where = (c.kind.in_([kind.value for kind in kinds]), c.used_at.is_not(None))
    newest = select(func.max(c.id)).where(*where).group_by(c.system, c.object)
    found = tx.execute(select(t.decision).where(c.id.in_(newest)).order_by(c.id))
    return [_decision(row) for row in found]


def history(
    tx: Connection,
    *,
    kind: DecisionKind | None = None,
    pair_id: str | None = None,
    run_id: str | None = None,
    record: tuple[str, str, str] | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> list[Decision]:
    """Decisions, newest first. `run_id`: those that it is about or that it used; `record`: system, object and id of one;
    `before_id`: the page after the one that ended with that id."""
    c = t.decision.c
    query = select(t.decision).order_by(c.id.desc()).limit(limit)
    if kind:
        query = query.where(c.kind == kind.value)
    if pair_id:
        query = query.where(c.pair_id == pair_id)
    if run_id:
        query = query.where((c.run_id == run_id) | (c.used_run_id == run_id))
    if record:
        query = query.where(c.system == record[0], c.object == record[1], c.record_id == record[2])
    if before_id is not None:
        query = query.where(c.id < before_id)
    return [_decision(row) for row in tx.execute(query)]


def _decision(row: Row[Any]) -> Decision:
    return Decision(**(row._asdict() | {"kind": DecisionKind(row.kind)}))
