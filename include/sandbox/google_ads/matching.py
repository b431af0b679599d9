"""What both upload APIs do with a well-formed conversion: find its click, and judge it by time and account.

Results are names of ConversionUploadError; the Data Manager API has its own names for the same findings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.google_ads.state import Action, Click, Conversion, State


@dataclass(frozen=True)
class Candidate:
    """A well-formed conversion on its way in. `ids` are click ids by kind; `people` are hashed user identifiers."""

    action: Action
    at: datetime
    ids: dict[str, str] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    order_id: str | None = None
    value: float | None = None
    currency: str | None = None
    consent: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    source: str = "GOOGLE_ADS_API"
    job_id: int = 0

    @property
    def key(self) -> tuple[str, ...]:
        """What no two conversions may share: action and order id, or action, click and time."""
        if self.order_id:
            return ("order", self.action.id, self.order_id)
        click = next(iter(self.ids.values()), "") or "+".join(self.people)
        return ("click", self.action.id, click, self.at.isoformat())


def judge(state: State, candidate: Candidate, now: datetime | None = None) -> Click | str:
    """Return the click of a conversion, or the name of the rule that forbids it, as of now or of another moment."""
    if state.settings["consent_required"] and candidate.consent.get("ad_user_data") != "GRANTED":
        return "CONVERSION_NOT_COMPLIANT_WITH_ATT_POLICY"
    click = find(state, candidate)
    if click is None:
        return "EVENT_NOT_FOUND" if candidate.ids else "CLICK_NOT_FOUND"
    return _account(state, candidate, click) or _window(state, candidate, click, now or state.now()) or click


def find(state: State, candidate: Candidate) -> Click | None:
    """Return the click by its id, else by the person's hashed identifiers."""
    for kind, value in candidate.ids.items():
        if click := state.click_of(kind, value):
            return click
    window = timedelta(days=float(state.settings["enhanced_click_days"]))
    return state.click_of_person(list(candidate.people), candidate.action.customer, candidate.at, window)


def _account(state: State, candidate: Candidate, click: Click) -> str | None:
    if not state.reachable(click.customer):
        return "UNAUTHORIZED_CUSTOMER"
    if state.customers[click.customer].tracking != candidate.action.customer:
        return "INVALID_CUSTOMER_FOR_CLICK"
    return None if click.tracked else "CONVERSION_TRACKING_NOT_ENABLED_AT_IMPRESSION_TIME"


def _window(state: State, candidate: Candidate, click: Click, now: datetime) -> str | None:
    """Google Ads API, ConversionUploadError: before the click, outside the action's window, or within six hours of it."""
    settings = state.settings
    if candidate.at <= click.at:
        return "CONVERSION_PRECEDES_EVENT"
    too_late = candidate.at - click.at > timedelta(days=candidate.action.lookback_days)
    if too_late or now - click.at > timedelta(days=float(settings["click_age_days"])):
        return "EXPIRED_EVENT"
    if now - click.at < timedelta(hours=float(settings["too_recent_hours"])):
        return "TOO_RECENT_EVENT"
    return None


def too_new(state: State, action: Action) -> bool:
    """Whether a conversion action was created within the last hours, so that it takes no uploads yet."""
    return state.now() - action.created_at < timedelta(hours=float(state.settings["too_recent_hours"]))


def record(state: State, candidate: Candidate, click: Click) -> Conversion:
    """Store a conversion. A missing value is the action's default, a missing currency its default or the account's."""
    action = candidate.action
    own = state.customers[action.customer].currency
    default = action.always_default or candidate.value is None
    currency = (None if default else candidate.currency) or action.default_currency or own
    conversion = Conversion(
        id=str(state.next_id()),
        customer=action.customer,
        action=action.id,
        at=candidate.at,
        received_at=state.now(),
        click=click.id,
        order_id=candidate.order_id,
        value=action.default_value if default else float(candidate.value or 0.0),
        currency=currency,
        source=candidate.source,
        identifiers=list(candidate.people),
        consent=dict(candidate.consent),
        extra=dict(candidate.extra),
        job_id=candidate.job_id,
    )
    state.add_conversion(conversion)
    return conversion
