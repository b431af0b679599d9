"""The Google Ads API (gRPC), the Data Manager API (gRPC and REST) and Google's OAuth, over one in-memory set of accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from sandbox.google_ads.access import Access
from sandbox.google_ads.app import GoogleApp
from sandbox.google_ads.data_manager import DataManager, Ingested
from sandbox.google_ads.oauth import Tokens
from sandbox.google_ads.people import People
from sandbox.google_ads.rpc import GoogleRpc
from sandbox.google_ads.settings import Settings
from sandbox.google_ads.state import State

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.world import World

__all__ = ["GoogleAds"]


class GoogleAds:
    """The vendor: `rpc` answers gRPC, `app` HTTP; the rest is for tests and operators."""

    name = "google_ads"
    hosts = ("googleads.googleapis.com", "datamanager.googleapis.com", "oauth2.googleapis.com", "accounts.google.com")

    def __init__(self, clock: Clock, world: World, settings: dict[str, Any] | None = None) -> None:
        self.settings = Settings(settings)
        self.state = State(clock, world, self.settings)
        self.tokens = Tokens(clock, self.settings)
        self.manager = DataManager(self.state, self.tokens)
        self.rpc = GoogleRpc(self.state, Access(self.state, self.tokens), self.manager)
        self.app = GoogleApp(self.tokens, self.manager, self.rpc)
        self.people = People(self.state, self.tokens)

    def act(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Do something as a person; raises ValueError on a wrong action or argument."""
        self.manager.settle()
        return self.people.act(action, arguments)

    def read(self, object: str, id: str) -> dict[str, Any] | None:  # noqa: A002
        """One customer, conversion_action, campaign, click, conversion or request; None if there is none of that id."""
        return next((row for row in self.records(object) if row["id"] == id), None)

    def records(self, object: str) -> Iterator[dict[str, Any]]:  # noqa: A002
        """All customers, conversion_actions, campaigns, clicks, conversions (adjusted ones too), adjustments or requests."""
        self.manager.settle()
        tables: dict[str, Iterable[Any]] = {
            "customers": self.state.customers.values(),
            "conversion_actions": self.state.actions.values(),
            "campaigns": self.state.campaigns.values(),
            "clicks": self.state.clicks.values(),
            "conversions": self.state.conversions.values(),
            "adjustments": (row for rows in self.state.adjustments.values() for row in rows),
            "requests": self.manager.requests.values(),
        }
        if object not in tables:
            raise ValueError(f"Google Ads has no {object!r}; it has {sorted(tables)}")
        for row in tables[object]:
            yield _shown(row)


def _shown(row: Any) -> dict[str, Any]:
    if isinstance(row, Ingested):
        destinations = [{"customer": one.customer, "findings": dict(one.findings)} for one in row.destinations]
        return {"id": row.id, "at": row.at, "settled": row.settled, "destinations": destinations}
    return (asdict(row) if is_dataclass(row) and not isinstance(row, type) else dict(row)) | {
        "id": getattr(row, "id", None) or row["id"]
    }
