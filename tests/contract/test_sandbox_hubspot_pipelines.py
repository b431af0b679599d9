"""HubSpot sandbox: writing pipelines and stages, and what that does to the records in them."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot import HubSpot
from tests.contract.hubspot_server import TOKEN, Server

V3, DATED = "/crm/v3/pipelines", "/crm/pipelines/2026-09"
STAGE = {"label": "First", "displayOrder": 0, "metadata": {"probability": "0.5"}}
BODY = {"label": "Renewals", "displayOrder": 1, "stages": [STAGE]}


def deal(server: Server, pipeline: str, stage: str) -> str:
    properties = {"dealname": "D", "pipeline": pipeline, "dealstage": stage}
    return server.ok("POST", "/crm/v3/objects/deals", {"properties": properties})["id"]


def test_the_unmodified_client_makes_changes_and_deletes(hubspot: Server) -> None:
    api = HubSpot(access_token=TOKEN, host=hubspot.url).crm.pipelines
    made = api.pipelines_api.create("deals", BODY)
    stage = api.pipeline_stages_api.create("deals", made.id, {**STAGE, "label": "Second", "displayOrder": 1})
    assert [row.label for row in api.pipeline_stages_api.get_all("deals", made.id).results] == ["First", "Second"]
    changed = api.pipeline_stages_api.update("deals", made.id, stage.id, {"metadata": {"probability": "1.0"}})
    assert (changed.label, changed.metadata) == ("Second", {"isClosed": "true", "probability": "1.0"})
    assert api.pipelines_api.update("deals", made.id, {"label": "Renewals 2"}).label == "Renewals 2"
    audit = api.pipeline_audits_api.get_audit("deals", made.id).results
    assert [row.action for row in audit] == ["UPDATE", "UPDATE", "CREATE", "CREATE"]
    api.pipeline_stages_api.archive("deals", made.id, stage.id)
    api.pipelines_api.archive("deals", made.id)
    assert [row.id for row in api.pipelines_api.get_all("deals").results] == ["default"]


def test_a_replaced_pipeline_keeps_the_stages_it_names(hubspot: Server) -> None:
    made = hubspot.ok("POST", f"{V3}/deals", BODY)
    stages = [
        {**STAGE, "stageId": made["stages"][0]["id"], "label": "Start"},
        {**STAGE, "label": "Next", "displayOrder": 1},
    ]
    new = hubspot.ok("PUT", f"{DATED}/deals/{made['id']}", BODY | {"stages": stages})
    assert (new["stages"][0]["id"], new["stages"][0]["label"]) == (made["stages"][0]["id"], "Start")
    assert len(new["stages"]) == 2


def test_a_used_stage_goes_only_if_nobody_asks_for_a_check(hubspot: Server) -> None:
    made = hubspot.ok("POST", f"{V3}/deals", BODY)
    stage = made["stages"][0]["id"]
    held = deal(hubspot, made["id"], stage)
    refused = hubspot.call("DELETE", f"{V3}/deals/{made['id']}?validateReferencesBeforeDelete=true")
    assert (refused.status_code, refused.json()["context"]) == (400, {"ids": [held]})
    assert hubspot.call("DELETE", f"{V3}/deals/{made['id']}").status_code == 204
    found = hubspot.ok("GET", f"/crm/v3/objects/deals/{held}?properties=dealstage")
    assert found["properties"]["dealstage"] == stage


def test_a_new_probability_reaches_the_deals_and_moves_their_stamp(hubspot: Server) -> None:
    made = hubspot.ok("POST", f"{V3}/deals", BODY)
    stage = made["stages"][0]["id"]
    held = deal(hubspot, made["id"], stage)
    hubspot.clock.advance(60)
    hubspot.ok("PATCH", f"{V3}/deals/{made['id']}/stages/{stage}", {"metadata": {"probability": "0.7"}})
    found = hubspot.ok("GET", f"/crm/v3/objects/deals/{held}?properties=hs_deal_stage_probability")
    assert found["properties"]["hs_deal_stage_probability"] == "0.7"
    assert found["updatedAt"] == "2026-11-20T12:01:00.000Z"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("deals", BODY | {"label": "sales pipeline"}), ("deals", {"label": "A"}), ("deals", BODY | {"colour": "red"}),
        ("deals", BODY | {"stages": [{"label": "A", "displayOrder": 0}]}), ("contacts", BODY),
        ("deals", BODY | {"stages": [STAGE | {"metadata": {"probability": "2"}}]}),
        ("tickets", BODY | {"stages": [STAGE | {"metadata": {"ticketState": "AJAR"}}]}),
    ],
)  # fmt: skip
def test_a_wrong_pipeline_is_refused(hubspot: Server, kind: str, body: dict[str, Any]) -> None:
    answer = hubspot.call("POST", f"{V3}/{kind}", body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert len(hubspot.ok("GET", f"{V3}/{kind}")["results"]) == (0 if kind == "contacts" else 1)


def test_a_closed_ticket_stage_is_told_by_its_state(hubspot: Server) -> None:
    stage = {"label": "Done", "displayOrder": 9, "metadata": {"ticketState": "CLOSED"}}
    made = hubspot.ok("POST", f"{V3}/tickets/0/stages", stage)
    assert made["metadata"] == {"ticketState": "CLOSED", "isClosed": "true"}
    ticket = {"subject": "S", "hs_pipeline_stage": made["id"]}
    answer = hubspot.ok("POST", "/crm/v3/objects/tickets", {"properties": ticket})
    assert answer["properties"]["closed_date"] == "2026-11-20T12:00:00.000Z"
