"""Rate limits and API budgets that all tasks share through the store (DESIGN §7, HS-01).

The limiter keeps the times of the latest calls: exact for the vendors' sliding windows, where a token bucket would let a
burst and its refill through one window. Who must wait books its time first and sleeps outside the transaction, so waiters
are served in order and ask only once.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection, Float, bindparam, func, select, text

from lockstep.errors import QuotaExhausted, Suspended, VendorQuotaExhausted
from lockstep.model import Usage
from lockstep.pacing import LIMITS
from lockstep.store import suspensions
from lockstep.store import tables as t
from lockstep.store.database import Store
from lockstep.store.dialects import lock
from lockstep.store.types import Instant, Json

DAY = timedelta(days=1)

#: a vendor's word that its own quota is used up is believed for so long; then one call may ask again
BELIEVED = timedelta(minutes=15)

#: how long a bucket pauses after the vendor said "too many requests", if it has no window of its own
PAUSE = 10.0

#: seconds until who waits for the answer of a suspended system looks again
LOOK_AGAIN = 0.5

TOO_MANY_REQUESTS = 429

Limit = tuple[int, float]

# Every call runs these: as text, since putting a statement together costs more than SQLite needs to carry it out.
_RATE = text("SELECT slots, blocked_until FROM rate WHERE system = :system AND bucket = :bucket").columns(
    slots=Json(), blocked_until=Float()
)
_SLOTS = text("""
INSERT INTO rate (system, bucket, slots) VALUES (:system, :bucket, :slots)
ON CONFLICT (system, bucket) DO UPDATE SET slots = excluded.slots
""").bindparams(bindparam("slots", type_=Json()))
_BLOCKED = text("""
INSERT INTO rate (system, bucket, slots, blocked_until) VALUES (:system, :bucket, :slots, :until)
ON CONFLICT (system, bucket) DO UPDATE SET blocked_until = excluded.blocked_until
""").bindparams(bindparam("slots", type_=Json()))
_COUNTED = text("""
INSERT INTO api_call (hour, system, operation, calls, errors, milliseconds)
VALUES (:hour, :system, :operation, 1, :errors, :ms)
ON CONFLICT (hour, system, operation) DO UPDATE SET calls = api_call.calls + 1,
errors = api_call.errors + excluded.errors, milliseconds = api_call.milliseconds + excluded.milliseconds
""").bindparams(bindparam("hour", type_=Instant()))
_ANSWERED = text("""
INSERT INTO system_health (system, status, answered_at, used, quota, told_at)
VALUES (:system, :status, :now, :used, :quota, :told_at)
ON CONFLICT (system) DO UPDATE SET status = excluded.status, answered_at = excluded.answered_at,
used = coalesce(excluded.used, system_health.used), quota = coalesce(excluded.quota, system_health.quota),
told_at = coalesce(excluded.told_at, system_health.told_at)
RETURNING suspended
""").bindparams(bindparam("now", type_=Instant()), bindparam("told_at", type_=Instant()))


class Allocating(Protocol):
    """The part of the settings that the meter needs: system -> calls per rolling day; no entry: no limit of ours."""

    @property
    def allocation(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True)
class Health:
    """How a system last answered, and what it last told about its own quota. `allocation`: calls per day that a person
    decided. `suspended`: why it is suspended (see `store.suspensions`), `probed_by`: the run that asked it since,
    `probed_at`: when, until there is an answer."""

    system: str
    usage: Usage | None
    told_at: datetime | None
    status: int | None
    answered_at: datetime | None
    allocation: int | None = None
    suspended: str | None = None
    suspended_at: datetime | None = None
    suspended_words: str | None = None
    probed_by: str | None = None
    probed_at: datetime | None = None

    @property
    def blocked(self) -> bool:
        """It is not called, but for one question in each run."""
        return self.suspended in suspensions.BLOCKING


class StoreMeter:
    """Implements `systems.base.Meter` for one task; all tasks together keep to the limits.

    :param share: part of the allocation that this meter may use up, so that pulls leave calls for pushes
    :param run_id: of the run that the calls are made for: it asks a suspended system once
    :param limits: (system, bucket) -> calls and seconds of the vendor's sliding window
    """

    def __init__(
        self,
        store: Store,
        settings: Allocating,
        *,
        share: float = 1.0,
        run_id: str = "",
        limits: Mapping[tuple[str, str], Limit] = LIMITS,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._store, self._allocation, self._share = store, settings.allocation, share
        self._limits, self._clock, self._sleep = limits, clock, sleep
        self._calls, self._run_id = 0, run_id
        self._counting = threading.Lock()

    @property
    def calls(self) -> int:
        return self._calls

    def acquire(self, system: str, bucket: str, calls: int = 1) -> None:
        """Wait until so many calls may be made.

        :raises QuotaExhausted: our allocation, or the vendor's own quota, is used up
        :raises Suspended: the system refused us altogether, and this run has asked it since
        """
        self._check_budget(system, calls, bucket)
        limit = self._limits.get((system, bucket))
        if limit:
            with self._store.writing(lasting=False) as tx:
                turn = _book(tx, system, bucket, limit, calls, self._clock())
            wait = turn - self._clock()
            if wait > 0:
                self._sleep(wait)

    def record(self, system: str, bucket: str, status: int, ms: float, usage: Usage | None) -> None:
        """Note one HTTP request that was made. A 429 makes everybody pause."""
        now = self._clock()
        with self._store.writing(lasting=False) as tx:
            _count(tx, system, bucket, status, ms, _at(now))
            suspended = _note_health(tx, system, status, usage, _at(now))
            if suspended and bucket != suspensions.LOGIN:
                if 200 <= status < 300:
                    suspensions.answered_well(tx, system)
                else:
                    suspensions.answered_badly(tx, system, status)
            if status == TOO_MANY_REQUESTS:
                pause = self._limits.get((system, bucket), (0, PAUSE))[1]
                _block(tx, system, bucket, now + pause)
        with self._counting:
            self._calls += 1

    def _check_budget(self, system: str, calls: int, bucket: str) -> None:
        now = _at(self._clock())
        with self._store.reading() as tx:
            told = health(tx).get(system)
            allowed = told.allocation if told and told.allocation is not None else self._allocation.get(system)
            used = spent(tx, system, now) if allowed is not None else 0
        if allowed is not None and used + calls > allowed * self._share:
            raise QuotaExhausted(
                f"{used} of {allowed} allocated calls to {system} were made in the last 24 hours"
                + (f"; this step may use {self._share:.0%} of them." if self._share < 1 else "."),
                hint="Nothing: it continues when the quota allows; or raise `allocation` in settings.yaml.",
            )
        if (
            told
            and told.usage
            and told.told_at
            and told.usage.used >= told.usage.limit
            and now - told.told_at < BELIEVED
        ):
            raise QuotaExhausted(
                f"{system} says that {told.usage.used} of its {told.usage.limit} calls per day are used up.",
                hint="Nothing: it continues when the vendor allows; see which other applications use the same quota.",
            )
        if bucket != suspensions.LOGIN:
            self._probe(told)

    def _probe(self, told: Health | None) -> None:
        """One call of a run finds out whether a suspended system lets us in again; its other calls wait for the answer."""
        while told and told.blocked:
            if told.probed_by == self._run_id and told.probed_at is None:
                kind = VendorQuotaExhausted if told.suspended == suspensions.API_LIMIT else Suspended
                raise kind(f"{told.system} is suspended ({told.suspended}): {told.suspended_words}")
            with self._store.writing() as tx:
                if suspensions.ask(tx, told.system, self._run_id, _at(self._clock())):
                    return
            self._sleep(LOOK_AGAIN)
            with self._store.reading() as tx:
                told = health(tx).get(told.system)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _book(tx: Connection, system: str, bucket: str, limit: Limit, calls: int, now: float) -> float:
    """Book the times of so many calls. Returns the last one: then all of them may be made."""
    lock(tx, "rate", system, bucket)
    row = tx.execute(_RATE, {"system": system, "bucket": bucket}).first()
    slots: list[float] = [slot for slot in (row.slots if row else ()) if slot > now - limit[1]]
    for _ in range(calls):
        slots.append(_next(slots, limit, max(now, row.blocked_until if row else 0.0)))
    tx.execute(_SLOTS, {"system": system, "bucket": bucket, "slots": slots[-limit[0] :]})
    return slots[-1]


def _next(slots: Sequence[float], limit: Limit, earliest: float) -> float:
    """When one more call keeps any window of `seconds` to at most `calls` of them."""
    calls, seconds = limit
    latest = slots[-1] if slots else earliest
    return max(earliest, latest, slots[-calls] + seconds) if len(slots) >= calls else max(earliest, latest)


def _block(tx: Connection, system: str, bucket: str, until: float) -> None:
    lock(tx, "rate", system, bucket)
    tx.execute(_BLOCKED, {"system": system, "bucket": bucket, "slots": [], "until": until})


def _count(tx: Connection, system: str, bucket: str, status: int, ms: float, now: datetime) -> None:
    hour, failed = now.replace(minute=0, second=0, microsecond=0), int(status == 0 or status >= 400)
    tx.execute(_COUNTED, {"hour": hour, "system": system, "operation": bucket, "errors": failed, "ms": ms})


def _note_health(tx: Connection, system: str, status: int, usage: Usage | None, now: datetime) -> str | None:
    """Returns why the system is suspended, if it is."""
    used, quota, told_at = (usage.used, usage.limit, now) if usage else (None, None, None)
    answered = {"system": system, "status": status, "now": now, "used": used, "quota": quota, "told_at": told_at}
    suspended: str | None = tx.execute(_ANSWERED, answered).scalar_one()
    return suspended


def spent(tx: Connection, system: str, now: datetime) -> int:
    """Our own calls of the last 24 hours, to the hour."""
    c = t.api_call.c
    query = select(func.coalesce(func.sum(c.calls), 0)).where(c.system == system, c.hour > now - DAY)
    return int(tx.execute(query).scalar_one())


def health(tx: Connection) -> dict[str, Health]:
    """System -> its health; systems that were never called are absent."""
    return {
        row.system: Health(
            row.system,
            Usage(row.used, row.quota) if row.quota is not None else None,
            row.told_at,
            row.status,
            row.answered_at,
            row.allocation,
            row.suspended,
            row.suspended_at,
            row.suspended_words,
            row.probed_by,
            row.probed_at,
        )
        for row in tx.execute(select(t.system_health))
    }
