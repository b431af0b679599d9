"""Reading Salesforce records: windows, ids, match keys, deletes, merges, conversions.

How "anything new?" and deletes are asked (an idle cycle of four objects costs one call each):

* updates: one Composite of `COUNT()` queries per five objects (Composite allows five queries).
* deletes: `getDeleted` of up to 25 objects in one Composite. It knows hard deletes and an emptied recycle bin, which
  `queryAll` on IsDeleted does not; only when it names ids, `queryAll` is asked for their MasterRecordId (merges).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from lockstep.errors import ConfigError, HorizonPassed
from lockstep.model import Gone, ObjectSchema, Page, Row, Tombstone, Window
from lockstep.systems.answers import Refused
from lockstep.systems.base import Deleted, Read, parts
from lockstep.systems.salesforce import soql
from lockstep.systems.salesforce.bulk import PREFIX, BulkQuery, Position
from lockstep.systems.salesforce.client import COMPOSITE, COMPOSITE_HEAVY, SalesforceClient
from lockstep.systems.salesforce.raw import getters, raw, version
from lockstep.systems.salesforce.refusals import rejection_of

#: ids of one query, so that five queries in one Composite read `5 * ID_CHUNK` records in one API call
ID_CHUNK = 200
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Shape:
    """What to select, and how to make rows of it."""

    object: str
    fields: tuple[str, ...]
    extra: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        return list(dict.fromkeys(("Id", "SystemModstamp", *self.fields, *self.extra)))

    def rows(self, records: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Rows of JSON records; ConfigError for a field that is not spelled as Salesforce spells it."""
        gets = getters(self.fields)
        try:
            return [
                Row(one["Id"], version(one["SystemModstamp"]), tuple([raw(get(one)) for get in gets]))
                for one in records
            ]
        except KeyError as error:
            raise ConfigError(
                f"Salesforce: {self.object} has no field {error.args[0]} in this spelling.",
                hint="Write the field's API name in the mapping as Salesforce shows it, capitals included.",
            ) from error


class SalesforceReader:
    """The reading half of the system."""

    def __init__(
        self,
        client: SalesforceClient,
        bulk: BulkQuery,
        schema_of: Callable[[str], ObjectSchema],
        bulk_threshold: int,
        page: int,
        now: Callable[[], datetime],
    ):
        self._client, self._bulk, self._schema_of, self._now = client, bulk, schema_of, now
        self._bulk_threshold, self._page = bulk_threshold, page

    def query(self, text: str, all_rows: bool = False) -> Iterator[dict[str, Any]]:
        """Every record of a query, over all its pages."""
        for answer in self._answers(text, "/queryAll" if all_rows else "/query"):
            yield from answer["records"]

    def _answers(self, text: str, resource: str = "/query") -> Iterator[dict[str, Any]]:
        options = {"Sforce-Query-Options": f"batchSize={self._page}"}
        answer = self._client.json("GET", resource, params={"q": text}, headers=options)
        yield answer
        while not answer["done"]:
            answer = self._client.json("GET", answer["nextRecordsUrl"], headers=options)
            yield answer

    def count_changed(self, windows: Mapping[str, Window]) -> dict[str, int]:
        texts = {
            name: soql.select(["COUNT()"], name, [*soql.in_window(window), *soql.live(name)])
            for name, window in windows.items()
        }
        answers = self._together([f"/query?q={quote(one)}" for one in texts.values()], COMPOSITE_HEAVY)
        return {name: int(answer["totalSize"]) for name, answer in zip(texts, answers, strict=True)}

    def _together(self, urls: Sequence[str], most: int) -> list[Any]:
        """GET several resources in as few API calls as possible; Refused if one is refused."""
        answers = []
        for urls_of_one in parts(urls, most):
            for status, body in self._composite(urls_of_one):
                if status >= 300:
                    raise Refused("Salesforce", status, rejection_of(body, status), body)
                answers.append(body)
        return answers

    def _composite(self, urls: Sequence[str]) -> list[tuple[int, Any]]:
        return self._client.composite([{"method": "GET", "url": self._client.root + url} for url in urls])

    def changed(self, object: str, fields: Sequence[str], window: Window, cursor: str | None) -> Iterator[Page]:
        shape = Shape(object, tuple(fields))
        conditions = [*soql.in_window(window), *soql.live(object)] if window.start else soql.live(object)
        if cursor and cursor.startswith(PREFIX):
            position = Position.parse(cursor)
            if self._bulk.known(position):
                yield from self._bulk_pages(shape, position)
                return
            cursor = None
        yield from self._rest_pages(shape, conditions, cursor)

    def _rest_pages(self, shape: Shape, conditions: list[str], cursor: str | None) -> Iterator[Page]:
        """Pages by key; when Salesforce has forgotten its query locator, a new query goes on after the last key."""
        while True:
            try:
                for page in self._keyed(shape, conditions, cursor):
                    cursor = page.cursor
                    yield page
                return
            except Refused as refused:
                if refused.rejection.vendor_code != "INVALID_QUERY_LOCATOR" or cursor is None:
                    raise

    def _keyed(self, shape: Shape, conditions: list[str], cursor: str | None) -> Iterator[Page]:
        key = [soql.after(*cursor.split("|"))] if cursor else []
        text = soql.select(shape.columns, shape.object, [*conditions, *key])
        read_at = self._now()
        for answer in self._answers(f"{text} ORDER BY SystemModstamp, Id"):
            if answer["totalSize"] > self._bulk_threshold:
                yield from self._bulk_pages(shape, self._bulk.start(text))
                return
            rows = shape.rows(answer["records"])
            yield Page(rows, None if answer["done"] else f"{rows[-1].version}|{rows[-1].id}", read_at)
            read_at = self._now()

    def _bulk_pages(self, shape: Shape, position: Position) -> Iterator[Page]:
        described = self._schema_of(shape.object).fields
        names = ["Id", "SystemModstamp", *shape.fields]
        types = [described[name].type if name in described else "string" for name in names]
        yield from self._bulk.pages(position, names, types)

    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Read:
        shape = Shape(object, tuple(fields), _end_fields(object))
        found: dict[str, Any] = {}
        for many in parts(list(dict.fromkeys(ids)), ID_CHUNK * COMPOSITE_HEAVY):
            texts = [
                soql.select(shape.columns, object, [f"Id IN ({', '.join(chunk)})"])
                for chunk in soql.chunks(many, soql.URL_LIMIT, ID_CHUNK)
            ]
            for record in self.records(texts):
                found[record["Id"]] = record
        ends = self._led_on(object, {key: end for key, one in found.items() if (end := _end_of(object, one))})
        rows = shape.rows([one for key, one in found.items() if key not in ends])
        return Read({row.id: row for row in rows}, ends)

    def records(self, texts: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """All records of several queries (at most COMPOSITE_HEAVY) that include deleted rows, in one API call."""
        if len(texts) == 1:
            yield from self.query(texts[0], all_rows=True)
            return
        for answer in self._together([f"/queryAll?q={quote(text)}" for text in texts], COMPOSITE_HEAVY):
            yield from answer["records"]
            while not answer["done"]:
                answer = self._client.json("GET", answer["nextRecordsUrl"])
                yield from answer["records"]

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Row]:
        shape = Shape(object, tuple(fields))
        room = soql.URL_LIMIT - len(quote(", ".join(shape.columns)))
        records: list[dict[str, Any]] = []
        for chunk in soql.chunks(list(dict.fromkeys(values)), room, ID_CHUNK):
            conditions = [f"{field} IN ({', '.join(chunk)})", *soql.live(object)]
            records += self.query(soql.select(shape.columns, object, conditions))
        return shape.rows(records)

    def converted(self, window: Window) -> Deleted:
        """Converted leads stay live rows; their conversion bumps SystemModstamp, while ConvertedDate is only a date."""
        fields = ["Id", "SystemModstamp", *_end_fields("Lead")]
        text = soql.select(fields, "Lead", ["IsConverted = true", *soql.in_window(window)])
        ends = [end for record in self.query(text) if (end := _end_of("Lead", record))]
        return Deleted(ends, window.end)

    def deleted_many(self, windows: Mapping[str, Window]) -> dict[str, Deleted]:
        """See the module's docstring. A window without a start has nothing to tell: nothing was read before it."""
        asked = {name: window for name, window in windows.items() if window.start is not None}
        found = {name: Deleted([], window.end) for name, window in windows.items()}
        for names in parts(list(asked), COMPOSITE):
            urls = [f"/sobjects/{name}/deleted/?{_replication_range(asked[name])}" for name in names]
            for name, (status, body) in zip(names, self._composite(urls), strict=True):
                found[name] = self._deleted(name, asked[name], status, body)
        return found

    def _deleted(self, object: str, window: Window, status: int, body: Any) -> Deleted:
        if status >= 300:
            rejection = rejection_of(body, status)
            horizon = rejection.vendor_code == "INVALID_REPLICATION_DATE"
            refused = _horizon(object, rejection.message) if horizon else Refused("Salesforce", status, rejection, body)
            return Deleted([], window.start or window.end, refused)
        if window.start and _at(body["earliestDateAvailable"]) > window.start:
            return Deleted([], window.start, _horizon(object, f"it begins at {body['earliestDateAvailable']}"))
        times = {one["id"]: _at(one["deletedDate"]) for one in body["deletedRecords"]}
        times = {key: at for key, at in times.items() if (window.start or at) <= at < window.end}
        masters = self._masters(object, list(times))
        tombstones = [_tombstone(key, at, masters) for key, at in times.items()]
        covered = min(window.end, _at(body["latestDateCovered"]))
        return Deleted(tombstones, max(covered, window.start or covered))

    def _led_on(self, object: str, ends: dict[str, Tombstone]) -> dict[str, Tombstone]:
        """Ends with merges followed on: the survivor may have been merged away, too."""
        merged = {key: end.into for key, end in ends.items() if end.kind is Gone.MERGED and end.into}
        masters = merged | self._masters(object, list(dict.fromkeys(merged.values())))
        return ends | {key: _tombstone(key, ends[key].at, masters) for key in merged}

    def _masters(self, object: str, ids: list[str]) -> dict[str, str]:
        """Merged-away id -> surviving id; chains of merges are followed to their end."""
        masters: dict[str, str] = {}
        pending = ids if object in soql.MERGEABLE else []
        while pending:
            found: dict[str, str] = {}
            for chunk in soql.chunks(pending, soql.URL_LIMIT, ID_CHUNK * 2):
                conditions = [f"Id IN ({', '.join(chunk)})", "MasterRecordId != null"]
                text = soql.select(["Id", "MasterRecordId"], object, conditions)
                found |= {one["Id"]: one["MasterRecordId"] for one in self.query(text, all_rows=True)}
            masters |= found
            pending = [one for one in dict.fromkeys(found.values()) if one not in masters]
        return masters


def _end_fields(object: str) -> tuple[str, ...]:
    merged = ("MasterRecordId",) if object in soql.MERGEABLE else ()
    return ("IsDeleted", *merged, *(("IsConverted", "ConvertedContactId") if object == "Lead" else ()))


def _end_of(object: str, record: Mapping[str, Any]) -> Tombstone | None:
    at = _at(record["SystemModstamp"])
    if record["IsDeleted"]:
        master = record.get("MasterRecordId")
        return _tombstone(record["Id"], at, {record["Id"]: master} if master else {})
    if object == "Lead" and record["IsConverted"]:
        return Tombstone(record["Id"], at, Gone.CONVERTED, record["ConvertedContactId"], "Contact")
    return None


def _tombstone(record_id: str, at: datetime, masters: Mapping[str, str]) -> Tombstone:
    into = masters.get(record_id)
    while into is not None and into in masters:
        into = masters[into]
    return Tombstone(record_id, at, Gone.MERGED if into else Gone.DELETED, into)


def _replication_range(window: Window) -> str:
    """getDeleted cuts seconds off, and refuses ranges of a minute or less."""
    end = window.end if window.end == _minute(window.end) else _minute(window.end) + MINUTE
    start = min(_minute(window.start or window.end), end - 2 * MINUTE)
    return f"start={quote(start.isoformat())}&end={quote(end.isoformat())}"


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _horizon(object: str, why: str) -> HorizonPassed:
    return HorizonPassed(
        f"Salesforce no longer tells which {object} records were deleted at the window's start: {why}.",
        hint="Run a full reconcile of the object.",
    )
