"""What tests and operators can change about Google while it runs; what its documentation leaves open is in `unverified.py`."""

from __future__ import annotations

from typing import Any

from sandbox import settings
from sandbox.google_ads import arranged
from sandbox.google_ads.unverified import UNVERIFIED

ADS_SCOPE = "https://www.googleapis.com/auth/adwords"
DATA_MANAGER_SCOPE = "https://www.googleapis.com/auth/datamanager"

DEFAULTS: dict[str, Any] = {
    # --- log in
    "clients": None,  # OAuth clients: id -> secret; None: any
    "refresh_tokens": True,  # True: every refresh token that was not revoked; a list: only these
    "service_accounts": None,  # e-mail -> public key (PEM), to check signatures; None: any, unsigned checks only
    "granted_scopes": [ADS_SCOPE, DATA_MANAGER_SCOPE],
    "token_seconds": 3_599,
    # --- project and quota
    "allowlisted": True,  # False: UploadClickConversions is closed to this project, as to new ones since June 2026
    "session_attributes_allowlisted": False,  # session attributes and user_ip_address; refused row by row
    "project_approved": True,
    "daily_operations": None,  # of the last 24 hours; None: unlimited; Basic access has 15,000, Explorer 2,880
    "used": 0,  # operations already used
    "requests_per_minute": None,  # RESOURCE_TEMPORARILY_EXHAUSTED above it; None: unlimited
    "retry_delay_seconds": 30,
    "data_manager_requests_per_minute": 300,
    "data_manager_requests_per_day": 100_000,
    # --- errors that the next ones end with, one each, whatever they hold
    "next_call_errors": [],  # calls to the Google Ads API: ["authentication_error.NOT_ADS_USER"]
    "next_row_errors": [],  # uploaded rows: ["conversion_upload_error.CUSTOM_VARIABLE_NOT_ENABLED"]
    "next_ingest_errors": [],  # requests to the Data Manager API: an ErrorReason, of the first event
    "next_event_errors": [],  # events when they are processed: a ProcessingErrorReason without its prefix
    # --- uploads
    "rows_max": 2_000,
    "too_recent_hours": 6,  # of clicks and of conversion actions
    "click_age_days": 90,  # older clicks are EXPIRED_EVENT whatever the action's window
    "consent_required": False,  # True: rows without granted ad_user_data are refused
    # --- adjustments
    "adjustment_age_days": 54,
    "recent_conversion_adjustment": "accept",  # within 24 hours: "accept", "not_found" or "too_recent" (until 2024-09)
    # --- reports
    "page_size": 10_000,
    "click_view_days": 90,
    # --- Data Manager API
    "destinations_max": 10,
    **{name: one.value for name, one in UNVERIFIED.items()},
}


class Settings(settings.Settings):
    vendor, defaults = "Google Ads", DEFAULTS

    def update(self, changes: dict[str, Any]) -> None:  # type: ignore[override]
        """Raises ValueError for unknown settings, and for errors that Google does not have."""
        arranged.check(changes)
        super().update(changes)
