"""Seeds what people do in HubSpot: tickets, activities, two levels of custom objects, campaigns and lists.

From a stream of random numbers of its own, so that contacts, companies and deals are the same with or without it.
HubSpot and Salesforce have never shared an id: these are HubSpot's own records, only about the same people.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox import dirt, names
from sandbox.world_hubspot import HubSpotSeeder
from sandbox.world_hubspot_schemas import DEFINITIONS, ITEMS, SUBSCRIPTIONS

if TYPE_CHECKING:
    from sandbox.world import World

FIRST_IDS = {
    "tickets": 4_000_401, "tasks": 61_000_501, "notes": 62_000_601, "calls": 63_000_701, "emails": 64_000_801,
    "meetings": 65_000_901, "communications": 66_001_001, SUBSCRIPTIONS: 31_000_101, ITEMS: 32_000_201,
}  # fmt: skip
SHARES = {
    "tickets": 0.05,
    "tasks": 0.06,
    "notes": 0.03,
    "calls": 0.03,
    "emails": 0.04,
    "meetings": 0.03,
    "communications": 0.01,
}
SUBJECTS = (
    "Cannot log in", "Faktura stemmer ikke", "Rechnung doppelt erhalten", "請求書について", 'Export says "no rows"',
    "Ønsker flere brukere", "API key rotated\n(see below)", "Feature wish: dark mode 🌙",
)  # fmt: skip
CALLS = ("Follow up on offer", "Ringe om fornyelse", "Rückruf vereinbart", "Budget check")
MEETINGS = ("Demo", "Kick-off", "Kvartalsmøte", "Vertragsgespräch", "QBR")
CAMPAIGNS = (
    "Spring launch", "Trade fair Oslo", "Webinar: Attribution", "Messe Hannover", "Nordic newsletter", "Høstkampanje",
    "Product tour", "Black Friday", "Partner day", "東京展示会", "E-book: Clean CRM", "Reactivation", "Customer day",
    "Free trial", 'The "Big" Summit',
)  # fmt: skip
CREDITED = {"contactFirstTouch": 0.01, "contactLastTouch": 0.01, "influencedContacts": 0.03}
STATUSES = ("planned", "in_progress", "active", "paused", "completed")


def seed_hubspot_work(world: World, pools: names.Pools, rng: Random, now: datetime) -> None:
    """Add to `world.hubspot` and `world.hubspot_associations`; contacts, companies and deals must be there."""
    WorkSeeder(world, pools, rng, now).seed()


class WorkSeeder(HubSpotSeeder):
    """Borrows stamps, owners and links of the seeder of people."""

    def __init__(self, world: World, pools: names.Pools, rng: Random, now: datetime) -> None:
        super().__init__(world, pools, rng, now)
        self.next = dict(FIRST_IDS)
        self.people = [row["id"] for row in self.hubspot["contacts"]]
        self.firms = [row["id"] for row in self.hubspot["companies"]]
        self.deals = [row["id"] for row in self.hubspot["deals"]]
        self.staff = [owner["id"] for owner in self.hubspot["owners"] if not owner["archived"]]
        self.left = [owner["id"] for owner in self.hubspot["owners"] if owner["archived"]] or self.staff

    def seed(self) -> None:
        for name in FIRST_IDS:
            self.hubspot[name] = []
        made = {name: max(3, round(len(self.people) * share)) for name, share in SHARES.items()}
        for name, count in made.items():
            for _ in range(count):
                self.work(name)
        self.hubspot["schemas"] = [self.definition(row) for row in DEFINITIONS]
        for number in range(max(3, len(self.firms) // 8)):
            self.subscription(number)
        self.lists()
        self.campaigns()

    def worker(self) -> str | None:
        """Mostly an active owner, sometimes one who has left, sometimes nobody."""
        roll = self.rng.random()
        return None if roll < 0.08 else self.rng.choice(self.left if roll < 0.13 else self.staff)

    def work(self, name: str) -> None:
        created, modified = self.recent()
        properties = getattr(self, f"{name}_fields")(created) | {"hubspot_owner_id": self.worker()}
        record_id = self.add(name, properties, created, modified)
        if self.rng.random() < 0.9:
            self.link(name, record_id, "contacts", self.rng.choice(self.people), 0)
        if self.rng.random() < 0.5:
            self.link(name, record_id, "companies", self.rng.choice(self.firms), 26 if name == "tickets" else 0)
        if self.rng.random() < 0.2:
            self.link(name, record_id, "deals", self.rng.choice(self.deals), 0)

    # --- fields of each kind ---------------------------------------------------------------------------------------
    def when(self, at: datetime) -> str:
        return at.strftime("%Y-%m-%dT%H:%M:00.000Z")

    def tickets_fields(self, at: datetime) -> dict[str, Any]:
        return {
            "subject": self.rng.choice(SUBJECTS), "content": dirt.description(self.rng), "hs_pipeline": "0",
            "hs_pipeline_stage": self.rng.choice(("1", "2", "3", "4", "4")),
            "hs_ticket_priority": self.rng.choice((None, "LOW", "MEDIUM", "HIGH")),
            "hs_ticket_category": self.rng.choice((None, "PRODUCT_ISSUE", "BILLING_ISSUE;GENERAL_INQUIRY")),
            "source_type": self.rng.choice((None, "EMAIL", "FORM", "PHONE", "CHAT")),
        }  # fmt: skip

    def tasks_fields(self, at: datetime) -> dict[str, Any]:
        return {
            "hs_timestamp": self.when(at + timedelta(days=self.rng.randrange(0, 30))),
            "hs_task_subject": self.rng.choice(CALLS), "hs_task_body": dirt.description(self.rng),
            "hs_task_status": self.rng.choice(("NOT_STARTED", "IN_PROGRESS", "WAITING", "DEFERRED", "COMPLETED")),
            "hs_task_priority": self.rng.choice((None, "LOW", "MEDIUM", "HIGH")), "hs_task_type": self.rng.choice(("TODO", "CALL", "EMAIL")),
        }  # fmt: skip

    def notes_fields(self, at: datetime) -> dict[str, Any]:
        return {"hs_timestamp": self.when(at), "hs_note_body": self.rng.choice(dirt.NOTES)}

    def calls_fields(self, at: datetime) -> dict[str, Any]:
        return {
            "hs_timestamp": self.when(at), "hs_call_title": self.rng.choice(CALLS), "hs_call_body": dirt.description(self.rng),
            "hs_call_direction": self.rng.choice(("INBOUND", "OUTBOUND")), "hs_call_status": "COMPLETED",
            "hs_call_duration": self.rng.randrange(5_000, 1_800_000), "hs_call_to_number": dirt.phone(self.rng, "+47"),
        }  # fmt: skip

    def emails_fields(self, at: datetime) -> dict[str, Any]:
        return {
            "hs_timestamp": self.when(at), "hs_email_subject": f"Re: {self.rng.choice(SUBJECTS)}",
            "hs_email_text": self.rng.choice(dirt.NOTES), "hs_email_direction": self.rng.choice(("EMAIL", "INCOMING_EMAIL")),
            "hs_email_status": "SENT",
            "hs_email_headers": '{"from":{"email":"sales@our-company.example"},"to":[{"email":"someone@mail.example"}]}',
        }  # fmt: skip

    def meetings_fields(self, at: datetime) -> dict[str, Any]:
        start = at + timedelta(days=self.rng.randrange(0, 14))
        return {
            "hs_timestamp": self.when(start), "hs_meeting_start_time": self.when(start),
            "hs_meeting_end_time": self.when(start + timedelta(minutes=self.rng.choice((30, 45, 60)))),
            "hs_meeting_title": self.rng.choice(MEETINGS), "hs_meeting_body": dirt.description(self.rng),
            "hs_meeting_location": self.rng.choice((None, "Oslo", "https://meet.example/abc")),
            "hs_meeting_outcome": self.rng.choice((None, "SCHEDULED", "COMPLETED", "NO_SHOW", "CANCELED")),
        }  # fmt: skip

    def communications_fields(self, at: datetime) -> dict[str, Any]:
        return {
            "hs_timestamp": self.when(at), "hs_communication_channel_type": self.rng.choice(("SMS", "WHATS_APP", "LINKEDIN_MESSAGE")),
            "hs_communication_logged_from": "CRM", "hs_communication_body": self.rng.choice(dirt.NOTES),
        }  # fmt: skip

    # --- custom objects --------------------------------------------------------------------------------------------
    def definition(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"id": body["name"], "definition": body, "createdAt": self.now - timedelta(days=390)}

    def subscription(self, number: int) -> None:
        created, modified = self.recent()
        record_id = self.add(SUBSCRIPTIONS, {
            "subscription_name": f"SUB-{number + 1:05}", "subscription_status": self.rng.choice(("active", "active", "paused", "cancelled")),
            "start_date": created.strftime("%Y-%m-%d"), "end_date": (created + timedelta(days=365)).strftime("%Y-%m-%d"),
            "monthly_amount": self.rng.randrange(100, 9_000), "hubspot_owner_id": self.worker(),
        }, created, modified)  # fmt: skip
        self.link(SUBSCRIPTIONS, record_id, "companies", self.rng.choice(self.firms), 0)
        self.link(SUBSCRIPTIONS, record_id, "contacts", self.rng.choice(self.people), 0)
        for position in range(self.rng.randrange(1, 4)):
            item = self.add(ITEMS, {
                "item_name": f"{self.rng.choice(('Seat', 'Storage', 'Støtte'))} {position + 1}",
                "product_code": f"P-{self.rng.randrange(100, 999)}", "quantity": self.rng.randrange(1, 50),
                "unit_price": f"{self.rng.randrange(1_000, 90_000) / 100:.2f}",
            }, created, modified)  # fmt: skip
            self.link(ITEMS, item, SUBSCRIPTIONS, record_id, 0)

    # --- lists and campaigns ---------------------------------------------------------------------------------------
    def lists(self) -> None:
        old = self.now - timedelta(days=200)
        stages = ("lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer")
        self.hubspot["lists"] = [
            dynamic("1", "Sync to Salesforce", "0-1", [
                filter_of("lifecyclestage", "ENUMERATION", "IS_ANY_OF", values=list(stages)),
                filter_of("email", "ALL_PROPERTY", "IS_KNOWN"),
            ], old),
            dynamic("2", "Customers", "0-1", [filter_of("lifecyclestage", "ENUMERATION", "IS_ANY_OF", values=["customer"])], old),
            dynamic("3", "Larger companies", "0-2", [
                filter_of("numberofemployees", "NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", value=250),
            ], old),
            {**listed("4", "Newsletter", "0-1", "MANUAL", old), "members": self.some(0.1)},
            {**listed("5", "Imported last year", "0-1", "SNAPSHOT", old), "members": self.some(0.05)},
        ]  # fmt: skip

    def some(self, share: float) -> list[str]:
        return sorted(self.rng.sample(self.people, round(len(self.people) * share)), key=int)

    def campaigns(self) -> None:
        """Each with a static list of its members, a form, and an e-mail or two."""
        self.hubspot["campaigns"] = []
        for number, name in enumerate(CAMPAIGNS):
            created, modified = self.recent()
            members = str(100 + number)
            row = {**listed(members, f"{name}: members", "0-1", "MANUAL", created), "members": self.some(0.02)}
            self.hubspot["lists"].append(row)
            self.hubspot["campaigns"].append(self.campaign(number, name, members, created, modified))

    def campaign(self, number: int, name: str, members: str, created: datetime, modified: datetime) -> dict[str, Any]:
        emails = [
            {"id": str(8_800_000 + number * 10 + n), "name": f"{name} {n + 1}"} for n in range(self.rng.randrange(1, 3))
        ]
        return {
            "id": str(uuid.UUID(int=self.rng.getrandbits(128), version=4)), "createdAt": created, "updatedAt": modified,
            "properties": {
                "hs_name": name, "hs_campaign_status": self.rng.choice(STATUSES), "hs_utm": names.ascii_slug(name) or f"c-{number}",
                "hs_start_date": created.strftime("%Y-%m-%d"), "hs_end_date": (created + timedelta(days=60)).strftime("%Y-%m-%d"),
                "hs_owner": self.rng.choice(self.staff), "hs_currency_code": "USD", "hs_notes": dirt.description(self.rng),
            },
            "credited": {kind: self.some(share) for kind, share in CREDITED.items()},
            "assets": {
                "OBJECT_LIST": [{"id": members, "name": f"{name}: members"}], "MARKETING_EMAIL": emails,
                "FORM": [{"id": str(uuid.UUID(int=self.rng.getrandbits(128), version=4)), "name": f"{name}: form"}],
            },
        }  # fmt: skip


def listed(key: str, name: str, type_id: str, processing: str, at: datetime) -> dict[str, Any]:
    return {
        "id": key,
        "name": name,
        "objectTypeId": type_id,
        "processingType": processing,
        "createdAt": at,
        "updatedAt": at,
    }


def dynamic(key: str, name: str, type_id: str, filters: list[dict[str, Any]], at: datetime) -> dict[str, Any]:
    branch = {"filterBranchType": "AND", "filterBranches": [], "filters": filters}
    root = {"filterBranchType": "OR", "filterBranches": [branch], "filters": []}
    return {**listed(key, name, type_id, "DYNAMIC", at), "filterBranch": root, "members": []}


def filter_of(name: str, kind: str, operator: str, **values: Any) -> dict[str, Any]:
    operation = {"operationType": kind, "operator": operator, **values}
    return {"filterType": "PROPERTY", "property": name, "operation": operation}
