"""What a change of a vendor's schema means, and a patch that a mapping file takes as it is."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ruamel.yaml import YAML

from lockstep.mapping import load
from lockstep.mapping.holding import can_do_without, without
from lockstep.model import Field, ObjectSchema, Owner, Row
from lockstep.steps.drift import assess, note_owners
from lockstep.store import Store, mirror, schema

FOLDER = Path(__file__).parents[2] / "include" / "mappings"
MAPPINGS = load(FOLDER)
PEOPLE = MAPPINGS.entity("people")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def field(name: str, kind: str = "string", **more: Any) -> Field:
    return Field(name, name, kind, **more)


CONTACT = {
    "Title": field("Title"),
    "Birthdate": field("Birthdate", "date"),
    "LeadSource": field("LeadSource", "picklist", options=("Web", "Other")),
}
CONTACTS = {
    "jobtitle": field("jobtitle"),
    "date_of_birth": field("date_of_birth", "date"),
    "leadsource": field("leadsource", "enumeration", options=("Web", "Other", "TRADE SHOW")),
    "shoe_size": field("shoe_size", "number"),
}


@pytest.fixture
def described(store: Store) -> Store:
    with store.writing() as tx:
        schema.save(tx, ObjectSchema("salesforce", "Contact", CONTACT), NOW)
        schema.save(tx, ObjectSchema("hubspot", "contacts", CONTACTS), NOW)
        layout = mirror.layout_of(tx, "salesforce", "Contact", ["Title"])
        rows = [Row(str(n), "2026-01-01T00:00:00.000Z", (title,)) for n, title in enumerate(["Chair", None, "Clerk"])]
        mirror.merge_page(tx, layout, rows, NOW, 1)
    return store


def after(store: Store, system: str, name: str, fields: dict[str, Field | None]) -> dict[str, Any]:
    """The row of the one change that describing these fields makes."""
    known = CONTACT if system == "salesforce" else CONTACTS
    now = {key: one for key, one in (known | fields).items() if one}
    from sqlalchemy import select

    from lockstep.store import tables as t

    with store.writing() as tx:
        found = schema.save(tx, ObjectSchema(system, name, now), NOW)
        assess(SimpleNamespace(mappings=MAPPINGS), tx, found)  # type: ignore[arg-type]
        (row,) = tx.execute(select(t.schema_change)).mappings()
    return dict(row)


def patched(tmp_path: Path, patch: str, name: str | None) -> Any:
    """The people mapping with the patch pasted in place of its field `name` (None: added)."""
    folder = tmp_path / "mappings"
    shutil.copytree(FOLDER, folder)
    yaml, file = YAML(), folder / "people.yaml"
    document = yaml.load(file.read_text())
    (line,) = yaml.load(patch)["fields"]
    kept = [one for one in document["fields"] if (one.get("name") or one["hubspot"]) != name]
    document["fields"] = [*kept, line]
    with file.open("w") as out:
        yaml.dump(document, out)
    return load(folder).entity("people").by_name[line.get("name") or line["hubspot"]]


def test_a_lost_field_is_held_with_a_line_that_switches_it_off(described: Store, tmp_path: Path) -> None:
    row = after(described, "salesforce", "Contact", {"Title": None})
    assert (row["impact"], row["entity"], row["records"]) == ("held", "people", 2)
    assert str(patched(tmp_path, row["patch"], "jobtitle").rule) == "dont_sync"
    with described.reading() as tx:
        assert schema.held(tx) == {("salesforce", "Contact", "Title")}


def test_a_field_that_comes_back_is_no_longer_held(described: Store) -> None:
    with described.writing() as tx:
        for fields in ({key: one for key, one in CONTACT.items() if key != "Title"}, CONTACT):
            found = schema.save(tx, ObjectSchema("salesforce", "Contact", fields), NOW)
            assess(SimpleNamespace(mappings=MAPPINGS), tx, found)  # type: ignore[arg-type]
        assert schema.held(tx) == frozenset()


def test_a_type_that_still_fits_something_is_proposed(described: Store, tmp_path: Path) -> None:
    row = after(described, "salesforce", "Contact", {"Birthdate": field("Birthdate", "datetime")})
    assert row["impact"] == "held"
    assert patched(tmp_path, row["patch"], "date_of_birth").name == "date_of_birth"


def test_a_field_that_became_read_only_is_held(described: Store) -> None:
    row = after(described, "salesforce", "Contact", {"Title": field("Title", writable=False, creatable=False)})
    assert row["impact"] == "held"


def test_a_new_value_without_a_counterpart_is_told_with_what_it_could_be(described: Store, tmp_path: Path) -> None:
    options = ("Web", "Other", "Trade Show", "Podcast")
    row = after(described, "salesforce", "Contact", {"LeadSource": field("LeadSource", "picklist", options=options)})
    assert row["impact"] == "values"
    assert "add a HubSpot option for 'Podcast'" in row["patch"]
    assert patched(tmp_path, row["patch"], "leadsource").values["Trade Show"] == "TRADE SHOW"


def test_a_new_value_that_the_other_side_has_is_no_trouble(described: Store) -> None:
    options = ("Web", "Other", "TRADE SHOW")
    row = after(described, "salesforce", "Contact", {"LeadSource": field("LeadSource", "picklist", options=options)})
    assert (row["impact"], row["patch"]) == ("mapped", None)


def test_a_new_field_with_a_namesake_on_the_other_side_is_proposed(described: Store, tmp_path: Path) -> None:
    row = after(described, "salesforce", "Contact", {"Shoe_Size__c": field("Shoe_Size__c", "double")})
    assert (row["impact"], row["what"]) == ("none", "added")
    new = patched(tmp_path, row["patch"], None)
    assert (new.on("salesforce", "Contact"), new.hubspot, str(new.type)) == ("Shoe_Size__c", "shoe_size", "number")


def test_a_new_field_without_a_namesake_is_only_listed(described: Store) -> None:
    row = after(described, "hubspot", "contacts", {"dog": field("dog")})
    assert (row["impact"], row["patch"]) == ("none", None)


def test_a_label_that_changes_means_nothing(described: Store) -> None:
    row = after(described, "salesforce", "Contact", {"Title": Field("Title", "Job title", "string")})
    assert row["impact"] == "mapped"


STAGES = tuple(dict.fromkeys(MAPPINGS.entity("opportunities-deals").by_name["dealstage"].values.values()))


def piped(store: Store, before: dict[str, tuple[str, ...]], now: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """The row that describing the deals' pipelines anew makes."""
    from sqlalchemy import select

    from lockstep.store import tables as t

    with store.writing() as tx:
        for pipelines in (before, now):
            fields = {"dealstage": field("dealstage", "enumeration"), "pipeline": field("pipeline", "enumeration")}
            found = schema.save(tx, ObjectSchema("hubspot", "deals", fields, pipelines), NOW)
        assess(SimpleNamespace(mappings=MAPPINGS), tx, found)  # type: ignore[arg-type]
        return dict(tx.execute(select(t.schema_change).order_by(t.schema_change.c.id.desc())).mappings().first() or {})


def with_pipelines(tmp_path: Path, patch: str) -> Any:
    """The stage of a deal after the patch was laid over the file's pipelines."""
    folder = tmp_path / "mappings"
    shutil.copytree(FOLDER, folder)
    yaml, file = YAML(), folder / "opportunities-deals.yaml"
    document = yaml.load(file.read_text())
    for name, one in yaml.load(patch)["pipelines"]["synced"].items():
        document["pipelines"]["synced"][name] |= one
    with file.open("w") as out:
        yaml.dump(document, out)
    return load(folder).entity("opportunities-deals").by_name["dealstage"]


def test_a_new_stage_is_proposed_as_the_stage_before_it(store: Store, tmp_path: Path) -> None:
    first, *others = STAGES
    row = piped(store, {"default": STAGES}, {"default": (first, "trial", *others)})
    assert (row["impact"], row["field"]) == ("values", "(pipelines)")
    stage = with_pipelines(tmp_path, row["patch"])
    assert (stage.values["Prospecting"], stage.read_as["trial"]) == (first, first)


def test_a_stage_that_left_stops_its_object(store: Store) -> None:
    assert piped(store, {"default": STAGES}, {"default": STAGES[1:]})["impact"] == "stops"
    assert piped(store, {"default": STAGES}, {})["impact"] == "stops"


def test_another_pipeline_is_left_alone(store: Store) -> None:
    row = piped(store, {"default": STAGES}, {"default": STAGES, "77": ("a", "b")})
    assert (row["impact"], row["patch"]) == ("mapped", None)


def test_a_new_stage_of_salesforce_stands_in_the_pipelines_too(store: Store, tmp_path: Path) -> None:
    from sqlalchemy import select

    from lockstep.store import tables as t

    before = tuple(MAPPINGS.entity("opportunities-deals").by_name["dealstage"].values)
    with store.writing() as tx:
        schema.save(tx, ObjectSchema("hubspot", "deals", {}, {"default": STAGES}), NOW)
        for options in (before, (*before[:-2], "Verbal", *before[-2:])):
            fields = {"StageName": field("StageName", "picklist", options=options)}
            found = schema.save(tx, ObjectSchema("salesforce", "Opportunity", fields), NOW)
        assess(SimpleNamespace(mappings=MAPPINGS), tx, found)  # type: ignore[arg-type]
        (row,) = tx.execute(select(t.schema_change)).mappings()
    assert row["impact"] == "values"
    stage = with_pipelines(tmp_path, row["patch"])
    assert stage.values["Verbal"] == stage.values[before[-3]]


def test_held_fields_leave_the_mapping_and_nobody_has_edited_it() -> None:
    held = frozenset({("salesforce", "Contact", "MailingCity"), ("hubspot", "contacts", "jobtitle")})
    less = without(MAPPINGS, held)
    people = less.entity("people")
    assert "jobtitle" not in people.by_name
    assert people.by_name["city"].salesforce == {"Lead": "City"}
    assert (less.hash, people.hash) == (MAPPINGS.hash, PEOPLE.hash)
    assert less.whole is MAPPINGS
    assert without(less, frozenset()) is MAPPINGS


@pytest.mark.parametrize("name", ["email", "lastname", "company"])
def test_what_records_are_matched_and_created_by_cannot_be_held(name: str) -> None:
    one = PEOPLE.by_name[name]
    assert not can_do_without(PEOPLE, one)
    held = frozenset({("hubspot", "contacts", one.hubspot)})
    assert without(MAPPINGS, held).entity("people").by_name[name] == one


def test_people_and_queues_that_come_and_go_are_told_and_stop_nothing(store: Store) -> None:
    from sqlalchemy import select

    from lockstep.store import tables as t

    ada, queue = Owner("005A", "Ada Moe", "ada@x.org", True), Owner("00GQ", "Leads", None, True, queue=True)
    gone, new = Owner("005L", "Lea Eft", "lea@x.org", True), Owner("005N", "Nina Ny", "nina@x.org", True)
    with store.writing() as tx:
        note_owners(tx, "salesforce", [], [ada], NOW)  # the first reading
        note_owners(tx, "salesforce", [ada, gone], [replace(ada, active=False), queue, new], NOW)
        rows = [dict(row) for row in tx.execute(select(t.schema_change)).mappings()]
    assert [(row["object"], row["field"], row["what"], row["impact"]) for row in rows] == [
        ("User", "005A", "changed", "mapped"),
        ("User", "005L", "removed", "mapped"),
        ("User", "005N", "added", "mapped"),
        ("User", "00GQ", "added", "mapped"),
    ]
    assert rows[0]["before"] == {"type": "user", "name": "Ada Moe", "active": True}
    assert rows[0]["after"]["active"] is False
    assert rows[3]["after"]["type"] == "queue"
