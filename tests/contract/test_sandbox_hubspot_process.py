"""HubSpot sandbox as a process of its own: the unmodified client under the real host name, faults, admin actions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hubspot import HubSpot
from hubspot.crm.companies.exceptions import ApiException
from tests.contract import sandbox_process


@pytest.fixture(scope="module")
def running() -> Iterator[sandbox_process.Running]:
    sandbox = sandbox_process.start(size="tiny", now="2026-11-20T12:00:00Z", clock="fixed")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def client(running: sandbox_process.Running) -> HubSpot:
    """Speaks TLS to api.hubapi.com through the front port, as it would to HubSpot through a company's proxy."""
    return HubSpot(access_token="pat-na1-process", proxy=running.proxy, ssl_ca_cert=running.ca, retry=False)


def test_the_client_reaches_it_under_hubspots_own_name(client: HubSpot) -> None:
    assert client.crm.contacts.basic_api.get_page(limit=3).results
    assert client.crm.owners.owners_api.get_page().results


def test_an_answer_lost_after_the_commit_is_found_again_by_upsert(
    running: sandbox_process.Running, client: HubSpot
) -> None:
    unique = {"name": "sf_id", "label": "SF", "type": "string", "fieldType": "text", "hasUniqueValue": True}
    client.crm.properties.core_api.create("companies", {**unique, "groupName": "companyinformation"})
    running.admin("POST", "faults", {"vendor": "hubspot", "path": "/batch/upsert", "kind": "commit_then_reset"})
    rows = {"inputs": [{"id": "001A", "idProperty": "sf_id", "properties": {"name": "Lost and found"}}]}
    with pytest.raises(Exception, match=r"(?i)connection|reset|disconnected|closed"):
        client.crm.companies.batch_api.upsert(rows)
    (result,) = client.crm.companies.batch_api.upsert(rows).results
    assert result.new is False
    held = [row for row in running.admin("GET", "hubspot/companies") if row["properties"].get("sf_id") == "001A"]
    assert [row["id"] for row in held] == [result.id]


def test_a_person_acts_and_the_call_log_tells_what_the_client_did(
    running: sandbox_process.Running, client: HubSpot
) -> None:
    contact = running.admin("GET", "hubspot/contacts")[0]["id"]
    running.act("hubspot", "edit", object="contacts", id=contact, fields={"city": "Tromsø"})
    running.admin("DELETE", "calls")
    found = client.crm.contacts.basic_api.get_by_id(contact, properties=["city"])
    assert found.properties["city"] == "Tromsø"
    assert [call["path"] for call in running.calls("hubspot")] == [f"/crm/v3/objects/contacts/{contact}"]
    assert running.admin("GET", f"hubspot/contacts/{contact}")["history"]["city"][0]["sourceType"] == "CRM_UI"


def test_a_wrong_action_is_refused_with_a_sentence(running: sandbox_process.Running) -> None:
    with pytest.raises(sandbox_process.AdminError, match="unknown HubSpot action"):
        running.act("hubspot", "dance")
    with pytest.raises(sandbox_process.AdminError, match="unknown HubSpot settings"):
        running.admin("POST", "hubspot/settings", {"index_lag": 1})


def test_gateway_errors_locks_and_resets_strike_as_told(running: sandbox_process.Running, client: HubSpot) -> None:
    api = client.crm.companies.basic_api
    for status in (423, 477, 502, 504, 524):
        body = (
            {"status": "error", "message": "as told", "category": "LOCKED"} if status == 423 else "<html>gateway</html>"
        )
        fault = {"vendor": "hubspot", "path": "/companies", "kind": "status", "status": status, "body": body}
        running.admin("POST", "faults", fault | {"headers": {"Retry-After": "3"}})
        with pytest.raises(ApiException) as refused:
            api.get_page(limit=1)
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (status, "3")
        assert ("as told" in refused.value.body) == (status == 423)
    running.admin("POST", "faults", {"vendor": "hubspot", "path": "/companies", "kind": "reset_before"})
    with pytest.raises(Exception, match=r"(?i)connection|reset|disconnected|closed"):
        api.get_page(limit=1)
    assert api.get_page(limit=1).results
