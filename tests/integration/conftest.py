"""Fixtures for tests that look at Sync Status in a real Airflow."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripts.local_airflow import MAPPINGS, LocalAirflow
from tests.airflow_instance import connected
from tests.integration.bad_night import Night, after_a_bad_night
from tests.integration.desk import Desk


@pytest.fixture(scope="module")
def night(airflow: LocalAirflow, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("night")
    with connected(airflow, f"sqlite:///{shutil.copy(sqlite_template, folder / 'lockstep.db')}") as world:
        yield after_a_bad_night(world, folder)
        world.use_mappings(MAPPINGS)


@pytest.fixture
def desk(night: Night, browser: Any) -> Iterator[Desk]:
    with Desk.at(browser, night.world.airflow.url) as made:
        yield made
