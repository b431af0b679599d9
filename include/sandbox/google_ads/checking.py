"""Checks a query against what can be asked: resources, fields, segments, metrics and values. What is unknown is an error."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from sandbox.google_ads.conditions import DURING, day_range
from sandbox.google_ads.gaql import Condition, Query, refuse
from sandbox.google_ads.metrics import (
    CONVERSION_METRICS,
    DATE_SEGMENTS,
    METRICS,
    SEGMENTS,
)
from sandbox.google_ads.state import Customer, State

ACTION_SEGMENT_PREFIX = "segments.conversion_action"
CORE_DATES = {f"segments.{name}" for name in DATE_SEGMENTS - {"day_of_week"}}

_SETTING = "conversion_tracking_setting."
FIELDS: dict[str, tuple[str, ...]] = {
    "customer": (
        "resource_name", "id", "descriptive_name", "currency_code", "time_zone", "status", "manager", "test_account",
        "auto_tagging_enabled", *(_SETTING + name for name in (
            "conversion_tracking_id", "cross_account_conversion_tracking_id", "accepted_customer_data_terms",
            "conversion_tracking_status", "google_ads_conversion_customer", "enhanced_conversions_for_leads_enabled",
            "enablement_setting", "effective_enablement_setting",
        )),
    ),
    "customer_client": (
        "resource_name", "client_customer", "id", "level", "manager", "hidden", "descriptive_name", "currency_code",
        "time_zone", "test_account", "status",
    ),
    "conversion_action": (
        "resource_name", "id", "name", "status", "type", "category", "origin", "counting_type", "primary_for_goal",
        "include_in_conversions_metric", "owner_customer", "click_through_lookback_window_days",
        "view_through_lookback_window_days", "value_settings.default_value", "value_settings.default_currency_code",
        "value_settings.always_use_default_value", "attribution_model_settings.attribution_model",
    ),
    "campaign": ("resource_name", "id", "name", "status", "advertising_channel_type"),
    "ad_group": ("resource_name", "id", "name", "status", "campaign"),
    "click_view": ("resource_name", "gclid", "page_number"),
    "offline_conversion_upload_client_summary": (
        "resource_name", "client", "status", "total_event_count", "successful_event_count", "success_rate",
        "pending_event_count", "pending_rate", "last_upload_date_time", "daily_summaries", "job_summaries", "alerts",
    ),
    "offline_conversion_upload_conversion_action_summary": (
        "resource_name", "client", "conversion_action_id", "conversion_action_name", "status", "total_event_count",
        "successful_event_count", "pending_event_count", "last_upload_date_time", "daily_summaries", "job_summaries", "alerts",
    ),
}  # fmt: skip
"""The fields that the sandbox models, by resource."""

RESOURCES: dict[str, tuple[str, ...]] = {
    "customer": ("customer",),
    "customer_client": ("customer_client",),
    "conversion_action": ("conversion_action", "customer"),
    "campaign": ("campaign", "customer"),
    "click_view": ("click_view", "campaign", "ad_group", "customer"),
    "offline_conversion_upload_client_summary": ("offline_conversion_upload_client_summary", "customer"),
    "offline_conversion_upload_conversion_action_summary": (
        "offline_conversion_upload_conversion_action_summary", "customer",
    ),
}  # fmt: skip
"""The resources that can be queried, each with the resources whose fields may be selected with it."""


class Checker:
    """Checks one query; `row` is the descriptor of GoogleAdsRow, so that a field must exist in the called version."""

    def __init__(self, query: Query, row: Any, state: State, customer: Customer) -> None:
        self.query, self.row, self.state, self.customer = query, row, state, customer
        self.selected = set(query.fields)

    def check(self) -> None:
        """Refusal with the first QueryError found."""
        if self.query.resource not in RESOURCES:
            raise self._unknown_resource()
        for field in self.query.fields:
            self._check_field(field, "SELECT")
        for condition in self.query.conditions:
            self._check_condition(condition)
        for field, _ in self.query.order:
            self._check_field(field, "ORDER_BY")
            if field not in self.selected:
                raise refuse("EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE", f"'{field}' must be in the SELECT clause.")
        self._check_combination()
        if self.query.resource == "click_view":
            self._check_single_day()

    def _unknown_resource(self) -> Exception:
        name = self.query.resource
        if name in self.row.fields_by_name and name not in {"metrics", "segments"}:
            return refuse(
                "PROHIBITED_RESOURCE_TYPE_IN_FROM_CLAUSE", f"the sandbox does not model the resource '{name}'."
            )
        return refuse("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", f"'{name}' is not a valid resource name.")

    # --- fields ------------------------------------------------------------------------------------------------------
    def _descriptor(self, field: str) -> Any:
        """The field's descriptor in this version; Refusal if there is none."""
        at, found = self.row, None
        for part in field.split("."):
            found = at.fields_by_name.get(part) or at.fields_by_name.get(f"{part}_") if at is not None else None
            if found is None:
                raise refuse("UNRECOGNIZED_FIELD", f"unrecognized field in the query: '{field}'.")
            at = found.message_type
        return found

    def _check_field(self, field: str, clause: str) -> Any:
        kind = self._descriptor(field)
        resource, _, name = field.partition(".")
        place = "ORDER_BY_CLAUSE" if clause == "ORDER_BY" else "SELECT_CLAUSE" if clause == "SELECT" else "WHERE_CLAUSE"
        if resource in {"metrics", "segments"}:
            self._check_measure(field, resource)
        elif resource not in RESOURCES[self.query.resource]:
            code = (
                "PROHIBITED_FIELD_IN_ORDER_BY_CLAUSE"
                if clause == "ORDER_BY"
                else f"PROHIBITED_RESOURCE_TYPE_IN_{place}"
            )
            raise refuse(code, f"'{resource}' cannot be used with the resource '{self.query.resource}'.")
        elif not name or (kind.message_type is not None and name not in FIELDS[resource]):
            raise refuse(f"PROHIBITED_FIELD_IN_{place}", f"'{field}' cannot be used: name one of its fields.")
        elif name not in FIELDS[resource]:
            raise refuse("UNRECOGNIZED_FIELD", f"the sandbox does not model the field '{field}'.")
        return kind

    def _check_measure(self, field: str, resource: str) -> None:
        allowed: set[str] = set()
        if self.query.resource in {"campaign", "customer"}:
            allowed = METRICS | SEGMENTS
        elif self.query.resource == "click_view":
            allowed = {"metrics.clicks", "segments.date"}
        if field in allowed:
            if resource == "metrics" and self.customer.manager:
                raise refuse("REQUESTED_METRICS_FOR_MANAGER", "metrics cannot be requested for a manager account.")
            return
        word = "METRIC" if resource == "metrics" else "SEGMENT"
        text = f"'{field}' cannot be used with the resource '{self.query.resource}'"
        if field not in METRICS | SEGMENTS:
            text += ", or the sandbox does not model it"
        raise refuse(f"PROHIBITED_{word}_IN_SELECT_OR_WHERE_CLAUSE", f"{text}.")

    # --- conditions --------------------------------------------------------------------------------------------------
    def _check_condition(self, condition: Condition) -> None:
        kind = self._check_field(condition.field, "WHERE")
        segment = condition.field.startswith("segments.")
        if segment and condition.field not in CORE_DATES and condition.field not in self.selected:
            raise refuse(
                "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE", f"'{condition.field}' must be in the SELECT clause."
            )
        if kind.message_type is not None:
            raise refuse("PROHIBITED_FIELD_IN_WHERE_CLAUSE", f"'{condition.field}' cannot be filtered on.")
        if condition.operator in {"CONTAINS ANY", "CONTAINS ALL", "CONTAINS NONE"}:
            raise refuse("OPERATOR_FIELD_MISMATCH", f"{condition.operator} needs a repeated field.")
        if condition.field in CORE_DATES:
            self._check_dates(condition)
        elif condition.operator == "DURING":
            raise refuse("OPERATOR_FIELD_MISMATCH", "DURING needs a date field.")
        else:
            self._check_values(condition, kind)

    def _check_values(self, condition: Condition, kind: Any) -> None:
        texts = condition.operator.removeprefix("NOT ") in {"LIKE", "REGEXP_MATCH"}
        if texts and kind.cpp_type != kind.CPPTYPE_STRING:
            raise refuse("OPERATOR_FIELD_MISMATCH", f"{condition.operator} needs a text field.")
        if condition.operator.endswith("REGEXP_MATCH") and not _is_pattern(condition.values[0].text):
            raise refuse("BAD_VALUE", f"invalid regular expression {condition.values[0].text}.")
        for value in condition.values:
            if kind.enum_type is not None:
                if value.text not in kind.enum_type.values_by_name:
                    raise refuse("BAD_ENUM_CONSTANT", f"invalid enum value '{value.text}' of '{condition.field}'.")
            elif kind.cpp_type == kind.CPPTYPE_BOOL:
                if value.text.upper() not in {"TRUE", "FALSE"}:
                    raise refuse("BAD_VALUE", f"invalid value '{value.text}' of '{condition.field}'.")
            elif kind.cpp_type != kind.CPPTYPE_STRING and not _is_number(value.text):
                raise refuse("BAD_NUMBER", f"invalid number '{value.text}' of '{condition.field}'.")
            elif kind.cpp_type == kind.CPPTYPE_STRING and not value.quoted:
                raise refuse("BAD_VALUE", f"the value of '{condition.field}' must be quoted.")

    def _check_dates(self, condition: Condition) -> None:
        if condition.operator == "DURING":
            if condition.values[0].text.upper() not in DURING:
                raise refuse(
                    "INVALID_VALUE_WITH_DURING_OPERATOR", f"invalid value {condition.values[0].text} of DURING."
                )
            return
        if condition.operator.removeprefix("NOT ") in {"LIKE", "REGEXP_MATCH"} or condition.operator.startswith("IS"):
            raise refuse("OPERATOR_FIELD_MISMATCH", f"{condition.operator} cannot be used with a date.")
        for value in condition.values:
            if condition.field == "segments.year":
                if not _is_number(value.text):
                    raise refuse("BAD_NUMBER", f"invalid number '{value.text}' of 'segments.year'.")
            elif not value.quoted or not _is_date(value.text):
                raise refuse("INVALID_DATE_FORMAT", f"invalid date '{value.text}': dates are 'yyyy-mm-dd'.")

    # --- combinations ------------------------------------------------------------------------------------------------
    def _check_combination(self) -> None:
        if any(field.startswith(ACTION_SEGMENT_PREFIX) for field in self.selected):
            for field in sorted(self.selected & METRICS - CONVERSION_METRICS):
                name = "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE"
                raise refuse(name, f"'{field}' cannot be segmented by conversion action.")
        if self.query.resource != "click_view" and self.selected & CORE_DATES and self._range() is None:
            raise refuse(
                "EXPECTED_FILTERS_ON_DATE_RANGE", "a date segment in SELECT needs a finite range of dates in WHERE."
            )

    def _range(self) -> tuple[date, date] | None:
        return day_range(self.state, self.customer, self.query.conditions)

    def _check_single_day(self) -> None:
        """Queries for click_view must be for one day, at most 90 days ago (Google Ads API, ClickView)."""
        found = self._range()
        if found is None:
            raise refuse(
                "EXPECTED_FILTERS_ON_DATE_RANGE", "click_view needs a filter that limits the results to one day."
            )
        if found[0] != found[1]:
            raise refuse("DATE_RANGE_TOO_WIDE", "click_view needs a filter that limits the results to one day.")
        today = self.state.now().astimezone(self.customer.zone).date()
        if found[0] < today - timedelta(days=int(self.state.settings["click_view_days"])):
            raise refuse("DATE_RANGE_TOO_WIDE", "click_view can be requested for the last 90 days.")


def _is_pattern(text: str) -> bool:
    try:
        return bool(re.compile(text))
    except re.error:
        return False


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
