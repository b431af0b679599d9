"""Which pairs wait to be planned."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, case, literal, or_, select, update

from lockstep.model import Pair
from lockstep.store import tables as t
from lockstep.store.dialects import among
from lockstep.store.pairs.rows import decoded
from lockstep.store.types import Instant


def due(tx: Connection, entity: str, now: datetime, limit: int) -> list[Pair]:
    """At most `limit` pairs that are due now, of whatever state, the longest waiting first."""
    c = t.pair.c
    query = select(t.pair).where(c.entity == entity, c.due_seq.is_not(None), or_(c.due_at.is_(None), c.due_at <= now))
    return decoded(tx, tx.execute(query.order_by(c.due_seq, c.id).limit(limit)).mappings())


def raise_due(tx: Connection, ids: Collection[str], seq: int, at: datetime | None = None) -> None:
    """Have these pairs planned (again), not before `at`. A pair that is due earlier stays due earlier."""
    if not ids:
        return
    c = t.pair.c
    given = literal(at, Instant())
    not_before = case(
        (c.due_seq.is_(None), given), (c.due_at.is_(None), None), (c.due_at > given, given), else_=c.due_at
    )
    values = {"due_seq": seq, "due_at": not_before if at else None}
    tx.execute(update(t.pair).where(among(tx, c.id, ids)).values(values))


def clear_due(tx: Connection, pairs: Iterable[Pair]) -> None:
    """The pairs were planned: no longer due, unless something raised them again since they were read."""
    groups: dict[int, list[str]] = defaultdict(list)
    for pair in pairs:
        if pair.due_seq is not None:
            groups[pair.due_seq].append(pair.id)
    c = t.pair.c
    for seq, ids in groups.items():
        tx.execute(update(t.pair).where(c.due_seq == seq, among(tx, c.id, ids)).values(due_seq=None, due_at=None))
