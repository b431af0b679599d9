"""Rate limits and the daily quota, with the three bodies that HubSpot answers 429 with.

Recorded traffic: search has a bucket of its own (per account and second), answers without the ten-second headers and
with another body; refused calls count towards the day.
"""

from __future__ import annotations

import time
from collections import deque
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from sandbox.hubspot.errors import ApiError

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.hubspot.settings import Settings

INTERVAL = 10.0


class Passing:
    """Seconds that have passed by the clock or in reality, whichever is more: a standing clock must not stop the
    refilling of a bucket for ever, and a clock that jumps empties it."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.passed = clock, 0.0
        self.last = (time.monotonic(), clock.now())

    def seconds(self) -> float:
        real, shown = time.monotonic(), self.clock.now()
        self.passed += max(real - self.last[0], (shown - self.last[1]).total_seconds(), 0.0)
        self.last = (real, shown)
        return self.passed


class Limits:
    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.clock, self.settings = clock, settings
        self.passing = Passing(clock)
        self.calls: dict[str, deque[float]] = {}
        self.searches: deque[float] = deque()
        self.day = clock.now().date()

    def take(self, token: str, search: bool) -> dict[str, str]:
        """Count one call and return the headers of its answer; raises 429, with headers, if a limit is reached."""
        now = self.passing.seconds()
        self._count_day()
        daily = int(self.settings["daily_limit"])
        if int(self.settings["used"]) > daily:
            raise self._refuse("daily", "DAILY", search, token)
        bucket = self.searches if search else self.calls.setdefault(token, deque())
        window, limit = (1.0, "search_limit") if search else (INTERVAL, "rate_limit")
        while bucket and bucket[0] <= now - window:
            bucket.popleft()
        if len(bucket) >= int(self.settings[limit]):
            raise self._refuse_rate(search, token)
        bucket.append(now)
        return self.headers(token, search)

    def _count_day(self) -> None:
        if (today := self.clock.now().date()) != self.day:
            self.day = today
            self.settings["used"] = 0
        self.settings["used"] = int(self.settings["used"]) + 1

    def headers(self, token: str, search: bool) -> dict[str, str]:
        daily = int(self.settings["daily_limit"])
        found = {
            "X-HubSpot-RateLimit-Daily": str(daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, daily - int(self.settings["used"]))),
        }
        return found if search else found | self._interval_headers(token)

    def _interval_headers(self, token: str) -> dict[str, str]:
        limit, bucket = int(self.settings["rate_limit"]), self.calls.get(token, deque())
        recent = sum(1 for _ in takewhile(lambda at: at > self.passing.passed - 1, reversed(bucket)))
        return {
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(limit),
            "X-HubSpot-RateLimit-Remaining": str(max(0, limit - len(bucket))),
            "X-HubSpot-RateLimit-Secondly": str(limit // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(max(0, limit // 10 - recent)),
        }

    def _refuse_rate(self, search: bool, token: str) -> ApiError:
        if not search:
            group = self.settings["rate_limit_group"]
            named = {"groupName": group} if group else {}
            return self._refuse("ten_secondly_rolling", "TEN_SECONDLY_ROLLING", search, token, **named)
        error = ApiError(429, "You have reached your secondly limit.", "RATE_LIMITS")
        error.headers = self._retry(self._refused(search, token), 1)
        return error

    def _refuse(self, name: str, policy: str, search: bool, token: str, **named: str) -> ApiError:
        text = f"You have reached your {name} limit."
        error = ApiError(429, text, None, errorType="RATE_LIMIT", policyName=policy, **named)
        error.headers = self._retry(self._refused(search, token), 10 if policy != "DAILY" else 3600)
        return error

    def _refused(self, search: bool, token: str) -> dict[str, str]:
        """The headers of a refused call, which may count towards the day."""
        if not self.settings["refused_calls_count"]:
            self.settings["used"] = int(self.settings["used"]) - 1
        return self.headers(token, search)

    def _retry(self, headers: dict[str, str], seconds: int) -> dict[str, str]:
        return headers | ({"Retry-After": str(seconds)} if self.settings["retry_after"] else {})

    def resets_at(self) -> datetime:
        """The next midnight, when the day's count begins again."""
        midnight = self.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=1)
