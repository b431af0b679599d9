"""Inclusion lists (HS-09): read before the records that they let through, and what joined or left is planned again.

A change of membership moves no record. HubSpot tells when a list last won or lost a member: while that stands, two calls
are enough; otherwise, and once a day, the list is read whole. HubSpot itself fills dynamic lists with a delay: an edit may still be
carried over just before the list lets go of the record.
"""

from collections.abc import Iterable, Set
from datetime import timedelta
from typing import Any

from lockstep.mapping import Mapping
from lockstep.model import HUBSPOT
from lockstep.plan import Unit
from lockstep.run import Context
from lockstep.store import cache, inclusion, mirror, pairs
from lockstep.store.sequence import next_seq

#: how long marks are believed
WHOLE = timedelta(days=1)


def read_lists(ctx: Context) -> None:
    """Read the inclusion list of every mapping of the run.

    :raises ConfigError: HubSpot has no such list
    """
    for mapping in ctx.chosen():
        if mapping.inclusion_list and HUBSPOT in ctx.systems:
            _read_list(ctx, mapping, mapping.inclusion_list)


def _read_list(ctx: Context, mapping: Mapping, name: str) -> None:
    key = f"inclusion:{mapping.entity}:{name}"
    with ctx.store.reading() as tx:
        known = cache.get(tx, key, ctx.now())
    found = ctx.systems[HUBSPOT].members(mapping.hs_object, name, known)
    if found.ids is None:
        return
    with ctx.store.writing() as tx:
        _plan_again(tx, mapping, inclusion.replace(tx, mapping.entity, found.ids))
        # of two lists that a mapping had in turn, what is known is of the last one alone
        cache.forget_all(tx, f"inclusion:{mapping.entity}:")
        if found.mark:
            cache.put(tx, key, found.mark, ctx.now() + WHOLE)


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
