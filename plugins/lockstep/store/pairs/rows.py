"""Reading and writing pairs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, func, select, update
from sqlalchemy import insert as insert_into

from lockstep.model import HUBSPOT, SALESFORCE, Pair, PairState
from lockstep.store import layouts
from lockstep.store import tables as t
from lockstep.store.dialects import among
from lockstep.store.pairs.bases import BaseWriter, decode

#: open pairs and closed ones: records are found by an index of either, which a question for both at once cannot use
OPEN, CLOSED = STATES = t.pair.c.state != PairState.CLOSED.value, t.pair.c.state == PairState.CLOSED.value
_SIDES = {SALESFORCE: (t.pair.c.sf_object, t.pair.c.sf_id), HUBSPOT: (t.pair.c.hs_object, t.pair.c.hs_id)}


def get(tx: Connection, ids: Collection[str]) -> dict[str, Pair]:
    """id -> pair, of whatever state; unknown ids are absent."""
    if not ids:
        return {}
    return {
        pair.id: pair for pair in decoded(tx, tx.execute(select(t.pair).where(among(tx, t.pair.c.id, ids))).mappings())
    }


def by_record(tx: Connection, system: str, records: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Pair]:
    """(object, record id) -> the pair that holds it and is not closed."""
    return _by_record(tx, system, records, OPEN)


def links(
    tx: Connection, system: str, objects: Collection[str], ids: Collection[str]
) -> list[tuple[str, str | None, str | None]]:
    """(pair id, Salesforce id, HubSpot id) of the pairs that hold these records and are not closed: lighter than pairs."""
    name, record = _SIDES[system]
    c = t.pair.c
    where = OPEN & name.in_(objects) & among(tx, record, ids)
    found = tx.execute(select(c.id, c.sf_id, c.hs_id).where(where)) if ids else ()
    return [(pair_id, sf_id, hs_id) for pair_id, sf_id, hs_id in found]


def closed_by_record(tx: Connection, system: str, records: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Pair]:
    """(object, record id) -> the closed pair that held it; of several, the one that agreed last."""
    return _by_record(tx, system, records, CLOSED)


def ids_by_record(tx: Connection, system: str, object: str, record_id: str) -> list[str]:
    """Ids of all pairs that hold or held this record: one that is not closed first, then the newest."""
    name, record = _SIDES[system]
    query = select(t.pair.c.id).where(name == object, record == record_id).order_by(t.pair.c.id.desc())
    return [one for state in STATES for one in tx.execute(query.where(state)).scalars()]


def _by_record(
    tx: Connection, system: str, records: Iterable[tuple[str, str]], state: ColumnElement[bool]
) -> dict[tuple[str, str], Pair]:
    objects, ids = _SIDES[system]
    wanted: dict[str, set[str]] = defaultdict(set)
    for name, record_id in records:
        wanted[name].add(record_id)
    found: dict[tuple[str, str], Pair] = {}
    for name, some in wanted.items():
        query = select(t.pair).where(state, objects == name, among(tx, ids, some)).order_by(t.pair.c.agreed_at)
        for pair in decoded(tx, tx.execute(query).mappings()):
            found[name, str(pair.sf_id if system == SALESFORCE else pair.hs_id)] = pair
    return found


def insert(tx: Connection, pairs: Sequence[Pair]) -> None:
    """:raises sqlalchemy.exc.IntegrityError: a record is in another pair that is not closed"""
    if pairs:
        tx.execute(insert_into(t.pair), _encoded(tx, pairs))


def save(tx: Connection, pairs: Sequence[Pair]) -> None:
    """Write everything of these pairs but what makes them due: that only moves through `raise_due` and `clear_due`,
    so that a writer with an old copy cannot undo what was raised meanwhile."""
    if not pairs:
        return
    rows = [{"of": row.pop("id"), **row} for row in _encoded(tx, pairs)]
    for row in rows:
        del row["due_seq"], row["references_seq"]
    tx.execute(update(t.pair).where(t.pair.c.id == bindparam("of")), rows)


def _encoded(tx: Connection, pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    sf = _bases(tx, SALESFORCE, [(pair.sf_object, pair.sf_base) for pair in pairs])
    hs = _bases(tx, HUBSPOT, [(pair.hs_object, pair.hs_base) for pair in pairs])
    names = (
        "id", "entity", "sf_object", "hs_object", "sf_id", "hs_id",
        "reason", "due_seq", "agreed_at", "generation", "references_seq",
    )  # fmt: skip
    return [
        {name: getattr(pair, name) for name in names}
        | {"state": pair.state.value, "sf_layout": sl, "sf_base": sb, "hs_layout": hl, "hs_base": hb}
        for pair, (sl, sb), (hl, hb) in zip(pairs, sf, hs, strict=True)
    ]


def _bases(tx: Connection, system: str, bases: Sequence[tuple[str, Any]]) -> list[tuple[int, str]]:
    writer = BaseWriter(tx)
    encoded: dict[int, tuple[int, str]] = {}
    for name in {name for name, _ in bases}:
        places = [place for place, (one, _) in enumerate(bases) if one == name]
        done = writer.encode_all(system, name, [bases[place][1] for place in places])
        encoded |= dict(zip(places, done, strict=True))
    return [encoded[place] for place in range(len(bases))]


def decoded(tx: Connection, found: Iterable[RowMapping]) -> list[Pair]:
    stored = list(found)
    fields = layouts.by_id(tx, {row[side] for row in stored for side in ("sf_layout", "hs_layout")})
    return [_decode(row, fields) for row in stored]


def _decode(row: RowMapping, fields: dict[int, tuple[str, ...]]) -> Pair:
    return Pair(
        id=row["id"],
        entity=row["entity"],
        sf_object=row["sf_object"],
        hs_object=row["hs_object"],
        sf_id=row["sf_id"],
        hs_id=row["hs_id"],
        sf_base=decode(fields[row["sf_layout"]], row["sf_base"]),
        hs_base=decode(fields[row["hs_layout"]], row["hs_base"]),
        state=PairState(row["state"]),
        reason=row["reason"],
        due_seq=row["due_seq"],
        agreed_at=row["agreed_at"],
        generation=row["generation"],
        references_seq=row["references_seq"],
    )


def count(tx: Connection, entity: str, states: Iterable[PairState]) -> int:
    """Pairs of the entity in any of these states."""
    c = t.pair.c
    where = (c.entity == entity) & c.state.in_([state.value for state in states])
    return tx.execute(select(func.count()).select_from(t.pair).where(where)).scalar_one()
