"""One look at whether everything runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from lockstep.decisions import Decision, DecisionKind
from lockstep.model import CYCLE_STEPS, GOOGLE_ADS, HUBSPOT, SALESFORCE, Batch, BatchStatus, RunState, Step
from lockstep.store import budget, decisions, freshness, ledger
from lockstep.store.budget import Health
from lockstep.store.ledger import BatchFilter, Run
from lockstep_airflow.status.health.features import Feature, features
from lockstep_airflow.status.health.setup import SetUp

if TYPE_CHECKING:
    from lockstep.mapping import Mapping as ObjectMapping
    from lockstep.mapping import Mappings
    from lockstep.store.freshness import Freshness

_TROUBLES = ("failing", "suspended", RunState.PARTIAL.value, RunState.REFUSED.value, "behind")
SYSTEMS = (SALESFORCE, HUBSPOT, GOOGLE_ADS)


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """`state`: well, failing, suspended, unused (never called), absent (not set up).

    Failing: the last batch that called it failed. What our own guards stopped tells nothing of the system. `error`: the last
    batch that called it and failed.
    """

    system: str
    state: str
    health: Health | None
    error: Batch | None


@dataclass(frozen=True, slots=True)
class StepState:
    """The latest run of a step; None: it has never run."""

    step: Step
    run: Run | None

    @property
    def state(self) -> str:
        return self.run.state.value if self.run else "never"

    @property
    def only(self) -> tuple[str, ...]:
        """The objects and systems that a person narrowed it to; empty: all."""
        told = self.run.params if self.run else {}
        return (*told.get("objects", ()), *told.get("systems", ()))

    @property
    def dry(self) -> bool:
        return bool(self.run and self.run.params.get("dry_run"))

    @property
    def seconds(self) -> float | None:
        run = self.run
        return (run.closed_at - run.opened_at).total_seconds() if run and run.closed_at else None


@dataclass(frozen=True, slots=True)
class ObjectState:
    """A mapping. `state`: fresh, behind (older than `limit_minutes`), paused, first (its first sync is not through), off.
    `age`: of the newest time up to which everything had arrived."""

    entity: str
    sf_objects: tuple[str, ...]
    hs_object: str
    state: str
    fresh_to: datetime | None
    age: timedelta | None
    limit_minutes: int
    paused: Decision | None
    waiting: Decision | None


@dataclass(frozen=True, slots=True)
class Report:
    """`objects` None: this host cannot read the mapping files."""

    connections: tuple[ConnectionState, ...]
    steps: tuple[StepState, ...]
    objects: tuple[ObjectState, ...] | None
    features: tuple[Feature, ...]

    @property
    def troubled(self) -> list[tuple[str, str, str]]:
        """What somebody should look at: what it is a state of, its name, the state."""
        states = (
            *(("connection", one.system, one.state) for one in self.connections),
            *(("run", one.step.value, one.state) for one in self.steps),
            *(("object_state", one.entity, one.state) for one in self.objects or ()),
        )
        return [one for one in states if one[2] in _TROUBLES]


def report(tx: Connection, mappings: "Mappings | None", known: SetUp, now: datetime) -> Report:
    health = budget.health(tx)
    objects = _objects(tx, mappings, now) if mappings else None
    return Report(
        connections=tuple(_connection(tx, system, health.get(system), known) for system in SYSTEMS),
        steps=tuple(StepState(step, next(iter(ledger.runs(tx, step, 1)), None)) for step in CYCLE_STEPS),
        objects=objects,
        features=features(mappings, known, health),
    )


def _connection(tx: Connection, system: str, health: Health | None, known: SetUp) -> ConnectionState:
    ended = ledger.latest_called(tx, BatchFilter(systems=(system,)))
    failed = ledger.latest_called(tx, BatchFilter(systems=(system,), statuses=(BatchStatus.FAILED,)))
    if known.connections.get(system) is False:
        state = "absent"
    elif health and health.suspended:
        state = "suspended"
    elif health is None or health.answered_at is None:
        state = "unused"
    else:
        state = "failing" if ended and ended.status is BatchStatus.FAILED else "well"
    return ConnectionState(system, state, health, failed)


def _objects(tx: Connection, mappings: "Mappings", now: datetime) -> tuple[ObjectState, ...]:
    known = freshness.every(tx)
    kinds = (DecisionKind.PAUSE, DecisionKind.RESUME)
    words = {one.object: one for one in decisions.in_force(tx, *kinds)}
    waiting = {one.object: one for one in decisions.open(tx, *kinds)}
    found = [_object(one, known.get(one.entity), words, waiting, now) for one in mappings.all]
    off = [
        ObjectState(one.entity, one.sf_objects, one.hs_object, "off", None, None, one.freshness_minutes, None, None)
        for one in mappings.off
    ]
    return (*found, *off)


def _object(
    mapping: "ObjectMapping", fresh: "Freshness | None", words: Mapping[str | None, Decision],
    waiting: Mapping[str | None, Decision], now: datetime,
) -> ObjectState:  # fmt: skip
    names = (mapping.entity, mapping.hs_object, *mapping.sf_objects)
    newest = max((words[name] for name in names if name in words), key=lambda one: one.id, default=None)
    paused = newest if newest and newest.kind is DecisionKind.PAUSE else None
    age = now - fresh.fresh_to if fresh else None
    if paused:
        state = "paused"
    elif age is None:
        state = "first"
    else:
        state = "behind" if age > timedelta(minutes=mapping.freshness_minutes) else "fresh"
    return ObjectState(
        entity=mapping.entity,
        sf_objects=mapping.sf_objects,
        hs_object=mapping.hs_object,
        state=state,
        fresh_to=fresh.fresh_to if fresh else None,
        age=age,
        limit_minutes=mapping.freshness_minutes,
        paused=paused,
        waiting=next((waiting[name] for name in names if name in waiting), None),
    )
