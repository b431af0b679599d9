"""Where a record's story is, and where a search by name goes on."""

from urllib.parse import quote

from lockstep.store.name_search import Spot
from lockstep.store.search import Hit
from lockstep_airflow.status.params import BadQuery


def place(hit: Hit) -> str:
    """Below /record/: that of its pair, else its own."""
    if hit.pair_id:
        return quote(hit.pair_id, safe="")
    return "/".join(quote(part, safe="") for part in (hit.system, hit.object, hit.id))


def spot_text(spot: Spot | None) -> str | None:
    """As the parameter `after` tells it."""
    return "/".join(spot) if spot else None


def spot_of(after: str) -> Spot | None:
    """:raises BadQuery: it is not what `spot_text` gave"""
    if not after:
        return None
    system, _, rest = after.partition("/")
    name, _, record_id = rest.partition("/")
    if not (system and name and record_id):
        raise BadQuery([("after", after)])
    return system, name, record_id
