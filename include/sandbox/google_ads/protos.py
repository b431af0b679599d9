"""The vendor's own message classes by API version, loaded when a version is first called, and errors in their form.

The installed `google-ads` package defines the messages of its versions; the sandbox serves those.
"""

from __future__ import annotations

import importlib
import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sandbox.google_ads.errors import STATUS_TEXTS, AdsError, Refusal, summary
from sandbox.rpc import RpcRefused, Trailers

VERSIONS = ("v23", "v24", "v25", "v26")
PACKAGE = "google.ads.googleads"
_loading = threading.RLock()


class Protos:
    """The messages of one version of the Google Ads API."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._classes: dict[str, Any] = {}
        self.message("errors.errors.GoogleAdsFailure")

    def message(self, name: str) -> Any:
        """Return the protobuf class of ``folder.module.Class``, e.g. ``services.google_ads_service.GoogleAdsRow``."""
        if name not in self._classes:
            folder, module, cls = name.split(".")
            with _loading:
                types = importlib.import_module(f"{PACKAGE}.{self.version}.{folder}.types.{module}")
            self._classes[name] = getattr(types, cls).pb()
        return self._classes[name]

    def failure(self, errors: Sequence[AdsError], request_id: str) -> Any:
        """Return a GoogleAdsFailure with these errors."""
        failure = self.message("errors.errors.GoogleAdsFailure")(request_id=request_id)
        for item in errors:
            self._write(failure.errors.add(), item)
        return failure

    def _write(self, target: Any, item: AdsError) -> None:
        field = target.error_code.DESCRIPTOR.fields_by_name[item.kind]
        value = field.enum_type.values_by_name.get(item.name) or field.enum_type.values_by_name["UNKNOWN"]
        setattr(target.error_code, item.kind, value.number)
        target.message = item.message
        if item.trigger is not None:
            target.trigger.string_value = item.trigger
        for name, index in item.path:
            element = target.location.field_path_elements.add(field_name=name)
            if index is not None:
                element.index = index
        if item.retry_seconds is not None:
            self._write_quota(target.details.quota_error_details, item.retry_seconds)

    def _write_quota(self, target: Any, seconds: float) -> None:
        target.rate_scope = target.DESCRIPTOR.fields_by_name["rate_scope"].enum_type.values_by_name["DEVELOPER"].number
        target.rate_name = "Number of operations for explorer access"
        target.retry_delay.FromMilliseconds(int(seconds * 1000))

    def partial(self, target: Any, errors: Sequence[AdsError], request_id: str) -> None:
        """Write errors of rows into a response's ``partial_failure_error``."""
        if errors:
            target.partial_failure_error.code = 3
            target.partial_failure_error.message = summary(errors)
            target.partial_failure_error.details.add().Pack(self.failure(errors, request_id))

    def trailers(self, failure: Any, request_id: str, version: str | None = None) -> Trailers:
        """Return the metadata that carries a failure to the client."""
        key = f"{PACKAGE}.{version or self.version}.errors.googleadsfailure-bin"
        return ((key, failure.SerializeToString()), ("request-id", request_id))

    def refused(self, refusal: Refusal, request_id: str, version: str | None = None) -> RpcRefused:
        """Return the end of a call that is refused as a whole."""
        trailers = self.trailers(self.failure(refusal.errors, request_id), request_id, version)
        return RpcRefused(refusal.code, STATUS_TEXTS.get(refusal.code, refusal.errors[0].message), trailers)


@lru_cache(maxsize=len(VERSIONS))
def protos(version: str) -> Protos:
    """Return the messages of a supported version."""
    with _loading:
        return Protos(version)


@lru_cache(maxsize=256)
def data_manager(name: str) -> Any:
    """Return a message class of the Data Manager API: ``module.Class``."""
    module, cls = name.split(".")
    with _loading:
        types = importlib.import_module(f"google.ads.datamanager_v1.types.{module}")
    return getattr(types, cls).pb()


def enum_name(message: Any, field: str) -> str:
    """Return the name of an enum field's value; a number that this version does not know is UNKNOWN."""
    kind = message.DESCRIPTOR.fields_by_name.get(field) or message.DESCRIPTOR.fields_by_name[f"{field}_"]
    value = kind.enum_type.values_by_number.get(getattr(message, kind.name))
    return "UNKNOWN" if value is None else str(value.name)


def optional(message: Any, field: str) -> Any:
    """Return a field's value, or None if it is not set or an empty text."""
    return (getattr(message, field) or None) if _unset_is_empty(message, field) else None


def _unset_is_empty(message: Any, field: str) -> bool:
    kind = message.DESCRIPTOR.fields_by_name[field]
    return not kind.has_presence or message.HasField(field)


def sunset(version: str) -> bool:
    """Whether a version once existed and is gone."""
    found = re.fullmatch(r"v(\d+)", version)
    return found is not None and 0 < int(found[1]) < int(VERSIONS[0][1:])
