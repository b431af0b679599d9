"""Ends of HubSpot records: archives and merges.

Archived records are only in the recycle bin's list, which has no filter: it is read whole, 100 a call. Merges are told by
the survivor's `hs_merged_object_ids`, which a search of the window finds; for contacts it comes with their times.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from lockstep.errors import HorizonPassed
from lockstep.model import Gone, Tombstone, Window
from lockstep.systems.base import Deleted
from lockstep.systems.hubspot.reads import MERGED, HubSpotReader, at, in_window

#: archived records can be restored, and are listed, for 90 days
BIN_LIFE = timedelta(days=90)
MERGED_AT = "hs_calculated_merged_vids"
#: activities have no merge
NEVER_MERGED = frozenset({"tasks", "notes", "calls", "emails", "meetings", "communications", "postal_mail"})


class HubSpotEnds:
    """Asks for what left."""

    def __init__(self, reader: HubSpotReader, now: Callable[[], datetime]):
        self._reader, self._now = reader, now

    def deleted(self, object: str, window: Window) -> Deleted:
        """A window without a start has nothing to tell: nothing was read before it."""
        if window.start is None:
            return Deleted([], window.end)
        if window.start < self._now() - BIN_LIFE:
            return Deleted([], window.start, _horizon(object))
        merges = () if object in NEVER_MERGED else self._merges(object, window)
        found = {one.id: one for one in (*self._bin(object, window), *merges)}
        return Deleted(list(found.values()), window.end)

    def _bin(self, object: str, window: Window) -> Iterator[Tombstone]:
        after: str | None = None
        while True:
            answer = self._reader.list_page(object, ["hs_object_id"], after, archived=True)
            for one in answer["results"]:
                archived = at(one["archivedAt"])
                if (window.start or archived) <= archived < window.end:
                    yield Tombstone(str(one["id"]), archived)
            after = (answer.get("paging") or {}).get("next", {}).get("after")
            if after is None:
                return

    def _merges(self, object: str, window: Window) -> Iterator[Tombstone]:
        survivors = [{"propertyName": MERGED, "operator": "HAS_PROPERTY"}, *in_window(object, window)]
        for page in self._reader.searched(object, survivors, (MERGED, MERGED_AT)):
            for one in page:
                times = _merge_times(one["properties"].get(MERGED_AT))
                for record_id in (one["properties"].get(MERGED) or "").split(";"):
                    merged = times.get(record_id, at(one["updatedAt"]))
                    if record_id and (window.start or merged) <= merged:
                        yield Tombstone(record_id, merged, Gone.MERGED, str(one["id"]))


def _merge_times(text: str | None) -> dict[str, datetime]:
    """`id:epoch ms;id:epoch ms`."""
    found = (one.split(":") for one in (text or "").split(";") if ":" in one)
    return {key: datetime.fromtimestamp(int(ms) / 1000, UTC) for key, ms in found}


def _horizon(object: str) -> HorizonPassed:
    return HorizonPassed(
        f"HubSpot's recycle bin no longer holds the {object} that were archived at the window's start ({BIN_LIFE.days} days).",
        hint="Run a full reconcile of the object.",
    )
