"""The ledger as text and as JSON: what the demo and `make cycle` print."""

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "plugins"))

from lockstep.model import COUNTERS, Batch, BatchStatus
from lockstep.store import Store, ledger

SHOWN = ("read", "new", "updated", "deleted", "skipped", "failed", "deferred", "held", "api_calls")
OUTCOMES = ("new", "updated", "deleted", "skipped", "failed", "deferred", "held")


def batches(store: Store, since: int = 0) -> list[Batch]:
    """All batches with a greater id, oldest first."""
    with store.reading() as tx:
        found = ledger.page(tx, ledger.BatchFilter(), sort="id", limit=100_000)
    return [batch for batch in found if batch.id > since]


def balances(batch: Batch) -> bool:
    return batch.counts["read"] == sum(batch.counts[name] for name in OUTCOMES)


def bad(found: Iterable[Batch]) -> list[Batch]:
    """Batches that failed, are not closed, or do not add up."""
    wrong = (BatchStatus.FAILED, BatchStatus.IN_PROCESS)
    return [batch for batch in found if batch.status in wrong or not balances(batch)]


def record(batch: Batch, cycle: int) -> dict[str, Any]:
    """One batch as `make cycle JSON=path` writes it; times are ISO 8601 in UTC."""
    return {
        "cycle": cycle,
        "run_id": batch.run_id,
        "system": batch.system,
        "object": batch.object,
        "operation": str(batch.operation),
        "status": str(batch.status),
        "started_at": _iso(batch.started_at),
        "ended_at": _iso(batch.ended_at),
        "window_from": _iso(batch.window_from),
        "window_to": _iso(batch.window_to),
        **{name: batch.counts.get(name, 0) for name in SHOWN},
    }


def table(found: Iterable[Batch]) -> str:
    """One line per batch, and the totals."""
    head = ("started", "operation", "system", "object", "status", *SHOWN)
    rows = [_cells(batch) for batch in found]
    totals = ("", "total", "", "", "", *(_number(sum(_plain(row[i]) for row in rows)) for i in range(5, len(head))))
    widths = [max(len(str(row[i])) for row in (head, *rows, totals)) for i in range(len(head))]
    lines = [_line(row, widths) for row in (head, tuple("-" * width for width in widths), *rows, totals)]
    return "\n".join(lines)


def progress(batch: Batch) -> str:
    """One closed batch in a few words: `Contact from salesforce: 6,000 read, 6,000 new`."""
    counts = ", ".join(f"{_number(batch.counts[name])} {name}" for name in COUNTERS[:8] if batch.counts[name])
    took = f"{(batch.ended_at - batch.started_at).total_seconds():.1f} s" if batch.ended_at else ""
    return f"{batch.operation:<20} {batch.system:<11} {batch.object:<14} {batch.status:<11} {took:>7}  {counts or 'nothing new'}"


def _cells(batch: Batch) -> tuple[str, ...]:
    started = batch.started_at.strftime("%H:%M:%S")
    named = (started, str(batch.operation), batch.system, batch.object, str(batch.status))
    return (*named, *(_number(batch.counts[name]) for name in SHOWN))


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(
        str(c).ljust(w) if i < 5 else str(c).rjust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))
    )


def _number(value: int) -> str:
    return f"{value:,}"


def _plain(text: str) -> int:
    return int(text.replace(",", ""))


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
