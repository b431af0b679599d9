"""Reads one ClickConversion: everything about it that is right or wrong by itself, without the other rows or the clicks."""

from __future__ import annotations

import re
from typing import Any

from sandbox.google_ads import dates
from sandbox.google_ads.currencies import CURRENCIES
from sandbox.google_ads.errors import ADJUST, UPLOAD, AdsError, error
from sandbox.google_ads.matching import Candidate, too_new
from sandbox.google_ads.protos import enum_name, optional
from sandbox.google_ads.state import Action, Customer, State

ACTION_NAME = re.compile(r"customers/\d+/conversionActions/(\d+)")
HASH = re.compile(r"[0-9a-f]{64}")
IDENTIFIERS_MAX = 5
CLICK_IDS = ("gclid", "gbraid", "wbraid")


class Wrong(Exception):
    """A row is wrong."""

    def __init__(self, found: AdsError) -> None:
        super().__init__(found.message)
        self.error = found


def wrong(name: str, *fields: str, kind: str = UPLOAD, trigger: str | None = None) -> Wrong:
    return Wrong(error(kind, name, *fields, trigger=trigger))


def find_action(state: State, customer: Customer, row: Any, kind: str, types: set[str]) -> Action:
    """Return the conversion action of a row; only its id counts, the customer id in its name does not.

    Actions of other accounts than the one that tracks this customer's conversions, removed and hidden ones are not found.
    """
    name = optional(row, "conversion_action")
    if name is None:
        raise wrong("REQUIRED", "conversion_action", kind="field_error")
    found = ACTION_NAME.fullmatch(name)
    if found is None:
        raise wrong("RESOURCE_NAME_MALFORMED", "conversion_action", kind="request_error", trigger=name)
    action = state.actions.get(found[1])
    if action is None or action.status != "ENABLED" or action.customer != customer.tracking:
        raise wrong("NO_CONVERSION_ACTION_FOUND", "conversion_action", kind=kind, trigger=name)
    if action.type not in types:
        raise wrong("INVALID_CONVERSION_ACTION_TYPE", "conversion_action", kind=kind, trigger=name)
    if too_new(state, action):
        raise wrong("TOO_RECENT_CONVERSION_ACTION", "conversion_action", kind=kind, trigger=name)
    return action


def read_time(row: Any, field: str, required: bool = True) -> Any:
    """Return a row's date-time; None if it is not set and need not be."""
    text = optional(row, field)
    if text is None:
        if required:
            raise wrong("REQUIRED", field, kind="field_error")
        return None
    at = dates.parse(text)
    if at is None:
        raise wrong("INVALID_STRING_DATE_TIME_SECONDS_WITH_OFFSET", field, kind="date_error", trigger=text)
    return at


class Reader:
    """Reads the rows of one upload."""

    def __init__(self, state: State, customer: Customer, job_id: int) -> None:
        self.state, self.customer, self.job_id = state, customer, job_id

    def read(self, row: Any) -> Candidate:
        """Return the conversion of a row; Wrong with the first rule that it breaks."""
        action = find_action(self.state, self.customer, row, UPLOAD, {"UPLOAD_CLICKS"})
        at = read_time(row, "conversion_date_time")
        if at > self.state.now():
            raise wrong(
                "LATER_THAN_MAXIMUM_DATE", "conversion_date_time", kind="date_error", trigger=row.conversion_date_time
            )
        ids, people = self._ids(row, action), self._people(row, action)
        if not ids and not people:
            raise wrong("REQUIRED", "gclid", kind="field_error")
        self._check_attribution(row, action)
        self._check_extras(row)
        return Candidate(
            action=action, at=at, ids=ids, people=people, order_id=self.order_id(row, UPLOAD),
            value=row.conversion_value if row.HasField("conversion_value") else None, currency=self._currency(row),
            consent=consent_of(row), extra=_extra(row), job_id=self.job_id,
        )  # fmt: skip

    def _ids(self, row: Any, action: Action) -> dict[str, str]:
        ids = {kind: value for kind in CLICK_IDS if (value := optional(row, kind))}
        if "gbraid" in ids and "wbraid" in ids:
            raise wrong("GBRAID_WBRAID_BOTH_SET", "gbraid")
        if len(ids) > 1 and not self.state.settings["gclid_with_braid"]:
            raise wrong("VALUE_MUST_BE_UNSET", next(kind for kind in ids if kind != "gclid"), kind="field_error")
        for kind, value in ids.items():
            if not re.fullmatch(self.state.settings["gclid_pattern" if kind == "gclid" else "braid_pattern"], value):
                raise wrong(f"UNPARSEABLE_{kind.upper()}", kind, trigger=value)
            if kind != "gclid" and action.counting == "ONE_PER_CLICK":
                raise wrong("ONE_PER_CLICK_CONVERSION_ACTION_NOT_PERMITTED_WITH_BRAID", kind, trigger=value)
        return ids

    def _people(self, row: Any, action: Action) -> tuple[str, ...]:
        if not row.user_identifiers:
            return ()
        people = read_people(row, UPLOAD)
        if self.customer_setting("policy_prohibits"):
            raise wrong("CUSTOMER_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS", "user_identifiers")
        if not self.customer_setting("terms"):
            raise wrong("CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS", "user_identifiers")
        if not self.customer_setting("enhanced_conversions"):
            raise wrong("CUSTOMER_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS", "user_identifiers")
        if action.attribution == "EXTERNAL":
            name = "EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION_NOT_PERMITTED_WITH_USER_IDENTIFIER"
            raise wrong(name, "user_identifiers")
        return people

    def customer_setting(self, name: str) -> bool:
        """A setting of the account that tracks the conversions."""
        return bool(getattr(self.state.customers[self.customer.tracking or self.customer.id], name))

    def _check_attribution(self, row: Any, action: Action) -> None:
        external, data = action.attribution == "EXTERNAL", row.HasField("external_attribution_data")
        if external and optional(row, "order_id"):
            raise wrong("ORDER_ID_NOT_PERMITTED_FOR_EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION", "order_id")
        if external and not data:
            name = "EXTERNAL_ATTRIBUTION_DATA_NOT_SET_FOR_EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION"
            raise wrong(name, "external_attribution_data")
        if data and not external:
            name = "EXTERNAL_ATTRIBUTION_DATA_SET_FOR_NON_EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION"
            raise wrong(name, "external_attribution_data")

    def order_id(self, row: Any, kind: str) -> str | None:
        """Return a row's order id; Wrong if it is too long or holds personal data."""
        order, settings = optional(row, "order_id"), self.state.settings
        if order and settings["order_id_max"] is not None and len(order) > settings["order_id_max"]:
            raise wrong("TOO_LONG", "order_id", kind="string_length_error", trigger=order)
        if order and re.search(settings["order_id_pii"], order, re.IGNORECASE):
            raise wrong("ORDER_ID_CONTAINS_PII", "order_id", kind=kind, trigger=order)
        return str(order) if order else None

    def _currency(self, row: Any) -> str | None:
        code = optional(row, "currency_code")
        if code is not None and code not in CURRENCIES:
            raise wrong("UNSUPPORTED", "currency_code", kind="currency_code_error", trigger=code)
        return str(code) if code else None

    def _check_extras(self, row: Any) -> None:
        if enum_name(row, "conversion_environment") not in {"UNSPECIFIED", "APP", "WEB"}:
            raise wrong("ENUM_VALUE_NOT_PERMITTED", "conversion_environment", kind="enum_error")
        if row.custom_variables:
            raise wrong("CUSTOM_VARIABLE_NOT_ENABLED", "custom_variables")
        if not self.state.settings["session_attributes_allowlisted"]:
            for field in ("user_ip_address", "session_attributes_encoded", "session_attributes_key_value_pairs"):
                if field in row.DESCRIPTOR.fields_by_name and row.HasField(field):
                    raise wrong("CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE", field, kind="not_allowlisted_error")


def read_people(row: Any, kind: str) -> tuple[str, ...]:
    """Return the hashed e-mails and phone numbers of a row."""
    if len(row.user_identifiers) > IDENTIFIERS_MAX:
        raise wrong("TOO_MANY", "user_identifiers", kind="collection_size_error")
    people = []
    for index, identifier in enumerate(row.user_identifiers):
        which = identifier.WhichOneof("identifier")
        allowed = {"hashed_email", "hashed_phone_number"} | ({"address_info"} if kind == ADJUST else set())
        if which not in allowed:
            raise Wrong(error(kind, "UNSUPPORTED_USER_IDENTIFIER").under(("user_identifiers", index)))
        if which == "address_info":
            continue
        value = getattr(identifier, which)
        if not HASH.fullmatch(value):
            raise Wrong(error(kind, "INVALID_USER_IDENTIFIER", which, trigger=value).under(("user_identifiers", index)))
        people.append(value)
    return tuple(people)


def consent_of(row: Any) -> dict[str, str]:
    """Return the consent that a row states, by name; nothing for what it leaves open."""
    if not row.HasField("consent"):
        return {}
    stated = {field: enum_name(row.consent, field) for field in ("ad_user_data", "ad_personalization")}
    return {field: value for field, value in stated.items() if value != "UNSPECIFIED"}


def _extra(row: Any) -> dict[str, Any]:
    names = ("conversion_environment", "customer_type")
    return {name: value for name in names if (value := enum_name(row, name)) != "UNSPECIFIED"}
