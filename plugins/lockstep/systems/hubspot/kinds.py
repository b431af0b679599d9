"""What HubSpot keeps, by how it is reached: records of the CRM, and links between them."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from lockstep.model import Action, Page, Row, Window, Write, WriteResult
from lockstep.systems.base import Deleted, Read
from lockstep.systems.hubspot.ends import HubSpotEnds
from lockstep.systems.hubspot.names import api_name
from lockstep.systems.hubspot.reads import HubSpotReader
from lockstep.systems.hubspot.writes import HubSpotWriter


class Kind(Protocol):
    """See the methods of the same names in `systems.base.System`; objects are named as mappings do."""

    def count_changed(self, object: str, window: Window) -> int: ...
    def changed(self, object: str, fields: Sequence[str], window: Window, cursor: str | None) -> Iterator[Page]: ...
    def deleted(self, object: str, window: Window) -> Deleted: ...
    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Read: ...
    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Row]: ...
    def write(self, object: str, action: Action, writes: Sequence[Write], external_id: str) -> list[WriteResult]: ...


class CrmRecords:
    """Contacts, companies, deals, tickets, activities, custom objects."""

    def __init__(self, reader: HubSpotReader, ends: HubSpotEnds, writer: HubSpotWriter):
        self._reader, self._ends, self._writer = reader, ends, writer

    def count_changed(self, object: str, window: Window) -> int:
        return next(iter(self._reader.count_changed({api_name(object): window}).values()))

    def changed(self, object: str, fields: Sequence[str], window: Window, cursor: str | None) -> Iterator[Page]:
        return self._reader.changed(api_name(object), fields, window, cursor)

    def deleted(self, object: str, window: Window) -> Deleted:
        return self._ends.deleted(api_name(object), window)

    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Read:
        return self._reader.read(api_name(object), fields, ids)

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Row]:
        return self._reader.find(api_name(object), field, values, fields)

    def write(self, object: str, action: Action, writes: Sequence[Write], external_id: str) -> list[WriteResult]:
        return self._writer.write(api_name(object), action, writes, external_id)
