"""What the explanation of both numbers is made of: milestones with their clicks and people, contacts of ads, Google's reports."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, select

from lockstep.conversions.attribution import SESSION, Attributed, Miss, Session, Submission, Visitor, attributed
from lockstep.conversions.places import Place, Places
from lockstep.conversions.reconciliation import Contact, Event, Row, is_recent, reconcile, why_not_counted
from lockstep.conversions.record import CLICK_LIFE, Conversion
from lockstep.conversions.reports import AdContact, Clicked, OpenDeal
from lockstep.model import HUBSPOT, SALESFORCE, PairState
from lockstep.store import ad_reports, cache, conversions
from lockstep.store import report_tables as r
from lockstep.store import tables as t
from lockstep.store.dialects import among

_PLACE, _FOR_GOOD = "network:place:", timedelta(days=36_500)


def note_place(tx: Connection, place: Place, now: datetime) -> None:
    """Clients that were known before stay: what a closed account counted still stands in a table."""
    known = place_of(tx, place.account, now)
    clients = place.clients | (known.clients if known else frozenset())
    value = {"zone": place.zone, "owner": place.owner, "once": sorted(place.once), "clients": sorted(clients)}
    cache.put(tx, _PLACE + place.account, value, now + _FOR_GOOD)


def place_of(tx: Connection, account: str, now: datetime) -> Place | None:
    """None for an account of which no report was ever read."""
    found = cache.get(tx, _PLACE + account, now)
    return _place(account, found) if found else None


def _place(account: str, found: Mapping[str, Any]) -> Place:
    return Place(account, found["zone"], found["owner"], frozenset(found["once"]), frozenset(found["clients"]))


def accounts(tx: Connection) -> tuple[str, ...]:
    """Google Ads accounts of which reports were read."""
    return tuple(cache.every(tx, _PLACE))


def report(tx: Connection, first: Mapping[str, date], own: str, now: datetime) -> dict[str, list[Row]]:
    """Account -> why both numbers differ, by campaign and day of its time zone, from its `first` day on. Each row adds up, and each
    milestone, contact and campaign stands in one account's table. `own`: the account of milestones that name none."""
    places = Places((_place(account, found) for account, found in cache.every(tx, _PLACE).items()), own)
    people = _people(tx)
    milestones, homes = _milestones(tx, people, places, now)
    return {
        account: _table(tx, place, places, milestones[account], _contacts(people, homes, place, places), begin)
        for account, begin in first.items()
        if (place := places.of(account))
    }


def _table(
    tx: Connection, place: Place, places: Places, events: Sequence[Event], contacts: Iterable[Contact], first: date
) -> list[Row]:
    clients = places.clients(place.account)
    counted, traffic = ad_reports.counted(tx, clients), ad_reports.traffic(tx, clients, first)
    return [row for row in reconcile(events, contacts, counted, traffic, place.once) if row.day >= first]


#: a person that is known in HubSpot; all others are known by their record alone
_KNOWN = "contact:"


@dataclass(frozen=True, slots=True)
class _Way:
    """How a contact came. `clicked_in`: the account of its click, where that is known."""

    told: Attributed | Miss
    clicked_in: str | None


def _people(tx: Connection) -> dict[str, _Way]:
    """Contacts that came with a GCLID, by person."""
    some = ad_reports.contacts(tx)
    clicks = ad_reports.clicks(tx, {one.gclid for one in some})
    return {f"{_KNOWN}{one.id}": _way(one, clicks.get(one.gclid)) for one in some}


def _way(one: AdContact, click: Clicked | None) -> _Way:
    return _Way(attributed(visitor(one, click.campaign if click else "")), click.account if click else None)


def _contacts(
    people: Mapping[str, _Way], homes: Mapping[str, Place], place: Place, places: Places
) -> Iterator[Contact]:
    """All people as this account's table sees them. One whose click is in no report stands where its milestones do."""
    zone = ZoneInfo(place.zone)
    for person, way in people.items():
        if isinstance(way.told, Miss):
            yield Contact(person, miss=way.told)
        elif (places.of_client(way.clicked_in) or homes.get(person) or places.own) is place:
            yield Contact(person, way.told.campaign, way.told.at.astimezone(zone).date())
        else:
            yield Contact(person)
    known = (person for person in homes if person.startswith(_KNOWN) and person not in people)
    yield from (Contact(person, miss=Miss.NO_COOKIE) for person in known)


def visitor(one: AdContact, campaign: str) -> Visitor:
    """What HubSpot's properties tell of a contact's way: its first session and its first form. `campaign` "" where it is unknown."""
    sessions: tuple[Session, ...] = ()
    if one.first_seen_at:
        sessions = (Session(one.first_seen_at, one.first_seen_at + SESSION, campaign if one.paid else None),)
    forms = (Submission(one.first_form_at),) if one.first_form_at else ()
    return Visitor(one.id, one.created_at, one.cookie, sessions, forms)


def _milestones(
    tx: Connection, people: Mapping[str, _Way], places: Places, now: datetime
) -> tuple[dict[str, list[Event]], dict[str, Place]]:
    """Account -> its milestones; and person -> where the first of them stands. One by one: there may be hundreds of thousands."""
    c = t.conversion.c
    clicks = ad_reports.clicks(tx, set(tx.execute(select(c.gclid).where(c.gclid.is_not(None))).scalars()))
    partners, by_gclid = _partners(tx), {one.gclid: one.id for one in ad_reports.contacts(tx)}
    found: dict[str, list[Event]] = defaultdict(list)
    homes: dict[str, Place] = {}
    for one in conversions.all_of(tx):
        person, click = _person(one, partners, by_gclid), clicks.get(one.gclid or "")
        way = people.get(person)
        clicked_in = click.account if click else way.clicked_in if way else None
        place = places.of_milestone(one.account, one.sent_account, clicked_in)
        if place is not None:
            homes.setdefault(person, place)
            here = clicked_in is None or places.of_client(clicked_in) is place
            found[place.account].append(_event(one, click if here else None, person, way if here else None, place, now))
    return found, homes


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


def _event(one: Conversion, click: Clicked | None, person: str, way: _Way | None, place: Place, now: datetime) -> Event:
    """The campaign is that of the click; without one, that of the person's ad. Both are of this place, or None."""
    ad = way.told.campaign if way and isinstance(way.told, Attributed) else ""
    return Event(
        id=one.order_id,
        person=person,
        campaign=click.campaign if click else ad,
        day=one.happened_at.astimezone(ZoneInfo(place.zone)).date(),
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
