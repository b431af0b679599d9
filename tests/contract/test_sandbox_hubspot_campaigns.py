"""HubSpot sandbox: marketing campaigns, their assets, budget and reports."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contract.hubspot_server import Server

V3, DATED = "/marketing/v3/campaigns", "/marketing/campaigns/2026-09"


def make(server: Server, **properties: str) -> str:
    return server.ok("POST", V3, {"properties": {"hs_name": "Launch", **properties}})["id"]


def test_a_campaign_answers_only_the_properties_that_are_asked_for(hubspot: Server) -> None:
    made = hubspot.ok("POST", V3, {"properties": {"hs_name": "Inbound", "hs_start_date": "2026-10-30", "hs_notes": ""}})
    assert made["properties"]["hs_start_date"] == "2026-10-30"
    path = f"{DATED}/{made['id']}"
    assert hubspot.ok("GET", path)["properties"] == {}
    assert hubspot.ok("GET", f"{path}?properties=hs_name,hs_notes,nope")["properties"] == {"hs_name": "Inbound"}
    hubspot.ok("PATCH", path, {"properties": {"hs_campaign_status": "active"}})
    assert hubspot.ok("GET", f"{path}?properties=hs_campaign_status")["properties"] == {"hs_campaign_status": "active"}
    hubspot.ok("DELETE", path)
    assert hubspot.call("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("properties", "error"),
    [
        ({}, "properties"), ({"hs_notes": "x"}, "hs_name"), ({"hs_name": "A", "nope": "x"}, "PROPERTY_DOESNT_EXIST"),
        ({"hs_name": "A", "hs_start_date": "soon"}, "INVALID_DATE"), ({"hs_name": "A", "hs_campaign_status": "x"}, "INVALID_OPTION"),
        ({"hs_name": "A", "hs_owner": "9"}, "INVALID_OWNER_ID"), ({"hs_name": "A", "hs_object_id": "9"}, "READ_ONLY_VALUE"),
    ],
)  # fmt: skip
def test_a_wrong_campaign_is_refused(hubspot: Server, properties: dict[str, str], error: str) -> None:
    answer = hubspot.call("POST", V3, {"properties": properties})
    assert (answer.status_code, answer.json()["category"], error in answer.text) == (400, "VALIDATION_ERROR", True)


def test_campaigns_are_listed_by_name_in_pages_with_opaque_cursors(seeded: Server) -> None:
    seen: list[Any] = []
    after = ""
    while after is not None:
        page = seeded.ok("GET", V3, params={"limit": 4, "after": after, "properties": "hs_name", "sort": "hs_name"})
        seen += [row["properties"]["hs_name"] for row in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
    assert (len(seen), page["total"], seen) == (15, 15, sorted(seen))
    (one,) = seeded.ok("GET", f"{DATED}?name=oslo&properties=hs_name")["results"]
    assert one["properties"]["hs_name"] == "Trade fair Oslo"
    for query in ("limit=101", "after=x", "sort=hs_goal"):
        assert seeded.call("GET", f"{V3}?{query}").status_code == 400


def test_a_seeded_campaign_leads_to_its_members_through_its_list(seeded: Server) -> None:
    (one,) = seeded.ok("GET", f"{V3}?name=webinar")["results"]
    whole = seeded.ok("GET", f"{V3}/{one['id']}")
    assert set(whole["assets"]) == {"OBJECT_LIST", "MARKETING_EMAIL", "FORM"}
    (asset,) = seeded.ok("GET", f"{DATED}/{one['id']}/assets/OBJECT_LIST")["results"]
    assert asset["name"].endswith("members")
    assert "metrics" not in asset
    period = "startDate=2026-01-01&endDate=2026-02-01"
    assert seeded.ok("GET", f"{V3}/{one['id']}/assets/OBJECT_LIST?{period}")["results"][0]["metrics"] == {}
    assert "total" in seeded.ok("GET", f"/crm/v3/lists/{asset['id']}/memberships")


def test_forms_static_lists_and_pages_can_be_attached_and_nothing_else(hubspot: Server) -> None:
    campaign = make(hubspot)
    body = {"name": "L", "objectTypeId": "0-1", "processingType": "MANUAL"}
    listed = hubspot.ok("POST", "/crm/v3/lists", body)["list"]["listId"]
    path = f"{V3}/{campaign}/assets"
    hubspot.ok("PUT", f"{path}/OBJECT_LIST/{listed}")
    assert hubspot.ok("GET", f"{path}/OBJECT_LIST")["results"] == [{"id": listed, "name": "L"}]
    hubspot.ok("DELETE", f"{path}/OBJECT_LIST/{listed}")
    assert hubspot.ok("GET", f"{path}/OBJECT_LIST")["results"] == []
    for kind, key, status in (
        ("MARKETING_EMAIL", "1", 400),
        ("POEM", "1", 400),
        ("FORM", "1", 404),
        ("OBJECT_LIST", "77", 404),
    ):
        assert hubspot.call("PUT", f"{path}/{kind}/{key}").status_code == status


def test_batches_of_campaigns(hubspot: Server) -> None:
    rows = [{"properties": {"hs_name": f"C{n}"}} for n in range(3)]
    made = hubspot.ok("POST", f"{V3}/batch/create", {"inputs": rows})["results"]
    inputs = [{"id": row["id"]} for row in made] + [{"id": "x"}]
    answer = hubspot.call("POST", f"{DATED}/batch/read?properties=hs_name", {"inputs": inputs})
    names = {row["properties"]["hs_name"] for row in answer.json()["results"]}
    assert (answer.status_code, names) == (207, {"C0", "C1", "C2"})
    changes = [{"id": row["id"], "properties": {"hs_utm": "u"}} for row in made]
    assert len(hubspot.ok("POST", f"{V3}/batch/update", {"inputs": changes})["results"]) == 3
    hubspot.ok("POST", f"{V3}/batch/archive", {"inputs": inputs})
    assert hubspot.ok("GET", V3)["total"] == 0
    bad = hubspot.call("POST", f"{V3}/batch/create", {"inputs": [*rows, {"properties": {"nope": "x"}}]})
    assert (bad.status_code, hubspot.ok("GET", V3)["total"]) == (400, 0)


def test_budget_and_spend_add_up(hubspot: Server) -> None:
    path = f"{V3}/{make(hubspot, hs_currency_code='NOK')}"
    item = hubspot.ok("POST", f"{path}/budget", {"name": "Ads", "amount": 1000, "order": 0})
    spent = hubspot.ok("POST", f"{path}/spend", {"name": "Ads in May", "amount": 250.5, "order": 0})
    totals = hubspot.ok("GET", f"{path}/budget/totals")
    assert (totals["budgetTotal"], totals["spendTotal"], totals["remainingBudget"]) == (1000, 250.5, 749.5)
    assert totals["currencyCode"] == "NOK"
    hubspot.ok("PUT", f"{path}/spend/{spent['id']}", {"name": "Ads", "amount": 300, "order": 1})
    assert hubspot.ok("GET", f"{path}/spend/{spent['id']}")["amount"] == 300
    hubspot.ok("DELETE", f"{path}/budget/{item['id']}")
    assert hubspot.ok("GET", f"{path}/budget/totals")["remainingBudget"] == -300
    assert hubspot.call("POST", f"{path}/budget", {"name": "A", "amount": "x", "order": 0}).status_code == 400


def test_reports_count_the_contacts_that_still_live(seeded: Server) -> None:
    campaigns = [row["id"] for row in seeded.ok("GET", V3)["results"]]
    people = {key: seeded.ok("GET", f"{V3}/{key}/reports/contacts/influencedContacts")["results"] for key in campaigns}
    campaign, rows = next((key, rows) for key, rows in people.items() if rows)
    before = seeded.ok("GET", f"{V3}/{campaign}/reports/metrics")["influencedContacts"]
    assert before == len(rows)
    assert seeded.ok("GET", f"{V3}/{campaign}/reports/revenue")["contactsNumber"] == before
    seeded.ok("DELETE", f"/crm/v3/objects/contacts/{rows[0]['id']}")
    assert seeded.ok("GET", f"{V3}/{campaign}/reports/metrics")["influencedContacts"] == before - 1
    assert seeded.call("GET", f"{V3}/{campaign}/reports/contacts/friends").status_code == 400
