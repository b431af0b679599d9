"""One look at the errors that a query asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from lockstep.errors import kind_of
from lockstep.store import ledger
from lockstep.store.ledger import Card, ErrorFilter, ErrorRow
from lockstep_airflow.status.choices import Choices, choices
from lockstep_airflow.status.errors.query import CARDS, ErrorQuery
from lockstep_airflow.status.errors.trend import Trend, by_day, trend
from lockstep_airflow.status.plans.refused import CODE as REFUSED
from lockstep_airflow.status.plans.refused import Refused, refused

ROWS = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """A card and its trend. `class_`: the section of the operations guide that it belongs to."""

    card: Card
    trend: Trend

    @property
    def class_(self) -> str:
        return kind_of(self.card.cause.code).cls.value

    @property
    def over(self) -> bool:
        return self.card.standing == 0


@dataclass(frozen=True, slots=True)
class Board:
    """A page of cards. `records`, `jobs`: (touched, still so) by level; `total`: cards on all pages."""

    cards: list[Shown]
    total: int
    jobs: tuple[int, int]
    records: tuple[int, int]
    choices: Choices


def board(tx: Connection, query: ErrorQuery, now: datetime) -> Board:
    filters = query.filter(now)
    found, total = ledger.cards(tx, filters, CARDS, query.offset)
    levels = ledger.totals(tx, filters)
    return Board(
        cards=_shown(tx, filters, found, now),
        total=total,
        jobs=levels[True],
        records=levels[False],
        choices=choices(tx, now, [*query.objects, *(one.cause.object for one in found)], query.systems),
    )


def _shown(tx: Connection, filters: ErrorFilter, found: Sequence[Card], now: datetime) -> list[Shown]:
    if not found:
        return []
    end = min(filters.date_to or now, now)
    start = min(filters.date_from or min(card.first for card in found), end - timedelta(hours=1))
    counted = ledger.trend(tx, filters, [card.id for card in found], by_day(start, end))
    return [Shown(card, trend(counted[card.id], start, end)) for card in found]


@dataclass(frozen=True, slots=True)
class Opened:
    """One card and a page of its records, each with its last error. `following`: the `before` of the next page, None at the end.
    `refused`: the latest plan that was refused for this reason."""

    shown: Shown
    rows: list[ErrorRow]
    following: int | None
    refused: Refused | None


def opened(tx: Connection, query: ErrorQuery, before: int | None, now: datetime, limit: int = ROWS) -> Opened | None:
    """None if no error of this cause matches."""
    filters = query.filter(now)
    found = ledger.card(tx, filters)
    if found is None:
        return None
    rows = list(ledger.errors(tx, replace(filters, latest=True), limit + 1, before))
    more = rows[limit - 1].id if len(rows) > limit else None
    return Opened(_shown(tx, filters, [found], now)[0], rows[:limit], more, _refused(tx, found, rows))


def _refused(tx: Connection, card: Card, rows: Sequence[ErrorRow]) -> Refused | None:
    if card.cause.code != REFUSED or not rows:
        return None
    return refused(tx, ledger.run(tx, ledger.batch(tx, rows[0].batch_id).run_id))
