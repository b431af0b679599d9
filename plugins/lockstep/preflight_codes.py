"""What a preflight of conversions finds, one row a code: class, meaning and remedy (GA-E01 to GA-E18, and what 2026 added). Pure.

What Google Ads also says of single rows keeps its code of `google_ads_codes`: terms, enhanced conversions, allow-listing, suspension.
"""

from lockstep.error_kinds import ErrorClass, ErrorKind

# code = class | meaning | remedy
_TABLE = """
sf_account_inaccessible = permission | Salesforce cannot be reached with this login: permissions changed, or a passing error of Salesforce. | Log in to Salesforce as the integration user, or give Salesforce's words to its administrator.
ads_api_error = transient | The Google Ads API failed while the link was checked. | Nothing at first: it is checked again. If it stays, run preflight with *Relink*.
already_linked = config | This Salesforce organisation is linked to this Google Ads account more than once: milestones could be counted twice. | Name one account for a milestone in conversions.yaml; accounts under one manager that tracks for all are one place.
sf_login_no_access = permission | Salesforce refuses the login. | Ask the Salesforce administrator; renew the credentials in the Airflow connection.
no_sf_account_linked = config | No Salesforce organisation is linked, so there is nothing to import. | Add the Airflow connection `salesforce_default`.
no_milestones = config | Salesforce shows no lead status and no opportunity stage that could be imported. | Set up lead statuses or opportunity stages, and let the integration user read them.
not_linked = config | The link is gone: an Airflow connection was removed, but conversions.yaml still has milestones. | Add the connection again, or take the milestones out of conversions.yaml.
sf_access_lost = permission | Salesforce no longer accepts the login that worked before. | Ask the Salesforce administrator to restore access, or renew the credentials in the Airflow connection.
cross_account_tracking = config | A manager account tracks the conversions of this account; they are sent to the manager. | Name conversion actions of the manager, and give the Google user access to it (`login_customer_id`).
not_configured = config | The accounts are linked, but no conversion action is set up; nothing is imported. | Create a conversion action in Google Ads, and name it for a milestone in conversions.yaml.
lead_fields_no_access = permission | Fields that leads are read with are missing, or hidden from the integration user. | Grant read permission on all fields that the message names (see the permission set).
opp_fields_no_access = permission | Fields that opportunities are read with are missing, or hidden from the integration user. | Grant read permission on all fields that the message names (see the permission set).
lead_gclid_missing = config | Leads have no GCLID field of the name that conversions.yaml says, or it is hidden from the integration user. | Make the field on Lead and grant read permission, or correct `identifiers` in conversions.yaml.
opp_gclid_missing = config | Opportunities have no GCLID field of the name that conversions.yaml says, or it is hidden from the integration user. | Make the field on Opportunity and map it in Map Lead Fields, grant read permission, or correct `identifiers`.
fields_no_access = permission | Fields of several objects are missing, or hidden from the integration user. | Grant read permission on all fields that the message names (see the permission set).
import_failed = transient | The last import of milestones failed; Salesforce's own words are in the message. | Mend it in Salesforce; the next run imports what is missing.
conv_action_removed = config | The milestone is not imported, because its conversion action was removed or does not exist. | Enable the conversion action in Google Ads, or name another one in conversions.yaml.
milestone_gone = config | The milestone is not imported, because its status or stage was deleted; one that was only taken out of a sales process, or is inactive, still counts. | Ask the Salesforce administrator, and correct conversions.yaml.
ads_auto_tagging_off = config | Auto-tagging is off: new clicks bring no GCLID, so their conversions cannot be found. | Turn it on in Google Ads: Admin > Account settings > Auto-tagging.
sf_history_tracking_off = config | Salesforce keeps no history of the lead status: statuses that leads pass through are not seen. | Object Manager > Lead > Fields > Set History Tracking: Lead Status.
"""


def _kinds() -> dict[str, ErrorKind]:
    rows = (line.split(" | ") for line in _TABLE.strip().splitlines())
    found = ((*head.split(" = "), meaning, remedy) for head, meaning, remedy in rows)
    return {code: ErrorKind(code, ErrorClass(cls), meaning, remedy) for code, cls, meaning, remedy in found}


#: code -> meaning and remedy; part of `lockstep.errors.CODES`
PREFLIGHT_CODES = _kinds()
