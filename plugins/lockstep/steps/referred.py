"""Partners that are created only for what synced records refer to (HS-17): an account for the company of a synced contact.

A contact is synced before its company has an account, and waits for it. That is what tells the company that it is wanted: it is
planned again, and in the next run gets its account.
"""

from collections.abc import Iterable
from typing import Any

from lockstep.mapping import Mapping, Mappings
from lockstep.model import other_side
from lockstep.plan import Unit, UnitPlan
from lockstep.store import mirror, pairs
from lockstep.store.sequence import next_seq


def referred(tx: Any, mapping: Mapping, units: Iterable[Unit]) -> frozenset[str]:
    """Ids of the units' records that a linked pair waits for, as far as the mapping asks."""
    found: frozenset[str] = frozenset()
    units = list(units)
    for target, entity in mapping.create_if_referred.items():
        source = other_side(target)
        ids = {row.id for unit in units if (row := unit.row(source)) is not None}
        found |= pairs.referred(tx, entity, source, mapping.objects(source), ids)
    return found


def plan_wanted(tx: Any, mappings: Mappings, entity: str, plans: Iterable[UnitPlan]) -> None:
    """Plan again what pairs of the entity have come to wait for, where only that is created."""
    wanted: dict[tuple[str, str], set[str]] = {}
    for wait in (wait for plan in plans for wait in plan.waits):
        mapping = mappings.of_object(wait.system, wait.object)
        if mapping.create_if_referred.get(other_side(wait.system)) == entity:
            wanted.setdefault((wait.system, wait.object), set()).add(wait.record_id)
    for (system, name), ids in wanted.items():
        mirror.raise_due(tx, system, name, ids, next_seq(tx))
