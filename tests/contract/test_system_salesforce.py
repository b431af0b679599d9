"""The Salesforce adapter keeps the contract against the sandbox's wire protocol, and what is Salesforce's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import certifi
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.contract.system_contract import SystemContract
from tests.contract.system_sandbox_rigs import (
    MemoryTokens,
    SandboxRig,
    lead,
    salesforce,
    salesforce_connection,
    salesforce_rig,
)

from lockstep.errors import AuthenticationError, ConfigError, QuotaExhausted
from lockstep.model import Action, Window, Write, Written
from lockstep.pacing import LocalMeter


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


# --- acting


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
