"""Stopped at any call to a vendor, before or after the vendor did it, the next run reaches the same end."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.laws.two_systems import OBJECT, Killed, TwoSystems, spoil

from lockstep.model import HUBSPOT, SALESFORCE, Values
from lockstep.store import Store

#: system -> e-mail address -> the records that have it
End = dict[str, dict[str, list[Values]]]


def copy_of(template: Path, folder: Path) -> Store:
    return Store(f"sqlite:///{shutil.copy(template, folder / 'lockstep.db')}")


def first_day(two: TwoSystems) -> None:
    """People of one side, of the other, of both, and one on both who is told differently."""
    sf, hs = two.memory[SALESFORCE], two.memory[HUBSPOT]
    sf.create("Contact", {"Email": "ada@x.no", "Title": "Countess", "City": "london"})
    hs.create("contacts", {"email": "bo@x.no", "jobtitle": "Chief executive", "phone": "1"})
    sf.create("Contact", {"Email": "Cy@x.no", "Title": "Cook", "Phone": "9"})
    hs.create("contacts", {"email": "cy@x.no", "jobtitle": "Cook", "phone": "2"})
    sf.create("Contact", {"Email": "di@x.no"})
    sf.create("Contact", {"Email": "ed@x.no", "Title": "Editor"})


def second_day(two: TwoSystems) -> None:
    """An edit on each side, a clash, an edit that the rule puts back, a delete, a new person."""
    edit(two, SALESFORCE, "ada@x.no", Title="Analyst")
    edit(two, HUBSPOT, "bo@x.no", jobtitle="Chair", city="oslo")
    edit(two, SALESFORCE, "cy@x.no", Title="Chef", Phone="8")
    edit(two, HUBSPOT, "cy@x.no", jobtitle="Baker")
    two.memory[SALESFORCE].delete("Contact", find(two, SALESFORCE, "ed@x.no"))
    two.pass_time()
    two.memory[HUBSPOT].create("contacts", {"email": "fy@x.no", "city": "bergen"})


def find(two: TwoSystems, system: str, email: str) -> str:
    return next(one for one, values in two.people(system).items() if (values["email"] or "").lower() == email)


def edit(two: TwoSystems, system: str, email: str, **values: str) -> None:
    two.pass_time()
    two.memory[system].edit(OBJECT[system], find(two, system, email), dict(values))


@dataclass
class Eve:
    """Both systems after the second day and before its cycle: where each test goes on, with copies of its own."""

    two: TwoSystems
    store: Path

    def copy(self, folder: Path) -> TwoSystems:
        return self.two.copy(copy_of(self.store, folder))


@pytest.fixture(scope="module")
def eve(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Eve:
    folder = tmp_path_factory.mktemp("eve")
    two = TwoSystems(copy_of(sqlite_template, folder))
    first_day(two)
    two.cycle()
    two.cycle()
    second_day(two)
    two.store.dispose()
    return Eve(two, folder / "lockstep.db")


@pytest.fixture(scope="module")
def undisturbed(eve: Eve, tmp_path_factory: pytest.TempPathFactory) -> tuple[End, dict[str, int]]:
    """The end that must be reached, and how many calls the cycle of the second day makes to each system."""
    two = eve.copy(tmp_path_factory.mktemp("undisturbed"))
    before = {name: system.faults.calls for name, system in two.memory.items()}
    two.cycle()
    calls = {name: system.faults.calls - before[name] for name, system in two.memory.items()}
    for _ in range(2):
        two.pass_time(hours=1)
        two.cycle()
    return two.by_email(), calls


def test_what_the_end_is(undisturbed: tuple[End, dict[str, int]]) -> None:
    """The end that the other tests compare with is the right one."""
    end, _ = undisturbed
    titles = {system: {email: one[0]["title"] for email, one in some.items()} for system, some in end.items()}
    assert titles[SALESFORCE] == {
        "ada@x.no": "Analyst", "bo@x.no": "Chair", "cy@x.no": "Baker", "di@x.no": None, "fy@x.no": None,
    }  # fmt: skip
    assert titles[HUBSPOT] == titles[SALESFORCE]
    assert {one["cy@x.no"][0]["phone"] for one in end.values()} == {"2"}, "HubSpot's telephone number is put back"
    assert all(len(records) == 1 for some in end.values() for records in some.values()), "no twins"


def faults() -> list[Any]:
    """A call that fails is the mildest of them: its tests are run with the slow ones."""
    slow = {"fails": [pytest.mark.slow]}
    kinds = ("fails", "lost", "killed")
    return [pytest.param(kind, one, marks=slow.get(kind, [])) for kind in kinds for one in (SALESFORCE, HUBSPOT)]


@pytest.mark.parametrize(("kind", "system"), faults())
def test_the_same_end_is_reached(
    kind: str, system: str, eve: Eve, undisturbed: tuple[End, dict[str, int]], tmp_path: Path
) -> None:
    end, calls = undisturbed
    assert calls[system] >= 6
    for number in range(1, calls[system] + 1):
        two = eve.copy(tmp_path)
        spoil(two, system, kind, number)
        spoilt_cycle(two)
        go_on(two, end)
        two.store.dispose()
        assert two.by_email() == end, f"{kind} at call {number} to {system}"


def spoilt_cycle(two: TwoSystems) -> None:
    try:
        two.cycle()
    except Killed:
        # the lease of the dead run has to expire
        two.pass_time(hours=1)


def go_on(two: TwoSystems, end: End) -> None:
    """The schedule goes on: what is left is done by the next cycle, or by the one after it."""
    for _ in range(2):
        two.pass_time(hours=1)
        two.cycle()
        if two.by_email() == end:
            return
