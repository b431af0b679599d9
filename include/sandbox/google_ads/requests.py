"""One request to the Google Ads API, with what answering it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.google_ads.access import Access, Caller
from sandbox.google_ads.protos import Protos
from sandbox.google_ads.state import Customer, State


@dataclass(frozen=True)
class Request:
    """`body` is the request message of the called version; `id` is the request id that errors carry."""

    state: State
    access: Access
    caller: Caller
    protos: Protos
    body: Any
    id: str

    def customer(self, changes: bool = False) -> Customer:
        """Return the account that the call names; Refusal if the caller may not use it."""
        return self.access.customer(self.body.customer_id, self.caller, changes)

    def charge(self, operations: int = 1) -> None:
        """Count the request against the quota; Refusal if that is used up."""
        rows = operations if self.state.settings["conversions_count_as_operations"] else 1
        self.access.charge(rows)

    def new(self, name: str) -> Any:
        """Return an empty message of this version."""
        return self.protos.message(name)()
