"""Salesforce record ids: 15 case-sensitive characters and the 3-character checksum that makes them 18.

Rule: per group of five characters, bit k of an index into ``CHECKSUM`` is set when character k is A to Z.
"""

from functools import lru_cache

CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
INSTANCE = "5g0"
"""Pod and reserved characters that every id of this organisation carries after its three-character prefix."""

PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "Lead": "00Q",
    "Opportunity": "006",
    "OpportunityContactRole": "00K",
    "OpportunityHistory": "008",
    "OpportunityFieldHistory": "017",
    "AccountHistory": "017",
    "ContactHistory": "017",
    "CaseHistory": "017",
    "LeadHistory": "017",
    "Subscription__History": "017",
    "User": "005",
    "Group": "00G",
    "GroupMember": "011",
    "QueueSobject": "03g",
    "Profile": "00e",
    "Organization": "00D",
    "LeadStatus": "01J",
    "OpportunityStage": "01J",
    "CaseStatus": "01J",
    "TaskStatus": "01J",
    "TaskPriority": "01J",
    "RecordType": "012",
    "Campaign": "701",
    "CampaignMember": "00v",
    "CampaignMemberStatus": "01Y",
    "EmailTemplate": "00X",
    "Task": "00T",
    "Event": "00U",
    "Case": "500",
    "Subscription__c": "a00",
    "Subscription_Item__c": "a01",
    "PermissionSet": "0PS",
    "PermissionSetAssignment": "0Pa",
    "FieldPermissions": "01k",
    "CustomField": "00N",
    "AssignmentRule": "01Q",
    "Job": "750",
}


def checksum(id15: str) -> str:
    """Return the three checksum characters of a 15-character id."""
    return _sign(id15[:5]) + _sign(id15[5:10]) + _sign(id15[10:])


@lru_cache(maxsize=65_536)
def _sign(group: str) -> str:
    return CHECKSUM[sum(1 << k for k, char in enumerate(group) if "A" <= char <= "Z")]


def to18(record_id: str) -> str:
    """Return the 18-character form of a 15- or 18-character id; ValueError on any other length, alphabet or checksum."""
    if len(record_id) not in {15, 18} or not (record_id.isascii() and record_id.isalnum()):
        raise ValueError(f"not a Salesforce id: {record_id!r}")
    full = record_id[:15] + checksum(record_id[:15])
    if len(record_id) == 18 and record_id[15:].upper() != full[15:]:
        raise ValueError(f"not a Salesforce id (wrong checksum): {record_id!r}")
    return full


def is_id(value: object) -> bool:
    """Say whether a value is a well-formed id of 15 or 18 characters."""
    if not isinstance(value, str):
        return False
    try:
        to18(value)
    except ValueError:
        return False
    return True


def base62(number: int, width: int) -> str:
    """Write a non-negative number in base 62, padded to a width; ValueError when it does not fit."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    if len(digits) > width:
        raise ValueError(f"number needs more than {width} base-62 digits")
    return digits.rjust(width, "0")


def make_id(prefix: str, n: int) -> str:
    """Return the 18-character id of the n-th record with a three-character key prefix."""
    if len(prefix) != 3:
        raise ValueError(f"a key prefix has three characters, not {prefix!r}")
    id15 = prefix + INSTANCE + base62(n, 9)
    return id15 + checksum(id15)
