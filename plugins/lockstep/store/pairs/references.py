"""Which pairs have references to be written, and which records they wait for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from sqlalchemy import Connection, delete, insert, select, update

from lockstep.model import HUBSPOT, SALESFORCE, Pair, PairState
from lockstep.store import tables as t
from lockstep.store.dialects import among
from lockstep.store.pairs.due import raise_due
from lockstep.store.pairs.rows import decoded


class Waiting(Protocol):
    """A reference that cannot be resolved until the record it names is paired."""

    @property
    def field(self) -> str: ...
    @property
    def system(self) -> str: ...
    @property
    def object(self) -> str: ...
    @property
    def record_id(self) -> str: ...


def references_due(tx: Connection, entity: str, limit: int) -> list[Pair]:
    """At most `limit` pairs whose references are to be planned, the longest waiting first."""
    c = t.pair.c
    query = select(t.pair).where(c.entity == entity, c.references_seq.is_not(None))
    return decoded(tx, tx.execute(query.order_by(c.references_seq, c.id).limit(limit)).mappings())


def raise_references(tx: Connection, ids: Collection[str], seq: int) -> None:
    if ids:
        tx.execute(update(t.pair).where(among(tx, t.pair.c.id, ids)).values(references_seq=seq))


def clear_references(tx: Connection, pairs: Iterable[Pair]) -> None:
    """The references were planned: no longer due, unless something raised them again since they were read."""
    groups: dict[int, list[str]] = defaultdict(list)
    for pair in pairs:
        if pair.references_seq is not None:
            groups[pair.references_seq].append(pair.id)
    c = t.pair.c
    for seq, ids in groups.items():
        where = (c.references_seq == seq) & among(tx, c.id, ids)
        tx.execute(update(t.pair).where(where).values(references_seq=None))


def set_waits(tx: Connection, waits: Mapping[str, Iterable[Waiting]]) -> None:
    """Replace what these pairs (by id) wait for."""
    if not waits:
        return
    tx.execute(delete(t.pair_wait).where(among(tx, t.pair_wait.c.pair_id, waits)))
    names = ("pair_id", "field", "system", "object", "record_id")
    rows = {(pair, w.field, w.system, w.object, w.record_id): None for pair, some in waits.items() for w in some}
    if rows:
        tx.execute(insert(t.pair_wait), [dict(zip(names, row, strict=True)) for row in rows])


def wake(tx: Connection, system: str, object: str, record_ids: Collection[str | None], seq: int) -> int:
    """These records are paired now: the references of the pairs that wait for them are due. Returns how many pairs."""
    c = t.pair_wait.c
    wanted = [record_id for record_id in record_ids if record_id is not None]
    if not wanted:
        return 0
    query = select(c.pair_id).where(c.system == system, c.object == object, among(tx, c.record_id, wanted)).distinct()
    waiting = list(tx.execute(query).scalars())
    if not waiting:
        return 0
    raise_references(tx, waiting, seq)
    # a pair that has no partner yet waits with its create, not with its references alone
    p = t.pair.c
    creating = select(p.id).where(among(tx, p.id, waiting), p.state == PairState.CREATING.value)
    raise_due(tx, list(tx.execute(creating).scalars()), seq)
    return len(waiting)


def wake_for(tx: Connection, joined: Iterable[Pair], seq: int) -> None:
    """`wake` for both records of pairs that have just been joined."""
    records: dict[tuple[str, str], list[str | None]] = defaultdict(list)
    for pair in joined:
        records[SALESFORCE, pair.sf_object].append(pair.sf_id)
        records[HUBSPOT, pair.hs_object].append(pair.hs_id)
    for (system, object), ids in records.items():
        wake(tx, system, object, ids, seq)


def referred(
    tx: Connection, entity: str, system: str, objects: Collection[str], ids: Collection[str]
) -> frozenset[str]:
    """Those of the records that a linked pair of the entity refers to, and waits for."""
    if not ids:
        return frozenset()
    c, p = t.pair_wait.c, t.pair.c
    where = (c.system == system, c.object.in_(objects), among(tx, c.record_id, ids), p.entity == entity)
    linked = p.state == PairState.LINKED.value
    query = select(c.record_id).join(t.pair, p.id == c.pair_id).where(*where, linked).distinct()
    return frozenset(tx.execute(query).scalars())
