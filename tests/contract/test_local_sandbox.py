"""The connections that `make demo` gives to Airflow lead to the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from scripts import processes
from scripts.local_sandbox import LocalSandbox
from tests.contract.sandbox_process import start

from lockstep.pacing import LocalMeter
from lockstep.systems.google_ads import GoogleAdsConnection, GoogleAdsSystem
from lockstep.systems.hubspot import HubSpotConnection, HubSpotSystem
from lockstep.systems.salesforce import SalesforceConnection, SalesforceSystem


@pytest.fixture(scope="module")
def sandbox() -> Iterator[LocalSandbox]:
    running = start("tiny")
    try:
        yield LocalSandbox(running.endpoints, processes.Group(0, 0))
    finally:
        running.stop()


@pytest.fixture(scope="module")
def connections(sandbox: LocalSandbox) -> dict[str, Any]:
    return sandbox.connections()


def test_airflow_itself_is_not_proxied(sandbox: LocalSandbox) -> None:
    assert {name.rpartition("_")[0] for name in sandbox.settings()} <= {
        "AIRFLOW_CONN_SALESFORCE",
        "AIRFLOW_CONN_HUBSPOT",
        "AIRFLOW_CONN_GOOGLE_ADS",
    }


def test_salesforce(connections: dict[str, Any]) -> None:
    system = SalesforceSystem(SalesforceConnection(**connections["salesforce_default"]["extra"]), LocalMeter({}))
    assert "LastName" in system.describe("Lead").fields


def test_hubspot(connections: dict[str, Any]) -> None:
    given = connections["hubspot_default"]
    system = HubSpotSystem(HubSpotConnection(token=given["password"], **given["extra"]), LocalMeter({}))
    assert "email" in system.describe("contacts").fields


def test_google_ads(connections: dict[str, Any]) -> None:
    system = GoogleAdsSystem(GoogleAdsConnection(**connections["google_ads_default"]["extra"]), LocalMeter({}))
    account = system.account(system.customer_id)
    assert (account.status, account.conversions) == ("ENABLED", system.customer_id)
