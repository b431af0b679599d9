"""Inclusion lists (HS-09): read before the records that they let through, and what joined or left is planned again.

A change of membership moves no record, so the list is read whole in every run. HubSpot itself fills dynamic lists with a
delay: an edit may still be carried over just before the list lets go of the record.
"""

from collections.abc import Iterable, Set
from typing import Any

from lockstep.mapping import Mapping
from lockstep.model import HUBSPOT
from lockstep.plan import Unit
from lockstep.run import Context
from lockstep.store import inclusion, mirror, pairs
from lockstep.store.sequence import next_seq


def read_lists(ctx: Context) -> None:
    """Read the inclusion list of every mapping of the run.

    :raises ConfigError: HubSpot has no such list
    """
    for mapping in ctx.chosen():
        if mapping.inclusion_list and HUBSPOT in ctx.systems:
            members = ctx.systems[HUBSPOT].members(mapping.hs_object, mapping.inclusion_list)
            with ctx.store.writing() as tx:
                _plan_again(tx, mapping, inclusion.replace(tx, mapping.entity, members))


def _plan_again(tx: Any, mapping: Mapping, moved: Set[str]) -> None:
    seq = next_seq(tx)
    mirror.raise_due(tx, HUBSPOT, mapping.hs_object, moved, seq)
    paired = pairs.by_record(tx, HUBSPOT, [(mapping.hs_object, one) for one in moved])
    pairs.raise_references(tx, [pair.id for pair in paired.values()], seq)


def included(tx: Any, mapping: Mapping, units: Iterable[Unit]) -> frozenset[str] | None:
    """Which HubSpot records of the units are in the list; None: the mapping has no list, all are."""
    if mapping.inclusion_list is None:
        return None
    return inclusion.members(tx, mapping.entity, {unit.hs.id for unit in units if unit.hs})
