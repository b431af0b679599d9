"""The passport of a click id: everything that is known of it, from the click to the last adjustment, oldest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from lockstep.conversions.record import Conversion
from lockstep.conversions.reports import AdContact
from lockstep.model import GOOGLE_ADS
from lockstep.store import conversions
from lockstep.store import report_tables as r
from lockstep.store import tables as t
from lockstep.store.dialects import among


@dataclass(frozen=True, slots=True)
class Stamp:
    """One thing that happened. `what`: captured, contact, record (it was in the CRM, with the click id's first record), milestone,
    upload, verdict, adjustment, taken_back. `outcome` and `code` of the ledger; `order_id` of the conversion; `detail`: Google's words, names of campaigns, ids of requests. No person is named."""

    what: str
    at: datetime | None
    day: date | None = None
    order_id: str = ""
    outcome: str = ""
    code: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passport:
    """`records`: (system, object, id) of the CRM records that carry the click id. `click_id` None: of a conversion without one."""

    click_id: str | None
    campaign: str | None
    records: tuple[tuple[str, str, str], ...]
    conversions: tuple[Conversion, ...]
    stamps: tuple[Stamp, ...]


def passport(tx: Connection, click_id: str) -> Passport | None:
    """Of a gclid, gbraid or wbraid; None if nothing is known of it."""
    c = t.conversion.c
    has = or_(c.gclid == click_id, c.gbraid == click_id, c.wbraid == click_id)
    orders = list(tx.execute(select(c.order_id).where(has)).scalars())
    click = tx.execute(select(r.click).where(r.click.c.gclid == click_id)).mappings().first()
    known = tx.execute(select(r.ad_contact).where(r.ad_contact.c.gclid == click_id).order_by(r.ad_contact.c.id))
    contacts = [AdContact(**row) for row in known.mappings()]
    return _made(tx, click_id, orders, click, contacts) if orders or click or contacts else None


def of_order(tx: Connection, order_id: str) -> Passport | None:
    """Of the click that a conversion belongs to; of one without a click id, what is known of itself. None: there is no such
    conversion."""
    one = conversions.by_order(tx, [order_id]).get(order_id)
    if one is None:
        return None
    return passport(tx, one.click_id[1]) if one.click_id else _made(tx, None, [order_id], None, [])


def _made(tx: Connection, click_id: str | None, orders: list[str], click: Any, contacts: list[AdContact]) -> Passport:
    mine = sorted(conversions.by_order(tx, orders).values(), key=lambda one: (one.happened_at, one.id))
    records = [(one.system, one.object, one.record_id) for one in mine]
    records += [("hubspot", "contacts", one.id) for one in contacts]
    stamps = [*_captured(click, contacts), *_milestones(mine), *_ledger(tx, orders), *_verdicts(tx, mine)]
    return Passport(
        click_id,
        click["campaign"] if click else None,
        tuple(dict.fromkeys(records)),
        tuple(mine),
        tuple(sorted(stamps, key=_when)),
    )


def _when(one: Stamp) -> tuple[str, str]:
    day = one.at.date() if one.at else one.day
    return (day.isoformat() if day else "", one.at.isoformat() if one.at else "")


def _captured(click: Mapping[str, Any] | Any | None, contacts: list[AdContact]) -> Iterator[Stamp]:
    if click:
        yield Stamp("captured", None, date.fromisoformat(click["day"]), detail={"campaign": click["campaign"]})
    for one in contacts:
        yield Stamp("contact", one.created_at, detail={"contact": one.id, "forms": one.forms})


def _milestones(mine: list[Conversion]) -> Iterator[Stamp]:
    first = {(one.object, one.record_id): one for one in reversed(mine) if one.click_by}
    for one in first.values():
        yield Stamp("record", one.click_by, detail={"object": one.object, "record": one.record_id})
    for one in mine:
        told = {"milestone": one.milestone, "object": one.object, "record": one.record_id, "value": one.value}
        yield Stamp("milestone", one.happened_at, order_id=one.order_id, detail=told)


def _ledger(tx: Connection, orders: list[str]) -> Iterator[Stamp]:
    """Uploads, new values and what was taken back, each with its outcome."""
    if not orders:
        return
    c = t.change.c
    mine = select(t.change).where(c.system == GOOGLE_ADS, c.object == "conversion", among(tx, c.record_id, orders))
    kinds = {"create": "upload", "update": "adjustment", "delete": "taken_back", "none": "verdict"}
    for row in tx.execute(mine.order_by(c.id)).mappings():
        yield Stamp(
            kinds[row["action"]],
            row["sent_at"] or row["done_at"] or row["planned_at"],
            order_id=row["record_id"],
            outcome=row["outcome"] or "",
            code=row["code"] or "",
            detail=row["detail"] or {},
        )


def _verdicts(tx: Connection, mine: list[Conversion]) -> Iterator[Stamp]:
    """Google's verdict on the requests; it names numbers, not rows."""
    requests = {one.request_id: one for one in mine if one.request_id}
    if not requests:
        return
    rows = tx.execute(select(t.upload).where(among(tx, t.upload.c.request_id, requests))).mappings()
    for row in rows:
        if row["settled_at"] is not None:
            told = {"request": row["request_id"], "state": row["state"], "reasons": row["reasons"], "rows": row["rows"]}
            yield Stamp("verdict", row["settled_at"], order_id=requests[row["request_id"]].order_id, detail=told)
