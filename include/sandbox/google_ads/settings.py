"""What tests and operators can change about Google while it runs. What its documentation leaves open is one switch each."""

from __future__ import annotations

from typing import Any

from sandbox import settings

ADS_SCOPE = "https://www.googleapis.com/auth/adwords"
DATA_MANAGER_SCOPE = "https://www.googleapis.com/auth/datamanager"

DEFAULTS: dict[str, Any] = {
    # --- log in
    "clients": None,  # OAuth clients: id -> secret; None: any
    "refresh_tokens": True,  # True: every refresh token that was not revoked; a list: only these
    "service_accounts": None,  # e-mail -> public key (PEM), to check signatures; None: any, unsigned checks only
    "granted_scopes": [ADS_SCOPE, DATA_MANAGER_SCOPE],
    "token_seconds": 3_599,
    "auth_error_details": True,  # 401 carries a GoogleAdsFailure (unverified for the real front end)
    # --- project and quota
    "allowlisted": True,  # False: UploadClickConversions is closed to this project, as to new ones since June 2026
    "allow_list_gate": "call",  # "call" or "row": where NotAllowlistedError comes (seen on the call)
    "session_attributes_allowlisted": False,  # session attributes and user_ip_address; refused row by row
    "project_approved": True,
    "daily_operations": None,  # of the last 24 hours; None: unlimited; Basic access has 15,000, Explorer 2,880
    "used": 0,  # operations already used
    "conversions_count_as_operations": True,  # unverified; False: one operation per request
    "requests_per_minute": None,  # RESOURCE_TEMPORARILY_EXHAUSTED above it; None: unlimited
    "retry_delay_seconds": 30,
    "data_manager_requests_per_minute": 300,
    "data_manager_requests_per_day": 100_000,
    # --- uploads
    "rows_max": 2_000,
    "too_recent_hours": 6,  # of clicks and of conversion actions
    "click_age_days": 90,  # older clicks are EXPIRED_EVENT whatever the action's window
    "order_id_max": 64,  # unverified; None: no limit
    "order_id_pii": r"[^@\s]+@[^@\s]+\.[a-z]{2,}|\+\d{8,15}$",  # what counts as personal data in an order id
    "gclid_pattern": r"[A-Za-z0-9_-]{20,512}",
    "braid_pattern": r"[A-Za-z0-9_.-]{20,512}",
    "gclid_with_braid": False,  # True: a row may have both
    "consent_required": False,  # True: rows without granted ad_user_data are refused
    # --- adjustments
    "adjustment_age_days": 54,
    "adjustments_max": 50,  # per conversion (unverified)
    "recent_conversion_adjustment": "accept",  # within 24 hours: "accept", "not_found" or "too_recent" (until 2024-09)
    # --- reports
    "report_lag_seconds": 10_800,  # conversions reach metrics and leave "pending" after this time
    "page_size": 10_000,
    "click_view_days": 90,
    # --- Data Manager API
    "processing_seconds": 1_800,
    "internal_errors": 0,  # how many of the next events end INTERNAL_ERROR when they are processed; sent again, they are good
    "events_max": 2_000,
    "destinations_max": 10,
    "violation_field": "events.events[{index}]",  # how errors name an event (unverified; "events[{index}]" is the other form)
    "status_days": 50,
}


class Settings(settings.Settings):
    vendor, defaults = "Google Ads", DEFAULTS
