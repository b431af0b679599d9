"""The sandbox answers as the vendors' documentation says: status, headers, exact keys, types and formats.

The fixtures under golden/ are written from the documentation, each with its link, and not from what the sandbox does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.contract.golden_exchanges import Exchange, Player, exchanges
from tests.contract.golden_shapes import BadShape, differences
from tests.contract.sandbox_process import Running, start

EXCHANGES = exchanges()
#: where the dated family has the version: behind the part that v3 and v4 have it in front of, or in its place
DATED = (
    (re.compile(r"^/crm/v[34]/(objects|properties|pipelines|lists|owners|associations)"), r"/crm/\1/2026-09"),
    (re.compile(r"^/(crm-object-schemas|account-info)/v3"), r"/\1/2026-09"),
    (re.compile(r"^/marketing/v3/campaigns"), "/marketing/campaigns/2026-09"),
)
SOURCE = re.compile(r"https://\S+|client library \S+.*|unverified: .+")


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    sandbox = start("tiny", now="2026-11-20T12:00:00Z", clock="fixed")
    try:
        yield sandbox
    finally:
        sandbox.stop()


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange.id)
def test_the_sandbox_answers_as_documented(exchange: Exchange, running: Running) -> None:
    """Every difference is named, with the path where it is."""
    found = Player(exchange.vendor, running).play(exchange)
    assert not found, f"{exchange.source}\n" + "\n".join(found)


@pytest.fixture(scope="module")
def another() -> Iterator[Running]:
    """A world in which nobody has played the exchanges yet."""
    sandbox = start("tiny", now="2026-11-20T12:00:00Z", clock="fixed")
    try:
        yield sandbox
    finally:
        sandbox.stop()


def on_dated_paths() -> Iterator[Exchange]:
    """The exchanges of HubSpot's v3 and v4 paths, on those of 2026-09; but for those whose answers differ there."""
    for exchange in EXCHANGES:
        path = exchange.request.get("path", "")
        dated = next((form.sub(put, path) for form, put in DATED if form.match(path)), None)
        if exchange.vendor == "hubspot" and dated and not exchange.name.endswith(", v4"):
            yield replace(exchange, request={**exchange.request, "path": dated})


@pytest.mark.parametrize("exchange", on_dated_paths(), ids=lambda exchange: exchange.id)
def test_hubspot_answers_the_same_on_the_dated_paths(exchange: Exchange, another: Running) -> None:
    found = Player(exchange.vendor, another).play(exchange)
    assert not found, f"{exchange.request['path']}\n" + "\n".join(found)


def test_every_exchange_names_its_source() -> None:
    assert [one.id for one in EXCHANGES if not SOURCE.fullmatch(one.source)] == []
    assert len({one.id for one in EXCHANGES}) == len(EXCHANGES)


@pytest.mark.parametrize(
    ("shape", "value", "found"),
    [
        ({"a": "string", "b?": "integer"}, {"a": "x"}, []),
        ({"a": "string"}, {}, ["$.a: missing"]),
        ({"a": "string"}, {"a": "x", "c": 1}, ["$.c: not documented (1)"]),
        ({"a": "string", "*": "integer"}, {"a": "x", "c": "1"}, ["$.c: 'integer' was expected, not '1'"]),
        (["digits"], ["1", "x"], ["$[1]: 'digits' was expected, not 'x'"]),
        (["digits"], [], ["$: a list like ['digits'] was expected, not one of 0"]),
        (["*", "digits"], [], []),
        (["=a", "=b"], ["a"], ["$: a list like ['=a', '=b'] was expected, not one of 1"]),
        ("integer", True, ["$: 'integer' was expected, not True"]),
        ("boolean", True, []),
        ("string?", None, []),
        ("string", None, ["$: 'string' was expected, not None"]),
        ("/a+/?", None, []),
        ("/a+/", "aab", ["$: '/a+/' was expected, not 'aab'"]),
        (200, 200, []),
        (True, 1, ["$: True was expected, not 1"]),
    ],
)  # fmt: skip
def test_shapes_tell_every_difference(shape: object, value: object, found: list[str]) -> None:
    assert list(differences(shape, value)) == found


def test_an_unknown_word_in_a_shape_is_an_error() -> None:
    with pytest.raises(BadShape):
        list(differences("strng", "x"))
