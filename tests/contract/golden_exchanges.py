"""Golden fixtures: what they hold, and how one is played against a running sandbox.

A fixture file is a list of exchanges. Each has `name`, `source` (the page that documents the answer; `client library
<file>` or `unverified` where no page does), `before` (what prepares the world), `request` and `answer`:

    - name: a query of one page
      source: https://developer.salesforce.com/docs/platform/api-rest/guide/resources-query.md
      before:
        - act: {action: create, object: Lead, fields: {LastName: Nord, Company: Nord AS}}
          keep: {lead: id}
      request: {method: GET, path: "/services/data/v62.0/query?q=SELECT+Id+FROM+Lead+WHERE+Id='${lead}'"}
      answer: {status: 200, headers: {Sforce-Limit-Info: /api-usage=\\d+\\/\\d+/}, json: {totalSize: 1, ...}}

Steps of `before`: `settings`, `act` and `fault` go to the admin API, `send` is another request of the vendor. `keep`
names parts of a step's answer by their path (`records.0.Id`), for `${name}` in what follows. Settings and faults last for
one exchange. Answers are described in the language of `golden_shapes`, as `json`, `csv`, `xml` or `text`; over gRPC
(`rpc` in place of a method and path) as `code`, `json` and `trailers`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import requests
from ruamel.yaml import YAML
from tests.contract.golden_shapes import differences
from tests.contract.sandbox_process import Running

GOLDEN = Path(__file__).parent / "golden"
KEYS = {"name", "source", "before", "request", "answer"}
STEPS = {"settings", "act", "fault", "send"}
REFERENCE = re.compile(r"\$\{(\w+)\}")
ABSENT = "absent"


class BadFixture(Exception):
    """A fixture file does not have the form above."""


@dataclass(frozen=True)
class Exchange:
    """One request and the shape of its answer."""

    vendor: str
    file: str
    name: str
    source: str
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    before: tuple[Mapping[str, Any], ...] = ()

    @property
    def id(self) -> str:
        return f"{self.vendor}/{self.file}: {self.name}"


@cache
def exchanges() -> tuple[Exchange, ...]:
    """All exchanges of all vendors."""
    return tuple(one for path in sorted(GOLDEN.glob("*/*.yaml")) for one in _read(path))


def _read(path: Path) -> Iterator[Exchange]:
    for item in YAML(typ="safe", pure=True).load(path):
        if not KEYS - {"before"} <= item.keys() <= KEYS:
            raise BadFixture(f"{path}: an exchange has {sorted(KEYS)}, not {sorted(item)}")
        before = tuple(item.pop("before", ()))
        if wrong := [step for step in before if len(STEPS & step.keys()) != 1 or step.keys() - STEPS - {"keep"}]:
            raise BadFixture(f"{path}: {item['name']}: a step is one of {sorted(STEPS)}, perhaps with keep: {wrong}")
        yield Exchange(path.parent.name, path.stem, before=before, **item)


@dataclass(frozen=True)
class Heard:
    """An answer as it came. `body` is text; of gRPC, `json` is the message and `status` the code's name."""

    status: Any
    headers: Mapping[str, str]
    body: bytes = b""
    json: Any = None


class Player:
    """Plays exchanges of one vendor against a running sandbox."""

    def __init__(self, vendor: str, running: Running) -> None:
        self.vendor, self.running = vendor, running
        self.url = running.endpoints[vendor]
        self.known: dict[str, Any] = {}

    def play(self, exchange: Exchange) -> list[str]:
        """Prepare the world, send the request, and return what differs from the documented answer."""
        self.known = {}
        settings = self.running.admin("GET", f"{self.vendor}/settings")
        try:
            for step in exchange.before:
                self._step(self._filled(step))
            heard = self.send(self._filled(exchange.request))
        finally:
            self.running.admin("DELETE", "faults")
            now = self.running.admin("GET", f"{self.vendor}/settings")
            changed = {name: value for name, value in settings.items() if value != now[name]}
            self.running.admin("POST", f"{self.vendor}/settings", changed)
        return in_short(unlike(self._filled(exchange.answer), heard))

    def _step(self, step: Mapping[str, Any]) -> None:
        answer: Any = None
        if "settings" in step:
            self.running.admin("POST", f"{self.vendor}/settings", step["settings"])
        elif "fault" in step:
            self.running.admin("POST", "faults", {"vendor": self.vendor, **step["fault"]})
        elif "act" in step:
            answer = self.running.admin("POST", f"{self.vendor}/act", step["act"])
        else:
            heard = self.send(step["send"])
            answer = heard.json
            assert heard.status in {"OK", *range(200, 300)}, f"preparing the world failed: {heard}"
        self.known |= {name: _part(answer, path) for name, path in step.get("keep", {}).items()}

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return REFERENCE.sub(lambda found: str(self.known[found[1]]), value)
        if isinstance(value, Mapping):
            return {self._filled(key): self._filled(inner) for key, inner in value.items()}
        return [self._filled(inner) for inner in value] if isinstance(value, list) else value

    def send(self, request: Mapping[str, Any]) -> Heard:
        """Send a request with the vendor's ordinary credentials, unless its headers say otherwise."""
        if "rpc" in request:
            from tests.contract.golden_rpc import send

            return send(self.running, self._token(), request)
        given = dict(request)
        headers = {"Authorization": f"Bearer {self._token()}"} | given.pop("headers", {})
        answer = _direct().request(
            given.pop("method"),
            self.url + given.pop("path"),
            headers={name: value for name, value in headers.items() if value is not None},
            data=given.pop("form", None) or given.pop("text", "").encode(),
            timeout=20,
            **given,
        )
        kind = answer.headers.get("Content-Type", "")
        parsed = answer.json() if "json" in kind and answer.content else None
        return Heard(answer.status_code, answer.headers, answer.content, parsed)

    def _token(self) -> str:
        if self.vendor == "hubspot":
            return "pat-na1-golden"
        form = {"client_id": "golden", "client_secret": "golden", "grant_type": "client_credentials"}
        path = "/services/oauth2/token"
        if self.vendor == "google_ads":
            form |= {"grant_type": "refresh_token", "refresh_token": "golden"}
            path = "/token"
        return str(_direct().post(self.url + path, data=form, timeout=20).json()["access_token"])


@cache
def _direct() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def _part(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value[int(name) if isinstance(value, list) else name]
    return value


def in_short(found: Iterable[str]) -> list[str]:
    """Each difference once, though many items of a list may have it."""
    return list({re.sub(r"\[\d+\]", "[]", one.partition(":")[0]): one for one in found}.values())


def unlike(answer: Mapping[str, Any], heard: Heard) -> Iterator[str]:
    """Yield what of an answer that was heard is not as the fixture says."""
    if heard.status != answer.get("status", answer.get("code")):
        yield f"status: {heard.status} {heard.json or heard.body[:500]!r}"
        return
    for name, shape in {**answer.get("headers", {}), **answer.get("trailers", {})}.items():
        found = heard.headers.get(name)
        if shape == ABSENT:
            if found is not None:
                yield f"header {name}: it should be absent, and is {found!r}"
        else:
            yield from differences(shape, found, f"header {name}")
    yield from _unlike_body(answer, heard)


def _unlike_body(answer: Mapping[str, Any], heard: Heard) -> Iterator[str]:
    if "json" in answer:
        yield from differences(answer["json"], heard.json)
    elif "csv" in answer:
        yield from differences(answer["csv"], table(heard.body.decode()), "csv")
    elif "xml" in answer:
        yield from differences(answer["xml"], tree(ElementTree.fromstring(heard.body)), "xml")
    else:
        yield from differences(answer.get("text", "empty"), heard.body.decode(), "body")


def table(text: str) -> dict[str, Any]:
    """CSV as its header and its rows; `quoted` if every value is."""
    lines = list(csv.reader(io.StringIO(text, newline="")))
    return {"header": lines[0], "rows": lines[1:], "quoted": text.count('"') >= 2 * sum(map(len, lines))}


def tree(element: ElementTree.Element) -> Any:
    """XML as objects of local names; an element without children is its text."""
    children = {child.tag.rpartition("}")[2]: tree(child) for child in element}
    return children or (element.text or "")
