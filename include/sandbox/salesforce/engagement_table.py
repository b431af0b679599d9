"""Service, activities and campaigns, as `object_table` has the rest: names, types and lengths of the Object Reference.

Salesforce's custom activity fields belong to Activity; Task and Event show them both.
"""

TABLE: dict[str, str] = {
    "Case": """
Id id ro
IsDeleted boolean ro
MasterRecordId reference ro > Case as MasterRecord
CaseNumber string(30) ro auto nm
ContactId reference > Contact as Contact
AccountId reference > Account as Account
ParentId reference > Case as Parent
SuppliedName string(80)
SuppliedEmail email(80)
SuppliedPhone string(40)
SuppliedCompany string(80)
RecordTypeId reference > RecordType as RecordType
Type picklist(255) | Mechanical;Electrical;Electronic;Structural;Other
Status picklist(255) reqd = New | @CASE_STATUSES
Reason picklist(255) | Installation;Equipment Complexity;Performance;Breakdown;Equipment Design;Feedback;Other
Origin picklist(255) | Phone;Email;Web
Subject string(255)
Priority picklist(255) = Medium | High;Medium;Low
Description textarea(32000)
IsClosed boolean ro
ClosedDate datetime ro
IsEscalated boolean
OwnerId reference > Group,User as Owner
ContactPhone phone(40) ro calc
ContactMobile phone(40) ro calc
ContactEmail email(80) ro calc
Lockstep_Id__c string(64) ext uniq
""",
    "Task": """
Id id ro
WhoId reference > Contact,Lead as Who
WhatId reference > Account,Campaign,Case,Opportunity,Subscription__c as What
Subject combobox(255) nm | Call;Send Letter;Send Quote;Other
ActivityDate date
Status picklist(255) reqd = Not Started | @TASK_STATUSES
Priority picklist(255) reqd = Normal | High;Normal;Low
IsHighPriority boolean ro
OwnerId reference > Group,User as Owner
Description textarea(32000)
Type picklist(255) | Call;Meeting;Other
IsDeleted boolean ro
AccountId reference ro > Account as Account
IsClosed boolean ro
CallDurationInSeconds int
CallType picklist(40) | Internal;Inbound;Outbound
CallDisposition string(255)
CallObject string(255)
ReminderDateTime datetime
IsReminderSet boolean
IsRecurrence boolean ro
IsArchived boolean ro
TaskSubtype picklist(40) co = Task | Task;Email;ListEmail;Cadence;Call;LinkedIn
CompletedDateTime datetime ro
Lockstep_Id__c string(64) ext uniq
""",
    "Event": """
Id id ro
WhoId reference > Contact,Lead as Who
WhatId reference > Account,Campaign,Case,Opportunity,Subscription__c as What
Subject combobox(255) nm | Call;Email;Meeting;Send Letter/Quote;Other
Location string(255)
IsAllDayEvent boolean
ActivityDateTime datetime
ActivityDate date
DurationInMinutes int
StartDateTime datetime
EndDateTime datetime
EndDate date ro
Description textarea(32000)
AccountId reference ro > Account as Account
OwnerId reference > User as Owner
Type picklist(255) | Email;Meeting;Other;Call
IsPrivate boolean
ShowAs picklist(40) = Busy | Busy;OutOfOffice;Free
IsDeleted boolean ro
IsChild boolean ro
IsGroupEvent boolean ro
GroupEventType picklist(40) ro | 0;1;2;3
IsArchived boolean ro
IsRecurrence boolean ro
ReminderDateTime datetime
IsReminderSet boolean
EventSubtype picklist(40) co = Event | Event
Lockstep_Id__c string(64) ext uniq
""",
    "Campaign": """
Id id ro
IsDeleted boolean ro
Name string(80) req
ParentId reference > Campaign as Parent
Type picklist(255) | @CAMPAIGN_TYPES
Status picklist(255) = Planned | Planned;In Progress;Completed;Aborted
StartDate date
EndDate date
ExpectedRevenue currency
BudgetedCost currency
ActualCost currency
ExpectedResponse percent
NumberSent double
IsActive boolean
Description textarea(32000)
NumberOfLeads int ro
NumberOfConvertedLeads int ro
NumberOfContacts int ro
NumberOfResponses int ro
NumberOfOpportunities int ro
NumberOfWonOpportunities int ro
AmountAllOpportunities currency ro
AmountWonOpportunities currency ro
OwnerId reference > User as Owner
Lockstep_Id__c string(64) ext uniq
""",
    "CampaignMember": """
Id id ro
IsDeleted boolean ro
CampaignId reference co req cascade > Campaign as Campaign
LeadId reference co > Lead as Lead
ContactId reference co > Contact as Contact
Status picklist(40)
HasResponded boolean ro
FirstRespondedDate date ro
Name string(121) ro calc
Salutation picklist(40) ro calc | @SALUTATIONS
FirstName string(40) ro calc
LastName string(80) ro calc
Title string(128) ro calc
Email email(80) ro calc
Phone phone(40) ro calc
MobilePhone phone(40) ro calc
City string(40) ro calc
Country string(80) ro calc
HasOptedOutOfEmail boolean ro calc
CompanyOrAccount string(255) ro calc
Type picklist(40) ro | Lead;Contact
LeadOrContactId reference ro > Contact,Lead as LeadOrContact
LeadOrContactOwnerId reference ro > Group,User as LeadOrContactOwner
Lockstep_Id__c string(64) ext uniq
""",
    "CampaignMemberStatus": """
Id id ro
IsDeleted boolean ro
CampaignId reference co req cascade > Campaign as Campaign
Label string(765) req
SortOrder int
IsDefault boolean
HasResponded boolean
""",
    "EmailTemplate": """
Id id ro
Name string(80) req
DeveloperName string(80) req uniq
NamespacePrefix string(15) ro
OwnerId reference > User as Owner
FolderId reference co > Organization,User as Folder
FolderName string(256) ro
TemplateStyle picklist(40) | none;freeForm;formalLetter;promotionRight;promotionLeft;newsletter;products
IsActive boolean
TemplateType picklist(40) co req | text;html;custom;visualforce
Encoding picklist(40) = UTF-8 | UTF-8;ISO-8859-1;Shift_JIS;ISO-2022-JP;EUC-JP
Description textarea(4000)
Subject string(255)
HtmlValue textarea(384000)
Body textarea(384000)
TimesUsed int ro
LastUsedDate datetime ro
ApiVersion double ro
UiType picklist(40) co | Aloha;SFX;SFX_Sample
RelatedEntityType picklist(40)
""",
    "CaseStatus": """
Id id ro
MasterLabel string(255) ro
ApiName string(255) ro
SortOrder int ro
IsDefault boolean ro
IsClosed boolean ro
""",
    "TaskStatus": """
Id id ro
MasterLabel string(255) ro
ApiName string(255) ro
SortOrder int ro
IsDefault boolean ro
IsClosed boolean ro
""",
    "TaskPriority": """
Id id ro
MasterLabel string(255) ro
ApiName string(255) ro
SortOrder int ro
IsDefault boolean ro
IsHighPriority boolean ro
""",
}
