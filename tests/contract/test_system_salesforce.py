"""The Salesforce adapter keeps the contract against the sandbox's wire protocol, and what is Salesforce's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import certifi
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.contract.system_contract import SystemContract
from tests.contract.system_rigs import MemoryTokens, SandboxRig, salesforce, salesforce_connection, salesforce_rig

from lockstep.errors import AccessError, AuthenticationError, ConfigError, HorizonPassed, QuotaExhausted
from lockstep.model import Action, Gone, Window, Write, Written
from lockstep.pacing import LocalMeter
from lockstep.systems.salesforce import SalesforceSystem


@pytest.fixture(scope="module")
def rig() -> Iterator[SandboxRig]:
    with salesforce_rig() as made:
        yield made


@pytest.fixture
def small_pages(rig: SandboxRig) -> Iterator[SandboxRig]:
    usual = rig.system
    rig.settings(page_size_max=3)
    rig.system = salesforce(rig, page=200)
    yield rig
    rig.settings(page_size_max=2_000)
    rig.system = usual


class TestSalesforce(SystemContract):
    pass


# --- logging in


@pytest.mark.parametrize("flow", ["client_credentials", "jwt", "password", "soap"])
def test_every_login_flow(rig: SandboxRig, flow: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    username = rig.sandbox.admin("GET", "salesforce/User")[0]["Username"]
    flows = {
        "client_credentials": {"consumer_key": "key", "consumer_secret": "secret", "domain": "acme.my"},
        "jwt": {"username": username, "consumer_key": "key", "private_key": pem},
        "password": {"username": username, "password": "p", "consumer_key": "key", "consumer_secret": "secret"},
        "soap": {"username": username, "password": "p", "security_token": "t"},
    }
    connection = salesforce_connection(rig.sandbox, **flows[flow])
    assert salesforce(rig, connection=connection).check().account.startswith("00D")


def test_refused_credentials_are_a_fatal_error_without_the_secret(rig: SandboxRig) -> None:
    rig.settings(clients={"key": "secret"})
    connection = salesforce_connection(
        rig.sandbox, consumer_key="key", consumer_secret="WRONG-SECRET", domain="acme.my"
    )
    with pytest.raises(AuthenticationError) as caught:
        salesforce(rig, connection=connection).check()
    rig.settings(clients=None)
    assert "WRONG-SECRET" not in f"{caught.value!s} {connection!r}"
    with pytest.raises(ConfigError):
        salesforce(rig, connection=salesforce_connection(rig.sandbox, domain="acme.my")).check()


def test_tasks_share_a_login_through_the_token_cache(rig: SandboxRig) -> None:
    tokens, first, second = MemoryTokens(), LocalMeter(), LocalMeter()
    salesforce(rig, first, tokens=tokens).check()
    salesforce(rig, second, tokens=tokens).check()
    assert [one.bucket for one in first.records] == ["login", "api"]
    assert [one.bucket for one in second.records] == ["api"]


def test_an_expired_session_logs_in_again_and_sends_the_same_headers(rig: SandboxRig) -> None:
    with assignment_rule(rig) as (queue, _):
        owner = active_user(rig)
        tokens = MemoryTokens()
        system = salesforce(rig, meter := LocalMeter(), tokens=tokens)
        system.describe("Lead")
        rig.sandbox.admin("POST", "salesforce/expire_tokens")
        (result,) = system.write("Lead", Action.CREATE, [lead(rig, 1, "expired-1", OwnerId=owner)], "Lockstep_Id__c")
        assert [one.bucket for one in meter.records] == ["login", "api", "api", "login", "api"]
        made = rig.sandbox.admin("GET", f"salesforce/Lead/{result.record_id}")
        assert made["OwnerId"] == owner != queue
        assert salesforce(rig, tokens=tokens).check()


def test_a_session_id_that_expired_cannot_be_renewed(rig: SandboxRig) -> None:
    connection = salesforce_connection(rig.sandbox, session_id="stale", instance_url="https://acme.my.salesforce.com")
    with pytest.raises(AuthenticationError) as caught:
        salesforce(rig, connection=connection).check()
    assert "client credentials" in caught.value.hint


def test_the_connections_proxy_goes_before_the_environments(rig: SandboxRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    assert salesforce(rig).check()


def test_a_wrong_ca_is_a_configuration_error(rig: SandboxRig) -> None:
    connection = replace(salesforce_connection(rig.sandbox), ca=certifi.where())
    with pytest.raises(ConfigError) as caught:
        salesforce(rig, connection=connection).check()
    assert "CA" in caught.value.hint


def test_a_used_up_day_is_quota_exhausted(rig: SandboxRig) -> None:
    rig.system.check()
    rig.settings(daily_limit=10, used=10)
    with pytest.raises(QuotaExhausted):
        rig.system.read("Contact", ("Id",), ["003000000000001AAA"])
    with pytest.raises(QuotaExhausted):
        rig.system.write("Lead", Action.CREATE, [lead(rig, 1, "quota-1")], "Lockstep_Id__c")
    rig.settings(daily_limit=100_000, used=0)
    rig.system.describe("Lead")
    usage = rig.system.usage()
    assert usage is not None
    assert usage.limit == 100_000


def test_a_read_is_tried_again_while_the_vendor_is_unavailable(rig: SandboxRig) -> None:
    rig.fault(kind="status", status=503, path="/query", times=2, body="<html>down</html>")
    rig.fault(kind="reset_before", path="/query")
    closed = Window(rig.now() - timedelta(hours=1), rig.now())
    assert list(rig.system.changed("Contact", ("Id",), closed))
    rig.heal()


# --- assignment rules (MK-23): headers


def test_rules_choose_the_owner_only_of_leads_without_one(rig: SandboxRig) -> None:
    with assignment_rule(rig) as (queue, _):
        owner = active_user(rig)
        writes = [lead(rig, n, f"assigned-{n}", OwnerId=owner if n % 2 else None) for n in range(410)]
        before = rig.meter.calls
        results = rig.system.write("Lead", Action.CREATE, writes, "Lockstep_Id__c")
        assert rig.meter.calls - before <= 2  # one describe at most
        owners = {one["Lockstep_Id__c"]: one["OwnerId"] for one in rig.sandbox.admin("GET", "salesforce/Lead")}
        assert {owners[f"assigned-{n}"] for n in range(0, 410, 2)} == {queue}
        assert {owners[f"assigned-{n}"] for n in range(1, 410, 2)} == {owner}
        update = Write(1, results[1].record_id, None, {"Company": "Other"})
        assert rig.system.write("Lead", Action.UPDATE, [update], "Lockstep_Id__c")[0].status is Written.OK
        assert rig.sandbox.admin("GET", f"salesforce/Lead/{results[1].record_id}")["OwnerId"] == owner


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
    assert told["Contact"].horizon
    assert told["Lead"].horizon is None


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


# --- metadata


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


# --- acting


def lead(rig: SandboxRig, key: int, external: str, **more: str | None) -> Write:
    values = rig.person_values() | {"Company": "Contract Inc"} | more
    return Write(key, None, external, values)


def read_all(
    system: SalesforceSystem, name: str, fields: tuple[str, ...], window: Window
) -> dict[str, tuple[str, Any]]:
    pages = system.changed(name, fields, window)
    return {row.id: (row.version, row.values) for page in pages for row in page.rows}


def active_user(rig: SandboxRig) -> str:
    return next(one["Id"] for one in reversed(rig.sandbox.admin("GET", "salesforce/User")) if one["IsActive"])


@contextmanager
def assignment_rule(rig: SandboxRig) -> Iterator[tuple[str, str]]:
    """An active rule that gives every lead to a queue; yields the queue's and the rule's id."""
    queue = next(one["Id"] for one in rig.sandbox.admin("GET", "salesforce/Group") if one["Type"] == "Queue")
    rule = "01Q000000000001AAA"
    rig.settings(assignment_rules={"Lead": {"id": rule, "active": True, "owner": queue}})
    try:
        yield queue, rule
    finally:
        rig.settings(assignment_rules={})
