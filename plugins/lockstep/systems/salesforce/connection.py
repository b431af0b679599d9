"""Logging in to Salesforce, and the HTTP session under every call.

simple-salesforce knows the login flows; what it lacks is done here, in one place: it has no timeouts and no retries, it
logs in again for each new object, and its own re-login drops the request's headers (so that a session that expires in
mid-run would turn assignment rules on). Hence `client.SalesforceClient` re-sends requests itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from urllib3.util.retry import Retry

from lockstep.errors import AuthenticationError, ConfigError, VendorQuotaExhausted, VendorUnavailable
from lockstep.model import SALESFORCE
from lockstep.systems.base import API, LOGIN, Meter, TokenCache
from lockstep.systems.salesforce.refusals import usage_of

#: how long a cached session is trusted; the org's session timeout is 2 hours by default, 401 corrects us
SESSION_LIFE = timedelta(minutes=90)
_LOGIN_PATHS = ("/services/oauth2/token", "/services/Soap/u/")


@dataclass(frozen=True, slots=True)
class SalesforceConnection:
    """Plain strings of the `salesforce` connection. Which fields are set selects the flow, as in simple-salesforce.

    Client credentials: consumer_key, consumer_secret, domain (My Domain prefix, such as `acme.my`). JWT: username,
    consumer_key, private_key or private_key_file. Password: username, password, security_token (SOAP), or with
    consumer_key and consumer_secret (OAuth). `ca`: path of a CA bundle.
    """

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)
    consumer_key: str | None = None
    consumer_secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    private_key_file: str | None = None
    organization_id: str | None = None
    domain: str | None = None
    instance: str | None = None
    instance_url: str | None = None
    session_id: str | None = field(default=None, repr=False)
    version: str = "62.0"
    proxies: dict[str, str] | None = None
    ca: str | None = None

    @property
    def key(self) -> str:
        """Names the login in the token cache; holds nothing secret."""
        return ":".join((SALESFORCE, self.domain or "login", self.username or "", self.consumer_key or ""))


class MeteredAdapter(HTTPAdapter):
    """Every request passes here, logins too: timeout, meter, and a retry of connections that were never made.

    The connection's own proxies and CA are set here, since in requests the environment's go before a session's.
    """

    def __init__(self, meter: Meter, timeout: tuple[float, float], connection: SalesforceConnection):
        # reads and statuses are not retried here: only the caller knows whether a call may be repeated
        super().__init__(max_retries=Retry(total=2, connect=2, read=0, status=0, other=0, backoff_factor=0.2))
        self._meter, self._timeout = meter, timeout
        own = {"proxies": connection.proxies, "verify": connection.ca}
        self._own = {name: value for name, value in own.items() if value}

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        bucket = LOGIN if any(path in (request.url or "") for path in _LOGIN_PATHS) else API
        self._meter.acquire(SALESFORCE, bucket)
        options |= self._own | {"timeout": options.get("timeout") or self._timeout}
        started = time.monotonic()
        try:
            response = super().send(request, **options)
        except requests.RequestException:
            self._meter.record(SALESFORCE, bucket, 0, (time.monotonic() - started) * 1000, None)
            raise
        elapsed = (time.monotonic() - started) * 1000
        self._meter.record(SALESFORCE, bucket, response.status_code, elapsed, usage_of(response.headers))
        return response


def http_session(connection: SalesforceConnection, meter: Meter, timeout: tuple[float, float]) -> requests.Session:
    session = requests.Session()
    adapter = MeteredAdapter(meter, timeout, connection)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class Login:
    """One logged-in simple-salesforce object, kept until Salesforce says 401."""

    def __init__(
        self,
        connection: SalesforceConnection,
        session: requests.Session,
        tokens: TokenCache | None,
        now: Callable[[], datetime],
    ):
        self._connection, self._session, self._tokens, self._now = connection, session, tokens, now
        self._client: Salesforce | None = None

    @property
    def client(self) -> Salesforce:
        if self._client is None:
            self._client = self._cached() or self._log_in()
        return self._client

    def expired(self) -> None:
        """Salesforce refused the session: forget it, so that the next use logs in."""
        self._client = None
        if self._tokens is not None:
            self._tokens.forget(self._connection.key)
        if self._connection.session_id:
            raise AuthenticationError(
                "Salesforce refused the session id of the connection.",
                hint="Give the connection credentials that can log in (client credentials or JWT).",
            )

    def _cached(self) -> Salesforce | None:
        token = self._tokens.get(self._connection.key) if self._tokens is not None else None
        if not token:
            return None
        return Salesforce(
            session_id=token["session_id"],
            instance_url=token["instance_url"],
            session=self._session,
            version=self._connection.version,
        )

    def _log_in(self) -> Salesforce:
        try:
            client = Salesforce(**self._credentials(), session=self._session, version=self._connection.version)
        except SalesforceAuthenticationFailed as error:
            raise _login_error(error) from error
        except requests.exceptions.SSLError as error:
            raise ConfigError(
                "The TLS connection to Salesforce's login could not be made.",
                hint="Check the CA bundle and the proxies of the connection.",
            ) from error
        except requests.RequestException as error:
            raise VendorUnavailable(f"Salesforce's login did not answer ({type(error).__name__}).") from error
        except TypeError as error:
            raise ConfigError(
                "The Salesforce connection lacks login details.",
                hint="Set consumer_key, consumer_secret and domain (My Domain prefix, such as 'acme.my'), or JWT details.",
            ) from error
        self._keep(client)
        return client

    def _keep(self, client: Salesforce) -> None:
        if self._tokens is not None and not self._connection.session_id:
            token = {"session_id": client.session_id, "instance_url": f"https://{client.sf_instance}"}
            self._tokens.put(self._connection.key, token, self._now() + SESSION_LIFE)

    def _credentials(self) -> dict[str, Any]:
        one = self._connection
        return {
            "username": one.username,
            "password": one.password,
            "security_token": one.security_token,
            "session_id": one.session_id,
            "instance": one.instance,
            "instance_url": one.instance_url,
            "organizationId": one.organization_id,
            "domain": one.domain,
            "consumer_key": one.consumer_key,
            "consumer_secret": one.consumer_secret,
            "privatekey": one.private_key,
            "privatekey_file": one.private_key_file,
        }


def _login_error(error: SalesforceAuthenticationFailed) -> Exception:
    code = str(error.code)
    if code.isdigit() and int(code) >= 500 or code in {"SERVER_UNAVAILABLE", "server_error", "temporarily_unavailable"}:
        return VendorUnavailable(f"Salesforce's login is not available ({code}).")
    if code == "REQUEST_LIMIT_EXCEEDED":
        return VendorQuotaExhausted(
            "Salesforce's daily API calls are used up.", hint="Wait until calls leave the rolling 24 hours."
        )
    return AuthenticationError(
        f"Salesforce refused the login ({code}): {error.content.decode(errors='replace')}",
        hint="Check the connection's credentials, the connected app's policies and the My Domain prefix.",
    )
