"""Nothing that the sandbox promises is without a test that shows it."""

from __future__ import annotations

import ast
import resource
import time
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.contract.golden_exchanges import exchanges
from tests.contract.sandbox_process import start

HERE = Path(__file__).parent
TABLE: dict[str, dict[str, list[str]]] = YAML(typ="safe", pure=True).load(HERE / "sandbox_completeness.yaml")
PROMISES = [(part, item) for part, items in TABLE.items() for item in items]
GOLDEN = {f"golden {one.id}" for one in exchanges()}
SECONDS = 3


@cache
def functions_of(file: str) -> set[str]:
    path = HERE / f"test_{file}.py"
    if not path.exists():
        return set()
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def is_there(name: str) -> bool:
    if name.startswith("golden "):
        return name in GOLDEN
    file, _, test = name.partition("::")
    return test in functions_of(file)


@pytest.mark.parametrize(("part", "item"), PROMISES, ids=lambda name: name)
def test_every_promise_has_its_tests(part: str, item: str) -> None:
    shown = TABLE[part][item]
    assert shown
    assert [name for name in shown if not is_there(name)] == []


def test_small_starts_in_three_seconds() -> None:
    """By the clock, or where this machine is busy with something else, in seconds of its processor."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    running = start("small")
    took = time.monotonic() - began
    running.stop()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert min(took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) < SECONDS
