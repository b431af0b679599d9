"""What tests and operators can change about the portal while it runs."""

from __future__ import annotations

from typing import Any

from sandbox import settings
from sandbox.hubspot.unverified import UNVERIFIED

DEFAULTS: dict[str, Any] = {
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
    "shuffle_results": True,  # batch results do not come in the order of the inputs
    "required_on_create": {},  # dated API of 2026-09 only: object -> [property, ...]
    "required_when": {},  # dated API of 2026-09 only: object -> [{"when": {property: value}, "require": [...]}]
    "app_id": "7654321",
    **{name: one.value for name, one in UNVERIFIED.items()},
}


class Settings(settings.Settings):
    vendor, defaults = "HubSpot", DEFAULTS
