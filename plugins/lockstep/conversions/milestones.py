"""Finds milestones in a record's history: pure, and the same whatever order the runs come in.

It always looks at the whole history of a record, never at a window of it, so the first entry is the first whenever it is
read (GA-00). The order id is made of the record, the milestone and the history row: no personal data, at most 64 characters,
the same before and after a lead's conversion, since a lead keeps its id and its history.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from lockstep.conversions.definition import Count, Kind, Milestone
from lockstep.conversions.history import History, HistoryRow

#: the entry of a status that the record was created with, of which history has no row
CREATED = "created"


@dataclass(frozen=True, slots=True)
class Found:
    """One entry into a milestone. `value`, `currency`: as they were then; `now_value`, `now_currency`: as they are now. `undone`: a won
    stage was left again, so that the sale did not happen (it is another sale when the stage is reached again)."""

    milestone: Milestone
    record_id: str
    entry: str
    at: datetime
    value: str | None
    now_value: str | None
    currency: str | None
    now_currency: str | None
    undone: bool = False

    @property
    def order_id(self) -> str:
        return f"{self.record_id}-{self.milestone.name}-{self.entry}"


def find(history: History, milestones: Iterable[Milestone]) -> list[Found]:
    """Every milestone that the record reached, oldest first; a milestone that counts once has one that is not undone at most."""
    rows = _with_creation(history, ordered(history.rows))
    found = [one for milestone in milestones for one in _entries(history, rows, milestone)]
    return sorted(found, key=lambda one: (one.at, one.order_id))


def _entries(history: History, rows: Sequence[HistoryRow], milestone: Milestone) -> list[Found]:
    entries = [_found(history, rows, at, milestone) for at in _reached(rows, milestone)]
    if milestone.count is Count.EVERY:
        return entries
    # those that were undone are kept: Google may have been told of them in the meantime
    standing = next((one for one in entries if not one.undone), None)
    return [one for one in entries if one.undone and (standing is None or one.at <= standing.at) or one is standing]


def _reached(rows: Sequence[HistoryRow], milestone: Milestone) -> Iterator[int]:
    """Places in `rows` at which the milestone is entered: rows that repeat the stage (an amount changed) do not enter it."""
    if milestone.kind is Kind.LEAD_CONVERTED:
        yield from (at for at, row in enumerate(rows) if row.converted)
        return
    before: str | None = None
    for at, row in enumerate(rows):
        if row.converted:
            continue
        if row.new == milestone.reached and before != milestone.reached:
            yield at
        before = row.new


def _found(history: History, rows: Sequence[HistoryRow], at: int, milestone: Milestone) -> Found:
    row = rows[at]
    value, now_value = _value(history, row, milestone)
    currency, now_currency = _of_field(history, row, milestone.currency_field, milestone.currency)
    return Found(
        milestone=milestone,
        record_id=history.id,
        entry=row.id,
        at=row.at,
        value=value,
        now_value=now_value if milestone.restate else value,
        currency=currency,
        now_currency=now_currency if milestone.restate else currency,
        undone=row.won and any(not later.won for later in rows[at + 1 :]),
    )


def _value(history: History, row: HistoryRow, milestone: Milestone) -> tuple[str | None, str | None]:
    """(then, now). The amount of an opportunity stands in the very row of its stage."""
    fixed = milestone.value.fixed
    then, now = _of_field(history, row, milestone.value.field, None if fixed is None else str(fixed))
    if history.object == "Opportunity" and milestone.value.field == "Amount":
        then = row.amount
    return then, now


def _of_field(history: History, row: HistoryRow, name: str | None, fixed: str | None) -> tuple[str | None, str | None]:
    if fixed is not None or name is None:
        return fixed, fixed
    return history.then(name, row.at), history.values.get(name)


def _with_creation(history: History, rows: list[HistoryRow]) -> list[HistoryRow]:
    """With the status that the record was created with, which has no row of its own: what the first change replaced."""
    if history.object == "Opportunity":
        return rows
    changes = [row for row in rows if not row.converted]
    first = changes[0].old if changes else history.current
    if first is None:
        return rows
    return [HistoryRow(CREATED, history.created_at, first), *rows]


def ordered(rows: Iterable[HistoryRow]) -> list[HistoryRow]:
    """By time; rows of one second by what each replaced, where history tells, else by id."""
    found: list[HistoryRow] = []
    for _, some in groupby(sorted(rows, key=lambda row: (row.at, row.id)), key=lambda row: row.at):
        found += _chained(list(some), next((row.new for row in reversed(found) if not row.converted), None))
    return found


def _chained(rows: list[HistoryRow], before: str | None) -> list[HistoryRow]:
    """Rows of one second, each after the one whose value it replaced."""
    if before is None:
        made = {row.new for row in rows if not row.converted}
        before = next((row.old for row in rows if row.old is not None and row.old not in made), None)
    chain: list[HistoryRow] = []
    left = list(rows)
    while left:
        following = next(
            (row for row in left if not row.converted and row.old is not None and row.old == before), left[0]
        )
        left.remove(following)
        chain.append(following)
        before = before if following.converted else following.new
    return chain
