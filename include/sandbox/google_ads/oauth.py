"""Google's OAuth token endpoints: refresh token, service account (JWT bearer), revocation; and the tokens they gave out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt

from sandbox.clock import Clock
from sandbox.google_ads.settings import Settings
from sandbox.http import Answer, Call, as_json

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JWT_SECONDS_MAX = 3_600
SKEW_SECONDS = 300


@dataclass(frozen=True)
class Token:
    """An access token's grant: the refresh token or account behind it."""

    grant: str
    scopes: tuple[str, ...]
    expires: datetime


class Refused(Exception):
    """The token endpoint refuses: an OAuth error code, its description and the HTTP status."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code, self.description, self.status = code, description, status


class Tokens:
    """Access tokens by their text. Expiry comes from the sandbox's clock."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.clock, self.settings = clock, settings
        self.issued: dict[str, Token] = {}
        self.revoked: set[str] = set()
        self.grants: set[str] = set()

    # --- use ---------------------------------------------------------------------------------------------------------
    def problem(self, header: str, scope: str) -> str | None:
        """Return what is wrong with an Authorization header (an AuthenticationError name, or "scope"); None if it is good."""
        kind, _, text = header.partition(" ")
        if kind.lower() != "bearer" or not text:
            return "OAUTH_TOKEN_HEADER_INVALID"
        token = self.issued.get(text)
        if token is None:
            return "OAUTH_TOKEN_INVALID"
        if token.grant in self.revoked:
            return "OAUTH_TOKEN_REVOKED"
        if token.expires <= self.clock.now():
            return "OAUTH_TOKEN_EXPIRED"
        return None if scope in token.scopes else "scope"

    def expire(self) -> int:
        """Let all access tokens end now; return how many."""
        now = self.clock.now()
        ended = {text: token for text, token in self.issued.items() if token.expires > now}
        self.issued |= {text: Token(token.grant, token.scopes, now) for text, token in ended.items()}
        return len(ended)

    def revoke_all(self) -> int:
        """Revoke every refresh token that was used so far, and what was got with it; return how many."""
        fresh = self.grants - self.revoked
        self.revoked |= fresh
        return len(fresh)

    # --- the token endpoint ------------------------------------------------------------------------------------------
    def token(self, call: Call) -> Answer:
        """Answer ``POST /token``."""
        form = {key: values[-1] for key, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
        try:
            grant, scopes = self._grant(form)
        except Refused as refused:
            body = {"error": refused.code, "error_description": refused.description}
            return as_json(body, refused.status)
        return as_json(self._issue(grant, scopes))

    def _grant(self, form: dict[str, str]) -> tuple[str, tuple[str, ...]]:
        kind = form.get("grant_type")
        if kind == "refresh_token":
            return self._refresh(form)
        if kind == JWT_BEARER:
            return self._assertion(form.get("assertion", ""))
        if kind is None:
            raise Refused("invalid_request", "Required parameter is missing: grant_type")
        raise Refused("unsupported_grant_type", f"Invalid grant_type: {kind}")

    def _refresh(self, form: dict[str, str]) -> tuple[str, tuple[str, ...]]:
        self._check_client(form.get("client_id"), form.get("client_secret"))
        token, allowed = form.get("refresh_token"), self.settings["refresh_tokens"]
        if not token:
            raise Refused("invalid_request", "Missing required parameter: refresh_token")
        if token in self.revoked or (allowed is not True and token not in (allowed or ())):
            raise Refused("invalid_grant", "Token has been expired or revoked.")
        return token, self._scopes(form.get("scope", ""))

    def _check_client(self, client: str | None, secret: str | None) -> None:
        known = self.settings["clients"]
        if not client:
            raise Refused("invalid_request", "Could not determine client ID from request.")
        if known is not None and client not in known:
            raise Refused("invalid_client", "The OAuth client was not found.", 401)
        if not secret or (known is not None and known[client] != secret):
            raise Refused("invalid_client", "The provided client secret is invalid.", 401)

    def _scopes(self, wanted: str) -> tuple[str, ...]:
        granted = tuple(self.settings["granted_scopes"])
        scopes = tuple(wanted.split()) or granted
        if any(scope not in granted for scope in scopes):
            raise Refused("invalid_scope", "Bad Request")
        return scopes

    def _assertion(self, assertion: str) -> tuple[str, tuple[str, ...]]:
        claims = self._claims(assertion)
        now = self.clock.now().timestamp()
        issued, expires = float(claims.get("iat", 0)), float(claims.get("exp", 0))
        if not issued - SKEW_SECONDS <= now < expires + SKEW_SECONDS or expires - issued > JWT_SECONDS_MAX:
            text = (
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your "
                "iat and exp values in the JWT claim."
            )
            raise Refused("invalid_grant", text)
        if not str(claims.get("aud", "")).endswith("/token"):
            raise Refused("invalid_grant", "Invalid JWT: Failed audience check.")
        return str(claims["iss"]), self._scopes(str(claims.get("scope", "")))

    def _claims(self, assertion: str) -> dict[str, Any]:
        keys = self.settings["service_accounts"]
        loose: Any = {"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_signature": False}
        try:
            issuer = jwt.decode(assertion, options=loose).get("iss")
            if not issuer or issuer in self.revoked or (keys is not None and issuer not in keys):
                raise Refused("invalid_grant", "Invalid grant: account not found")
            checked = loose | {"verify_signature": keys is not None}
            return dict(jwt.decode(assertion, keys[issuer] if keys else "", algorithms=["RS256"], options=checked))
        except jwt.PyJWTError as problem:
            raise Refused("invalid_grant", "Invalid JWT Signature.") from problem

    def _issue(self, grant: str, scopes: tuple[str, ...]) -> dict[str, Any]:
        seconds = int(self.settings["token_seconds"])
        text = f"ya29.{secrets.token_urlsafe(48)}"
        self.grants.add(grant)
        self.issued[text] = Token(grant, scopes, self.clock.now() + timedelta(seconds=seconds))
        return {"access_token": text, "expires_in": seconds, "scope": " ".join(scopes), "token_type": "Bearer"}

    def revoke(self, call: Call) -> Answer:
        """Answer ``POST /revoke``: of a refresh token, or of an access token's grant."""
        form = parse_qs(call.body.decode("utf-8", "replace"))
        text = call.query.get("token") or form.get("token", [""])[-1]
        grant = self.issued[text].grant if text in self.issued else text
        if grant not in self.grants or grant in self.revoked:
            return as_json({"error": "invalid_token", "error_description": "Token expired or revoked"}, 400)
        self.revoked.add(grant)
        return as_json({})

    def info(self, call: Call) -> Answer:
        """Answer ``GET /tokeninfo``."""
        token = self.issued.get(call.query.get("access_token", ""))
        left = (token.expires - self.clock.now()).total_seconds() if token else 0
        if token is None or left <= 0 or token.grant in self.revoked:
            return as_json({"error": "invalid_token", "error_description": "Invalid Value"}, 400)
        return as_json({"scope": " ".join(token.scopes), "expires_in": str(int(left)), "access_type": "offline"})
