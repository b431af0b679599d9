"""Seeds the organisation's own objects: subscriptions of accounts and their items."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from sandbox import dirt, names
from sandbox.salesforce import formulas
from sandbox.world_engagement import EngagementSeeder

if TYPE_CHECKING:
    from sandbox.world import Record, Size, World

PLANS = {"Basic": 49.0, "Professional": 199.0, "Enterprise": 990.0}
PRODUCTS = ("Seats", 'Add-on "Pro"', "Støtte", "Analytics\nPlus", "ライセンス", None)


def seed_subscriptions(world: World, size: Size, pools: names.Pools, rng: Random, now: datetime) -> None:
    """Add subscriptions and items to `world.salesforce`, which already holds accounts and contacts."""
    seeder = SubscriptionSeeder(world, pools, rng, now)
    staff: dict[str, list[Record]] = {}
    for contact in seeder.contacts:
        staff.setdefault(contact["AccountId"], []).append(contact)
    for number in range(1, size.subscriptions + 1):
        account = rng.choice(seeder.accounts)
        seeder.subscription(number, account, staff.get(account["Id"], []))
    seeder.bury("Subscription__c")


class SubscriptionSeeder(EngagementSeeder):
    """Adds the custom objects' rows."""

    def subscription(self, number: int, account: Record, staff: list[Record]) -> None:
        rng, (created, modified) = self.rng, self.times()
        plan, status = rng.choice((*PLANS, None)), rng.choice(("Trial", "Active", "Active", "Past Due", "Cancelled"))
        start = created.strftime("%Y-%m-%d")
        end = (
            (created + timedelta(days=365)).strftime("%Y-%m-%d")
            if status == "Cancelled" or rng.random() < 0.5
            else None
        )
        items = rng.randrange(5)
        channels = rng.sample(("Web", "Partner", "Phone", "Event"), rng.randrange(3))
        row = self.whole("Subscription__c", created, modified, {
            "Name": f"{account['Name'][:60]} {number:04}", "Account__c": account["Id"],
            "Contact__c": rng.choice(staff)["Id"] if staff and rng.random() < 0.8 else None,
            "Status__c": status, "Plan__c": plan, "Start_Date__c": start, "End_Date__c": end,
            "Channels__c": ";".join(sorted(channels)) or None,
            "Monthly_Amount__c": PLANS[plan] * rng.randrange(1, 9) if plan else None,
            "Auto_Renew__c": rng.random() < 0.5, "Notes__c": dirt.description(rng), "Item_Count__c": float(items),
            "Account_Industry__c": account["Industry"],
        })  # fmt: skip
        for _ in range(items):
            self.item(row)
        if status != "Trial":
            self.history(("Subscription__History", "ParentId"), row, "Status__c", ("Trial", status))

    def item(self, subscription: Record) -> None:
        rng = self.rng
        quantity = float(rng.randrange(1, 50)) if rng.random() < 0.9 else None
        price = round(rng.uniform(1, 300), 2)
        number = len(self.rows.get("Subscription_Item__c", [])) + 1
        self.whole("Subscription_Item__c", subscription["CreatedDate"], subscription["LastModifiedDate"], {
            "Name": f"SI-{number:05}", "Subscription__c": subscription["Id"], "Product__c": rng.choice(PRODUCTS),
            "Quantity__c": quantity, "Unit_Price__c": price, "Total__c": formulas.total(quantity, price),
        })  # fmt: skip
