"""One look at the API calls of the last 24 hours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from lockstep.decisions import Decision, DecisionKind
from lockstep.model import GOOGLE_ADS, HUBSPOT, SALESFORCE
from lockstep.store import budget, calls, decisions
from lockstep.store.budget import Health
from lockstep.store.calls import Hour
from lockstep_airflow.status.calls.forecast import HOURS, exhausted_at, pace

SYSTEMS = (SALESFORCE, HUBSPOT, GOOGLE_ADS)
#: what waits for the next run
KINDS = (DecisionKind.ALLOCATION, DecisionKind.CLEAR_SUSPENSION)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """Calls of one hour; `share`: of the highest bar, from 0 to 1."""

    at: datetime
    calls: int
    errors: int
    share: float


@dataclass(frozen=True, slots=True)
class Operation:
    """`milliseconds`: of one call, on average."""

    name: str
    calls: int
    errors: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of calls per 24 hours. `used`: our own calls of our allocation; of the vendor's limit, everybody's, as the
    vendor told at `told_at`. `exhausted_at`: when it will be used up at the present pace; None: not within a day."""

    used: int
    limit: int
    exhausted_at: datetime | None
    told_at: datetime | None = None

    @property
    def share(self) -> float:
        return self.used / self.limit if self.limit else 1.0

    @property
    def level(self) -> str:
        """over: used up; near: it will be within a day, or nine tenths are used; well."""
        if self.used >= self.limit:
            return "over"
        return "near" if self.exhausted_at or self.share >= 0.9 else "well"


@dataclass(frozen=True, slots=True)
class System:
    """`ours`: against our allocation (None: there is none), `decided_allocation`: it is a person's word and not the
    settings'; `vendor`: against the vendor's limit (None: it has told none)."""

    name: str
    used: int
    errors: int
    pace: float
    bars: tuple[Bar, ...]
    operations: tuple[Operation, ...]
    ours: Budget | None
    vendor: Budget | None
    decided_allocation: bool
    health: Health | None
    waiting: tuple[Decision, ...]

    @property
    def peak(self) -> Bar:
        return max(self.bars, key=lambda bar: bar.calls)


def systems(tx: Connection, settings: Mapping[str, int], now: datetime) -> list[System]:
    """Systems that were called or told of; Salesforce and HubSpot always. `settings`: system -> calls per day allotted in the
    settings."""
    first = now.replace(minute=0, second=0, microsecond=0) - _HOUR * (HOURS - 1)
    by_system: dict[str, list[Hour]] = defaultdict(list)
    for one in calls.hours(tx, now - timedelta(days=1)):
        by_system[one.system].append(one)
    known, waiting = budget.health(tx), decisions.open(tx, *KINDS)
    names = [name for name in SYSTEMS if name != GOOGLE_ADS or name in known or by_system[name]]
    return [
        _system(
            name, by_system[name], first, settings.get(name), known.get(name), [w for w in waiting if w.system == name], now
        )
        for name in names
    ]  # fmt: skip


def _system(
    name: str, hours: list[Hour], first: datetime, setting: int | None, health: Health | None, waiting: list[Decision],
    now: datetime,
) -> System:  # fmt: skip
    bars = _bars(hours, first)
    hourly = [bar.calls for bar in bars]
    used = sum(one.calls for one in hours)
    decided = health.allocation if health else None
    allotted = decided if decided is not None else setting
    usage = health.usage if health else None
    return System(
        name=name,
        used=used,
        errors=sum(one.errors for one in hours),
        pace=pace(hourly, now),
        bars=bars,
        operations=_operations(hours),
        ours=Budget(used, allotted, exhausted_at(hourly, used, allotted, now)) if allotted is not None else None,
        vendor=Budget(usage.used, usage.limit, exhausted_at(hourly, usage.used, usage.limit, now), health.told_at)
        if usage and health
        else None,
        decided_allocation=decided is not None,
        health=health,
        waiting=tuple(waiting),
    )


def _bars(hours: Iterable[Hour], first: datetime) -> tuple[Bar, ...]:
    sums = {first + _HOUR * n: [0, 0] for n in range(HOURS)}
    for one in hours:
        if one.at in sums:
            sums[one.at][0] += one.calls
            sums[one.at][1] += one.errors
    highest = max(number for number, _ in sums.values()) or 1
    return tuple(Bar(at, number, errors, number / highest) for at, (number, errors) in sums.items())


def _operations(hours: Iterable[Hour]) -> tuple[Operation, ...]:
    """Most calls first."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for one in hours:
        for place, number in enumerate((one.calls, one.errors, one.milliseconds)):
            sums[one.operation][place] += number
    found = (Operation(name, int(n), int(errors), ms / n if n else 0.0) for name, (n, errors, ms) in sums.items())
    return tuple(sorted(found, key=lambda one: (-one.calls, one.name)))
