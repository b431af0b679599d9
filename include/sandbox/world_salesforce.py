"""Seeds the Salesforce half of the world: accounts, people, opportunities, their history, conversions and deletions."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox import dirt, names
from sandbox.world_org import STAGES, TITLES, OrgSeeder

if TYPE_CHECKING:
    from sandbox.world import Record, Size, World

INDUSTRIES = (
    "Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction", "Consulting",
    "Education", "Electronics", "Energy", "Engineering", "Entertainment", "Environmental", "Finance",
    "Food & Beverage", "Government", "Healthcare", "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media",
    "Not For Profit", "Recreation", "Retail", "Shipping", "Technology", "Telecommunications", "Transportation",
    "Utilities", "Other",
)  # fmt: skip
ACCOUNT_TYPES = ("Prospect", "Customer - Direct", "Customer - Channel", "Channel Partner / Reseller", "Other")
LEAD_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
DEPARTMENTS = ("Sales", "Marketing", "Finance", "IT", "Operations", None)
PRODUCTS = ("Platform", "Renewal", "Pilot", "Udvidelse", 'Add-On "Pro"')
ROLES = ("Decision Maker", "Economic Buyer", "Technical Buyer", "Influencer", "Other")


def seed_salesforce(world: World, size: Size, pools: names.Pools, rng: Random, now: datetime) -> None:
    """Fill `world.salesforce` with `size` live records of each kind and a few deleted and merged ones on top."""
    seeder = SalesforceSeeder(world, pools, rng, now)
    seeder.org(size.users)
    accounts = seeder.accounts(size.accounts)
    contacts = seeder.contacts(size.contacts, accounts)
    leads = seeder.leads(size.leads, contacts)
    opportunities = seeder.opportunities(size.opportunities, accounts, contacts)
    seeder.convert(leads, contacts, opportunities)
    for name in ("Account", "Contact", "Lead"):
        seeder.bury(name)


class SalesforceSeeder(OrgSeeder):
    """Adds the business records to the set-up."""

    # --- accounts and people ---------------------------------------------------------------------------------------
    def accounts(self, count: int) -> list[Record]:
        return [self.account() for _ in range(count)]

    def account(self) -> Record:
        rng, (created, modified) = self.rng, self.times()
        pool = rng.choices(self.locales, self.weights)[0]
        name, domain = self.company(pool)
        earlier = self.rows.get("Account", [])
        row = self.add("Account", created, modified, {
            "Name": name,
            "Website": rng.choice((f"https://www.{domain}", f"http://{domain}/", domain, None if rng.random() < 0.3 else domain)),
            "Phone": dirt.phone(rng, pool.dial),
            "Industry": None if rng.random() < 0.1 else rng.choice(INDUSTRIES),
            "Type": rng.choice(ACCOUNT_TYPES),
            "NumberOfEmployees": None if rng.random() < 0.2 else int(10 ** rng.uniform(0, 5)),
            "AnnualRevenue": None if rng.random() < 0.3 else round(10 ** rng.uniform(5, 10), 2),
            **self.address(pool, "Billing"),
            "Description": dirt.description(rng),
            "ParentId": rng.choice(earlier)["Id"] if earlier and rng.random() < 0.06 else None,
            "OwnerId": self.owner(),
            "Lockstep_Id__c": None,
            "MasterRecordId": None,
        })  # fmt: skip
        self.at_account[row["Id"]] = (pool, domain)
        return row

    def company(self, pool: names.Locale) -> tuple[str, str]:
        """A name, seldom shared by two accounts, and a domain of its own."""
        one, two = self.rng.choice(pool.last), self.rng.choice(pool.last)
        stem = one[0] if self.rng.random() < 0.02 else f"{one[0]} {two[0]}"
        domain = slug = names.ascii_slug(f"{one[1]}-{two[1]}") or "company"
        while domain in self.domains:
            domain = f"{slug}-{self.rng.randrange(1000, 999_999)}"
        self.domains.add(domain)
        return f"{stem} {self.rng.choice(pool.suffixes)}", f"{domain}.example"

    def address(self, pool: names.Locale, prefix: str) -> dict[str, str | None]:
        rng = self.rng
        street = rng.choice(pool.streets)
        if rng.random() < 0.04:
            street += f"\nc/o {rng.choice(pool.last)[0]}, 2. etg."
        state = dirt.state(rng, rng.choice(pool.states))
        return {
            f"{prefix}Street": street,
            f"{prefix}City": rng.choice(pool.cities),
            f"{prefix}State": state or None,
            f"{prefix}PostalCode": rng.choice(pool.postcodes),
            f"{prefix}Country": dirt.country(rng, pool.country) or None,
        }

    def person(self, pool: names.Locale, domain: str) -> dict[str, Any]:
        rng = self.rng
        (first, first_ascii), (last, last_ascii) = rng.choice(pool.first), rng.choice(pool.last)
        number = "" if rng.random() < 0.5 else str(rng.randrange(1, 99))
        fields = {
            "FirstName": first,
            "LastName": last,
            "Email": None if rng.random() < 0.03 else f"{first_ascii}.{last_ascii}{number}@{domain}",
            "Phone": dirt.phone(rng, pool.dial),
            "MobilePhone": dirt.phone(rng, pool.dial) if rng.random() < 0.5 else None,
            "Title": None if rng.random() < 0.2 else rng.choice(TITLES),
            "LeadSource": None if rng.random() < 0.2 else rng.choice(LEAD_SOURCES),
            "HasOptedOutOfEmail": rng.random() < 0.07,
            "Description": dirt.description(rng),
            "GCLID__c": self.gclid(0.12),
            "Lockstep_Id__c": None,
            "MasterRecordId": None,
        }
        dirt.soil_name(rng, fields)
        fields["Name"] = " ".join(part for part in (fields["FirstName"], fields["LastName"]) if part)
        return fields

    def gclid(self, share: float) -> str | None:
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
        return "Cj0KCQ" + "".join(self.rng.choices(alphabet, k=56)) if self.rng.random() < share else None

    def contacts(self, count: int, accounts: list[Record]) -> list[Record]:
        rows = [self.contact(accounts) for _ in range(count)]
        for row in rows[: max(1, count // 70)]:
            twin = self.rng.choice(rows)
            if twin is not row and twin["Email"]:
                row["Email"] = dirt.recase(self.rng, twin["Email"])
        return rows

    def contact(self, accounts: list[Record]) -> Record:
        rng, (created, modified) = self.rng, self.times()
        account = None if rng.random() < 0.02 else rng.choice(accounts)
        pool, domain = self.at_account[account["Id"]] if account else (self.locales[0], "mail.example")
        born = f"{rng.randrange(1950, 2004)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
        row = self.add("Contact", created, modified, {
            "AccountId": account["Id"] if account else None,
            **self.person(pool, domain),
            "Department": rng.choice(DEPARTMENTS),
            **self.address(pool, "Mailing"),
            "Birthdate": born if rng.random() < 0.3 else None,
            "OwnerId": account["OwnerId"] if account and rng.random() < 0.8 else self.owner(),
        })  # fmt: skip
        if account:
            self.staff.setdefault(account["Id"], []).append(row)
        return row

    def leads(self, count: int, contacts: list[Record]) -> list[Record]:
        rows = [self.lead() for _ in range(count)]
        for row in rows[: max(2, count // 25)]:  # several leads, and a contact, with one address
            source = self.rng.choice(contacts if self.rng.random() < 0.6 else rows)
            row["Email"] = source["Email"]
        return rows

    def lead(self) -> Record:
        rng, (created, modified) = self.rng, self.times()
        pool = rng.choices(self.locales, self.weights)[0]
        company, domain = self.company(pool)
        row = self.add("Lead", created, modified, {
            **self.person(pool, domain),
            "Company": company,
            "Status": rng.choice(("Open - Not Contacted", "Open - Not Contacted", "Working - Contacted", "Closed - Not Converted")),
            **self.address(pool, ""),
            "Industry": None if rng.random() < 0.3 else rng.choice(INDUSTRIES),
            "Website": f"https://{domain}" if rng.random() < 0.5 else None,
            "OwnerId": rng.choice(self.queues) if rng.random() < 0.25 else self.owner(),
            "IsConverted": False, "ConvertedDate": None, "ConvertedAccountId": None, "ConvertedContactId": None,
            "ConvertedOpportunityId": None,
        })  # fmt: skip
        if row["Status"] != "Open - Not Contacted":
            self.lead_history(row, "Status", "Open - Not Contacted", row["Status"])
        return row

    def lead_history(self, lead: Record, field: str, old: Any, new: Any) -> None:
        at = lead["LastModifiedDate"]
        fields = {"LeadId": lead["Id"], "Field": field, "OldValue": old, "NewValue": new, "DataType": "DynamicEnum"}
        self.add("LeadHistory", at, at, fields)

    # --- opportunities, conversions, deletions ---------------------------------------------------------------------
    def opportunities(self, count: int, accounts: list[Record], contacts: list[Record]) -> list[Record]:
        return [self.opportunity(self.rng.choice(accounts)) for _ in range(count)]

    def opportunity(self, account: Record) -> Record:
        rng, (created, modified) = self.rng, self.times()
        reached = rng.choices(range(len(STAGES)), (8, 8, 8, 6, 6, 5, 8, 8, 25, 18))[0]
        stage, probability, closed, won, _ = STAGES[reached]
        close = modified if closed else self.now + timedelta(days=rng.randrange(-20, 120))
        row = self.add("Opportunity", created, modified, {
            "Name": f"{account['Name']} - {rng.choice(PRODUCTS)} {rng.randrange(100, 999)}",
            "AccountId": account["Id"],
            "StageName": stage,
            "Amount": None if rng.random() < 0.08 else round(10 ** rng.uniform(3, 6), 2),
            "CloseDate": close.strftime("%Y-%m-%d"),
            "Probability": float(probability),
            "Type": rng.choice(("Existing Customer - Upgrade", "Existing Customer - Replacement", "New Customer", None)),
            "LeadSource": None if rng.random() < 0.2 else rng.choice(LEAD_SOURCES),
            "Description": dirt.description(rng),
            "NextStep": rng.choice((None, None, "Send proposal", "Call on Monday")),
            "IsClosed": closed, "IsWon": won, "OwnerId": account["OwnerId"], "CampaignId": None,
            "IsPrivate": rng.random() < 0.02, "GCLID__c": self.gclid(0.08), "Lockstep_Id__c": None,
        })  # fmt: skip
        self.stage_history(row, reached)
        self.contact_roles(row)
        return row

    def stage_history(self, row: Record, reached: int) -> None:
        """The stages that the opportunity went through, evenly spread between its creation and its last change."""
        path = sorted({0, *self.rng.sample(range(8), 2)} - ({reached} if reached < 8 else set()))
        path = [step for step in path if step < reached] + [reached]
        created, modified = row["CreatedDate"], row["LastModifiedDate"]
        for position, step in enumerate(path):
            share = position / (len(path) - 1) if len(path) > 1 else 0
            at = created + timedelta(seconds=int((modified - created).total_seconds() * share))
            stage, probability, _, _, forecast = STAGES[step]
            self.add("OpportunityHistory", at, at, {
                "OpportunityId": row["Id"], "StageName": stage, "Amount": row["Amount"], "CloseDate": row["CloseDate"],
                "Probability": float(probability), "ForecastCategory": forecast,
            })  # fmt: skip

    def contact_roles(self, row: Record) -> None:
        staff = self.staff.get(row["AccountId"], [])
        for position, contact in enumerate(self.rng.sample(staff, min(len(staff), self.rng.randrange(3)))):
            fields = {"OpportunityId": row["Id"], "ContactId": contact["Id"], "Role": self.rng.choice(ROLES)}
            self.add(
                "OpportunityContactRole", row["CreatedDate"], row["CreatedDate"], {**fields, "IsPrimary": position == 0}
            )

    def convert(self, leads: list[Record], contacts: list[Record], opportunities: list[Record]) -> None:
        """About one lead in eight became one of the contacts, half of them with an opportunity of its account."""
        deals: dict[str, list[Record]] = {}
        for deal in opportunities:
            deals.setdefault(deal["AccountId"], []).append(deal)
        employed = [contact for contact in contacts if contact["AccountId"]]
        converted = self.rng.sample(leads, max(1, len(leads) // 8))
        for lead, contact in zip(converted, self.rng.sample(employed, len(converted)), strict=True):
            self.convert_one(lead, contact, deals.get(contact["AccountId"], []))

    def convert_one(self, lead: Record, contact: Record, deals: list[Record]) -> None:
        for name in ("FirstName", "LastName", "Name", "Email", "GCLID__c"):
            lead[name] = contact[name]
        self.lead_history(lead, "Status", lead["Status"], "Closed - Converted")
        self.lead_history(lead, "leadConverted", None, None)
        lead.update({
            "Status": "Closed - Converted",
            "IsConverted": True,
            "ConvertedDate": lead["LastModifiedDate"].strftime("%Y-%m-%d"),
            "ConvertedAccountId": contact["AccountId"],
            "ConvertedContactId": contact["Id"],
            "ConvertedOpportunityId": deals[0]["Id"] if deals and self.rng.random() < 0.7 else None,
        })  # fmt: skip
        lead["OwnerId"] = contact["OwnerId"]  # a queue cannot own a converted lead

    def bury(self, name: str) -> None:
        """Deleted records, some of them merged away into a live one, some through a chain of two merges."""
        live = [row for row in self.rows[name] if not row.get("IsConverted")]
        for _ in range(max(3, len(live) // 200)):
            master = self.rng.choice(live)
            first = self.ghost(name, master, master["Id"])
            self.ghost(name, master, first["Id"])
            self.ghost(name, master, None)

    def ghost(self, name: str, like: Record, master: str | None) -> Record:
        """A deleted twin of `like`; `master` is the record it was merged into, or None if it was just deleted."""
        row = dict(like, Id=self.next_id(name), IsDeleted=True, MasterRecordId=master)
        row["SystemModstamp"] = row["LastModifiedDate"] = like["LastModifiedDate"]
        self.rows[name].append(row)
        return row
