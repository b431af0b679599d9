"""Faults that a test injects: on the k-th call that matches, for a number of calls, something goes wrong."""

import re
from dataclasses import asdict, dataclass, field
from typing import Any, get_type_hints

from sandbox import arguments

KINDS = ("status", "delay", "reset_before", "commit_then_reset", "commit_then_delay", "truncate")


@dataclass
class Fault:
    """One fault. ``nth`` counts matching calls from 1; ``times`` is for how many matching calls from there it strikes.

    ``status`` answers without reaching the vendor; ``delay`` waits ``seconds`` of real time and goes on; ``reset_before``
    closes the connection without reaching the vendor; ``commit_then_reset`` lets the vendor act and loses the answer;
    ``commit_then_delay`` lets the vendor act and answers after ``seconds``;
    ``truncate`` lets the vendor act and closes the connection in the middle of the body.
    """

    kind: str
    vendor: str | None = None
    method: str | None = None
    path: str = ""
    nth: int = 1
    times: int = 1
    status: int = 503
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a fault's kind is one of {', '.join(KINDS)}, not {self.kind!r}")
        if self.nth < 1 or self.times < 1:
            raise ValueError("a fault's nth and times are 1 or more")
        self._pattern = re.compile(self.path, re.IGNORECASE)

    def strikes(self, vendor: str, method: str, path: str) -> bool:
        """Count a call if it matches, and say whether the fault strikes it."""
        if self.vendor not in {None, vendor} or self.method not in {None, method} or not self._pattern.search(path):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


class Faults:
    """The faults in force. Each counts its own matching calls; the first that strikes a call is the one it gets."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, spec: dict[str, Any]) -> None:
        """Add a fault from its JSON form; ValueError names a wrong key or value."""
        allowed = set(Fault.__dataclass_fields__) - {"seen"}
        if unknown := sorted(set(spec) - allowed):
            raise ValueError(f"unknown fault keys {unknown}; known are {sorted(allowed)}")
        arguments.check(get_type_hints(Fault), spec)
        if "kind" not in spec:
            raise ValueError(f"a fault needs a kind: one of {', '.join(KINDS)}")
        try:
            self._faults.append(Fault(**spec))
        except (re.error, TypeError) as error:
            raise ValueError(f"not a fault: {error}") from error

    def next(self, vendor: str, method: str, path: str) -> Fault | None:
        """Count this call in every fault and return the one that strikes it."""
        struck = [fault for fault in self._faults if fault.strikes(vendor, method, path)]
        return struck[0] if struck else None

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def read(self) -> list[dict[str, Any]]:
        """Return the faults with how often each has matched."""
        return [asdict(fault) for fault in self._faults]
