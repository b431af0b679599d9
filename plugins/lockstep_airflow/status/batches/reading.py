"""One look at the batches that a query asks for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from lockstep.model import BatchStatus
from lockstep.store import ledger
from lockstep.store.ledger import story
from lockstep_airflow.status.batches.now import Now, now_wrong
from lockstep_airflow.status.batches.query import Query
from lockstep_airflow.status.batches.rows import batch_row
from lockstep_airflow.status.choices import Choices, choices
from lockstep_airflow.status.plans.reading import Plans, plans

#: worst first
STATUSES = (
    BatchStatus.FAILED,
    BatchStatus.INCOMPLETE,
    BatchStatus.IN_PROCESS,
    BatchStatus.CLEANED_UP,
    BatchStatus.SUCCEEDED,
)


@dataclass(frozen=True, slots=True)
class Listing:
    """`rows`: of one in process, `planned` is how many items it has to do, where that is known. `hidden`: batches without items that were left out. `statuses`: batches per status, whatever status is chosen.
    `any`: the ledger holds batches at all. `wrong`: what is wrong at this moment, where nothing was chosen.
    `plans`: what can be decided about the runs that were chosen."""

    rows: list[dict[str, Any]]
    total: int
    counts: dict[str, int]
    hidden: int
    statuses: dict[str, int]
    choices: Choices
    any: bool
    wrong: Now | None
    plans: list[Plans]

    @property
    def live(self) -> bool:
        return self.statuses[BatchStatus.IN_PROCESS.value] > 0


def listing(tx: Connection, query: Query, now: datetime) -> Listing:
    """A page of the batches, their totals, and what can be chosen in the filters."""
    shown = query.filter(now)
    found = ledger.page(tx, shown, query.sort, query.size, query.offset)
    tally = ledger.tally(tx, shown)
    totals = tally.of(query.statuses, shown.worked)
    todo = story.planned(tx, {one.id for one in found if one.status is BatchStatus.IN_PROCESS})
    return Listing(
        rows=[batch_row(one) | {"planned": todo.get(one.id)} for one in found],
        total=totals.batches,
        counts=dict(totals.counts),
        hidden=tally.of(query.statuses).batches - totals.batches,
        statuses={one.value: tally.of((one,), shown.worked).batches for one in STATUSES},
        choices=choices(tx, now, [*query.objects, *(one.object for one in found)], query.systems),
        any=ledger.any_batch(tx),
        wrong=now_wrong(tx) if query == Query(empty=query.empty) else None,
        plans=plans(tx, shown.run_ids),
    )
