"""Cases, activities, campaigns, custom objects and field history of the sandbox's Salesforce."""

from typing import Any

import pytest
from tests.contract.salesforce_org import ANNA, NOW, QUEUE, Client, organisation

from sandbox.clock import Clock
from sandbox.names import locales
from sandbox.salesforce import Salesforce
from sandbox.world import SIZES, Dice, World, generate
from sandbox.world_salesforce import seed_salesforce

Made = tuple[Client, Salesforce, Clock]


@pytest.fixture
def made() -> Made:
    return organisation(session_seconds=10**9)


@pytest.fixture(scope="module")
def seeded() -> Client:
    """The client of an organisation that holds the tiny world."""
    return Client(Salesforce(Clock(NOW, "fixed"), generate(7, "tiny", NOW)))


def describe(sf: Client, name: str) -> dict[str, Any]:
    return dict(sf("GET", f"/sobjects/{name}/describe").json)


def fields(sf: Client, name: str) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in describe(sf, name)["fields"]}


# --- cases ---------------------------------------------------------------------------------------------------------------
def test_a_case_is_numbered_closed_and_reopened(made: Made) -> None:
    sf, _, clock = made
    contact = sf.create("Contact", LastName="L", Email="l@x.example")
    case = sf.create("Case", Subject="Help", ContactId=contact)
    row = sf.get("Case", case)
    assert (row["CaseNumber"], row["Status"], row["Priority"], row["IsClosed"]) == ("00000001", "New", "Medium", False)
    assert row["ContactEmail"] == "l@x.example"
    clock.advance(60)
    assert sf("PATCH", f"/sobjects/Case/{case}", {"Status": "Closed"}).status == 204
    row = sf.get("Case", case)
    assert (row["IsClosed"], row["ClosedDate"]) == (True, "2026-03-02T12:01:00.000+0000")
    clock.advance(60)
    sf("PATCH", f"/sobjects/Case/{case}", {"Subject": "Help!"})
    assert sf.get("Case", case)["ClosedDate"] == "2026-03-02T12:01:00.000+0000"
    sf("PATCH", f"/sobjects/Case/{case}", {"Status": "Working"})
    row = sf.get("Case", case)
    assert (row["IsClosed"], row["ClosedDate"]) == (False, None)
    assert sf("PATCH", f"/sobjects/Case/{case}", {"IsClosed": True}).code == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_cases_may_keep_their_people_from_being_deleted(made: Made) -> None:
    sf, org, _ = made
    account = sf.create("Account", Name="Acme")
    case = sf.create("Case", AccountId=account)
    org.settings["cases_block_deletes"] = True
    reply = sf("DELETE", f"/sobjects/Account/{account}")
    assert reply.code == "DELETE_FAILED"
    assert "associated with the following cases.: 00000001" in reply.json[0]["message"]
    org.settings["cases_block_deletes"] = False
    assert sf("DELETE", f"/sobjects/Account/{account}").status == 204
    assert sf("GET", f"/sobjects/Case/{case}").code == "ENTITY_IS_DELETED"


def test_case_merge_keeps_the_master(made: Made) -> None:
    sf, org, _ = made
    winner, loser = sf.create("Case", Subject="a"), sf.create("Case", Subject="b")
    task = sf.create("Task", Subject="Call", WhatId=loser)
    org.act("merge", object="Case", winner=winner, loser=loser)
    assert sf.get("Task", task)["WhatId"] == winner
    row = sf.query(f"SELECT MasterRecordId FROM Case WHERE Id = '{loser}'", everything=True)["records"][0]
    assert row["MasterRecordId"] == winner


# --- activities ----------------------------------------------------------------------------------------------------------
def test_tasks_close_and_find_their_account(made: Made) -> None:
    sf, _, clock = made
    account = sf.create("Account", Name="A")
    contact = sf.create("Contact", LastName="L", AccountId=account)
    task = sf.create("Task", Subject="Call", WhoId=contact, Priority="High", OwnerId=QUEUE)
    row = sf.get("Task", task)
    assert (row["AccountId"], row["Status"], row["IsClosed"], row["IsHighPriority"]) == (
        account,
        "Not Started",
        False,
        True,
    )
    clock.advance(60)
    sf("PATCH", f"/sobjects/Task/{task}", {"Status": "Completed"})
    row = sf.get("Task", task)
    assert (row["IsClosed"], row["CompletedDateTime"]) == (True, "2026-03-02T12:01:00.000+0000")
    deal = sf.create("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-06-01", AccountId=account)
    assert sf.get("Task", sf.create("Task", WhatId=deal))["AccountId"] == account
    lead = sf.create("Lead", LastName="L", Company="C")
    both = sf("POST", "/sobjects/Task", {"WhoId": lead, "WhatId": account})
    assert both.code == "FIELD_INTEGRITY_EXCEPTION"
    assert sf("POST", "/sobjects/Task", {"WhoId": account}).code == "MALFORMED_ID"


def test_who_and_what_are_polymorphic(made: Made) -> None:
    sf, _, _ = made
    lead, account = sf.create("Lead", LastName="Li", Company="C"), sf.create("Account", Name="A")
    sf.create("Task", Subject="one", WhoId=lead)
    sf.create("Task", Subject="two", WhatId=account)
    soql = "SELECT Subject, Who.Type, Who.Name, What.Type FROM Task WHERE Who.Type = 'Lead'"
    rows = sf.query(soql)["records"]
    assert [(row["Subject"], row["Who"]["Type"], row["Who"]["Name"], row["What"]) for row in rows] == [
        ("one", "Lead", "Li", None)
    ]
    assert rows[0]["Who"]["attributes"] == {"type": "Name", "url": f"/services/data/v62.0/sobjects/Lead/{lead}"}
    assert sf.ids("SELECT Id FROM Task WHERE What.Type IN ('Account', 'Case')") == sf.ids(
        f"SELECT Id FROM Task WHERE WhatId = '{account}'"
    )
    who = fields(sf, "Task")["WhoId"]
    assert (who["referenceTo"], who["relationshipName"], who["polymorphicForeignKey"]) == (
        ["Contact", "Lead"],
        "Who",
        True,
    )


def test_a_bulk_file_names_a_polymorphic_parent_with_its_type(made: Made) -> None:
    sf, _, _ = made
    lead = sf.create("Lead", LastName="Li", Company="Co", Lockstep_Id__c="one")
    job = sf("POST", "/jobs/ingest", {"operation": "insert", "object": "Task", "lineEnding": "LF"}).json["id"]
    text = b"Subject,Lead:Who.Lockstep_Id__c\nCall,one\nCall,nobody\n"
    sf("PUT", f"/jobs/ingest/{job}/batches", body=text, content_type="text/csv")
    sf("PATCH", f"/jobs/ingest/{job}", {"state": "UploadComplete"})
    done = sf("GET", f"/jobs/ingest/{job}").json
    assert (done["state"], done["numberRecordsFailed"]) == ("JobComplete", 1)
    assert sf.query("SELECT WhoId FROM Task")["records"][0]["WhoId"] == lead


def test_a_polymorphic_parent_has_the_fields_of_name_alone(made: Made) -> None:
    sf, _, _ = made
    case = sf.create("Case", Subject="s")
    sf.create("Task", Subject="about a case", WhatId=case, OwnerId=ANNA)
    row = sf.query("SELECT What.Name, what.type, Owner.Username, Owner.Title FROM Task")["records"][0]
    assert (row["What"]["Name"], row["What"]["Type"]) == ("00000001", "Case")
    assert row["Owner"]["Username"] == "anna@corp.example"
    refused = sf.ask("SELECT What.Industry FROM Task")
    assert (refused.status, refused.code) == (400, "INVALID_FIELD")
    assert "No such column 'Industry' on entity 'Name'" in refused.json[0]["message"]


def test_a_polymorphic_parent_is_named_with_its_type(made: Made) -> None:
    sf, _, _ = made
    account = sf.create("Account", Name="A", Lockstep_Id__c="acc")
    task = sf.create("Task", What={"attributes": {"type": "Account"}, "Lockstep_Id__c": "acc"})
    assert sf.get("Task", task)["WhatId"] == account
    untyped = sf("POST", "/sobjects/Task", {"What": {"Lockstep_Id__c": "acc"}})
    assert untyped.code == "INVALID_FIELD"


def test_events_have_a_start_an_end_and_a_duration(made: Made) -> None:
    sf, _, _ = made
    start = "2026-03-05T09:00:00.000+0000"
    row = sf.get("Event", sf.create("Event", Subject="Meeting", StartDateTime=start, DurationInMinutes=45))
    assert (row["EndDateTime"], row["ActivityDate"], row["ActivityDateTime"]) == (
        "2026-03-05T09:45:00.000+0000",
        "2026-03-05",
        start,
    )
    sf("PATCH", f"/sobjects/Event/{row['Id']}", {"EndDateTime": "2026-03-05T10:30:00.000+0000"})
    assert sf.get("Event", row["Id"])["DurationInMinutes"] == 90
    sf("PATCH", f"/sobjects/Event/{row['Id']}", {"StartDateTime": "2026-03-06T09:00:00.000+0000"})
    assert sf.get("Event", row["Id"])["EndDateTime"] == "2026-03-06T10:30:00.000+0000"
    assert sf("POST", "/sobjects/Event", {"Subject": "x"}).code == "REQUIRED_FIELD_MISSING"
    backwards = {"StartDateTime": start, "EndDateTime": "2026-03-04T09:00:00Z"}
    assert sf("POST", "/sobjects/Event", backwards).code == "FIELD_INTEGRITY_EXCEPTION"
    whole = sf.get("Event", sf.create("Event", IsAllDayEvent=True, ActivityDate="2026-03-07"))
    assert (whole["StartDateTime"], whole["DurationInMinutes"]) == ("2026-03-07T00:00:00.000+0000", 1440)


def test_archived_activities_are_for_query_all(made: Made) -> None:
    sf, org, _ = made
    task = sf.create("Task", Subject="old")
    org.act("system_edit", object="Task", id=task, fields={"IsArchived": True})
    assert sf.ids("SELECT Id FROM Task") == []
    assert sf.ids("SELECT Id FROM Task", everything=True) == [task]


# --- campaigns -----------------------------------------------------------------------------------------------------------
def test_a_members_status_says_whether_it_responded(made: Made) -> None:
    sf, _, _ = made
    campaign = sf.create("Campaign", Name="Webinar", IsActive=True)
    statuses = sf.query(
        f"SELECT Label, IsDefault, HasResponded FROM CampaignMemberStatus WHERE CampaignId = '{campaign}'"
    )
    assert [(s["Label"], s["IsDefault"], s["HasResponded"]) for s in statuses["records"]] == [
        ("Sent", True, False),
        ("Responded", False, True),
    ]
    lead = sf.create("Lead", LastName="Li", Company="Co", Email="li@co.example")
    member = sf.create("CampaignMember", CampaignId=campaign, LeadId=lead)
    row = sf.get("CampaignMember", member)
    assert (row["Status"], row["HasResponded"], row["Type"], row["Email"]) == ("Sent", False, "Lead", "li@co.example")
    sf("PATCH", f"/sobjects/CampaignMember/{member}", {"Status": "responded"})
    row = sf.get("CampaignMember", member)
    assert (row["Status"], row["HasResponded"], row["FirstRespondedDate"]) == ("Responded", True, "2026-03-02")
    counts = sf.get("Campaign", campaign)
    assert (counts["NumberOfLeads"], counts["NumberOfContacts"], counts["NumberOfResponses"]) == (1, 0, 1)
    again = sf("POST", "/sobjects/CampaignMember", {"CampaignId": campaign, "LeadId": lead})
    assert (again.code, again.json[0]["message"]) == ("DUPLICATE_VALUE", "Already a campaign member.")
    assert sf("POST", "/sobjects/CampaignMember", {"CampaignId": campaign}).code == "REQUIRED_FIELD_MISSING"


@pytest.mark.parametrize(("setting", "status"), [("default", "Sent"), ("keep", "Nonsense")])
def test_a_status_that_the_campaign_does_not_have(made: Made, setting: str, status: str) -> None:
    sf, org, _ = made
    org.settings["campaign_member_unknown_status"] = setting
    campaign, contact = sf.create("Campaign", Name="C"), sf.create("Contact", LastName="L")
    member = sf.create("CampaignMember", CampaignId=campaign, ContactId=contact, Status="Nonsense")
    assert sf.get("CampaignMember", member)["Status"] == status


def test_campaigns_count_their_opportunities_by_a_roll_up(made: Made) -> None:
    sf, _, clock = made
    campaign = sf.create("Campaign", Name="C")
    clock.advance(60)
    deal = {"StageName": "Closed Won", "CloseDate": "2026-06-01", "Amount": 100, "CampaignId": campaign}
    first = sf.create("Opportunity", Name="D", **deal)
    sf.create("Opportunity", Name="E", **deal | {"StageName": "Prospecting"})
    row = sf.get("Campaign", campaign)
    assert (row["NumberOfOpportunities"], row["NumberOfWonOpportunities"]) == (2, 1)
    assert (row["AmountAllOpportunities"], row["AmountWonOpportunities"]) == (200.0, 100.0)
    assert row["SystemModstamp"] > row["LastModifiedDate"]
    sf("DELETE", f"/sobjects/Opportunity/{first}")
    assert sf.get("Campaign", campaign)["NumberOfWonOpportunities"] == 0


def test_deleting_people_takes_members_and_activities_along(made: Made) -> None:
    sf, org, _ = made
    account = sf.create("Account", Name="A")
    contact = sf.create("Contact", LastName="L")
    campaign = sf.create("Campaign", Name="C")
    member = sf.create("CampaignMember", CampaignId=campaign, ContactId=contact)
    alone, shared = sf.create("Task", WhoId=contact), sf.create("Task", WhoId=contact, WhatId=account)
    org.act("delete", object="Contact", id=contact)
    assert sf("GET", f"/sobjects/CampaignMember/{member}").code == "ENTITY_IS_DELETED"
    assert sf("GET", f"/sobjects/Task/{alone}").code == "ENTITY_IS_DELETED"
    assert sf.get("Task", shared)["WhoId"] is None
    assert sf.get("Campaign", campaign)["NumberOfContacts"] == 0
    org.act("undelete", object="Contact", id=contact)
    assert sf.get("CampaignMember", member)["ContactId"] == contact
    assert sf.get("Campaign", campaign)["NumberOfContacts"] == 1


@pytest.mark.parametrize(("never", "told"), [(["OpportunityContactRole"], 0), ([], 1)])
def test_a_contact_role_deleted_by_itself_is_gone_at_once(made: Made, never: list[str], told: int) -> None:
    sf, org, clock = made
    org.settings["never_recycled"] = never
    deal = sf.create("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-06-01")
    role = sf.create("OpportunityContactRole", OpportunityId=deal, ContactId=sf.create("Contact", LastName="L"))
    assert sf("DELETE", f"/sobjects/OpportunityContactRole/{role}").status == 204
    assert sf.query("SELECT COUNT() FROM OpportunityContactRole", everything=True)["totalSize"] == told
    clock.advance(120)
    window = "start=2026-03-02T11:59:00Z&end=2026-03-02T12:02:00Z"
    deleted = sf("GET", f"/sobjects/OpportunityContactRole/deleted?{window}").json["deletedRecords"]
    assert [record["id"] for record in deleted] == [role]


def test_conversion_and_merge_hand_members_and_activities_on(made: Made) -> None:
    sf, org, _ = made
    campaign = sf.create("Campaign", Name="C")
    lead = sf.create("Lead", LastName="L", Company="Co", OwnerId=ANNA)
    member, task = sf.create("CampaignMember", CampaignId=campaign, LeadId=lead), sf.create("Task", WhoId=lead)
    contact = org.act("convert", lead_id=lead)["contact"]
    row = sf.get("CampaignMember", member)
    assert (row["LeadId"], row["ContactId"], row["Type"]) == (lead, contact, "Contact")
    assert sf.get("Task", task)["WhoId"] == contact
    other = sf.create("Contact", LastName="L")
    twin = sf.create("CampaignMember", CampaignId=campaign, ContactId=other, Status="Responded")
    org.act("merge", object="Contact", winner=contact, loser=other)
    assert sf.ids(f"SELECT Id FROM CampaignMember WHERE CampaignId = '{campaign}'") == [twin]
    assert sf.get("CampaignMember", twin)["ContactId"] == contact


# --- custom objects ------------------------------------------------------------------------------------------------------
def test_custom_objects_two_levels_deep(made: Made) -> None:
    sf, org, clock = made
    account = sf.create("Account", Name="A", Industry="Banking", Lockstep_Id__c="acc")
    contact = sf.create("Contact", LastName="L")
    subscription = sf.create("Subscription__c", Name="S", Account__r={"Lockstep_Id__c": "acc"}, Contact__c=contact)
    item = sf.create("Subscription_Item__c", Subscription__c=subscription, Quantity__c=3, Unit_Price__c=2.5)
    row, part = sf.get("Subscription__c", subscription), sf.get("Subscription_Item__c", item)
    assert (row["Status__c"], row["Item_Count__c"], row["Account_Industry__c"]) == ("Trial", 1.0, "Banking")
    assert (part["Name"], part["Total__c"]) == ("SI-00001", 7.5)
    nested = sf.query("SELECT Name, Account__r.Name, (SELECT Total__c FROM Subscription_Items__r) FROM Subscription__c")
    assert nested["records"][0]["Subscription_Items__r"]["records"][0]["Total__c"] == 7.5
    assert nested["records"][0]["Account__r"]["Name"] == "A"
    assert sf("PATCH", f"/sobjects/Subscription__c/{subscription}", {"Account__c": account}).code == (
        "INVALID_FIELD_FOR_INSERT_UPDATE"
    )
    wrong = sf("PATCH", f"/sobjects/Subscription__c/{subscription}", {"Status__c": "Nope"})
    assert wrong.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    clock.advance(60)
    org.act("delete", object="Contact", id=contact)
    assert sf.get("Subscription__c", subscription)["Contact__c"] is None
    org.act("delete", object="Account", id=account)
    assert sf("GET", f"/sobjects/Subscription_Item__c/{item}").code == "ENTITY_IS_DELETED"
    org.act("undelete", object="Account", id=account)
    assert sf.get("Subscription_Item__c", item)["IsDeleted"] is False


def test_master_detail_is_described_as_such(made: Made) -> None:
    sf, _, _ = made
    parent, lookup = (fields(sf, "Subscription__c")[name] for name in ("Account__c", "Contact__c"))
    assert (parent["cascadeDelete"], parent["nillable"], parent["updateable"]) == (True, False, False)
    assert (lookup["cascadeDelete"], lookup["nillable"], lookup["updateable"]) == (False, True, True)
    assert (parent["relationshipName"], parent["custom"]) == ("Account__r", True)
    children = {c["relationshipName"]: c for c in describe(sf, "Subscription__c")["childRelationships"]}
    assert children["Subscription_Items__r"]["cascadeDelete"] is True
    assert fields(sf, "Subscription_Item__c")["Total__c"]["calculated"] is True
    assert describe(sf, "Subscription__c")["keyPrefix"] == "a00"


# --- history and record types ----------------------------------------------------------------------------------------------
def test_tracked_fields_write_history(made: Made) -> None:
    sf, org, clock = made
    contact = sf.create("Contact", LastName="L", Email="a@x.example", OwnerId=ANNA)
    clock.advance(60)
    api = org.org.default_user()
    org.act("edit", object="Contact", id=contact, fields={"Email": "b@x.example", "OwnerId": api, "Department": "x"})
    rows = sf.query("SELECT Field, OldValue, NewValue, DataType, CreatedDate, ContactId FROM ContactHistory")["records"]
    told = [(row["Field"], row["DataType"], row["OldValue"], row["NewValue"]) for row in rows]
    assert told == [
        ("created", "Text", None, None),
        ("Email", "Email", "a@x.example", "b@x.example"),
        ("Owner", "Text", "Anna Berg", "Api Berg"),
        ("Owner", "EntityId", ANNA, api),
    ]
    assert (rows[1]["ContactId"], rows[1]["CreatedDate"]) == (contact, "2026-03-02T12:01:00.000+0000")
    refused = sf.ask("SELECT Id FROM ContactHistory WHERE OldValue = 'x'")
    assert (refused.status, refused.code) == (400, "INVALID_FIELD")
    assert sf("POST", "/sobjects/ContactHistory", {"ContactId": contact}).status == 400


def test_every_tracked_object_has_its_history(made: Made) -> None:
    sf, _, _ = made
    deal = sf.create("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-06-01")
    sf("PATCH", f"/sobjects/Opportunity/{deal}", {"Amount": 5})
    soql = f"SELECT Field, NewValue FROM OpportunityFieldHistory WHERE OpportunityId = '{deal}' AND Field = 'Amount'"
    assert sf.query(soql)["records"][0]["NewValue"] == 5.0
    sub = sf.create("Subscription__c", Account__c=sf.create("Account", Name="A"))
    sf("PATCH", f"/sobjects/Subscription__c/{sub}", {"Plan__c": "Basic"})
    history = sf.query("SELECT ParentId, Field FROM Subscription__History WHERE Field = 'Plan__c'")["records"]
    assert [row["ParentId"] for row in history] == [sub]


def test_record_types_are_described_and_defaulted(seeded: Client) -> None:
    infos = describe(seeded, "Case")["recordTypeInfos"]
    assert [(one["developerName"], one["defaultRecordTypeMapping"], one["master"]) for one in infos] == [
        ("Support", True, False),
        ("Billing", False, False),
        ("Master", False, True),
    ]
    case = seeded.get("Case", seeded.create("Case", Subject="x"))
    assert case["RecordTypeId"] == infos[0]["recordTypeId"]
    other = describe(seeded, "Opportunity")["recordTypeInfos"][0]["recordTypeId"]
    assert seeded("POST", "/sobjects/Case", {"RecordTypeId": other}).code == "INVALID_CROSS_REFERENCE_KEY"
    named = seeded.query("SELECT RecordType.DeveloperName FROM Case WHERE RecordType.DeveloperName = 'Billing' LIMIT 1")
    assert named["records"][0]["RecordType"]["DeveloperName"] == "Billing"


# --- the seeded world ------------------------------------------------------------------------------------------------------
def test_the_world_has_all_objects_and_agrees_with_itself(seeded: Client) -> None:
    size = SIZES["tiny"]
    for name, count in [("Case", size.cases), ("Campaign", size.campaigns), ("Subscription__c", size.subscriptions)]:
        assert seeded.query(f"SELECT COUNT() FROM {name}")["totalSize"] >= count
    for name in ("QueueSobject", "GroupMember", "EmailTemplate", "CaseStatus", "TaskStatus", "CaseHistory"):
        assert seeded.query(f"SELECT COUNT() FROM {name}")["totalSize"] > 0
    store = seeded.org.org.store
    for campaign in list(store.rows("Campaign")):
        members = store.holding("CampaignMember", "CampaignId", campaign["Id"])
        assert campaign["NumberOfResponses"] == sum(member["HasResponded"] for member in members)
        assert campaign["NumberOfLeads"] == sum(member["LeadId"] is not None for member in members)
    for item in store.rows("Subscription_Item__c"):
        assert item["Subscription__c"] in store.tables["Subscription__c"]


def test_the_new_objects_leave_the_people_as_they_were() -> None:
    alone, rng = World(), Dice("7/tiny")
    seed_salesforce(alone, SIZES["tiny"], locales(rng), rng, NOW)
    whole = generate(7, "tiny", NOW)
    for name in ("Account", "Contact", "Lead", "OpportunityHistory"):
        assert whole.salesforce[name] == alone.salesforce[name]
