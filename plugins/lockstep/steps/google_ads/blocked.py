"""Conversions of accounts and milestones that a preflight has blocked: they wait, with its code, until it finds nothing any more."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from lockstep.conversions.definition import ENTITY
from lockstep.conversions.findings import Blocked
from lockstep.conversions.record import Conversion
from lockstep.model import GOOGLE_ADS, Operation, OutcomeKind
from lockstep.run import Context
from lockstep.steps.google_ads.rows import listed
from lockstep.store import conversions, ledger, preflight
from lockstep.systems.base import parts

#: a batch is at most this many items (DESIGN §3)
BATCH_ITEMS = 10_000


def unblocked(
    ctx: Context,
    rows: Iterable[Conversion],
    account_of: Callable[[Context, Conversion], str],
    why: Callable[[Blocked, str, str], str | None] = Blocked.upload,
) -> Iterator[Conversion]:
    """Rows that may be sent; `why`: the code of what keeps a milestone from an account. The others stay due; each is listed in the ledger once, when it is first held back for this reason."""
    with ctx.store.reading() as tx:
        blocked = preflight.blocked(tx)
    held: list[tuple[str, Conversion]] = []
    for one in rows:
        account = account_of(ctx, one)
        code = why(blocked, account, one.milestone)
        if code is None:
            yield one
        elif one.code != code:
            held.append((account, replace(one, code=code)))
    if held and not ctx.params.get("dry_run"):
        for account, some in groupby(sorted(held, key=lambda one: (one[0], one[1].id)), key=lambda one: one[0]):
            for chunk in parts([one for _, one in some], BATCH_ITEMS):
                _list(ctx, account, chunk)


def _list(ctx: Context, account: str, rows: Sequence[Conversion]) -> None:
    with ctx.store.writing() as tx:
        conversions.put(tx, rows, ctx.now())
        batch_id = ledger.open_batch(
            tx, ctx.run.id, GOOGLE_ADS, "conversion", Operation.PUSH_CONVERSIONS, ctx.run.window, ENTITY,
            {"account": account},
        )  # fmt: skip
        told = [listed(batch_id, one, OutcomeKind.DEFERRED, one.code, {"milestone": one.milestone}) for one in rows]
        ledger.insert_changes(tx, told)
        ledger.add_counts(tx, batch_id, read=len(rows), deferred=len(rows))
        ledger.close_batch(tx, batch_id)
