"""The world of size `empty`: a few people who work in both systems, and not one record. For stories that bring their own.

Who is whose counterpart differs from person to person: it is what the rules of owners turn on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from sandbox.names import ascii_slug
from sandbox.world_hubspot_schemas import DEFINITIONS
from sandbox.world_org import OrgSeeder

if TYPE_CHECKING:
    from sandbox import names
    from sandbox.world import World

DOMAIN = "our-company.example"
QUEUES = ("Inbound", "Partners")
OBJECTS = ("Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole")


@dataclass(frozen=True)
class Person:
    """`salesforce` and `hubspot`: active there, inactive there, or None: not there. `hubspot_name` and `hubspot_email`: what
    HubSpot lists, where it differs."""

    name: str
    salesforce: bool | None
    hubspot: bool | None
    hubspot_name: str | None = None
    hubspot_email: str | None = None

    @property
    def email(self) -> str:
        return f"{ascii_slug(self.name).replace('-', '.')}@{DOMAIN}"


CAST = (
    Person("Integration User", salesforce=True, hubspot=None),
    Person("Anna Berg", salesforce=True, hubspot=True),
    Person("Bo Dahl", salesforce=True, hubspot=True),
    Person("Carl Eik", salesforce=False, hubspot=True),
    Person("Dina Foss", salesforce=True, hubspot=False),
    Person("Erik Holm", salesforce=True, hubspot=True, hubspot_email=f"another.erik@{DOMAIN}"),
    Person("Frida Lie", salesforce=True, hubspot=True, hubspot_name="Frida Lie Moe"),
    Person("Gro Ness", salesforce=True, hubspot=None),
    Person("Hans Vik", salesforce=None, hubspot=True),
)
"""Integration User runs the API. Erik shares only his name with his counterpart, Frida only her address."""


def seed_empty(world: World, pools: names.Pools, rng: Random, now: datetime) -> None:
    """Fill `world` with the cast, two queues, and what an administrator sets up."""
    EmptySeeder(world, pools, rng, now).people(world)


class EmptySeeder(OrgSeeder):
    def people(self, world: World) -> None:
        old = self.now - timedelta(days=399)
        for person in CAST:
            if person.salesforce is not None:
                self.employ(person, old)
        for name in QUEUES:
            self.add("Group", old, old, {"Name": name, "DeveloperName": name, "Type": "Queue", "Email": None})
        self.values(old)
        self.rows |= {name: [] for name in OBJECTS}
        listed = [person for person in CAST if person.hubspot is not None]
        world.hubspot |= {"contacts": [], "companies": [], "deals": []}
        world.hubspot["owners"] = [owner(number, person, old) for number, person in enumerate(listed)]
        world.hubspot["schemas"] = [{"definition": row, "createdAt": old} for row in DEFINITIONS]

    def employ(self, person: Person, old: datetime) -> None:
        first, _, last = person.name.partition(" ")
        self.add("User", old, old, {
            "Username": f"{person.email}.sandbox", "FirstName": first, "LastName": last, "Name": person.name,
            "Email": person.email, "Alias": first[:8].lower(), "IsActive": person.salesforce, "UserType": "Standard",
            "Title": "Sales", "Department": "Sales", "ManagerId": None,
        })  # fmt: skip


def owner(number: int, person: Person, old: datetime) -> dict[str, object]:
    first, _, last = (person.hubspot_name or person.name).partition(" ")
    return {
        "id": str(77_000_100 + number), "email": person.hubspot_email or person.email, "firstName": first,
        "lastName": last, "userId": 12_300_000 + number, "archived": not person.hubspot, "createdAt": old,
        "updatedAt": old,
    }  # fmt: skip
