"""Runs: one execution of one sync step over one window, frozen when it is first opened."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from lockstep.model import RunState, Step, Window
from lockstep.store import tables as t
from lockstep.store.dialects import among, insert
from lockstep.store.ledger.causes import settle_runs


@dataclass(frozen=True, slots=True)
class Run:
    """`kind`: scheduled, manual or backfill; `mapping_hash`: the mapping that it was planned with."""

    id: str
    step: Step
    kind: str
    window: Window
    state: RunState
    mapping_hash: str
    dag_run_id: str | None
    params: Mapping[str, Any]
    opened_at: datetime
    closed_at: datetime | None


def open_run(
    tx: Connection,
    run_id: str,
    step: Step,
    kind: str,
    window: Window,
    mapping_hash: str,
    dag_run_id: str | None = None,
    params: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Run:
    """Open the run; one that exists already is opened again with the window and params that it was first given.

    `now`: by the clock that the run goes by, where that is not this machine's.
    """
    first = {
        "id": run_id,
        "step": Step(step).value,
        "kind": kind,
        "window_from": window.start,
        "window_to": window.end,
        "state": RunState.OPEN.value,
        "mapping_hash": mapping_hash,
        "dag_run_id": dag_run_id,
        "params": dict(params or {}),
        "opened_at": now or datetime.now(UTC),
    }
    again = {"state": RunState.OPEN.value, "closed_at": None}
    tx.execute(insert(tx, t.run).values(first).on_conflict_do_update(index_elements=["id"], set_=again))
    return run(tx, run_id)


def run(tx: Connection, run_id: str) -> Run:
    """:raises KeyError: there is no such run"""
    found = tx.execute(select(t.run).where(t.run.c.id == run_id)).first()
    if found is None:
        raise KeyError(run_id)
    return _run(found)


def runs(tx: Connection, step: Step | None = None, limit: int = 50) -> list[Run]:
    """The latest runs (of one step), newest first."""
    query = select(t.run).order_by(t.run.c.opened_at.desc(), t.run.c.id).limit(limit)
    if step:
        query = query.where(t.run.c.step == Step(step).value)
    return [_run(row) for row in tx.execute(query)]


def named(tx: Connection, run_ids: Collection[str]) -> list[Run]:
    """Those of the runs that exist, newest first."""
    c = t.run.c
    return [
        _run(row)
        for row in tx.execute(select(t.run).where(among(tx, c.id, run_ids)).order_by(c.opened_at.desc(), c.id))
    ]


def close_run(tx: Connection, run_id: str, state: RunState) -> None:
    """A sealed run of all objects settles what failed in earlier ones: whatever they left, it has done."""
    closed = {"state": RunState(state).value, "closed_at": datetime.now(UTC)}
    tx.execute(update(t.run).where(t.run.c.id == run_id).values(closed))
    ended = run(tx, run_id)
    if ended.state is RunState.SEALED and not (ended.params.get("objects") or ended.params.get("systems")):
        settle_runs(tx, (t.run.c.step == ended.step.value) & (t.run.c.opened_at < ended.opened_at))


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        step=Step(row.step),
        kind=row.kind,
        window=Window(row.window_from, row.window_to),
        state=RunState(row.state),
        mapping_hash=row.mapping_hash,
        dag_run_id=row.dag_run_id,
        params=row.params,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )
