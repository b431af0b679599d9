"""What no page of HubSpot shows, one setting each: what the sandbox does, what that assumes, and why we believe it."""

from sandbox.settings import Unverified as U

UNVERIFIED: dict[str, U] = {
    # --- lags
    "index_lag_seconds": U(
        10.0,
        "Changes appear in search after ten seconds.",
        "The search guide says 'a few moments'; reports say seconds, recorders waited 30.",
    ),
    "list_lag_seconds": U(
        30.0, "Dynamic lists follow their records after half a minute.", "The lists guide gives no time."
    ),
    # --- requests and limits
    "uri_max": U(16_384, "Longer paths and queries (in characters) are answered 414.", "Reports: 8 to 16 KB."),
    "associations_write_max": U(
        2_000, "At most so many inputs of a batch that creates or archives associations.", "Third parties; no page."
    ),
    "associations_page_size": U(
        500, "Links of one record on a page of an association batch read.", "As for a single record."
    ),
    "refused_calls_count": U(True, "Calls that are refused with 429 count towards the day.", "Third parties."),
    "rate_limit_group": U(
        None,
        "The 429 of the ten-second limit has no `groupName`; a text here adds it.",
        "Seen in traffic of 2018 (with API keys), missing in the documented sample.",
    ),
    "results_max_text": U(
        "The maximum number of results is {most}; after + limit may not exceed it.",
        "The sentence of the 400 for a search beyond 10,000 results.",
        "The search guide gives the status only.",
    ),
    "search_iso_dates": U(
        True, "Filters take ISO-8601 dates beside milliseconds.", "The FAQ says so of values, the search guide not."
    ),
    "dated_batch_error_status": U(
        207,
        "A batch with errors on a dated path is answered 207, as v3 is.",
        "The dated specification lists 200 and 201.",
    ),
    # --- values
    "null_clears": U(
        True, 'A null value clears a property as "" does; otherwise 400.', 'Clients do it; the guide names "".'
    ),
    "touch_on_same_value": U(
        True, "Writing the value that is there moves the last-modified stamp.", "Reports of echo loops; no page."
    ),
    "object_source": U(
        "INTEGRATION",
        "`hs_object_source` of records that were made through the API.",
        "Real portals of private apps; the documentation's sample says API.",
    ),
    "analytics_source_on_create": U(
        False,
        "`hs_analytics_source` cannot be written, not even on create.",
        "Integrations claim that create takes it.",
    ),
    "click_id_writable": U(
        False,
        "`hs_google_click_id` is read-only for the API.",
        "Written by forms and tracking; reports contradict each other.",
    ),
    "archived_owner_assignable": U(
        False, "Assigning a deactivated owner is 400.", "The owners guide says that such owners are not offered."
    ),
    "owner_error": U(
        "INVALID_OWNER_ID", "The error code of an owner that does not exist.", "Remembered from support threads."
    ),
    "lifecycle_forward_only": U(
        True,
        "A lifecycle stage further back is answered 200 and ignored.",
        "HubSpot staff and three tools; one contradicts.",
    ),
    "lifecycle_default": U(
        "subscriber",
        "The stage of contacts that are made without one; null for none.",
        "Recorded; it is a portal's setting.",
    ),
    # --- identity and lives
    "secondary_emails_found": U(
        True, "A contact is found by its additional e-mail addresses too.", "The contacts guide says so of some calls."
    ),
    "company_domain_unique": U(
        False,
        "Two companies may be made with one domain; otherwise 409.",
        "Third parties; imports and screens deduplicate.",
    ),
    "archived_hold_unique": U(
        True,
        "An archived record keeps its value of a custom unique property.",
        "Reports of conflicts with deleted records.",
    ),
    "archive_missing_status": U(
        204, "Archiving what is not there is answered 204; 404 is the other form.", "The client treats it so; no page."
    ),
    "merge_creates_new_id": U(
        True,
        "The survivor of a merge has a new id.",
        "Documented for deals, reported for the rest; older contacts kept theirs.",
    ),
    "update_drops_merged": U(
        True, "A batch update leaves a merged-away id out of the results, without an error.", "One integrator's report."
    ),
    "first_company_is_primary": U(
        True, "The first company that is associated becomes the primary one.", "The knowledge base, of screens."
    ),
    "form_histories": U(
        True,
        "The contact's most recent conversion has a history: a version for each form that was sent in.",
        "The guides say that properties have histories; none shows this one's.",
    ),
    "list_name_taken_status": U(
        409, "The status of a list's name that exists.", "Third parties; the guide says only that names are unique."
    ),
    "non_unique_text": U(
        "Unable to perform {verb} by non-unique {property}",
        "The sentence of the 400 for an `idProperty` that is not unique.",
        "A report of live traffic.",
    ),
}
