"""Rigs whose system reaches a sandbox over real HTTP: the vendor's wire protocol, and people who act in the vendor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.contract.sandbox_process import Running, start
from tests.contract.system_rigs import START, Rig

from lockstep.model import Values, Write
from lockstep.pacing import LocalMeter
from lockstep.systems.hubspot import HubSpotConnection, HubSpotSystem
from lockstep.systems.salesforce import SalesforceConnection, SalesforceOptions, SalesforceSystem

TOKEN = "pat-na1-contract-tests"


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
        self.sandbox.heal()

    def vendor_calls(self) -> int:
        return int(self.sandbox.admin("GET", f"calls/count?vendor={self.vendor}")["total"])

    def settings(self, **changes: Any) -> None:
        self.sandbox.admin("POST", f"{self.vendor}/settings", changes)


def _id_of(record: dict[str, Any]) -> str:
    return str(record.get("Id") or record["id"])


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
        rig.heal()
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


def lead(rig: SandboxRig, key: int, external: str, **more: str | None) -> Write:
    values = rig.person_values() | {"Company": "Contract Inc"} | more
    return Write(key, None, external, values)


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
        rig.heal()
    finally:
        sandbox.stop()


def hubspot(
    rig: SandboxRig, sleep: Callable[[float], None] = unhurried, meter: LocalMeter | None = None, **options: Any
) -> HubSpotSystem:
    connection = options.pop("connection", None) or HubSpotConnection(TOKEN, host=rig.sandbox.hubspot)
    return HubSpotSystem(connection, meter or rig.meter, now=rig.now, sleep=sleep, **options)
