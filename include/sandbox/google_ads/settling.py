"""What becomes of an event of the Data Manager API when it is processed: a conversion, an adjustment, or a reason why not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from sandbox.google_ads.arranged import EVENTS, PREFIX, take
from sandbox.google_ads.matching import Candidate, judge, record
from sandbox.google_ads.state import Adjustment, Click, Conversion, State

REASONS = {
    "EVENT_NOT_FOUND": "INVALID_CLICK",
    "CLICK_NOT_FOUND": "CLICK_NOT_FOUND",
    "UNAUTHORIZED_CUSTOMER": "INVALID_OPERATING_ACCOUNT_FOR_CLICK",
    "INVALID_CUSTOMER_FOR_CLICK": "INVALID_OPERATING_ACCOUNT_FOR_CLICK",
    "CONVERSION_TRACKING_NOT_ENABLED_AT_IMPRESSION_TIME": "INVALID_CLICK",
    "CONVERSION_PRECEDES_EVENT": "CONVERSION_PRECEDES_CLICK",
    "EXPIRED_EVENT": "EVENT_TOO_OLD",
    "TOO_RECENT_EVENT": "TOO_RECENT_CLICK",
}
"""The Data Manager API's names for findings of the Google Ads API."""


def settle(state: State, item: Candidate, at: datetime, repeated: bool) -> str | None:
    """Process one event as of a moment; return the ProcessingErrorReason if it is not recorded.

    An event with the transaction id of a recorded conversion of the same action adjusts that conversion: another value
    restates it, user data enhances it. Without a change it is a duplicate (Data Manager API, "Conversion adjustments").
    """
    if arranged := take(state.settings, EVENTS):
        return arranged if arranged.startswith("PROCESSING_ERROR_") else PREFIX + arranged
    if repeated and item.order_id:
        return f"{PREFIX}DUPLICATE_TRANSACTION_ID"
    if reason := _malformed(state, item) or _consent(state, item):
        return PREFIX + reason
    if item.order_id and (known := state.by_order.get((item.action.id, item.order_id))):
        return _adjust(state, known, item, at)
    click = _at(state, at, item)
    if not isinstance(click, Click):
        return PREFIX + REASONS[click]
    if not item.order_id and (item.action.id, click.id, item.at) in state.by_click:
        return f"{PREFIX}DUPLICATE_GCLID"
    made = record(state, item, click)
    made.received_at, made.updated_at = at, item.extra.get("last_updated")
    return None


def _at(state: State, at: datetime, item: Candidate) -> Click | str:
    """Judge a click as of a moment that may have passed."""
    return judge(state, replace(item, consent=item.consent | {"ad_user_data": "GRANTED"}), at)


def _malformed(state: State, item: Candidate) -> str | None:
    for kind, value in item.ids.items():
        if not re.fullmatch(state.settings["gclid_pattern" if kind == "gclid" else "braid_pattern"], value):
            return f"INVALID_{kind.upper()}"
        if kind != "gclid" and item.action.counting == "ONE_PER_CLICK":
            return "ONE_PER_CLICK_CONVERSION_ACTION_NOT_PERMITTED_WITH_BRAID"
    return "EXTERNAL_ATTRIBUTION_DATA_MISSING" if item.action.attribution == "EXTERNAL" else None


def _consent(state: State, item: Candidate) -> str | None:
    stated = item.consent.get("ad_user_data")
    if stated == "DENIED" and (item.people or state.settings["consent_required"]):
        return "DENIED_CONSENT"
    return "NO_CONSENT" if stated is None and state.settings["consent_required"] else None


def _adjust(state: State, known: Conversion, item: Candidate, at: datetime) -> str | None:
    updated = item.extra.get("last_updated")
    if updated is not None and known.updated_at is not None and updated < known.updated_at:
        return None
    restated = item.value is not None and not item.action.always_default and item.value != known.worth
    enhanced = bool(set(item.people) - set(known.identifiers))
    if not restated and not enhanced:
        return f"{PREFIX}DUPLICATE_TRANSACTION_ID"
    if restated:
        state.add_adjustment(_adjustment(state, known, "RESTATEMENT", at, value=item.value, currency=item.currency))
    if enhanced:
        known.identifiers = sorted({*known.identifiers, *item.people})
        state.add_adjustment(_adjustment(state, known, "ENHANCEMENT", at))
    known.updated_at = updated or at
    return None


def _adjustment(state: State, known: Conversion, kind: str, at: datetime, **fields: Any) -> Adjustment:
    return Adjustment(str(state.next_id()), known.id, kind, at, at, **fields)
