"""How many batches there are, and what they came to (MK-05): from the days that are kept, and the batches of all others."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select

from lockstep.model import COUNTERS
from lockstep.store import tables as t
from lockstep.store.ledger.days import DAY, idle, kept
from lockstep.store.ledger.page import BatchFilter

_NUMBERS = ("batches", *COUNTERS)


@dataclass(frozen=True, slots=True)
class Totals:
    """Over all batches that match, not only those of a page."""

    batches: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Tally:
    """Batches and their counts, by status and whether they were idle."""

    groups: Mapping[tuple[str, bool], Mapping[str, int]] = field(default_factory=dict)

    def of(self, statuses: Collection[str] = (), worked: bool = False) -> Totals:
        """`statuses`: empty: all; `worked`: without those that were idle (see BatchFilter)."""
        found: Counter[str] = Counter()
        for (status, was_idle), numbers in self.groups.items():
            if (not statuses or status in statuses) and not (worked and was_idle):
                found.update(numbers)
        return Totals(found["batches"], {name: found[name] for name in COUNTERS})


def tally(tx: Connection, filters: BatchFilter) -> Tally:
    """Of all batches that match, whatever their status and whether they worked."""
    chosen = replace(filters, statuses=(), worked=False)
    few = chosen.run_ids or chosen.entities or chosen.batch_id is not None
    days = [] if few else kept(tx, chosen.date_from, chosen.date_to)
    rows = [*_of_days(tx, days, chosen)] if days else []
    for date_from, date_to in _between(days, chosen.date_from, chosen.date_to):
        rows += _of_batches(tx, replace(chosen, date_from=date_from, date_to=date_to))
    sums: defaultdict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    for row in rows:
        sums[row["status"], bool(row["idle"])].update({name: int(row[name]) for name in _NUMBERS})
    return Tally(dict(sums))


def _of_batches(tx: Connection, filters: BatchFilter) -> Iterable[RowMapping]:
    c = t.batch.c
    # an expression: for the column itself SQLite would read all batches by status rather than those of the time asked for
    key = (c.status + "").label("status"), idle().label("idle")
    sums = (func.sum(c[name]).label(name) for name in COUNTERS)
    query = select(*key, func.count().label("batches"), *sums).where(filters.where())
    return tx.execute(query.group_by(*key)).mappings()


def _of_days(tx: Connection, days: Sequence[datetime], filters: BatchFilter) -> Iterable[RowMapping]:
    """:param days: all that are kept between the first and the last of them"""
    c = t.batch_day.c
    query = select(c.status, c.idle, *(func.sum(c[name]).label(name) for name in _NUMBERS))
    query = query.where(c.day.between(days[0], days[-1])).group_by(c.status, c.idle)
    for column, some in ((c.object, filters.objects), (c.operation, filters.operations), (c.system, filters.systems)):
        query = query.where(column.in_([str(one) for one in some])) if some else query
    return tx.execute(query).mappings()


def _between(
    days: Sequence[datetime], start: datetime | None, end: datetime | None
) -> Iterator[tuple[datetime | None, datetime | None]]:
    """What these days leave of the time from start to end."""
    for day in days:
        if start is None or start < day:
            yield start, day
        start = day + DAY
    if start is None or end is None or start < end:
        yield start, end
