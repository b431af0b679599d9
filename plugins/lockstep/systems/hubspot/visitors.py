"""HubSpot contacts that came by an ad: what its tracking knows of their way, without names and addresses (AT-02, AT-03)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from lockstep.conversions.reports import AdContact
from lockstep.model import Window
from lockstep.systems.hubspot.reads import HubSpotReader, at, in_window

CONTACTS = "contacts"
_PROPERTIES = (
    "createdate", "hs_analytics_first_timestamp", "first_conversion_date", "num_conversion_events",
    "hs_analytics_num_visits", "hs_analytics_source",
)  # fmt: skip
#: original sources of sessions that an ad began
PAID = ("PAID_SEARCH", "PAID_SOCIAL")


class HubSpotVisitors:
    """Implements `systems.ads_reports.VisitorSource`."""

    def __init__(self, reader: HubSpotReader):
        self._reader = reader

    def came(self, fields: Sequence[str], window: Window) -> Iterator[list[AdContact]]:
        for name in fields:
            has = {"propertyName": name, "operator": "HAS_PROPERTY"}
            for page in self._reader.searched(CONTACTS, [has, *in_window(CONTACTS, window)], [*fields, *_PROPERTIES]):
                yield [one for record in page if (one := _contact(fields, record))]


def _contact(fields: Sequence[str], record: Mapping[str, Any]) -> AdContact | None:
    told = record["properties"]
    gclid = next((value for name in fields if (value := (told.get(name) or "").strip())), None)
    if gclid is None:
        return None
    return AdContact(
        id=str(record["id"]),
        gclid=gclid,
        created_at=at(told.get("createdate") or record["createdAt"]),
        first_seen_at=_moment(told.get("hs_analytics_first_timestamp")),
        first_form_at=_moment(told.get("first_conversion_date")),
        forms=int(float(told.get("num_conversion_events") or 0)),
        cookie=int(float(told.get("hs_analytics_num_visits") or 0)) > 0,
        paid=told.get("hs_analytics_source") in PAID,
    )


def _moment(text: str | None) -> datetime | None:
    return at(text) if text else None
