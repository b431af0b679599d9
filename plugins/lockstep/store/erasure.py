"""A person who was erased: everything that tells about them leaves the store, and they are never created again (GDPR, art. 17).

What stays: ids, counts, outcomes and reasons in our words; and a keyed hash of each e-mail address, by which a later create
of the same person is refused. The key is this store's own.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select, update

from lockstep.model import HUBSPOT, SALESFORCE, Gone
from lockstep.store import ad_reports, cache, conversions, layouts, pairs
from lockstep.store import tables as t
from lockstep.store.dialects import among, insert
from lockstep.store.mirror.rows import of
from lockstep.store.mirror.write import digest
from lockstep.store.pairs.bases import missing_bases

_KEY, _FOR_GOOD = "erasure_key", timedelta(days=36_500)


def block(tx: Connection, addresses: Iterable[str], at: datetime) -> None:
    """Never create a record of these (canonical) e-mail addresses again."""
    for address in addresses:
        statement = insert(tx, t.erased).values(hash=_hash(tx, address, at), erased_at=at)
        tx.execute(statement.on_conflict_do_nothing())


def blocked(tx: Connection, now: datetime) -> Callable[[str], bool]:
    """Whether a (canonical) e-mail address is one of an erased person."""
    if not tx.execute(select(func.count()).select_from(t.erased)).scalar_one():
        return lambda _address: False
    known = set(tx.execute(select(t.erased.c.hash)).scalars())
    key = bytes.fromhex(cache.get(tx, _KEY, now) or "")
    return lambda address: _keyed(key, address) in known


def _hash(tx: Connection, address: str, now: datetime) -> bytes:
    known = cache.get(tx, _KEY, now)
    if known is None:
        known = secrets.token_hex(32)
        cache.put(tx, _KEY, known, now + _FOR_GOOD)
    return _keyed(bytes.fromhex(known), address)


def _keyed(key: bytes, address: str) -> bytes:
    return hmac.new(key, address.encode(), hashlib.sha256).digest()


def purge(tx: Connection, system: str, object: str, record_id: str, at: datetime, seq: int) -> list[str]:
    """Take the record's values out of the mirror and its pairs' out of the ledger. Returns the pairs' ids.

    The record counts as erased, and is due: its partner's fate is the mapping's delete rule.
    """
    _empty_row(tx, system, object, record_id, at, seq)
    p = t.pair.c
    ids = pairs.ids_by_record(tx, system, object, record_id)
    rows = tx.execute(select(p.id, p.sf_layout, p.hs_layout).where(among(tx, p.id, ids))).all()
    widths = {layout: len(names) for layout, names in layouts.by_id(tx, {id for row in rows for id in row[1:]}).items()}
    for pair_id, sf, hs in rows:
        empty = {"sf_base": missing_bases(widths[sf]), "hs_base": missing_bases(widths[hs])}
        tx.execute(update(t.pair).where(p.id == pair_id).values(empty))
    _empty_ledger(tx, ids, (system, object, record_id))
    _forget_conversions(tx, ids, (system, object, record_id))
    return ids


def _empty_row(tx: Connection, system: str, object: str, record_id: str, at: datetime, seq: int) -> None:
    hashed, payload = digest(())
    values = {
        "layout": layouts.obtain(tx, layouts.MIRROR, system, object, ()).id,
        "hash": hashed,
        "fields": payload,
        "moved": None,
        "deleted_at": at,
        "gone": Gone.ERASED.value,
        "due_seq": seq,
    }
    tx.execute(update(t.mirror).where(of(system, object), t.mirror.c.id == record_id).values(values))
    k = t.mirror_key.c
    tx.execute(delete(t.mirror_key).where(k.system == system, k.object == object, k.id == record_id))


def _empty_ledger(tx: Connection, pairs: list[str], record: tuple[str, str, str]) -> None:
    """Vendors' words may quote values, so the details go as well; codes and outcomes stay."""
    c, d = t.change.c, t.decision.c
    of_record = (c.system == record[0]) & (c.object == record[1]) & (c.record_id == record[2])
    empty = {"before": {}, "after": {}, "source": {}, "lost": {}, "detail": {"erased": True}}
    tx.execute(update(t.change).where(or_(among(tx, c.pair_id, pairs), of_record)).values(empty))
    mine = (d.system == record[0]) & (d.object == record[1]) & (d.record_id == record[2])
    tx.execute(update(t.decision).where(or_(among(tx, d.pair_id, pairs), mine)).values(value=None, note=None))


def _forget_conversions(tx: Connection, pairs: list[str], record: tuple[str, str, str]) -> None:
    """Click ids and hashes of the person, on either side; what Google holds is taken back."""
    p = t.pair.c
    rows = tx.execute(select(p.sf_object, p.sf_id, p.hs_object, p.hs_id).where(among(tx, p.id, pairs))).all()
    sides = [one for row in rows for one in ((SALESFORCE, *row[:2]), (HUBSPOT, *row[2:])) if one[2]]
    for one in {record, *sides}:
        conversions.forget(tx, *one)
        ad_reports.forget(tx, *one)
