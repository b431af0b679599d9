"""The protocol of Google Ads towards the engine: values that go in and out, and what both of its upload APIs do. Imports nothing of
Google's, so that only tasks that call it pay for its libraries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from lockstep.conversions.definition import Backend
from lockstep.systems.ads_reports import AdsReports

#: rows of one request, for conversions and adjustments of both APIs (GA-21, GA-24, GA-27)
ROWS_MAX = 2_000
#: Data Manager takes so many destinations, which are conversion actions, in one request
ACTIONS_MAX = 10


@dataclass(frozen=True, slots=True)
class ClickConversion:
    """One conversion to upload. `click`: (gclid | gbraid | wbraid, value). `people`: (email | phone, SHA-256). `consent`: signal ->
    granted | denied. `restates`: Google holds it already, with another value."""

    order_id: str
    action: str
    at: datetime
    click: tuple[str, str] | None = None
    people: tuple[tuple[str, str], ...] = ()
    value: float | None = None
    currency: str | None = None
    consent: Mapping[str, str] = field(default_factory=dict)
    restates: bool = False


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A change of a conversion that Google holds; `value` None: it is taken back."""

    order_id: str
    action: str
    at: datetime
    value: float | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class RowError:
    """Why Google refused one row: its name of the error, and its words (generic, without the row's values)."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a request. `errors`: index of the row -> why it was refused. `request_id`: to ask for the verdict by, where
    it comes later. `repeated`: an answer was lost on the way, and the request sent again."""

    errors: Mapping[int, RowError]
    request_id: str | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """Google's verdict on the rows of one action in one request. `reasons`: name of the error -> how many rows; it does not say
    which."""

    rows: int
    reasons: Mapping[str, int]


class Uploader(Protocol):
    """One of Google's two upload APIs. Sending a row again is harmless: its order id tells it is the same."""

    def upload(self, account: str, rows: Sequence[ClickConversion], validate_only: bool = False) -> Sent:
        """At most ROWS_MAX conversions into the account that owns the conversions, of at most ACTIONS_MAX actions.

        `validate_only`: check structure and permission, keep nothing (matching clicks is not checked).
        """

    def verdict(self, request_id: str) -> Mapping[str, Settled] | None:
        """Action -> verdict; None while Google has not got that far. KeyError: Google no longer knows the request."""


@dataclass(frozen=True, slots=True)
class Account:
    """A Google Ads account. `conversions`: the account that owns its conversion tracking, itself or a manager (GA-25); None if it
    tracks none. `enhanced`: enhanced conversions for leads are on."""

    id: str
    conversions: str | None
    tracking: str
    status: str
    manager: bool
    currency: str
    time_zone: str
    auto_tagging: bool
    terms: bool
    enhanced: bool


@dataclass(frozen=True, slots=True)
class ConversionAction:
    """A conversion action; enums by name. `owner`: the account that it belongs to."""

    id: str
    name: str
    status: str
    type: str
    category: str
    counting: str
    lookback_days: int
    owner: str
    default_value: float
    default_currency: str | None
    always_default: bool
    primary: bool


class Adjuster(Protocol):
    """Changes what Google holds."""

    def adjust(self, account: str, rows: Sequence[Adjustment]) -> Sent:
        """Restate and take back; at most ROWS_MAX, one of a conversion."""


class AdsSystem(Protocol):
    """Google Ads."""

    @property
    def customer_id(self) -> str:
        """The connection's own account."""

    def account(self, customer: str) -> Account:
        """:raises AccessError: the login does not reach the account"""

    def actions(self, customer: str) -> list[ConversionAction]:
        """All conversion actions that the account sees, removed ones too."""

    def uploader(self, backend: Backend) -> Uploader: ...

    @property
    def reports(self) -> AdsReports: ...

    @property
    def adjuster(self) -> Adjuster:
        """Whichever API the conversions were sent through: Data Manager cannot take back."""
