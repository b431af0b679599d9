"""One way to act on each system from outside, so that one contract class can test them all."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lockstep.errors import VendorUnavailable
from lockstep.model import Values, Window
from lockstep.pacing import LocalMeter
from lockstep.systems.base import System
from lockstep.systems.memory import MemorySystem, schema

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass
class Rig(ABC):
    """A system with an outside. `last`, `first`, `email`, `title`: the vendor's names of four fields of a person."""

    system: System
    meter: LocalMeter
    person: str
    objects: tuple[str, ...]
    last: str
    first: str
    email: str
    title: str
    external_id: str
    lag: float = 0.0
    made: int = 0

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.last, self.first, self.email, self.title, self.external_id)

    def person_values(self, **more: str | None) -> Values:
        """Values of a person that no other test has; keys of `more` are neutral names."""
        self.made += 1
        plain: Values = {self.last: f"Contract{self.made}", self.email: f"contract{self.made}@contract-tests.example"}
        return plain | {getattr(self, name): value for name, value in more.items()}

    def settle(self) -> None:
        """Let whatever lags catch up, and leave a gap before the next stamp."""
        self.advance(self.lag + 2)

    # what each outside must do
    @abstractmethod
    def now(self) -> datetime: ...

    @abstractmethod
    def advance(self, seconds: float) -> None: ...

    @abstractmethod
    def create(self, values: Values) -> str: ...

    @abstractmethod
    def edit(self, record_id: str, values: Values) -> None: ...

    @abstractmethod
    def delete(self, record_id: str) -> None: ...

    @abstractmethod
    def merge(self, winner: str, loser: str) -> str: ...

    @abstractmethod
    def held(self, record_id: str) -> Values | None: ...

    @abstractmethod
    def live_ids(self) -> set[str]: ...

    @abstractmethod
    def lose_next_write(self) -> None: ...

    @abstractmethod
    def refuse_next_write(self) -> None:
        """The vendor says "not now" until further notice, before anything is carried out."""

    @abstractmethod
    def heal(self) -> None: ...

    @abstractmethod
    def vendor_calls(self) -> int: ...


@dataclass
class MemoryRig(Rig):
    clock: datetime = START
    memory: MemorySystem = None  # type: ignore[assignment]

    def now(self) -> datetime:
        return self.clock

    def advance(self, seconds: float) -> None:
        self.clock += timedelta(seconds=seconds)

    def create(self, values: Values) -> str:
        return self.memory.create(self.person, values)

    def edit(self, record_id: str, values: Values) -> None:
        self.memory.edit(self.person, record_id, values)

    def delete(self, record_id: str) -> None:
        self.memory.delete(self.person, record_id)

    def merge(self, winner: str, loser: str) -> str:
        return self.memory.merge(self.person, winner, loser)

    def held(self, record_id: str) -> Values | None:
        return self.memory.record(self.person, record_id)

    def live_ids(self) -> set[str]:
        return {one.id for one in self.memory._live(self.person, Window(None, self.clock))}

    def lose_next_write(self) -> None:
        self.memory.faults.lose_at(self.memory.faults.calls + 1)

    def refuse_next_write(self) -> None:
        self.memory.faults.fail_at(self.memory.faults.calls + 1, VendorUnavailable("not now"))

    def heal(self) -> None:
        pass

    def vendor_calls(self) -> int:
        return self.memory.faults.calls


def memory_rig() -> MemoryRig:
    meter = LocalMeter({})
    names = ("last", "first", "email", "title")
    rig = MemoryRig(
        system=None,  # type: ignore[arg-type]
        meter=meter,
        person="people",
        objects=("people", "companies"),
        **{name: name for name in names},
        external_id="lockstep_id",
    )
    schemas = [schema("memory", "people", names, unique=("email",)), schema("memory", "companies", ("name",))]
    rig.system = rig.memory = MemorySystem("memory", schemas, rig.now, meter)
    for number in range(7):
        rig.create({"last": f"Seed{number}", "email": f"seed{number}@contract-tests.example"})
    rig.advance(86_400)
    return rig


class Since:
    """The window from here to when it is asked for, after all lags."""

    def __init__(self, rig: Rig):
        self.rig, self.start = rig, rig.now()

    def __call__(self) -> Window:
        self.rig.settle()
        return Window(self.start, self.rig.now())
