"""Google's OAuth endpoints, access tokens in calls, versions, and the account-level refusals.

Source: Google Identity, "Using OAuth 2.0 for web server applications" and "for server to server applications".
"""

from __future__ import annotations

from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.ads.googleads.v26.services.types import customer_service
from tests.contract.google_ads_vendor import Google, codes

from sandbox.google_ads.oauth import JWT_BEARER
from sandbox.google_ads.settings import ADS_SCOPE, DATA_MANAGER_SCOPE
from sandbox.rpc import RpcRefused
from sandbox.world_google_ads import MAIN, MANAGER

QUERY = "SELECT customer.id FROM customer"
REFRESH = {"grant_type": "refresh_token", "client_id": "a", "client_secret": "b", "refresh_token": "r"}


@pytest.fixture
def google() -> Google:
    return Google()


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def refusal(google: Google, **options: Any) -> list[str]:
    with pytest.raises(RpcRefused) as caught:
        google.search(QUERY, **options)
    return [caught.value.code, *codes(caught.value)]


# --- the token endpoint ----------------------------------------------------------------------------------------------
def test_a_refresh_token_gets_an_access_token_with_scopes(google: Google) -> None:
    status, body = google.post_token(**REFRESH)
    assert status == 200
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3599)
    assert body["scope"].split() == [ADS_SCOPE, DATA_MANAGER_SCOPE]
    assert body["access_token"].startswith("ya29.")


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "https://www.googleapis.com/auth/drive"}, 400, "invalid_scope"),
    ],
)
def test_what_the_token_endpoint_refuses(google: Google, change: dict[str, str], status: int, error: str) -> None:
    found, body = google.post_token(**REFRESH | change)
    assert (found, body["error"]) == (status, error)


def test_a_known_client_needs_its_secret() -> None:
    google = Google(clients={"a": "b"})
    assert google.post_token(**REFRESH | {"client_secret": "c"})[0] == 401
    assert (
        google.post_token(**REFRESH | {"client_id": "other"})[1]["error_description"]
        == "The OAuth client was not found."
    )


def test_a_revoked_refresh_token_is_invalid_grant_and_ends_its_access_tokens(google: Google) -> None:
    assert google.act("revoke_tokens") == {"revoked": 1}
    assert google.post_token(**REFRESH) == (
        400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    )  # fmt: skip
    assert refusal(google) == ["UNAUTHENTICATED", "OAUTH_TOKEN_REVOKED"]
    assert google.post_token(**REFRESH | {"refresh_token": "new"})[0] == 200


def test_only_listed_refresh_tokens_are_valid() -> None:
    google = Google(refresh_tokens=["r"])
    assert google.post_token(**REFRESH | {"refresh_token": "s"})[1]["error"] == "invalid_grant"


def assertion(key: rsa.RSAPrivateKey, now: float, **changes: Any) -> dict[str, str]:
    claims = {
        "iss": "robot@project.iam.gserviceaccount.com", "scope": ADS_SCOPE, "aud": "https://oauth2.googleapis.com/token",
        "iat": int(now), "exp": int(now) + 3600, **changes,
    }  # fmt: skip
    return {"grant_type": JWT_BEARER, "assertion": jwt.encode(claims, key, algorithm="RS256")}


def test_a_service_account_gets_the_scopes_it_asks_for(google: Google, key: rsa.RSAPrivateKey) -> None:
    status, body = google.post_token(**assertion(key, google.clock.now().timestamp()))
    assert (status, body["scope"]) == (200, ADS_SCOPE)


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"exp": 1}, "short-lived"), ({"aud": "https://example.com"}, "audience"), ({"iss": ""}, "account not found")],
)
def test_a_service_account_with_wrong_claims_is_invalid_grant(
    google: Google, key: rsa.RSAPrivateKey, changes: dict[str, Any], text: str
) -> None:
    status, body = google.post_token(**assertion(key, google.clock.now().timestamp(), **changes))
    assert (status, body["error"]) == (400, "invalid_grant")
    assert text in body["error_description"]


def test_a_service_account_is_known_by_its_key(key: rsa.RSAPrivateKey) -> None:
    pem = (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
    google = Google(service_accounts={"robot@project.iam.gserviceaccount.com": pem})
    now = google.clock.now().timestamp()
    assert google.post_token(**assertion(key, now))[0] == 200
    other = rsa.generate_private_key(65537, 2048)
    assert google.post_token(**assertion(other, now))[1]["error_description"] == "Invalid JWT Signature."


def test_token_info_and_revocation(google: Google) -> None:
    info = google.http("GET", f"/tokeninfo?access_token={google.token}", host="oauth2.googleapis.com")
    assert orjson.loads(info.body)["expires_in"] == "3599"
    assert google.http("POST", f"/revoke?token={google.token}", host="oauth2.googleapis.com").status == 200
    assert google.http("GET", f"/tokeninfo?access_token={google.token}", host="oauth2.googleapis.com").status == 400
    assert google.http("POST", "/revoke?token=unknown", host="oauth2.googleapis.com").status == 400


@pytest.mark.parametrize("host", ["googleads.googleapis.com", "datamanager.googleapis.com"])
def test_tokens_are_not_given_out_by_the_api_hosts(google: Google, host: str) -> None:
    answer = google.http("POST", "/token", b"", host)
    assert (answer.status, orjson.loads(answer.body)["error"]["status"]) == (404, "NOT_FOUND")


# --- tokens in calls -------------------------------------------------------------------------------------------------
def test_access_tokens_expire_by_the_sandboxes_clock(google: Google) -> None:
    google.clock.advance(3598)
    assert len(google.search(QUERY).results) == 1
    google.clock.advance(1)
    assert refusal(google) == ["UNAUTHENTICATED", "OAUTH_TOKEN_EXPIRED"]


def test_expire_tokens_ends_access_tokens_only(google: Google) -> None:
    assert google.act("expire_tokens") == {"expired": 1}
    assert refusal(google) == ["UNAUTHENTICATED", "OAUTH_TOKEN_EXPIRED"]
    google.token = google.log_in()["access_token"]
    assert len(google.search(QUERY).results) == 1


def test_whether_a_401_has_details_is_a_setting() -> None:
    google = Google(auth_error_details=False)
    google.token = "wrong"
    with pytest.raises(RpcRefused) as caught:
        google.search(QUERY)
    assert (caught.value.code, caught.value.trailers) == ("UNAUTHENTICATED", ())


def test_an_unknown_or_missing_token(google: Google) -> None:
    google.token = "ya29.other"
    assert refusal(google) == ["UNAUTHENTICATED", "OAUTH_TOKEN_INVALID"]
    google.token = ""
    assert refusal(google) == ["UNAUTHENTICATED", "OAUTH_TOKEN_HEADER_INVALID"]


def test_a_token_without_the_ads_scope(google: Google) -> None:
    google.token = google.log_in(scope=DATA_MANAGER_SCOPE)["access_token"]
    assert refusal(google) == ["PERMISSION_DENIED", "SERVICE_ACCESS_DENIED"]


def test_a_project_that_is_not_approved_reaches_test_accounts_only(google: Google) -> None:
    google.vendor.settings["project_approved"] = False
    assert refusal(google) == ["PERMISSION_DENIED", "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION"]
    google.act("set_customer", id=MAIN, test_account=True)
    assert len(google.search(QUERY).results) == 1


@pytest.mark.parametrize("login", ["111-222-3334", "abc"])
def test_a_malformed_login_customer_id(google: Google, login: str) -> None:
    assert refusal(google, login=login) == ["INVALID_ARGUMENT", "INVALID_LOGIN_CUSTOMER_ID"]


def test_accessible_customers_are_those_with_direct_access(google: Google) -> None:
    answer = google.call(
        "CustomerService/ListAccessibleCustomers",
        customer_service.ListAccessibleCustomersRequest(),
        customer_service.ListAccessibleCustomersResponse,
        login=None,
    )
    assert set(answer.resource_names) == {f"customers/{MAIN}", f"customers/{MANAGER}"}


def test_auto_tagging_is_changed_through_the_api(google: Google) -> None:
    request = customer_service.MutateCustomerRequest(
        customer_id=MAIN,
        operation={"update": {"auto_tagging_enabled": False}, "update_mask": {"paths": ["auto_tagging_enabled"]}},
    )
    google.call("CustomerService/MutateCustomer", request, customer_service.MutateCustomerResponse)
    assert google.vendor.read("customers", MAIN)["auto_tagging"] is False
    request.operation.update_mask.paths[:] = ["currency_code"]
    with pytest.raises(RpcRefused) as caught:
        google.call("CustomerService/MutateCustomer", request, customer_service.MutateCustomerResponse)
    assert codes(caught.value) == ["IMMUTABLE_FIELD"]


# --- versions and methods --------------------------------------------------------------------------------------------
def test_a_sunset_version_is_unsupported(google: Google) -> None:
    with pytest.raises(RpcRefused) as caught:
        google.raw("/google.ads.googleads.v22.services.GoogleAdsService/Search", b"")
    from tests.contract.google_ads_vendor import code_of, failure_of

    assert [code_of(error) for error in failure_of(caught.value, "v22").errors] == ["UNSUPPORTED_VERSION"]


@pytest.mark.parametrize(
    "path",
    [
        "/google.ads.googleads.v27.services.GoogleAdsService/Search",
        "/google.ads.googleads.v26.services.GoogleAdsService/Mutate",
        "/google.ads.googleads.v26.services.CampaignService/MutateCampaigns",
        "/google.ads.datamanager.v1.IngestionService/IngestAudienceMembers",
        "/grpc.health.v1.Health/Check",
    ],
)
def test_what_is_not_modelled_is_unimplemented(google: Google, path: str) -> None:
    with pytest.raises(RpcRefused) as caught:
        google.raw(path, b"")
    assert caught.value.code == "UNIMPLEMENTED"
    assert path in caught.value.message


def test_bytes_that_are_no_request(google: Google) -> None:
    with pytest.raises(RpcRefused) as caught:
        google.raw("/google.ads.googleads.v26.services.GoogleAdsService/Search", b"\xff\xff\xff")
    assert caught.value.code == "INVALID_ARGUMENT"


def test_unknown_settings_and_actions_are_named(google: Google) -> None:
    with pytest.raises(ValueError, match="allow_listed"):
        google.vendor.settings.update({"allow_listed": True})
    with pytest.raises(ValueError, match="unknown Google Ads action 'clickk'"):
        google.act("clickk")
    with pytest.raises(ValueError, match="colour"):
        google.act("set_customer", id=MAIN, colour="red")
    with pytest.raises(ValueError, match="no account"):
        google.click(customer="1")
    with pytest.raises(ValueError, match="has no 'leads'"):
        list(google.vendor.records("leads"))
