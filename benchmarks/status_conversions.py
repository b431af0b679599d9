"""Conversions for the benchmark of Sync Status: of thirteen months, in all states, with clicks, contacts of ads and reports."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from lockstep.conversions.places import Place
from lockstep.conversions.record import Conversion, ConversionState
from lockstep.conversions.reports import AdContact, Clicked, Counted, OpenDeal, Traffic
from lockstep.store import Store, ad_reports, conversions, difference_rows, differences

ACCOUNT, DAYS, CAMPAIGNS, ACTIONS, CHUNK = "2223334445", 395, 10, 3, 5_000
S = ConversionState
#: state and code -> how many of a hundred
SHARES = {
    (S.ACCEPTED, None): 62,
    (S.REJECTED, "ads_event_not_found"): 18,
    (S.UNIDENTIFIED, "ads_no_identifier"): 10,
    (S.EXPIRED, "ads_expired_event"): 5,
    (S.WAITING, "ads_too_recent_event"): 3,
    (S.PENDING, None): 2,
}
#: of one conversion each
CLICK, RECORD = f"Cj0KCQ{51:056}", f"00Q5g{51:013}"
PAGES = (
    "conversions", "conversions/list", "conversions/list?state=rejected", "conversions/list?state=waiting&action=700001&account=own",
    f"conversions/passport?q={CLICK}", f"conversions/passport?q={RECORD}", "conversions/differences", "conversions/expiring",
    "api/conversions", "api/conversions/list", "api/conversions/differences",
)  # fmt: skip


def fill(store: Store, number: int, now: datetime) -> None:
    """`number`: of conversions; every tenth has no click id, half of the clicks are known, every fifth is a contact's."""
    chance = random.Random(1)
    for begin in range(0, number, CHUNK):
        some = [_one(n, now, chance) for n in range(begin, min(begin + CHUNK, number))]
        clicked = [one for one in some if one.gclid]
        with store.writing() as tx:
            conversions.put(tx, some, now)
            ad_reports.put_clicks(tx, ACCOUNT, [_click(one) for one in clicked[::2]])
            ad_reports.put_contacts(tx, [_contact(one) for one in clicked[::5]])
    with store.writing() as tx:
        _reports(tx, number, now, chance)
    with store.reading() as tx:
        rows = differences.report(tx, {ACCOUNT: date.min}, ACCOUNT, now)[ACCOUNT]
    with store.writing() as tx:
        difference_rows.keep(tx, ACCOUNT, date.min, rows, now)


def _one(n: int, now: datetime, chance: random.Random) -> Conversion:
    at, record = now - timedelta(days=chance.random() * DAYS), f"00Q5g{n:013}"
    state, code = chance.choices(list(SHARES), list(SHARES.values()))[0]
    return Conversion(
        f"{record}-m-{n}", "salesforce", "Lead", record, f"m{n % ACTIONS}", str(n), None, f"70000{n % ACTIONS}", at, value="10",
        gclid=f"Cj0KCQ{n:056}" if n % 10 else None, people=(("email", "a" * 64),), click_by=at, state=state, code=code,
        sent_action=f"70000{n % ACTIONS}", accepted_at=at if state is S.ACCEPTED else None,
    )  # fmt: skip


def _click(one: Conversion) -> Clicked:
    return Clicked(one.gclid or "", f"c{int(one.entry) % CAMPAIGNS}", one.happened_at.date() - timedelta(days=3))


def _contact(one: Conversion) -> AdContact:
    at = one.happened_at - timedelta(days=3)
    return AdContact(one.entry, one.gclid or "", at, at, at, 1, True, True)


def _reports(tx: Connection, number: int, now: datetime, chance: random.Random) -> None:
    days = [now.date() - timedelta(days=ago) for ago in range(DAYS)]
    places = [(f"c{campaign}", day) for campaign in range(CAMPAIGNS) for day in days]
    ad_reports.put_traffic(tx, ACCOUNT, [Traffic(campaign, campaign, day, 9, 90, 9) for campaign, day in places])
    counted = [Counted(*place, f"70000{n}", Decimal(chance.randint(0, 9))) for place in places for n in range(ACTIONS)]
    ad_reports.put_counted(tx, ACCOUNT, counted, days[-1], days[0])
    closes = [(now + timedelta(days=chance.randint(1, 200))).date() for _ in range(number // 10)]
    ad_reports.put_open_deals(tx, [OpenDeal(f"006{n}", f"Cj0KCQ{n:056}", now, day) for n, day in enumerate(closes)])
    place = Place(ACCOUNT, "Europe/Oslo", ACCOUNT, frozenset({"700001"}), frozenset({ACCOUNT}))
    differences.note_place(tx, place, now)
