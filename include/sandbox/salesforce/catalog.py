"""The organisation's objects and fields, in a compact table (names, types and lengths: Object Reference for Salesforce).

A line is ``Name type[(length)] [flags] [> Object,Object as Relationship] [= default] [| value;value]``. Flags: ``ro``
never written, ``co`` only on create, ``req`` required, ``ext`` external id, ``uniq`` unique, ``n:`` a compound's name, ``nm`` the
name field, ``auto`` numbered by Salesforce, ``calc`` a formula or roll-up, ``cascade`` deleted with that parent.
"""

import re

from sandbox.salesforce import custom_table, engagement_table, object_table, picklists, setup_table
from sandbox.salesforce.fields import Field, SObject
from sandbox.salesforce.ids import PREFIXES
from sandbox.salesforce.object_table import SYSTEM

TABLE = object_table.TABLE | engagement_table.TABLE | custom_table.TABLE | setup_table.TABLE
HISTORIES = frozenset(name for name, _ in custom_table.HISTORIES.values())
PLURALS = {
    "Opportunity": "Opportunities",
    "OpportunityHistory": "Opportunity Histories",
    "LeadHistory": "Lead History",
    "CampaignMemberStatus": "Campaign Member Statuses",
    "CaseStatus": "Case Status Values",
    "TaskStatus": "Task Status Values",
    "TaskPriority": "Task Priority Values",
}
VALUES = frozenset({"LeadStatus", "OpportunityStage", "CaseStatus", "TaskStatus", "TaskPriority"})
READ_ONLY = HISTORIES | VALUES | {"OpportunityHistory", "Profile", "Organization"}
UNSTAMPED = frozenset(
    {"Organization", "Profile", "QueueSobject", "GroupMember", "PermissionSetAssignment", "FieldPermissions"}
)
UNDELETABLE = {"User", "RecordType"}
NOT_REPLICATED = READ_ONLY | UNSTAMPED | set(setup_table.TABLE)
CHILD_NAMES = {
    ("Contact", "AccountId"): "Contacts",
    ("Opportunity", "AccountId"): "Opportunities",
    ("Account", "ParentId"): "ChildAccounts",
    ("OpportunityContactRole", "OpportunityId"): "OpportunityContactRoles",
    ("OpportunityContactRole", "ContactId"): "OpportunityContactRoles",
    ("OpportunityHistory", "OpportunityId"): "OpportunityHistories",
    ("Opportunity", "CampaignId"): "Opportunities",
    ("Case", "AccountId"): "Cases",
    ("Case", "ContactId"): "Cases",
    ("Case", "ParentId"): "Cases",
    ("Task", "WhoId"): "Tasks",
    ("Task", "WhatId"): "Tasks",
    ("Event", "WhoId"): "Events",
    ("Event", "WhatId"): "Events",
    ("Campaign", "ParentId"): "ChildCampaigns",
    ("CampaignMember", "CampaignId"): "CampaignMembers",
    ("CampaignMember", "LeadId"): "CampaignMembers",
    ("CampaignMember", "ContactId"): "CampaignMembers",
    ("CampaignMemberStatus", "CampaignId"): "CampaignMemberStatuses",
    ("Subscription__c", "Account__c"): "Subscriptions__r",
    ("Subscription__c", "Contact__c"): "Subscriptions__r",
    ("Subscription_Item__c", "Subscription__c"): "Subscription_Items__r",
    ("QueueSobject", "QueueId"): "QueueSobjects",
    ("GroupMember", "GroupId"): "GroupMembers",
} | dict.fromkeys(custom_table.HISTORIES.values(), "Histories")

LINE = re.compile(
    r"(?P<name>\w+) (?P<type>\w+)(?:\((?P<length>\d+)\))?(?P<flags>(?: (?:ro|co|req|reqd|ext|uniq|auto|nm|calc|cascade|restricted|n:\w+))*)"
    r"(?: > (?P<refs>[\w,]+) as (?P<rel>\w+))?(?: = (?P<default>[^|]+?))?(?: \| (?P<values>.+))?$"
)


def parse_field(line: str) -> Field:
    """Read one line of the table; ValueError if it does not follow the pattern."""
    match = LINE.match(line)
    if match is None:
        raise ValueError(f"not a field line: {line!r}")
    flags = match["flags"].split()
    values = match["values"] or ""
    compound = next((flag[2:] for flag in flags if flag.startswith("n:")), None)
    return Field(
        name=match["name"],
        type=match["type"],
        length=int(match["length"] or 0),
        label=label_of(match["name"]),
        creatable="ro" not in flags,
        updatable="ro" not in flags and "co" not in flags,
        required="req" in flags or "reqd" in flags,
        values=getattr(picklists, values[1:]) if values.startswith("@") else tuple(filter(None, values.split(";"))),
        default=False if match["type"] == "boolean" else match["default"],
        references=tuple((match["refs"] or "").split(",")) if match["refs"] else (),
        relationship=match["rel"],
        external_id="ext" in flags,
        unique="uniq" in flags,
        scale=2 if match["type"] in {"currency", "percent"} else 0,
        compound=compound,
        restricted="restricted" in flags,
        calculated="calc" in flags,
        auto_number="auto" in flags,
        cascade="cascade" in flags,
        name_field="nm" in flags,
    )


def label_of(name: str) -> str:
    """Return a field's label from its API name: ``FirstName`` is "First Name", ``AccountId`` is "Account ID"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("__c").replace("_", " "))
    return re.sub(r"\bId$", "ID", words)


def build() -> dict[str, SObject]:
    """Return all objects by name."""
    fields = {name: _fields(name, text) for name, text in TABLE.items()}
    return {name: _object(name, fields) for name in TABLE}


def _fields(name: str, text: str) -> dict[str, Field]:
    lines = [line for line in text.strip().splitlines() if line]
    if "CreatedDate" not in text and name not in UNSTAMPED:
        lines += SYSTEM.strip().splitlines()
    elif "SystemModstamp" not in text and name not in HISTORIES | UNSTAMPED:
        lines.append("SystemModstamp datetime ro")
    return {field.name: field for field in map(parse_field, lines)}


def _object(name: str, fields: dict[str, dict[str, Field]]) -> SObject:
    children = tuple(
        (child, field.name, CHILD_NAMES[child, field.name])
        for child, table in fields.items()
        for field in table.values()
        if name in field.references and (child, field.name) in CHILD_NAMES
    )
    written = name not in READ_ONLY
    return SObject(
        name=name,
        label=label_of(name),
        plural=PLURALS.get(name, label_of(name) + "s"),
        prefix=PREFIXES[name],
        fields=fields[name],
        children=children,
        creatable=written,
        updatable=written,
        deletable=written and name not in UNDELETABLE,
        mergeable=name in {"Account", "Contact", "Lead", "Case"},
        replicateable=name not in NOT_REPLICATED,
        by_lower={field.lower(): field for field in fields[name]},
    )
