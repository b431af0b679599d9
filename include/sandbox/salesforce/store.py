"""The organisation's records. Rows are dicts that are replaced, never changed, so that a held row is a snapshot.

Times are kept in the form in which REST shows them (``2026-01-01T00:00:01.000+0000``): whole seconds, sortable as text.
A row that a transaction has written but not yet committed is *held*: readers see what was there before.
"""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sandbox.clock import Clock
from sandbox.salesforce.fields import TEXT_TYPES, SObject
from sandbox.salesforce.ids import make_id

Row = dict[str, Any]
RECYCLE_DAYS = 15
UNINDEXED = frozenset({"CreatedById", "LastModifiedById", "OwnerId"})
API_FIRST_NUMBER = 1_000_000
"""Ids of rows made at run time start here, clear of the generated world's."""


def stamp(at: datetime) -> str:
    """Return a time as Salesforce keeps it: UTC, seconds."""
    return at.astimezone(UTC).isoformat()[:19] + ".000+0000"


def plain(value: Any) -> Any:
    """Return a world's value in stored form: times and dates as text."""
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True)
class Held:
    """A written row that is not committed yet. ``before`` is what readers see; None: no row."""

    since: datetime
    until: datetime
    before: Row | None


@dataclass(frozen=True)
class Written:
    """One journalled write: the row, its tombstone and the parent it was deleted with, as they were before."""

    name: str
    record_id: str
    before: Row | None
    grave: str | None
    parent: str | None


Journal = list[Written]


class Store:
    """Tables by object name, rows by 18-character id, and the indexes that writes need."""

    def __init__(self, clock: Clock, objects: dict[str, SObject]) -> None:
        self.clock, self.objects = clock, objects
        self.tables: dict[str, dict[str, Row]] = {name: {} for name in objects}
        self.tombstones: dict[str, dict[str, str]] = {name: {} for name in objects}
        self.deleted_with: dict[str, str] = {}
        self.held: dict[str, Held] = {}
        self._indexes: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
        self._indexed = {name: indexed(definition) for name, definition in objects.items()}
        self._numbers: dict[str, int] = {}
        self._journal: Journal | None = None

    # --- loading ---------------------------------------------------------------------------------------------------
    def load(self, world: dict[str, list[Row]]) -> None:
        """Take a generated world's rows; fields that it leaves out are null (false if boolean)."""
        for name, rows in world.items():
            if name in self.objects:
                self._load(name, self.objects[name], rows)

    def _load(self, name: str, definition: SObject, rows: list[Row]) -> None:
        fields = definition.fields.values()
        blank = {f.name: False if f.type == "boolean" else None for f in fields}
        times = [field.name for field in fields if field.type in {"datetime", "date"}]
        table, graves = self.tables[name], self.tombstones[name]
        for row in rows:
            full: Row = blank | row
            for key in times:
                if (value := full[key]) is not None and type(value) is not str:
                    full[key] = plain(value)
            table[full["Id"]] = full
            if full.get("IsDeleted"):
                graves[full["Id"]] = full.get("SystemModstamp") or full["CreatedDate"]
        for field, fold in self._indexed[name].items():
            index = self._indexes.setdefault((name, field), {})
            for record_id, row in table.items():
                if value := row[field]:
                    index.setdefault(value.casefold() if fold else value, {})[record_id] = None

    def add_field(self, object_name: str, field: str, blank: Any) -> None:
        """Give every row of an object a new field."""
        self._indexed[object_name] = indexed(self.objects[object_name])
        for record_id, row in self.tables[object_name].items():
            row.setdefault(field, blank)
            self._index(object_name, record_id, None, row)

    def drop_field(self, object_name: str, field: str) -> None:
        """Take a field from every row of an object."""
        self._indexed[object_name] = indexed(self.objects[object_name])
        self._indexes.pop((object_name, field), None)
        rows = self.tables[object_name]
        for record_id, row in rows.items():
            rows[record_id] = {key: value for key, value in row.items() if key != field}

    # --- reading ---------------------------------------------------------------------------------------------------
    def tick(self) -> None:
        """Commit what is due and empty the recycle bin of what has lain there for 15 days."""
        now = self.clock.now()
        for record_id in [key for key, held in self.held.items() if held.until <= now]:
            del self.held[record_id]
        horizon = stamp(now - timedelta(days=RECYCLE_DAYS))
        for name, graves in self.tombstones.items():
            for record_id in [key for key, at in graves.items() if at < horizon]:
                if record_id in self.tables[name]:
                    self._put(name, record_id, None)

    def rows(self, name: str, deleted: bool = False) -> Iterable[Row]:
        """Return the committed rows of an object; with deleted ones if asked."""
        rows: Iterable[Row] = self.tables[name].values()
        if self.held:
            rows = self._committed(rows)
        fields = self.objects[name].fields
        if deleted or "IsDeleted" not in fields:
            return rows
        if "IsArchived" in fields:  # old activities, which only queryAll tells of
            rows = (row for row in rows if not row["IsArchived"])
        return (row for row in rows if not row["IsDeleted"])

    def get(self, name: str, record_id: str) -> Row | None:
        """Return the committed row of an id, deleted or not."""
        row = self.tables[name].get(record_id)
        if self.held and record_id in self.held:
            return self.held[record_id].before
        return row

    def _committed(self, rows: Iterable[Row]) -> Iterator[Row]:
        held = self.held
        for row in rows:
            if row["Id"] not in held:
                yield row
            elif (before := held[row["Id"]].before) is not None:
                yield before

    def by_external(self, name: str, field: str, value: str) -> list[str]:
        """Return the ids of live rows that hold an external id, compared without regard to case."""
        return [row["Id"] for row in self.holding(name, field, value)]

    def holding(self, name: str, field: str, value: str, deleted: bool = False) -> list[Row]:
        """Return the rows that hold a value in an indexed field (external ids and references), uncommitted ones too."""
        key = value.casefold() if self._indexed[name][field] else value
        found = self._indexes.get((name, field), {}).get(key, {})
        rows = [self.tables[name][record_id] for record_id in found]
        return rows if deleted else [row for row in rows if not row.get("IsDeleted")]

    def is_indexed(self, name: str, field: str) -> bool:
        """Say whether `holding` can answer for a field."""
        return field in self._indexed[name]

    def find(self, record_id: str) -> tuple[str, Row] | None:
        """Return the object and row of an id, by its key prefix."""
        for name, definition in self.objects.items():
            if record_id.startswith(definition.prefix) and (row := self.tables[name].get(record_id)):
                return name, row
        return None

    # --- writing ---------------------------------------------------------------------------------------------------
    def new_id(self, name: str) -> str:
        prefix = self.objects[name].prefix
        self._numbers[prefix] = self._numbers.get(prefix, API_FIRST_NUMBER) + 1
        return make_id(prefix, self._numbers[prefix])

    def next_number(self, name: str) -> int:
        """Return the next auto number of an object; a number is not given twice, even if its row was taken back."""
        self._numbers[name] = max(self._numbers.get(name, 0), len(self.tables[name])) + 1
        return self._numbers[name]

    def insert(self, name: str, values: Row, user: str, record_id: str | None = None) -> Row:
        """Add a row with stamps of now; fields that are not given are null (false if boolean)."""
        at, fields = stamp(self.clock.now()), self.objects[name].fields
        row: Row = {field.name: False if field.type == "boolean" else None for field in fields.values()} | values
        row["Id"] = record_id or self.new_id(name)
        row |= {key: value for key, value in self._stamps(at, user, new=True).items() if key in fields}
        self._put(name, row["Id"], row)
        return row

    def update(self, name: str, record_id: str, values: Row, user: str | None) -> Row:
        """Change a row. With a user, it is a modification; without, only SystemModstamp moves (a system process)."""
        at, fields = stamp(self.clock.now()), self.objects[name].fields
        stamps = self._stamps(at, user, new=False) if user else {"SystemModstamp": at}
        row = self.tables[name][record_id] | {k: v for k, v in stamps.items() if k in fields} | values
        self._put(name, record_id, row)
        return row

    @staticmethod
    def _stamps(at: str, user: str, new: bool) -> Row:
        stamps = {"LastModifiedDate": at, "LastModifiedById": user, "SystemModstamp": at}
        return stamps | ({"CreatedDate": at, "CreatedById": user} if new else {})

    def bury(self, name: str, record_id: str, user: str, master: str | None = None, parent: str | None = None) -> None:
        """Put a row into the recycle bin; ``master`` is the row it was merged into, ``parent`` the one deleted with it."""
        values: Row = {"IsDeleted": True}
        if master is not None:
            values["MasterRecordId"] = master
        self.update(name, record_id, values, user)
        self.tombstones[name][record_id] = stamp(self.clock.now())
        if parent:
            self.deleted_with[record_id] = parent

    def restore(self, name: str, record_id: str, user: str, clear_master: bool = True) -> None:
        """Take a row out of the recycle bin."""
        values: Row = {"IsDeleted": False}
        if clear_master and "MasterRecordId" in self.objects[name].fields:
            values["MasterRecordId"] = None
        self.update(name, record_id, values, user)
        self.tombstones[name].pop(record_id, None)
        self.deleted_with.pop(record_id, None)

    def purge(self, name: str, record_id: str) -> None:
        """Remove a row for good; only getDeleted still tells of it."""
        self._put(name, record_id, None)
        self.tombstones[name].setdefault(record_id, stamp(self.clock.now()))

    # --- transactions ----------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def transaction(self) -> Iterator[Journal]:
        """Journal what is written; an exception takes it back. An inner transaction may be taken back by itself."""
        outer, self._journal = self._journal, []
        try:
            yield self._journal
        except BaseException:
            self.roll_back(self._journal)
            raise
        finally:
            if outer is not None:
                outer.extend(self._journal)
            self._journal = outer

    def roll_back(self, journal: Journal) -> None:
        """Put back what was there before each journalled write, last first."""
        entries, journal[:] = journal[::-1], []
        self._journal, keep = None, self._journal
        for entry in entries:
            self._put(entry.name, entry.record_id, entry.before)
            _restore(self.tombstones[entry.name], entry.record_id, entry.grave)
            _restore(self.deleted_with, entry.record_id, entry.parent)
        self._journal = keep

    def hold(self, journal: Journal, until: datetime) -> None:
        """Keep a transaction's writes from readers until a time; what was held already stays so at least as long."""
        for entry in journal:
            first = self.held.get(entry.record_id, Held(self.clock.now(), until, entry.before))
            self.held[entry.record_id] = replace(first, until=max(first.until, until))

    # --- the one place that changes a table ------------------------------------------------------------------------
    def _put(self, name: str, record_id: str, row: Row | None) -> None:
        table = self.tables[name]
        before = table.get(record_id)
        if self._journal is not None:
            grave, parent = self.tombstones[name].get(record_id), self.deleted_with.get(record_id)
            self._journal.append(Written(name, record_id, before, grave, parent))
        self._index(name, record_id, before, row)
        if row is None:
            table.pop(record_id, None)
        else:
            table[record_id] = row

    def _index(self, name: str, record_id: str, before: Row | None, row: Row | None) -> None:
        for field, fold in self._indexed[name].items():
            old, new = before and before.get(field), row and row.get(field)
            if old == new:
                continue
            index = self._indexes.setdefault((name, field), {})
            if old:
                index.get(old.casefold() if fold else old, {}).pop(record_id, None)
            if new:
                index.setdefault(new.casefold() if fold else new, {})[record_id] = None


def indexed(definition: SObject) -> dict[str, bool]:
    """Return the fields of an object that are indexed, and whether without regard to case: external ids, unique fields, parents."""
    fields = definition.fields.values()
    external = {f.name: True for f in fields if (f.external_id or f.unique) and f.type in TEXT_TYPES}
    return external | {field.name: False for field in fields if field.references and field.name not in UNINDEXED}


def _restore(values: dict[str, str], key: str, value: str | None) -> None:
    if value is None:
        values.pop(key, None)
    else:
        values[key] = value
