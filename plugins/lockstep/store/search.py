"""Finds records for people: by an id of either system or of a pair, or by a match key such as an e-mail address."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from sqlalchemy import Connection, and_, func, select

from lockstep.model import HUBSPOT, SALESFORCE
from lockstep.store import pairs
from lockstep.store import tables as t
from lockstep.store.pairs.rows import STATES

_SF_LENGTHS = (15, 18)


@dataclass(frozen=True, slots=True)
class Hit:
    """A record, and the pair that holds or held it. `name`: told where it was found by that."""

    system: str
    object: str
    id: str
    pair_id: str | None
    name: str = ""


def by_id(tx: Connection, text: str, limit: int = 20) -> list[Hit]:
    """Records of either system with this id (Salesforce's also in its short form), and those of the pair with this id."""
    c, m = t.pair.c, t.mirror.c
    ids = {text, long_id(text)}
    pair_of = select(c.id, c.sf_object, c.hs_object, c.sf_id, c.hs_id)
    objects = [name for (name,) in tx.execute(select(t.layout.c.object).distinct())]
    sides = (and_(c.sf_object.in_(objects), c.sf_id.in_(ids)), and_(c.hs_object.in_(objects), c.hs_id == text))
    own = (c.id == text.split(".")[0], *(and_(state, side) for side in sides for state in STATES))
    found = [tx.execute(pair_of.where(one).limit(limit)).all() for one in own]
    hits = {(HUBSPOT if row.hs_id == text else SALESFORCE, row.id): row for rows in found for row in rows}
    paired = [Hit(system, *_side(row, system), row.id) for (system, _), row in hits.items()]
    where = (m.system.in_((SALESFORCE, HUBSPOT)), m.object.in_(objects), m.id.in_(ids))
    alone = tx.execute(select(m.system, m.object, m.id).where(*where).limit(limit))
    known = {(hit.system, hit.id) for hit in paired}
    return paired + [Hit(row.system, row.object, row.id, None) for row in alone if (row.system, row.id) not in known]


def _side(row: object, system: str) -> tuple[str, str]:
    sf = (getattr(row, "sf_object"), getattr(row, "sf_id"))  # noqa: B009 - a Row of the pair table
    hs = (getattr(row, "hs_object"), getattr(row, "hs_id"))  # noqa: B009
    first, second = (sf, hs) if system == SALESFORCE else (hs, sf)
    return first if first[1] else second


def by_key(tx: Connection, text: str, limit: int = 20) -> list[Hit]:
    """Records that carry this match key, canonical or as typed."""
    k = t.mirror_key.c
    found: dict[tuple[str, str, str], Hit] = {}
    for system in (SALESFORCE, HUBSPOT):
        for key, value in product(_keys(tx, system), dict.fromkeys((text, text.strip().lower()))):
            # of several values at once SQLite would read all keys in the order that is asked for
            where = (k.system == system, k.key == key, k.value == value)
            rows = tx.execute(select(k.object, k.id).where(*where).order_by(k.object, k.id).limit(limit))
            found |= {(system, name, record_id): Hit(system, name, record_id, None) for name, record_id in rows}
    return paired(tx, list(found.values())[:limit])


def _keys(tx: Connection, system: str) -> Iterator[str]:
    """Names of the match keys: one look into the index for each."""
    k, last = t.mirror_key.c, ""
    while (key := tx.execute(select(func.min(k.key)).where(k.system == system, k.key > last)).scalar()) is not None:
        yield key
        last = key


def paired(tx: Connection, hits: Iterable[Hit]) -> list[Hit]:
    """The same, with their pairs."""
    found = ((hit, pairs.ids_by_record(tx, hit.system, hit.object, hit.id)) for hit in hits)
    return [replace(hit, pair_id=ids[0] if ids else None) for hit, ids in found]


def long_id(text: str) -> str:
    """A Salesforce id in its long form: 15 characters get the 3 that tell the case of each (Salesforce Help, Record IDs)."""
    if len(text) != _SF_LENGTHS[0] or not text.isascii() or not text.isalnum():
        return text
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    parts = (text[at : at + 5] for at in (0, 5, 10))
    return text + "".join(letters[sum(1 << n for n, one in enumerate(part) if one.isupper())] for part in parts)
