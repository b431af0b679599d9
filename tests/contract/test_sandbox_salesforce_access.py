"""Logging in, metadata, limits and routes of the sandbox's Salesforce."""

import base64
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.contract.salesforce_org import API_USER, NOW, Client, Reply, organisation

from sandbox.http import Call
from sandbox.salesforce import ids

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture
def sf() -> Client:
    return organisation()[0]


def token(sf: Client, host: str = "acme.my.salesforce.com", basic: str | None = None, **form: str) -> Reply:
    headers = {"host": host}
    if basic:
        headers["authorization"] = "Basic " + base64.b64encode(basic.encode()).decode()
    call = Call(
        "POST", "/services/oauth2/token", "/services/oauth2/token", {}, headers, urlencode(form).encode(), "https"
    )
    return Reply(sf.org.api.handle(call))


# --- tokens ------------------------------------------------------------------------------------------------------------
def test_token_answers_are_signed_with_the_clients_secret(sf: Client) -> None:
    body = token(sf, basic="key:secret", grant_type="client_credentials").json
    wanted = hmac.digest(b"secret", (body["id"] + body["issued_at"]).encode(), "sha256")
    assert base64.b64decode(body["signature"]) == wanted


def test_client_credentials_need_a_my_domain(sf: Client) -> None:
    reply = token(sf, basic="key:secret", grant_type="client_credentials")
    assert reply.json["instance_url"] == "https://acme.my.salesforce.com"
    sf.token = reply.json["access_token"]
    assert sf.query("SELECT COUNT() FROM User")["totalSize"] == 3
    refused = token(sf, "login.salesforce.com", "key:secret", grant_type="client_credentials")
    assert (refused.status, refused.json["error"]) == (400, "invalid_grant")


def test_known_clients_are_checked(sf: Client) -> None:
    sf.org.settings["clients"] = {"key": "secret"}
    assert token(sf, grant_type="client_credentials", client_id="key", client_secret="secret").status == 200
    wrong = token(sf, grant_type="client_credentials", client_id="key", client_secret="guess")
    assert wrong.json == {"error": "invalid_client", "error_description": "invalid client credentials"}
    unknown = token(sf, basic="nobody:x", grant_type="client_credentials")
    assert unknown.json["error"] == "invalid_client_id"
    assert token(sf, grant_type="magic").json["error"] == "unsupported_grant_type"


def test_password_grant(sf: Client) -> None:
    sf.org.settings["passwords"] = {"anna@corp.example": "pwTOKEN"}
    form = {"grant_type": "password", "client_id": "k", "client_secret": "s", "username": "anna@corp.example"}
    assert token(sf, "login.salesforce.com", **form, password="pwTOKEN").status == 200
    assert token(sf, **form, password="pw").json["error"] == "invalid_grant"
    assert token(sf, **form | {"username": "gone@corp.example"}, password="x").json["error"] == "invalid_grant"


def test_jwt_bearer_is_verified(sf: Client) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    sf.org.settings["certificates"] = {"key": public.decode()}
    expires = str(int((NOW + timedelta(minutes=3)).timestamp()))
    claims = {"iss": "key", "sub": "anna@corp.example", "aud": "https://login.salesforce.com", "exp": expires}

    def ask(signer: Any = key, **changed: str) -> Reply:
        assertion = jwt.encode(claims | changed, signer, algorithm="RS256")
        return token(sf, "login.salesforce.com", grant_type=JWT_GRANT, assertion=assertion)

    assert ask().status == 200
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert ask(other).json["error"] == "invalid_grant"
    assert ask(exp="1000").json["error"] == "invalid_grant"
    assert ask(sub="nobody@corp.example").json["error"] == "invalid_grant"
    assert ask(aud="https://evil.example").json["error"] == "invalid_grant"
    assert token(sf, grant_type=JWT_GRANT, assertion="rubbish").json["error"] == "invalid_grant"


def soap(sf: Client, version: str, password: str) -> Reply:
    body = f"""<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>
        <n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>anna@corp.example</n1:username>
        <n1:password>{password}</n1:password></n1:login></env:Body></env:Envelope>"""
    path = f"/services/Soap/u/{version}"
    return Reply(
        sf.org.api.handle(Call("POST", path, path, {}, {"host": "login.salesforce.com"}, body.encode(), "https"))
    )


def test_soap_login_until_version_64(sf: Client) -> None:
    sf.org.settings["passwords"] = {"anna@corp.example": "pw"}
    text = soap(sf, "59.0", "pw").body.decode()
    assert "<serverUrl>https://acme.my.salesforce.com/services/Soap/u/59.0/" in text
    sf.token = text.partition("<sessionId>")[2].partition("<")[0]
    assert sf("GET", "/limits").status == 200
    wrong = soap(sf, "59.0", "guess")
    assert (wrong.status, b"<sf:exceptionCode>INVALID_LOGIN<" in wrong.body) == (500, True)
    assert b"UNSUPPORTED_API_VERSION" in soap(sf, "65.0", "pw").body
    assert soap(sf, "59.0", "<&").status == 500


def test_tokens_expire_and_can_be_revoked(sf: Client) -> None:
    sf.org.settings["session_seconds"] = 60
    sf.token = token(sf, basic="k:s", grant_type="client_credentials").json["access_token"]
    assert sf("GET", "/limits").status == 200
    sf.org.org.clock.advance(61)
    expired = sf("GET", "/limits")
    assert (expired.status, expired.json) == (
        401,
        [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}],
    )
    sf.token = sf.org.api.sessions.issue(API_USER)
    assert sf.org.act("expire_tokens")["expired"] >= 1
    assert sf("GET", "/limits").code == "INVALID_SESSION_ID"
    sf.token = sf.org.api.sessions.issue(API_USER)
    assert sf("POST", "/services/oauth2/revoke", body=urlencode({"token": sf.token}).encode()).status == 200
    assert sf("GET", "/limits").status == 401


def test_userinfo(sf: Client) -> None:
    assert sf("GET", "/services/oauth2/userinfo").json["preferred_username"] == "api@corp.example"
    sf.token = "no"
    assert sf("GET", "/services/oauth2/userinfo").status == 403


# --- limits ------------------------------------------------------------------------------------------------------------
def test_the_daily_quota_is_counted_told_and_kept(sf: Client) -> None:
    sf.org.settings.update({"daily_limit": 3, "used": 0, "limit_info_bursts": True})
    first = sf("GET", "/limits")
    assert first.headers["Sforce-Limit-Info"] == "api-usage=1/3; api-bursts=1/750"
    assert first.json["DailyApiRequests"] == {"Max": 3, "Remaining": 2}
    assert "Sforce-Limit-Info" not in sf("GET", "/services/data").headers
    assert [sf("GET", "/sobjects").status for _ in range(3)] == [200, 200, 403]
    over = sf("GET", "/limits")
    assert (over.code, over.json[0]["message"]) == ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


# --- metadata ----------------------------------------------------------------------------------------------------------
def test_describe(sf: Client) -> None:
    names = {entry["name"] for entry in sf("GET", "/sobjects").json["sobjects"]}
    assert {
        "Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole", "OpportunityHistory", "OpportunityFieldHistory",
        "LeadHistory", "Case", "Task", "Event", "Campaign", "CampaignMember", "CampaignMemberStatus", "User", "Group",
        "LeadStatus", "OpportunityStage", "RecordType", "EmailTemplate", "Subscription__c", "Subscription_Item__c",
    } <= names  # fmt: skip
    described = sf("GET", "/sobjects/lead/describe").json
    fields = {field["name"]: field for field in described["fields"]}
    assert (described["keyPrefix"], described["replicateable"], described["mergeable"]) == ("00Q", True, True)
    assert (fields["LastName"]["length"], fields["LastName"]["nillable"], fields["LastName"]["createable"]) == (
        80,
        False,
        True,
    )
    assert fields["OwnerId"]["referenceTo"] == ["Group", "User"]
    assert fields["OwnerId"]["relationshipName"] == "Owner"
    key = fields["Lockstep_Id__c"]
    assert (key["externalId"], key["unique"], key["caseSensitive"], key["length"]) == (True, True, False, 64)
    assert fields["Status"]["defaultValue"] == "Open - Not Contacted"
    assert [v["value"] for v in fields["Status"]["picklistValues"]][:2] == [
        "Open - Not Contacted",
        "Working - Contacted",
    ]
    assert fields["SystemModstamp"]["updateable"] is False
    assert sf("GET", "/sobjects/Nope/describe").status == 404


def test_describe_answers_304_until_something_changes(sf: Client) -> None:
    stamp = sf("GET", "/sobjects/Lead/describe").headers["Last-Modified"]
    same = sf("GET", "/sobjects/Lead/describe", if_modified_since=stamp)
    assert (same.status, same.body) == (304, b"")
    sf.org.org.clock.advance(5)
    sf.org.settings["hide_lockstep_id"] = True
    changed = sf("GET", "/sobjects/Lead/describe", if_modified_since=stamp)
    assert changed.status == 200
    assert "Lockstep_Id__c" not in {field["name"] for field in changed.json["fields"]}


def test_custom_fields_can_be_added(sf: Client) -> None:
    lead = sf.create("Lead", LastName="L", Company="C")
    sf.org.settings["custom_fields"] = {"Lead": [{"name": "Score__c", "type": "double"}]}
    assert sf("PATCH", f"/sobjects/Lead/{lead}", {"Score__c": 4.5}).status == 204
    assert sf.ids("SELECT Id FROM Lead WHERE Score__c > 4") == [lead]


def test_unknown_settings_are_refused(sf: Client) -> None:
    with pytest.raises(ValueError, match=r"unknown Salesforce settings \['wings'\]"):
        sf.org.settings["wings"] = 2


# --- routes ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/services/data/v30.0/limits", 410),
        ("GET", "/services/data/v99.0/limits", 404),
        ("GET", "/services/data/v62/limits", 404),
        ("GET", "/services/nothing", 404),
        ("PUT", "/limits", 405),
        ("GET", "/LIMITS/", 200),
        ("GET", "/SObjects/LEAD", 200),
        ("GET", "/query", 400),
        ("GET", "/query/nonsense", 400),
        ("GET", "/", 200),
    ],
)
def test_routes(sf: Client, method: str, path: str, status: int) -> None:
    assert sf(method, path).status == status


def test_post_may_stand_for_patch(sf: Client) -> None:
    lead = sf.create("Lead", LastName="L", Company="C")
    assert sf("POST", f"/sobjects/Lead/{lead}?_HttpMethod=PATCH", {"FirstName": "F"}).status == 204


# --- ids ---------------------------------------------------------------------------------------------------------------
def test_ids() -> None:
    assert ids.to18("001D000000IRFma") == "001D000000IRFmaIAH"
    assert ids.to18("001D000000IRFmaIAH") == "001D000000IRFmaIAH"
    assert ids.make_id("00Q", 63)[:15] == "00Q5g0000000011"
    for wrong in ("001D000000IRFmaIAA", "001D000000IRFm", "001D000000IRFm!", ""):
        with pytest.raises(ValueError, match="not a Salesforce id"):
            ids.to18(wrong)
