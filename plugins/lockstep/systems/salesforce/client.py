"""One call to Salesforce: session, re-login, retries, and errors in our terms."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
import requests

from lockstep.errors import (
    AccessError,
    AuthenticationError,
    LockstepError,
    RateLimited,
    RetriableError,
    VendorQuotaExhausted,
    VendorUnavailable,
)
from lockstep.model import Usage
from lockstep.systems.answers import TRIES, LostAnswer, Refused, broken, pause
from lockstep.systems.salesforce.connection import Login
from lockstep.systems.salesforce.refusals import errors_of, rejection_of, usage_of

#: Composite Resource: at most 25 subrequests, of which 5 may be queries or Collections
COMPOSITE, COMPOSITE_HEAVY = 25, 5
_ACCESS_CODES = {
    "API_DISABLED_FOR_ORG",
    "API_CURRENTLY_DISABLED",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "INSUFFICIENT_ACCESS",
}


class SalesforceClient:
    """Thin calls over the session that simple-salesforce logged in."""

    def __init__(
        self, login: Login, session: requests.Session, version: str, sleep: Callable[[float], None] = time.sleep
    ):
        self._login, self._session, self._sleep = login, session, sleep
        self.root = f"/services/data/v{version}"
        self.usage: Usage | None = None

    def json(self, method: str, path: str, **options: Any) -> Any:
        """As `call`; the parsed body, None for an empty one."""
        content = self.call(method, path, **options).content
        try:
            return orjson.loads(content) if content else None
        except orjson.JSONDecodeError as error:
            raise LostAnswer("Salesforce's answer could not be read.") from error

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> requests.Response:
        """Call `path` (absolute, or below /services/data/vNN). `repeatable` False: a lost answer raises LostAnswer."""
        attempt, logged_in = 1, False
        while True:
            try:
                response = self._send(method, path, params, body, headers)
                if _expired(response) and not logged_in:
                    self._login.expired()
                    logged_in = True
                    continue
                self.usage = usage_of(response.headers) or self.usage
                if response.status_code < 300:
                    return response
                raise error_of(response, repeatable)
            except requests.RequestException as error:
                failure = _broken(error, repeatable)
            except RetriableError as error:
                failure = error
            if attempt >= TRIES or isinstance(failure, LostAnswer) or not isinstance(failure, RetriableError):
                raise failure
            self._sleep(failure.retry_after or pause(attempt))
            attempt += 1

    def _send(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Any, headers: Mapping[str, str] | None
    ) -> requests.Response:
        client = self._login.client
        own = {"Authorization": f"Bearer {client.session_id}", "Content-Type": "application/json", "Accept": "*/*"}
        url = f"https://{client.sf_instance}{path if path.startswith('/services/') else self.root + path}"
        data = None if body is None else orjson.dumps(body)
        return self._session.request(method, url, params=params, data=data, headers=own | dict(headers or {}))

    @property
    def address(self) -> str:
        """Where the organisation's pages are, once logged in."""
        return f"https://{self._login.client.sf_instance}"

    def composite(self, requests: Sequence[Mapping[str, Any]], repeatable: bool = True) -> list[tuple[int, Any]]:
        """Several requests in one API call; (status, body) of each, in order."""
        body = {"allOrNone": False, "compositeRequest": [_subrequest(n, one) for n, one in enumerate(requests)]}
        answer = self.json("POST", "/composite", body=body, repeatable=repeatable)
        by_name = {one["referenceId"]: (int(one["httpStatusCode"]), one["body"]) for one in answer["compositeResponse"]}
        return [by_name[f"part{n}"] for n in range(len(requests))]


def _subrequest(n: int, one: Mapping[str, Any]) -> dict[str, Any]:
    return {"referenceId": f"part{n}", **{name: value for name, value in one.items() if value is not None}}


def _expired(response: requests.Response) -> bool:
    """REST says 401; the OAuth resources say 403 with a word of text."""
    return response.status_code == 401 or (response.status_code == 403 and b"_OAuth_Token" in response.content[:40])


def _broken(error: requests.RequestException, repeatable: bool) -> LockstepError:
    """No answer: requests wraps urllib3's error."""
    inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error
    return broken("Salesforce", inner, repeatable)


def error_of(response: requests.Response, repeatable: bool) -> Exception:
    """The error that an answer of 300 or more means."""
    status, errors = response.status_code, errors_of(response.content)
    rejection = rejection_of(errors, status)
    code = rejection.vendor_code or ""
    if _expired(response):
        return AuthenticationError(
            f"Salesforce refuses the session ({code}).", hint="Check the integration user and the app."
        )
    if code == "REQUEST_LIMIT_EXCEEDED":
        return _limit(rejection.message)
    if code in _ACCESS_CODES and status == 403:
        return AccessError(
            f"Salesforce denies access ({code}): {rejection.message}",
            hint="Grant the integration user API access to the object.",
        )
    if status == 429:
        return RateLimited("Salesforce asks for a slower pace.", retry_after=_retry_after(response))
    if status == 503 or code in {"QUERY_TIMEOUT", "SERVER_UNAVAILABLE"}:
        return VendorUnavailable(
            f"Salesforce is not available ({code}): {rejection.message}", retry_after=_retry_after(response)
        )
    if status >= 500:
        message = f"Salesforce failed with {status}."
        return VendorUnavailable(message) if repeatable else LostAnswer(message)
    return Refused("Salesforce", status, rejection, errors)


def _limit(message: str) -> Exception:
    if "concurrent" in message.lower():
        return RateLimited("Salesforce: too many long requests at the same time.")
    return VendorQuotaExhausted(
        "Salesforce's daily API calls are used up.", hint="Wait until calls leave the rolling 24 hours."
    )


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
