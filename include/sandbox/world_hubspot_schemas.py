"""The custom objects that the seeded portal has: subscriptions, and the items of each."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.errors import PORTAL_ID

SUBSCRIPTIONS = f"p{PORTAL_ID}_subscriptions"
ITEMS = f"p{PORTAL_ID}_subscription_items"


def field(name: str, label: str, kind: str = "string", field_type: str = "text", **extra: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "type": kind, "fieldType": field_type, **extra}


STATUS = [{"value": name, "label": name.capitalize()} for name in ("active", "paused", "cancelled")]
CHANNELS = [{"value": name.lower(), "label": name} for name in ("Web", "Partner", "Phone", "Event")]
DEFINITIONS: list[dict[str, Any]] = [
    {
        "name": "subscriptions",
        "labels": {"singular": "Subscription", "plural": "Subscriptions"},
        "description": "What a company has subscribed to",
        "properties": [
            field("subscription_name", "Subscription name"),
            field("subscription_status", "Status", "enumeration", "select", options=STATUS),
            field("start_date", "Start date", "date", "date"),
            field("end_date", "End date", "date", "date"),
            field("monthly_amount", "Monthly amount", "number", "number"),
            field("channels", "Channels", "enumeration", "checkbox", options=CHANNELS),
        ],
        "requiredProperties": ["subscription_name"],
        "searchableProperties": ["subscription_name"],
        "primaryDisplayProperty": "subscription_name",
        "secondaryDisplayProperties": ["subscription_status"],
        "associatedObjects": ["CONTACT", "COMPANY", "DEAL"],
    },
    {
        "name": "subscription_items",
        "labels": {"singular": "Subscription item", "plural": "Subscription items"},
        "description": "One line of a subscription",
        "properties": [
            field("item_name", "Item name"),
            field("product_code", "Product code"),
            field("quantity", "Quantity", "number", "number"),
            field("unit_price", "Unit price", "number", "number"),
        ],
        "requiredProperties": ["item_name"],
        "searchableProperties": ["item_name", "product_code"],
        "primaryDisplayProperty": "item_name",
        "secondaryDisplayProperties": [],
        "associatedObjects": [SUBSCRIPTIONS],
    },
]
