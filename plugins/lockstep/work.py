"""A batch while it is being worked on: counts are committed with the data they count, and it always ends closed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lockstep.errors import ConfigError, FatalError, LockstepError, QuotaExhausted
from lockstep.model import Batch, BatchStatus, Operation
from lockstep.run import Context
from lockstep.store import cache, ledger, suspensions


class Work:
    """One batch in process: knows which API calls it has not counted yet."""

    def __init__(self, ctx: Context, batch_id: int, system: str, calls_from: int | None = None):
        self.ctx, self.id, self.system, self._meter = ctx, batch_id, system, ctx.meters.get(system)
        self._counting = threading.Lock()
        self._counted_calls = calls_from if calls_from is not None else self._meter.calls if self._meter else 0

    def count(self, tx: Any, **deltas: int) -> None:
        """Add to the batch's counters, in the transaction of the data that is counted. API calls come along by themselves."""
        ledger.add_counts(tx, self.id, **deltas, api_calls=self._new_calls())

    def _new_calls(self) -> int:
        if not self._meter:
            return 0
        with self._counting:
            known, self._counted_calls = self._counted_calls, self._meter.calls
            return self._counted_calls - known


@contextmanager
def working(ctx: Context, batch_id: int, system: str, calls_from: int | None = None) -> Iterator[Work]:
    """Close the batch whatever happens: by its counts, as failed with the error in words, or as incomplete when a quota ran out.

    `calls_from`: the meter's reading from which API calls belong to this batch, if they began before it.
    """
    with ctx.store.writing() as tx:
        ledger.reopen_batch(tx, batch_id)
    work = Work(ctx, batch_id, system, calls_from)
    try:
        yield work
    except QuotaExhausted as error:
        _close(work, BatchStatus.INCOMPLETE, error)
        ctx.log.warning("batch %s stops: %s", batch_id, error)
    except LockstepError as error:
        _close(work, BatchStatus.FAILED, error)
        raise
    except Exception as error:
        # the text of an unexpected error may hold values of records: the ledger keeps its kind, the task log its trace
        _close(
            work,
            BatchStatus.FAILED,
            FatalError(f"unexpected {type(error).__name__}; see the task's log", code="internal"),
        )
        raise
    else:
        _close(work, None, None)


def _close(work: Work, status: BatchStatus | None, error: LockstepError | None) -> None:
    code, words = (error.code, str(error)) if error else (None, None)
    with work.ctx.store.writing() as tx:
        work.count(tx)
        if error and (state := suspensions.state_of(error)):
            suspensions.suspend(tx, work.system, state, error.message, work.ctx.run.id, work.ctx.now())
        if isinstance(error, ConfigError):
            # a field may have left: the next sync_schema looks, however young what it knows is
            cache.forget(tx, f"schema:{work.system}:{work.ctx.mappings.hash}")
        closed = ledger.close_batch(tx, work.id, status, error_code=code, error=words)
    if error is None:
        ledger.ensure_balanced(closed)


def open_batch(ctx: Context, tx: Any, system: str, name: str, operation: Operation, entity: str | None = None) -> int:
    return ledger.open_batch(tx, ctx.run.id, system, name, operation, ctx.run.window, entity)


def fetch(ctx: Context, batch_id: int) -> Batch:
    with ctx.store.reading() as tx:
        return ledger.batch(tx, batch_id)
