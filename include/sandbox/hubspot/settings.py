"""What tests and operators can change about the portal while it runs."""

from __future__ import annotations

from typing import Any

from sandbox import settings

DEFAULTS: dict[str, Any] = {
    "index_lag_seconds": 10.0,  # new and changed records appear in search only after this time
    "list_lag_seconds": 30.0,  # dynamic lists follow their records after this time
    "daily_limit": 625_000,
    "used": 0,  # calls already made today
    "rate_limit": 190,  # calls per ten seconds and token
    "search_limit": 5,  # searches per second and account
    "retry_after": False,  # HubSpot's recorded 429s carry no Retry-After
    "tokens_valid": True,  # True: every token that begins with pat-; a list: only these; False: none
    "token_scopes": {},  # token -> list of scopes; a token that is not named has all
    "page_size_max": 100,
    "batch_max": 100,
    "history_batch_max": 50,  # inputs of a batch read that asks for history
    "history_kept": {"contacts": 45},  # values of a property that its history shows; 20 for other objects
    "associations_read_max": 1_000,
    "associations_write_max": 2_000,
    "associations_page_size": 500,
    "shuffle_results": True,  # batch results do not come in the order of the inputs
    "merge_creates_new_id": True,  # documented for deals, reported for the rest
    "update_drops_merged": True,  # batch update of a merged-away id is left out of the results, without an error
    "archived_hold_unique": True,  # an archived record keeps its value of a custom unique property
    "archived_owner_assignable": False,
    "lifecycle_forward_only": True,
    "lifecycle_default": "subscriber",  # of contacts that are created without one; None for none
    "uri_max": 16_384,  # characters of path and query; more is answered 414
    "first_company_is_primary": True,
    "touch_on_same_value": True,  # writing the value that is there moves the last-modified stamp
    "required_on_create": {},  # dated API of 2026-09 only: object -> [property, ...]
    "required_when": {},  # dated API of 2026-09 only: object -> [{"when": {property: value}, "require": [...]}]
    "app_id": "7654321",
}


class Settings(settings.Settings):
    vendor, defaults = "HubSpot", DEFAULTS
