"""Access tokens and the OAuth 2.0 and SOAP ways to get one (Salesforce Help, OAuth Authorization Flows; SOAP login())."""

import base64
import binascii
import hmac
import secrets
from collections import deque
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import jwt

from sandbox.http import Answer, Call, as_json
from sandbox.salesforce.errors import rejected
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.store import Row

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Refused(Exception):  # noqa: N818
    """A token is not given; ``error`` and ``text`` are OAuth's error and error_description."""

    def __init__(self, error: str, text: str) -> None:
        super().__init__(f"{error}: {text}")
        self.error, self.text = error, text


class Sessions:
    """The tokens in force, and the endpoints that give them."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self._tokens: dict[str, tuple[str, datetime]] = {}
        self._uses: dict[str, int] = {}
        self._logins: dict[str, deque[datetime]] = {}
        self.organization = org.settings["organization_id"] or make_id("00D", 1)

    # --- tokens ----------------------------------------------------------------------------------------------------
    def issue(self, user: str) -> str:
        """Return a new token of a user."""
        token = f"{self.organization[:15]}!AQ0AQ{secrets.token_urlsafe(60)}"
        seconds = self.org.settings["session_seconds"]
        self._tokens[token] = (user, self.org.clock.now() + timedelta(seconds=seconds))
        return token

    def user_of(self, call: Call) -> str:
        """Return the user whose token a call carries; Rejected with 401 if it has no valid one."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        return self.user_with(token if scheme.lower() in {"bearer", "oauth"} else "")

    def user_with(self, token: str) -> str:
        """Return the user of a token; Rejected with 401 if it is not valid."""
        held = self._tokens.get(token)
        if not self.org.settings["tokens_valid"] or held is None or held[1] <= self.org.clock.now():
            raise rejected("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        self._uses[token] = self._uses.get(token, 0) + 1
        if self._uses[token] == self.org.settings["session_calls"]:
            del self._tokens[token]
        return held[0]

    def _too_often(self, user: str) -> bool:
        """Count one log-in of a user; True if the hour has no room for it."""
        most, now = self.org.settings["logins_per_hour"], self.org.clock.now()
        times = self._logins.setdefault(user, deque())
        while times and times[0] <= now - timedelta(hours=1):
            times.popleft()
        if most is not None and len(times) >= most:
            return True
        times.append(now)
        return False

    def expire_all(self) -> int:
        """Make every token invalid and return how many there were."""
        count = len(self._tokens)
        self._tokens.clear()
        return count

    # --- OAuth -----------------------------------------------------------------------------------------------------
    def token(self, call: Call) -> Answer:
        """Answer ``/services/oauth2/token``."""
        form = {key: values[-1] for key, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
        grants = {
            "client_credentials": self._client_credentials,
            "password": self._password,
            "refresh_token": self._refresh,
            JWT_GRANT: self._jwt,
        }
        grant = grants.get(form.get("grant_type", ""))
        try:
            if grant is None:
                raise Refused("unsupported_grant_type", "grant type not supported")
            user = grant(call, form)
            if self._too_often(user):
                raise Refused("invalid_grant", self.org.text("login_rate"))
        except Refused as error:
            return as_json({"error": error.error, "error_description": error.text}, 400)
        body = self._token_body(call, user)
        return as_json(body if grant == self._jwt else body | self._signed(call, form, body["id"]))

    def _token_body(self, call: Call, user: str) -> dict[str, Any]:
        return {
            "access_token": self.issue(user),
            "scope": "api",
            "instance_url": self.instance(call),
            "id": self.identity_url(call, user),
            "token_type": "Bearer",
        }

    def _signed(self, call: Call, form: dict[str, str], identity: str) -> dict[str, Any]:
        """What all flows but the JWT bearer's add: a signature of the identity URL and the time, with the client's secret."""
        issued = str(int(self.org.clock.now().timestamp() * 1000))
        _, secret = _basic(call) or ("", form.get("client_secret", ""))
        signature = hmac.digest(secret.encode(), (identity + issued).encode(), "sha256")
        return {
            "signature": base64.b64encode(signature).decode(),
            "issued_at": issued,
            "api_instance_url": "https://api.salesforce.com",
        }

    def instance(self, call: Call) -> str:
        """Return the URL that a client is to go on with: the My Domain it asked, or its own plain port."""
        host = call.host.lower()
        if call.scheme == "http" and not host.split(":")[0].endswith("salesforce.com"):
            return f"http://{call.host}"
        name = host.split(":")[0]
        return f"https://{name}" if name.endswith(".my.salesforce.com") else f"https://{self.org.settings['my_domain']}"

    def identity_url(self, call: Call, user: str) -> str:
        """Return the URL that tells who a user is; a client of the plain port stays there."""
        instance = self.instance(call)
        base = instance if instance.startswith("http://") else "https://login.salesforce.com"
        return f"{base}/id/{self.organization}/{user}"

    def _client_credentials(self, call: Call, form: dict[str, str]) -> str:
        host = call.host.split(":")[0].lower()
        if host in {"login.salesforce.com", "test.salesforce.com"}:
            raise Refused("invalid_grant", "request not supported on this domain")
        key, secret = _basic(call) or (form.get("client_id", ""), form.get("client_secret", ""))
        self._check_client(key, secret)
        return self.org.default_user()

    def _check_client(self, key: str, secret: str) -> None:
        clients = self.org.settings["clients"]
        if not key or (clients is not None and key not in clients):
            raise Refused("invalid_client_id", "client identifier invalid")
        if not secret or (clients is not None and clients[key] != secret):
            raise Refused("invalid_client", "invalid client credentials")

    def _password(self, call: Call, form: dict[str, str]) -> str:
        self._check_client(form.get("client_id", ""), form.get("client_secret", ""))
        user = self._log_in(form.get("username", ""), form.get("password", ""))
        if user is None:
            raise Refused("invalid_grant", "authentication failure")
        return str(user["Id"])

    def _refresh(self, call: Call, form: dict[str, str]) -> str:
        self._check_client(*(_basic(call) or (form.get("client_id", ""), form.get("client_secret", ""))))
        token, known = form.get("refresh_token", ""), self.org.settings["refresh_tokens"]
        if not token or (known is not None and token not in known):
            raise Refused("invalid_grant", "expired access/refresh token")
        return self.org.default_user()

    def _jwt(self, call: Call, form: dict[str, str]) -> str:
        assertion = form.get("assertion", "")
        try:
            key = jwt.decode(assertion, options={"verify_signature": False, "verify_exp": False}).get("iss", "")
            pem = self.org.settings["certificates"].get(key)
            options: Any = {"verify_exp": False, "verify_aud": False, "verify_signature": pem is not None}
            claims = jwt.decode(assertion, pem or "", algorithms=["RS256"], options=options)
            expires = float(claims.get("exp", 0))
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise Refused("invalid_grant", "invalid assertion") from error
        self._check_claims(claims, expires)
        return self._jwt_user(claims)

    def _check_claims(self, claims: dict[str, Any], expires: float) -> None:
        clients = self.org.settings["clients"]
        if not claims.get("iss") or (clients is not None and claims["iss"] not in clients):
            raise Refused("invalid_client_id", "client identifier invalid")
        if not str(claims.get("aud", "")).startswith("https://") or not str(claims["aud"]).endswith(".salesforce.com"):
            raise Refused("invalid_grant", "audience is invalid")
        if expires <= self.org.clock.now().timestamp():
            raise Refused("invalid_grant", "expired authorization code")

    def _jwt_user(self, claims: dict[str, Any]) -> str:
        user = self._user(str(claims.get("sub", claims.get("prn", ""))))
        if user is None:
            raise Refused("invalid_grant", "user hasn't approved this consumer")
        return str(user["Id"])

    # --- users -----------------------------------------------------------------------------------------------------
    def _user(self, username: str) -> Row | None:
        wanted = username.casefold()
        return next(
            (u for u in self.org.store.rows("User") if u["IsActive"] and u["Username"].casefold() == wanted), None
        )

    def _log_in(self, username: str, password: str) -> Row | None:
        wanted = self.org.settings["passwords"].get(username)
        good = bool(password) if wanted is None else password == wanted
        return self._user(username) if good else None

    def revoke(self, call: Call) -> Answer:
        """Answer ``/services/oauth2/revoke``."""
        form = parse_qs(call.body.decode("utf-8", "replace"))
        token = call.query.get("token") or form.get("token", [""])[0]
        if self._tokens.pop(token, None) is None:
            return as_json(
                {"error": "unsupported_token_type", "error_description": "this token type is not supported"}, 400
            )
        return Answer(200, kind=None)

    # --- SOAP ------------------------------------------------------------------------------------------------------
    def soap(self, call: Call, version: str) -> Answer:
        """Answer SOAP ``login()``."""
        try:
            root = ElementTree.fromstring(call.body)
        except ElementTree.ParseError:
            return soap_fault("soapenv:Client", "The markup in the document is not well-formed.")
        texts = {element.tag.rpartition("}")[2]: (element.text or "") for element in root.iter()}
        if "username" not in texts or "login" not in texts:
            return soap_fault("soapenv:Client", "No operation available for request")
        if float(version) > self.org.settings["soap_login_last_version"]:
            return soap_fault("UNSUPPORTED_API_VERSION", self.org.text("soap_version"))
        user = self._log_in(texts["username"], texts.get("password", ""))
        if user is None:
            message = "Invalid username, password, security token; or user locked out."
            return soap_fault("INVALID_LOGIN", message)
        if self._too_often(str(user["Id"])):
            return soap_fault("LOGIN_RATE_EXCEEDED", self.org.text("login_rate"))
        return self._soap_login(call, version, user)

    def _soap_login(self, call: Call, version: str, user: Row) -> Answer:
        server = f"{self.instance(call)}/services/Soap/u/{version}/{self.organization[:15]}"
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns="urn:partner.soap.sforce.com"><soapenv:Body><loginResponse><result>'
            f"<metadataServerUrl>{server.replace('/u/', '/m/')}</metadataServerUrl><passwordExpired>false</passwordExpired>"
            f"<sandbox>false</sandbox><serverUrl>{server}</serverUrl><sessionId>{self.issue(user['Id'])}</sessionId>"
            f"<userId>{user['Id']}</userId><userInfo>{self._user_info(user)}</userInfo>"
            "</result></loginResponse></soapenv:Body></soapenv:Envelope>"
        )
        return Answer(200, body.encode(), "text/xml;charset=UTF-8")

    def _user_info(self, user: Row) -> str:
        """Return the elements of ``GetUserInfoResult`` (SOAP API Developer Guide)."""
        organization = next(iter(self.org.store.rows("Organization")), {})
        found = {
            "accessibilityMode": "false", "chatterExternal": "false", "currencySymbol": "$",
            "orgAttachmentFileSizeLimit": "26214400", "orgDefaultCurrencyIsoCode": "USD",
            "orgDefaultCurrencyLocale": "en_US", "orgDisallowHtmlAttachments": "false", "orgHasPersonAccounts": "false",
            "organizationId": self.organization, "organizationMultiCurrency": "false",
            "organizationName": organization.get("Name") or "Sandbox", "profileId": user.get("ProfileId") or "",
            "roleId": "", "sessionSecondsValid": str(self.org.settings["session_seconds"]),
            "userDefaultCurrencyIsoCode": "", "userEmail": user["Email"], "userFullName": user["Name"],
            "userId": user["Id"], "userLanguage": "en_US", "userLocale": "en_US", "userName": user["Username"],
            "userTimeZone": "GMT", "userType": "Standard", "userUiSkin": "Theme3",
        }  # fmt: skip
        return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in found.items())


def soap_fault(code: str, message: str) -> Answer:
    """Return a SOAP fault: HTTP 500 with Salesforce's exception code."""
    full = code if ":" in code else f"sf:{code}"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>{full}</faultcode><faultstring>{code}: {message}</faultstring><detail><sf:LoginFault>"
        f"<sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{message}</sf:exceptionMessage>"
        "</sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Answer(500, body.encode(), "text/xml;charset=UTF-8")


def _basic(call: Call) -> tuple[str, str] | None:
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        key, _, secret = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return key, secret
