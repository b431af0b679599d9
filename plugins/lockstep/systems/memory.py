"""A system in memory: the same protocol without a wire, for tests, and for trying out mappings without accounts.

It rewrites values as vendors do, hides changes for a while, loses answers and fails at a chosen call. People's actions
(`create`, `edit`, `delete`, `merge`, `convert`) go through the same records as the protocol's calls.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from lockstep.errors import ConfigError
from lockstep.model import (
    Action,
    Field,
    Gone,
    ObjectSchema,
    Owner,
    Page,
    Rejection,
    Row,
    Tombstone,
    Usage,
    Values,
    Window,
    Write,
    WriteResult,
    Written,
)
from lockstep.pacing import LocalMeter
from lockstep.systems.answers import rejected, without_bad_fields
from lockstep.systems.base import Deleted, Identity, Limits, Members, Meter, Read
from lockstep.systems.memory_faults import Faults

Rewrite = Callable[[str, Values], Values]
Refuse = Callable[[str, Values], Rejection | None]


@dataclass(slots=True)
class Record:
    """One record, live or gone."""

    id: str
    values: Values
    modified: datetime
    end: Tombstone | None = None


def schema(system: str, object: str, fields: Sequence[str], unique: Sequence[str] = ()) -> ObjectSchema:
    """A schema of plain text fields."""
    named = {name: Field(name, name, "string", unique=name in unique) for name in (*fields, *unique)}
    return ObjectSchema(system, object, named)


class MemorySystem:
    """Implements `systems.base.System`. `lag`: how long a change stays hidden from `changed`, as an index would."""

    history = None
    visitors = None

    def __init__(
        self,
        name: str,
        schemas: Sequence[ObjectSchema],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        meter: Meter | None = None,
        limits: Limits = Limits(100, 100, 200, True),  # noqa: B008 (frozen)
        lag: timedelta = timedelta(0),
        rewrite: Rewrite = lambda _, values: values,
        refuse: Refuse = lambda _, values: None,
        owners: Sequence[Owner] = (),
    ):
        self.name, self.limits, self.now, self.lag = name, limits, now, lag
        self.rewrite, self.refuse, self.faults = rewrite, refuse, Faults()
        self.schemas = {one.object: one for one in schemas}
        self.lists: dict[tuple[str, str], set[str]] = {}
        self._meter: Meter = meter or LocalMeter({})
        self._records: dict[str, dict[str, Record]] = {one.object: {} for one in schemas}
        self._ids, self._owners = count(1), list(owners)

    # --- people's actions

    def create(self, object: str, values: Values) -> str:
        """Returns the new record's id."""
        record_id = f"{self.name[:2]}{next(self._ids):016d}"
        blank: Values = dict.fromkeys(self.schemas[object].fields)
        self._records[object][record_id] = Record(record_id, blank | self.rewrite(object, values), self._stamp())
        return record_id

    def edit(self, object: str, record_id: str, values: Values) -> None:
        record = self._records[object][record_id]
        record.values |= self.rewrite(object, values)
        record.modified = self._stamp()

    def delete(self, object: str, record_id: str) -> None:
        self._end(object, Tombstone(record_id, self._stamp()))

    def undelete(self, object: str, record_id: str) -> None:
        record = self._records[object][record_id]
        record.end, record.modified = None, self._stamp()

    def merge(self, object: str, winner: str, loser: str) -> str:
        """Returns the survivor's id."""
        self._end(object, Tombstone(loser, self._stamp(), Gone.MERGED, winner))
        self.edit(object, winner, {})
        return winner

    def convert(self, lead: str, contact: str) -> None:
        self._end("Lead", Tombstone(lead, self._stamp(), Gone.CONVERTED, contact, "Contact"))

    def record(self, object: str, record_id: str) -> Values | None:
        """A live record's values."""
        found = self._records[object].get(record_id)
        return dict(found.values) if found and not found.end else None

    def _end(self, object: str, end: Tombstone) -> None:
        record = self._records[object][end.id]
        record.end, record.modified = end, end.at

    # --- the protocol

    def check(self) -> Identity:
        self._call()
        return Identity(self.name, "memory", None, "memory", "1")

    def describe(self, object: str) -> ObjectSchema:
        self._call()
        return self._schema(object)

    def owners(self) -> list[Owner]:
        self._call()
        return list(self._owners)

    def prepare(self, object: str, external_id: str) -> list[str]:
        self._call()
        known = self._schema(object)
        if external_id in known.fields:
            return []
        fields = {**known.fields, external_id: Field(external_id, external_id, "string", unique=True)}
        self.schemas[object] = replace(known, fields=fields)
        for record in self._records[object].values():
            record.values[external_id] = None
        return [f"{object}.{external_id}"]

    def count_changed(self, windows: Mapping[str, Window]) -> dict[str, int]:
        self._call()
        return {name: len(self._live(name, window)) for name, window in windows.items()}

    def changed(self, object: str, fields: Sequence[str], window: Window, cursor: str | None = None) -> Iterator[Page]:
        while True:
            self._call()
            left = [one for one in self._live(object, window) if cursor is None or one.id > cursor]
            page, more = left[: self.limits.page], left[self.limits.page :]
            cursor = page[-1].id if more else None
            yield Page([self._row(object, one, fields) for one in page], cursor, self.now())
            if cursor is None:
                return

    def deleted(self, object: str, window: Window) -> Deleted:
        return self.deleted_many({object: window})[object]

    def deleted_many(self, windows: Mapping[str, Window]) -> dict[str, Deleted]:
        self._call()
        return {name: self._ended(name, window, {Gone.DELETED, Gone.MERGED}) for name, window in windows.items()}

    def converted(self, window: Window) -> Deleted:
        self._call()
        return self._ended("Lead", window, {Gone.CONVERTED}) if "Lead" in self.schemas else Deleted([], window.end)

    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Read:
        self._call()
        found = [self._records[object][one] for one in dict.fromkeys(ids) if one in self._records[object]]
        live = {one.id: self._row(object, one, fields) for one in found if not one.end}
        return Read(live, {one.id: one.end for one in found if one.end})

    def links(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> dict[str, dict[str, str]]:
        return {}  # here, every edit modifies its record

    def field_times(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> dict[tuple[str, str], str]:
        return {}

    def members(self, object: str, name: str, known: str | None = None) -> Members:
        return Members(None, frozenset(self.lists[object, name]))

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Row]:
        self._call()
        wanted = {value.casefold() for value in values}
        live = (one for one in self._records[object].values() if not one.end)
        return [self._row(object, one, fields) for one in live if (one.values.get(field) or "").casefold() in wanted]

    def write(self, object: str, action: Action, writes: Sequence[Write], external_id_field: str) -> list[WriteResult]:
        lost = self._call()

        def send(some: Sequence[Write]) -> list[WriteResult]:
            return [self._write(object, action, one, external_id_field) for one in some]

        results = without_bad_fields(writes, send, frozenset({external_id_field}))
        return [WriteResult(one.key, Written.UNKNOWN, one.record_id) for one in writes] if lost else results

    def usage(self) -> Usage | None:
        return Usage(self.faults.calls, 1_000_000)

    # --- inside

    def _call(self) -> bool:
        self._meter.acquire(self.name, "memory")
        self._meter.record(self.name, "memory", 200, 0.0, None)
        return self.faults.next()

    def _schema(self, object: str) -> ObjectSchema:
        if object not in self.schemas:
            raise ConfigError(f"{self.name} has no object {object}.", hint="Correct the mapping.")
        return self.schemas[object]

    def _stamp(self) -> datetime:
        at = self.now()
        return at.replace(microsecond=at.microsecond // 1000 * 1000)

    def _live(self, object: str, window: Window) -> list[Record]:
        seen = self.now() - self.lag
        found = [one for one in self._records[object].values() if not one.end and one.modified <= seen]
        if window.start is not None:
            found = [one for one in found if window.start <= one.modified < window.end]
        return sorted(found, key=lambda one: one.id)

    def _ended(self, object: str, window: Window, kinds: set[Gone]) -> Deleted:
        ends = [one.end for one in self._records[object].values() if one.end and one.end.kind in kinds]
        start = window.start or window.end
        return Deleted([one for one in ends if start <= one.at < window.end], window.end)

    def _row(self, object: str, record: Record, fields: Sequence[str]) -> Row:
        unknown = [name for name in fields if name not in record.values]
        if unknown:
            raise ConfigError(f"{self.name}: {object} has no field {', '.join(unknown)}.", hint="Correct the mapping.")
        return Row(record.id, _version(record.modified), tuple(record.values[name] or None for name in fields))

    def _write(self, object: str, action: Action, write: Write, external_id: str) -> WriteResult:
        record = self._target(object, action, write, external_id)
        if action is not Action.CREATE and (record is None or record.end):
            if action is Action.DELETE:
                return WriteResult(write.key, Written.OK, write.record_id)
            return rejected(write, Rejection("record_gone", "The record is gone."))
        if action is Action.DELETE:
            self.delete(object, str(write.record_id))
            return WriteResult(write.key, Written.OK, write.record_id)
        return self._store(object, action, write, external_id, record)

    def _target(self, object: str, action: Action, write: Write, external_id: str) -> Record | None:
        if action is not Action.CREATE:
            return self._records[object].get(str(write.record_id))
        live = (one for one in self._records[object].values() if not one.end)
        return next((one for one in live if one.values.get(external_id) == write.external_id), None)

    def _store(self, object: str, action: Action, write: Write, external_id: str, record: Record | None) -> WriteResult:
        values = write.values if action is Action.UPDATE else {**write.values, external_id: write.external_id}
        if unknown := tuple(name for name in values if name not in self._schema(object).fields):
            return rejected(write, Rejection("unknown_field", f"No such field: {', '.join(unknown)}", None, unknown))
        if refused := self.refuse(object, values):
            return rejected(write, refused)
        if twin := self._twin(object, values, record):
            return rejected(write, Rejection("duplicate", f"The record exists already: {twin}"), twin)
        if record is None:
            return self._written(object, write, self.create(object, values), created=True)
        self.edit(object, record.id, values)
        return self._written(object, write, record.id, created=False)

    def _twin(self, object: str, values: Values, record: Record | None) -> str | None:
        """The id of another live record that holds one of the unique values."""
        unique = [name for name, field in self._schema(object).fields.items() if field.unique and values.get(name)]
        for other in self._records[object].values():
            if other.end or other is record:
                continue
            if any((other.values.get(name) or "").casefold() == str(values[name]).casefold() for name in unique):
                return other.id
        return None

    def _written(self, object: str, write: Write, record_id: str, created: bool) -> WriteResult:
        record = self._records[object][record_id]
        values = {name: record.values[name] for name in write.values}
        return WriteResult(write.key, Written.OK, record_id, created, values, _version(record.modified))


def _version(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
