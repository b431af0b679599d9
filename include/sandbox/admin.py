"""The admin API under ``/_sandbox/``: act as a person, move the clock, read any record, read calls, inject faults."""

from collections.abc import Callable, Iterator, MutableMapping
from datetime import date, datetime
from typing import Any, Protocol

import orjson

from sandbox.calls import CallLog
from sandbox.clock import Clock, parse
from sandbox.faults import Faults
from sandbox.http import Answer, Call, path_parts


class Vendor(Protocol):
    """What the server needs of a vendor."""

    app: Any

    @property
    def name(self) -> str: ...
    @property
    def hosts(self) -> tuple[str, ...]: ...
    @property
    def settings(self) -> MutableMapping[str, Any]: ...

    def act(self, action: str, **args: Any) -> dict[str, Any]: ...
    def read(self, object: str, id: str) -> dict[str, Any] | None: ...  # noqa: A002
    def records(self, object: str) -> Iterator[dict[str, Any]]: ...  # noqa: A002


class Admin:
    """Answers admin calls; a wrong one gets 400 or 404 with a sentence, never a default."""

    def __init__(self, vendors: dict[str, Vendor], clock: Clock, calls: CallLog, faults: Faults) -> None:
        self.vendors, self.clock, self.calls, self.faults = vendors, clock, calls, faults

    def handle(self, call: Call) -> Answer:
        """Answer one call whose path starts with ``/_sandbox``."""
        parts = path_parts(call.raw_path)[1:]
        try:
            return self._route(call, parts)
        except (ValueError, TypeError, KeyError) as error:
            return plain({"error": str(error)}, 400)

    def _route(self, call: Call, parts: list[str]) -> Answer:
        fixed: dict[tuple[str, str], Callable[[Call], Any]] = {
            ("GET", "clock"): self._read_clock,
            ("POST", "clock"): self._move_clock,
            ("GET", "calls"): lambda c: list(self.calls.read(c.query.get("vendor"), int(c.query.get("since", 0)))),
            ("GET", "calls/count"): lambda c: self.calls.count(c.query.get("vendor")),
            ("DELETE", "calls"): lambda _: self.calls.clear(),
            ("GET", "faults"): lambda _: self.faults.read(),
            ("POST", "faults"): lambda c: self.faults.add(body_of(c)),
            ("DELETE", "faults"): lambda _: self.faults.clear(),
        }
        if route := fixed.get((call.method, "/".join(parts))):
            return plain(route(call))
        if parts and parts[0] in self.vendors:
            return self._vendor(self.vendors[parts[0]], call, parts[1:])
        return plain({"error": f"no such admin route: {call.method} {call.path}"}, 404)

    def _read_clock(self, call: Call) -> dict[str, str]:
        return {"now": self.clock.now().isoformat(timespec="milliseconds"), "mode": self.clock.mode}

    def _move_clock(self, call: Call) -> dict[str, str]:
        body = body_of(call)
        if unknown := set(body) - {"set", "advance", "mode"}:
            raise ValueError(f"unknown clock keys {sorted(unknown)}; known are set, advance (seconds), mode")
        if "mode" in body:
            self.clock.mode = body["mode"]
        if "set" in body:
            self.clock.set(parse(body["set"]))
        if "advance" in body:
            self.clock.advance(float(body["advance"]))
        return self._read_clock(call)

    def _vendor(self, vendor: Vendor, call: Call, parts: list[str]) -> Answer:
        if call.method == "POST" and parts == ["act"]:
            body = body_of(call)
            return plain(vendor.act(body.pop("action"), **body))
        if call.method == "POST" and parts == ["settings"]:
            vendor.settings.update(body_of(call))
            return plain(dict(vendor.settings))
        if call.method == "GET" and parts == ["settings"]:
            return plain(dict(vendor.settings))
        if call.method == "POST" and parts == ["expire_tokens"]:
            return plain(vendor.act("expire_tokens"))
        if call.method == "GET" and len(parts) == 1:
            return plain(list(vendor.records(parts[0])))
        if call.method == "GET" and len(parts) == 2:
            record = vendor.read(parts[0], parts[1])
            return plain(record) if record is not None else plain({"error": f"no {parts[0]} {parts[1]}"}, 404)
        return plain({"error": f"no such admin route: {call.method} {call.path}"}, 404)


def body_of(call: Call) -> dict[str, Any]:
    """Return the JSON object of a call's body; ValueError if it is none."""
    body = call.json()
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body


def plain(value: Any, status: int = 200) -> Answer:
    """Return a JSON answer; times are written in ISO form, other unknown values are an error."""
    if value is None:
        return Answer(204, kind=None)
    return Answer(status, orjson.dumps(value, default=_plain_value, option=orjson.OPT_NON_STR_KEYS))


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"cannot write {type(value).__name__} as JSON")


__all__ = ["Admin", "Vendor", "plain"]
