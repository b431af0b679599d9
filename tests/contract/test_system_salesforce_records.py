"""What is Salesforce's own about its records: raw values over both transports, ends, rejections, metadata."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.system_sandbox_rigs import SandboxRig, lead, salesforce, salesforce_rig

from lockstep.errors import AccessError, ConfigError, HorizonPassed, LockstepError
from lockstep.model import Action, Gone, Window, Write, Written
from lockstep.systems.salesforce import SalesforceSystem


@pytest.fixture(scope="module")
def rig() -> Iterator[SandboxRig]:
    with salesforce_rig() as made:
        yield made


# --- values

DEAL = ("Name", "Amount", "CloseDate", "IsPrivate", "Probability", "StageName", "OwnerId", "CreatedDate", "Description")


def test_bulk_and_rest_read_the_same_raw_values(rig: SandboxRig) -> None:
    rig.settle()
    everything = Window(None, rig.now())
    for name, fields in (
        ("Opportunity", DEAL),
        ("Contact", (*rig.fields, "HasOptedOutOfEmail", "Birthdate", "Account.Name")),
    ):
        rest = read_all(rig.system, name, fields, everything)
        bulk = read_all(salesforce(rig, bulk_threshold=1, bulk_page=7), name, fields, everything)
        assert bulk == rest
        assert len(rest) > 10
        flat = {value for values in rest.values() for value in values[1]}
        assert not [value for value in flat if value and value.endswith(("+0000", ".0"))]


def test_bulk_pages_resume_and_survive_a_torn_body(rig: SandboxRig) -> None:
    rig.settle()
    everything = Window(None, rig.now())
    rig.settings(bulk_polls=2)
    system = salesforce(rig, bulk_threshold=1, bulk_page=9)
    rig.fault(kind="truncate", path="/results", nth=2)
    pages = list(system.changed("Contact", rig.fields, everything))
    rig.heal()
    rig.settings(bulk_polls=0)
    assert sum(len(page.rows) for page in pages) == len(rig.live_ids())
    assert pages[1].cursor
    resumed = [
        row.id
        for page in salesforce(rig).changed("Contact", rig.fields, everything, pages[1].cursor)
        for row in page.rows
    ]
    assert resumed == [row.id for page in pages[2:] for row in page.rows]


def test_a_bulk_job_that_is_gone_is_started_afresh(rig: SandboxRig) -> None:
    rig.settle()
    cursor = f"bulk|750000000000000AAA|12|{rig.now().isoformat()}"
    pages = rig.system.changed("Contact", rig.fields, Window(None, rig.now()), cursor)
    assert {row.id for page in pages for row in page.rows} == rig.live_ids()


def test_a_forgotten_query_locator_only_costs_another_query(rig: SandboxRig) -> None:
    rig.settle()
    rig.settings(page_size_max=40, locators_valid=False)
    rows = read_all(rig.system, "Contact", ("Email",), Window(None, rig.now()))
    rig.settings(page_size_max=2_000, locators_valid=True)
    assert rows.keys() == rig.live_ids()


def test_raw_text_is_written_as_the_fields_type(rig: SandboxRig) -> None:
    values = {
        "Name": "Typed deal",
        "StageName": "Prospecting",
        "CloseDate": "2026-12-24",
        "Amount": "1234.50",
        "IsPrivate": "true",
        "Probability": None,
    }
    write = Write(1, None, "typed-1", values)
    (made,) = rig.system.write("Opportunity", Action.CREATE, [write], "Lockstep_Id__c")
    row = rig.system.read("Opportunity", ("Amount", "IsPrivate", "CloseDate"), [str(made.record_id)]).rows[
        str(made.record_id)
    ]
    assert row.values == ("1234.5", "true", "2026-12-24")
    stored = rig.sandbox.admin("GET", f"salesforce/Opportunity/{made.record_id}")
    assert (stored["Amount"], stored["IsPrivate"]) == (1234.5, True)


# --- ends


def test_a_converted_lead_leads_to_its_contact(rig: SandboxRig) -> None:
    made = rig.system.write("Lead", Action.CREATE, [lead(rig, 1, "converts")], "Lockstep_Id__c")[0].record_id
    rig.settle()
    start = rig.now()
    contact = rig.sandbox.act("salesforce", "convert", lead_id=made)
    rig.settle()
    closed = Window(start, rig.now())
    (told,) = rig.system.converted(closed).tombstones
    assert (told.id, told.kind, told.into_object) == (made, Gone.CONVERTED, "Contact")
    assert told.into in contact.values()
    assert rig.system.read("Lead", ("Email",), [str(made)]).gone[str(made)] == told
    assert rig.system.count_changed({"Lead": closed}) == {"Lead": 0}
    assert [row for page in rig.system.changed("Lead", ("Email",), closed) for row in page.rows] == []
    assert rig.system.deleted("Lead", closed).tombstones == []
    (result,) = rig.system.write("Lead", Action.UPDATE, [Write(1, made, None, {"Company": "x"})], "Lockstep_Id__c")
    assert result.rejection is not None
    assert result.rejection.code == "converted_lead"


def test_a_hard_delete_is_told_and_the_id_shows_nothing(rig: SandboxRig) -> None:
    record = rig.create(rig.person_values())
    rig.settle()
    start = rig.now()
    rig.sandbox.act("salesforce", "hard_delete", object="Contact", id=record)
    rig.settle()
    assert [one.id for one in rig.system.deleted("Contact", Window(start, rig.now())).tombstones] == [record]
    read = rig.system.read("Contact", ("Email",), [record])
    assert (read.rows, read.gone) == ({}, {})


def test_read_follows_a_chain_of_merges_to_its_end(rig: SandboxRig) -> None:
    first, second, third = (rig.create(rig.person_values()) for _ in range(3))
    rig.merge(second, first)
    rig.merge(third, second)
    gone = rig.system.read("Contact", ("Email",), [first, second]).gone
    assert {key: end.into for key, end in gone.items()} == {first: third, second: third}


def test_deletes_of_too_long_ago_ask_for_a_reconcile(rig: SandboxRig) -> None:
    old = Window(rig.now() - timedelta(days=20), rig.now())
    with pytest.raises(HorizonPassed):
        rig.system.deleted("Contact", old)
    told = rig.system.deleted_many({"Contact": old, "Lead": Window(rig.now() - timedelta(hours=1), rig.now())})
    assert told["Contact"].refused
    assert told["Lead"].refused is None


def test_an_idle_cycle_costs_three_calls(rig: SandboxRig) -> None:
    rig.settle()
    closed = Window(rig.now() - timedelta(seconds=1), rig.now())
    windows = dict.fromkeys(rig.objects, closed)
    before = rig.meter.calls
    rig.system.count_changed(windows)
    rig.system.deleted_many(windows)
    rig.system.converted(closed)
    assert rig.meter.calls - before == 3


# --- rejections


def test_rejections_have_our_codes(rig: SandboxRig) -> None:
    taken = rig.person_values()
    holder = rig.create(taken)
    locked = rig.create(rig.person_values())
    rig.settings(
        locked=[locked],
        restricted_picklists=["Contact.LeadSource"],
        validation_rules=[{"object": "Contact", "when": "Title = 'Forbidden'", "message": "not this title"}],
        duplicate_rules=[{"object": "Contact", "fields": ["Email"], "action": "block"}],
    )
    others = [rig.create(rig.person_values()) for _ in range(3)]
    rig.settle()
    results = rig.system.write(
        "Contact",
        Action.UPDATE,
        [
            Write(1, locked, None, {"Title": "x"}),
            Write(2, others[0], None, {"Title": "Forbidden"}),
            Write(3, others[1], None, {"LeadSource": "No such source", "Title": "CTO"}),
            Write(4, others[2], None, {"FirstName": "x" * 41, "Title": "CTO"}),
            Write(5, holder, None, {"LastName": None}),
        ],
        "Lockstep_Id__c",
    )
    twin = rig.system.write("Contact", Action.CREATE, [Write(6, None, "twin", taken)], "Lockstep_Id__c")[0]
    rig.settings(locked=[], restricted_picklists=[], validation_rules=[], duplicate_rules=[])
    codes = [
        one.rejection.code if one.rejection else [bad.code for bad in one.field_rejections] for one in (*results, twin)
    ]
    assert codes == [
        "row_locked",
        "validation_rule",
        ["picklist_value"],
        ["value_too_long"],
        "required_field_missing",
        "duplicate_rule",
    ]
    assert twin.record_id == holder
    assert rig.sandbox.admin("GET", f"salesforce/Contact/{others[1]}")["Title"] == "CTO"


def test_a_refused_collection_inside_a_composite_is_sent_again_without_the_bad_record(rig: SandboxRig) -> None:
    writes = [Write(n, None, f"part-{n}", rig.person_values()) for n in range(450)]
    writes[230] = replace(writes[230], values=writes[230].values | {"No_Such__c": "x"})
    results = rig.system.write("Contact", Action.CREATE, writes, "Lockstep_Id__c")
    assert {one.status for one in results} == {Written.OK}
    assert [one.key for one in results if one.field_rejections] == [230]


def test_a_lost_answer_of_a_composite_is_unknown(rig: SandboxRig) -> None:
    rig.system.describe("Contact")
    rig.fault(kind="truncate", path="/composite$")
    writes = [Write(n, None, f"torn-{n}", rig.person_values()) for n in range(250)]
    results = rig.system.write("Contact", Action.CREATE, writes, "Lockstep_Id__c")
    rig.heal()
    assert {one.status for one in results} == {Written.UNKNOWN}
    assert len(rig.system.find("Contact", "Lockstep_Id__c", [f"torn-{n}" for n in range(250)], ("Id",))) == 250


def test_a_failure_of_a_gateway_leaves_a_write_unknown(rig: SandboxRig) -> None:
    record = rig.create(rig.person_values())
    rig.fault(kind="status", status=502, path="/composite", body="<html>Bad Gateway</html>")
    (result,) = rig.system.write("Contact", Action.UPDATE, [Write(1, record, None, {"Title": "x"})], "Lockstep_Id__c")
    rig.heal()
    assert result.status is Written.UNKNOWN


# --- metadata


def test_a_misspelled_field_is_a_configuration_error(rig: SandboxRig) -> None:
    for name in ("email", "No_Such__c"):
        with pytest.raises(ConfigError) as caught:
            list(rig.system.changed("Contact", ("LastName", name), Window(None, rig.now())))
        assert name in caught.value.message


def test_prepare_names_the_remedy(rig: SandboxRig) -> None:
    rig.settings(hide_lockstep_id=True)
    with pytest.raises(ConfigError) as missing:
        rig.system.prepare("Lead", "Lockstep_Id__c")
    rig.settings(hide_lockstep_id=False, read_only_fields=["Lead.Lockstep_Id__c"])
    with pytest.raises(AccessError) as hidden:
        rig.system.prepare("Lead", "Lockstep_Id__c")
    rig.settings(read_only_fields=[])
    with pytest.raises(ConfigError):
        rig.system.prepare("Lead", "Email")
    assert "permission set" in missing.value.hint
    assert "permission set" in hidden.value.hint


@pytest.mark.parametrize("name", ["Lead", "Task"])
def test_prepare_makes_the_field_if_it_is_told_to(name: str) -> None:
    with salesforce_rig(create_external_ids=True) as rig:
        rig.settings(hide_lockstep_id=True)
        assert rig.system.prepare(name, "Lockstep_Id__c") == ["Lockstep_Id__c"]
        made = rig.system.describe(name).fields["Lockstep_Id__c"]
        assert (made.unique, made.writable, made.length) == (True, True, 64)
        assert rig.system.prepare(name, "Lockstep_Id__c") == []


def test_prepare_finishes_what_an_earlier_run_began() -> None:
    """The field is there, and nobody may see it; a permission set is there, and nobody has it."""
    with salesforce_rig(create_external_ids=True) as rig:
        rig.settings(hide_lockstep_id=True)
        for part in ("PermissionSetAssignment", "FieldPermissions"):
            rig.fault(kind="status", status=500, path=f"/sobjects/{part}", times=9)
            with pytest.raises(LockstepError):
                rig.system.prepare("Lead", "Lockstep_Id__c")
            rig.heal()
        assert rig.system.prepare("Lead", "Lockstep_Id__c") == ["Lockstep_Id__c"]


def test_prepare_that_may_not_make_the_field_names_the_remedy() -> None:
    with salesforce_rig(create_external_ids=True) as rig:
        rig.settings(hide_lockstep_id=True, no_access=["CustomField.create"])
        with pytest.raises(AccessError) as refused:
            rig.system.prepare("Lead", "Lockstep_Id__c")
        assert "Lead.Lockstep_Id__c could not be made" in refused.value.message
        assert "create_external_ids" in refused.value.hint


def test_owners_are_users_and_queues(rig: SandboxRig) -> None:
    owners = rig.system.owners()
    users = {one["Id"]: one for one in rig.sandbox.admin("GET", "salesforce/User")}
    assert {one.id for one in owners if not one.queue} <= set(users)
    assert all(one.active == users[one.id]["IsActive"] for one in owners if not one.queue)
    assert any(one.queue for one in owners)
    assert any(not one.active for one in owners)


def test_describe_tells_what_mappings_are_checked_against(rig: SandboxRig) -> None:
    fields = rig.system.describe("Lead").fields
    assert fields["LastName"].required
    assert fields["Status"].options
    assert set(fields["OwnerId"].reference_to) == {"User", "Group"}
    assert not fields["ConvertedContactId"].writable
    assert fields["LastName"].length == 80


def read_all(
    system: SalesforceSystem, name: str, fields: tuple[str, ...], window: Window
) -> dict[str, tuple[str, Any]]:
    pages = system.changed(name, fields, window)
    return {row.id: (row.version, row.values) for page in pages for row in page.rows}
