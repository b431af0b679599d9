"""What no page of Salesforce shows, one setting each: what the sandbox does, what that assumes, and why we believe it."""

from sandbox.settings import Unverified as U

UNVERIFIED: dict[str, U] = {
    "error_texts": U(
        {},
        "Sentences of ours, by the names in `wording.py`, where only the errorCode (or not even that) is documented.",
        "Written in the vendor's manner; a text here replaces one.",
    ),
    # --- log in
    "logins_per_hour": U(
        3_600,
        "A user may log in so often within an hour; null for no limit.",
        "The knowledge base's 'login rate exceeded'.",
    ),
    # --- queries
    "nulls_first_when_descending": U(
        True, "ORDER BY … DESC without NULLS puts nulls first too.", "Documented as the default, without naming DESC."
    ),
    "locator_snapshot": U(
        True,
        "Later pages show rows as they were when the query ran; otherwise as they are now.",
        "Nothing is promised.",
    ),
    "all_rows_in_queries": U(
        False,
        "ALL ROWS in a query of the API is MALFORMED_QUERY.",
        "Documented for Apex only; queryAll is the API's way.",
    ),
    # --- Bulk API 1.0
    "limit_info_on_bulk_1": U(False, "Its answers have no Sforce-Limit-Info.", "The header's page names the REST API."),
    "bulk_1_error_status": U(
        400, "The HTTP status of its errors, InvalidBatch among them.", "The guide shows bodies only."
    ),
    # --- lives
    "merge_touches_children": U(
        True,
        "A merge moves the SystemModstamp of the children that it re-parents.",
        "Inferred: they are updated by the system.",
    ),
    "undelete_clears_master": U(
        True, "A merged record that is undeleted has no MasterRecordId any more.", "Remembered."
    ),
    "never_recycled": U(
        ["OpportunityContactRole", "CampaignMember"],
        "Deleted by themselves these are gone at once; the recycle bin holds them only with their parent.",
        "Reports: `queryAll` does not find them.",
    ),
    "lookup_history_names": U(
        True, "History of a lookup has two rows, one with names and one with ids.", "Seen in exports of field history."
    ),
    "campaign_member_unknown_status": U(
        "default", 'A member status that the campaign does not have becomes its default; "keep" keeps it.', "Reports."
    ),
}
