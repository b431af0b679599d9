"""Google Ads errors as plain values, neutral to API versions, and the texts that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sandbox.google_ads.messages import ADJUST, TEXTS, UPLOAD

__all__ = ["ADJUST", "STATUS_TEXTS", "UPLOAD", "AdsError", "Refusal", "error", "summary"]

PathElement = tuple[str, int | None]


@dataclass(frozen=True)
class AdsError:
    """One error: the oneof field and enum name of its code, its text, and where it is (outermost element first)."""

    kind: str
    name: str
    message: str
    path: tuple[PathElement, ...] = ()
    trigger: str | None = None
    retry_seconds: float | None = None

    def under(self, *outer: PathElement) -> AdsError:
        """The same error inside another field."""
        return replace(self, path=(*outer, *self.path))

    @property
    def place(self) -> str:
        """The location as Google writes it in texts: ``conversions[0].gclid``."""
        return ".".join(name if index is None else f"{name}[{index}]" for name, index in self.path)


class Refusal(Exception):
    """A whole call is refused, with one error or more."""

    def __init__(self, *errors: AdsError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors

    @property
    def code(self) -> str:
        """The gRPC code, which follows from the kind of the first error."""
        return CODES.get(self.errors[0].kind, "INVALID_ARGUMENT")


CODES = {
    "authentication_error": "UNAUTHENTICATED",
    "authorization_error": "PERMISSION_DENIED",
    "not_allowlisted_error": "PERMISSION_DENIED",
    "quota_error": "RESOURCE_EXHAUSTED",
    "internal_error": "INTERNAL",
}
STATUS_TEXTS = {
    "INVALID_ARGUMENT": "Request contains an invalid argument.",
    "UNAUTHENTICATED": "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
    "valid authentication credential.",
    "PERMISSION_DENIED": "The caller does not have permission",
    "RESOURCE_EXHAUSTED": "Resource has been exhausted (e.g. check quota).",
    "INTERNAL": "Internal error encountered.",
}


def error(kind: str, name: str, *fields: str, trigger: str | None = None, text: str | None = None) -> AdsError:
    """An error of this kind at a field (given from the outside in); its text comes from the table unless one is given."""
    message = text or TEXTS.get((kind, name)) or TEXTS.get(("", name)) or name.replace("_", " ").capitalize() + "."
    return AdsError(kind, name, message, tuple((part, None) for part in fields), trigger)


def summary(errors: Sequence[AdsError]) -> str:
    """The text of a partial failure, as Google writes it."""
    first = f"{errors[0].message}, at {errors[0].place}"
    return first if len(errors) == 1 else f"Multiple errors in ‘details’. First error: {first}"
