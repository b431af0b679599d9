"""Logging in to Google: credentials, access tokens that are kept between tasks, and gRPC channels.

Channels are made here and not by GoogleAdsClient: it takes its root certificates and proxy from the environment of the process
alone, once, and its logging interceptor writes whole requests, hashed people included.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import google.auth.transport
import google.auth.transport.requests
import grpc
import requests
from google.auth.transport.grpc import AuthMetadataPlugin
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials

from lockstep.errors import ConfigError
from lockstep.model import GOOGLE_ADS
from lockstep.systems.base import LOGIN, Meter, TokenCache
from lockstep.systems.google_ads.connection import GoogleAdsConnection

SCOPES = ("https://www.googleapis.com/auth/adwords", "https://www.googleapis.com/auth/datamanager")


class MeteredRequest(google.auth.transport.Request):  # type: ignore[misc]
    """The token endpoint's HTTP, with our certificates and proxy, counted by the meter."""

    def __init__(self, connection: GoogleAdsConnection, meter: Meter):
        session = requests.Session()
        session.trust_env = connection.ca is None and connection.proxy is None
        session.verify = connection.ca or True
        if connection.proxy:
            session.proxies = {"https": connection.proxy}
        self._request, self._meter = google.auth.transport.requests.Request(session), meter

    def __call__(self, *args: Any, **options: Any) -> Any:
        self._meter.acquire(GOOGLE_ADS, LOGIN)
        started, status = time.monotonic(), 0
        try:
            answer = self._request(*args, **options)
            status = answer.status
        finally:
            self._meter.record(GOOGLE_ADS, LOGIN, status, (time.monotonic() - started) * 1000, None)
        return answer


class Login:
    """Credentials whose access token is kept between tasks."""

    def __init__(self, connection: GoogleAdsConnection, meter: Meter, tokens: TokenCache | None):
        self._connection, self._tokens = connection, tokens
        self.request = MeteredRequest(connection, meter)
        self.credentials = _credentials(connection)
        kept = tokens.get(connection.key) if tokens else None
        if kept:
            self.credentials.token = kept["token"]
            self.credentials.expiry = datetime.fromisoformat(kept["expiry"])
        self._saved = self.credentials.token

    def keep(self) -> None:
        """Keep a token that was fetched meanwhile."""
        one = self.credentials
        if self._tokens and one.token and one.token != self._saved and one.expiry:
            value = {"token": one.token, "expiry": one.expiry.isoformat()}
            self._tokens.put(self._connection.key, value, one.expiry.replace(tzinfo=UTC))
            self._saved = one.token

    def expired(self) -> None:
        """Google no longer takes the token: fetch another one."""
        if self._tokens:
            self._tokens.forget(self._connection.key)
        self.credentials.token = None
        self.credentials.expiry = None


def _credentials(connection: GoogleAdsConnection) -> Any:
    if connection.service_account:
        info = {
            **connection.service_account,
            "token_uri": connection.service_account.get("token_uri", connection.token_uri),
        }
        try:
            return service_account.Credentials.from_service_account_info(info, scopes=SCOPES)
        except ValueError:
            raise ConfigError(
                "The service account key of the connection `google_ads_default` cannot be read.",
                hint="Put the whole content of the JSON key into `service_account`.",
            ) from None
    return Credentials(
        None,
        refresh_token=connection.refresh_token,
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        token_uri=connection.token_uri,
        scopes=SCOPES,
    )


def channel(connection: GoogleAdsConnection, login: Login, host: str, interceptors: Sequence[Any] = ()) -> grpc.Channel:
    """A TLS channel that carries the access token."""
    ca = Path(connection.ca).read_bytes() if connection.ca else None
    plugin = AuthMetadataPlugin(login.credentials, login.request)
    secured = grpc.composite_channel_credentials(
        grpc.ssl_channel_credentials(root_certificates=ca), grpc.metadata_call_credentials(plugin)
    )
    proxied = [("grpc.http_proxy", connection.proxy)] if connection.proxy else []
    # an answer about 2,000 rows can be larger than gRPC's own limit of 4 MB
    options = [("grpc.max_receive_message_length", 64 * 1024 * 1024), *proxied]
    target = host if ":" in host else f"{host}:443"
    opened = grpc.secure_channel(target, secured, options)
    return grpc.intercept_channel(opened, *interceptors) if interceptors else opened
