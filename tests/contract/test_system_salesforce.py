"""The Salesforce adapter keeps the contract against the sandbox's wire protocol, and what is Salesforce's own."""

from collections.abc import Iterator

import pytest
from tests.contract.system_contract import SystemContract, window  # noqa: F401
from tests.contract.system_rigs import SandboxRig, salesforce, salesforce_rig


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
