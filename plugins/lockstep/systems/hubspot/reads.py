"""Reading HubSpot records: windows, full lists, ids, match keys, archives and merges.

* A window is searched by `hs_object_id` beyond the last id seen: ids are unique, so no page can tear a group of equal
  stamps, a record that moves on meanwhile is left to the next window, and search's limit of 10,000 is never met.
* Search has an index that lags, so it only gives ids; records are then read in batches.
* A full load lists the object, which does not lag.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from lockstep.errors import ConfigError
from lockstep.model import Gone, ObjectSchema, Page, Row, Tombstone, Window
from lockstep.systems.answers import Refused
from lockstep.systems.base import Read, fitting, parts
from lockstep.systems.hubspot.links import LinkApi, is_link
from lockstep.systems.hubspot.transport import Client, json_of

READ_BATCH, SEARCH_PAGE, LIST_PAGE = 100, 200, 100
#: HubSpot reads at most so many records at a time when their history is asked for
HISTORY_BATCH = 50
#: search refuses bodies above 3,000 characters
SEARCH_BODY = 2_600
#: HubSpot refuses longer URIs, and a list carries its properties in the URI
LIST_PROPERTIES = 4_000
#: the survivor of merges names the ids that it was made of
MERGED = "hs_merged_object_ids"


def modified(object: str) -> str:
    """The property that moves with every change."""
    return "lastmodifieddate" if object == "contacts" else "hs_lastmodifieddate"


class HubSpotReader:
    """The reading half of the system."""

    def __init__(
        self,
        client: Client,
        links: LinkApi,
        schema_of: Callable[[str], ObjectSchema],
        page: int,
        now: Callable[[], datetime],
    ):
        self._client, self._links, self._schema_of, self._page, self._now = client, links, schema_of, page, now

    @cached_property
    def _batch(self) -> Any:
        return self._client.crm.objects.batch_api

    @cached_property
    def _basic(self) -> Any:
        return self._client.crm.objects.basic_api

    def search(
        self,
        object: str,
        filters: Sequence[Mapping[str, Any]],
        properties: Sequence[str] = (),
        limit: int = SEARCH_PAGE,
    ) -> Any:
        """One page of a search, by ascending id."""
        body = {
            "filterGroups": [{"filters": list(filters)}] if filters else [],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": ["hs_object_id", *properties],
            "limit": limit,
        }
        return json_of(self._client.crm.objects.search_api.do_search, object, body)

    def searched(
        self, object: str, filters: Sequence[Mapping[str, Any]], properties: Sequence[str] = (), last: str | None = None
    ) -> Iterator[list[dict[str, Any]]]:
        """All pages of a search, from the id after `last` on."""
        while True:
            key = [{"propertyName": "hs_object_id", "operator": "GT", "value": last}] if last else []
            answer = self.search(object, [*filters, *key], properties)
            if answer["results"]:
                last = str(answer["results"][-1]["id"])
                yield answer["results"]
            if len(answer["results"]) >= answer["total"] or not answer["results"]:
                return

    def options(self, object: str, field: str) -> tuple[str, ...]:
        """The internal values of a property that is a list."""
        described = self._schema_of(object).fields.get(field)
        return described.options if described else ()

    def count_changed(self, windows: Mapping[str, Window]) -> dict[str, int]:
        return {
            name: int(self.search(name, in_window(name, window), limit=1)["total"]) for name, window in windows.items()
        }

    def changed(self, object: str, fields: Sequence[str], window: Window, cursor: str | None) -> Iterator[Page]:
        if window.start is None:
            return self._listed(object, fields, cursor)
        return self._modified(object, fields, window, cursor)

    def _modified(self, object: str, fields: Sequence[str], window: Window, cursor: str | None) -> Iterator[Page]:
        ids: list[str] = []
        for page in self.searched(object, in_window(object, window), last=cursor):
            ids += [str(one["id"]) for one in page]
            if len(ids) >= self._page:
                yield self._hydrated(object, fields, ids, ids[-1])
                ids = []
        yield self._hydrated(object, fields, ids, None)

    def ids(self, object: str, window: Window, last: str | None) -> Iterator[list[str]]:
        """The ids of records modified in the window (start None: all), in pages, ascending, after `last`."""
        if window.start is not None:
            for page in self.searched(object, in_window(object, window), last=last):
                yield [str(one["id"]) for one in page]
            return
        after = last
        while True:
            answer = self.list_page(object, ["hs_object_id"], after)
            yield [str(one["id"]) for one in answer["results"]]
            after = (answer.get("paging") or {}).get("next", {}).get("after")
            if after is None:
                return

    def _hydrated(self, object: str, fields: Sequence[str], ids: Sequence[str], cursor: str | None) -> Page:
        """Rows of records that search named; one that was archived or merged meanwhile is left to `deleted`."""
        read_at = self._now()
        wanted = set(ids)
        records = [one for one in self._by_id(object, _properties(fields), ids) if str(one["id"]) in wanted]
        return Page(self.rows(object, fields, records), cursor, read_at)

    def _by_id(self, object: str, properties: Sequence[str], ids: Sequence[str], **more: Any) -> list[dict[str, Any]]:
        archived = more.pop("archived", False)
        found: list[dict[str, Any]] = []
        for chunk in parts(ids, READ_BATCH):
            body = {"inputs": [{"id": one} for one in chunk], "properties": list(properties), **more}
            found += json_of(self._batch.read, object, body, archived=archived)["results"]
        return found

    def with_history(
        self, object: str, properties: Sequence[str], past: Sequence[str], ids: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Records with the history of some properties; HubSpot takes at most 50 ids of such a read."""
        return self._by_id(object, properties, ids, propertiesWithHistory=list(past))

    def field_times(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> dict[tuple[str, str], str]:
        """When each property was last written: its versions come newest first (Object APIs, propertiesWithHistory)."""
        found: dict[tuple[str, str], str] = {}
        for chunk in parts(ids, HISTORY_BATCH):
            for one in self.with_history(object, [], fields, chunk):
                for name, versions in (one.get("propertiesWithHistory") or {}).items():
                    if versions:
                        found[str(one["id"]), name] = versions[0]["timestamp"]
        return found

    def _listed(self, object: str, fields: Sequence[str], cursor: str | None) -> Iterator[Page]:
        """The whole object. Several list pages make one page, so that links are read for many records at once."""
        inline = sum(len(name) + 12 for name in _properties(fields)) <= LIST_PROPERTIES
        records: list[dict[str, Any]] = []
        read_at = self._now()
        while True:
            answer = self.list_page(object, _properties(fields) if inline else ["hs_object_id"], cursor)
            records += answer["results"]
            cursor = (answer.get("paging") or {}).get("next", {}).get("after")
            if cursor is None or len(records) >= self._page:
                if not inline:
                    records = self._by_id(object, _properties(fields), [str(one["id"]) for one in records])
                yield Page(self.rows(object, fields, records), cursor, read_at)
                records, read_at = [], self._now()
            if cursor is None:
                return

    def list_page(self, object: str, properties: Sequence[str], after: str | None, archived: bool = False) -> Any:
        options = {"after": after} if after else {}
        return json_of(
            self._basic.get_page, object, limit=LIST_PAGE, properties=list(properties), archived=archived, **options
        )

    def rows(self, object: str, fields: Sequence[str], records: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Rows with their links. A property that HubSpot leaves out does not exist: that is unknown, never blank."""
        linked = [field for field in fields if is_link(field)]
        links = self._links.read(object, linked, [str(one["id"]) for one in records]) if linked and records else {}
        return [_row(object, fields, record, links) for record in records]

    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Read:
        asked = list(dict.fromkeys(ids))
        records = {str(one["id"]): one for one in self._by_id(object, [*_properties(fields), MERGED], asked)}
        gone = _merged_away(asked, records.values())
        rows = self.rows(object, fields, [one for key, one in records.items() if key in set(asked) and key not in gone])
        found = Read({row.id: row for row in rows}, gone)
        if missing := [one for one in asked if one not in found.rows and one not in gone]:
            self._archived(object, missing, found)
        return found

    def _archived(self, object: str, ids: Sequence[str], found: Read) -> None:
        for one in self._by_id(object, ["hs_object_id"], ids, archived=True):
            found.gone[str(one["id"])] = Tombstone(str(one["id"]), at(one["archivedAt"]))
        for record_id in ids:
            if record_id not in found.gone and (survivor := self._resolved(object, record_id)):
                found.gone[record_id] = survivor

    def _resolved(self, object: str, record_id: str) -> Tombstone | None:
        """A merged-away id leads to the survivor, whose id is another one."""
        try:
            record = json_of(self._basic.get_by_id, object, record_id)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
        survivor = str(record["id"])
        return Tombstone(record_id, at(record["updatedAt"]), Gone.MERGED, survivor) if survivor != record_id else None

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Row]:
        """By a unique property in batches, without lag; by any other property through search."""
        described = self._schema_of(object).fields.get(field)
        properties = list(dict.fromkeys((*_properties(fields), field)))
        wanted = {value.lower(): value for value in values if value}
        if described is not None and described.unique:
            # e-mail addresses are stored in lower case, other unique values as they were given
            keys = list(wanted if field == "email" else wanted.values())
            return self.rows(object, fields, _distinct(self._by_id(object, properties, keys, idProperty=field)))
        ids: list[str] = []
        for chunk in fitting(wanted, _written, SEARCH_BODY, READ_BATCH):
            condition = {"propertyName": field, "operator": "IN", "values": chunk}
            ids += [str(one["id"]) for page in self.searched(object, [condition]) for one in page]
        records = self._by_id(object, properties, list(dict.fromkeys(ids)))
        # the search index may be older than the record
        held = [one for one in records if (one["properties"].get(field) or "").lower() in wanted]
        return self.rows(object, fields, held)


def in_window(object: str, window: Window) -> list[dict[str, Any]]:
    name = modified(object)
    end = {"propertyName": name, "operator": "LT", "value": _milliseconds(window.end)}
    if window.start is None:
        return [end]
    return [{"propertyName": name, "operator": "GTE", "value": _milliseconds(window.start)}, end]


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _properties(fields: Sequence[str]) -> list[str]:
    return [field for field in fields if not is_link(field)]


def _row(object: str, fields: Sequence[str], record: Mapping[str, Any], links: Mapping[str, Mapping[str, str]]) -> Row:
    record_id, properties = str(record["id"]), record["properties"]
    try:
        values = tuple([links[name].get(record_id) if name in links else properties[name] or None for name in fields])
    except KeyError as error:
        raise ConfigError(
            f"HubSpot: {object} has no property {error.args[0]}.",
            hint="Run sync_schema; correct the mapping, or create the property in HubSpot.",
        ) from error
    return Row(record_id, version(record["updatedAt"]), values)


def version(text: str) -> str:
    """`updatedAt` with exactly three digits of milliseconds, so that versions compare as text."""
    if len(text) == 24 and text.endswith("Z"):
        return text
    moment = at(text)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def at(text: str) -> datetime:
    """A moment as HubSpot writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _merged_away(asked: Sequence[str], records: Any) -> dict[str, Tombstone]:
    """Asked ids under which another record answered."""
    return {
        old: Tombstone(old, at(one["updatedAt"]), Gone.MERGED, str(one["id"]))
        for one in records
        for old in (one["properties"].get(MERGED) or "").split(";")
        if old in set(asked) and old != str(one["id"])
    }


def _distinct(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({str(one["id"]): one for one in records}.values())


def _written(value: str) -> int:
    """Characters of a value of a filter in a request, as the client writes it: with non-ASCII characters escaped."""
    return len(json.dumps(value)) + len(", ")
