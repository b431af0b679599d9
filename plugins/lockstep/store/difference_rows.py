"""The explained difference of both numbers, kept as it was when reports were read: a page shows it without working it out anew."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, delete, insert, select

from lockstep.conversions.reconciliation import Row
from lockstep.store import cache
from lockstep.store import report_tables as t
from lockstep.store.dialects import lock

_MADE, _FOR_GOOD = "differences:made:", timedelta(days=36_500)


def keep(tx: Connection, account: str, first: date, rows: Iterable[Row], now: datetime) -> None:
    """All rows of an account from the day `first` on: those that were kept of these days are gone, earlier ones stay."""
    lock(tx, "differences", account)  # reports are read by several tasks at once
    c = t.difference.c
    tx.execute(delete(t.difference).where(c.account == account, c.day >= first.isoformat()))
    values = [_encoded(account, one) for one in rows]
    if values:
        tx.execute(insert(t.difference), values)
    cache.put(tx, _MADE + account, now.isoformat(), now + _FOR_GOOD)


def made_at(tx: Connection, account: str, now: datetime) -> datetime | None:
    """When they were worked out; None: never."""
    found = cache.get(tx, _MADE + account, now)
    return datetime.fromisoformat(found) if found else None


def rows(tx: Connection, account: str, first: date, last: date) -> Sequence[Row]:
    """From `first` to `last`, both included."""
    c = t.difference.c
    days = (c.day >= first.isoformat(), c.day <= last.isoformat())
    found = tx.execute(select(t.difference).where(c.account == account, *days).order_by(c.day, c.campaign)).mappings()
    return [
        Row(
            campaign=row["campaign"],
            day=date.fromisoformat(row["day"]),
            network=Decimal(row["network"]),
            contacts=row["contacts"],
            clicks=row["clicks"],
            events=row["events"],
            accepted=row["accepted"],
            buckets={name: Decimal(by) for name, by in row["buckets"].items()},
        )
        for row in found
    ]


def _encoded(account: str, one: Row) -> dict[str, object]:
    return {
        "account": account,
        "day": one.day.isoformat(),
        "campaign": one.campaign,
        "network": str(one.network),
        "contacts": one.contacts,
        "clicks": one.clicks,
        "events": one.events,
        "accepted": one.accepted,
        "buckets": {str(name): str(by) for name, by in one.buckets.items()},
    }
