"""Reports of ad networks and HubSpot's contacts of ads, in the store: put row by row, so that reading them again changes nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, and_, delete, select

from lockstep.conversions.reports import AdContact, Clicked, Counted, Diagnosis, OpenDeal, Traffic
from lockstep.store import report_tables as t
from lockstep.store.dialects import among, insert


@dataclass(frozen=True, slots=True)
class Put:
    """How many rows were new, changed, or known already."""

    new: int = 0
    updated: int = 0
    skipped: int = 0

    @property
    def counts(self) -> dict[str, int]:
        read = self.new + self.updated + self.skipped
        return {"read": read, "new": self.new, "updated": self.updated, "skipped": self.skipped}


def put_traffic(tx: Connection, account: str, rows: Iterable[Traffic]) -> Put:
    values = [
        {
            "account": account,
            "campaign": one.campaign,
            "day": one.day.isoformat(),
            "name": one.name,
            "clicks": one.clicks,
            "impressions": one.impressions,
            "cost_micros": one.cost_micros,
        }
        for one in rows
    ]
    return _put(tx, t.campaign_day, values, ("account", account))


def put_counted(tx: Connection, account: str, rows: Iterable[Counted], first: date, last: date) -> Put:
    """Conversions of these days. What Google reports no more (a conversion was taken back) becomes zero."""
    values = {
        (one.campaign, one.day.isoformat(), one.action): {
            "account": account,
            "campaign": one.campaign,
            "day": one.day.isoformat(),
            "action": one.action,
            "all_conversions": str(one.all),
            "conversions": str(one.primary),
            "value": str(one.value),
            "by_conversion_day": str(one.by_conversion_day),
        }
        for one in rows
    }
    c = t.network_conversion.c
    days = _days(c.day, first, last)
    nothing = dict.fromkeys(("all_conversions", "conversions", "value", "by_conversion_day"), "0")
    for row in tx.execute(select(t.network_conversion).where(c.account == account, days)).mappings():
        values.setdefault((row["campaign"], row["day"], row["action"]), {**row, **nothing})
    return _put(tx, t.network_conversion, list(values.values()), ("account", account))


def put_clicks(tx: Connection, account: str, rows: Iterable[Clicked]) -> Put:
    values = [
        {"gclid": one.gclid, "account": account, "campaign": one.campaign, "day": one.day.isoformat()} for one in rows
    ]
    return _put(tx, t.click, values, ("account", account))


def put_diagnoses(tx: Connection, account: str, rows: Iterable[Diagnosis], now: datetime) -> Put:
    """`account`: the one that owns the conversions."""
    values = [
        {
            "account": account,
            "client": one.client,
            "action": one.action,
            "status": one.status,
            "total": one.total,
            "successful": one.successful,
            "pending": one.pending,
            "last_upload": one.last_upload,
            "alerts": dict(one.alerts),
            "daily": {day: list(numbers) for day, numbers in one.daily.items()},
            "read_at": now,
        }
        for one in rows
    ]
    return _put(tx, t.diagnosis, values, ("account", account), besides=("read_at",))


def put_contacts(tx: Connection, rows: Iterable[AdContact]) -> Put:
    names = [column.name for column in t.ad_contact.c]
    return _put(tx, t.ad_contact, [{name: getattr(one, name) for name in names} for one in rows])


def put_open_deals(tx: Connection, rows: Iterable[OpenDeal]) -> Put:
    """All open opportunities: those that are not among them are closed, deleted, or have lost their click id."""
    values = [
        {"id": one.id, "gclid": one.gclid, "created_at": one.created_at, "closes_on": one.closes_on.isoformat()}
        for one in rows
    ]
    put = _put(tx, t.open_deal, values)
    gone = set(tx.execute(select(t.open_deal.c.id)).scalars()) - {str(one["id"]) for one in values}
    if gone:
        tx.execute(delete(t.open_deal).where(among(tx, t.open_deal.c.id, gone)))
    return put


def _put(
    tx: Connection,
    table: Table,
    values: Sequence[Mapping[str, Any]],
    of: tuple[str, str] | None = None,
    besides: Collection[str] = (),
) -> Put:
    """Insert or update rows by their key. `of`: the column and value that all of them share; `besides`: columns that say nothing of
    whether a row has changed."""
    key = [column.name for column in table.primary_key]
    known = _known(tx, table, key, values, of)
    told = [name for name in table.c.keys() if name not in besides]  # noqa: SIM118 - a column collection iterates over columns
    new = updated = 0
    changed = []
    for one in {tuple(one[name] for name in key): one for one in values}.values():
        before = known.get(tuple(one[name] for name in key))
        if before is None:
            new += 1
        elif any(before[name] != one[name] for name in told):
            updated += 1
        elif not besides:
            continue
        changed.append(one)
    if changed:
        statement = insert(tx, table)
        rest = {name: statement.excluded[name] for name in table.c.keys() if name not in key}  # noqa: SIM118 - as above
        tx.execute(statement.on_conflict_do_update(index_elements=key, set_=rest), [dict(one) for one in changed])
    return Put(new, updated, len({tuple(one[name] for name in key) for one in values}) - new - updated)


def _known(
    tx: Connection, table: Table, key: Sequence[str], values: Sequence[Mapping[str, Any]], of: tuple[str, str] | None
) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    query = select(table)
    if of:
        query = query.where(table.c[of[0]] == of[1])
    if "day" in table.c and values:
        days = [date.fromisoformat(one["day"]) for one in values]
        query = query.where(_days(table.c.day, min(days), max(days)))
    if len(key) == 1:
        query = query.where(among(tx, table.c[key[0]], [one[key[0]] for one in values]))
    return {tuple(row[name] for name in key): dict(row) for row in tx.execute(query).mappings()}


def _days(column: ColumnElement[str], first: date, last: date) -> ColumnElement[bool]:
    """Both included. (BETWEEN with collated parameters is a syntax error of PostgreSQL.)"""
    return and_(column >= first.isoformat(), column <= last.isoformat())


def forget_clicks(tx: Connection, account: str, before: date) -> int:
    """Drop clicks that no conversion can belong to any more. Returns how many."""
    c = t.click.c
    return tx.execute(delete(t.click).where(c.account == account, c.day < before.isoformat())).rowcount


def forget(tx: Connection, system: str, object: str, record_id: str) -> None:
    """Erase the way of a contact, or the click of an opportunity."""
    table = {("hubspot", "contacts"): t.ad_contact, ("salesforce", "Opportunity"): t.open_deal}.get((system, object))
    if table is not None:
        tx.execute(delete(table).where(table.c.id == record_id))


# --- reading


def clicks(tx: Connection, gclids: Collection[str]) -> dict[str, Clicked]:
    """GCLID -> its click, where it is known."""
    found = tx.execute(select(t.click).where(among(tx, t.click.c.gclid, gclids))).mappings() if gclids else ()
    return {
        row["gclid"]: Clicked(row["gclid"], row["campaign"], date.fromisoformat(row["day"]), row["account"])
        for row in found
    }


def traffic(tx: Connection, accounts: Collection[str], first: date) -> dict[tuple[str, date], int]:
    """(campaign, day) -> clicks, of these accounts, from the day `first` on."""
    c = t.campaign_day.c
    query = select(c.campaign, c.day, c.clicks).where(c.account.in_(accounts), c.day >= first.isoformat())
    return {(campaign, date.fromisoformat(day)): number for campaign, day, number in tx.execute(query)}


def campaigns(tx: Connection) -> dict[str, str]:
    """Campaign -> its name, of the newest day that is known."""
    c = t.campaign_day.c
    return {row.campaign: row.name for row in tx.execute(select(c.campaign, c.name).order_by(c.day))}


def counted(tx: Connection, accounts: Collection[str]) -> dict[tuple[str, date, str], Decimal]:
    """(campaign, day of the click, action) -> all conversions, of these accounts."""
    c = t.network_conversion.c
    rows = tx.execute(select(c.campaign, c.day, c.action, c.all_conversions).where(c.account.in_(accounts)))
    return {(campaign, date.fromisoformat(day), action): Decimal(number) for campaign, day, action, number in rows}


def contacts(tx: Connection) -> list[AdContact]:
    rows = tx.execute(select(t.ad_contact).order_by(t.ad_contact.c.id)).mappings()
    return [AdContact(**row) for row in rows]


def gclids_of(tx: Connection, record_id: str) -> list[str]:
    """Of a HubSpot contact or an open opportunity with this id."""
    some = (select(table.c.gclid).where(table.c.id == record_id) for table in (t.ad_contact, t.open_deal))
    return [gclid for query in some for gclid in tx.execute(query).scalars()]


def diagnoses(tx: Connection) -> list[tuple[str, datetime, Diagnosis]]:
    """(account, when it was read, diagnosis)."""
    c = t.diagnosis.c
    rows = tx.execute(select(t.diagnosis).order_by(c.account, c.client, c.action)).mappings()
    return [(row["account"], row["read_at"], _diagnosis(row)) for row in rows]


def _diagnosis(row: RowMapping) -> Diagnosis:
    return Diagnosis(
        client=row["client"],
        action=row["action"],
        status=row["status"],
        total=row["total"],
        successful=row["successful"],
        pending=row["pending"],
        last_upload=row["last_upload"],
        alerts=row["alerts"],
        daily={day: tuple(numbers) for day, numbers in row["daily"].items()},
    )
