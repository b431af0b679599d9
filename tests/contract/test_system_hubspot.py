"""The HubSpot adapter keeps the contract against the sandbox's wire protocol, and what is HubSpot's own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import certifi
import pytest
from tests.contract.system_contract import SystemContract
from tests.contract.system_sandbox_rigs import TOKEN, SandboxRig, hubspot, hubspot_rig

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
    assert clock[0] == pytest.approx(3 * 1.05)
    for _ in range(400):
        meter.acquire("hubspot", "ten_secondly")
    assert clock[0] == pytest.approx(3 * 1.05 + 2 * 10.1)


def test_searches_are_paced_apart_from_other_calls(rig: SandboxRig) -> None:
    system = hubspot(rig, meter=(meter := LocalMeter()))
    system.count_changed({"deals": Window(rig.now() - timedelta(hours=1), rig.now())})
    system.check()
    assert [one.bucket for one in meter.records] == ["search", "ten_secondly"]


def test_a_failure_of_a_gateway_leaves_a_write_unknown(rig: SandboxRig) -> None:
    record = rig.create(rig.person_values())
    rig.fault(kind="status", status=502, path="/batch/update", body="<html>Bad Gateway</html>")
    (result,) = rig.system.write("contacts", Action.UPDATE, [Write(1, record, None, {"jobtitle": "x"})], "lockstep_id")
    rig.heal()
    assert result.status is Written.UNKNOWN


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
    assert rig.system.deleted_many({"contacts": old})["contacts"].refused


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
