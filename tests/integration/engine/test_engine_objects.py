"""Cases, activities and custom objects, switched on: both ways, parents before children, with who and what they are about.

One world for the whole file, which grows with each test; every test makes records of its own.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.engine.switched import switched_on
from tests.integration.engine.world import Snapshot, World, restored

from lockstep.model import Pair, PairState

EVERY = (
    "contact-roles", "cases-tickets", "tasks", "meetings", "calls", "emails", "subscriptions", "subscription-items",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(untouched: bytes, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("objects")
    mappings = switched_on(folder / "mappings", *EVERY)
    with restored(Snapshot(untouched, ""), folder, f"sqlite:///{folder / 'lockstep.db'}", mappings=mappings) as world:
        world.cycle()
        assert world.engine.errors == {}
        yield world


def synced(world: World, cycles: int = 1) -> None:
    for _ in range(cycles):
        world.cycle()
        assert world.engine.errors == {}


def links(world: World, name: str, record_id: str, target: str) -> dict[str, list[int]]:
    """What a HubSpot record is associated with: id -> type ids."""
    found: dict[str, list[int]] = world.sandbox.admin("GET", f"hubspot/{name}/{record_id}")["associations"].get(
        target, {}
    )
    return found


def link(world: World, *ends: str) -> None:
    names = dict(zip(("from_type", "from_id", "to_type", "to_id"), ends, strict=True))
    world.sandbox.act("hubspot", "associate", **names)


def someone(world: World, sf_object: str = "Contact", number: int = 0) -> Pair:
    return world.linked("people", sf_object)[number]


def deal(world: World) -> Pair:
    return world.linked("opportunities-deals")[0]


def codes(world: World, object: str) -> set[str]:
    return {str(change["code"]) for change in world.changes(object=object) if change["code"]}


class TestCases:
    def test_every_case_and_every_ticket_has_a_partner(self, world: World) -> None:
        pairs = world.pairs("cases-tickets", PairState.LINKED)
        assert len(pairs) == len(world.sf("Case")) == len(world.hs("tickets")) > 5

    def test_a_ticket_is_associated_with_the_company_and_the_contact_of_its_case(self, world: World) -> None:
        person = someone(world)
        account = world.sf_record("Contact", person.sf_id or "")["AccountId"]
        case = world.create_sf("Case", Subject="Broken", Status="New", ContactId=person.sf_id, AccountId=account)
        synced(world)
        ticket = world.pair_of(case).hs_id or ""
        assert list(links(world, "tickets", ticket, "contacts")) == [person.hs_id]
        company = world.pair_of(account).hs_id
        assert 26 in links(world, "tickets", ticket, "companies")[str(company)]

    def test_a_status_is_a_stage_and_a_ticket_in_another_pipeline_rests(self, world: World) -> None:
        case = world.create_sf("Case", Subject="Slow", Status="New")
        synced(world)
        ticket = world.pair_of(case).hs_id or ""
        assert world.hs_record("tickets", ticket)["hs_pipeline_stage"] == "1"
        world.edit_hs("tickets", ticket, hs_pipeline_stage="4")
        synced(world)
        assert world.sf_record("Case", case)["Status"] == "Closed"

    def test_a_ticket_of_a_lead_waits_until_the_lead_is_a_contact(self, world: World) -> None:
        lead = someone(world, "Lead")
        ticket = world.create_hs("tickets", subject="Who is it", hs_pipeline="0", hs_pipeline_stage="1")
        link(world, "tickets", ticket, "contacts", lead.hs_id or "")
        synced(world)
        case = world.pair_of(ticket).sf_id or ""
        assert world.sf_record("Case", case)["ContactId"] is None
        assert "waiting_for_reference" in codes(world, "Case")
        contact = world.sandbox.act("salesforce", "convert", lead_id=lead.sf_id)["contact"]
        synced(world, 2)
        assert world.sf_record("Case", case)["ContactId"] == contact


class TestCustomObjects:
    def test_items_come_after_their_subscriptions_with_their_parent(self, world: World) -> None:
        items = world.pairs("subscription-items", PairState.LINKED)
        assert len(items) == len(world.sf("Subscription_Item__c")) > 10
        for pair in items:
            parent = world.sf_record("Subscription_Item__c", pair.sf_id or "")["Subscription__c"]
            name = "p_subscription_items"
            (linked,) = links(world, name, pair.hs_id or "", next(iter(_custom(world, name, pair.hs_id or ""))))
            assert world.pair_of(parent).hs_id == linked

    def test_a_new_subscription_in_hubspot_with_its_item(self, world: World) -> None:
        company = world.linked("accounts-companies")[0]
        parent = world.create_hs("p_subscriptions", subscription_name="SUB-new", subscription_status="active")
        child = world.create_hs("p_subscription_items", item_name="Seat", quantity="3", unit_price="9.5")
        link(world, "p_subscriptions", parent, "companies", company.hs_id or "")
        link(world, "p_subscription_items", child, "p_subscriptions", parent)
        synced(world)
        pair = world.pair_of(child)
        made = world.sf_record("Subscription_Item__c", pair.sf_id or "")
        assert (made["Quantity__c"], made["Unit_Price__c"]) == (3, 9.5)
        assert world.sf_record("Subscription__c", made["Subscription__c"])["Account__c"] == company.sf_id

    def test_an_item_without_its_parent_waits_and_says_so(self, world: World) -> None:
        child = world.create_hs("p_subscription_items", item_name="Orphan")
        synced(world)
        assert world.pairs("subscription-items", PairState.CREATING) == []
        assert "required_empty" in {
            one["code"] for one in world.changes() if (one["detail"] or {}).get("record", {}).get("id") == child
        }


def _custom(world: World, name: str, record_id: str) -> list[str]:
    found = world.sandbox.admin("GET", f"hubspot/{name}/{record_id}")["associations"]
    return [target for target in found if target.endswith("_subscriptions")]


class TestTasks:
    def test_nothing_from_before_the_switch(self, world: World) -> None:
        assert len(world.sf("Task")) > 5
        assert len(world.hs("tasks")) > 2
        assert not {pair.sf_id for pair in world.pairs("tasks")} & {key for key in world.sf("Task") if key < "00T"}

    def test_a_task_with_who_and_what_goes_to_hubspot(self, world: World) -> None:
        person, sale = someone(world), deal(world)
        task = world.create_sf(
            "Task", Subject="Call back", Status="Not Started", Priority="High", ActivityDate="2025-07-01",
            Description="Ask for <budget>\nand date", WhoId=person.sf_id, WhatId=sale.sf_id,
        )  # fmt: skip
        synced(world)
        made = world.pair_of(task).hs_id or ""
        held = world.hs_record("tasks", made)
        assert (held["hs_task_subject"], held["hs_task_status"], held["hs_task_priority"]) == (
            "Call back", "NOT_STARTED", "HIGH",
        )  # fmt: skip
        assert held["hs_task_body"] == "Ask for &lt;budget&gt;<br>and date"
        assert held["hs_timestamp"].startswith("2025-07-01")
        assert held.get("hubspot_owner_id") is None
        assert list(links(world, "tasks", made, "contacts")) == [person.hs_id]
        assert list(links(world, "tasks", made, "deals")) == [sale.hs_id]

    def test_a_task_of_hubspot_goes_to_salesforce_and_what_it_is_about_may_change(self, world: World) -> None:
        person, sale = someone(world), deal(world)
        task = world.create_hs(
            "tasks", hs_task_subject="Send offer", hs_task_status="IN_PROGRESS", hs_task_body="<p>With <b>terms</b></p><p>Soon</p>",
            hs_timestamp="2025-07-02T10:00:00.000Z",
        )  # fmt: skip
        link(world, "tasks", task, "contacts", person.hs_id or "")
        link(world, "tasks", task, "deals", sale.hs_id or "")
        synced(world, 2)
        made = world.pair_of(task).sf_id or ""
        held = world.sf_record("Task", made)
        assert (held["Subject"], held["Status"], held["ActivityDate"]) == ("Send offer", "In Progress", "2025-07-02")
        assert held["Description"] == "With terms\nSoon"
        assert (held["WhoId"], held["WhatId"]) == (person.sf_id, sale.sf_id)

        account = world.linked("accounts-companies")[0]
        world.edit_sf("Task", made, WhatId=account.sf_id)
        synced(world, 2)
        assert list(links(world, "tasks", task, "companies")) == [account.hs_id]
        assert links(world, "tasks", task, "deals") == {}
        assert world.sf_record("Task", made)["WhatId"] == account.sf_id

    def test_an_edit_of_associations_alone_is_seen_within_the_hour(self, world: World) -> None:
        task = world.create_sf("Task", Subject="Whose?", Status="Not Started", Priority="Normal")
        synced(world)
        made = world.pair_of(task).hs_id or ""
        synced(world)
        stamp = world.hs_record("tasks", made)["hs_lastmodifieddate"]
        person = someone(world)
        link(world, "tasks", made, "contacts", person.hs_id or "")
        assert world.hs_record("tasks", made)["hs_lastmodifieddate"] == stamp
        synced(world, 4)
        assert world.sf_record("Task", task)["WhoId"] == person.sf_id

    def test_reading_salesforces_tasks_is_called_update_activities(self, world: World) -> None:
        operations = {
            (b.system, b.object): str(b.operation) for b in world.batches(step=None) if "pull_updates:" in b.run_id
        }
        assert operations["salesforce", "Task"] == "update_activities"
        assert operations["salesforce", "Event"] == operations["hubspot", "tasks"] == "pull_updates"


class TestContactRoles:
    def test_every_role_between_partners_is_an_association_and_the_other_way_round(self, world: World) -> None:
        synced(world)
        roles = {(one["OpportunityId"], one["ContactId"]) for one in world.sf("OpportunityContactRole").values()}
        partners = {pair.sf_id: pair.hs_id for pair in world.pairs(state=PairState.LINKED)}
        expected = {(partners[a], partners[b]) for a, b in roles if a in partners and b in partners}
        there = {(key, one) for key in world.hs("deals") for one in links(world, "deals", key, "contacts")}
        assert len(expected) > 5
        assert expected <= there
        contacts = {pair.hs_id for pair in world.pairs("people", PairState.LINKED) if pair.sf_object == "Contact"}
        deals = {pair.hs_id for pair in world.pairs("opportunities-deals", PairState.LINKED)}
        assert {(a, b) for a, b in there if a in deals and b in contacts} == expected

    def test_added_and_taken_away_on_either_side(self, world: World) -> None:
        sale, first, second = deal(world), someone(world, number=2), someone(world, number=3)
        role = world.create_sf(
            "OpportunityContactRole", OpportunityId=sale.sf_id, ContactId=first.sf_id, Role="Evaluator"
        )
        link(world, "deals", sale.hs_id or "", "contacts", second.hs_id or "")
        synced(world, 2)
        assert first.hs_id in links(world, "deals", sale.hs_id or "", "contacts")
        made = world.pair_of(f"{sale.hs_id}-{second.hs_id}")
        assert world.sf_record("OpportunityContactRole", made.sf_id or "")["ContactId"] == second.sf_id

        world.sandbox.act("salesforce", "delete", object="OpportunityContactRole", id=role)
        ends = {"from_type": "deals", "from_id": sale.hs_id, "to_type": "contacts", "to_id": second.hs_id}
        world.sandbox.act("hubspot", "disassociate", **ends)
        synced(world, 2)
        assert not {first.hs_id, second.hs_id} & links(world, "deals", sale.hs_id or "", "contacts").keys()
        assert made.sf_id not in world.sf("OpportunityContactRole")

    def test_a_link_that_goes_with_its_contact_leaves_the_role(self, world: World) -> None:
        role = next(iter(world.sf("OpportunityContactRole").values()))
        contact = world.pair_of(role["ContactId"]).hs_id
        world.sandbox.act("hubspot", "delete", object="contacts", id=contact)
        synced(world, 2)
        assert role["Id"] in world.sf("OpportunityContactRole")


class TestMeetings:
    def test_both_ways(self, world: World) -> None:
        person = someone(world)
        event = world.create_sf(
            "Event", Subject="Demo", Location="Oslo", StartDateTime="2025-07-03T09:00:00.000+0000", DurationInMinutes=30,
            WhoId=person.sf_id,
        )  # fmt: skip
        meeting = world.create_hs(
            "meetings", hs_meeting_title="Kick-off", hs_timestamp="2025-07-04T08:00:00.000Z",
            hs_meeting_start_time="2025-07-04T08:00:00.000Z", hs_meeting_end_time="2025-07-04T09:00:00.000Z",
        )  # fmt: skip
        link(world, "meetings", meeting, "contacts", person.hs_id or "")
        synced(world, 2)
        there = world.pair_of(event).hs_id or ""
        held = world.hs_record("meetings", there)
        assert held["hs_meeting_title"] == "Demo"
        assert (held["hs_timestamp"], held["hs_meeting_end_time"]) == (
            "2025-07-03T09:00:00.000Z", "2025-07-03T09:30:00.000Z",
        )  # fmt: skip
        assert list(links(world, "meetings", there, "contacts")) == [person.hs_id]
        made = world.sf_record("Event", world.pair_of(meeting).sf_id or "")
        assert (made["Subject"], made["DurationInMinutes"], made["WhoId"]) == ("Kick-off", 60, person.sf_id)


class TestCallsAndEmails:
    def test_they_become_tasks_that_are_done_once_and_never_come_back(self, world: World) -> None:
        person = someone(world)
        call = world.create_hs(
            "calls", hs_call_title="Budget", hs_call_status="COMPLETED", hs_call_direction="OUTBOUND",
            hs_timestamp="2025-06-02T08:00:00.000Z",
        )  # fmt: skip
        mail = world.create_hs(
            "emails",
            hs_email_subject="Re: offer",
            hs_email_direction="INCOMING_EMAIL",
            hs_timestamp="2025-06-02T08:00:00.000Z",
        )
        for name, record_id in (("calls", call), ("emails", mail)):
            link(world, name, record_id, "contacts", person.hs_id or "")
        before = len(world.hs("tasks"))
        synced(world)
        tasks = [world.sf_record("Task", world.pair_of(one).sf_id or "") for one in (call, mail)]
        assert [(one["Subject"], one["TaskSubtype"], one["Status"], one["WhoId"]) for one in tasks] == [
            ("Budget", "Call", "Completed", person.sf_id),
            ("Re: offer", "Email", "Completed", person.sf_id),
        ]
        world.edit_hs("calls", call, hs_call_title="Budget, really")
        world.edit_sf("Task", tasks[1]["Id"], Subject="Mine")
        mark = world.mark()
        synced(world, 2)
        assert world.writes(mark) == []
        assert len(world.hs("tasks")) == before

    def test_a_call_waits_for_its_person(self, world: World) -> None:
        paired = {pair.hs_id for pair in world.pairs("people")}
        nobody = next(key for key in world.hs("contacts") if key not in paired)
        call = world.create_hs("calls", hs_call_title="Early", hs_timestamp="2025-06-02T08:00:00.000Z")
        link(world, "calls", call, "contacts", nobody)
        synced(world)
        assert world.pair_of(call).state is PairState.CREATING
        assert "waiting_for_reference" in codes(world, "Task")
        world.edit_hs("contacts", nobody, email="nobody@late.example")
        synced(world)
        task = world.sf_record("Task", world.pair_of(call).sf_id or "")
        assert task["WhoId"] == world.pair_of(nobody).sf_id


def test_it_is_quiet_afterwards(world: World) -> None:
    synced(world, 2)
    calls = []
    for _ in range(2):
        mark = world.mark()
        synced(world)
        assert world.writes(mark) == []
        calls.append([len(world.calls(vendor, mark)) for vendor in ("salesforce", "hubspot")])
    # once an hour the associations of all records are read, too
    salesforce, hubspot = min(calls)
    # Salesforce: one question for five objects; HubSpot: one for news, one for archives, one for merges per object
    assert salesforce <= 6, calls
    assert hubspot <= 3 * 10, calls
