"""Which pairs and records changes of the past were about, so that they can be planned again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from lockstep.store import tables as t


@dataclass(frozen=True, slots=True)
class About:
    """`pairs`: ids. `records`: (system, object, id) of records without a pair."""

    pairs: set[str] = field(default_factory=set)
    records: set[tuple[str, str, str]] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.pairs) + len(self.records)


def of_batch(tx: Connection, batch_id: int) -> About:
    return _about(tx, t.change.c.batch_id == batch_id)


def of_change(tx: Connection, change_id: int) -> About:
    return _about(tx, t.change.c.id == change_id)


def of_code(tx: Connection, code: str, object: str | None, since: datetime) -> About:
    """Of everything planned since then that ended with this error code, as a record or in a single field."""
    c = t.change.c
    unwell = (c.fields_failed > 0) | c.code.is_not(None)
    in_a_field = unwell & c.detail.contains(f'"code":"{code}"', autoescape=True)
    where = (c.planned_at >= since) & or_(c.code == code, in_a_field)
    return _about(tx, where & (c.object == object) if object else where)


def _about(tx: Connection, where: ColumnElement[bool]) -> About:
    return _gathered(tx.execute(select(t.change.c.pair_id, t.change.c.detail).where(where)))


def _gathered(rows: Iterable[Any]) -> About:
    found = About()
    for pair_id, detail in rows:
        record = (detail or {}).get("record")
        if pair_id:
            found.pairs.add(pair_id)
        elif record:
            found.records.add((record["system"], record["object"], record["id"]))
    return found
