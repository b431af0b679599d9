"""The HubSpot adapter keeps the contract against the sandbox's wire protocol, and what is HubSpot's own."""

from collections.abc import Iterator

import pytest
from tests.contract.system_contract import SystemContract, window  # noqa: F401
from tests.contract.system_rigs import SandboxRig, hubspot, hubspot_rig


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
