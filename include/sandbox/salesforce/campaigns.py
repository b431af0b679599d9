"""Campaigns: the statuses of their members, what a status says about a response, and the campaign's counts."""

from sandbox.salesforce import formulas
from sandbox.salesforce.errors import Fault, Rejected, rejected
from sandbox.salesforce.org import Org
from sandbox.salesforce.store import Row

STATUSES = (("Sent", True, False), ("Responded", False, True))
"""Of a new campaign: label, default, responded."""


def make_statuses(org: Org, campaign: str, user: str) -> None:
    """Give a new campaign its two statuses."""
    for order, (label, default, responded) in enumerate(STATUSES, 1):
        values = {"CampaignId": campaign, "Label": label, "SortOrder": order + 2}
        org.store.insert("CampaignMemberStatus", values | {"IsDefault": default, "HasResponded": responded}, user)


def only_default(org: Org, row: Row, user: str) -> None:
    """A campaign has one default status: a new one takes the place of the old."""
    for other in org.store.holding("CampaignMemberStatus", "CampaignId", row["CampaignId"]):
        if other["IsDefault"] and other["Id"] != row["Id"]:
            org.store.update("CampaignMemberStatus", other["Id"], {"IsDefault": False}, user)


def derived_member(org: Org, before: Row, values: Row) -> Row:
    """Return a member's status as the campaign knows it and what it says about a response (Object Reference, CampaignMember).

    Raises Rejected if there is neither a lead nor a contact.
    """
    row = before | values
    if not row.get("LeadId") and not row.get("ContactId"):
        message = "Required fields are missing: [LeadId, ContactId]"
        raise Rejected(Fault("REQUIRED_FIELD_MISSING", message, ("LeadId", "ContactId")))
    status = _status(org, row)
    responded = bool(status and status["HasResponded"])
    first = row.get("FirstRespondedDate") or (org.clock.now().date().isoformat() if responded else None)
    label = status["Label"] if status else row.get("Status")
    return {"Status": label, "HasResponded": responded, "FirstRespondedDate": first if responded else None}


def _status(org: Org, row: Row) -> Row | None:
    known = org.store.holding("CampaignMemberStatus", "CampaignId", row.get("CampaignId") or "")
    wanted = (row.get("Status") or "").casefold()
    found = next((status for status in known if status["Label"].casefold() == wanted), None)
    if found is None and wanted and org.settings["campaign_member_unknown_status"] == "keep":
        return None
    return found or next((status for status in known if status["IsDefault"]), None)


def check_member(org: Org, own_id: str | None, row: Row) -> None:
    """Refuse a second membership of one person in one campaign."""
    for field in ("LeadId", "ContactId"):
        if row.get(field) is None:
            continue
        for other in org.store.holding("CampaignMember", field, row[field]):
            if other["Id"] != own_id and other["CampaignId"] == row["CampaignId"]:
                raise rejected("DUPLICATE_VALUE", "Already a campaign member.")


def member_counts(org: Org, members: list[Row]) -> Row:
    """Return the counts of a campaign with these members; converted leads count as contacts too."""
    leads = org.store.tables["Lead"]
    return head_counts(members) | {
        "NumberOfConvertedLeads": sum(1 for one in members if leads.get(one["LeadId"] or "", {}).get("IsConverted"))
    }


def head_counts(members: list[Row]) -> Row:
    """Return the counts that members themselves tell."""
    return {
        "NumberOfLeads": sum(1 for member in members if member["LeadId"]),
        "NumberOfContacts": sum(1 for member in members if member["ContactId"]),
        "NumberOfResponses": sum(1 for member in members if member["HasResponded"]),
    }


def deal_counts(deals: list[Row]) -> Row:
    """Return the counts and amounts of a campaign with these opportunities."""
    won = [deal for deal in deals if deal["IsWon"]]
    return {
        "NumberOfOpportunities": len(deals),
        "NumberOfWonOpportunities": len(won),
        "AmountAllOpportunities": round(sum(deal["Amount"] or 0 for deal in deals), 2),
        "AmountWonOpportunities": round(sum(deal["Amount"] or 0 for deal in won), 2),
    }


NOTHING: Row = {"NumberOfConvertedLeads": 0, **head_counts([]), **deal_counts([])}
"""The counts of a new campaign."""


def drop_twins(org: Org, field: str, person: str) -> None:
    """After a merge or conversion, keep one membership of a person per campaign: the one that responded, else the older."""
    kept: dict[str, Row] = {}
    members = org.store.holding("CampaignMember", field, person)
    for row in sorted(members, key=lambda one: (not one["HasResponded"], one["Id"])):
        if row["CampaignId"] in kept:
            org.store.purge("CampaignMember", row["Id"])
        kept.setdefault(row["CampaignId"], row)
    for campaign in kept:
        everyone = org.store.holding("CampaignMember", "CampaignId", campaign)
        formulas.roll_up(org, "Campaign", campaign, member_counts(org, everyone))
