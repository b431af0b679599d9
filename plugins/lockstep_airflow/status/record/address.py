"""Where a record's story is."""

from urllib.parse import quote

from lockstep.store.search import Hit


def place(hit: Hit) -> str:
    """Below /record/: that of its pair, else its own."""
    if hit.pair_id:
        return quote(hit.pair_id, safe="")
    return "/".join(quote(part, safe="") for part in (hit.system, hit.object, hit.id))
