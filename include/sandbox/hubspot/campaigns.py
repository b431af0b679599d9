"""Marketing campaigns: properties, assets, budget, and the contacts they are credited with.

Source: the campaigns API guide and its reference (asset types; only forms, static lists and external pages can be
attached through the API; properties are answered only when they are asked for).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.hubspot import stamps
from sandbox.hubspot.catalogue import Option, Property
from sandbox.hubspot.errors import invalid, not_found, property_errors
from sandbox.hubspot.object_type import choice, fixed, text
from sandbox.hubspot.values import Invalid, canonical

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

ASSET_TYPES = frozenset(
    [
        "AD_CAMPAIGN",
        "AUTOMATION_PLATFORM_FLOW",
        "BLOG_POST",
        "CALL",
        "CASE_STUDY",
        "CTA",
        "EMAIL",
        "EXTERNAL_WEB_URL",
        "FEEDBACK_SURVEY",
        "FORM",
        "KNOWLEDGE_ARTICLE",
        "LANDING_PAGE",
        "MARKETING_EMAIL",
        "MARKETING_EVENT",
        "MARKETING_SMS",
        "MEETING_EVENT",
        "OBJECT_LIST",
        "PLAYBOOK",
        "PODCAST_EPISODE",
        "SALES_DOCUMENT",
        "SEQUENCE",
        "SITE_PAGE",
        "SOCIAL_BROADCAST",
        "WEB_INTERACTIVE",
    ]
)
ATTACHABLE = ("FORM", "OBJECT_LIST", "EXTERNAL_WEB_URL")
CONTACT_TYPES = ("contactFirstTouch", "contactLastTouch", "influencedContacts")
STATUS = tuple(
    Option(name, name.replace("_", " ").capitalize(), order)
    for order, name in enumerate(("planned", "in_progress", "active", "paused", "completed"))
)
PROPERTIES = {
    item.name: item
    for item in (
        text("hs_name", "Name"),
        Property("hs_start_date", "Start date", "date", "date"),
        Property("hs_end_date", "End date", "date", "date"),
        choice("hs_campaign_status", "Status", STATUS),
        text("hs_notes", "Notes", "textarea"),
        text("hs_audience", "Audience", "textarea"),
        text("hs_goal", "Goal", "textarea"),
        text("hs_currency_code", "Currency"),
        text("hs_utm", "UTM campaign"),
        text("hs_color_hex", "Color"),
        Property("hs_owner", "Owner", "enumeration", "select", external="OWNER"),
        fixed("hs_budget_items_sum_amount", "Budget", "number"),
        fixed("hs_spend_items_sum_amount", "Spend", "number"),
        fixed("hs_origin_asset_id", "Origin asset id"),
        fixed("hs_object_id", "Record ID", "number"),
    )
}


@dataclass
class MoneyItem:
    """One line of the budget or of what was spent."""

    id: str
    name: str
    amount: float
    order: int
    description: str
    created_at: str
    updated_at: str

    def json(self) -> dict[str, Any]:
        return {
            "id": self.id, "name": self.name, "amount": self.amount, "order": self.order,
            "description": self.description, "createdAt": stamps.milliseconds(self.created_at),
            "updatedAt": stamps.milliseconds(self.updated_at),
        }  # fmt: skip


@dataclass
class Campaign:
    """`assets`: type -> asset id -> name. `credited`: contact type -> contact ids. `money`: budget and spend items."""

    id: str
    properties: dict[str, str | None]
    created_at: str
    updated_at: str
    assets: dict[str, dict[str, str]] = field(default_factory=dict)
    credited: dict[str, list[int]] = field(default_factory=dict)
    money: dict[str, dict[str, MoneyItem]] = field(default_factory=lambda: {"budget": {}, "spend": {}})

    def total(self, kind: str) -> float:
        return sum(item.amount for item in self.money[kind].values())


def load(portal: Portal, row: dict[str, Any]) -> None:
    """A campaign of the seeded world."""
    made = Campaign(row["id"], dict(row["properties"]), stamps.iso(row["createdAt"]), stamps.iso(row["updatedAt"]))
    made.assets = {kind: {one["id"]: one["name"] for one in rows} for kind, rows in row["assets"].items()}
    made.credited = {kind: [int(key) for key in keys] for kind, keys in row["credited"].items()}
    enter(portal, made)
    for kind, assets in made.assets.items():
        portal.assets.setdefault(kind, {}).update(assets)


def enter(portal: Portal, one: Campaign) -> None:
    one.properties["hs_object_id"] = str(400_000_001 + portal.campaigns_made)
    portal.campaigns_made += 1
    portal.campaigns[one.id] = one


def create(portal: Portal, given: Any) -> Campaign:
    """400 for properties that do not exist or do not fit; `hs_name` is required."""
    values = checked(portal, given)
    if not values.get("hs_name"):
        raise invalid("Some required properties were not set: [hs_name]")
    number = Random(f"campaign {portal.campaigns_made}").getrandbits(128)  # noqa: S311
    at = portal.now()
    made = Campaign(str(uuid.UUID(int=number, version=4)), {"hs_campaign_status": None, **values}, at, at)
    enter(portal, made)
    return made


def update(portal: Portal, one: Campaign, given: Any) -> None:
    values = checked(portal, given)
    if "hs_name" in values and not values["hs_name"]:
        raise invalid("Some required properties were not set: [hs_name]")
    one.properties.update(values)
    one.updated_at = portal.now()


def checked(portal: Portal, given: Any) -> dict[str, str | None]:
    if not isinstance(given, dict) or not given:
        raise invalid("Some required fields were not set: [properties]")
    values, problems = {}, []
    for name, value in given.items():
        try:
            values[name] = _value(portal, name, value)
        except Invalid as error:
            problems.append(error.json(name))
    if problems:
        raise property_errors(problems)
    return values


def _value(portal: Portal, name: str, value: Any) -> str | None:
    item = PROPERTIES.get(name)
    if item is None:
        raise Invalid("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if item.read_only:
        raise Invalid("READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
    found = canonical(item, value, None)
    if item.external and found and not portal.owner_known(found):
        raise Invalid("INVALID_OWNER_ID", f"Owner {found} does not exist or is inactive.")
    return found


def find(portal: Portal, key: str) -> Campaign:
    try:
        uuid.UUID(key)
    except ValueError:
        raise invalid(f"Invalid campaign id {key!r}: it must be a UUID.") from None
    if key not in portal.campaigns:
        raise not_found(f"Campaign {key} does not exist.")
    return portal.campaigns[key]


def attach(portal: Portal, one: Campaign, kind: str, asset: str) -> None:
    """400 for a type that the API cannot attach or a list that is not static, 404 for an asset that does not exist."""
    check_attachable(kind)
    if kind == "OBJECT_LIST":
        listed = portal.lists.get(asset)
        if listed is None or listed.deleted_at:
            raise not_found(f"List does not exist with ID {asset}.")
        if listed.processing == "DYNAMIC":
            raise invalid("Only static lists can be associated with a campaign.")
        name = listed.name
    elif asset in portal.assets.get(kind, {}):
        name = portal.assets[kind][asset]
    else:
        raise not_found(f"{kind} {asset} does not exist.")
    one.assets.setdefault(kind, {})[asset] = name
    one.updated_at = portal.now()


def check_type(kind: str) -> None:
    if kind not in ASSET_TYPES:
        raise invalid(f"Invalid asset type {kind!r}. Valid: {sorted(ASSET_TYPES)}")


def check_attachable(kind: str) -> None:
    check_type(kind)
    if kind not in ATTACHABLE:
        raise invalid(f"Assets of type {kind} cannot be associated through the API, only {', '.join(ATTACHABLE)}.")


def plain(portal: Portal) -> list[dict[str, Any]]:
    """All campaigns, for the admin API."""
    return [
        {**vars(one), "money": {kind: [item.json() for item in rows.values()] for kind, rows in one.money.items()}}
        for one in portal.campaigns.values()
    ]
