"""Google Ads as the engine's system reaches it: a sandbox over real gRPC and HTTP, with clicks that tests make."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.sandbox_process import Running, start
from tests.contract.system_sandbox_rigs import MemoryTokens, unhurried

from lockstep.pacing import LocalMeter
from lockstep.systems.ads import ClickConversion
from lockstep.systems.google_ads import GoogleAdsConnection, GoogleAdsSystem

MAIN, MANAGER, UNDER_MANAGER, STRANGER = "2223334445", "1112223334", "3334445556", "9998887776"
QUALIFIED, CONVERTED, WON = "700002", "700003", "700004"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def connection(endpoints: dict[str, Any], **more: Any) -> GoogleAdsConnection:
    """As the Airflow connection of the sandbox reads."""
    given = {
        "customer_id": MAIN,
        "login_customer_id": MANAGER,
        "client_id": "id",
        "client_secret": "secret",
        "refresh_token": "refresh",
        "token_uri": f"{endpoints['google_ads']}/token",
        "endpoint": endpoints["google_ads_grpc"],
        "data_manager_endpoint": endpoints["google_ads_grpc"],
        "ca": endpoints["ca"],
        "timeout": 20.0,
    }
    return GoogleAdsConnection(**(given | more))


@dataclass
class GoogleRig:
    sandbox: Running
    meter: LocalMeter = field(default_factory=lambda: LocalMeter({}))
    tokens: MemoryTokens = field(default_factory=MemoryTokens)
    clicks: int = 0

    def system(self, **more: Any) -> GoogleAdsSystem:
        ends = connection(self.sandbox.endpoints, **more)
        return GoogleAdsSystem(ends, self.meter, self.tokens, now=self.now, sleep=unhurried)

    def now(self) -> datetime:
        return datetime.fromisoformat(self.sandbox.admin("GET", "clock")["now"])

    def later(self, **span: float) -> None:
        self.sandbox.admin("POST", "clock", {"advance": timedelta(**span).total_seconds()})

    def act(self, action: str, **more: Any) -> Any:
        return self.sandbox.act("google_ads", action, **more)

    def click(self, days: float = 10, customer: str = MAIN, **more: Any) -> str:
        """A click so long ago; returns its gclid."""
        self.clicks += 1
        gclid = f"Cj0KCQ{self.clicks:056}"
        at = self.now() - timedelta(days=days)
        self.act("add_click", customer=customer, at=at.isoformat(), **({"gclid": gclid} | more))
        return gclid

    def row(self, order_id: str, click: str | None = None, days: float = 2, **more: Any) -> ClickConversion:
        given = {
            "action": QUALIFIED,
            "at": self.now() - timedelta(days=days),
            "click": ("gclid", click or self.click()),
        }
        return ClickConversion(order_id, **(given | more))

    def recorded(self) -> dict[str, dict[str, Any]]:
        """Order id -> conversion, of all that Google holds."""
        return {one["order_id"]: one for one in self.sandbox.admin("GET", "google_ads/conversions") if one["order_id"]}

    def fault(self, **spec: Any) -> None:
        self.sandbox.heal()
        self.sandbox.admin("POST", "faults", {"vendor": "google_ads", **spec})

    def settings(self, **changes: Any) -> None:
        self.sandbox.admin("POST", "google_ads/settings", changes)


@contextmanager
def google_rig() -> Iterator[GoogleRig]:
    sandbox = start(now=NOW.isoformat(), clock="fixed")
    try:
        yield GoogleRig(sandbox)
    finally:
        sandbox.stop()
