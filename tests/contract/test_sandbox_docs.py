"""Every example of the admin API in docs/sandbox.md works as it stands there."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from string import Template

import pytest
from tests.contract.sandbox_process import Running, start

DOCS = Path(__file__).resolve().parents[2] / "docs" / "sandbox.md"
#: a call, with its body, which may go on in further lines; what it makes may be kept in a variable
CALL = re.compile(
    r"^    (?:(?P<name>[A-Z]+)=\$\()?curl(?: -s)?(?: -X (?P<method>\w+))? \"?\$A/(?P<path>[^\s\"]+)\"?"
    r"(?: -d (?P<body>'(?:[^']|'\$[A-Z]+')*'))?(?: \| jq -r \.(?P<key>\w+)\))?$",
    re.MULTILINE,
)
SETTINGS = re.compile(r"^    (\{\"\w+\": .*\})(?:  +\S.*)?$", re.MULTILINE)
TEXT = DOCS.read_text()
SECTIONS = re.split(r"^## ", TEXT, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    sandbox = start("small", seed=7)
    try:
        yield sandbox
    finally:
        sandbox.stop()


def test_the_examples_of_calls(running: Running) -> None:
    """In their order, since one may need what another made."""
    examples = list(CALL.finditer(TEXT))
    assert len(examples) == len(re.findall(r"^    .*curl", TEXT, re.MULTILINE)) > 20
    kept: dict[str, str] = {}
    for example in examples:
        path, body = (Template(text).substitute(kept) for text in (example["path"], _unquoted(example["body"])))
        method = example["method"] or ("POST" if body else "GET")
        answer = running.admin(method, path, json.loads(body) if body else None)
        if example["name"]:
            kept[example["name"]] = answer[example["key"]]


def _unquoted(body: str | None) -> str:
    return shlex.split(body)[0] if body else ""


@pytest.mark.parametrize("vendor", ["Salesforce", "HubSpot", "Google Ads"])
def test_the_examples_of_settings(running: Running, vendor: str) -> None:
    """Every setting that is shown exists, and takes the value that is shown."""
    section = next(one for one in SECTIONS if one.startswith(f"What {vendor} models"))
    shown = [json.loads(text) for text in SETTINGS.findall(section)]
    assert len(shown) > 5
    path = f"{vendor.lower().replace(' ', '_')}/settings"
    before = running.admin("GET", path)
    for one in shown:
        assert running.admin("POST", path, one).items() >= one.items()
    running.admin("POST", path, before)
