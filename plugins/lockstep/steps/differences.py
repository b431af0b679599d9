"""Works out why Google's number and HubSpot's differ, once both have been read (AT-05)."""

from datetime import date

from lockstep.conversions.record import CLICK_LIFE
from lockstep.run import Context
from lockstep.steps.google_ads.accounts import own_account
from lockstep.store import difference_rows, differences


def explain(ctx: Context) -> None:
    """Keep one row per campaign and day for each account of which reports were read. It asks no vendor.

    Days on which Google counts no more keep the row that they have: their clicks and milestones are forgotten one by one.
    """
    with ctx.store.reading() as tx:
        found = {
            one: _first(ctx, difference_rows.made_at(tx, one, ctx.now()) is None) for one in differences.accounts(tx)
        }
        rows = differences.report(tx, found, own_account(ctx), ctx.now())
    for account, first in found.items():
        with ctx.store.writing() as tx:
            difference_rows.keep(tx, account, first, rows[account], ctx.now())


def _first(ctx: Context, never: bool) -> date:
    """The first day that is worked out: all days the first time; of a backfill, those of its window, too."""
    if never:
        return date.min
    start = None if ctx.moves_coverage else ctx.run.window.start
    day = (ctx.now() - CLICK_LIFE).date()
    return min(day, start.date()) if start else day
