"""Keeping pace with vendors: a sliding window of calls, and a meter for one process.

Tasks that share a portal use the store's meter, which limits them together; `LocalMeter` serves a single process, tests
and tools, and has the same interface (`systems.base.Meter`).
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lockstep.errors import QuotaExhausted
from lockstep.model import Usage

#: vendors' published limits: (system, bucket) -> calls, seconds. HubSpot: 190 per 10 s for private apps, search 5 per
#: second. The windows are a little wider than published: the vendor counts arrivals, and some calls travel faster than others
LIMITS: Mapping[tuple[str, str], tuple[int, float]] = {
    ("hubspot", "ten_secondly"): (190, 10.1),
    ("hubspot", "search"): (5, 1.05),
    # Google's Data Manager API: 300 requests a minute and project, for writing and for reading each
    ("google_ads", "ingest"): (300, 60.5),
    ("google_ads", "status"): (300, 60.5),
}


class Pace:
    """At most `calls` in any `seconds`. Not thread-safe by itself."""

    def __init__(self, calls: int, seconds: float):
        self.calls, self.seconds = calls, seconds
        self._taken: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until one more call may be made at `now`; 0 if it may be made at once, and is then taken."""
        while self._taken and self._taken[0] <= now - self.seconds:
            self._taken.popleft()
        if len(self._taken) < self.calls:
            self._taken.append(now)
            return 0.0
        return self._taken[0] + self.seconds - now


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One HTTP request as the meter saw it."""

    system: str
    bucket: str
    status: int
    ms: float


class LocalMeter:
    """A meter for one process: limits its own pace, counts, and stops at an allocation of calls per system."""

    def __init__(
        self,
        limits: Mapping[tuple[str, str], tuple[int, float]] = LIMITS,
        allocation: Mapping[str, int] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._paces = {key: Pace(*limit) for key, limit in limits.items()}
        self._allocation = dict(allocation or {})
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self.records: list[CallRecord] = []
        self.usages: dict[str, Usage] = {}

    def acquire(self, system: str, bucket: str, calls: int = 1) -> None:
        """Wait for the bucket's pace; QuotaExhausted when the system's allocation is used up."""
        self._check_allocation(system, calls)
        pace = self._paces.get((system, bucket))
        for _ in range(calls if pace else 0):
            while seconds := self._take(pace):
                self._sleep(seconds)

    def record(self, system: str, bucket: str, status: int, ms: float, usage: Usage | None) -> None:
        """Note one request."""
        with self._lock:
            self.records.append(CallRecord(system, bucket, status, ms))
            if usage is not None:
                self.usages[system] = usage

    @property
    def calls(self) -> int:
        return len(self.records)

    def _take(self, pace: Pace | None) -> float:
        with self._lock:
            return pace.wait(self._clock()) if pace else 0.0

    def _check_allocation(self, system: str, calls: int) -> None:
        limit = self._allocation.get(system)
        if limit is not None and sum(one.system == system for one in self.records) + calls > limit:
            raise QuotaExhausted(
                f"{system}: the allocation of {limit} API calls is used up.",
                hint="Wait, or raise the allocation in the settings.",
            )
