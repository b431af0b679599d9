"""One look at the batches that a query asks for."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from lockstep.model import GOOGLE_ADS, HUBSPOT, SALESFORCE, BatchStatus
from lockstep.store import ledger
from lockstep.store.ledger import BatchFilter
from lockstep_airflow.status.query import Query
from lockstep_airflow.status.rows import batch_row

#: within which every object that is synced has had batches: each cycle has some for each
_OBJECTS_WITHIN, _OBJECTS_AMONG = timedelta(days=1), 500
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
    """`hidden`: batches without items that were left out. `statuses`: batches per status, whatever status is chosen.
    `any`: the ledger holds batches at all."""

    rows: list[dict[str, Any]]
    total: int
    counts: dict[str, int]
    hidden: int
    statuses: dict[str, int]
    objects: list[str]
    systems: list[str]
    any: bool

    @property
    def live(self) -> bool:
        return self.statuses[BatchStatus.IN_PROCESS.value] > 0


def listing(tx: Connection, query: Query, now: datetime) -> Listing:
    """A page of the batches, their totals, and what can be chosen in the filters."""
    shown = query.filter(now)
    found, totals = ledger.page(tx, shown, query.sort, query.size, query.offset)
    recent, _ = ledger.page(tx, BatchFilter(date_from=now - _OBJECTS_WITHIN), "-id", _OBJECTS_AMONG)
    everything = totals.batches if query.empty else _number(tx, replace(shown, worked=False))
    return Listing(
        rows=[batch_row(one) for one in found],
        total=totals.batches,
        counts=dict(totals.counts),
        hidden=everything - totals.batches,
        statuses=_statuses(tx, shown, totals.batches),
        objects=sorted({one.object for one in (*recent, *found)} | set(query.objects), key=str.casefold),
        systems=[name for name in (SALESFORCE, HUBSPOT, GOOGLE_ADS) if name != GOOGLE_ADS or _uses_ads(recent, query)],
        any=bool(recent or everything) or _number(tx, BatchFilter()) > 0,
    )


def _statuses(tx: Connection, shown: BatchFilter, total: int) -> dict[str, int]:
    """Most batches succeed: those are not counted but concluded, where the total is of all statuses."""
    *rare, usual = STATUSES
    found = {status.value: _number(tx, replace(shown, statuses=(status.value,))) for status in rare}
    rest = _number(tx, replace(shown, statuses=(usual.value,))) if shown.statuses else total - sum(found.values())
    return {**found, usual.value: rest}


def _number(tx: Connection, shown: BatchFilter) -> int:
    return ledger.page(tx, shown, limit=0)[1].batches


def _uses_ads(recent: list[Any], query: Query) -> bool:
    return GOOGLE_ADS in query.systems or any(one.system == GOOGLE_ADS for one in recent)
