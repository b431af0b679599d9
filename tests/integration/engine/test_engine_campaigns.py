"""Campaigns of Salesforce and HubSpot, linked one to one, with their members and member statuses (MK-09, MK-21, MK-22).

One world for the whole file, which grows with each test.
"""

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from tests.integration.engine.switched import switched_on
from tests.integration.engine.world import Snapshot, World, restored

from lockstep.model import PairState

SHARED = "Autumn fair"


@pytest.fixture(scope="module")
def world(untouched: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("campaigns")
    mappings = switched_on(folder / "mappings", "campaigns", "campaign-members")
    with restored(Snapshot(untouched, ""), folder, f"sqlite:///{folder / 'lockstep.db'}", mappings=mappings) as world:
        world.create_sf("Campaign", Name=SHARED, Status="Planned")
        hubspot(world, "POST", "/marketing/v3/campaigns", {"properties": {"hs_name": SHARED, "hs_notes": "Hall 4"}})
        world.cycle()
        assert world.engine.errors == {}
        world.cycle()
        yield world


def hubspot(world: World, method: str, path: str, body: Any = None) -> Any:
    """What a person does in HubSpot's marketing pages."""
    headers = {"Authorization": "Bearer pat-na1-test", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(world.sandbox.endpoints["hubspot"] + path, data, headers, method=method)  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        text = answer.read()
    return json.loads(text) if text else None


def campaign(world: World) -> tuple[str, str]:
    """Salesforce's and HubSpot's id of the campaign that both have."""
    (pair,) = [
        one
        for one in world.pairs("campaigns", PairState.LINKED)
        if world.sf("Campaign")[one.sf_id or ""]["Name"] == SHARED
    ]
    return pair.sf_id or "", pair.hs_id or ""


def lists(world: World, guid: str) -> dict[str, str]:
    """Member status -> list id."""
    found = hubspot(world, "GET", f"/marketing/v3/campaigns/{guid}/assets/OBJECT_LIST?limit=100")["results"]
    return {one["name"].rpartition(" - ")[2]: one["id"] for one in found}


def members(world: World, guid: str) -> dict[str, set[str]]:
    """Member status -> contacts."""
    return {
        status: {
            one["recordId"]
            for one in hubspot(world, "GET", f"/crm/v3/lists/{list_id}/memberships?limit=250")["results"]
        }
        for status, list_id in lists(world, guid).items()
    }


def put(world: World, list_id: str, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
    world.sandbox.act("hubspot", "edit_list", id=list_id, add=list(add), remove=list(remove))


def synced(world: World, cycles: int = 1) -> None:
    for _ in range(cycles):
        world.cycle()
        assert world.engine.errors == {}


def test_campaigns_of_one_name_are_linked_and_the_others_synced(world: World) -> None:
    counts: dict[tuple[str, str], Counter[str]] = {}
    for batch in world.batches(0):
        if batch.object in ("Campaign", "campaigns"):
            counts.setdefault((str(batch.operation), batch.system), Counter()).update(batch.counts)
    assert counts["init_link_with_program", "hubspot"]["updated"] == 1
    assert counts["sync_with_program", "hubspot"]["new"] == len(world.sf("Campaign")) - 15 - 1
    assert counts["sync_with_program", "salesforce"]["new"] == 15
    assert not {operation for operation, _ in counts} & {"push_new", "push_updates"}
    ours, theirs = campaign(world)
    assert world.sf_record("Campaign", ours)["Description"] == "Hall 4"
    shown = hubspot(world, "GET", f"/marketing/v3/campaigns/{theirs}?properties=hs_campaign_status")
    assert shown["properties"]["hs_campaign_status"] == "planned"


def test_a_list_for_each_member_status(world: World) -> None:
    _, theirs = campaign(world)
    assert lists(world, theirs).keys() == {"Sent", "Responded"}


def test_members_come_with_their_status_and_leave_on_either_side(world: World) -> None:
    ours, theirs = campaign(world)
    contact, lead = world.linked("people", "Contact")[0], world.linked("people", "Lead")[0]
    one = world.create_sf("CampaignMember", CampaignId=ours, ContactId=contact.sf_id, Status="Sent")
    put(world, lists(world, theirs)["Responded"], add=(lead.hs_id or "",))
    synced(world)
    assert members(world, theirs) == {"Sent": {contact.hs_id}, "Responded": {lead.hs_id}}
    two = world.pair_of(f"{theirs}-{lead.hs_id}").sf_id or ""
    made = world.sf_record("CampaignMember", two)
    assert (made["LeadId"], made["Status"]) == (lead.sf_id, "Responded")

    world.edit_sf("CampaignMember", one, Status="Responded")
    put(world, lists(world, theirs)["Sent"], add=(lead.hs_id or "",), remove=())
    put(world, lists(world, theirs)["Responded"], remove=(lead.hs_id or "",))
    synced(world)
    assert members(world, theirs) == {"Sent": {lead.hs_id}, "Responded": {contact.hs_id}}
    assert world.sf_record("CampaignMember", two)["Status"] == "Sent"

    world.sandbox.act("salesforce", "delete", object="CampaignMember", id=one)
    put(world, lists(world, theirs)["Sent"], remove=(lead.hs_id or "",))
    synced(world)
    assert members(world, theirs) == {"Sent": set(), "Responded": set()}
    assert not {one, two} & world.sf("CampaignMember").keys()


def test_a_member_who_is_not_in_salesforce_is_made_a_lead_first(world: World) -> None:
    ours, theirs = campaign(world)
    visitor = world.create_hs("contacts", email="visitor@fair.example", lastname="Visitor")
    put(world, lists(world, theirs)["Responded"], add=(visitor,))
    synced(world, 2)
    lead = world.pair_of(visitor)
    made = world.sf_record("CampaignMember", world.pair_of(f"{theirs}-{visitor}").sf_id or "")
    assert lead.sf_object == "Lead"
    assert (made["CampaignId"], made["LeadId"], made["Status"]) == (ours, lead.sf_id, "Responded")


def test_members_wait_while_the_statuses_differ(world: World) -> None:
    ours, theirs = campaign(world)
    person = world.linked("people", "Contact")[1]
    made = hubspot(
        world, "POST", "/crm/v3/lists",
        {"name": f"{SHARED} - Visited stand", "objectTypeId": "0-1", "processingType": "MANUAL"},
    )["list"]["listId"]  # fmt: skip
    hubspot(world, "PUT", f"/marketing/v3/campaigns/{theirs}/assets/OBJECT_LIST/{made}")
    world.create_sf("CampaignMember", CampaignId=ours, ContactId=person.sf_id, Status="Sent")
    synced(world)
    assert members(world, theirs)["Sent"] == set()
    assert "member_statuses_differ" in {change["code"] for change in world.changes(object="campaigns/contacts")}

    world.create_sf("CampaignMemberStatus", CampaignId=ours, Label="Visited stand", SortOrder=9)
    world.edit_sf("Campaign", ours, Description="Halls 4 and 5")
    synced(world)
    assert members(world, theirs)["Sent"] == {person.hs_id}


def test_it_is_quiet_afterwards(world: World) -> None:
    synced(world)
    mark = world.mark()
    synced(world)
    assert world.writes(mark) == []
