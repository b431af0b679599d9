"""The admin API under ``/_sandbox/``: act as a person, move the clock, read any record, read calls, inject faults."""

from collections.abc import Callable, Iterator, MutableMapping
from datetime import date, datetime
from typing import Any, Protocol

import orjson

from sandbox import arguments
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
        if route := ROUTES.get((call.method, "/".join(parts))):
            return plain(route(self, call))
        if parts and parts[0] in self.vendors:
            return self._vendor(self.vendors[parts[0]], call, parts[1:])
        return plain({"error": f"no such admin route: {call.method} {call.path}"}, 404)

    def _read_clock(self, call: Call) -> dict[str, str]:
        return {"now": self.clock.now().isoformat(timespec="milliseconds"), "mode": self.clock.mode}

    def _move_clock(self, call: Call) -> dict[str, str]:
        body = body_of(call)
        if unknown := set(body) - {"set", "advance", "mode"}:
            raise ValueError(f"unknown clock keys {sorted(unknown)}; known are set, advance (seconds), mode")
        arguments.check({"set": str, "advance": float, "mode": str}, body)
        if not body:
            raise ValueError("the clock needs set, advance (seconds) or mode")
        if "mode" in body:
            self.clock.mode = body["mode"]
        if "set" in body:
            self.clock.set(parse(body["set"]))
        if "advance" in body:
            self.clock.advance(float(body["advance"]))
        return self._read_clock(call)

    def _vendor(self, vendor: Vendor, call: Call, parts: list[str]) -> Answer:
        if route := VENDOR_ROUTES.get((call.method, "/".join(parts))):
            return plain(route(vendor, call))
        if call.method == "GET" and len(parts) == 1:
            return plain(list(vendor.records(parts[0])))
        if call.method == "GET" and len(parts) == 2:
            record = vendor.read(parts[0], parts[1])
            return plain(record) if record is not None else plain({"error": f"no {parts[0]} {parts[1]}"}, 404)
        return plain({"error": f"no such admin route: {call.method} {call.path}"}, 404)


ROUTES: dict[tuple[str, str], Callable[[Admin, Call], Any]] = {
    ("GET", "clock"): Admin._read_clock,
    ("POST", "clock"): Admin._move_clock,
    ("GET", "calls"): lambda admin, call: list(
        admin.calls.read(call.query.get("vendor"), int(call.query.get("since", 0)))
    ),
    ("GET", "calls/count"): lambda admin, call: admin.calls.count(call.query.get("vendor")),
    ("DELETE", "calls"): lambda admin, _: admin.calls.clear(),
    ("GET", "faults"): lambda admin, _: admin.faults.read(),
    ("POST", "faults"): lambda admin, call: admin.faults.add(body_of(call)),
    ("DELETE", "faults"): lambda admin, _: admin.faults.clear(),
}
VENDOR_ROUTES: dict[tuple[str, str], Callable[[Vendor, Call], Any]] = {
    ("POST", "act"): lambda vendor, call: _act(vendor, body_of(call)),
    ("GET", "settings"): lambda vendor, _: dict(vendor.settings),
    ("POST", "settings"): lambda vendor, call: _set(vendor, body_of(call)),
    ("POST", "expire_tokens"): lambda vendor, _: vendor.act("expire_tokens"),
}
"""Below the vendor's name; there are also its records, as ``<object>`` and ``<object>/<id>``."""


def _act(vendor: Vendor, body: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(body.get("action"), str):
        raise ValueError("an action is required: a text, among its arguments")
    return vendor.act(body.pop("action"), **body)


def _set(vendor: Vendor, changes: dict[str, Any]) -> dict[str, Any]:
    vendor.settings.update(changes)
    return dict(vendor.settings)


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
