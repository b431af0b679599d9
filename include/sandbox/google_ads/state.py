"""What Google stores: accounts, conversion actions, campaigns, clicks, conversions, adjustments, and a log of uploaded rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.google_ads.settings import Settings
    from sandbox.world import Record, World


@dataclass
class Customer:
    """An account. `tracking` is the account that holds its conversions: itself, its manager, or None if none does."""

    id: str
    name: str
    currency: str = "NOK"
    time_zone: str = "Europe/Oslo"
    status: str = "ENABLED"
    manager: bool = False
    test_account: bool = False
    parent: str | None = None
    tracking: str | None = None
    accessible: bool = False
    auto_tagging: bool = True
    terms: bool = True
    enhanced_conversions: bool = True
    policy_prohibits: bool = False

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass
class Action:
    """A conversion action of one account; enum values by name."""

    id: str
    customer: str
    name: str
    created_at: datetime
    status: str = "ENABLED"
    type: str = "UPLOAD_CLICKS"
    category: str = "DEFAULT"
    counting: str = "MANY_PER_CLICK"
    lookback_days: int = 30
    view_lookback_days: int = 1
    default_value: float = 0.0
    default_currency: str | None = None
    always_default: bool = False
    attribution: str = "GOOGLE_ADS_LAST_CLICK"
    primary: bool = True


@dataclass
class Click:
    """One click on an ad. `emails` and `phones` are hashed identifiers that its visitor left on the site."""

    customer: str
    campaign: str
    at: datetime
    gclid: str | None = None
    gbraid: str | None = None
    wbraid: str | None = None
    tracked: bool = True
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.gclid or self.gbraid or self.wbraid or ""


@dataclass
class Adjustment:
    id: str
    conversion: str
    type: str
    at: datetime | None
    received_at: datetime
    value: float | None = None
    currency: str | None = None


@dataclass
class Conversion:
    """A recorded conversion. `click` is the id of the click it belongs to; `value` and `currency` as sent or by default."""

    id: str
    customer: str
    action: str
    at: datetime
    received_at: datetime
    click: str
    order_id: str | None = None
    value: float = 0.0
    currency: str = ""
    source: str = "GOOGLE_ADS_API"
    identifiers: list[str] = field(default_factory=list)
    consent: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    job_id: int = 0
    retracted: bool = False
    enhanced: bool = False
    adjusted_value: float | None = None
    updated_at: datetime | None = None

    @property
    def worth(self) -> float:
        return self.value if self.adjusted_value is None else self.adjusted_value


@dataclass(frozen=True)
class UploadedRow:
    """One row of one upload, for the upload summaries: `error` is (kind, name), None if the row was recorded."""

    customer: str
    action: str | None
    source: str
    job_id: int
    at: datetime
    error: tuple[str, str] | None


class State:
    """All of it, with the look-ups that uploads need."""

    def __init__(self, clock: Clock, world: World, settings: Settings) -> None:
        self.clock, self.settings = clock, settings
        rows = world.google_ads
        self.customers = {row["id"]: Customer(**row) for row in rows.get("customers", ())}
        self.actions = {row["id"]: Action(**row) for row in rows.get("conversion_actions", ())}
        self.campaigns: dict[str, Record] = {row["id"]: row for row in rows.get("campaigns", ())}
        self.ad_groups: dict[str, Record] = {row["campaign"]: row for row in rows.get("ad_groups", ())}
        self.clicks: dict[str, Click] = {}
        self.by_identifier: dict[str, list[Click]] = {}
        self.conversions: dict[str, Conversion] = {}
        self.by_order: dict[tuple[str, str], Conversion] = {}
        self.by_click: dict[tuple[str, str, datetime], Conversion] = {}
        self.adjustments: dict[str, list[Adjustment]] = {}
        self.uploads: list[UploadedRow] = []
        self.last_id = 0
        for row in rows.get("clicks", ()):
            self.add_click(Click(**row))

    def now(self) -> datetime:
        return self.clock.now()

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    # --- clicks ------------------------------------------------------------------------------------------------------
    def add_click(self, click: Click) -> None:
        """Store a click under its id and its visitor's identifiers; ValueError if the id is taken."""
        if not click.id or click.id in self.clicks:
            raise ValueError(f"a click needs an id of its own (gclid, gbraid or wbraid), not {click.id!r}")
        self.clicks[click.id] = click
        for identifier in (*click.emails, *click.phones):
            self.by_identifier.setdefault(identifier, []).append(click)

    def click_of(self, kind: str, value: str) -> Click | None:
        """Return the click with this gclid, gbraid or wbraid (case counts)."""
        click = self.clicks.get(value)
        return click if click is not None and getattr(click, kind) == value else None

    def click_of_person(
        self, identifiers: list[str], customer: str, before: datetime, within: timedelta
    ) -> Click | None:
        """Return the last click, at most so long before a time, of the visitor with one of these hashed identifiers, in this
        tracking account."""
        found = [
            click
            for identifier in identifiers
            for click in self.by_identifier.get(identifier, ())
            if before - within <= click.at < before and self.customers[click.customer].tracking == customer
        ]
        return max(found, key=lambda click: click.at, default=None)

    # --- conversions ---------------------------------------------------------------------------------------------------
    def add_conversion(self, conversion: Conversion) -> None:
        self.conversions[conversion.id] = conversion
        if conversion.order_id:
            self.by_order[conversion.action, conversion.order_id] = conversion
        key = (conversion.action, conversion.click, conversion.at)
        if key not in self.by_click or self.by_click[key].order_id:
            self.by_click[key] = conversion

    def add_adjustment(self, adjustment: Adjustment) -> None:
        """Store an adjustment and apply it to its conversion."""
        conversion = self.conversions[adjustment.conversion]
        self.adjustments.setdefault(conversion.id, []).append(adjustment)
        conversion.updated_at = adjustment.received_at
        if adjustment.type == "RETRACTION":
            conversion.retracted = True
        elif adjustment.type == "RESTATEMENT":
            conversion.adjusted_value = adjustment.value
            conversion.currency = adjustment.currency or conversion.currency
        else:
            conversion.enhanced = True

    def reported(self) -> Iterator[Conversion]:
        """Yield the conversions that have reached reports: not retracted, received long enough ago, counted per click."""
        limit = self.now() - timedelta(seconds=float(self.settings["report_lag_seconds"]))
        once: set[tuple[str, str]] = set()
        for conversion in self.conversions.values():
            if conversion.retracted or conversion.received_at > limit:
                continue
            key = (conversion.action, conversion.click)
            if self.actions[conversion.action].counting == "ONE_PER_CLICK" and key in once:
                continue
            once.add(key)
            yield conversion

    # --- accounts ------------------------------------------------------------------------------------------------------
    def descends(self, customer: str, manager: str) -> bool:
        """Whether `manager` is the account itself or above it."""
        at: str | None = customer
        while at is not None and at != manager:
            at = self.customers[at].parent
        return at == manager

    def reachable(self, customer: str) -> bool:
        """Whether the user has access to an account, by itself or through a manager above it."""
        at: str | None = customer
        while at is not None:
            if self.customers[at].accessible:
                return True
            at = self.customers[at].parent
        return False

    def actions_of(self, customer: str) -> list[Action]:
        """The actions an account sees: its own, and its conversion account's."""
        owners = {customer, self.customers[customer].tracking}
        return [action for action in self.actions.values() if action.customer in owners]
