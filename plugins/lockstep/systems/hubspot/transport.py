"""The one transport under hubspot-api-client.

The client (12.0) knows only v3 and v4 paths, which HubSpot ends in 2027; it makes a new connection pool for every API
object, has no timeouts, and its retries leave out every POST. So all its API objects share this pool, which rewrites
paths to the dated API, paces and counts calls, and turns errors into ours. Models are never built: they cost a hundred
times what reading the JSON costs, so callers pass `_preload_content=False` and read the bytes.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
import urllib3

from lockstep.errors import (
    AccessError,
    AuthenticationError,
    RateLimited,
    RetriableError,
    VendorQuotaExhausted,
    VendorUnavailable,
)
from lockstep.model import HUBSPOT, Usage
from lockstep.systems.answers import TRIES, LostAnswer, Refused, broken, pause
from lockstep.systems.base import SEARCH, TEN_SECONDLY, Meter
from lockstep.systems.hubspot.refusals import parsed, rejections_of, usage_of

_VERSIONED = re.compile(r"/crm/v[34]/(objects|properties|pipelines|lists|owners|associations|imports|exports)\b")
#: reading POSTs: sending them twice does no harm
_READING = re.compile(r"/(search|batch/read)$")
#: "not now", and not carried out: locked, migrating, unavailable, and Cloudflare's connection errors
_NOT_NOW = frozenset({423, 477, 503, 521, 522, 523})


@dataclass(frozen=True, slots=True)
class HubSpotConnection:
    """Plain strings of the `hubspot` connection. `token`: a service key or private-app token. `ca`: path of a CA bundle."""

    token: str = field(repr=False)
    host: str = "https://api.hubapi.com"
    proxy: str | None = None
    ca: str | None = None
    api_version: str = "2026-09"
    timeout: tuple[float, float] = (10.0, 120.0)


class Transport:
    """Stands where the client expects a urllib3 pool manager. Answers of 400 and above never leave it as answers."""

    def __init__(self, connection: HubSpotConnection, meter: Meter, sleep: Callable[[float], None] = time.sleep):
        options: dict[str, Any] = {"maxsize": 16, "retries": False, "ca_certs": connection.ca}
        self._pool = (
            urllib3.ProxyManager(connection.proxy, **options) if connection.proxy else urllib3.PoolManager(**options)
        )
        self._version, self._meter, self._sleep = connection.api_version, meter, sleep
        self._timeout = urllib3.Timeout(*connection.timeout)
        self.usage: Usage | None = None

    def request(self, method: str, url: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """One call with its retries. What may have been carried out and must not be repeated raises LostAnswer."""
        url = self.dated(url)
        path = urlsplit(url).path
        repeatable = method == "GET" or bool(_READING.search(path))
        bucket = SEARCH if path.endswith("/search") else TEN_SECONDLY
        options |= {"preload_content": True, "timeout": self._timeout, "redirect": False}
        attempt = 1
        while True:
            try:
                return self._once(bucket, repeatable, method, url, options)
            except LostAnswer:
                raise
            except RetriableError as error:
                if attempt >= TRIES:
                    raise
                self._sleep(error.retry_after or pause(attempt))
                attempt += 1

    def dated(self, url: str) -> str:
        """The URL on the dated API; the client's trailing slashes are unknown there."""
        head, mark, query = url.partition("?")
        head = _VERSIONED.sub(rf"/crm/\1/{self._version}", head).rstrip("/")
        return head.replace("/crm-object-schemas/v3/", f"/crm-object-schemas/{self._version}/") + mark + query

    def _once(
        self, bucket: str, repeatable: bool, method: str, url: str, options: Mapping[str, Any]
    ) -> urllib3.BaseHTTPResponse:
        self._meter.acquire(HUBSPOT, bucket)
        started = time.monotonic()
        try:
            response = self._pool.request(method, url, **options)
        except urllib3.exceptions.HTTPError as error:
            self._meter.record(HUBSPOT, bucket, 0, (time.monotonic() - started) * 1000, None)
            raise broken("HubSpot", error, repeatable) from error
        usage = usage_of(response.headers)
        self.usage = usage or self.usage
        self._meter.record(HUBSPOT, bucket, response.status, (time.monotonic() - started) * 1000, usage)
        if response.status < 300:
            return response
        raise error_of(response, bucket, repeatable)


def error_of(response: urllib3.BaseHTTPResponse, bucket: str, repeatable: bool) -> Exception:
    """The error that an answer of 300 or more means."""
    status, error = response.status, parsed(response.data)
    rejections = rejections_of(error, status)
    category = rejections[0].vendor_code
    if status == 429:
        return _limit(error, bucket, _retry_after(response))
    if status == 401:
        return AuthenticationError(
            f"HubSpot refuses the token ({category}).",
            hint="Put a valid service key into the connection; keys expire when rotated.",
        )
    if status == 403:
        return AccessError(
            f"HubSpot denies access: {rejections[0].message}", hint=f"Grant the token the scopes: {_scopes(error)}."
        )
    if status in _NOT_NOW:
        return VendorUnavailable(
            f"HubSpot is not available ({status}).",
            retry_after=_retry_after(response) or (2.0 if status == 423 else None),
        )
    if status >= 500:
        message = f"HubSpot failed with {status}."
        return VendorUnavailable(message) if repeatable else LostAnswer(message)
    return Refused("HubSpot", status, rejections[0], error)


def _limit(error: Mapping[str, Any], bucket: str, retry_after: float | None) -> Exception:
    """HubSpot's three 429 bodies: daily and ten-secondly carry a policyName, search carries none."""
    policy = str(error.get("policyName", "")).upper()
    if "DAILY" in policy or "daily limit" in str(error.get("message", "")):
        return VendorQuotaExhausted(
            "HubSpot's daily API calls are used up.", hint="Wait until midnight of the account's time zone."
        )
    return RateLimited("HubSpot asks for a slower pace.", retry_after=retry_after or (1.0 if bucket == SEARCH else 2.5))


def _retry_after(response: urllib3.BaseHTTPResponse) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None


def _scopes(error: Mapping[str, Any]) -> str:
    contexts = [one.get("context") or {} for one in error.get("errors") or ()]
    found = [
        scope for one in contexts for scope in one.get("requiredGranularScopes") or one.get("requiredScopes") or ()
    ]
    return ", ".join(dict.fromkeys(found)) or "named in HubSpot's documentation of this call"


class Client:
    """hubspot-api-client with one API object per kind, all over one transport."""

    def __init__(self, connection: HubSpotConnection, meter: Meter, sleep: Callable[[float], None] = time.sleep):
        # imported here: the client's packages take a second to import, and Airflow parses DAG files often
        from hubspot import HubSpot

        self.transport = Transport(connection, meter, sleep)
        self._connection = connection
        self._apis: dict[tuple[str, str], Any] = {}
        self.crm = HubSpot(access_token=connection.token, api_factory=self._api).crm

    def _api(self, package: Any, name: str, config: Mapping[str, Any]) -> Any:
        key = (package.__name__, name)
        if key not in self._apis:
            configuration = package.Configuration(host=self._connection.host)
            configuration.access_token = config["access_token"]
            api_client = package.ApiClient(configuration=configuration)
            api_client.rest_client.pool_manager = self.transport
            self._apis[key] = getattr(package, name)(api_client=api_client)
        return self._apis[key]

    def get(self, path: str) -> Any:
        """GET a path that the client does not know."""
        return self.call("GET", path)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request that the client does not know; None for an empty answer."""
        headers = {"Authorization": f"Bearer {self._connection.token}", "Accept": "application/json"}
        options: dict[str, Any] = {"headers": headers}
        if body is not None:
            options |= {"headers": headers | {"Content-Type": "application/json"}, "body": orjson.dumps(body)}
        data = self.transport.request(method, self._connection.host + path, **options).data
        return orjson.loads(data) if data else None


def json_of(method: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call a method of the client and return its JSON, without the client's models; None for an empty body."""
    response = method(*args, _preload_content=False, **options)
    try:
        return orjson.loads(response.data) if response.data else None
    except orjson.JSONDecodeError as error:
        raise LostAnswer("HubSpot's answer could not be read.") from error
