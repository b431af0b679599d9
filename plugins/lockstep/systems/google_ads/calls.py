"""One call to Google: metered, with a deadline, repeated where that helps, and its errors in our terms.

RESOURCE_EXHAUSTED and INTERNAL never become GoogleAdsException (google-ads leaves them to google-api-core), and what they mean
stands in the trailers; Data Manager's errors are google-api-core's with details. All of them end in `failures`.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from google.ads.googleads.errors import GoogleAdsException
from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.auth.exceptions import RefreshError, TransportError

from lockstep.errors import (
    AccessError,
    AuthenticationError,
    ConfigError,
    LockstepError,
    QuotaExhausted,
    RateLimited,
    VendorQuotaExhausted,
    VendorUnavailable,
)
from lockstep.google_ads_codes import ads_error
from lockstep.model import GOOGLE_ADS
from lockstep.systems.answers import TRIES, pause
from lockstep.systems.base import Meter
from lockstep.systems.google_ads.login import Login

T = TypeVar("T")

#: a delay beyond this is the day's quota and not the minute's
LONG_DELAY = 3_600.0
#: gRPC tells of a refresh token that is refused during a call as UNAVAILABLE
_REFUSED_LOGIN = re.compile(
    r"metadata from plugin failed.*(invalid_grant|invalid_client|unauthorized_client)", re.DOTALL
)
_PERSONAL = re.compile(r"[^\s@'\"]+@[^\s@'\"]+|\+?\d[\d \-()]{7,}\d")


@dataclass(frozen=True, slots=True)
class Failure:
    """One error of a refused call. `kind`: Google's error enum (`quota_error`) or gRPC code; `place`: the field that it is about;
    `row`: index of the row; `delay`: seconds after which it may be tried again."""

    kind: str
    name: str
    message: str
    place: str = ""
    row: int | None = None
    delay: float | None = None


class AdsRefused(ConfigError):
    """Google refused a whole request because of what stands in it."""

    def __init__(self, failures: list[Failure]):
        first = failures[0]
        code = ads_error(first.name).code
        super().__init__(
            f"Google refused the request: {first.name}: {first.message}",
            code=code if code != "ads_rejected" else None,
        )
        self.failures = failures


class Caller:
    """Makes the calls of one task. `calls` that are repeated because an answer was lost are told by `repeated`."""

    def __init__(self, login: Login, meter: Meter, timeout: float, sleep: Callable[[float], None] = time.sleep):
        self._login, self._meter, self._timeout, self._sleep = login, meter, timeout, sleep
        self.repeated = False

    def __call__(self, bucket: str, method: Callable[..., T], **request: Any) -> T:
        """Call `method`; every call of ours may be repeated.

        :raises AdsRefused: what was sent is wrong. :raises RateLimited, QuotaExhausted, VendorUnavailable, AuthenticationError,
            AccessError: as their names say
        """
        self.repeated, fresh_token = False, False
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(bucket, method, request)
            except AuthenticationError as error:
                if fresh_token or error.code != "authentication" or "EXPIRED" not in error.message:
                    raise
                self._login.expired()
                fresh_token = True
            except VendorUnavailable as error:
                if attempt == TRIES:
                    raise
                self.repeated = True
                self._sleep(error.retry_after or pause(attempt))
        raise VendorUnavailable("Google did not answer.")

    def _once(self, bucket: str, method: Callable[..., T], request: dict[str, Any]) -> T:
        self._meter.acquire(GOOGLE_ADS, bucket)
        started, status = time.monotonic(), 0
        try:
            answer = method(timeout=self._timeout, retry=None, **request)
            status = 200
        except (GoogleAdsException, GoogleAPICallError, RetryError, RefreshError, TransportError) as error:
            found = error_of(error)
            status = _status(found)
            raise found from None  # the cause holds the request, and with it hashes of people
        finally:
            self._meter.record(GOOGLE_ADS, bucket, status, (time.monotonic() - started) * 1000, None)
        self._login.keep()
        return answer


def _status(error: LockstepError) -> int:
    if isinstance(error, RateLimited | QuotaExhausted):
        return 429
    return 0 if isinstance(error, VendorUnavailable) else 401 if isinstance(error, AuthenticationError) else 400


def error_of(error: Exception) -> LockstepError:
    """Our error for what a client library raised."""
    if isinstance(error, RefreshError) and getattr(error, "retryable", False):
        return VendorUnavailable("Google's token endpoint failed.")
    if isinstance(error, RefreshError) or _REFUSED_LOGIN.search(str(getattr(error, "message", ""))):
        return AuthenticationError(
            "Google refuses the login: the refresh token was revoked or has expired.",
            hint="Make a new refresh token and put it into the connection `google_ads_default`.",
        )
    if isinstance(error, TransportError | RetryError):
        return VendorUnavailable("Google did not answer.")
    found = failures(error)
    return _of_failures(found, _grpc_code(error))


def _of_failures(found: list[Failure], grpc_code: str) -> LockstepError:
    first = found[0]
    words = f"{first.name}: {first.message}"
    if first.kind == "quota_error" or grpc_code == "RESOURCE_EXHAUSTED":
        if (first.delay or 0) > LONG_DELAY:
            return VendorQuotaExhausted(f"Google's operations of the day are used up ({words})")
        return RateLimited(f"Google asks for a slower pace ({words})", retry_after=first.delay)
    if (
        grpc_code in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "ABORTED")
        or first.name == "TRANSIENT_ERROR"
    ):
        return VendorUnavailable(f"Google is not available ({words})")
    if first.kind == "authentication_error" or grpc_code == "UNAUTHENTICATED":
        return AuthenticationError(f"Google refuses the login ({words})")
    if first.kind in ("authorization_error", "not_allowlisted_error") or grpc_code == "PERMISSION_DENIED":
        code = ads_error(first.name).code
        return AccessError(f"Google denies access ({words})", code=code if code != "ads_rejected" else None)
    return AdsRefused(found)


def _grpc_code(error: Exception) -> str:
    if isinstance(error, GoogleAdsException):
        return str(error.error.code().name)
    code = getattr(error, "grpc_status_code", None)
    return str(code.name) if code is not None else "UNKNOWN"


def failures(error: Exception) -> list[Failure]:
    """What a refused call says, at least one."""
    failure = error.failure if isinstance(error, GoogleAdsException) else _in_trailers(error)
    if failure is not None and failure.errors:
        return [_failure(one) for one in failure.errors]
    words = plain(str(getattr(error, "message", "")))
    return _details(error) or [
        Failure(_grpc_code(error), _reason(error) or _grpc_code(error), words, delay=_retry_info(error))
    ]


def _in_trailers(error: Exception) -> Any:
    """The GoogleAdsFailure of an error that google-ads did not translate."""
    response = getattr(error, "response", None)
    trailers = (
        response.trailing_metadata() if response is not None and hasattr(response, "trailing_metadata") else ()
    ) or ()
    for key, value in trailers:
        found = re.fullmatch(r"google\.ads\.googleads\.(v\d+)\.errors\.googleadsfailure-bin", key)
        if found:
            return failure_type(found[1]).deserialize(value)
    return None


def failure_type(version: str) -> Any:
    from importlib import import_module

    return import_module(f"google.ads.googleads.{version}.errors.types.errors").GoogleAdsFailure


def _failure(error: Any) -> Failure:
    kind = type(error.error_code).pb(error.error_code).WhichOneof("error_code") or "unknown"
    name = str(getattr(error.error_code, kind).name) if kind != "unknown" else "UNKNOWN"
    path = list(error.location.field_path_elements) if error.location else []
    row = next(
        (one.index for one in path if one.field_name in ("conversions", "conversion_adjustments") and "index" in one),
        None,
    )
    place = ".".join(one.field_name for one in path)
    return Failure(kind, name, plain(error.message), place, row, _delay(error))


def _delay(error: Any) -> float | None:
    details = error.details.quota_error_details if error.details else None
    return float(details.retry_delay.total_seconds()) if details and details.retry_delay else None


def _retry_info(error: Exception) -> float | None:
    """Data Manager's RetryInfo."""
    found = (one.retry_delay for one in getattr(error, "details", None) or () if hasattr(one, "retry_delay"))
    return next((float(one.ToTimedelta().total_seconds()) for one in found), None)


def row_failures(version: str, status: Any) -> list[Failure]:
    """The errors of a partial failure."""
    kind = failure_type(version)
    return [_failure(one) for detail in status.details for one in kind.deserialize(detail.value).errors]


def _reason(error: Exception) -> str:
    """Data Manager's ErrorInfo."""
    return str(getattr(error, "reason", None) or "")


def _details(error: Exception) -> list[Failure]:
    """Data Manager's wrong fields: `events.events[3].currency`, or `events[3].currency`."""
    found = []
    for detail in getattr(error, "details", None) or ():
        for one in getattr(detail, "field_violations", ()):
            row = re.search(r"events\[(\d+)\]", one.field)
            name = one.reason or _reason(error)
            found.append(Failure("", name, plain(one.description), one.field, int(row[1]) if row else None))
    return found


def plain(text: str) -> str:
    """Google's words without anything that looks like a person's."""
    return _PERSONAL.sub("…", text)[:500]
