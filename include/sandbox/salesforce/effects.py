"""What a write brings with it: compound names, a stage's probability, and rows of history."""

from typing import Any

from sandbox.salesforce.org import Org
from sandbox.salesforce.picklists import STAGE_BY_NAME
from sandbox.salesforce.store import Row

PEOPLE = frozenset({"Contact", "Lead", "User"})
STAGE_FIELDS = ("StageName", "Amount", "CloseDate", "Probability")


def derived(org: Org, name: str, before: Row, values: Row) -> Row:
    """Return the fields that follow from those being written."""
    if name in PEOPLE and {"FirstName", "LastName"} & set(values):
        parts = (values.get(part, before.get(part)) for part in ("FirstName", "LastName"))
        return {"Name": " ".join(part for part in parts if part)}
    if name == "Opportunity":
        return _opportunity(before, values)
    return {}


def _opportunity(before: Row, values: Row) -> Row:
    out: Row = {}
    moved = "StageName" in values and values["StageName"] != before.get("StageName")
    stage = STAGE_BY_NAME.get(values.get("StageName") or "")
    if moved and stage:
        out |= {"IsClosed": stage.closed, "IsWon": stage.won, "ForecastCategory": stage.category}
        out["ForecastCategoryName"] = stage.category
        if values.get("Probability") is None:
            out["Probability"] = float(stage.probability)
    amount = values.get("Amount", before.get("Amount"))
    probability = (values | out).get("Probability", before.get("Probability"))
    expected = None if amount is None or probability is None else round(amount * probability / 100, 2)
    return out | {"ExpectedRevenue": expected}


def after(org: Org, name: str, before: Row | None, row: Row, user: str) -> None:
    """Write the history rows and dependent rows of a committed change."""
    if name == "Opportunity":
        _after_opportunity(org, before, row, user)
    elif name == "Lead":
        _after_lead(org, before, row, user)
    elif name == "OpportunityContactRole" and row["IsPrimary"]:
        _only_primary(org, row, user)


def _only_primary(org: Org, row: Row, user: str) -> None:
    """An opportunity has one primary contact role: a new one takes the place of the old."""
    for other in org.store.holding("OpportunityContactRole", "OpportunityId", row["OpportunityId"]):
        if other["IsPrimary"] and other["Id"] != row["Id"]:
            org.store.update("OpportunityContactRole", other["Id"], {"IsPrimary": False}, user)


def _after_opportunity(org: Org, before: Row | None, row: Row, user: str) -> None:
    if before is None and row.get("ContactId"):
        role = {"OpportunityId": row["Id"], "ContactId": row["ContactId"], "IsPrimary": True}
        org.store.insert("OpportunityContactRole", role, user)
    if before is None or any(row[field] != before[field] for field in STAGE_FIELDS):
        kept = ("StageName", "Amount", "ExpectedRevenue", "CloseDate", "Probability", "ForecastCategory")
        org.store.insert(
            "OpportunityHistory", {"OpportunityId": row["Id"]} | {field: row[field] for field in kept}, user
        )


def _after_lead(org: Org, before: Row | None, row: Row, user: str) -> None:
    if before is None:
        lead_history(org, row["Id"], "created", None, None, user)
        return
    for field in org.settings["history_fields"].get("Lead", ()):
        if row[field] != before[field]:
            lead_history(org, row["Id"], "Owner" if field == "OwnerId" else field, before[field], row[field], user)


def lead_history(org: Org, lead: str, field: str, old: Any, new: Any, user: str) -> None:
    """Write one row of a lead's history."""
    kind = {"Status": "DynamicEnum", "Owner": "EntityId"}.get(field, "Text")
    values = {"LeadId": lead, "Field": field, "DataType": kind, "OldValue": old, "NewValue": new}
    org.store.insert("LeadHistory", values, user)
