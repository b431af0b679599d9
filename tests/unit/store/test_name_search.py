"""Search by name: who is found, and that a mirror of any size is looked through piece by piece."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from lockstep.model import Gone, Row, Tombstone
from lockstep.store import Store, mirror, name_search
from lockstep.store.name_search import Look, Spot, by_name

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONTACTS, LEADS = ("hubspot", "contacts"), ("salesforce", "Lead")
FIELDS = ("email", "firstname", "lastname")


def keep(store: Store, place: tuple[str, str], rows: dict[str, tuple[str | None, ...]], fields=FIELDS) -> None:
    with store.writing() as tx:
        layout = mirror.layout_of(tx, *place, fields)
        told = [Row(one, "2026-03-01T12:00:00.000Z", values) for one, values in rows.items()]
        mirror.merge_page(tx, layout, told, NOW, 1)


def search(store: Store, text: str, after: Spot | None = None, limit: int = 20) -> Look:
    with store.reading() as tx:
        return by_name(tx, text, after, limit)


def ids(look: Look) -> list[str]:
    return [one.id for one in look.hits]


def looks(store: Store, text: str, limit: int) -> Iterator[Look]:
    """Until all is looked through."""
    after = None
    while True:
        yield (look := search(store, text, after, limit))
        if (after := look.last) is None:
            return


PEOPLE = {
    "1": ("Ola", "Nordmann"), "2": ("ÅSE", "Nordmann-Hansen"), "3": ("øYvind", "ÆRØ"), "4": ("Иван", "ИВАНОВ"), "5": ("小龙", "李"),
    "6": ('"Pelle"', "back\\slash"), "7": ("Under_score", "100% AS"), "8": (None, "Null"),
}  # fmt: skip
WANTED = {
    "nordmann": ["1", "2"], "NORDMANN ola": ["1"], "mann": ["1", "2"], "ola kari": [],
    "Åse": ["2"], "ÅSE": ["2"], "øyvind ærø": ["3"], "ØYVIND": ["3"], "иванов": ["4"], "Иванов": ["4"], "李": ["5"],
    '"pelle"': ["6"], "\\": ["6"], "100% as": ["7"], "under_": ["7"], "%": ["7"], "_": ["7"], "_rdmann": [], "nord%mann": [],
    "null": ["8"], "example": [],
}  # fmt: skip


def test_who_is_found(store: Store):
    keep(store, CONTACTS, {one: (f"p{one}@example.com", *names) for one, names in PEOPLE.items()})
    looks = {text: search(store, text) for text in WANTED}
    assert {text: ids(look) for text, look in looks.items()} == WANTED
    assert {(look.looked, look.last) for look in looks.values()} == {(len(PEOPLE), None)}


def test_a_name_is_told_in_its_own_order(store: Store):
    keep(store, CONTACTS, {"1": ("Fjord AS", "Ola", "Nordmann")}, ("company", "firstname", "lastname"))
    (hit,) = search(store, "nordmann fjord").hits
    assert hit.name == "Ola Nordmann, Fjord AS"


def test_values_that_are_no_names_hide_nobody(store: Store):
    rows = {f"{n:03}": ("kari@nordmann.example.com", "Ola", "Hansen") for n in range(150)}
    keep(store, CONTACTS, rows | {"999": ("ola@example.com", "Kari", "Nordmann")})
    assert ids(search(store, "nordmann")) == ["999"]


@pytest.mark.parametrize("limit", [1, 4, 20])
def test_look_by_look_every_record_is_found_once(store: Store, monkeypatch: pytest.MonkeyPatch, limit: int):
    monkeypatch.setattr(name_search, "SECONDS", 0)
    monkeypatch.setattr(name_search, "_ROWS", 3)
    keep(store, CONTACTS, {f"{n:02}": (None, "Ola", "Hansen" if n % 2 else "Ås") for n in range(11)})
    keep(store, LEADS, {f"{n:02}": (None, "Ola", "Hansen") for n in range(4)}, ("Email", "FirstName", "LastName"))
    with store.writing() as tx:
        mirror.entomb(tx, *CONTACTS, [Tombstone("05", datetime(2026, 3, 2, tzinfo=UTC), Gone.DELETED)], 2)
    done = list(looks(store, "hansen", limit))
    found = [(hit.object, hit.id) for look in done for hit in look.hits]
    assert found == [("contacts", f"{n:02}") for n in (1, 3, 7, 9)] + [("Lead", f"{n:02}") for n in range(4)]
    assert sum(look.looked for look in done) == 15
    assert all(look.looked <= 3 and len(look.hits) <= limit for look in done)


def test_people_come_first_and_what_has_no_name_is_passed_over(store: Store):
    keep(store, ("hubspot", "calls"), {"1": ("Call Ola",)}, ("hs_call_title",))
    keep(store, ("hubspot", "companies"), {"1": ("Ola AS",)}, ("name",))
    keep(store, ("hubspot", "deal_contact"), {"1": ("Ola",)}, ("label",))
    keep(store, LEADS, {"1": ("Ola",)}, ("FirstName",))
    look = search(store, "ola")
    assert [one.object for one in look.hits] == ["Lead", "companies", "calls"]
    assert look.looked == 3


def test_an_object_that_is_not_there_cannot_be_looked_through(store: Store):
    keep(store, CONTACTS, {})
    with pytest.raises(ValueError, match="nobody"):
        search(store, "ola", ("hubspot", "nobody", "1"))
