"""Why Google's conversions and HubSpot's contacts differ: one row per campaign and day whose buckets add up to the difference.

Both numbers are right. Google counts actions on the day of the click, HubSpot people on the day of their first form (AT-01, AT-05).
A row's day is the day on which things happened, in the account's time zone: a milestone, or a first form. Pure, and exact: all
numbers are decimals, since Google shares a conversion out over several clicks.

    network - contacts  =  what Google counts besides, or on another day
                         - milestones that it does not count, by reason
                         + milestones of people who have more than one
                         + people with a milestone who are no contacts of the ad, by reason
                         - contacts of the ad without a milestone
                         + what is left (`not_explained`)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from lockstep.conversions.attribution import Miss
from lockstep.conversions.record import RECORDED, Conversion, ConversionState

#: accepted conversions may be missing in Google's reports for so long
REPORTED_WITHIN = timedelta(hours=24)
ONE, NONE = Decimal(1), Decimal(0)


class Bucket(StrEnum):
    """Parts of the difference. `rejected` is followed by the code."""

    OTHER_SOURCES = "other_sources"
    ANOTHER_DAY = "counted_on_another_day"
    NO_CLICK_ID = "no_click_id"
    EXPIRED = "expired"
    TOO_RECENT = "too_recent"
    NOT_SENT = "not_sent"
    PENDING = "pending"
    REJECTED = "rejected"
    UNKNOWN_ROW = "rejected_but_row_unknown"
    DUPLICATE = "duplicate"
    CONSENT = "consent"
    TAKEN_BACK = "taken_back"
    ONCE_PER_CLICK = "counted_once_per_click"
    SEVERAL_ACTIONS = "several_actions_by_one_person"
    EXISTING_CONTACT = "existing_contact"
    NOT_TRACKED = "not_tracked"
    OTHER_SESSION = "other_session"
    NOT_IN_HUBSPOT = "not_in_hubspot"
    OTHER_AD = "contact_of_another_ad_or_day"
    NO_MILESTONE = "contact_without_milestone"
    NOT_EXPLAINED = "not_explained"


_DUPLICATES = frozenset(
    {"ads_click_conversion_already_exists", "ads_call_conversion_already_exists", "ads_duplicate_gclid"}
)
_OF_STATE = {
    ConversionState.UNIDENTIFIED: Bucket.NO_CLICK_ID,
    ConversionState.READY: Bucket.NOT_SENT,
    ConversionState.WITHHELD: Bucket.CONSENT,
    ConversionState.WITHDRAWN: Bucket.TAKEN_BACK,
    ConversionState.EXPIRED: Bucket.EXPIRED,
    ConversionState.SENT: Bucket.PENDING,
    ConversionState.PENDING: Bucket.PENDING,
    ConversionState.UNRESOLVED: Bucket.UNKNOWN_ROW,
    ConversionState.RETRACTED: Bucket.TAKEN_BACK,
}
_OF_MISS = {
    Miss.EXISTING: Bucket.EXISTING_CONTACT,
    Miss.NO_COOKIE: Bucket.NOT_TRACKED,
    Miss.NO_FORM: Bucket.NOT_TRACKED,
    Miss.OTHER_SESSION: Bucket.OTHER_SESSION,
    Miss.NOT_IN_HUBSPOT: Bucket.NOT_IN_HUBSPOT,
}


def why_not_counted(one: Conversion) -> str | None:
    """The bucket of a conversion that Google does not count; None for one that it does."""
    if one.state in RECORDED or one.state is ConversionState.CANNOT_RETRACT:
        return None
    if one.state is ConversionState.WAITING:
        return Bucket.TOO_RECENT if (one.code or "").startswith("ads_too_recent") else Bucket.NOT_SENT
    if one.state is ConversionState.REJECTED:
        if one.code in _DUPLICATES:
            return Bucket.DUPLICATE
        return Bucket.EXPIRED if one.code == "ads_expired_event" else f"{Bucket.REJECTED} {one.code}"
    return _OF_STATE[one.state]


@dataclass(frozen=True, slots=True)
class Event:
    """A milestone. `why`: the bucket of one that Google does not count. `day`: on which it happened; `click_day`: of its click,
    where that is known, in its `campaign`. `recent`: accepted so lately that reports may not have it."""

    id: str
    person: str
    campaign: str
    day: date
    action: str
    why: str | None = None
    click: str | None = None
    click_day: date | None = None
    recent: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of HubSpot. `campaign` and `day`: what it is attributed to; else `miss` says why not. None of these: it is attributed
    to another account's ad."""

    id: str
    campaign: str | None = None
    day: date | None = None
    miss: Miss | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One campaign and day. `events`: milestones that happened; `uploaded`: those that Google was sent."""

    campaign: str
    day: date
    network: Decimal = NONE
    contacts: int = 0
    clicks: int = 0
    events: int = 0
    accepted: int = 0
    buckets: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def difference(self) -> Decimal:
        return self.network - self.contacts

    @property
    def adds_up(self) -> bool:
        return sum(self.buckets.values(), NONE) == self.difference


Cell = tuple[str, date]


class _Sheet:
    """Rows while they are being filled."""

    def __init__(self) -> None:
        self.numbers: dict[Cell, dict[str, Decimal]] = {}
        self.buckets: dict[Cell, dict[str, Decimal]] = {}

    def count(self, cell: Cell, name: str, by: Decimal = ONE) -> None:
        of_cell = self.numbers.setdefault(cell, {})
        of_cell[name] = of_cell.get(name, NONE) + by

    def explain(self, cell: Cell, bucket: str, by: Decimal) -> None:
        self.numbers.setdefault(cell, {})
        of_cell = self.buckets.setdefault(cell, {})
        of_cell[bucket] = of_cell.get(bucket, NONE) + by

    def number(self, cell: Cell, name: str) -> Decimal:
        return self.numbers.get(cell, {}).get(name, NONE)

    def rows(self) -> list[Row]:
        return [
            Row(
                campaign=cell[0],
                day=cell[1],
                network=numbers.get("network", NONE),
                contacts=int(numbers.get("contacts", NONE)),
                clicks=int(numbers.get("clicks", NONE)),
                events=int(numbers.get("events", NONE)),
                accepted=int(numbers.get("accepted", NONE)),
                buckets={name: by for name, by in sorted(self.buckets.get(cell, {}).items()) if by},
            )
            for cell, numbers in sorted(self.numbers.items())
        ]


def reconcile(
    events: Iterable[Event],
    contacts: Iterable[Contact],
    network: Mapping[tuple[str, date, str], Decimal],
    clicks: Mapping[Cell, int],
    once: frozenset[str] = frozenset(),
) -> list[Row]:
    """The table, by campaign and day. `network`: (campaign, day of the click, action) -> Google's conversions; `once`: actions that
    count one conversion per click. An event's person is its contact's id."""
    sheet, events, people = _Sheet(), list(events), {one.id: one for one in contacts}
    for cell, number in clicks.items():
        sheet.count(cell, "clicks", Decimal(number))
    _counted(sheet, events, network, once)
    _uncounted(sheet, events)
    _people(sheet, events, people)
    return sheet.rows()


def _counted(
    sheet: _Sheet, events: Iterable[Event], network: Mapping[tuple[str, date, str], Decimal], once: frozenset[str]
) -> None:
    """What Google counts, on which day; and what is left of its number."""
    ours = {one.action for one in events}
    expected: dict[Cell, Decimal] = {}
    recent: dict[Cell, Decimal] = {}
    seen: set[tuple[str, str]] = set()
    for one in events:
        if one.why is not None:
            continue
        happened, counted = (one.campaign, one.day), (one.campaign, one.click_day or one.day)
        sheet.count(happened, "accepted")
        if one.click and one.action in once and (one.click, one.action) in seen:
            sheet.explain(happened, Bucket.ONCE_PER_CLICK, -ONE)
            continue
        seen.add((one.click or one.id, one.action))
        if counted != happened:
            sheet.explain(happened, Bucket.ANOTHER_DAY, -ONE)
            sheet.explain(counted, Bucket.ANOTHER_DAY, ONE)
        expected[counted] = expected.get(counted, NONE) + ONE
        recent[counted] = recent.get(counted, NONE) + (ONE if one.recent else NONE)
    told: dict[Cell, Decimal] = {}
    for (campaign, day, action), number in network.items():
        sheet.count((campaign, day), "network", number)
        if action in ours:
            told[campaign, day] = told.get((campaign, day), NONE) + number
        else:
            sheet.explain((campaign, day), Bucket.OTHER_SOURCES, number)
    for cell in expected.keys() | told.keys():
        left = told.get(cell, NONE) - expected.get(cell, NONE)
        pending = min(max(-left, NONE), recent.get(cell, NONE))
        sheet.explain(cell, Bucket.PENDING, -pending)
        sheet.explain(cell, Bucket.NOT_EXPLAINED, left + pending)


def _uncounted(sheet: _Sheet, events: Iterable[Event]) -> None:
    for one in events:
        cell = (one.campaign, one.day)
        sheet.count(cell, "events")
        if one.why is not None:
            sheet.explain(cell, one.why, -ONE)


def _people(sheet: _Sheet, events: Iterable[Event], people: Mapping[str, Contact]) -> None:
    """From milestones to people, and from people to contacts."""
    there: set[tuple[Cell, str]] = set()
    for one in events:
        cell = (one.campaign, one.day)
        if (cell, one.person) in there:
            sheet.explain(cell, Bucket.SEVERAL_ACTIONS, ONE)
            continue
        there.add((cell, one.person))
        contact = people.get(one.person, Contact(one.person, miss=Miss.NOT_IN_HUBSPOT))
        if (contact.campaign, contact.day) != cell:
            sheet.explain(cell, _OF_MISS[contact.miss] if contact.miss else Bucket.OTHER_AD, ONE)
    for contact in people.values():
        if contact.campaign is None or contact.day is None:
            continue
        cell = (contact.campaign, contact.day)
        sheet.count(cell, "contacts")
        if (cell, contact.id) not in there:
            sheet.explain(cell, Bucket.NO_MILESTONE, -ONE)


def is_recent(accepted_at: datetime | None, now: datetime) -> bool:
    """Whether Google's reports may not have it yet."""
    return accepted_at is not None and now - accepted_at < REPORTED_WITHIN
