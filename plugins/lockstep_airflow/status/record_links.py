"""Addresses of records in the vendors' own pages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from lockstep.model import HUBSPOT, SALESFORCE
from lockstep.store import cache

#: HubSpot's object type ids, which stand in the addresses of its pages (HubSpot docs, CRM object type IDs)
_TYPES = {
    "contacts": "0-1", "companies": "0-2", "deals": "0-3", "tickets": "0-5", "products": "0-7", "line_items": "0-8",
    "quotes": "0-14", "tasks": "0-27", "notes": "0-46", "meetings": "0-47", "calls": "0-48", "emails": "0-49", "leads": "0-136",
}  # fmt: skip
#: the type id of a custom object, by which a mapping may name it
_CUSTOM = re.compile(r"2-\d{1,12}")


@dataclass(frozen=True, slots=True)
class RecordLinks:
    """`addresses`: system -> where its pages are, as sync_schema was told; without one, ids are plain text."""

    addresses: Mapping[str, str]

    def get(self, system: str, object: str | None, id: str | None) -> str | None:
        base = self.addresses.get(system)
        if not base or not id or not id.isalnum():
            return None
        if system == SALESFORCE:
            return f"{base}/{id}"
        name = object or ""
        kind = name if _CUSTOM.fullmatch(name) else _TYPES.get(name)
        return f"{base}/record/{kind}/{id}" if kind else None


def record_links(tx: Connection) -> RecordLinks:
    now = datetime.now(UTC)
    found = {system: cache.get(tx, cache.ADDRESS + system, now) for system in (SALESFORCE, HUBSPOT)}
    return RecordLinks({system: str(one) for system, one in found.items() if one and str(one).startswith("https://")})
