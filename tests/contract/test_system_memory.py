"""The system in memory keeps the contract."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.system_contract import SystemContract
from tests.contract.system_rigs import START, MemoryRig, memory_rig

from lockstep.model import Action, Gone, Window, Write, Written
from lockstep.systems.memory import MemorySystem, schema


@pytest.fixture(scope="module")
def rig() -> MemoryRig:
    made = memory_rig()
    made.system.prepare("people", "lockstep_id")
    return made


@pytest.fixture
def small_pages(rig: MemoryRig) -> Iterator[MemoryRig]:
    usual = rig.memory.limits
    rig.memory.limits = replace(usual, page=3)
    yield rig
    rig.memory.limits = usual


class TestMemory(SystemContract):
    pass


def test_a_change_stays_hidden_for_the_lag() -> None:
    now = [START]
    system = MemorySystem("memory", [schema("memory", "x", ("a",))], lambda: now[0], lag=timedelta(seconds=30))
    made = system.create("x", {"a": "1"})
    everything = Window(START, START + timedelta(hours=1))
    assert system.count_changed({"x": everything}) == {"x": 0}
    now[0] += timedelta(seconds=30)
    assert [row.id for page in system.changed("x", ("a",), everything) for row in page.rows] == [made]


def test_values_are_rewritten_as_vendors_do() -> None:
    system = MemorySystem(
        "memory",
        [schema("memory", "x", ("a",), unique=("key",))],
        rewrite=lambda _, values: {name: value and value.strip().lower() for name, value in values.items()},
    )
    (result,) = system.write("x", Action.CREATE, [Write(1, None, "p", {"a": " Ada "})], "key")
    assert (result.status, result.values) == (Written.OK, {"a": "ada"})


def test_a_converted_lead_leads_to_its_contact() -> None:
    schemas = [schema("memory", name, ("a",)) for name in ("Lead", "Contact")]
    system = MemorySystem("memory", schemas, lambda: START)
    lead, contact = system.create("Lead", {}), system.create("Contact", {})
    system.convert(lead, contact)
    (told,) = system.converted(Window(START, START + timedelta(seconds=1))).tombstones
    assert (told.id, told.kind, told.into, told.into_object) == (lead, Gone.CONVERTED, contact, "Contact")
    assert system.deleted("Lead", Window(START, START + timedelta(seconds=1))).tombstones == []
