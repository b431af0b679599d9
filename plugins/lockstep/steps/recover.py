"""What earlier runs left: changes without an outcome, and pairs of which an answer was lost. Settled before anything is planned.

What was never sent is planned afresh. What was sent is read back: the record tells what became of it (see `apply`).
"""

from lockstep.apply import Applier
from lockstep.mapping import Mapping
from lockstep.model import Batch, BatchStatus, Change, Pair
from lockstep.run import Context
from lockstep.store import ledger
from lockstep.store.ledger import questions
from lockstep.work import Work, fetch


def recover(ctx: Context, mapping: Mapping) -> None:
    """Settle the leftovers of one mapping. The caller holds its lease, so nobody else is at work on them.

    :raises RetriableError: the vendor does not answer; nothing is lost, the next try goes on.
    """
    with ctx.store.reading() as tx:
        left = ledger.undone(tx, mapping.entity, besides=ctx.run.id)
        lost = questions.unconfirmed(tx, mapping.entity)
    for batch_id in dict.fromkeys(change.batch_id for change in left):
        _settle_batch(ctx, mapping, fetch(ctx, batch_id), [change for change in left if change.batch_id == batch_id])
    for pair in lost:
        _settle_pair(ctx, mapping, pair)


def _settle_batch(ctx: Context, mapping: Mapping, batch: Batch, left: list[Change]) -> None:
    work = Work(ctx, batch.id, batch.system)
    applier = Applier(ctx, mapping, batch, work)
    applier.take_over([change for change in left if change.sent_at is None])
    sent = [change for change in left if change.sent_at is not None]
    size = applier.system.limits.read_batch
    for start in range(0, len(sent), size):
        applier.read_back(sent[start : start + size])
    with ctx.store.writing() as tx:
        work.count(tx)
        if batch.status is BatchStatus.IN_PROCESS:
            words = "The task ended before its batch was done; a later run settled it."
            ledger.close_batch(tx, batch.id, BatchStatus.FAILED, error_code="not_finished", error=words)


def _settle_pair(ctx: Context, mapping: Mapping, pair: Pair) -> None:
    with ctx.store.reading() as tx:
        change = questions.change(tx, int((pair.reason or "").removeprefix("change:")))
    batch = fetch(ctx, change.batch_id)
    work = Work(ctx, batch.id, batch.system)
    Applier(ctx, mapping, batch, work).settle(change)
