"""docs/sandbox.md: every example works as it stands there, and its tables say what the code says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

import pytest
from tests.contract.sandbox_process import AdminError, Running, start

from sandbox.admin import ROUTES, VENDOR_ROUTES
from sandbox.google_ads.settings import Settings as GoogleAdsSettings
from sandbox.google_ads.unverified import UNVERIFIED as GOOGLE_ADS
from sandbox.hubspot.settings import Settings as HubSpotSettings
from sandbox.hubspot.unverified import UNVERIFIED as HUBSPOT
from sandbox.salesforce.settings import DEFAULTS as SALESFORCE_DEFAULTS
from sandbox.salesforce.unverified import UNVERIFIED as SALESFORCE

DOCS = Path(__file__).resolve().parents[2] / "docs" / "sandbox.md"
#: a call, with its body, which may go on in further lines; what it makes may be kept in a variable
CALL = re.compile(
    r"^    (?:(?P<name>[A-Z]+)=\$\()?curl(?: -s)?(?: -X (?P<method>\w+))? \"?\$A/(?P<path>[^\s\"]+)\"?"
    r"(?: -d (?P<body>'(?:[^']|'\$[A-Z]+')*'))?(?: \| jq -r (?P<key>\.[\w.\[\]]+)\))?$",
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
            kept[example["name"]] = _picked(answer, example["key"])


def _picked(answer: Any, path: str) -> str:
    """What jq picks by a path such as `.id` or `.[0].id`."""
    for key, index in re.findall(r"(\w+)|\[(\d+)\]", path):
        answer = answer[int(index)] if index else answer[key]
    return str(answer)


@pytest.mark.parametrize(("method", "path"), [*ROUTES, *VENDOR_ROUTES, ("GET", "Lead"), ("GET", "Lead/$LEAD")])
def test_every_route_has_an_example(method: str, path: str) -> None:
    shown = {
        (one["method"] or ("POST" if one["body"] else "GET"), one["path"].partition("?")[0])
        for one in CALL.finditer(TEXT)
    }
    assert {(method, path), (method, f"salesforce/{path}")} & shown


@pytest.mark.parametrize("vendor", ["salesforce", "hubspot", "google_ads"])
def test_every_action_has_an_example(running: Running, vendor: str) -> None:
    with pytest.raises(AdminError) as refused:
        running.act(vendor, "dance")
    known = set(re.findall(r"\w+", str(refused.value).rpartition("known are")[2]))
    shown = {
        json.loads(_unquoted(one["body"]))["action"] for one in CALL.finditer(TEXT) if one["path"] == f"{vendor}/act"
    }
    assert len(known) > 10
    assert known == shown


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


UNVERIFIED = {
    "Salesforce": (SALESFORCE, SALESFORCE_DEFAULTS),
    "HubSpot": (HUBSPOT, HubSpotSettings.defaults),
    "Google Ads": (GOOGLE_ADS, GoogleAdsSettings.defaults),
}


@pytest.mark.parametrize("vendor", UNVERIFIED)
def test_the_unverified_settings(vendor: str) -> None:
    """The table of each vendor is that of its `unverified.py`, and each is a setting of that default."""
    table, defaults = UNVERIFIED[vendor]
    section = TEXT.partition(f"### Unverified: {vendor}\n")[2].partition("\n#")[0]
    rows = [row for row in section.splitlines() if row.startswith("| `")]
    shown = [(name, json.dumps(one.value), one.assumes, one.source) for name, one in table.items()]
    assert rows == [f"| `{name}` | `{value}` | {text} | {source} |" for name, value, text, source in map(_cells, shown)]
    assert {name: defaults[name] for name in table} == {name: one.value for name, one in table.items()}
    assert all(one.assumes and one.source for one in table.values())


def _cells(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value.replace("|", "\\|") for value in values)
