"""At the end of a push: how much still waits, per mapping and direction (MK-13)."""

from collections import Counter
from typing import Any

from lockstep.model import Step, other_side
from lockstep.run import Context
from lockstep.store import backlog


def note_backlog(ctx: Context, tx: Any) -> None:
    """Once per cycle. Every mapping and direction gets its sample, of 0 too: a gap means that nothing was measured."""
    if ctx.run.step is not Step.PUSH_UPDATES or not ctx.moves_coverage or ctx.params.get("dry_run"):
        return
    waiting: Counter[tuple[str, str]] = Counter()
    for (system, name), records in backlog.due_records(tx).items():
        for mapping in ctx.mappings.all:
            if name in mapping.sources(system):
                waiting[mapping.entity, other_side(system)] += records
    waiting.update(backlog.due_pairs(tx, ctx.now()))
    waiting.update(backlog.unsent(tx))
    sides = [(mapping.entity, system) for mapping in ctx.mappings.all for system in ctx.systems]
    backlog.sample(tx, {side: waiting[side] for side in sides}, ctx.now())
