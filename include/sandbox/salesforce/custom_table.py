"""What the organisation's administrator made: subscriptions of accounts, with their items; and the rows of field history."""

TABLE: dict[str, str] = {
    "Subscription__c": """
Id id ro
IsDeleted boolean ro
Name string(80)
Account__c reference co req cascade > Account as Account__r
Contact__c reference > Contact as Contact__r
Status__c picklist(255) restricted = Trial | Trial;Active;Past Due;Cancelled
Plan__c picklist(255) | Basic;Professional;Enterprise
Channels__c multipicklist(4099) | Web;Partner;Phone;Event
Start_Date__c date
End_Date__c date
Monthly_Amount__c currency
Auto_Renew__c boolean
Notes__c textarea(32768)
Item_Count__c double ro calc
Account_Industry__c string(1300) ro calc
Lockstep_Id__c string(64) ext uniq
""",
    "Subscription_Item__c": """
Id id ro
IsDeleted boolean ro
Name string(80) ro auto
Subscription__c reference co req cascade > Subscription__c as Subscription__r
Product__c string(120)
Quantity__c double
Unit_Price__c currency
Total__c currency ro calc
Lockstep_Id__c string(64) ext uniq
""",
}

HISTORY = """
Id id ro
IsDeleted boolean ro
{field} reference ro cascade > {parent} as {relationship}
CreatedById reference ro > User as CreatedBy
CreatedDate datetime ro
Field picklist(255) ro
DataType picklist(50) ro
OldValue anyType ro
NewValue anyType ro
"""
HISTORIES = {
    "Account": ("AccountHistory", "AccountId"),
    "Contact": ("ContactHistory", "ContactId"),
    "Lead": ("LeadHistory", "LeadId"),
    "Opportunity": ("OpportunityFieldHistory", "OpportunityId"),
    "Case": ("CaseHistory", "CaseId"),
    "Subscription__c": ("Subscription__History", "ParentId"),
}
"""The object that keeps an object's field history, and its field that names the record."""

TABLE |= {
    name: HISTORY.format(field=field, parent=parent, relationship=field.removesuffix("Id"))
    for parent, (name, field) in HISTORIES.items()
}
