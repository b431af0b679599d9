"""The organisation's objects and fields, in a compact table (names, types and lengths: Object Reference for Salesforce).

A line is ``Name type[(length)] [flags] [> Object,Object as Relationship] [= default] [| value;value]``. Flags: ``ro``
never written, ``co`` only on create, ``req`` required, ``ext`` external id, ``uniq`` unique, ``n:`` a compound's name.
"""

import re

from sandbox.salesforce import picklists
from sandbox.salesforce.fields import Field, SObject
from sandbox.salesforce.ids import PREFIXES

SYSTEM = """
CreatedDate datetime ro
CreatedById reference ro > User as CreatedBy
LastModifiedDate datetime ro
LastModifiedById reference ro > User as LastModifiedBy
SystemModstamp datetime ro
"""

TRACKED = "IsDeleted boolean ro\n"

TABLE: dict[str, str] = {
    "Account": """
Id id ro
IsDeleted boolean ro
MasterRecordId reference ro > Account as MasterRecord
Name string(255) req
Type picklist(255) | @ACCOUNT_TYPES
ParentId reference > Account as Parent
BillingStreet textarea(255) n:BillingAddress
BillingCity string(40) n:BillingAddress
BillingState string(80) n:BillingAddress
BillingPostalCode string(20) n:BillingAddress
BillingCountry string(80) n:BillingAddress
Phone phone(40)
Website url(255)
Industry picklist(255) | @INDUSTRIES
AnnualRevenue currency
NumberOfEmployees int
Description textarea(32000)
OwnerId reference > User as Owner
Lockstep_Id__c string(64) ext uniq
""",
    "Contact": """
Id id ro
IsDeleted boolean ro
MasterRecordId reference ro > Contact as MasterRecord
AccountId reference > Account as Account
LastName string(80) req n:Name
FirstName string(40) n:Name
Salutation picklist(40) n:Name | @SALUTATIONS
Name string(121) ro
MailingStreet textarea(255) n:MailingAddress
MailingCity string(40) n:MailingAddress
MailingState string(80) n:MailingAddress
MailingPostalCode string(20) n:MailingAddress
MailingCountry string(80) n:MailingAddress
Phone phone(40)
MobilePhone phone(40)
Email email(80)
Title string(128)
Department string(80)
LeadSource picklist(255) | @LEAD_SOURCES
Birthdate date
Description textarea(32000)
OwnerId reference > User as Owner
HasOptedOutOfEmail boolean
IsEmailBounced boolean ro
GCLID__c string(255)
Lockstep_Id__c string(64) ext uniq
""",
    "Lead": """
Id id ro
IsDeleted boolean ro
MasterRecordId reference ro > Lead as MasterRecord
LastName string(80) req n:Name
FirstName string(40) n:Name
Salutation picklist(40) n:Name | @SALUTATIONS
Name string(121) ro
Title string(128)
Company string(255) req
Street textarea(255) n:Address
City string(40) n:Address
State string(80) n:Address
PostalCode string(20) n:Address
Country string(80) n:Address
Phone phone(40)
MobilePhone phone(40)
Email email(80)
Website url(255)
Description textarea(32000)
LeadSource picklist(255) | @LEAD_SOURCES
Status picklist(255) reqd = Open - Not Contacted | @LEAD_STATUSES
Industry picklist(255) | @INDUSTRIES
Rating picklist(255) | @RATINGS
AnnualRevenue currency
NumberOfEmployees int
OwnerId reference > Group,User as Owner
HasOptedOutOfEmail boolean
IsConverted boolean co
ConvertedDate date ro
ConvertedAccountId reference ro > Account as ConvertedAccount
ConvertedContactId reference ro > Contact as ConvertedContact
ConvertedOpportunityId reference ro > Opportunity as ConvertedOpportunity
IsUnreadByOwner boolean
GCLID__c string(255)
Lockstep_Id__c string(64) ext uniq
""",
    "Opportunity": """
Id id ro
IsDeleted boolean ro
AccountId reference > Account as Account
IsPrivate boolean
Name string(120) req
Description textarea(32000)
StageName picklist(255) req | @STAGES
Amount currency
Probability percent
ExpectedRevenue currency ro
CloseDate date req
Type picklist(255) | @OPPORTUNITY_TYPES
NextStep string(255)
LeadSource picklist(255) | @LEAD_SOURCES
IsClosed boolean ro
IsWon boolean ro
ForecastCategory picklist(40) ro | @FORECAST_CATEGORIES
ForecastCategoryName picklist(255) | @FORECAST_CATEGORIES
CampaignId reference > Campaign as Campaign
OwnerId reference > User as Owner
ContactId reference co > Contact as Contact
GCLID__c string(255)
Lockstep_Id__c string(64) ext uniq
""",
    "OpportunityContactRole": """
Id id ro
IsDeleted boolean ro
OpportunityId reference co req > Opportunity as Opportunity
ContactId reference req > Contact as Contact
Role picklist(255) | @CONTACT_ROLES
IsPrimary boolean
""",
    "OpportunityHistory": """
Id id ro
IsDeleted boolean ro
OpportunityId reference ro > Opportunity as Opportunity
StageName picklist(255) ro | @STAGES
Amount currency ro
ExpectedRevenue currency ro
CloseDate date ro
Probability percent ro
ForecastCategory picklist(40) ro | @FORECAST_CATEGORIES
CreatedDate datetime ro
CreatedById reference ro > User as CreatedBy
SystemModstamp datetime ro
""",
    "LeadHistory": """
Id id ro
IsDeleted boolean ro
LeadId reference ro > Lead as Lead
Field picklist(255) ro
DataType picklist(40) ro
OldValue anyType ro
NewValue anyType ro
CreatedDate datetime ro
CreatedById reference ro > User as CreatedBy
""",
    "User": """
Id id ro
Username string(80) req
LastName string(80) req n:Name
FirstName string(40) n:Name
Name string(121) ro
Email email(128) req
Alias string(8) req
IsActive boolean
UserType picklist(40) ro | Standard
Title string(80)
Department string(80)
Phone phone(40)
TimeZoneSidKey picklist(40) | Europe/Oslo;Europe/Berlin;America/New_York;UTC
LocaleSidKey picklist(40) | en_US;nb_NO;sv_SE;de_DE;ja_JP
ProfileId reference > Profile as Profile
ManagerId reference > User as Manager
""",
    "Profile": "Id id ro\nName string(255) ro\n",
    "Group": """
Id id ro
Name string(40) req
DeveloperName string(80)
RelatedId reference ro > User as Related
Type picklist(40) co | Queue;Regular;Role;Organization
Email email(255)
""",
    "Campaign": """
Id id ro
IsDeleted boolean ro
Name string(80) req
Type picklist(255)
Status picklist(255) | Planned;In Progress;Completed;Aborted
StartDate date
EndDate date
IsActive boolean
Description textarea(32000)
OwnerId reference > User as Owner
""",
    "LeadStatus": """
Id id ro
MasterLabel string(255) ro
ApiName string(255) ro
SortOrder int ro
IsDefault boolean ro
IsConverted boolean ro
""",
    "OpportunityStage": """
Id id ro
MasterLabel string(255) ro
ApiName string(255) ro
IsActive boolean ro
SortOrder int ro
IsClosed boolean ro
IsWon boolean ro
ForecastCategory picklist(40) ro | @FORECAST_CATEGORIES
ForecastCategoryName picklist(40) ro | @FORECAST_CATEGORIES
DefaultProbability percent ro
Description string(255) ro
""",
    "RecordType": """
Id id ro
Name string(80) req
DeveloperName string(80) req
SobjectType picklist(40) co
NamespacePrefix string(15) ro
BusinessProcessId reference ro
Description string(255)
IsActive boolean
""",
    "Organization": """
Id id ro
Name string(80) ro
OrganizationType picklist(40) ro
InstanceName string(5) ro
IsSandbox boolean ro
DefaultLocaleSidKey picklist(40) ro
LanguageLocaleKey picklist(40) ro
TimeZoneSidKey picklist(40) ro
""",
}

PLURALS = {"Opportunity": "Opportunities", "OpportunityHistory": "Opportunity Histories", "LeadHistory": "Lead History"}
READ_ONLY = {"OpportunityHistory", "LeadHistory", "LeadStatus", "OpportunityStage", "Profile", "Organization"}
UNDELETABLE = {"User", "RecordType"}
NOT_REPLICATED = {"LeadStatus", "OpportunityStage", "Profile", "Organization", "OpportunityHistory", "LeadHistory"}
CHILD_NAMES = {
    ("Contact", "AccountId"): "Contacts",
    ("Opportunity", "AccountId"): "Opportunities",
    ("Account", "ParentId"): "ChildAccounts",
    ("OpportunityContactRole", "OpportunityId"): "OpportunityContactRoles",
    ("OpportunityContactRole", "ContactId"): "OpportunityContactRoles",
    ("OpportunityHistory", "OpportunityId"): "OpportunityHistories",
    ("LeadHistory", "LeadId"): "Histories",
    ("Opportunity", "CampaignId"): "Opportunities",
}

LINE = re.compile(
    r"(?P<name>\w+) (?P<type>\w+)(?:\((?P<length>\d+)\))?(?P<flags>(?: (?:ro|co|req|reqd|ext|uniq|n:\w+))*)"
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
    if "CreatedDate" not in text and name not in {"Organization", "Profile"}:
        lines += SYSTEM.strip().splitlines()
    elif "SystemModstamp" not in text and name not in {"LeadHistory"}:
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
        mergeable=name in {"Account", "Contact", "Lead"},
        replicateable=name not in NOT_REPLICATED,
        by_lower={field.lower(): field for field in fields[name]},
    )
