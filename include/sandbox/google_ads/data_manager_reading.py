"""Reads an IngestEventsRequest: its destinations and events, and everything that is structurally wrong with them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.google_ads.currencies import CURRENCIES
from sandbox.google_ads.matching import Candidate, too_new
from sandbox.google_ads.messages import REASON_TEXTS
from sandbox.google_ads.protos import enum_name
from sandbox.google_ads.state import Action, Customer, State

CLICK_IDS = ("gclid", "gbraid", "wbraid")
IDENTIFIERS_MAX = 10
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799
TYPES = {"UPLOAD_CLICKS", "WEBPAGE"}


@dataclass(frozen=True)
class Violation:
    """One wrong field: its path, an ErrorReason, and a text."""

    field: str
    reason: str
    text: str


@dataclass(frozen=True)
class Target:
    """One well-formed destination."""

    message: Any
    customer: Customer
    action: Action


class EventReader:
    """Reads one request. `problems` first; then, if there are none, `accounts`, `event_problems`, and `candidates`."""

    def __init__(self, state: State, body: Any) -> None:
        self.state, self.body = state, body
        self.targets: list[Target] = []

    def _violation(self, field: str, reason: str) -> Violation:
        return Violation(field, reason, REASON_TEXTS[reason].format(**self.state.settings))

    # --- the request and its destinations ----------------------------------------------------------------------------
    def problems(self) -> list[Violation]:
        """What is wrong with the request as a whole and with its destinations."""
        settings, body, out = self.state.settings, self.body, []
        for name in ("destinations", "events"):
            count = len(getattr(body, name))
            if count == 0:
                out.append(self._violation(name, "REQUIRED_FIELD_MISSING"))
            elif count > settings[f"{name}_max"]:
                out.append(self._violation(name, f"TOO_MANY_{name.upper()}"))
        references = [row.reference for row in body.destinations if row.reference]
        if len(set(references)) < len(references):
            out.append(self._violation("destinations", "DUPLICATE_DESTINATION_REFERENCE"))
        for index, row in enumerate(body.destinations):
            if found := self._destination_problem(row, f"destinations.destinations[{index}]"):
                out.append(found)
        return out

    def _destination_problem(self, row: Any, field: str) -> Violation | None:
        if not row.operating_account.account_id:
            return self._violation(f"{field}.operating_account.account_id", "REQUIRED_FIELD_MISSING")
        kinds = {enum_name(row.operating_account, "account_type"), enum_name(row.operating_account, "product")}
        if "GOOGLE_ADS" not in kinds:
            return self._violation(f"{field}.operating_account", "DESTINATION_ACCOUNT_TYPE_MISMATCH")
        customer = self.state.customers.get(row.operating_account.account_id)
        if customer is None:
            return self._violation(f"{field}.operating_account", "INVALID_DESTINATION")
        return self._action_problem(row, customer, f"{field}.product_destination_id")

    def _action_problem(self, row: Any, customer: Customer, field: str) -> Violation | None:
        """The operating account must be the one that holds the conversions, so the action must be its own."""
        if not row.product_destination_id:
            return self._violation(field, "REQUIRED_FIELD_MISSING")
        action = self.state.actions.get(row.product_destination_id)
        if action is None or action.customer != customer.id or action.status != "ENABLED":
            return self._violation(field, "INVALID_CONVERSION_ACTION_ID")
        if action.type not in TYPES:
            return self._violation(field, "INVALID_CONVERSION_ACTION_TYPE")
        if too_new(self.state, action):
            return self._violation(field, "CONVERSION_ACTION_TOO_RECENTLY_CREATED")
        self.targets.append(Target(row, customer, action))
        return None

    def accounts(self) -> list[tuple[Customer, str | None]]:
        """The operating account of each destination with its login account."""
        return [(target.customer, target.message.login_account.account_id or None) for target in self.targets]

    # --- events ------------------------------------------------------------------------------------------------------
    def event_problems(self) -> list[Violation]:
        """What is wrong with the events; at most the first problem of each."""
        out = []
        for index, event in enumerate(self.body.events):
            place = self.state.settings["violation_field"].format(index=index)
            if found := next(self._event_problems(event), None):
                field, reason = found
                out.append(self._violation(f"{place}.{field}" if field else place, reason))
        if self._has_people() and enum_name(self.body, "encoding") == "ENCODING_UNSPECIFIED":
            out.append(self._violation("encoding", "REQUIRED_FIELD_MISSING"))
        return out

    def _has_people(self) -> bool:
        return any(event.user_data.user_identifiers for event in self.body.events)

    def _event_problems(self, event: Any) -> Iterator[tuple[str, str]]:
        if not event.HasField("event_timestamp"):
            yield "event_timestamp", "REQUIRED_FIELD_MISSING"
        elif not _is_time(event.event_timestamp) or _time(event.event_timestamp) > self.state.now():
            yield "event_timestamp", "EVENT_TIME_INVALID"
        if event.HasField("last_updated_timestamp") and not _is_time(event.last_updated_timestamp):
            yield "last_updated_timestamp", "EVENT_TIME_INVALID"
        ids = [kind for kind in CLICK_IDS if getattr(event.ad_identifiers, kind)]
        if not ids and not event.user_data.user_identifiers:
            yield "", "NO_IDENTIFIERS_PROVIDED"
        if len(ids) > 1 and not (self.state.settings["gclid_with_braid"] and set(ids) != {"gbraid", "wbraid"}):
            yield "ad_identifiers", "INVALID_ARGUMENT"
        if event.currency and event.currency not in CURRENCIES:
            yield "currency", "INVALID_CURRENCY_CODE"
        references = {target.message.reference for target in self.targets}
        if any(name not in references for name in event.destination_references):
            yield "destination_references", "INVALID_DESTINATION"
        yield from self._people_problems(event)

    def _people_problems(self, event: Any) -> Iterator[tuple[str, str]]:
        people = event.user_data.user_identifiers
        if len(people) > IDENTIFIERS_MAX:
            yield "user_data.user_identifiers", "TOO_MANY_USER_IDENTIFIERS"
        for index, person in enumerate(people):
            for kind in ("email_address", "phone_number"):
                value = getattr(person, kind)
                if value and (reason := self._hash_problem(value)):
                    yield f"user_data.user_identifiers[{index}].{kind}", reason
        if people:
            yield from self._switches()

    def _hash_problem(self, value: str) -> str | None:
        encoding = enum_name(self.body, "encoding")
        if encoding == "ENCODING_UNSPECIFIED":
            return None
        raw = _decoded(value, encoding)
        if raw is None:
            return f"INVALID_{encoding}_ENCODING"
        return None if len(raw) == 32 else "INVALID_SHA256_FORMAT"

    def _switches(self) -> Iterator[tuple[str, str]]:
        for target in self.targets:
            if target.customer.policy_prohibits:
                yield "user_data", "DESTINATION_ACCOUNT_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS"
            if not target.customer.terms:
                yield "user_data", "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED"
            if not target.customer.enhanced_conversions:
                yield "user_data", "DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS"

    # --- candidates --------------------------------------------------------------------------------------------------
    def candidates(self, target: Target) -> list[Candidate]:
        """The conversions that the events mean for one destination: all, or those that name its reference."""
        return [
            self._candidate(event, target.action)
            for event in self.body.events
            if not event.destination_references or target.message.reference in event.destination_references
        ]

    def _candidate(self, event: Any, action: Action) -> Candidate:
        ids = {kind: value for kind in CLICK_IDS if (value := getattr(event.ad_identifiers, kind))}
        extra: dict[str, Any] = {"event_source": enum_name(event, "event_source")}
        if event.HasField("last_updated_timestamp"):
            extra["last_updated"] = _time(event.last_updated_timestamp)
        value = event.conversion_value if event.HasField("conversion_value") else None
        return Candidate(
            action=action, at=_time(event.event_timestamp), ids=ids, people=tuple(self._hashes(event)),
            order_id=event.transaction_id or None, value=value, currency=event.currency or None,
            consent=self._stated(event), extra=extra, source="ADS_DATA_CONNECTOR",
        )  # fmt: skip

    def _hashes(self, event: Any) -> Iterator[str]:
        encoding = enum_name(self.body, "encoding")
        for person in event.user_data.user_identifiers:
            raw = _decoded(person.email_address or person.phone_number, encoding)
            if raw:
                yield raw.hex()

    def _stated(self, event: Any) -> dict[str, str]:
        """Consent of the event, else of the request, by name without its prefix."""
        out = {}
        for name in ("ad_user_data", "ad_personalization"):
            for source in (event.consent, self.body.consent):
                value = enum_name(source, name)
                if value != "CONSENT_STATUS_UNSPECIFIED":
                    out[name] = value.removeprefix("CONSENT_")
                    break
        return out


def _time(stamp: Any) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)


def _is_time(stamp: Any) -> bool:
    """Whether a Timestamp is within the years that it may hold (google/protobuf/timestamp.proto)."""
    return bool(FIRST_SECOND <= stamp.seconds <= LAST_SECOND and 0 <= stamp.nanos < 1_000_000_000)


def _decoded(value: str, encoding: str) -> bytes | None:
    try:
        return bytes.fromhex(value) if encoding == "HEX" else base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        return None
