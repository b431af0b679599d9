"""The whole engine between two systems in memory, which rewrite, delay, lose answers and fail at any call."""

import tempfile
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path

from tests.engine import Engine

from lockstep import mapping as mapping_files
from lockstep.errors import VendorUnavailable
from lockstep.mapping import Mappings
from lockstep.model import HUBSPOT, SALESFORCE, Batch, Gone, Values, Window
from lockstep.pacing import LocalMeter
from lockstep.settings import Settings
from lockstep.store import Store
from lockstep.systems.base import System
from lockstep.systems.memory import MemorySystem, schema

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

PEOPLE = """
objects: {salesforce: Contact, hubspot: contacts}
external_id: {salesforce: Lockstep_Id__c, hubspot: lockstep_id}
match:
  - {field: email, unique: [hubspot]}
create: {salesforce: Contact, hubspot: contacts}
delete: {salesforce: delete, hubspot: delete}
edited_and_deleted: recreate
required: {contacts: [email], Contact: [email]}
fields:
  - {salesforce: Email, hubspot: email, type: email, rule: two_way}
  - {salesforce: Title, hubspot: jobtitle, type: string, rule: two_way}
  - {salesforce: City, hubspot: city, type: string, rule: prefer_salesforce_unless_blank}
  - {salesforce: Phone, hubspot: phone, type: string, rule: always_hubspot}
"""

#: a field of each side by one neutral name
FIELDS = {
    SALESFORCE: {"email": "Email", "title": "Title", "city": "City", "phone": "Phone"},
    HUBSPOT: {"email": "email", "title": "jobtitle", "city": "city", "phone": "phone"},
}
OBJECT = {SALESFORCE: "Contact", HUBSPOT: "contacts"}
EXTERNAL_ID = {SALESFORCE: "Lockstep_Id__c", HUBSPOT: "lockstep_id"}


class Killed(BaseException):
    """The process ends here: nothing of ours gets to run afterwards."""


def trimmed(_: str, values: Values) -> Values:
    """Salesforce: outer blanks go, and a title has 8 characters."""
    kept = {name: value.strip() or None if value else None for name, value in values.items()}
    return kept | {name: value[:8].strip() for name in ("Title",) if (value := kept.get(name))}


def lowered(_: str, values: Values) -> Values:
    """HubSpot: e-mail addresses in small letters, cities with a capital."""
    kept = {name: value.strip() or None if value else None for name, value in values.items()}
    if email := kept.get("email"):
        kept["email"] = email.lower()
    if city := kept.get("city"):
        kept["city"] = city[:1].upper() + city[1:]
    return kept


REWRITE = {SALESFORCE: trimmed, HUBSPOT: lowered}


@cache
def load(text: str) -> Mappings:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "people.yaml").write_text(text)
        return mapping_files.load(Path(folder))


@dataclass
class TwoSystems:
    """Both systems, people who act in them, and the engine between. Time stands still but for `pass_time` and actions."""

    store: Store
    mapping: str = PEOPLE
    lag: timedelta = timedelta(0)
    clock: datetime = START
    memory: dict[str, MemorySystem] = field(init=False)

    def __post_init__(self) -> None:
        self.memory = {
            name: MemorySystem(
                name,
                [schema(name, OBJECT[name], tuple(FIELDS[name].values()), unique=UNIQUE[name])],
                now=lambda: self.clock,
                lag=self.lag,
                rewrite=REWRITE[name],
            )
            for name in (SALESFORCE, HUBSPOT)
        }
        for name, system in self.memory.items():
            system.prepare(OBJECT[name], EXTERNAL_ID[name])
        self.engine = _InMemory(
            self.store,
            None,
            load(self.mapping),
            SETTINGS,
            now=lambda: self.clock,
            sleep=self._never,
            memory=self.memory,
        )

    def copy(self, store: Store) -> "TwoSystems":
        """Both systems as they are now, of their own; `store`: a copy of this one's."""
        made = TwoSystems(store, self.mapping, self.lag, self.clock)
        for name, memory in made.memory.items():
            old = self.memory[name]
            memory.schemas, memory.lists, memory._records = deepcopy((old.schemas, old.lists, old._records))
            memory._ids = count(1 + sum(map(len, old._records.values())))
        return made

    def _never(self, seconds: float) -> None:
        raise AssertionError("nothing in memory is waited for")

    def pass_time(self, **some: float) -> None:
        self.clock += timedelta(**(some or {"seconds": 1}))

    def cycle(self) -> list[Batch]:
        """A scheduled cycle, long enough after what people did for everything to be visible."""
        self.pass_time(minutes=15)
        return self.engine.cycle(window=Window(self.clock - timedelta(minutes=15), self.clock))

    def people(self, system: str) -> dict[str, Values]:
        """id -> values by neutral names, of the live records."""
        memory, names = self.memory[system], FIELDS[system]
        records = {one: memory.record(OBJECT[system], one) for one in memory._records[OBJECT[system]]}
        return {
            one: {neutral: values[name] for neutral, name in names.items()} for one, values in records.items() if values
        }

    def by_email(self) -> dict[str, dict[str, list[Values]]]:
        """system -> e-mail address -> the records that have it: what the two worlds look like, whatever their ids."""
        found: dict[str, dict[str, list[Values]]] = {SALESFORCE: {}, HUBSPOT: {}}
        for system, some in found.items():
            for values in self.people(system).values():
                some.setdefault((values["email"] or "").lower(), []).append(values)
        return found

    def deleted(self, system: str) -> dict[str, Values]:
        """The same of the records in the recycle bin."""
        records, names = self.memory[system]._records[OBJECT[system]].values(), FIELDS[system]
        gone = [one for one in records if one.end and one.end.kind is Gone.DELETED]
        return {one.id: {neutral: one.values[name] for neutral, name in names.items()} for one in gone}

    def state(self) -> dict[str, dict[str, tuple[datetime, Values]]]:
        """What would differ if anything were written to either side."""
        return {
            name: {one.id: (one.modified, dict(one.values)) for one in memory._records[OBJECT[name]].values()}
            for name, memory in self.memory.items()
        }


UNIQUE = {SALESFORCE: (), HUBSPOT: ("email",)}
SETTINGS = Settings.model_validate(
    {
        "lag_seconds": {SALESFORCE: 0, HUBSPOT: 0},
        "failure_threshold": 1.0,
        "guards": {"ignore_below": 100_000},
    }
)


@dataclass
class _InMemory(Engine):
    memory: dict[str, MemorySystem] = field(default_factory=dict)

    def systems(self) -> tuple[dict[str, System], dict[str, LocalMeter]]:
        meters = {name: LocalMeter({}) for name in self.memory}
        for name, system in self.memory.items():
            system._meter = meters[name]
        return dict(self.memory), meters


def spoil(two: TwoSystems, system: str, kind: str, number: int) -> None:
    """From now on, the so-many-th call fails, or is done and its answer lost, or is the last that the process makes."""
    faults = two.memory[system].faults
    at = faults.calls + number
    if kind == "fails":
        faults.fail_at(at, VendorUnavailable("the vendor does not answer"))
    elif kind == "lost":
        faults.lose_at(at)
    else:
        faults.fail_at(at, Killed())  # type: ignore[arg-type]
