"""What has really been read, per step, system and object (DESIGN §3)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from lockstep.model import Step
from lockstep.store import tables as t
from lockstep.store.dialects import insert, lock


@dataclass(frozen=True, slots=True)
class Coverage:
    """Everything before `covered_to` has been read (None: the full load is not through); `cursor`: where a read that
    stopped early goes on, in its own words; `layout`: the fields that were read of every record."""

    covered_to: datetime | None
    cursor: str | None
    layout: int | None = None


def get(tx: Connection, step: Step, system: str, object: str) -> Coverage | None:
    c = t.coverage.c
    query = select(c.covered_to, c.cursor, c.layout).where(c.step == step.value, c.system == system, c.object == object)
    row = tx.execute(query).first()
    return Coverage(row.covered_to, row.cursor, row.layout) if row else None


def advance(
    tx: Connection,
    step: Step,
    system: str,
    object: str,
    *,
    covered_to: datetime | None,
    cursor: str | None,
    joins_from: datetime | None,
    layout: int | None = None,
) -> bool:
    """Move coverage, in the transaction of what was read. Only forward, and only if the read joins on to it.

    :param layout: of the rows, at the end of a full load; None: as it was
    :param joins_from: where the read began; None: at the beginning of time (a full load)
    :returns: False if it stayed as it was
    """
    lock(tx, "coverage", step.value, system, object)
    held = get(tx, step, system, object)
    if not _joins(held, covered_to, joins_from):
        return False
    layout = layout if layout is not None else held.layout if held else None
    place = {"step": step.value, "system": system, "object": object}
    news = {"covered_to": covered_to, "cursor": cursor, "layout": layout}
    statement = insert(tx, t.coverage).values(place | news)
    tx.execute(statement.on_conflict_do_update(index_elements=list(place), set_=news))
    return True


def _joins(held: Coverage | None, covered_to: datetime | None, joins_from: datetime | None) -> bool:
    reached = held.covered_to if held else None
    if reached is None:
        return joins_from is None
    forward = covered_to is not None and covered_to >= reached
    return forward and (joins_from is None or joins_from <= reached)
