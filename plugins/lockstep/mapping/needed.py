"""Salesforce fields that Lockstep needs whatever is mapped: to see changes, deletes, merges and conversions, and to name records
(MK-20). A field that the integration user may not see is absent from what Salesforce describes; reading would fail for all records."""

from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping

from lockstep.model import SALESFORCE, ObjectSchema
from lockstep.yaml_files import Problem

_EVERY = ("Id", "IsDeleted", "SystemModstamp", "CreatedDate")
NEEDED: dict[str, tuple[str, ...]] = {
    "Lead": (
        "IsConverted", "ConvertedDate", "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId", "Status",
        "OwnerId", "MasterRecordId", "Name", "Email", "Company",
    ),
    "Contact": ("AccountId", "OwnerId", "MasterRecordId", "Name", "Email"),
    "Account": ("OwnerId", "MasterRecordId", "ParentId", "Name"),
    "Opportunity": (
        "AccountId", "CampaignId", "IsClosed", "IsPrivate", "IsWon", "Name", "OwnerId", "Probability", "StageName",
        "LastModifiedDate",
    ),
    "OpportunityContactRole": ("ContactId", "IsPrimary", "OpportunityId"),
    "Campaign": ("IsActive", "Name", "OwnerId", "ParentId", "Status", "Type"),
    "CampaignMember": ("CampaignId", "LeadOrContactId", "Status"),
    "Case": ("MasterRecordId", "Status", "IsClosed", "OwnerId"),
    "Task": ("WhoId", "WhatId", "Status", "IsClosed"),
    "Event": ("WhoId", "WhatId", "StartDateTime", "EndDateTime"),
}  # fmt: skip


def hidden_fields(schemas: AbstractMapping[tuple[str, str], ObjectSchema]) -> Iterator[Problem]:
    """One mistake per Salesforce object, with all the fields that are missing or hidden."""
    for (system, object), schema in schemas.items():
        # Salesforce hides no ids: what has none is a system in memory
        if system != SALESFORCE or "Id" not in schema.fields:
            continue
        missing = [name for name in (*_EVERY, *NEEDED.get(object, ())) if name not in schema.fields]
        if missing:
            message = f"{object} does not show the required fields {', '.join(missing)} to the integration user."
            remedy = "Give the integration user read access to them (field-level security, or a permission set)."
            yield Problem("Salesforce", 0, object, message, remedy)
