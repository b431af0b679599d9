"""What ad networks and HubSpot report, as values. Frozen; no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Traffic:
    """A campaign on one day of the account's time zone. `cost_micros`: millionths of the account's currency."""

    campaign: str
    name: str
    day: date
    clicks: int
    impressions: int
    cost_micros: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Conversions of one action in a campaign: `all`, of which `primary` are bid on, and their value, on the day of the click; and
    `by_conversion_day`, the number on the day on which they happened. Fractions where Google shares a conversion out."""

    campaign: str
    day: date
    action: str
    all: Decimal = Decimal(0)
    primary: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    by_conversion_day: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Clicked:
    """One click with a GCLID; clicks with a braid are in no report. `account`: in whose report it was, "" where that goes without
    saying."""

    gclid: str
    campaign: str
    day: date
    account: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How uploads of the last 28 days fared (GA-26), of a client and, if `action` is not "", of one conversion action. `status`:
    EXCELLENT, GOOD, NEEDS_ATTENTION, NO_RECENT_UPLOAD. `alerts`: error -> share of all rows, 0 to 1. `daily`: day -> successful,
    failed and pending rows. Accepted is not counted: `pending` rows may still fail."""

    client: str
    action: str
    status: str
    total: int
    successful: int
    pending: int
    last_upload: datetime | None = None
    alerts: Mapping[str, float] = field(default_factory=dict)
    daily: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AdContact:
    """A HubSpot contact that came with a GCLID. `first_seen_at`: of its first session; `forms`: how many it has sent in;
    `cookie`: HubSpot's tracking knows its sessions; `paid`: the first session began with an ad."""

    id: str
    gclid: str
    created_at: datetime
    first_seen_at: datetime | None
    first_form_at: datetime | None
    forms: int
    cookie: bool
    paid: bool


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """An opportunity that is not closed and has a click id. `closes_on`: when sales expect it to close."""

    id: str
    gclid: str
    created_at: datetime
    closes_on: date
