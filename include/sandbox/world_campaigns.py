"""Seeds campaigns of Salesforce with their statuses and members, and the opportunities that came of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from sandbox import dirt, names
from sandbox.salesforce import campaigns, formulas
from sandbox.world_engagement import EngagementSeeder

if TYPE_CHECKING:
    from sandbox.world import Record, Size, World

CAMPAIGNS = ("Spring Webinar", "Nordic Roadshow", 'Newsletter "Insights"', "Herbstmesse", "Product Launch 🚀", "展示会",
             "Partner Day", "Win-back")  # fmt: skip
MEMBER_STATUSES = {
    "Webinar": (("Invited", True, False), ("Registered", False, True), ("Attended", False, True)),
    "Trade Show": (("Sent", True, False), ("Visited Booth", False, True), ("No Show", False, False)),
}


def seed_campaigns(world: World, size: Size, pools: names.Pools, rng: Random, now: datetime) -> None:
    """Add to `world.salesforce`, which already holds the people, companies and opportunities."""
    seeder = CampaignSeeder(world, pools, rng, now)
    seeder.campaigns(size.campaigns, size.campaign_members)


class CampaignSeeder(EngagementSeeder):
    """Adds the campaigns."""

    def campaigns(self, count: int, members: int) -> None:
        """Campaigns with members each, a third of which responded; a few opportunities come of them."""
        for number in range(count):
            self.campaign(number, members // max(1, count))
        made = self.rows.setdefault("Campaign", [])
        for deal in self.rng.sample(self.deals, len(self.deals) // 8):
            deal["CampaignId"] = self.rng.choice(made)["Id"]
        for row in made:
            row.update(campaigns.deal_counts([deal for deal in self.deals if deal["CampaignId"] == row["Id"]]))

    def campaign(self, number: int, members: int) -> None:
        rng, (created, modified) = self.rng, self.times()
        start = created + timedelta(days=rng.randrange(60))
        kind = rng.choice(("Webinar", "Trade Show", "Email", "Conference", "Advertisement"))
        earlier = self.rows.get("Campaign", [])
        row = self.whole("Campaign", created, modified, {
            "Name": f"{rng.choice(CAMPAIGNS)} {number + 1}", "Type": kind,
            "ParentId": rng.choice(earlier)["Id"] if earlier and rng.random() < 0.2 else None,
            "Status": rng.choice(("Planned", "In Progress", "Completed", "Aborted")),
            "StartDate": start.strftime("%Y-%m-%d"), "EndDate": (start + timedelta(days=14)).strftime("%Y-%m-%d"),
            "ExpectedRevenue": round(10 ** rng.uniform(4, 6), 2), "BudgetedCost": round(10 ** rng.uniform(3, 5), 2),
            "ActualCost": None, "ExpectedResponse": float(rng.randrange(1, 20)), "NumberSent": float(members * 3),
            "IsActive": rng.random() < 0.8, "Description": dirt.description(rng), "OwnerId": self.owner(),
        })  # fmt: skip
        statuses = MEMBER_STATUSES.get(kind, campaigns.STATUSES)
        for order, (label, default, responded) in enumerate(statuses, 3):
            values = {"CampaignId": row["Id"], "Label": label, "SortOrder": order, "IsDefault": default}
            self.add("CampaignMemberStatus", created, created, {**values, "HasResponded": responded})
        made = [self.member(row, person, rng.choice(statuses)) for person in self.audience(members)]
        row.update(campaigns.NOTHING, **campaigns.head_counts(made))

    def audience(self, count: int) -> Iterable[tuple[str, Record]]:
        """Different people, leads and contacts."""
        leads = self.rng.sample(self.leads, min(len(self.leads), count * 2 // 5))
        contacts = self.rng.sample(self.contacts, min(len(self.contacts), count - len(leads)))
        return [*(("Lead", row) for row in leads), *(("Contact", row) for row in contacts)]

    def member(self, campaign: Record, person: tuple[str, Record], status: tuple[str, bool, bool]) -> Record:
        (kind, row), (label, _, responded) = person, status
        account = self.account_of.get(row.get("AccountId"), {})
        company = row["Company"] if kind == "Lead" else account.get("Name")
        first = campaign["StartDate"] if responded else None
        return self.whole("CampaignMember", campaign["CreatedDate"], campaign["LastModifiedDate"], {
            "CampaignId": campaign["Id"], "LeadId": None, "ContactId": None, f"{kind}Id": row["Id"], "Status": label,
            "HasResponded": responded, "FirstRespondedDate": first, **formulas.member(kind, row, company),
        })  # fmt: skip
