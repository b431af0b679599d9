"""Conversions as people look at them: counted by action and state, and listed page by page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from lockstep.conversions.record import Conversion, ConversionState
from lockstep.store import conversions
from lockstep.store import tables as t


@dataclass(frozen=True, slots=True)
class ConversionFilter:
    """Which conversions; what is empty or None does not filter. `account` "": those of the connection's account. Times are when the
    milestone happened, `date_to` not included."""

    states: Collection[ConversionState] = ()
    codes: Collection[str] = ()
    milestones: Collection[str] = ()
    actions: Collection[str] = ()
    account: str | None = None
    date_from: datetime | None = None
    date_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many conversions of one milestone are in one state for one reason. `account` None: the connection's."""

    account: str | None
    action: str
    milestone: str
    state: ConversionState
    code: str | None
    number: int


def tallies(tx: Connection) -> list[Tally]:
    """Of all conversions, by account, action and milestone."""
    c = t.conversion.c
    columns = (c.account, c.action, c.milestone, c.state, c.code)
    rows = tx.execute(select(*columns, func.count()).group_by(*columns).order_by(*columns))
    return [Tally(account, action, name, ConversionState(state), code, n) for account, action, name, state, code, n in rows]  # fmt: skip


def page(tx: Connection, wanted: ConversionFilter, before: int | None, limit: int) -> list[Conversion]:
    """Those found last come first. `before`: only those with a smaller id."""
    c = t.conversion.c
    where = [*_where(wanted), *([c.id < before] if before is not None else [])]
    found = tx.execute(select(t.conversion).where(*where).order_by(c.id.desc()).limit(limit))
    return list(conversions.decoded(found.mappings()))


def states(tx: Connection, wanted: ConversionFilter) -> dict[ConversionState, int]:
    """How many of them are in which state."""
    c = t.conversion.c
    rows = tx.execute(select(c.state, func.count()).where(*_where(wanted)).group_by(c.state))
    return {ConversionState(state): number for state, number in rows}


def count(tx: Connection, wanted: ConversionFilter) -> int:
    return tx.execute(select(func.count()).select_from(t.conversion).where(*_where(wanted))).scalar_one()


def _where(wanted: ConversionFilter) -> list[ColumnElement[bool]]:
    c = t.conversion.c
    some: Mapping[ColumnElement[str], Collection[str]] = {
        c.state: [one.value for one in wanted.states],
        c.code: wanted.codes,
        c.milestone: wanted.milestones,
        c.action: wanted.actions,
    }
    found: list[ColumnElement[bool]] = [column.in_(sorted(values)) for column, values in some.items() if values]
    if wanted.account is not None:
        found.append(c.account == wanted.account if wanted.account else c.account.is_(None))
    if wanted.date_from:
        found.append(c.happened_at >= wanted.date_from)
    if wanted.date_to:
        found.append(c.happened_at < wanted.date_to)
    return found


def of_record(tx: Connection, record_id: str) -> Sequence[Conversion]:
    """Whatever system and object the record is of."""
    places = (("salesforce", "Lead"), ("salesforce", "Opportunity"), ("hubspot", "contacts"))
    found = (conversions.by_record(tx, *place, [record_id]).get(record_id, []) for place in places)
    return [one for some in found for one in some]
