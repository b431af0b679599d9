"""The organisation's objects and fields as text; `catalog` says how a line is read.

Names, types and lengths are those of the Object Reference for Salesforce; ``__c`` fields are what an administrator added.
"""

SYSTEM = """
CreatedDate datetime ro
CreatedById reference ro > User as CreatedBy
LastModifiedDate datetime ro
LastModifiedById reference ro > User as LastModifiedBy
SystemModstamp datetime ro
"""

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
RecordTypeId reference > RecordType as RecordType
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
OpportunityId reference co req cascade > Opportunity as Opportunity
ContactId reference req cascade > Contact as Contact
Role picklist(255) | @CONTACT_ROLES
IsPrimary boolean
Lockstep_Id__c string(64) ext uniq
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
    "QueueSobject": """
Id id ro
QueueId reference co req > Group as Queue
SobjectType picklist(40) co req
CreatedById reference ro > User as CreatedBy
""",
    "GroupMember": """
Id id ro
GroupId reference co req > Group as Group
UserOrGroupId reference co req > Group,User as UserOrGroup
SystemModstamp datetime ro
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
