"""Seeds the set-up of the Salesforce organisation: users, queues, statuses, stages, record types."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox import names
from sandbox.salesforce.ids import PREFIXES, make_id

if TYPE_CHECKING:
    from sandbox.world import Record, World

TITLES = ("CEO", "CFO", "VP Sales", "Head of Marketing", "Account Manager", "Daglig leder", "Einkäufer", "営業部長")
LEAD_STATUSES = (
    ("Open - Not Contacted", False),
    ("Working - Contacted", False),
    ("Closed - Converted", True),
    ("Closed - Not Converted", False),
)
# Name, probability, closed, won, forecast category
STAGES = (
    ("Prospecting", 10, False, False, "Pipeline"),
    ("Qualification", 10, False, False, "Pipeline"),
    ("Needs Analysis", 20, False, False, "Pipeline"),
    ("Value Proposition", 50, False, False, "Pipeline"),
    ("Id. Decision Makers", 60, False, False, "Pipeline"),
    ("Perception Analysis", 70, False, False, "Pipeline"),
    ("Proposal/Price Quote", 75, False, False, "Pipeline"),
    ("Negotiation/Review", 90, False, False, "Pipeline"),
    ("Closed Won", 100, True, True, "Closed"),
    ("Closed Lost", 0, True, False, "Omitted"),
)
QUEUES = ("Nordic Inbound Leads", "Web Leads", "Partner Leads")


class OrgSeeder:
    """Adds rows with ids and stamps, and seeds what an administrator sets up."""

    def __init__(self, world: World, pools: names.Pools, rng: Random, now: datetime) -> None:
        self.rows = world.salesforce
        self.rng = rng
        self.now = now.replace(microsecond=0)
        self.counts: dict[str, int] = {}
        self.locales = [pool for pool, _ in pools]
        self.weights = [weight for _, weight in pools]
        self.domains: set[str] = set()
        self.at_account: dict[str, tuple[names.Locale, str]] = {}
        self.staff: dict[str, list[Record]] = {}

    # --- rows and stamps -------------------------------------------------------------------------------------------
    def add(self, name: str, created: datetime, modified: datetime, fields: dict[str, Any]) -> Record:
        row = {"Id": self.next_id(name), **fields, **self.stamps(created, modified), "IsDeleted": False}
        self.rows.setdefault(name, []).append(row)
        return row

    def next_id(self, name: str) -> str:
        prefix = PREFIXES[name]
        self.counts[prefix] = self.counts.get(prefix, 0) + 1
        return make_id(prefix, self.counts[prefix])

    def stamps(self, created: datetime, modified: datetime) -> dict[str, Any]:
        users = self.rows.get("User")
        author = users[0]["Id"] if users else make_id("005", 1)
        return {
            "CreatedDate": created,
            "CreatedById": author,
            "LastModifiedDate": modified,
            "LastModifiedById": author if not users else self.rng.choice(users)["Id"],
            "SystemModstamp": modified,
        }

    def times(self) -> tuple[datetime, datetime]:
        """Created within the last 400 days, mostly long ago; modified later, but at least a day before now."""
        age = 86_400 * (1.5 + 398 * self.rng.random() ** 0.6)
        idle = 86_400 + (age - 86_400) * self.rng.random() ** 0.5
        return self.now - timedelta(seconds=int(age)), self.now - timedelta(seconds=int(idle))

    # --- set-up ----------------------------------------------------------------------------------------------------
    def org(self, users: int) -> None:
        """Users (the first is the integration's, about one in eight is inactive), queues, statuses, stages."""
        old = self.now - timedelta(days=399)
        for number in range(users):
            self.user(number, old)
        for name in QUEUES:
            developer = name.replace(" ", "_")
            fields = {"Name": name, "DeveloperName": developer, "Type": "Queue", "Email": None}
            self.add("Group", old, old, fields)
        self.values(old)
        self.owners = [user["Id"] for user in self.rows["User"][1:]]
        self.active = [user["Id"] for user in self.rows["User"][1:] if user["IsActive"]]
        self.queues = [group["Id"] for group in self.rows["Group"]]

    def user(self, number: int, old: datetime) -> None:
        pool = self.rng.choices(self.locales, self.weights)[0]
        (first, first_ascii), (last, last_ascii) = self.rng.choice(pool.first), self.rng.choice(pool.last)
        if number == 0:
            first, last, first_ascii, last_ascii = "Integration", "User", "integration", "user"
        address = f"{first_ascii}.{last_ascii}.{number}@our-company.example"
        self.add("User", old, old, {
            "Username": f"{address}.sandbox", "FirstName": first, "LastName": last, "Name": f"{first} {last}",
            "Email": address, "Alias": f"u{number}", "IsActive": number % 8 != 5, "UserType": "Standard",
            "Title": self.rng.choice(TITLES), "Department": "Sales", "ManagerId": None,
        })  # fmt: skip

    def values(self, old: datetime) -> None:
        for order, (label, converted) in enumerate(LEAD_STATUSES, 1):
            fields = {"MasterLabel": label, "ApiName": label, "IsConverted": converted, "SortOrder": order}
            self.add("LeadStatus", old, old, {**fields, "IsDefault": order == 1})
        for order, (label, probability, closed, won, forecast) in enumerate(STAGES, 1):
            self.add("OpportunityStage", old, old, {
                "MasterLabel": label, "ApiName": label, "IsActive": True, "SortOrder": order, "IsClosed": closed,
                "IsWon": won, "DefaultProbability": float(probability), "ForecastCategory": forecast,
                "ForecastCategoryName": forecast, "Description": None,
            })  # fmt: skip
        for name in ("New Business", "Renewal"):
            self.add("RecordType", old, old, {
                "Name": name, "DeveloperName": name.replace(" ", "_"), "SobjectType": "Opportunity",
                "IsActive": True, "Description": None, "NamespacePrefix": None, "BusinessProcessId": None,
            })  # fmt: skip

    def owner(self) -> str:
        """Mostly an active user; now and then one who has left."""
        return self.rng.choice(self.owners if self.rng.random() < 0.15 else self.active)
