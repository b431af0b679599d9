"""HubSpot sandbox: authentication, scopes, rate limits and the three bodies of 429."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contract.hubspot_server import TOKEN, Server, serving

LIST, SEARCH = "/crm/v3/objects/contacts", "/crm/v3/objects/contacts/search"
INTERVAL_HEADERS = [
    "X-HubSpot-RateLimit-Interval-Milliseconds", "X-HubSpot-RateLimit-Max", "X-HubSpot-RateLimit-Remaining",
    "X-HubSpot-RateLimit-Secondly", "X-HubSpot-RateLimit-Secondly-Remaining",
]  # fmt: skip


def test_190_calls_in_ten_seconds_and_the_window_rolls() -> None:
    with serving(rate_limit=5) as hubspot:
        first = hubspot.call("GET", LIST)
        assert first.headers["X-HubSpot-RateLimit-Max"] == "5"
        assert [int(hubspot.call("GET", LIST).headers["X-HubSpot-RateLimit-Remaining"]) for _ in range(4)] == [
            3,
            2,
            1,
            0,
        ]
        refused = hubspot.call("GET", LIST)
        body = refused.json()
        assert refused.status_code == 429
        assert body.pop("correlationId") == refused.headers["X-HubSpot-Correlation-Id"]
        assert body == {
            "status": "error",
            "message": "You have reached your ten_secondly_rolling limit.",
            "errorType": "RATE_LIMIT",
            "policyName": "TEN_SECONDLY_ROLLING",
        }
        assert "Retry-After" not in refused.headers
        assert hubspot.call("GET", LIST, token="pat-na1-other").status_code == 200
        hubspot.clock.advance(10)
        assert hubspot.call("GET", LIST).status_code == 200


def test_search_has_its_own_bucket_headers_and_body() -> None:
    with serving(search_limit=2) as hubspot:
        for token in (TOKEN, "pat-na1-other"):
            answer = hubspot.call("POST", SEARCH, {}, token=token)
            assert "X-HubSpot-RateLimit-Daily-Remaining" in answer.headers
            assert not [name for name in INTERVAL_HEADERS if name in answer.headers]
        refused = hubspot.call("POST", SEARCH, {})
        body = refused.json()
        body.pop("correlationId")
        assert (refused.status_code, body) == (
            429,
            {"status": "error", "category": "RATE_LIMITS", "message": "You have reached your secondly limit."},
        )
        assert all(name in hubspot.call("GET", LIST).headers for name in INTERVAL_HEADERS)
        hubspot.clock.advance(1)
        assert hubspot.call("POST", SEARCH, {}).status_code == 200


def test_the_daily_limit_counts_refused_calls_and_ends_at_midnight() -> None:
    with serving(daily_limit=3, used=2) as hubspot:
        assert hubspot.call("GET", LIST).headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
        refused = hubspot.call("GET", LIST)
        assert refused.status_code == 429
        assert refused.json()["policyName"] == "DAILY"
        assert refused.json()["message"] == "You have reached your daily limit."
        assert hubspot.vendor.settings["used"] == 4
        hubspot.clock.advance(12 * 3600)
        assert hubspot.call("GET", LIST).status_code == 200
        usage = hubspot.ok("GET", "/account-info/v3/api-usage/daily/private-apps")["results"][0]
        assert (usage["currentUsage"], usage["usageLimit"], usage["resetsAt"]) == (2, 3, "2026-11-22T00:00:00.000Z")


def test_retry_after_is_a_setting() -> None:
    with serving(rate_limit=0, retry_after=True) as hubspot:
        assert hubspot.call("GET", LIST).headers["Retry-After"] == "10"


@pytest.mark.parametrize("token", ["", "secret", "pat-revoked"])
def test_401(hubspot: Server, token: str) -> None:
    hubspot.vendor.settings.update({"tokens_valid": ["pat-good", "secret"]})
    answer = hubspot.call("GET", LIST, token=token)
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    assert hubspot.call("GET", LIST, token="pat-good").status_code == 200


def test_expired_tokens_are_refused_and_new_ones_work(hubspot: Server) -> None:
    assert hubspot.call("GET", LIST).status_code == 200
    hubspot.vendor.act("expire_tokens")
    answer = hubspot.call("GET", LIST)
    assert (answer.status_code, answer.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert hubspot.call("GET", LIST, token="pat-na1-new").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "needed"),
    [
        ("GET", "/crm/v3/objects/contacts", None, "crm.objects.contacts.read"),
        ("POST", "/crm/objects/2026-09/0-2/batch/create", {"inputs": []}, "crm.objects.companies.write"),
        ("POST", "/crm/v3/properties/deal", {}, "crm.schemas.deals.write"),
        ("GET", "/crm/v3/owners/", None, "crm.objects.owners.read"),
    ],
)
def test_403_names_the_missing_scope(hubspot: Server, method: str, path: str, body: Any, needed: str) -> None:
    hubspot.vendor.settings.update({"token_scopes": {TOKEN: ["crm.objects.tickets.read"]}})
    answer = hubspot.call(method, path, body)
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"] == [needed]
    assert hubspot.call(method, path, body, token="pat-na1-all").status_code != 403


def test_an_unknown_setting_is_an_error(hubspot: Server) -> None:
    with pytest.raises(ValueError, match="unknown HubSpot settings"):
        hubspot.vendor.settings.update({"index_lag": 3})
