"""Records and the table of one object type: live, archived and merged-away records, and the unique values.

Properties are kept as one dict of texts per record, replaced (never changed) on a write, so that answers encode
straight from it and the search index can hold on to an older state.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot.catalogue import Property
from sandbox.hubspot.object_type import ObjectType
from sandbox.hubspot.shapes import as_int

Properties = dict[str, str | None]


@dataclass(slots=True)
class Version:
    """One value a property has had. `source` is the sourceType of the API's history."""

    value: str | None
    at: str
    source: str
    source_id: str | None = None
    user_id: int | None = None

    def json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"value": self.value or "", "timestamp": self.at, "sourceType": self.source}
        extra = {"sourceId": self.source_id, "updatedByUserId": self.user_id}
        return body | {key: value for key, value in extra.items() if value is not None}


@dataclass(slots=True)
class Record:
    id: int
    properties: Properties
    created_at: str
    updated_at: str
    archived_at: str | None = None
    history: dict[str, list[Version]] = field(default_factory=dict)

    def versions(self, name: str) -> list[Version]:
        """The history of one property, newest first. What was there from the start came as the record itself did."""
        if name in self.history:
            return self.history[name]
        value = self.properties.get(name)
        source = self.properties.get("hs_object_source") or "IMPORT"
        return [Version(value, self.created_at, source)] if value is not None else []


class Table:
    """The records of one object type."""

    def __init__(self, kind: ObjectType, definitions: list[Property], settings: Mapping[str, Any]) -> None:
        self.kind, self.settings = kind, settings
        self.properties = {item.name: item for item in definitions}
        self.archived_properties: dict[str, tuple[Property, str]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.live: dict[int, Record] = {}
        self.ids: list[int] = []
        self.archived: dict[int, Record] = {}
        self.merged: dict[int, int] = {}
        self.unique: dict[str, dict[str, int]] = {name: {} for name in ("email",) if name in self.properties}
        self.next_id = 1
        self.index: dict[int, Properties] = {}
        self.index_version = 0
        self.searches: dict[bytes, list[int]] = {}
        self.pending: deque[tuple[float, int, Properties | None]] = deque()

    # --- finding ---------------------------------------------------------------------------------------------------
    def resolve(self, record_id: int) -> int:
        """Where a merged-away id leads to, through chains; any other id leads to itself."""
        while record_id in self.merged:
            record_id = self.merged[record_id]
        return record_id

    def find(self, key: str, id_property: str | None, archived: bool = False) -> Record | None:
        """The live (or archived) record with this id, or with this value of a unique property."""
        if id_property and id_property != "hs_object_id":
            holder = self._holder(id_property, key.strip().lower())
        else:
            holder = self.resolve(as_int(key))
        rows = self.archived if archived else self.live
        return rows.get(holder) if holder is not None else None

    def _holder(self, name: str, key: str) -> int | None:
        """The id of the record with a unique value, among them a contact's additional addresses."""
        holder = self.unique.get(name, {}).get(key)
        if holder is None or name != "email" or self.settings["secondary_emails_found"]:
            return holder
        held = self.live.get(holder) or self.archived.get(holder)
        return holder if held and (held.properties.get("email") or "").lower() == key else None

    def is_unique(self, name: str) -> bool:
        return name == "hs_object_id" or (name in self.properties and self.properties[name].unique)

    # --- storing ---------------------------------------------------------------------------------------------------
    def add(self, record: Record) -> None:
        self.live[record.id] = record
        if not self.ids or record.id > self.ids[-1]:
            self.ids.append(record.id)
        else:
            insort(self.ids, record.id)
        self.next_id = max(self.next_id, record.id + 1)
        self.claim(record)

    def remove(self, record_id: int) -> Record:
        self.ids.remove(record_id)
        return self.live.pop(record_id)

    def claim(self, record: Record) -> None:
        """Enter the record's unique values, a contact's additional addresses among them."""
        for name, holders in self.unique.items():
            for value in unique_values(name, record.properties):
                holders[value] = record.id

    def release(self, record: Record, *names: str) -> None:
        for name in names or self.unique:
            holders = self.unique[name]
            for value in unique_values(name, record.properties):
                if holders.get(value) == record.id:
                    del holders[value]

    def unindex(self, record_id: int) -> None:
        """Take a record out of search at once: archived, erased and merged-away records are never found."""
        self.index.pop(record_id, None)
        self.index_version += 1

    def define(self, item: Property) -> None:
        self.properties[item.name] = item
        if item.unique and item.name not in self.unique:
            self.unique[item.name] = {}
            for record in self.live.values():
                self.claim(record)


def unique_values(name: str, properties: Properties) -> list[str]:
    """The keys under which a record is found by `name`: case-insensitive, additional addresses included."""
    values = [properties.get(name)]
    if name == "email":
        values += (properties.get("hs_additional_emails") or "").split(";")
    return [value.strip().lower() for value in values if value]
