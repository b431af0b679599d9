"""Once a day, at the end of a scheduled sync_schema: history older than the settings allow is deleted."""

from datetime import datetime, timedelta

from lockstep.model import Step
from lockstep.run import Context
from lockstep.store import cache, retention
from lockstep.store.ledger import days

KEY, EVERY = "maintenance", timedelta(days=1)

#: pieces per table and day: a ledger that was never cleaned is brought down over several days
PIECES = 500

#: days that are added up in one transaction
DAYS = 10


def clean_up_history(ctx: Context) -> dict[str, int]:
    """Delete what is too old, if that was not done today. Returns rows deleted, by what they were.

    A run that is killed in the middle leaves the rest to the next day.
    """
    if ctx.run.step is not Step.SYNC_SCHEMA or not ctx.moves_coverage:
        return {}
    with ctx.store.writing() as tx:
        if cache.get(tx, KEY, ctx.now()):
            return {}
        cache.put(tx, KEY, ctx.now().isoformat(), ctx.now() + EVERY)
        cache.sweep(tx, ctx.now())
    done = {}
    for table, sweeps in retention.SWEEPS.items():
        before = ctx.now() - timedelta(days=ctx.settings.retention_days[table])
        for sweep in sweeps:
            done[sweep.__name__] = _all(ctx, sweep, before)
    _keep_days(ctx)
    ctx.log.info("deleted, since older than the settings keep it: %s", {name: n for name, n in done.items() if n})
    return done


def _keep_days(ctx: Context) -> None:
    """After the deletions, which forget the days that they touch."""
    kept = DAYS
    while kept == DAYS:
        with ctx.store.writing() as tx:
            kept = days.keep(tx, DAYS)


def _all(ctx: Context, sweep: retention.Sweep, before: datetime) -> int:
    total = 0
    for _ in range(PIECES):
        with ctx.store.writing() as tx:
            done = sweep(tx, before)
        total += done
        if done < retention.PIECE:
            break
    return total
