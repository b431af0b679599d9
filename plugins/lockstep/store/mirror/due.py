"""Which records wait to be planned: planning costs what is due, not what is there (DESIGN §4)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, select, update

from lockstep.model import MirrorRow
from lockstep.store import tables as t
from lockstep.store.dialects import among
from lockstep.store.mirror.rows import decoded, of


def due(tx: Connection, system: str, objects: Sequence[str], limit: int) -> list[MirrorRow]:
    """At most `limit` due records of these objects, the longest waiting first."""
    c = t.mirror.c
    query = select(t.mirror).where(c.system == system, c.object.in_(objects), c.due_seq.is_not(None))
    return decoded(tx, tx.execute(query.order_by(c.due_seq, c.object, c.id).limit(limit)).mappings())


def clear_due(tx: Connection, rows: Iterable[MirrorRow]) -> None:
    """The rows were planned: no longer due, unless something raised them again since they were read."""
    groups: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for row in rows:
        if row.due_seq is not None:
            groups[row.system, row.object, row.due_seq].append(row.id)
    c = t.mirror.c
    for (system, object, seq), ids in groups.items():
        where = of(system, object) & (c.due_seq == seq) & among(tx, c.id, ids)
        tx.execute(update(t.mirror).where(where).values(due_seq=None))


def clear_due_upto(tx: Connection, system: str, object: str, ids: Collection[str], seq: int) -> None:
    """These records were planned by what was known at `seq`: no longer due, unless something raised them since."""
    c = t.mirror.c
    where = of(system, object) & (c.due_seq <= seq) & among(tx, c.id, ids)
    tx.execute(update(t.mirror).where(where).values(due_seq=None))


def raise_all(tx: Connection, system: str, objects: Collection[str], seq: int) -> None:
    """Have every live record of these objects planned: something changed that can alter any plan."""
    c = t.mirror.c
    where = (c.system == system) & c.object.in_(list(objects)) & c.deleted_at.is_(None)
    tx.execute(update(t.mirror).where(where).values(due_seq=seq))


def raise_due(tx: Connection, system: str, object: str, ids: Collection[str], seq: int) -> None:
    """Have these records planned (again); unknown ids are passed over."""
    if ids:
        tx.execute(update(t.mirror).where(of(system, object), among(tx, t.mirror.c.id, ids)).values(due_seq=seq))
