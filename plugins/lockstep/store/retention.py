"""Old history is deleted, a bounded piece per transaction, so that nobody waits for it (DESIGN §4, personal data has a life)."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, or_, select

from lockstep.conversions.record import ConversionState
from lockstep.decisions import LASTING
from lockstep.model import HUBSPOT, SALESFORCE, BatchStatus, PairState, RunState
from lockstep.store import report_tables as reports
from lockstep.store import tables as t
from lockstep.store.ledger import days

#: rows of one transaction
PIECE = 1_000

#: table of the settings -> deletes at most PIECE rows that are older, and returns how many
Sweep = Callable[[Connection, datetime], int]


def changes(tx: Connection, before: datetime) -> int:
    """Changes that are settled, with their values before and after. What a lost answer is looked for by stays."""
    c, p = t.change.c, t.pair.c
    waited_for = exists().where(p.id == c.pair_id, p.state == PairState.UNCONFIRMED.value)
    return _piece(tx, t.change, c.id, (c.planned_at < before) & c.outcome.is_not(None) & ~waited_for)


def batches(tx: Connection, before: datetime) -> int:
    """Batches that have ended and of which nothing is left."""
    b = t.batch.c
    used = or_(exists().where(t.change.c.batch_id == b.id), exists().where(t.upload.c.batch_id == b.id))
    done = _piece(tx, t.batch, b.id, (b.started_at < before) & (b.status != BatchStatus.IN_PROCESS.value) & ~used)
    if done:
        days.forget(tx, before, and_before=True)
    return done


def uploads(tx: Connection, before: datetime) -> int:
    """Requests to Google that have their verdict."""
    u = t.upload.c
    return _piece(tx, t.upload, u.request_id, (u.sent_at < before) & u.settled_at.is_not(None))


def conversions(tx: Connection, before: datetime) -> int:
    """Milestones with their click ids and hashes of people. Those of which Google has not said what became of them stay."""
    c = t.conversion.c
    open_ = [ConversionState.SENT.value, ConversionState.PENDING.value, ConversionState.UNRESOLVED.value]
    return _piece(tx, t.conversion, c.id, (c.happened_at < before) & c.state.not_in(open_))


def ad_contacts(tx: Connection, before: datetime) -> int:
    """HubSpot contacts that came by an ad: their click ids and forms."""
    return _piece(tx, reports.ad_contact, reports.ad_contact.c.id, reports.ad_contact.c.created_at < before)


def runs(tx: Connection, before: datetime) -> int:
    r = t.run.c
    used = exists().where(t.batch.c.run_id == r.id)
    return _piece(tx, t.run, r.id, (r.opened_at < before) & (r.state != RunState.OPEN.value) & ~used)


def decisions(tx: Connection, before: datetime) -> int:
    """Decisions that were used up. Those that still hold (a pause, an allocation) stay."""
    d = t.decision.c
    lasting = d.kind.in_([kind.value for kind in LASTING])
    return _piece(tx, t.decision, d.id, (d.used_at < before) & ~lasting)


def schema_changes(tx: Connection, before: datetime) -> int:
    """What a vendor changed. A field that is held needs its row."""
    s = t.schema_change.c
    return _piece(tx, t.schema_change, s.id, (s.at < before) & or_(s.impact.is_(None), s.impact != "held"))


def api_calls(tx: Connection, before: datetime) -> int:
    return tx.execute(delete(t.api_call).where(t.api_call.c.hour < before)).rowcount


def tombstones(tx: Connection, before: datetime) -> int:
    """Mirror rows of records that are long gone and in no pair that is open."""
    m, p = t.mirror.c, t.pair.c
    open_ = p.state != PairState.CLOSED.value
    paired = or_(
        exists().where((m.system == SALESFORCE) & open_ & (p.sf_object == m.object) & (p.sf_id == m.id)),
        exists().where((m.system == HUBSPOT) & open_ & (p.hs_object == m.object) & (p.hs_id == m.id)),
    )
    old = (m.deleted_at < before) & m.due_seq.is_(None) & ~paired
    found = tx.execute(select(m.system, m.object, m.id).where(old).limit(PIECE)).all()
    for system, name, record_id in found:
        for table in (t.mirror_key, t.mirror):
            c = table.c
            tx.execute(delete(table).where(c.system == system, c.object == name, c.id == record_id))
    return len(found)


def closed_pairs(tx: Connection, before: datetime) -> int:
    """Closed pairs neither of whose records lives: the other record would look new without its pair."""
    m, p = t.mirror.c, t.pair.c
    alive = or_(
        exists().where(
            (m.system == SALESFORCE) & (m.object == p.sf_object) & (m.id == p.sf_id) & m.deleted_at.is_(None)
        ),
        exists().where((m.system == HUBSPOT) & (m.object == p.hs_object) & (m.id == p.hs_id) & m.deleted_at.is_(None)),
    )
    old = (p.state == PairState.CLOSED.value) & p.due_seq.is_(None) & (p.agreed_at < before) & ~alive
    return _piece(tx, t.pair, p.id, old)


#: table of the setting `retention_days` -> what it bounds, in the order in which it can be deleted
SWEEPS: dict[str, tuple[Sweep, ...]] = {
    "ledger": (changes, uploads, batches, runs, decisions, schema_changes),
    "tombstones": (tombstones,),
    "api_calls": (api_calls,),
    "closed_pairs": (closed_pairs,),
    "conversions": (conversions, ad_contacts),
}


def _piece(tx: Connection, table: Table, key: ColumnElement[int] | ColumnElement[str], old: ColumnElement[bool]) -> int:
    some = select(key).where(old).limit(PIECE).scalar_subquery()
    return tx.execute(delete(table).where(key.in_(some))).rowcount
