"""Clients that nobody here wrote, unmodified, against the sandbox: jsforce, aiosalesforce, HubSpot's two SDKs, google-ads-api
and Google's Data Manager client for Node.

Each runs as a program of its own (strangers/), installed at the pinned version into a throw-away directory; the registries
must be reachable, and node and npm installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.contract.sandbox_process import Running, start

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
STRANGERS = Path(__file__).parent / "strangers"
GCLID = "Cj0KCQstrangerstranger1"


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    sandbox = start("tiny")
    at = datetime.now(UTC) - timedelta(days=10)
    sandbox.act("google_ads", "add_click", customer="2223334445", gclid=GCLID, at=at.isoformat())
    try:
        yield sandbox
    finally:
        sandbox.stop()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the programs and what package.json names."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.fail("node and npm are needed here (Debian: apt-get install nodejs npm)")
    place = tmp_path_factory.mktemp("node")
    for path in (*STRANGERS.glob("*.mjs"), STRANGERS / "package.json"):
        shutil.copy(path, place)
    _install(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], place, "the npm registry")
    return place


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with what requirements.txt names."""
    place = tmp_path_factory.mktemp("python")
    _install([sys.executable, "-m", "venv", str(place)], place, "Python's venv module")
    found = place / "bin" / "python"
    wanted = ["-q", "--disable-pip-version-check", "-r", str(STRANGERS / "requirements.txt")]
    _install([str(found), "-m", "pip", "install", *wanted], place, "PyPI")
    return found


def _install(command: list[str], place: Path, source: str) -> None:
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=500, check=False)
    if done.returncode:
        pytest.fail(f"could not install from {source}: {' '.join(command)}\n{done.stdout}{done.stderr}")


def found(running: Running, command: list[str], place: Path) -> Any:
    """What the program's steps found."""
    env = os.environ | running.env() | {"NODE_EXTRA_CA_CERTS": str(running.ca), "SANDBOX_GCLID": GCLID}
    env["SANDBOX_HUBSPOT"] = running.hubspot
    done = subprocess.run(command, cwd=place, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


NODE: Mapping[str, Mapping[str, Any]] = {
    "jsforce_client": {
        "oauth": "https://acme.my.salesforce.com", "identity": [True, True], "soap": True, "describeGlobal": True,
        "describe": False, "row": ["Blåbær & Sønn", "22 33 44 55", "ENTITY_IS_DELETED"], "upsert": [True, False],
        "collections": [[True, []], [False, ["REQUIRED_FIELD_MISSING"]]], "pages": 0, "find": 3, "deleted": True,
        "replication": True, "malformed": "MALFORMED_QUERY",
        "bulk2": [['Zoë "Z"\nB'], "REQUIRED_FIELD_MISSING", 0], "tooling": 1, "limits": 0, "revoked": "INVALID_SESSION_ID",
    },
    "hubspot_client": {
        "row": [["node@example.com", "Bodø"], 1, 404], "conflict": [409, "CONFLICT"],
        "invalid": [400, "VALIDATION_ERROR"], "unauthorized": [401, "INVALID_AUTHENTICATION"], "pages": [True, 0],
        "search": [True, 2, "2"], "batch": ["COMPLETE", 2, 1, 1, "OBJECT_NOT_FOUND"], "associations": [True, True],
        "merge": True, "lists": [1, True], "schemas": True, "owners": "number", "pipelines": "default", "properties": "text", "account": "app.hubspot.com",
    },
    "google_ads_client": {
        "accounts": True, "query": ["customers/2223334445"], "stream": True, "refused": ["query_error"],
        "upload": [[GCLID, None], 3], "create": 1,
    },
    "data_manager_client": {"ingest": True, "status": "PROCESSING", "refused": [3, True]},
}  # fmt: skip
PYTHON: Mapping[str, Mapping[str, Any]] = {
    "aiosalesforce_client": {
        "row": ["Blåbær & Sønn", "22 33 44 55", "ENTITY_IS_DELETED"], "upsert": [True, False],
        "query": [True, "Account"], "malformed": "MALFORMED_QUERY", "composite": [201, True],
        # the client tears values apart at their line breaks; what it sent is whole
        "bulk": ["JobComplete", 'Zoë "Z"B', "REQUIRED_FIELD_MISSING", 0], "limits": True,
    },
    "hubspot_sdk_client": {
        "row": ["sdk@example.com", "Bodø", 404], "conflict": [409, "CONFLICT"], "pages": 0, "search": [True, 2, "2"],
        "batch": ["COMPLETE", 2, 1, "OBJECT_NOT_FOUND"], "owners": "PERSON", "properties": "text",
        "pipelines": "default",
    },
}  # fmt: skip


@pytest.mark.parametrize("program", NODE)
def test_clients_from_npm(running: Running, node: Path, program: str) -> None:
    assert found(running, ["node", f"{program}.mjs"], node) == NODE[program]


@pytest.mark.parametrize("program", PYTHON)
def test_clients_from_pypi(running: Running, python: Path, program: str) -> None:
    assert found(running, [str(python), str(STRANGERS / f"{program}.py")], STRANGERS) == PYTHON[program]
