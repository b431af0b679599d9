"""What can be queried: the rows of each resource as flat dictionaries, from field name to value (enums by name)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sandbox.google_ads.access import Caller
from sandbox.google_ads.state import Action, Click, Customer, State
from sandbox.google_ads.summaries import summary_rows

Row = dict[str, Any]


def nested(row: Row) -> dict[str, Any]:
    """Return a flat row as nested dictionaries; what is None is left out."""
    out: dict[str, Any] = {}
    for path, value in row.items():
        if value is None:
            continue
        at = out
        *outer, last = path.split(".")
        for part in outer:
            at = at.setdefault(part, {})
        at[last] = value
    return out


def action_name(action: Action) -> str:
    return f"customers/{action.customer}/conversionActions/{action.id}"


def customer_row(state: State, customer: Customer, caller: Caller | None = None) -> Row:
    """The account, with its conversion tracking as the caller's login customer sees it."""
    tracker = state.customers.get(customer.tracking) if customer.tracking else None
    manager = tracker.id if tracker and tracker.id != customer.id else None
    terms, enhanced = (tracker.terms, tracker.enhanced_conversions) if tracker else (False, False)
    setting = "customer.conversion_tracking_setting"
    return {
        "customer.resource_name": f"customers/{customer.id}",
        "customer.id": int(customer.id),
        "customer.descriptive_name": customer.name,
        "customer.currency_code": customer.currency,
        "customer.time_zone": customer.time_zone,
        "customer.status": customer.status,
        "customer.manager": customer.manager,
        "customer.test_account": customer.test_account,
        "customer.auto_tagging_enabled": customer.auto_tagging,
        f"{setting}.conversion_tracking_id": int(customer.id) % 1_000_000_000 if tracker and not manager else 0,
        f"{setting}.cross_account_conversion_tracking_id": int(manager) % 1_000_000_000 if manager else 0,
        f"{setting}.accepted_customer_data_terms": terms,
        f"{setting}.conversion_tracking_status": _tracking_status(customer, manager, caller),
        f"{setting}.google_ads_conversion_customer": f"customers/{tracker.id}" if tracker else "",
        f"{setting}.enhanced_conversions_for_leads_enabled": enhanced,
        f"{setting}.enablement_setting": "ON" if customer.enhanced_conversions else "OFF",
        f"{setting}.effective_enablement_setting": "ON" if enhanced else "OFF",
    }


def _tracking_status(customer: Customer, manager: str | None, caller: Caller | None) -> str:
    if customer.tracking is None:
        return "NOT_CONVERSION_TRACKED"
    if manager is None:
        return "CONVERSION_TRACKING_MANAGED_BY_SELF"
    ours = caller is not None and caller.login == manager
    return f"CONVERSION_TRACKING_MANAGED_BY_{'THIS' if ours else 'ANOTHER'}_MANAGER"


def action_row(state: State, action: Action) -> Row:
    values = "conversion_action.value_settings"
    return {
        "conversion_action.resource_name": action_name(action),
        "conversion_action.id": int(action.id),
        "conversion_action.name": action.name,
        "conversion_action.status": action.status,
        "conversion_action.type": action.type,
        "conversion_action.category": action.category,
        "conversion_action.origin": "WEBSITE",
        "conversion_action.counting_type": action.counting,
        "conversion_action.primary_for_goal": action.primary,
        "conversion_action.include_in_conversions_metric": action.primary,
        "conversion_action.owner_customer": f"customers/{action.customer}",
        "conversion_action.click_through_lookback_window_days": action.lookback_days,
        "conversion_action.view_through_lookback_window_days": action.view_lookback_days,
        f"{values}.default_value": action.default_value,
        f"{values}.default_currency_code": action.default_currency or state.customers[action.customer].currency,
        f"{values}.always_use_default_value": action.always_default,
        "conversion_action.attribution_model_settings.attribution_model": action.attribution,
    }


def campaign_row(state: State, campaign_id: str) -> Row:
    campaign = state.campaigns[campaign_id]
    return {
        "campaign.resource_name": f"customers/{campaign['customer']}/campaigns/{campaign_id}",
        "campaign.id": int(campaign_id),
        "campaign.name": campaign["name"],
        "campaign.status": campaign["status"],
        "campaign.advertising_channel_type": "SEARCH",
    }


def ad_group_row(state: State, campaign_id: str) -> Row:
    group = state.ad_groups[campaign_id]
    customer = group["customer"]
    return {
        "ad_group.resource_name": f"customers/{customer}/adGroups/{group['id']}",
        "ad_group.id": int(group["id"]),
        "ad_group.name": group["name"],
        "ad_group.status": group["status"],
        "ad_group.campaign": f"customers/{customer}/campaigns/{campaign_id}",
    }


def click_row(state: State, click: Click, customer: Customer) -> Row:
    day = click.at.astimezone(customer.zone).date().isoformat()
    return {
        "click_view.resource_name": f"customers/{customer.id}/clickViews/{day}~{click.gclid}",
        "click_view.gclid": click.gclid,
        "click_view.page_number": 1,
        "segments.date": day,
        "metrics.clicks": 1,
        **campaign_row(state, click.campaign),
        **ad_group_row(state, click.campaign),
    }


# --- the rows of each resource ---------------------------------------------------------------------------------------
def customers(state: State, customer: Customer, caller: Caller) -> Iterator[Row]:
    yield customer_row(state, customer, caller)


def customer_clients(state: State, customer: Customer, caller: Caller) -> Iterator[Row]:
    """The account and all below it, with their level."""
    for client in state.customers.values():
        if not state.descends(client.id, customer.id):
            continue
        level, at = 0, client
        while at.id != customer.id and at.parent:
            level, at = level + 1, state.customers[at.parent]
        yield {
            "customer_client.resource_name": f"customers/{customer.id}/customerClients/{client.id}",
            "customer_client.client_customer": f"customers/{client.id}",
            "customer_client.id": int(client.id),
            "customer_client.level": level,
            "customer_client.manager": client.manager,
            "customer_client.hidden": False,
            "customer_client.descriptive_name": client.name,
            "customer_client.currency_code": client.currency,
            "customer_client.time_zone": client.time_zone,
            "customer_client.test_account": client.test_account,
            "customer_client.status": client.status,
        }


def conversion_actions(state: State, customer: Customer, caller: Caller) -> Iterator[Row]:
    own = customer_row(state, customer, caller)
    for action in state.actions_of(customer.id):
        yield action_row(state, action) | own


def click_views(state: State, customer: Customer, caller: Caller, day: date) -> Iterator[Row]:
    """One day's clicks with a GCLID (those with a braid are not reported), as far back as Google keeps them."""
    oldest = state.now() - timedelta(days=float(state.settings["click_view_days"]))
    own = customer_row(state, customer, caller)
    first = datetime.combine(day, time.min, customer.zone)
    last = datetime.combine(day + timedelta(days=1), time.min, customer.zone)
    first, last = max(first, oldest), min(last, state.now())
    for click in state.clicks.values():
        if first <= click.at < last and click.customer == customer.id and click.gclid:
            yield click_row(state, click, customer) | own


def client_summaries(state: State, customer: Customer, caller: Caller) -> Iterator[Row]:
    for row in summary_rows(state, customer, by_action=False):
        yield row | customer_row(state, customer, caller)


def action_summaries(state: State, customer: Customer, caller: Caller) -> Iterator[Row]:
    for row in summary_rows(state, customer, by_action=True):
        yield row | customer_row(state, customer, caller)
