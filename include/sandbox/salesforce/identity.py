"""Who a token's user is: the identity URL and OpenID Connect's userinfo (Salesforce Help, Identity URLs, UserInfo Endpoint)."""

from typing import Any

from sandbox.http import Answer, Call, as_json
from sandbox.salesforce.errors import Rejected
from sandbox.salesforce.ids import is_id, to18
from sandbox.salesforce.sessions import Sessions
from sandbox.salesforce.store import Row

BAD_TOKEN = Answer(403, b"Bad_OAuth_Token", "text/html;charset=UTF-8")
BAD_ORGANIZATION = Answer(404, b"Bad_OrgId", "text/html;charset=UTF-8")
BAD_USER = Answer(404, b"Bad_Id", "text/html;charset=UTF-8")
LOCALE = {"language": "en_US", "locale": "en_US", "utcOffset": 0}
RESOURCES = {
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "search": "/services/data/v{version}/search/",
    "query": "/services/data/v{version}/query/",
    "recent": "/services/data/v{version}/recent/",
    "tooling_rest": "/services/data/v{version}/tooling/",
    "enterprise": "/services/Soap/c/{version}/%s",
    "partner": "/services/Soap/u/{version}/%s",
    "metadata": "/services/Soap/m/{version}/%s",
    "tooling_soap": "/services/Soap/T/{version}/%s",
    "profile": "/%s",
}


def userinfo(sessions: Sessions, call: Call) -> Answer:
    """Answer ``/services/oauth2/userinfo``; a word of text to a token that is not valid."""
    user = _asking(sessions, call)
    if user is None:
        return BAD_TOKEN
    names = {"given_name": user.get("FirstName"), "family_name": user.get("LastName")}
    body = {
        "sub": sessions.identity_url(call, user["Id"]), "user_id": user["Id"], "organization_id": sessions.organization,
        "preferred_username": user["Username"], "nickname": user["Username"].partition("@")[0], "name": user["Name"],
        "email": user["Email"], "email_verified": True, "zoneinfo": "GMT", "urls": _urls(sessions, call, user["Id"]),
        "active": user["IsActive"], "user_type": "STANDARD", "is_app_installed": True,
        "updated_at": user["LastModifiedDate"],
    }  # fmt: skip
    return as_json(body | {key: value for key, value in names.items() if value} | LOCALE)


def identity(sessions: Sessions, call: Call) -> Answer:
    """Answer ``/id/{organization}/{user}``, which the token answer names. Clients may give the token as a query key."""
    asking = _asking(sessions, call)
    if asking is None:
        return BAD_TOKEN
    organization, _, wanted = call.path.removeprefix("/id/").strip("/").partition("/")
    if organization[:15] != sessions.organization[:15]:
        return BAD_ORGANIZATION
    user = sessions.org.store.tables["User"].get(to18(wanted)) if is_id(wanted) else None
    if user is None:
        return BAD_USER
    first, last, base = user.get("FirstName"), user.get("LastName"), sessions.instance(call)
    body: dict[str, Any] = {
        "id": sessions.identity_url(call, user["Id"]), "asserted_user": user["Id"] == asking["Id"],
        "user_id": user["Id"], "organization_id": sessions.organization, "username": user["Username"],
        "nick_name": user["Username"].partition("@")[0], "display_name": user["Name"], "email": user["Email"],
        "email_verified": True, "first_name": first, "last_name": last, "timezone": "GMT",
        "photos": {"picture": f"{base}/profilephoto/005/F", "thumbnail": f"{base}/profilephoto/005/T"},
        "addr_street": None, "addr_city": None, "addr_state": None, "addr_country": None, "addr_zip": None,
        "mobile_phone": None, "mobile_phone_verified": False, "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None}, "urls": _urls(sessions, call, user["Id"]),
        "active": user["IsActive"], "user_type": "STANDARD", "last_modified_date": user["LastModifiedDate"],
        "is_app_installed": True,
    }  # fmt: skip
    return as_json(body | LOCALE)


def _asking(sessions: Sessions, call: Call) -> Row | None:
    """The user whose token a call carries; None if it has no valid one."""
    token = call.query.get("oauth_token") or call.query.get("access_token")
    try:
        user = sessions.user_with(token) if token else sessions.user_of(call)
    except Rejected:
        return None
    return sessions.org.store.tables["User"][user]


def _urls(sessions: Sessions, call: Call, user: str) -> dict[str, str]:
    base, short = sessions.instance(call), sessions.organization[:15]
    held = {"profile": user}
    return {name: base + path.replace("%s", held.get(name, short)) for name, path in RESOURCES.items()}
