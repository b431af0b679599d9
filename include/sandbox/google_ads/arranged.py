"""Errors that tests arrange: the next calls, rows, requests or events end with these, one each, whatever they hold.

They reach what no state of the sandbox leads to: a login that is no Ads user, a project that Google has disabled, custom
variables, encryption, and every name that the vendor may give.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, MutableMapping
from typing import Any

from sandbox.google_ads.errors import AdsError, error

CALLS, ROWS, REQUESTS, EVENTS = "next_call_errors", "next_row_errors", "next_ingest_errors", "next_event_errors"
PREFIX = "PROCESSING_ERROR_REASON_"


def take(settings: MutableMapping[str, Any], name: str) -> str | None:
    """The first error of a list, which is then gone from it; None if there is none."""
    if not settings[name]:
        return None
    first, *rest = settings[name]
    settings[name] = rest
    return str(first)


def take_error(settings: MutableMapping[str, Any], name: str) -> AdsError | None:
    """The same of the Google Ads API, whose errors are written `authentication_error.NOT_ADS_USER`."""
    found = take(settings, name)
    return error(*found.split(".")) if found else None


def check(changes: Mapping[str, Any]) -> None:
    """ValueError naming the errors that Google does not have. The vendor's messages are loaded only if there are any."""
    known = {CALLS: _ads_errors, ROWS: _ads_errors, REQUESTS: _reasons, EVENTS: _processing_reasons}
    for name, names in known.items():
        if wrong := [one for one in changes.get(name, ()) if one not in names()]:
            raise ValueError(f"{name}: {wrong} are no errors of Google's")


def _ads_errors() -> set[str]:
    from sandbox.google_ads.protos import VERSIONS, protos

    failure = protos(VERSIONS[-1]).message("errors.errors.GoogleAdsFailure")
    code = failure.DESCRIPTOR.fields_by_name["errors"].message_type.fields_by_name["error_code"].message_type
    return {f"{field.name}.{value}" for field in code.fields for value in field.enum_type.values_by_name}


def _reasons() -> set[str]:
    return set(importlib.import_module("google.ads.datamanager_v1.types.error").ErrorReason.__members__)


def _processing_reasons() -> set[str]:
    module = importlib.import_module("google.ads.datamanager_v1.types.processing_errors")
    return {name.removeprefix(PREFIX) for name in module.ProcessingErrorReason.__members__}
