"""Values that follow from other records: formulas, which move no stamp of their record, and roll-ups, which move SystemModstamp.

Salesforce's documentation of replication warns of both: neither touches LastModifiedDate.
"""

from typing import Any

from sandbox.salesforce.org import Org
from sandbox.salesforce.store import Row

CONTACT_OF_CASE = {"ContactPhone": "Phone", "ContactMobile": "MobilePhone", "ContactEmail": "Email"}
PERSON_OF_MEMBER = ("Name", "Salutation", "FirstName", "LastName", "Title", "Email", "Phone", "MobilePhone",
                    "HasOptedOutOfEmail")  # fmt: skip
READERS = {
    "Contact": (("Case", "ContactId"), ("CampaignMember", "ContactId")),
    "Lead": (("CampaignMember", "LeadId"),),
    "Account": (("Subscription__c", "Account__c"),),
}
"""Whose formulas read an object's fields, through which reference."""


def computed(org: Org, name: str, row: Row) -> Row:
    """Return the values of a record's formulas, from its own values and its parents'."""
    if name == "Case":
        contact = _parent(org, "Contact", row.get("ContactId"))
        return {field: contact.get(source) for field, source in CONTACT_OF_CASE.items()}
    if name == "Subscription__c":
        return {"Account_Industry__c": _parent(org, "Account", row.get("Account__c")).get("Industry")}
    if name == "Subscription_Item__c":
        return {"Total__c": total(row.get("Quantity__c"), row.get("Unit_Price__c"))}
    if name == "CampaignMember":
        return _member(org, row)
    return {}


def total(quantity: float | None, price: float | None) -> float | None:
    """Return an item's total; none where one factor is blank."""
    return None if quantity is None or price is None else round(quantity * price, 2)


def _member(org: Org, row: Row) -> Row:
    if row.get("ContactId"):
        contact = _parent(org, "Contact", row["ContactId"])
        return member("Contact", contact, _parent(org, "Account", contact.get("AccountId")).get("Name"))
    lead = _parent(org, "Lead", row.get("LeadId"))
    return member("Lead", lead, lead.get("Company"))


def member(kind: str, person: Row, company: str | None) -> Row:
    """Return what a campaign member shows of its lead or contact."""
    prefix = "Mailing" if kind == "Contact" else ""
    return {name: person.get(name) for name in PERSON_OF_MEMBER} | {
        "HasOptedOutOfEmail": bool(person.get("HasOptedOutOfEmail")),
        "City": person.get(f"{prefix}City"),
        "Country": person.get(f"{prefix}Country"),
        "CompanyOrAccount": company,
        "Type": kind,
        "LeadOrContactId": person.get("Id"),
        "LeadOrContactOwnerId": person.get("OwnerId"),
    }


def _parent(org: Org, name: str, record_id: Any) -> Row:
    return org.store.tables[name].get(record_id, {}) if record_id else {}


def spread(org: Org, name: str, row: Row) -> None:
    """Compute the formulas that read this record anew; their records keep their stamps."""
    for child, field in READERS.get(name, ()):
        for held in org.store.holding(child, field, row["Id"]):
            renew(org, child, held)


def renew(org: Org, name: str, row: Row) -> None:
    """Compute a record's formulas anew, without a stamp."""
    values = {key: value for key, value in computed(org, name, row).items() if row[key] != value}
    if values:
        org.store.update(name, row["Id"], values | {"SystemModstamp": row["SystemModstamp"]}, None)


def roll_up(org: Org, name: str, record_id: str | None, values: Row) -> None:
    """Give a record its roll-ups; where they moved, SystemModstamp moves."""
    row = org.store.tables[name].get(record_id) if record_id else None
    changed = {key: value for key, value in values.items() if row and row[key] != value}
    if row and changed:
        org.store.update(name, row["Id"], changed, None)
