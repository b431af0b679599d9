"""Seeds the HubSpot half of the world: about 60 % of what Salesforce holds, spelled a little differently, and more."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox import dirt, names

if TYPE_CHECKING:
    from sandbox.world import Link, Record, World

OVERLAP = 0.6
EXTRA = 0.1
INDUSTRIES = {
    "Agriculture": "FARMING", "Apparel": "APPAREL_FASHION", "Banking": "BANKING", "Biotechnology": "BIOTECHNOLOGY",
    "Chemicals": "CHEMICALS", "Communications": "PUBLIC_RELATIONS_AND_COMMUNICATIONS", "Construction": "CONSTRUCTION",
    "Consulting": "MANAGEMENT_CONSULTING", "Education": "EDUCATION_MANAGEMENT",
    "Electronics": "ELECTRICAL_ELECTRONIC_MANUFACTURING", "Energy": "OIL_ENERGY",
    "Engineering": "MECHANICAL_OR_INDUSTRIAL_ENGINEERING", "Entertainment": "ENTERTAINMENT",
    "Environmental": "ENVIRONMENTAL_SERVICES", "Finance": "FINANCIAL_SERVICES", "Food & Beverage": "FOOD_BEVERAGES",
    "Government": "GOVERNMENT_ADMINISTRATION", "Healthcare": "HOSPITAL_HEALTH_CARE", "Hospitality": "HOSPITALITY",
    "Insurance": "INSURANCE", "Machinery": "MACHINERY", "Media": "ONLINE_MEDIA",
    "Not For Profit": "NON_PROFIT_ORGANIZATION_MANAGEMENT", "Recreation": "RECREATIONAL_FACILITIES_AND_SERVICES",
    "Retail": "RETAIL", "Shipping": "LOGISTICS_AND_SUPPLY_CHAIN", "Technology": "COMPUTER_SOFTWARE",
    "Telecommunications": "TELECOMMUNICATIONS", "Transportation": "TRANSPORTATION_TRUCKING_RAILROAD",
    "Utilities": "UTILITIES",
}  # fmt: skip
DEAL_STAGES = {
    "Prospecting": "appointmentscheduled", "Qualification": "qualifiedtobuy", "Needs Analysis": "qualifiedtobuy",
    "Value Proposition": "presentationscheduled", "Id. Decision Makers": "decisionmakerboughtin",
    "Perception Analysis": "decisionmakerboughtin", "Proposal/Price Quote": "contractsent",
    "Negotiation/Review": "contractsent", "Closed Won": "closedwon", "Closed Lost": "closedlost",
}  # fmt: skip
COMPANY_TYPES = {"Prospect": "PROSPECT", "Channel Partner / Reseller": "RESELLER", "Other": "OTHER"}
FIRST_IDS = {"contacts": 18_000_101, "companies": 9_000_201, "deals": 5_000_301}


def seed_hubspot(world: World, pools: names.Pools, rng: Random, now: datetime) -> None:
    """Fill `world.hubspot` and `world.hubspot_associations` from what `world.salesforce` holds."""
    HubSpotSeeder(world, pools, rng, now).seed()


class HubSpotSeeder:
    def __init__(self, world: World, pools: names.Pools, rng: Random, now: datetime) -> None:
        self.salesforce, self.hubspot, self.links = world.salesforce, world.hubspot, world.hubspot_associations
        self.rng, self.now = rng, now
        self.next = dict(FIRST_IDS)
        self.emails: set[str] = set()
        self.company_of: dict[str, str] = {}
        self.contact_of: dict[str, str] = {}
        self.locales = [pool for pool, _ in pools]

    def seed(self) -> None:
        self.owners()
        for name in ("contacts", "companies", "deals"):
            self.hubspot[name] = []
        accounts = self.live("Account")
        for account in self.sample(accounts, OVERLAP):
            self.company_of[account["Id"]] = self.company(account)
        for contact in self.sample(self.live("Contact"), OVERLAP):
            self.person(contact, "customer" if self.rng.random() < 0.4 else "opportunity")
        for lead in self.sample([row for row in self.live("Lead") if not row["IsConverted"]], OVERLAP):
            self.person(lead, self.rng.choice(("lead", "marketingqualifiedlead", "salesqualifiedlead")))
        for deal in self.sample(self.live("Opportunity"), OVERLAP):
            self.deal(deal)
        self.only_here()

    def live(self, name: str) -> list[Record]:
        return [row for row in self.salesforce[name] if not row["IsDeleted"]]

    def sample(self, rows: list[Record], share: float) -> list[Record]:
        return [row for row in rows if self.rng.random() < share]

    # --- records ---------------------------------------------------------------------------------------------------
    def add(self, name: str, properties: dict[str, Any], created: datetime, modified: datetime) -> str:
        self.next[name] += self.rng.randrange(1, 40)
        record_id = str(self.next[name])
        texts = {key: None if value in (None, "") else str(value) for key, value in properties.items()}
        created = self.milliseconds(created)
        stamps = {"createdAt": created, "updatedAt": max(created, self.milliseconds(modified))}
        self.hubspot[name].append({"id": record_id, "properties": texts, **stamps})
        return record_id

    def milliseconds(self, at: datetime) -> datetime:
        return at.replace(microsecond=self.rng.randrange(1000) * 1000)

    def link(self, *link: Any) -> None:
        link_: Link = link  # (from_type, from_id, to_type, to_id, type_id)
        self.links.append(link_)

    def times(self, row: Record) -> tuple[datetime, datetime]:
        """Stamps near those of the Salesforce record: synchronised by some earlier integration."""
        created = row["CreatedDate"] + timedelta(minutes=self.rng.randrange(1, 900))
        limit = self.now - timedelta(days=1, minutes=1)
        modified = row["LastModifiedDate"] + timedelta(minutes=self.rng.randrange(1, 900))
        return min(created, limit), max(min(modified, limit), min(created, limit))

    def owners(self) -> None:
        """An owner for each user but the first; those of inactive users are archived; one active user lacks his."""
        old = self.now - timedelta(days=398)
        rows, self.owner_of = [], {}
        for number, user in enumerate(self.salesforce["User"]):
            if number in (0, 3):
                continue
            owner = self.owner(number, user["FirstName"], user["LastName"], user["Email"], not user["IsActive"], old)
            rows.append(owner)
            self.owner_of[user["Id"]] = owner["id"]
        rows.append(self.owner(len(rows) + 9, "Mari", "Ekstern", "mari.ekstern@agency.example", False, old))
        self.hubspot["owners"] = rows

    def owner(self, number: int, first: str, last: str, email: str, archived: bool, old: datetime) -> Record:
        return {
            "id": str(77_000_100 + number), "email": email, "firstName": first, "lastName": last,
            "userId": 12_300_000 + number, "archived": archived, "createdAt": old, "updatedAt": old,
        }  # fmt: skip

    def company(self, row: Record) -> str:
        website = row["Website"]
        domain = None
        if website:
            domain = (urlsplit(website).hostname if "//" in website else website).removeprefix("www.")
        return self.add("companies", {
            "name": row["Name"] if self.rng.random() < 0.93 else row["Name"].rsplit(" ", 1)[0],
            "domain": domain, "website": website, "phone": row["Phone"],
            "industry": INDUSTRIES.get(row["Industry"]), "type": COMPANY_TYPES.get(row["Type"]),
            "numberofemployees": row["NumberOfEmployees"], "annualrevenue": row["AnnualRevenue"],
            "address": row["BillingStreet"], "city": row["BillingCity"], "state": row["BillingState"],
            "zip": row["BillingPostalCode"], "country": row["BillingCountry"], "description": row["Description"],
            "hubspot_owner_id": self.owner_of.get(row["OwnerId"]),
        }, *self.times(row))  # fmt: skip

    def person(self, row: Record, stage: str) -> None:
        """A contact for a Salesforce contact or lead; twins by e-mail are one contact, as HubSpot would have it."""
        email = row["Email"].lower() if row["Email"] else None
        if email in self.emails:
            return
        if email:
            self.emails.add(email)
        contact = "AccountId" in row
        prefix = "Mailing" if contact else ""
        properties = {
            "email": email, **self.respell(row), "jobtitle": row["Title"], "lifecyclestage": stage,
            "phone": row["Phone"] if self.rng.random() < 0.85 else dirt.phone(self.rng, "+47"),
            "mobilephone": row["MobilePhone"], "company": self.employer(row),
            "address": row[f"{prefix}Street"], "city": row[f"{prefix}City"], "state": row[f"{prefix}State"],
            "zip": row[f"{prefix}PostalCode"], "country": row[f"{prefix}Country"],
            "hs_lead_status": None if contact else self.rng.choice(("NEW", "OPEN", "IN_PROGRESS", "UNQUALIFIED")),
            "hubspot_owner_id": self.owner_of.get(row["OwnerId"]), "date_of_birth": row.get("Birthdate"),
            "leadsource": row["LeadSource"], "message": row["Description"], "gclid": row["GCLID__c"],
            "hs_email_optout": "true" if row["HasOptedOutOfEmail"] else None,
        }  # fmt: skip
        record_id = self.add("contacts", properties, *self.times(row))
        self.contact_of[row["Id"]] = record_id
        if contact and row["AccountId"] in self.company_of:
            self.link("contacts", record_id, "companies", self.company_of[row["AccountId"]], 1)

    def respell(self, row: Record) -> dict[str, str | None]:
        """The person's name; one in eight spelled differently: no accents, an initial, blanks, or far too long."""
        first, last, roll = row["FirstName"], row["LastName"], self.rng.random()
        if roll < 0.06:
            first, last = first and names.without_accents(first), names.without_accents(last)
        elif roll < 0.09 and first:
            first = f"{first[0]}."
        elif roll < 0.12:
            last = f" {last} "
        elif roll < 0.125:
            last = f"{last} " * 14
        return {"firstname": first, "lastname": last}

    def employer(self, row: Record) -> str | None:
        return row.get("Company") or (self.account(row["AccountId"]) if row.get("AccountId") else None)

    def account(self, account_id: str) -> str:
        if not hasattr(self, "account_names"):
            self.account_names = {row["Id"]: row["Name"] for row in self.salesforce["Account"]}
        return self.account_names[account_id]

    def deal(self, row: Record) -> None:
        record_id = self.add("deals", {
            "dealname": row["Name"], "pipeline": "default", "dealstage": DEAL_STAGES[row["StageName"]],
            "amount": row["Amount"], "closedate": f"{row['CloseDate']}T12:00:00.000Z",
            "dealtype": "newbusiness" if row["Type"] == "New Customer" else "existingbusiness" if row["Type"] else None,
            "description": row["Description"], "hs_next_step": row["NextStep"],
            "hubspot_owner_id": self.owner_of.get(row["OwnerId"]),
        }, *self.times(row))  # fmt: skip
        if row["AccountId"] in self.company_of:
            self.link("deals", record_id, "companies", self.company_of[row["AccountId"]], 5)
        for role in self.roles_of(row["Id"]):
            if role["ContactId"] in self.contact_of:
                self.link("deals", record_id, "contacts", self.contact_of[role["ContactId"]], 3)

    def roles_of(self, opportunity_id: str) -> list[Record]:
        if not hasattr(self, "roles"):
            self.roles: dict[str, list[Record]] = {}
            for role in self.salesforce.get("OpportunityContactRole", []):
                self.roles.setdefault(role["OpportunityId"], []).append(role)
        return self.roles.get(opportunity_id, [])

    # --- what exists in HubSpot alone ------------------------------------------------------------------------------
    def only_here(self) -> None:
        """About a tenth more companies, people and deals that Salesforce has never seen."""
        companies = [self.new_company(number) for number in range(self.tenth("companies"))]
        contacts = [self.new_contact(number, companies) for number in range(self.tenth("contacts"))]
        for number in range(self.tenth("deals")):
            self.new_deal(number, companies, contacts)

    def tenth(self, name: str) -> int:
        return max(1, round(len(self.hubspot[name]) * EXTRA))

    def recent(self) -> tuple[datetime, datetime]:
        age = timedelta(seconds=self.rng.uniform(90_000, 86_400 * 390))
        return self.now - age, self.now - timedelta(seconds=86_500 + (age.total_seconds() - 86_500) * self.rng.random())

    def any_owner(self) -> str | None:
        return self.rng.choice([owner["id"] for owner in self.hubspot["owners"] if not owner["archived"]])

    def new_company(self, number: int) -> str:
        pool = self.rng.choice(self.locales)
        domain = f"inbound-{number}.example"
        return self.add("companies", {
            "name": f"{self.rng.choice(pool.last)[0]} {self.rng.choice(pool.suffixes)}", "domain": domain,
            "website": f"https://{domain}", "city": self.rng.choice(pool.cities), "country": pool.country,
            "industry": self.rng.choice(list(INDUSTRIES.values())), "type": "PROSPECT",
            "numberofemployees": self.rng.randrange(1, 900), "hubspot_owner_id": self.any_owner(),
        }, *self.recent())  # fmt: skip

    def new_contact(self, number: int, companies: list[str]) -> str:
        pool = self.rng.choice(self.locales)
        (first, first_ascii), (last, last_ascii) = self.rng.choice(pool.first), self.rng.choice(pool.last)
        record_id = self.add("contacts", {
            "email": f"{first_ascii}.{last_ascii}@inbound-{number}.example", "firstname": first, "lastname": last,
            "jobtitle": "Assistant to the " * 12 + "CEO" if self.rng.random() < 0.03 else "CEO",
            "country": pool.country, "lifecyclestage": self.rng.choice(("subscriber", "lead", "marketingqualifiedlead")),
            "hs_lead_status": "NEW", "leadsource": "Web", "hubspot_owner_id": self.any_owner(),
        }, *self.recent())  # fmt: skip
        if self.rng.random() < 0.7:
            self.link("contacts", record_id, "companies", self.rng.choice(companies), 1)
        return record_id

    def new_deal(self, number: int, companies: list[str], contacts: list[str]) -> None:
        created, modified = self.recent()
        record_id = self.add("deals", {
            "dealname": f"Inbound {number}", "pipeline": "default", "dealstage": "appointmentscheduled",
            "amount": self.rng.randrange(500, 90_000), "dealtype": "newbusiness", "hubspot_owner_id": self.any_owner(),
            "closedate": (self.now + timedelta(days=40)).strftime("%Y-%m-%dT12:00:00.000Z"),
        }, created, modified)  # fmt: skip
        self.link("deals", record_id, "companies", self.rng.choice(companies), 5)
        self.link("deals", record_id, "contacts", self.rng.choice(contacts), 3)
