"""The log of calls that vendors received: what tests assert on. Holds no header, body or query value, so no secret."""

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 200_000
"""How many calls are kept; older ones fall out, the running number goes on."""


@dataclass(frozen=True)
class LoggedCall:
    """One call: ``at`` by the sandbox's clock (ISO), ``ms`` of real time in the vendor, ``bytes`` of the answer's body.

    Of a gRPC call, ``grpc`` is its code, ``status`` the HTTP status that goes with it (0 if the answer was lost);
    calls over HTTP have no ``grpc`` among their fields.
    """

    n: int
    at: str
    vendor: str
    method: str
    path: str
    query: tuple[str, ...]
    status: int
    ms: float
    bytes: int
    fault: str | None = None
    grpc: str | None = None


class CallLog:
    """Calls in the order in which they were answered."""

    def __init__(self) -> None:
        self._calls: deque[LoggedCall] = deque(maxlen=KEPT)
        self._next = 1

    def add(self, **fields: Any) -> None:
        """Append a call, giving it the next number."""
        self._calls.append(LoggedCall(n=self._next, **fields))
        self._next += 1

    def read(self, vendor: str | None = None, since: int = 0) -> Iterator[dict[str, Any]]:
        """Yield calls with a number above ``since``, of one vendor or of all."""
        for call in self._calls:
            if call.n > since and vendor in {None, call.vendor}:
                fields = asdict(call)
                if call.grpc is None:
                    del fields["grpc"]
                yield fields

    def count(self, vendor: str | None = None) -> dict[str, int]:
        """Return the number of kept calls by ``"vendor METHOD path"``, and ``"total"``."""
        out: dict[str, int] = {"total": 0}
        for call in self.read(vendor):
            key = f"{call['vendor']} {call['method']} {call['path']}"
            out[key] = out.get(key, 0) + 1
            out["total"] += 1
        return out

    def clear(self) -> None:
        """Forget all calls; numbers go on."""
        self._calls.clear()
