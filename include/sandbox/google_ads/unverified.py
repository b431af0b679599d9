"""What no page of Google's shows, one setting each: what the sandbox does, what that assumes, and why we believe it."""

from sandbox.settings import Unverified as U

UNVERIFIED: dict[str, U] = {
    # --- calls
    "auth_error_details": U(
        True,
        "A 401 carries a GoogleAdsFailure; otherwise the bare code.",
        "google-ads expects one; front ends may lack it.",
    ),
    "conversions_count_as_operations": U(
        True,
        "Each conversion of an upload counts as an operation; otherwise a request does.",
        "The quotas page counts searches, mutate operations and other services' requests; this is the stricter reading.",
    ),
    # --- the allow-list of 2026
    "allow_list_gate": U(
        "call",
        'A project that is not allowed is refused on the call; "row": row by row.',
        "One integrator's live message.",
    ),
    "allow_list_covers": U(
        ["UploadClickConversions"],
        "What the allow-list closes; UploadConversionAdjustments may be added.",
        "The announcement names this method only.",
    ),
    # --- rows
    "row_precedence": U(
        ["twin", "order id in use", "click"],
        "Which error a row with several gets: twins in the request, order ids that were used, then the click.",
        "Inferred; Google reports one error per row.",
    ),
    "order_id_max": U(64, "The most characters of an order id; null for no limit.", "Remembered."),
    "order_id_pii": U(
        r"[^@\s]+@[^@\s]+\.[a-z]{2,}|\+\d{8,15}$",
        "What counts as personal data in an order id: addresses and phone numbers.",
        "The error's name; Google does not tell its rule.",
    ),
    "gclid_pattern": U(
        r"[A-Za-z0-9_-]{20,512}", "What can be read as a GCLID.", "GCLIDs that were seen; no grammar is published."
    ),
    "braid_pattern": U(r"[A-Za-z0-9_.-]{20,512}", "What can be read as a GBRAID or WBRAID.", "As for the GCLID."),
    "gclid_with_braid": U(
        False, "A row with a GCLID and a braid is refused.", "Documented for two braids; samples of both exist."
    ),
    "enhanced_click_days": U(
        63,
        "Hashed identifiers find clicks of the last so many days.",
        "The help centre, of enhanced conversions for leads.",
    ),
    "upload_lookback_days": U(
        90, "The click-through window of a new action for uploads that names none.", "Remembered; other types have 30."
    ),
    # --- adjustments
    "adjustments_max": U(50, "How often a conversion can be adjusted.", "The error's name; no number is published."),
    # --- reports
    "report_lag_seconds": U(
        10_800, 'Conversions reach reports and leave "pending" after three hours.', "The help centre's 'up to 3 hours'."
    ),
    # --- Data Manager API
    "processing_seconds": U(
        1_800, "A request's status is final after half an hour.", "The guide advises to poll after 30 minutes."
    ),
    "events_max": U(2_000, "The most events of a request.", "The limits page; the error's text says 10,000."),
    "status_days": U(
        50, "For how long the status of a request is told.", "'About 50 days' in a client's documentation."
    ),
    "violation_field": U(
        "events.events[{index}]",
        'How an error names an event; "events[{index}]" is the other form.',
        "A sample of the guide.",
    ),
}
