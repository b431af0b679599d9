"""Reading lifecycle stages of the past: HubSpot's contacts as a second source of milestones (GA-28)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lockstep.conversions.history import FieldChange, History, HistoryRow, Source
from lockstep.conversions.preflight import Reachable
from lockstep.conversions.reports import OpenDeal
from lockstep.model import HUBSPOT, Window
from lockstep.systems.base import Touched, parts
from lockstep.systems.hubspot.reads import HISTORY_BATCH, HubSpotReader, at

_STAGE = "lifecyclestage"


class HubSpotHistory:
    """Implements `systems.base.HistorySource` for contacts."""

    def __init__(self, reader: HubSpotReader):
        self._reader = reader

    def touched(self, object: str, window: Window) -> Iterator[Touched]:
        """HubSpot cannot be asked for changes of one property: contacts that changed and are in a stage are looked at."""
        for page in self._reader.changed(object, [_STAGE], window, None):
            yield from (Touched(row.id, bool(row.values[0])) for row in page.rows)

    def reachable(self, object: str) -> Reachable:
        """The lifecycle stages of the portal; HubSpot always keeps their history."""
        return Reachable(frozenset(self._reader.options(object, _STAGE)))

    def open_deals(self, gclid: Mapping[str, Sequence[str]]) -> Iterator[OpenDeal]:
        return iter(())

    def histories(
        self, object: str, fields: Mapping[str, Sequence[str]], past: Sequence[str], ids: Sequence[str]
    ) -> list[History]:
        names = list(fields.get(object, ()))
        found: list[History] = []
        for chunk in parts(ids, HISTORY_BATCH):
            records = self._reader.with_history(object, [*names, "createdate", _STAGE], [_STAGE, *past], chunk)
            found += [_history(object, names, one) for one in records]
        return found


def _history(object: str, names: Sequence[str], one: Mapping[str, Any]) -> History:
    """HubSpot tells versions newest first, each with the moment from which it held. A version has no id: its moment stands for
    it. The first value, set when the contact was made, is an entry like any other."""
    record, properties = str(one["id"]), one["properties"]
    past = {
        name: sorted(versions, key=lambda version: str(version["timestamp"]))
        for name, versions in (one.get("propertiesWithHistory") or {}).items()
    }
    created = at(properties.get("createdate") or one["createdAt"])
    source = Source(object, record, {name: properties.get(name) or None for name in names}, created)
    changes = (change for name, versions in past.items() if name != _STAGE for change in _changes(name, versions))
    return History(
        HUBSPOT, object, record, created, None, tuple(_rows(past.get(_STAGE, ()))), (source,), tuple(changes)
    )


def _rows(versions: Sequence[Mapping[str, Any]]) -> Iterator[HistoryRow]:
    before: str | None = None
    for one in versions:
        moment = at(one["timestamp"])
        yield HistoryRow(f"{int(moment.timestamp() * 1000)}", moment, one["value"] or None, before)
        before = one["value"] or None


def _changes(name: str, versions: Sequence[Mapping[str, Any]]) -> Iterator[FieldChange]:
    before: str | None = None
    for one in versions:
        yield FieldChange(name, at(one["timestamp"]), before)
        before = one["value"] or None
