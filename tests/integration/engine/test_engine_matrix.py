"""Marketo's matrix of operations and objects (MK-09), walked: every operation occurs with its objects, and fills no counters but its
own. One world with every object switched on, and people who give each operation something to do.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine import MAPPINGS
from tests.integration.engine.switched import switched_on
from tests.integration.engine.test_engine_campaigns import SHARED, hubspot
from tests.integration.engine.world import Snapshot, World, restored

from lockstep.mapping import load

CUSTOM = "Subscription__c"

#: operation -> objects of Marketo's matrix, by the names that our ledger has for them
MATRIX = {
    "init_link_with_program": {"campaigns"},
    "pull_conversions": {"Lead"},
    "pull_deletes": {"Contact", "Lead", "Opportunity", "Campaign", "CampaignMember", "OpportunityContactRole", CUSTOM},
    "pull_updates": {
        "tasks", "Lead", "Contact", "Event", "Opportunity", "Account", "CampaignMember", CUSTOM, "Campaign",
        "OpportunityContactRole",
    },
    "push_new": {"Task", "tasks"},
    "push_updates": {"Task", "Lead", "Contact"},
    "sync_schema": {
        "CampaignMember", CUSTOM, "Campaign", "Task", "Lead", "Opportunity", "OpportunityContactRole", "User",
    },
    "sync_with_program": {"Campaign", "campaigns"},
    "update_activities": {"Task"},
    "update_fks": {"contacts", "deals", "tickets", "tasks"},
}  # fmt: skip

#: Marketo's objects that have no row of their own, and where they are instead
ELSEWHERE = {
    "Email Template": "not synced: decision 20",
    "Campaign Member Status": "a field of the campaign: decision 19",
    "Account Type": "a field of the account",
    "Person Status": "a field of the lead",
    "Person (Lead) Queue": "among the users: queues are owners",
}

#: counters that an operation may fill, besides what was read. Marketo names none for activities, schema and pushes of new records;
#: its deletes are counted as updates, ours have an operation of their own (push_deletes)
PUSHED = {"failed", "skipped", "held", "deferred"}
COUNTERS = {
    "init_link_with_program": {"updated"},
    "pull_conversions": {"updated", "failed", "skipped"},
    "pull_deletes": {"deleted", "failed", "skipped"},
    "pull_updates": {"new", "updated", "failed", "skipped"},
    "update_activities": {"new", "updated", "failed", "skipped"},
    "push_new": {"new"} | PUSHED,
    "push_updates": {"updated"} | PUSHED,
    "push_deletes": {"deleted"} | PUSHED,
    "sync_schema": set(),
    "sync_with_program": {"new", "updated"} | PUSHED,
    "update_fks": {"updated"} | PUSHED,
}


@pytest.fixture(scope="module")
def ledger(untouched: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Counter[str]]]:
    """(operation, object) -> its counters, over three cycles in which something happens to everything."""
    folder = tmp_path_factory.mktemp("matrix")
    mappings = switched_on(folder / "mappings", *(one.entity for one in load(MAPPINGS).off))
    with restored(Snapshot(untouched, ""), folder, f"sqlite:///{folder / 'lockstep.db'}", mappings=mappings) as world:
        world.create_sf("Campaign", Name=SHARED)
        hubspot(world, "POST", "/marketing/v3/campaigns", {"properties": {"hs_name": SHARED}})
        for work in (lambda _: None, something_new, something_else):
            work(world)
            world.cycle()
            assert world.engine.errors == {}
        found: dict[tuple[str, str], Counter[str]] = {}
        for batch in (one for cycle in world.history for one in cycle):
            found.setdefault((str(batch.operation), batch.object), Counter()).update(batch.counts)
        yield found


def something_new(world: World) -> None:
    person = world.linked("people", "Contact")[0]
    sale = world.linked("opportunities-deals")[0]
    world.create_sf(
        "Task", Subject="Call", Status="Not Started", Priority="Normal", WhoId=person.sf_id, WhatId=sale.sf_id
    )
    world.create_sf("Event", Subject="Demo", StartDateTime="2025-07-03T09:00:00.000+0000", DurationInMinutes=30)
    task = world.create_hs("tasks", hs_task_subject="Write", hs_timestamp="2025-07-02T10:00:00.000Z")
    ends = {"from_type": "tasks", "from_id": task, "to_type": "contacts", "to_id": person.hs_id}
    world.sandbox.act("hubspot", "associate", **ends)
    world.edit_hs("contacts", person.hs_id or "", jobtitle="Chair")
    world.edit_hs("contacts", world.linked("people", "Lead")[0].hs_id or "", jobtitle="Board")
    world.edit_sf("Campaign", world.pairs("campaigns")[0].sf_id or "", Description="More of it")


def something_else(world: World) -> None:
    lead = world.linked("people", "Lead")[1].sf_id
    for name in ("CampaignMember", "OpportunityContactRole", "Opportunity", "Contact", "Campaign", CUSTOM):
        world.sandbox.act("salesforce", "delete", object=name, id=sorted(world.sf(name))[-1])
    world.sandbox.act("salesforce", "delete", object="Lead", id=world.linked("people", "Lead")[2].sf_id)
    world.sandbox.act("salesforce", "convert", lead_id=lead, create_opportunity=False)
    task = next(pair for pair in world.pairs("tasks") if pair.hs_id)
    world.edit_hs("tasks", task.hs_id or "", hs_task_status="COMPLETED")


@pytest.mark.parametrize(
    ("operation", "object"), [(one, name) for one, names in MATRIX.items() for name in sorted(names)]
)
def test_the_operation_occurs_with_the_object(ledger: dict, operation: str, object: str) -> None:
    assert (operation, object) in ledger
    if COUNTERS[operation] - PUSHED:
        assert sum(ledger[operation, object][one] for one in COUNTERS[operation] - PUSHED) > 0


def test_no_operation_fills_another_ones_counters(ledger: dict) -> None:
    counters = ("new", "updated", "deleted", "failed", "skipped", "deferred", "held")
    wrong = {
        key: filled
        for key, counts in ledger.items()
        if (filled := {one for one in counters if counts[one]} - COUNTERS[key[0]])
    }
    assert wrong == {}


def test_what_marketo_has_besides_is_somewhere() -> None:
    decisions = {int(file.name[:4]) for file in (Path(__file__).parents[3] / "docs" / "decisions").glob("*.md")}
    named = {int(where.rpartition(" ")[2]) for where in ELSEWHERE.values() if "decision" in where}
    assert named <= decisions
