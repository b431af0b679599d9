"""The HubSpot adapter keeps the contract against the sandbox's wire protocol, and what is HubSpot's own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import certifi
import pytest
from tests.contract.system_contract import SystemContract
from tests.contract.system_rigs import TOKEN, SandboxRig, hubspot, hubspot_rig

from lockstep.errors import AccessError, AuthenticationError, ConfigError, HorizonPassed, QuotaExhausted
from lockstep.model import Action, Window, Write, Written
from lockstep.pacing import LocalMeter
from lockstep.systems.hubspot import HubSpotConnection


@pytest.fixture(scope="module")
def rig() -> Iterator[SandboxRig]:
    with hubspot_rig() as made:
        made.system.prepare("contacts", "lockstep_id")
        yield made


@pytest.fixture
def small_pages(rig: SandboxRig, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxRig]:
    monkeypatch.setattr("lockstep.systems.hubspot.reads.LIST_PAGE", 20)
    monkeypatch.setattr("lockstep.systems.hubspot.reads.SEARCH_PAGE", 3)
    usual = rig.system
    rig.system = hubspot(rig, page=4)
    yield rig
    rig.system = usual


class TestHubSpot(SystemContract):
    pass


COMPANY = "association:companies/primary"


# --- the transport


def test_every_call_is_on_the_dated_api(rig: SandboxRig) -> None:
    rig.system.describe("deals")
    rig.system.owners()
    paths = {one["path"] for one in rig.sandbox.calls("hubspot")}
    assert len(paths) > 8
    assert [path for path in paths if "/2026-09" not in path and "/account-info/" not in path] == []
    assert [path for path in paths if path.endswith("/")] == []


def test_the_real_host_is_reached_through_a_proxy(rig: SandboxRig) -> None:
    connection = HubSpotConnection(TOKEN, proxy=rig.sandbox.proxy, ca=rig.sandbox.ca)
    assert hubspot(rig, connection=connection).check().account == rig.system.check().account
    with pytest.raises(ConfigError) as caught:
        hubspot(rig, connection=replace(connection, ca=certifi.where())).check()
    assert "CA" in caught.value.hint


def test_a_lost_answer_through_a_proxy_is_not_taken_for_an_unsent_request(rig: SandboxRig) -> None:
    system = hubspot(rig, connection=HubSpotConnection(TOKEN, proxy=rig.sandbox.proxy, ca=rig.sandbox.ca))
    system.check()
    rig.lose_next_write()
    write = Write(1, None, "proxied", rig.person_values())
    assert [one.status for one in system.write("contacts", Action.CREATE, [write], "lockstep_id")] == [Written.UNKNOWN]
    rig.heal()


def test_the_vendors_pace_is_kept_and_a_slow_down_is_waited_for(rig: SandboxRig) -> None:
    slept: list[float] = []
    system = hubspot(rig, sleep=slept.append)
    body = {"status": "error", "message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}
    rig.fault(kind="status", status=429, body=body, path="/search$", times=2)
    assert system.find("contacts", "lastname", ["nobody"], ("email",)) == []
    assert len(slept) == 2
    body = {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "policyName": "TEN_SECONDLY_ROLLING",
    }
    rig.fault(kind="status", status=429, body=body, path="/batch/update", headers={"Retry-After": "7"})
    record = rig.create(rig.person_values())
    assert (
        system.write("contacts", Action.UPDATE, [Write(1, record, None, {"jobtitle": "x"})], "lockstep_id")[0].status
        is Written.OK
    )
    assert slept[2] == 7.0
    rig.heal()


def test_the_meter_paces_searches() -> None:
    clock = [0.0]
    meter = LocalMeter(clock=lambda: clock[0], sleep=lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    for _ in range(16):
        meter.acquire("hubspot", "search")
    assert clock[0] == pytest.approx(3.0)
    for _ in range(400):
        meter.acquire("hubspot", "ten_secondly")
    assert clock[0] == pytest.approx(23.0)


def test_a_used_up_day_is_quota_exhausted(rig: SandboxRig) -> None:
    rig.settings(used=625_000)
    with pytest.raises(QuotaExhausted):
        rig.system.check()
    rig.settings(used=0)
    rig.system.check()
    usage = rig.system.usage()
    assert usage is not None
    assert usage.limit == 625_000


def test_refused_tokens_and_scopes_are_fatal(rig: SandboxRig) -> None:
    rig.settings(tokens_valid=False)
    with pytest.raises(AuthenticationError):
        rig.system.check()
    rig.settings(tokens_valid=True, token_scopes={TOKEN: ["crm.objects.contacts.read"]})
    with pytest.raises(AccessError) as caught:
        rig.system.write("contacts", Action.CREATE, [Write(1, None, "scope", rig.person_values())], "lockstep_id")
    rig.settings(token_scopes={})
    assert "crm.objects.contacts.write" in caught.value.hint


# --- reading


def test_a_property_that_does_not_exist_is_not_taken_for_blank(rig: SandboxRig) -> None:
    with pytest.raises(ConfigError) as caught:
        list(rig.system.changed("contacts", ("email", "no_such_property"), Window(None, rig.now())))
    assert "no_such_property" in caught.value.message


def test_wide_records_are_read_in_batches(rig: SandboxRig, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = Window(None, rig.now())
    narrow = {row.id: row for page in rig.system.changed("contacts", rig.fields, everything) for row in page.rows}
    monkeypatch.setattr("lockstep.systems.hubspot.reads.LIST_PROPERTIES", 10)
    wide = {row.id: row for page in rig.system.changed("contacts", rig.fields, everything) for row in page.rows}
    assert wide == narrow
    assert wide


def test_a_full_load_costs_a_call_per_hundred_records_and_one_for_links(rig: SandboxRig) -> None:
    before = rig.meter.calls
    rows = [
        row for page in rig.system.changed("contacts", ("email", COMPANY), Window(None, rig.now())) for row in page.rows
    ]
    assert rig.meter.calls - before == -(-len(rows) // 100) + 1
    assert any(row.values[1] for row in rows)


def test_search_index_lag_is_only_a_delay(rig: SandboxRig) -> None:
    rig.settle()
    start = rig.now()
    record = rig.create(rig.person_values(title="first"))
    rig.advance(1)
    assert rig.system.count_changed({"contacts": Window(start, rig.now())}) == {"contacts": 0}
    rig.settle()
    closed = Window(start, rig.now())
    rig.edit(record, {"jobtitle": "second"})
    (row,) = (row for page in rig.system.changed("contacts", ("jobtitle",), closed) for row in page.rows)
    assert row.values == ("second",)


# --- links


def linked(rig: SandboxRig, record: str) -> str | None:
    return rig.system.read("contacts", (COMPANY,), [record]).rows[record].values[0]


def test_the_primary_company_is_a_field(rig: SandboxRig) -> None:
    one, two = (rig.sandbox.act("hubspot", "create", object="companies", fields={"name": name})["id"] for name in "AB")
    record = rig.create(rig.person_values())
    assert linked(rig, record) is None
    for value in (one, two, two, None, one):
        before = rig.meter.calls
        (result,) = rig.system.write(
            "contacts", Action.UPDATE, [Write(1, record, None, {COMPANY: value})], "lockstep_id"
        )
        assert (result.status, result.values) == (Written.OK, {COMPANY: value})
        assert linked(rig, record) == value
        assert rig.meter.calls - before <= 5
    made = rig.system.write(
        "contacts", Action.CREATE, [Write(2, None, "linked", rig.person_values() | {COMPANY: two})], "lockstep_id"
    )
    assert linked(rig, str(made[0].record_id)) == two
    assert made[0].created


def test_a_link_to_a_record_that_is_gone_does_not_stop_the_others(rig: SandboxRig) -> None:
    company = rig.sandbox.act("hubspot", "create", object="companies", fields={"name": "C"})["id"]
    good, bad, mixed = (rig.create(rig.person_values()) for _ in range(3))
    results = rig.system.write(
        "contacts",
        Action.UPDATE,
        [
            Write(1, good, None, {COMPANY: company}),
            Write(2, bad, None, {COMPANY: "999999999"}),
            Write(3, mixed, None, {COMPANY: "999999999", "jobtitle": "CTO"}),
        ],
        "lockstep_id",
    )
    assert [one.status for one in results] == [Written.OK, Written.REJECTED, Written.OK]
    assert results[1].rejection is not None
    assert (results[1].rejection.code, results[1].rejection.fields) == ("reference_invalid", (COMPANY,))
    assert [one.code for one in results[2].field_rejections] == ["reference_invalid"]
    assert results[2].values == {"jobtitle": "CTO"}
    assert linked(rig, good) == company


def test_a_lost_answer_of_a_link_is_unknown(rig: SandboxRig) -> None:
    company = rig.sandbox.act("hubspot", "create", object="companies", fields={"name": "D"})["id"]
    record = rig.create(rig.person_values())
    rig.fault(kind="commit_then_reset", path="/associations/.*/batch/create")
    (result,) = rig.system.write("contacts", Action.UPDATE, [Write(1, record, None, {COMPANY: company})], "lockstep_id")
    rig.heal()
    assert result.status is Written.UNKNOWN
    assert linked(rig, record) == company


def test_an_unknown_label_is_a_configuration_error(rig: SandboxRig) -> None:
    record = rig.create(rig.person_values())
    with pytest.raises(ConfigError) as caught:
        rig.system.write(
            "contacts", Action.UPDATE, [Write(1, record, None, {"association:companies/nope": "1"})], "lockstep_id"
        )
    assert "nope" in caught.value.message


# --- rejections


def test_rejections_have_our_codes(rig: SandboxRig) -> None:
    taken = rig.person_values()
    holder = rig.create(taken)
    records = [rig.create(rig.person_values()) for _ in range(3)]
    results = rig.system.write(
        "contacts",
        Action.UPDATE,
        [
            Write(
                1, records[0], None, {"lifecyclestage": "no such stage", "email": "not an address", "jobtitle": "CTO"}
            ),
            Write(2, records[1], None, {"lifecyclestage": "no such stage"}),
            Write(3, records[2], None, {"createdate": "2020-01-01T00:00:00Z", "jobtitle": "CTO"}),
        ],
        "lockstep_id",
    )
    twin = rig.system.write("contacts", Action.CREATE, [Write(4, None, "twin", taken)], "lockstep_id")[0]
    assert {one.code for one in results[0].field_rejections} == {"picklist_value", "invalid_email"}
    assert results[0].values == {"jobtitle": "CTO"}
    assert results[1].rejection is not None
    assert results[1].rejection.code == "picklist_value"
    assert [one.code for one in results[2].field_rejections] == ["field_permission"]
    assert twin.rejection is not None
    assert (twin.rejection.code, twin.record_id) == ("duplicate", holder)


def test_what_hubspot_rewrites_is_told(rig: SandboxRig) -> None:
    values = rig.person_values() | {"email": "Mixed.Case@Contract-Tests.example"}
    (result,) = rig.system.write("contacts", Action.CREATE, [Write(1, None, "rewritten", values)], "lockstep_id")
    assert result.values is not None
    assert result.values["email"] == "mixed.case@contract-tests.example"
    assert result.version


def test_an_update_of_a_merged_record_is_record_gone(rig: SandboxRig) -> None:
    winner, loser, other = (rig.create(rig.person_values()) for _ in range(3))
    rig.merge(winner, loser)
    lost, done = rig.system.write(
        "contacts",
        Action.UPDATE,
        [Write(1, loser, None, {"jobtitle": "x"}), Write(2, other, None, {"jobtitle": "x"})],
        "lockstep_id",
    )
    assert lost.rejection is not None
    assert lost.rejection.code == "record_gone"
    assert done.status is Written.OK


# --- ends and metadata


def test_an_erased_person_shows_nothing(rig: SandboxRig) -> None:
    record = rig.create(rig.person_values())
    rig.sandbox.act("hubspot", "gdpr_delete", object="contacts", id=record)
    read = rig.system.read("contacts", ("email",), [record])
    assert (read.rows, read.gone) == ({}, {})


def test_archives_of_too_long_ago_ask_for_a_reconcile(rig: SandboxRig) -> None:
    old = Window(rig.now() - timedelta(days=91), rig.now())
    with pytest.raises(HorizonPassed):
        rig.system.deleted("contacts", old)
    assert rig.system.deleted_many({"contacts": old})["contacts"].horizon


def test_prepare_makes_the_unique_property(rig: SandboxRig) -> None:
    assert rig.system.prepare("deals", "lockstep_id") == ["deals property group lockstep", "deals.lockstep_id"]
    assert rig.system.describe("deals").fields["lockstep_id"].unique
    assert rig.system.prepare("deals", "lockstep_id") == []
    with pytest.raises(ConfigError):
        rig.system.prepare("deals", "dealname")


def test_describe_knows_pipelines_options_and_what_is_read_only(rig: SandboxRig) -> None:
    described = rig.system.describe("deals")
    assert "closedwon" in described.pipelines["default"]
    contacts = rig.system.describe("contacts").fields
    assert contacts["email"].unique
    assert "lead" in contacts["lifecyclestage"].options
    assert contacts["lifecyclestage"].restricted
    assert not contacts["lastmodifieddate"].writable
    assert not contacts["hubspot_owner_id"].restricted


def test_owners_tell_the_deactivated_ones_too(rig: SandboxRig) -> None:
    owners = rig.system.owners()
    chosen = next(one for one in owners if one.active)
    rig.sandbox.act("hubspot", "set_owner_active", id=chosen.id, active=False)
    again = {one.id: one for one in rig.system.owners()}
    rig.sandbox.act("hubspot", "set_owner_active", id=chosen.id, active=True)
    assert again.keys() == {one.id for one in owners}
    assert not again[chosen.id].active
    assert again[chosen.id].name == chosen.name != ""
