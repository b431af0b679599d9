"""One way to act on each system from outside, so that one contract class can test them all."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.sandbox_process import Running, start

from lockstep.errors import VendorUnavailable
from lockstep.model import Values
from lockstep.pacing import LocalMeter
from lockstep.systems.base import System
from lockstep.systems.hubspot import HubSpotConnection, HubSpotSystem
from lockstep.systems.memory import MemorySystem, schema
from lockstep.systems.salesforce import SalesforceConnection, SalesforceOptions, SalesforceSystem

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TOKEN = "pat-na1-contract-tests"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass
class MemoryTokens:
    """A token cache in a dict."""

    held: dict[str, dict[str, Any]] = field(default_factory=dict)

    def get(self, key: str) -> dict[str, Any] | None:
        return self.held.get(key)

    def put(self, key: str, value: dict[str, Any], expires_at: datetime) -> None:
        self.held[key] = value

    def forget(self, key: str) -> None:
        self.held.pop(key, None)


@dataclass
class Rig:
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
    def now(self) -> datetime:
        raise NotImplementedError

    def advance(self, seconds: float) -> None:
        raise NotImplementedError

    def create(self, values: Values) -> str:
        raise NotImplementedError

    def edit(self, record_id: str, values: Values) -> None:
        raise NotImplementedError

    def delete(self, record_id: str) -> None:
        raise NotImplementedError

    def merge(self, winner: str, loser: str) -> str:
        raise NotImplementedError

    def held(self, record_id: str) -> Values | None:
        raise NotImplementedError

    def live_ids(self) -> set[str]:
        raise NotImplementedError

    def lose_next_write(self) -> None:
        raise NotImplementedError

    def refuse_next_write(self) -> None:
        """The vendor says "not now" until further notice, before anything is carried out."""
        raise NotImplementedError

    def heal(self) -> None:
        raise NotImplementedError

    def vendor_calls(self) -> int:
        raise NotImplementedError


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
        return {one.id for one in self.memory._live(self.person, _everything(self.clock))}

    def lose_next_write(self) -> None:
        self.memory.faults.lose_at(self.memory.faults.calls + 1)

    def refuse_next_write(self) -> None:
        self.memory.faults.fail_at(self.memory.faults.calls + 1, VendorUnavailable("not now"))

    def heal(self) -> None:
        pass

    def vendor_calls(self) -> int:
        return self.memory.faults.calls


@dataclass
class SandboxRig(Rig):
    sandbox: Running = None  # type: ignore[assignment]
    vendor: str = ""

    def now(self) -> datetime:
        return datetime.fromisoformat(self.sandbox.admin("GET", "clock")["now"])

    def advance(self, seconds: float) -> None:
        self.sandbox.admin("POST", "clock", {"advance": seconds})

    def create(self, values: Values) -> str:
        return _id_of(self.sandbox.act(self.vendor, "create", object=self.person, fields=values))

    def edit(self, record_id: str, values: Values) -> None:
        self.sandbox.act(self.vendor, "edit", object=self.person, id=record_id, fields=values)

    def delete(self, record_id: str) -> None:
        self.sandbox.act(self.vendor, "delete", object=self.person, id=record_id)

    def merge(self, winner: str, loser: str) -> str:
        return _id_of(self.sandbox.act(self.vendor, "merge", object=self.person, winner=winner, loser=loser))

    def held(self, record_id: str) -> Values | None:
        record = next((one for one in self._records() if _id_of(one) == record_id), None)
        return (
            None
            if record is None
            else {name: value or None for name, value in record.get("properties", record).items()}
        )

    def live_ids(self) -> set[str]:
        return {_id_of(one) for one in self._records()}

    def _records(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.admin("GET", f"{self.vendor}/{self.person}")
        return found

    def fault(self, **spec: Any) -> None:
        self.sandbox.admin("POST", "faults", {"vendor": self.vendor, **spec})

    def lose_next_write(self) -> None:
        self.fault(kind="commit_then_reset", path=r"/composite|/batch/(upsert|update|archive)")

    def refuse_next_write(self) -> None:
        self.fault(kind="status", status=503, path=r"/composite|/batch/(upsert|update|archive)", times=100)

    def heal(self) -> None:
        self.sandbox.admin("DELETE", "faults")

    def vendor_calls(self) -> int:
        return int(self.sandbox.admin("GET", f"calls/count?vendor={self.vendor}")["total"])

    def settings(self, **changes: Any) -> None:
        self.sandbox.admin("POST", f"{self.vendor}/settings", changes)


def _id_of(record: dict[str, Any]) -> str:
    return str(record.get("Id") or record["id"])


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


def unhurried(_: float) -> None:
    """Stands for sleeping between tries: the faults of these tests do not pass with time."""


@contextmanager
def salesforce_rig(**options: Any) -> Iterator[SandboxRig]:
    sandbox = start("tiny", seed=7, now=START.isoformat(), clock="fixed")
    try:
        rig = SandboxRig(
            system=None,  # type: ignore[arg-type]
            meter=LocalMeter({}),
            person="Contact",
            objects=("Account", "Contact", "Lead", "Opportunity"),
            last="LastName",
            first="FirstName",
            email="Email",
            title="Title",
            external_id="Lockstep_Id__c",
            sandbox=sandbox,
            vendor="salesforce",
        )
        rig.system = salesforce(rig, **options)
        yield rig
    finally:
        sandbox.stop()


def salesforce(rig: SandboxRig, meter: LocalMeter | None = None, **options: Any) -> SalesforceSystem:
    """A system that reaches the sandbox through its CONNECT proxy, under Salesforce's own host names."""
    connection = options.pop("connection", None) or salesforce_connection(rig.sandbox)
    tokens = options.pop("tokens", None)
    return SalesforceSystem(
        connection, meter or rig.meter, tokens, SalesforceOptions(**options), now=rig.now, sleep=unhurried
    )


def salesforce_connection(sandbox: Running, **more: Any) -> SalesforceConnection:
    login = {"consumer_key": "key", "consumer_secret": "secret", "domain": "acme.my"}
    return SalesforceConnection(**(more or login), proxies={"https": sandbox.proxy}, ca=sandbox.ca)


@contextmanager
def hubspot_rig(**options: Any) -> Iterator[SandboxRig]:
    sandbox = start("tiny", seed=7, now=START.isoformat(), clock="fixed")
    try:
        rig = SandboxRig(
            system=None,  # type: ignore[arg-type]
            meter=LocalMeter({}),
            person="contacts",
            objects=("companies", "contacts", "deals"),
            last="lastname",
            first="firstname",
            email="email",
            title="jobtitle",
            external_id="lockstep_id",
            lag=10.0,
            sandbox=sandbox,
            vendor="hubspot",
        )
        # the clock stands still, so that no ten seconds ever pass for the vendor's rate limits
        rig.settings(rate_limit=1_000_000, search_limit=1_000_000)
        rig.system = hubspot(rig, **options)
        yield rig
    finally:
        sandbox.stop()


def hubspot(
    rig: SandboxRig, sleep: Callable[[float], None] = unhurried, meter: LocalMeter | None = None, **options: Any
) -> HubSpotSystem:
    connection = options.pop("connection", None) or HubSpotConnection(TOKEN, host=rig.sandbox.hubspot)
    return HubSpotSystem(connection, meter or rig.meter, now=rig.now, sleep=sleep, **options)


def _everything(now: datetime) -> Any:
    from lockstep.model import Window

    return Window(None, now)
