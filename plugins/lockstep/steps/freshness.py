"""How far behind each mapping is: changes older than its `freshness_minutes` that may not have arrived yet.

A mapping is fresh up to the time to which both its sides had been read when a push of it last went well. An hour without
edits does not make it stale; an hour of failed reads or pushes does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lockstep.model import Batch, BatchStatus, Step
from lockstep.run import Context
from lockstep.steps.controls import paused
from lockstep.store import freshness


@dataclass(frozen=True, slots=True)
class Behind:
    """A mapping that is further behind than it may be. `minutes`: how far; `limit`: how far it may be."""

    entity: str
    fresh_to: datetime
    minutes: int
    limit: int


def note_freshness(ctx: Context, tx: Any, batches: Iterable[Batch]) -> None:
    """At the end of a scheduled push: mappings of which nothing failed, waited or stopped early are fresh."""
    if ctx.run.step is not Step.PUSH_UPDATES or not ctx.moves_coverage or ctx.params.get("dry_run"):
        return
    unwell = {one.entity for one in batches if one.status is BatchStatus.FAILED or one.error_code}
    for mapping in ctx.chosen():
        sources = [(system, name) for system in ctx.systems for name in mapping.sources(system)]
        read_to = freshness.read_to(tx, sources)
        if read_to and mapping.entity not in unwell and not paused(tx, mapping):
            freshness.note(tx, mapping.entity, read_to, ctx.now())


def behind(ctx: Context) -> list[Behind]:
    """Mappings that are further behind than their `freshness_minutes`. One that was never synced is not among them."""
    with ctx.store.reading() as tx:
        known = freshness.every(tx)
        resting = {one.entity for one in ctx.mappings.all if paused(tx, one)}
    found = []
    for mapping in ctx.mappings.all:
        one = known.get(mapping.entity)
        age = ctx.now() - one.fresh_to if one and mapping.entity not in resting else timedelta(0)
        if one and age > timedelta(minutes=mapping.freshness_minutes):
            minutes = int(age.total_seconds() // 60)
            found.append(Behind(mapping.entity, one.fresh_to, minutes, mapping.freshness_minutes))
    return found
