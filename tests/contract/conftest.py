"""Fixtures for the tests that hold the sandbox to the vendors' documented behaviour."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.contract.hubspot_server import Server, serving, tiny


@pytest.fixture
def hubspot() -> Iterator[Server]:
    """An empty portal without index lag; tests that are about the lag set it."""
    with serving(index_lag_seconds=0, search_limit=10_000) as server:
        yield server


@pytest.fixture
def seeded() -> Iterator[Server]:
    """The portal of the tiny world."""
    with serving(tiny(), index_lag_seconds=0, search_limit=10_000) as server:
        yield server
