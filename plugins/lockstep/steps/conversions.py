"""pull_conversions: leads that became contacts, and milestones that Google Ads is to know of. It never writes to a vendor."""

from collections.abc import Callable, Mapping
from typing import Any

from lockstep.model import Operation
from lockstep.run import Context
from lockstep.steps.gone import probe_converted, pull_converted
from lockstep.steps.milestones import probe_milestones, pull_milestones
from lockstep.steps.network import probe_network, pull_network

Target = dict[str, Any]

#: operation -> how one of its targets is pulled
PULLS: Mapping[str, Callable[[Context, Target], list[Target]]] = {
    Operation.PULL_CONVERSIONS: pull_converted,
    Operation.PULL_MILESTONES: pull_milestones,
    Operation.PULL_NETWORK_CONVERSIONS: pull_network,
}


def probe_conversions(ctx: Context) -> list[Target]:
    """Targets for `pull_conversions`: {"operation", "system", "label"} and what the operation needs."""
    return [*probe_converted(ctx), *probe_milestones(ctx), *probe_network(ctx)]


def pull_conversions(ctx: Context, target: Target) -> list[Target]:
    """Pull one target. Returns the statistics of its batches."""
    return PULLS[target["operation"]](ctx, target)
