"""The one clock of a sandbox. Every stamp, expiry and rate window of every vendor comes from it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Mode = Literal["fixed", "running"]


class Clock:
    """A clock that stands still until it is moved (``fixed``) or goes on at the pace of real time (``running``)."""

    def __init__(self, at: datetime | None = None, mode: Mode = "running") -> None:
        self._base = _aware(at or datetime.now(UTC))
        self._since = time.monotonic()
        self._mode: Mode = mode

    def now(self) -> datetime:
        """Return the time: aware, UTC, whole milliseconds."""
        at = self._base
        if self._mode == "running":
            at += timedelta(seconds=time.monotonic() - self._since)
        return at.replace(microsecond=at.microsecond // 1000 * 1000)

    def __getstate__(self) -> dict[str, Any]:
        return {"at": self.now(), "mode": self._mode}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._mode = state["mode"]
        self.set(state["at"])

    def set(self, at: datetime) -> None:
        """Move to a time, forward or back; ValueError if it has no time zone."""
        self._base, self._since = _aware(at), time.monotonic()

    def advance(self, seconds: float) -> None:
        """Move by a number of seconds, which may be negative."""
        self.set(self.now() + timedelta(seconds=seconds))

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        if mode not in {"fixed", "running"}:
            raise ValueError(f"the clock's mode is 'fixed' or 'running', not {mode!r}")
        self.set(self.now())
        self._mode = mode


def parse(text: str) -> datetime:
    """Read an ISO 8601 time; ValueError if it is malformed or has no zone."""
    return _aware(datetime.fromisoformat(text.replace("Z", "+00:00") if text.endswith("Z") else text))


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"a time needs a time zone: {at.isoformat()}")
    return at.astimezone(UTC)
