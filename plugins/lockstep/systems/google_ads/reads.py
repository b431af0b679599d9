"""Reading accounts and conversion actions with GAQL."""

from collections.abc import Callable, Iterator
from typing import Any

from lockstep.errors import AccessError
from lockstep.systems.ads import Account, ConversionAction
from lockstep.systems.base import API
from lockstep.systems.google_ads.calls import Caller

_SETTING = "customer.conversion_tracking_setting"
_ACCOUNT = (
    "customer.id", "customer.status", "customer.manager", "customer.currency_code", "customer.time_zone",
    "customer.auto_tagging_enabled", f"{_SETTING}.google_ads_conversion_customer", f"{_SETTING}.conversion_tracking_status",
    f"{_SETTING}.accepted_customer_data_terms",
)  # fmt: skip
_ACTION = tuple(
    f"conversion_action.{name}"
    for name in (
        "id", "name", "status", "type", "category", "counting_type", "click_through_lookback_window_days", "owner_customer",
        "value_settings.default_value", "value_settings.default_currency_code", "value_settings.always_use_default_value",
        "primary_for_goal",
    )
)  # fmt: skip


class AdsReader:
    """GAQL questions. `search`: GoogleAdsService.search of the version."""

    def __init__(self, call: Caller, search: Callable[..., Any], version: str):
        self._call, self._search, self._version = call, search, version

    def rows(self, customer: str, query: str) -> Iterator[Any]:
        """The rows of a GAQL query, over all its pages."""
        token = ""
        while True:
            request = {"customer_id": customer, "query": query, "page_token": token}
            answer = self._call(API, self._search, request=request)
            yield from answer.results
            token = answer.next_page_token
            if not token:
                return

    def account(self, customer: str) -> Account:
        """:raises AccessError: the login does not reach the account"""
        # v26 took the old field away, and v25 does not know the new one
        new = int(self._version[1:]) >= 26
        enhanced = f"{_SETTING}.{'effective_enablement_setting' if new else 'enhanced_conversions_for_leads_enabled'}"
        found = next(self.rows(customer, f"SELECT {', '.join((*_ACCOUNT, enhanced))} FROM customer"), None)
        if found is None:
            raise AccessError(f"Google Ads shows no account {customer}.", hint="Check `customer_id` of the connection.")
        return _account(found.customer, new)

    def actions(self, customer: str) -> list[ConversionAction]:
        """All conversion actions that the account sees, removed ones too."""
        query = f"SELECT {', '.join(_ACTION)} FROM conversion_action"
        return [_action(row.conversion_action) for row in self.rows(customer, query)]


def _account(one: Any, new: bool) -> Account:
    setting = one.conversion_tracking_setting
    enhanced = (
        setting.effective_enablement_setting.name == "ON" if new else setting.enhanced_conversions_for_leads_enabled
    )
    return Account(
        id=str(one.id),
        conversions=setting.google_ads_conversion_customer.rpartition("/")[2] or None,
        tracking=setting.conversion_tracking_status.name,
        status=one.status.name,
        manager=one.manager,
        currency=one.currency_code,
        time_zone=one.time_zone,
        auto_tagging=one.auto_tagging_enabled,
        terms=setting.accepted_customer_data_terms,
        enhanced=bool(enhanced),
    )


def _action(one: Any) -> ConversionAction:
    return ConversionAction(
        id=str(one.id),
        name=one.name,
        status=one.status.name,
        type=one.type_.name,
        category=one.category.name,
        counting=one.counting_type.name,
        lookback_days=one.click_through_lookback_window_days,
        owner=one.owner_customer.rpartition("/")[2],
        default_value=one.value_settings.default_value,
        default_currency=one.value_settings.default_currency_code or None,
        always_default=one.value_settings.always_use_default_value,
        primary=one.primary_for_goal,
    )
