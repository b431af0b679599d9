"""One look at why Google's conversions and HubSpot's contacts differ, by campaign and day (AT-05)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from lockstep.conversions.reconciliation import Row
from lockstep.store import ad_reports, difference_rows, differences
from lockstep_airflow.status.conversions.bridge import Bar, Part, bars, ordered, parts
from lockstep_airflow.status.conversions.query import NOWHERE, DaysQuery

ROWS = 50
NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the table, the campaign's name ("" without a campaign; its id where no name is known), and its picture."""

    row: Row
    name: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of rows, and the way from HubSpot's number to Google's, which the parts add up to."""

    contacts: int
    network: Decimal
    clicks: int
    events: int
    accepted: int
    buckets: dict[str, Decimal]

    @property
    def difference(self) -> Decimal:
        return self.network - self.contacts

    @property
    def bars(self) -> tuple[Bar, ...]:
        return bars(Decimal(self.contacts), self.buckets, self.network)


@dataclass(frozen=True, slots=True)
class Sheet:
    """`made_at`: when it was worked out, None: never. `first`, `last`: days in `zone`. `rows`: of this page, newest day first; `every`: of all pages; `agreeing`: how many there are of
    which there is nothing to explain. `campaigns`: id -> name, of all
    that have rows in these days. `accounts`: of which reports were read."""

    made_at: datetime | None
    first: date
    last: date
    zone: str
    account: str
    accounts: tuple[str, ...]
    rows: tuple[Shown, ...]
    every: tuple[Row, ...]
    agreeing: int
    pages: int
    totals: Totals
    campaigns: dict[str, str]


def sheet(tx: Connection, query: DaysQuery, now: datetime, size: int = ROWS) -> Sheet:
    accounts = differences.accounts(tx)
    account = query.account if query.account in accounts else next(iter(accounts), "")
    place = differences.place_of(tx, account, now)
    zone = place.zone if place else "UTC"
    first, last = query.days(now.astimezone(ZoneInfo(zone)).date())
    found = difference_rows.rows(tx, account, first, last)
    names = ad_reports.campaigns(tx)
    every = _chosen(found, query.campaign)
    telling = [row for row in every if row.buckets]
    listed = every if query.all else telling
    begin = (query.page - 1) * size
    return Sheet(
        made_at=difference_rows.made_at(tx, account, now),
        first=first,
        last=last,
        zone=zone,
        account=account,
        accounts=accounts,
        rows=_shown(listed[begin : begin + size], names),
        every=tuple(every),
        agreeing=len(every) - len(telling),
        pages=max(1, -(-len(listed) // size)),
        totals=totals(every),
        campaigns={one: names.get(one, one) for one in sorted({row.campaign for row in found})},
    )


def _chosen(found: Sequence[Row], campaign: str) -> list[Row]:
    """Newest day first, and within it what differs most."""
    wanted = "" if campaign == NOWHERE else campaign
    rows = [row for row in found if not campaign or row.campaign == wanted]
    return sorted(rows, key=lambda row: (row.day, abs(row.difference), row.clicks, row.campaign), reverse=True)


def _shown(rows: Sequence[Row], names: dict[str, str]) -> tuple[Shown, ...]:
    widest = max((side for row in rows for side in _sides(row)), default=NONE)
    return tuple(Shown(row, names.get(row.campaign, row.campaign), parts(row.buckets, widest)) for row in rows)


def _sides(row: Row) -> tuple[Decimal, Decimal]:
    """What the parts of a row add up to on either side of nothing."""
    less = sum((by for by in row.buckets.values() if by < 0), NONE)
    return -less, sum((by for by in row.buckets.values() if by > 0), NONE)


def totals(rows: Iterable[Row]) -> Totals:
    rows = list(rows)
    names = ordered({name for row in rows for name in row.buckets})
    sums = {name: sum((row.buckets.get(name, NONE) for row in rows), NONE) for name in names}
    return Totals(
        contacts=sum(row.contacts for row in rows),
        network=sum((row.network for row in rows), NONE),
        clicks=sum(row.clicks for row in rows),
        events=sum(row.events for row in rows),
        accepted=sum(row.accepted for row in rows),
        buckets={name: by for name, by in sums.items() if by},
    )
