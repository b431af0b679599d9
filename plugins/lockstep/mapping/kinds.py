"""The words of a mapping file that stand for behaviour: types of fields, rules, what becomes of partners of deleted records."""

from enum import StrEnum


class FieldType(StrEnum):
    """How two values are compared and written (HS-14). `string` is one line, `text` may have several;
    `html` is HubSpot's form of a text that Salesforce keeps without markup."""

    STRING = "string"
    TEXT = "text"
    HTML = "html"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    DOMAIN = "domain"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    PICKLIST = "picklist"
    MULTIPICKLIST = "multipicklist"
    LIFECYCLE = "lifecycle"
    COUNTRY = "country"
    STATE = "state"
    OWNER = "owner"
    REFERENCE = "reference"


class Rule(StrEnum):
    """Who wins, per field: the first four are HubSpot's (HS-13), the others their mirror images and `hold`."""

    prefer_salesforce_unless_blank = "prefer_salesforce_unless_blank"
    always_salesforce = "always_salesforce"
    two_way = "two_way"
    dont_sync = "dont_sync"
    prefer_hubspot_unless_blank = "prefer_hubspot_unless_blank"
    always_hubspot = "always_hubspot"
    hold = "hold"


class DeleteRule(StrEnum):
    """What happens to the partner of a deleted record."""

    keep = "keep"
    delete = "delete"
    hold = "hold"
