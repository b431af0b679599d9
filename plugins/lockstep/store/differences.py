"""What the explanation of both numbers is made of: milestones with their clicks and people, contacts of ads, Google's reports."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, select

from lockstep.conversions.attribution import SESSION, Attributed, Miss, Session, Submission, Visitor, attributed
from lockstep.conversions.reconciliation import Contact, Event, Row, is_recent, reconcile, why_not_counted
from lockstep.conversions.record import CLICK_LIFE, Conversion
from lockstep.conversions.reports import AdContact, Clicked, OpenDeal
from lockstep.model import HUBSPOT, SALESFORCE, PairState
from lockstep.store import ad_reports, cache, conversions
from lockstep.store import report_tables as r
from lockstep.store import tables as t
from lockstep.store.dialects import among

_ACCOUNT, _FOR_GOOD = "network:account:", timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Place:
    """What a report must know of a Google Ads account: its time zone, and the actions that count one conversion per click."""

    zone: str
    once: frozenset[str]


def note_place(tx: Connection, account: str, place: Place, now: datetime) -> None:
    cache.put(tx, _ACCOUNT + account, {"zone": place.zone, "once": sorted(place.once)}, now + _FOR_GOOD)


def place_of(tx: Connection, account: str, now: datetime) -> Place | None:
    """None for an account of which no report was ever read."""
    found = cache.get(tx, _ACCOUNT + account, now)
    return Place(found["zone"], frozenset(found["once"])) if found else None


def accounts(tx: Connection) -> tuple[str, ...]:
    """Google Ads accounts of which reports were read."""
    return tuple(cache.every(tx, _ACCOUNT))


def report(tx: Connection, account: str, first: date, last: date, now: datetime) -> list[Row]:
    """Why both numbers differ, by campaign and day, from `first` to `last` in the account's time zone. Each row adds up."""
    place = place_of(tx, account, now) or Place("UTC", frozenset())
    zone = ZoneInfo(place.zone)
    people = _contacts(tx, zone)
    events = _events(tx, people, zone, now)
    people |= {one.person: Contact(one.person, miss=Miss.NO_COOKIE) for one in events if one.person not in people
               and one.person.startswith(_KNOWN)}  # fmt: skip
    rows = reconcile(
        events,
        people.values(),
        ad_reports.counted(tx, date.min, date.max),
        ad_reports.traffic(tx, first, last),
        place.once,
    )
    return [row for row in rows if first <= row.day <= last]


#: a person that is known in HubSpot; all others are known by their record alone
_KNOWN = "contact:"


def _contacts(tx: Connection, zone: ZoneInfo) -> dict[str, Contact]:
    """Contacts that came with a GCLID, by person."""
    some = ad_reports.contacts(tx)
    clicks = ad_reports.clicks(tx, {one.gclid for one in some})
    return {f"{_KNOWN}{one.id}": _contact(one, clicks.get(one.gclid), zone) for one in some}


def _contact(one: AdContact, click: Clicked | None, zone: ZoneInfo) -> Contact:
    told = attributed(visitor(one, click.campaign if click else ""))
    person = f"{_KNOWN}{one.id}"
    if isinstance(told, Attributed):
        return Contact(person, told.campaign, told.at.astimezone(zone).date())
    return Contact(person, miss=told)


def visitor(one: AdContact, campaign: str) -> Visitor:
    """What HubSpot's properties tell of a contact's way: its first session and its first form. `campaign` "" where it is unknown."""
    sessions: tuple[Session, ...] = ()
    if one.first_seen_at:
        sessions = (Session(one.first_seen_at, one.first_seen_at + SESSION, campaign if one.paid else None),)
    forms = (Submission(one.first_form_at),) if one.first_form_at else ()
    return Visitor(one.id, one.created_at, one.cookie, sessions, forms)


def _events(tx: Connection, people: Mapping[str, Contact], zone: ZoneInfo, now: datetime) -> list[Event]:
    """One by one: there may be hundreds of thousands."""
    c = t.conversion.c
    clicks = ad_reports.clicks(tx, set(tx.execute(select(c.gclid).where(c.gclid.is_not(None))).scalars()))
    partners, by_gclid = _partners(tx), {one.gclid: one.id for one in ad_reports.contacts(tx)}
    every = conversions.all_of(tx)
    return [_event(one, clicks, _person(one, partners, by_gclid), people, zone, now) for one in every]


def _person(one: Conversion, partners: Mapping[str, str], by_gclid: Mapping[str, str]) -> str:
    """The HubSpot contact, by the pair or by the click; else the record itself."""
    if one.system == HUBSPOT:
        return f"{_KNOWN}{one.record_id}"
    contact = partners.get(one.record_id) or by_gclid.get(one.gclid or "")
    return f"{_KNOWN}{contact}" if contact else f"record:{one.record_id}"


def _partners(tx: Connection) -> dict[str, str]:
    """Salesforce record with a milestone -> HubSpot contact; a converted or merged lead by its survivor."""
    p, m = t.pair.c, t.mirror.c
    ids = set(tx.execute(select(t.conversion.c.record_id).where(t.conversion.c.system == SALESFORCE)).scalars())
    leads = select(m.id, m.merged_into).where(m.system == SALESFORCE, m.object == "Lead", m.merged_into.is_not(None))
    moved = {row.id: row.merged_into for row in tx.execute(leads.where(among(tx, m.id, ids)))}
    live = and_(p.state != PairState.CLOSED.value, p.hs_object == "contacts", p.hs_id.is_not(None))
    pairs = select(p.sf_id, p.hs_id).where(live, among(tx, p.sf_id, ids | set(moved.values())))
    found: dict[str, str] = {row.sf_id: row.hs_id for row in tx.execute(pairs)}
    return found | {lead: found[survivor] for lead, survivor in moved.items() if survivor in found}


def _event(
    one: Conversion,
    clicks: Mapping[str, Clicked],
    person: str,
    people: Mapping[str, Contact],
    zone: ZoneInfo,
    now: datetime,
) -> Event:
    """The campaign is that of the click; without one, that of the person's ad."""
    click = clicks.get(one.gclid or "")
    contact = people.get(person)
    campaign = click.campaign if click else (contact.campaign if contact else None) or ""
    return Event(
        id=one.order_id,
        person=person,
        campaign=campaign,
        day=one.happened_at.astimezone(zone).date(),
        action=one.sent_action or one.action,
        why=why_not_counted(one),
        click=one.click_id[1] if one.click_id else None,
        click_day=click.day if click else None,
        recent=is_recent(one.accepted_at, now),
    )


# --- clicks that will be too old


@dataclass(frozen=True, slots=True)
class Expiring:
    """An open opportunity that is expected to close when Google no longer counts its click. `expires_on`: the click's last day;
    `sure`: the click's day is known, else it is the latest possible."""

    deal: OpenDeal
    expires_on: date
    sure: bool


def expiring(tx: Connection, today: date, life: timedelta = CLICK_LIFE) -> list[Expiring]:
    """Those whose click is not yet too old, the next to expire first. `life`: of a click (or the action's shorter window)."""
    return sorted(_expiring(tx, today, life), key=lambda one: (one.expires_on, one.deal.id))


def _expiring(tx: Connection, today: date, life: timedelta) -> Iterator[Expiring]:
    """Days are compared as text: there may be many deals, few of them late."""
    deal, click = r.open_deal, r.click
    joined = deal.outerjoin(click, click.c.gclid == deal.c.gclid)
    query = select(deal, click.c.day).select_from(joined).where(deal.c.closes_on > today.isoformat())
    oldest, limits = (today - life).isoformat(), dict[str, str]()
    for id_, gclid, created_at, closes_on, known in tx.execute(query):
        if closes_on not in limits:
            limits[closes_on] = (date.fromisoformat(closes_on) - life).isoformat()
        day = known or created_at.date().isoformat()
        if oldest <= day < limits[closes_on]:
            one = OpenDeal(id_, gclid, created_at, date.fromisoformat(closes_on))
            yield Expiring(one, date.fromisoformat(day) + life, known is not None)
