"""A day's work of the people on both sides."""

from dataclasses import dataclass
from typing import Any

from tests.integration.engine.world import World


@dataclass(frozen=True)
class Edit:
    """A person changed `field` of a record; `there` is where the same value is expected afterwards."""

    system: str
    object: str
    id: str
    field: str
    value: Any
    there: tuple[str, str, str]
    shown: Any = None

    def make(self, world: World) -> None:
        act = world.edit_sf if self.system == "salesforce" else world.edit_hs
        act(self.object, self.id, **{self.field: self.value})

    def arrived(self, world: World) -> bool:
        name, record_id, field = self.there
        record = world.hs_record(name, record_id) if self.system == "salesforce" else world.sf_record(name, record_id)
        return bool(record.get(field) == (self.value if self.shown is None else self.shown))


def work(world: World, each: int) -> list[Edit]:
    """So many edits of each kind, each on a pair of its own."""
    people = world.linked("people")
    contacts = [pair for pair in people if pair.sf_object == "Contact"]
    leads = [pair for pair in people if pair.sf_object == "Lead"]
    accounts, deals = world.linked("accounts-companies"), world.linked("opportunities-deals")
    kinds = (
        lambda n, p: Edit("salesforce", "Contact", p.sf_id, "MailingCity", f"Oslo {n}", ("contacts", p.hs_id, "city")),
        lambda n, p: Edit("hubspot", "contacts", p.hs_id, "jobtitle", f"Head of {n}", ("Contact", p.sf_id, "Title")),
        lambda n, p: Edit("salesforce", "Lead", p.sf_id, "Company", f"Company {n}", ("contacts", p.hs_id, "company")),
        lambda n, p: Edit("hubspot", "contacts", p.hs_id, "city", f"Bergen {n}", ("Lead", p.sf_id, "City")),
        lambda n, p: Edit("salesforce", "Account", p.sf_id, "Name", f"Renamed {n} AS", ("companies", p.hs_id, "name")),
        lambda n, p: Edit("hubspot", "companies", p.hs_id, "description", f"Words {n}", ("Account", p.sf_id, "Description")),
        lambda n, p: Edit("salesforce", "Opportunity", p.sf_id, "Amount", 1000 + n, ("deals", p.hs_id, "amount"), f"{1000 + n}"),
        lambda n, p: Edit("hubspot", "deals", p.hs_id, "hs_next_step", f"Call {n}", ("Opportunity", p.sf_id, "NextStep")),
    )  # fmt: skip
    some = (contacts, contacts, leads, leads, accounts, accounts, deals, deals)
    edits: list[Edit] = []
    for number, (kind, pairs) in enumerate(zip(kinds, some, strict=True)):
        begin = each * (number % 2)
        edits += [kind(number * 1000 + n, pair) for n, pair in enumerate(pairs[begin : begin + each])]
    return edits


def a_busy_quarter(world: World) -> None:
    """Edits, new records, deletes and a moved contact, the same each time."""
    for edit in work(world, 3):
        edit.make(world)
    accounts = world.linked("accounts-companies")
    world.create_sf("Contact", LastName="Nilsen", Email="kari@busy.example", AccountId=accounts[0].sf_id)
    world.create_sf("Account", Name="Busy AS", Website="https://busy.example")
    world.create_sf(
        "Opportunity", Name="Busy deal", StageName="Prospecting", CloseDate="2025-09-01", AccountId=accounts[1].sf_id
    )
    world.create_hs("contacts", email="ola@busy.example", lastname="Olsen", firstname="Ola")
    world.create_hs(
        "deals",
        dealname="Busy the other way",
        dealstage="appointmentscheduled",
        pipeline="default",
        closedate="2025-09-01",
    )
    gone = world.linked("opportunities-deals")[-1]
    world.sandbox.act("salesforce", "delete", object="Opportunity", id=gone.sf_id)
    moved = world.linked("people", "Contact")[-1]
    world.edit_sf("Contact", moved.sf_id, AccountId=accounts[2].sf_id)
