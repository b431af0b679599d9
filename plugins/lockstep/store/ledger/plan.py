"""What a run is about to do, in numbers: the guards judge it before anything is written (DESIGN §6)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from lockstep.model import Action, Values
from lockstep.store import tables as t


@dataclass(frozen=True, slots=True)
class PlanCount:
    """Changes of one entity and target system. `owner_changes`, `blanked`: values of updates, not records."""

    entity: str | None
    system: str
    creates: int
    updates: int
    deletes: int
    owner_changes: int
    blanked: int


def plan_counts(
    tx: Connection, run_id: str, owner_fields: Mapping[str, Collection[str]] | None = None
) -> list[PlanCount]:
    """The run's changes that have no outcome yet. `owner_fields`: system -> its fields that hold an owner."""
    b, c = t.batch.c, t.change.c
    query = select(b.entity, c.system, c.action, c.before, c.after).join(t.batch, b.id == c.batch_id)
    found = tx.execution_options(yield_per=1000).execute(query.where(b.run_id == run_id, c.outcome.is_(None)))
    counts: dict[tuple[str | None, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entity, system, action, before, after in found:
        sums = counts[entity, system]
        sums[action] += 1
        if action == Action.UPDATE:
            sums["owners"] += sum(name in after for name in (owner_fields or {}).get(system, ()))
            sums["blanked"] += _blanked(before, after)
    return [
        PlanCount(entity, system, sums["create"], sums["update"], sums["delete"], sums["owners"], sums["blanked"])
        for (entity, system), sums in sorted(counts.items(), key=str)
    ]


def _blanked(before: Values, after: Values) -> int:
    return sum(value is None and before.get(name) is not None for name, value in after.items())
