"""What tests switch on and off in the organisation. One dict, changed at run time through the admin API.

Behaviours that differ between organisations are settings too, and so are those in `unverified.py`.
"""

from typing import Any

from sandbox.salesforce.unverified import UNVERIFIED

DEFAULTS: dict[str, Any] = {
    # Access
    "organization_id": None,  # made up from the seed's first id when None
    "my_domain": "acme.my.salesforce.com",
    "integration_user": None,  # Username that client credentials run as; None: the first user
    "clients": None,  # {consumer key: consumer secret}; None: any non-empty pair is accepted
    "certificates": {},  # {consumer key: PEM public key or certificate}; without one a JWT's signature is not checked
    "passwords": {},  # {Username: password + security token}; without one any non-empty password is accepted
    "refresh_tokens": None,  # those that are good; None: any
    "session_seconds": 7200,
    "session_calls": None,  # how many calls a token is good for; None: any number
    "tokens_valid": True,  # False: every token is answered 401, new ones too
    "api_versions": [31, 67],  # lowest and highest that are served
    # Limits
    "daily_limit": 100_000,
    "used": 0,
    "limit_info_bursts": False,  # adds the api-bursts part to Sforce-Limit-Info
    "uri_max": 16_384,  # bytes of a URI (414), and of URI and headers together (431)
    "page_size_max": 2000,
    "locator_seconds": 172_800,
    "locators_valid": True,
    "bulk_polls": 0,  # how many status reads see InProgress before a Bulk 2.0 job is complete
    "bulk_page_rows": 250_000,  # most rows of one Bulk 2.0 result page
    "bulk_failure": None,  # {"message": ..., "after": rows}: the next ingest or query job ends Failed
    "bulk_hard_delete": True,  # the API user has the permission Bulk API Hard Delete
    "bulk_shuffle": True,  # ingest results come in another order than the rows that were sent
    # People's transactions
    "commit_lag_seconds": 0.0,  # how long after its stamps a person's action becomes visible
    # Field-level security, picklists, custom fields
    "hide_lockstep_id": False,
    "hidden_fields": [],  # ["Lead.GCLID__c"]: absent from describe, INVALID_FIELD elsewhere
    "read_only_fields": [],
    "restricted_picklists": [],  # ["Lead.Industry"]: other values are refused
    "state_country_picklists": False,  # adds StateCode and CountryCode, and refuses other spellings
    "states": {},  # {"DE": {"BY": "Bayern"}}: states that the administrator added to those of the US and Canada
    "custom_fields": {},  # {"Lead": [{"name": "Score__c", "type": "double"}]}
    # Rules
    "assignment_rules": {},  # {"Lead": {"id": "01Q...", "active": true, "owner": "00G...", "when": "Country = 'Norway'"}}
    "default_owners": {},  # {"Lead": "00G..."}: who gets a record that no rule entry matched
    "validation_rules": [],  # [{"object", "when" (true is an error), "message", "field"?}]
    "duplicate_rules": [],  # [{"object", "fields", "against"?, "action": "block" | "alert", "name"?}]
    "locked": [],  # record ids whose writes end UNABLE_TO_LOCK_ROW
    "no_access": [],  # ["Lead.delete"]: object permissions that the API user lacks (create, edit, delete)
    "lead_field_map": {"Contact": {"GCLID__c": "GCLID__c"}, "Opportunity": {"GCLID__c": "GCLID__c"}},
    "history_fields": {  # at most 20 per object, as in Salesforce
        "Account": ["Name", "OwnerId", "Industry", "Type", "ParentId"],
        "Contact": ["AccountId", "Email", "OwnerId", "Phone", "Title"],
        "Lead": ["Status", "OwnerId", "LeadSource", "Email", "Company"],
        "Opportunity": ["StageName", "Amount", "CloseDate", "OwnerId"],
        "Case": ["Status", "OwnerId", "Priority"],
        "Subscription__c": ["Status__c", "Plan__c", "Contact__c", "Monthly_Amount__c"],
    },
    "cases_block_deletes": False,  # accounts and contacts with cases cannot be deleted
    "soap_login_last_version": 64.0,
    "max_updated_days": 30,
    "max_deleted_days": 15,
    **{name: one.value for name, one in UNVERIFIED.items()},
}
