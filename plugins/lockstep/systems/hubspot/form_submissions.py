"""Forms that contacts filled in, as records (HS-20, MK-24): `form_submissions`.

HubSpot's CRM has no such object. Every submission sets the contact's most recent conversion (`recent_conversion_date`, and the
form in `recent_conversion_event_name`): their histories tell each submission with its moment. The forms' own API would be asked
once per form, and tells addresses instead of contacts. A submission never changes, and cannot be deleted. HubSpot documents
histories of properties, but not of these: should it keep the latest value alone, the latest submission before each pull is told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from lockstep.model import (
    HUBSPOT,
    Action,
    Field,
    ObjectSchema,
    Page,
    Rejection,
    Row,
    Window,
    Write,
    WriteResult,
)
from lockstep.systems.answers import rejected
from lockstep.systems.base import Deleted, Read, parts
from lockstep.systems.hubspot.reads import HISTORY_BATCH, HubSpotReader, at, version

OBJECT, CONTACTS = "form_submissions", "contacts"
FORM, MOMENT, CONTACT, STATUS = "form", "submitted_at", "contact", "status"
#: what a submission is, whenever it is looked at
DONE = "SUBMITTED"

_NAME, _DATE = "recent_conversion_event_name", "recent_conversion_date"


def schema() -> ObjectSchema:
    kinds = {FORM: "string", MOMENT: "datetime", CONTACT: "string", STATUS: "string"}
    return ObjectSchema(
        HUBSPOT, OBJECT, {name: Field(name, name, kind, writable=False) for name, kind in kinds.items()}
    )


class FormSubmissions:
    """Implements `kinds.Kind`. A record's id is `<contact>-<epoch milliseconds>`."""

    def __init__(self, reader: HubSpotReader, now: Callable[[], datetime]):
        self._reader, self._now = reader, now

    def count_changed(self, object: str, window: Window) -> int:
        return int(self._reader.search(CONTACTS, [_since(window)], limit=1)["total"])

    def changed(self, object: str, fields: Sequence[str], window: Window, cursor: str | None) -> Iterator[Page]:
        for page in self._reader.searched(CONTACTS, [_since(window)], last=cursor):
            read_at, ids = self._now(), [str(one["id"]) for one in page]
            rows = [row for row in self._rows(fields, ids) if _inside(row, window)]
            yield Page(rows, ids[-1], read_at)
        yield Page([], None, self._now())

    def _rows(self, fields: Sequence[str], contacts: Sequence[str]) -> Iterator[Row]:
        for chunk in parts(contacts, HISTORY_BATCH):
            for record in self._reader.with_history(CONTACTS, [], [_NAME, _DATE], chunk):
                yield from _submissions(fields, record)

    def deleted(self, object: str, window: Window) -> Deleted:
        return Deleted([], window.end)

    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Read:
        read_at = self._now()
        contacts = list(dict.fromkeys(one.partition("-")[0] for one in ids))
        there = {row.id: row for row in self._rows(fields, contacts)}
        return Read.found_or_gone(ids, there, read_at)

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Row]:
        return []

    def write(self, object: str, action: Action, writes: Sequence[Write], external_id: str) -> list[WriteResult]:
        words = Rejection("field_permission", "What a visitor filled in cannot be written.")
        return [rejected(one, words) for one in writes]


def _since(window: Window) -> dict[str, str]:
    """Contacts whose latest submission is not older: who filled in another form since the window's end counts, too."""
    if window.start is None:
        return {"propertyName": _DATE, "operator": "HAS_PROPERTY"}
    return {"propertyName": _DATE, "operator": "GTE", "value": str(_milliseconds(window.start))}


def _inside(row: Row, window: Window) -> bool:
    moment = at(row.version)
    return (window.start is None or moment >= window.start) and moment < window.end


def _submissions(fields: Sequence[str], record: Mapping[str, Any]) -> Iterator[Row]:
    """Versions come newest first. The name of a form that is filled in twice stands still, its moment does not."""
    past = record.get("propertiesWithHistory") or {}
    names = [(at(one["timestamp"]), one["value"]) for one in past.get(_NAME) or ()]
    for one in past.get(_DATE) or ():
        if not one["value"]:
            continue
        moment = at(one["value"])
        form = next((name for since, name in names if since <= at(one["timestamp"])), None)
        told = {FORM: form or None, MOMENT: version(one["value"]), CONTACT: str(record["id"]), STATUS: DONE}
        row_id = f"{record['id']}-{_milliseconds(moment)}"
        yield Row(row_id, version(one["value"]), tuple(told.get(name) for name in fields))


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
