"""Mapping files: what is shipped is right, and every mistake is told at once with its place and its remedy."""

import json
from pathlib import Path

import pytest

from lockstep.errors import ConfigError
from lockstep.mapping import DeleteRule, FieldType, Mappings, Rule, load
from lockstep.mapping.__main__ import SCHEMAS, main, schema_text
from lockstep.model import HUBSPOT, SALESFORCE
from lockstep.values import ValueContext, canonical

SHIPPED = Path(__file__).parents[2] / "include" / "mappings"

GOOD = """\
objects: {salesforce: [Contact, Lead], hubspot: contacts}
external_id: {salesforce: Lockstep_Id__c, hubspot: lockstep_id}
match: [{field: email, unique: [hubspot]}]
create: {salesforce: Lead, hubspot: never}
delete: {salesforce: delete, hubspot: keep}
required: {Lead: [email]}
fields:
  - {salesforce: Email, hubspot: email, type: email, rule: two_way}
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def mistakes(folder: Path) -> list[str]:
    """The lines of the error, each a mistake."""
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [line.removeprefix("  - ") for line in caught.value.message.splitlines()[1:]]


@pytest.fixture(scope="module")
def mappings() -> Mappings:
    return load(SHIPPED)


class TestShipped:
    def test_referenced_entities_come_first(self, mappings: Mappings) -> None:
        names = [one.entity for one in mappings.all]
        assert sorted(names) == ["accounts-companies", "opportunities-deals", "people"]
        assert names[0] == "accounts-companies"

    def test_people_are_contacts_and_leads_matched_by_email(self, mappings: Mappings) -> None:
        people = mappings.entity("people")
        assert people.sf_objects == ("Contact", "Lead")
        assert [(key.name, key.type, key.unique) for key in people.match] == [("email", FieldType.EMAIL, {HUBSPOT})]
        assert people.create == {SALESFORCE: "Lead", HUBSPOT: "contacts"}
        assert people.by_name["city"].salesforce == {"Contact": "MailingCity", "Lead": "City"}
        assert people.by_name["company"].on(SALESFORCE, "Contact") is None

    def test_deleting_in_hubspot_never_deletes_in_salesforce(self, mappings: Mappings) -> None:
        assert {one.delete[HUBSPOT] for one in mappings.all} == {DeleteRule.keep}

    def test_opportunities_are_never_matched(self, mappings: Mappings) -> None:
        assert mappings.entity("opportunities-deals").match == ()

    def test_owners_are_two_way(self, mappings: Mappings) -> None:
        owners = [one for m in mappings.all for one in m.fields if one.type is FieldType.OWNER]
        assert len(owners) == 3
        assert {one.rule for one in owners} == {Rule.two_way}

    def test_the_editors_schemas_are_current(self) -> None:
        for name, schema in SCHEMAS.items():
            assert (SHIPPED / name).read_text(encoding="utf-8") == schema_text(schema()), (
                "run: python -m lockstep.mapping schema include/mappings"
            )

    @pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.name)
    def test_the_files_fit_the_schema_that_they_name_to_editors(self, path: Path) -> None:
        import jsonschema
        from ruamel.yaml import YAML

        first = path.read_text(encoding="utf-8").splitlines()[0]
        schema = SCHEMAS[first.removeprefix("# yaml-language-server: $schema=")]()
        jsonschema.validate(json.loads(json.dumps(YAML(typ="safe").load(path) or {})), schema)

    def test_close_date_is_a_day_on_both_sides(self, mappings: Mappings) -> None:
        close = mappings.entity("opportunities-deals").by_name["closedate"]
        context = ValueContext(None)  # type: ignore[arg-type]
        ours = canonical(close, SALESFORCE, "2026-03-01", context)
        assert ours == canonical(close, HUBSPOT, "2026-03-01T12:00:00.000Z", context)
        assert (close.type, close.form(HUBSPOT)) == (FieldType.DATE, FieldType.DATETIME)


class TestMappings:
    def test_fields_to_read(self, tmp_path: Path) -> None:
        text = GOOD + (
            "  - {salesforce: {Lead: Company}, hubspot: company, type: string, rule: always_salesforce}\n"
            "  - {salesforce: Phone, hubspot: phone, type: phone, rule: dont_sync}\n"
        )
        people = load(write(tmp_path, people=text)).entity("people")
        assert people.fields_of(SALESFORCE, "Lead") == ("Company", "Email", "Lockstep_Id__c")
        assert people.fields_of(SALESFORCE, "Contact") == ("Email", "Lockstep_Id__c")
        assert people.fields_of(HUBSPOT, "contacts") == ("company", "email", "lockstep_id")

    def test_a_match_key_is_read_even_if_it_is_not_synced(self, tmp_path: Path) -> None:
        people = load(write(tmp_path, people=GOOD.replace("two_way", "dont_sync"))).entity("people")
        assert "email" in people.fields_of(HUBSPOT, "contacts")

    def test_objects_lead_to_their_mapping(self, tmp_path: Path) -> None:
        mappings = load(write(tmp_path, people=GOOD))
        assert mappings.of_object(SALESFORCE, "Lead") is mappings.of_object(HUBSPOT, "contacts")
        assert mappings.objects(SALESFORCE) == ("Contact", "Lead")
        with pytest.raises(KeyError, match="Task"):
            mappings.of_object(SALESFORCE, "Task")
        with pytest.raises(KeyError, match="people"):
            mappings.entity("persons")

    def test_never_means_no_creates(self, tmp_path: Path) -> None:
        assert load(write(tmp_path, people=GOOD)).entity("people").create == {SALESFORCE: "Lead", HUBSPOT: None}

    @pytest.mark.parametrize(
        ("old", "new", "alters"),
        [
            ("rule: two_way", "rule: always_hubspot", True),
            ("unique: [hubspot]", "unique: []", True),
            ("salesforce: delete", "salesforce: keep", True),
            ("hubspot: never", "hubspot: contacts", True),
            ("fields:", "fields:  # a comment", False),
            ("required: {Lead: [email]}", "required: {Lead: [email]}\n\n\nbatch_size: 7", False),
            ("objects:", "freshness_minutes: 5\nobjects:", False),
        ],
    )
    def test_the_hash_follows_what_alters_a_plan(self, tmp_path: Path, old: str, new: str, alters: bool) -> None:
        before = load(write(tmp_path, people=GOOD)).hash
        assert GOOD.replace(old, new) != GOOD
        assert (load(write(tmp_path, people=GOOD.replace(old, new))).hash != before) is alters

    def test_the_hash_follows_the_order_of_values(self, tmp_path: Path) -> None:
        field = "  - {{salesforce: S, hubspot: s, type: picklist, rule: two_way, values: {{{}}}}}\n"
        one = load(write(tmp_path, people=GOOD + field.format("a: x, b: x"))).hash
        assert load(write(tmp_path, people=GOOD + field.format("b: x, a: x"))).hash != one

    def test_lists_of_options(self, tmp_path: Path) -> None:
        field = "  - {salesforce: S, hubspot: s, type: picklist, rule: two_way, values: {a: [x, y], b: x, c: z}}\n"
        one = load(write(tmp_path, people=GOOD + field)).entity("people").by_name["s"]
        assert one.values == {"a": "x", "b": "x", "c": "z"}
        assert one.read_as == {"y": "x"}


WRONG = [
    ("rule: two_way", "rule: tow_way", "people.yaml:8 fields[0].rule", "Did you mean `two_way`?"),
    ("type: email", "type: nonsense", "people.yaml:8 fields[0].type", "Use one of: string, text"),
    ("match:", "mach:", "people.yaml:3 mach", "Did you mean `match`?"),
    ("hubspot: email, ", "", "people.yaml:8 fields[0].hubspot", "Add `hubspot:` here"),
    ("field: email", "field: mail", "people.yaml:3 match[0].field", "one of the fields: email"),
    ("Lead, hubspot: never", "Led, hubspot: never", "people.yaml:4 create.salesforce", "Use one of Contact, Lead"),
    ("hubspot: never", "hubspot: deals", "people.yaml:4 create.hubspot", "Use contacts, or `never`"),
    ("fields:", "conflict_winner: {Leed: hubspot}\nfields:", "people.yaml:7 conflict_winner.Leed", "Contact, Lead"),
    ("fields:", "conflict_winner: {Lead: hubspott}\nfields:", "people.yaml:7 conflict_winner.Lead", "`hubspot`"),
    ("{Lead: [email]}", "{Leed: [email]}", "people.yaml:6 required.Leed", "Contact, Lead, contacts"),
    ("{Lead: [email]}", "{Lead: [mail]}", "people.yaml:6 required.Lead[0]", "one of the fields: email"),
    (
        "salesforce: Email",
        "salesforce: {Contact: Email}",
        "people.yaml:6 required.Lead[0]",
        "Name the Salesforce field of Lead",
    ),
    (
        "salesforce: Email",
        "salesforce: {Kontakt: Email}",
        "people.yaml:8 fields[0].salesforce.Kontakt",
        "Use Contact, Lead",
    ),
    ("type: email,", "type: {salesforce: date, hubspot: number},", "people.yaml:8 fields[0].type", "one type for both"),
    ("rule: two_way", "rule: two_way, merged: sum", "people.yaml:8 fields[0].merged", "Use type number"),
    (
        "type: email, rule: two_way",
        "type: number, rule: always_salesforce, merged: sum",
        "people.yaml:8 fields[0].merged",
        "Use another rule",
    ),
    ("rule: two_way", "rule: two_way, values: {a: b}", "people.yaml:8 fields[0].values", "Use type picklist"),
    (
        "rule: two_way",
        "rule: two_way, truncate: {hubspot: 0}",
        "people.yaml:8 fields[0].truncate.hubspot",
        "Correct the value",
    ),
    ("rule: two_way", "rule: two_way, reference: people", "people.yaml:8 fields[0].type", "Use type reference"),
    ("type: email", "type: reference", "people.yaml:8 fields[0].type", "Add `reference:`"),
    ("hubspot: email,", "hubspot: association:x/,", "people.yaml:8 fields[0].hubspot", "association:companies/primary"),
    ("salesforce: Email", "salesforce: Lockstep_Id__c", "people.yaml:8 fields[0]", "Remove the field"),
    ("salesforce: Email", "salesforce: 12", "people.yaml:8 fields[0].salesforce", "Put the value in quotes"),
    ("objects:", "- objects:", "people.yaml:2", "indentation"),
    ("[{field", "[[{field", "people.yaml:4", "Check indentation"),
    ("delete: {", "delete: {hubspot: hold, ", "people.yaml:5", "Remove one of the two"),
    ("hubspot: contacts}", "hubspot: ''}", "people.yaml:1 objects.hubspot", "Write it, or remove the key"),
    ("hubspot: email", "hubspot: ''", "people.yaml:8 fields[0].hubspot[0]", "Write it, or remove the key"),
    ("fields:", "inclusion_list: ''\nfields:", "people.yaml:7 inclusion_list", "Write it, or remove the key"),
    ("match: [", "match: [{field: email}, ", "people.yaml:3 match[1]", "give it a `key:` of its own"),
]


@pytest.mark.parametrize(("old", "new", "place", "remedy"), WRONG, ids=[wrong[1] or wrong[2] for wrong in WRONG])
def test_a_mistake_is_told_with_its_place_and_its_remedy(
    tmp_path: Path, old: str, new: str, place: str, remedy: str
) -> None:
    assert old in GOOD
    told = mistakes(write(tmp_path, people=GOOD.replace(old, new)))
    assert any(line.startswith(f"{place}:") and remedy in line.split("What to do:")[1] for line in told), told


def test_what_is_created_in_hubspot_needs_a_property_for_the_pairs_id(tmp_path: Path) -> None:
    bare = GOOD.replace(", hubspot: lockstep_id", "")
    assert load(write(tmp_path, people=bare)).entity("people").external_id[HUBSPOT] == ""
    (told,) = mistakes(write(tmp_path, people=bare.replace("hubspot: never", "hubspot: contacts")))
    assert told.startswith("people.yaml:2 external_id: Records of contacts are created")
    assert "Add `hubspot: lockstep_id`" in told
    links = COMPANIES.replace(", hubspot: lockstep_id", "").replace("hubspot: never", "hubspot: deals/companies")
    assert load(write(tmp_path, people=links.replace("hubspot: companies", "hubspot: deals/companies")))


def test_a_list_of_wrong_fields_is_not_called_empty(tmp_path: Path) -> None:
    told = mistakes(write(tmp_path, people=GOOD.replace("rule: two_way", "rule: tow_way")))
    assert len(told) == 1


def test_all_mistakes_of_all_files_at_once(tmp_path: Path) -> None:
    broken = (
        GOOD.replace("two_way", "nobody").replace("delete, hubspot", "remove, hubspot").replace("objects", "objekts")
    )
    told = mistakes(write(tmp_path, a=broken, b="", c="[]", d=GOOD.replace("field: email", "field: x")))
    assert [line.split(": ")[0] for line in told] == [
        "a.yaml:1 objects",
        "a.yaml:1 objekts",
        "a.yaml:5 delete.salesforce",
        "a.yaml:8 fields[0].rule",
        "b.yaml:1",
        "c.yaml:1",
        "d.yaml:3 match[0].field",
    ]


def test_one_vendor_field_in_two_lines(tmp_path: Path) -> None:
    twice = GOOD + "  - {salesforce: Email, hubspot: mail, type: email, rule: two_way}\n"
    told = mistakes(write(tmp_path, people=twice))
    assert told[0].startswith("people.yaml:9 fields[1]: Contact.Email is mapped twice.")
    assert "line 8" in told[0]


REFERENCE = "  - {{salesforce: Ref, hubspot: 'association:{}/primary', name: ref, type: reference, reference: {}, rule: two_way}}\n"
COMPANIES = GOOD.replace("[Contact, Lead]", "Account").replace("contacts", "companies").replace("Lead", "Account")


def test_references_between_files(tmp_path: Path) -> None:
    told = mistakes(write(tmp_path, people=GOOD + REFERENCE.format("companies", "companeis"), companies=COMPANIES))
    assert told == [
        "people.yaml:9 fields.ref: There is no mapping file companeis.yaml. What to do: Use one of: companies, people."
    ]
    told = mistakes(write(tmp_path, people=GOOD + REFERENCE.format("deals", "companies")))
    assert told == [
        "people.yaml:9 fields.ref: association:deals/primary leads to deals, but companies is about companies."
        " What to do: Write association:companies/primary."
    ]


def test_a_circle_of_references(tmp_path: Path) -> None:
    people, companies = (
        GOOD + REFERENCE.format("companies", "companies"),
        COMPANIES + REFERENCE.format("contacts", "people"),
    )
    (told,) = mistakes(write(tmp_path, people=people, companies=companies))
    assert "circle: " in told


def test_a_reference_to_the_same_file_is_no_circle(tmp_path: Path) -> None:
    mappings = load(write(tmp_path, companies=COMPANIES + REFERENCE.format("companies", "companies")))
    assert [one.name for one in mappings.entity("companies").references] == ["ref"]


def test_an_object_in_two_files(tmp_path: Path) -> None:
    told = mistakes(write(tmp_path, people=GOOD, persons=GOOD))
    assert len(told) == 3
    assert "Contact is also in people.yaml" in "".join(told)


def test_a_folder_without_mappings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No mapping files"):
        load(tmp_path / "nowhere")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_bytes("# bjørn\n".encode("latin-1"))
    assert mistakes(tmp_path) == ["people.yaml:1: The file is not UTF-8 text. What to do: Save it as UTF-8."]


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(write(tmp_path, people=GOOD))]) == 0
    assert "people: Contact and Lead with contacts, 1 fields: good" in capsys.readouterr().out
    assert main(["check", str(write(tmp_path, people=""))]) == 1
    assert "people.yaml:1: The file is empty." in capsys.readouterr().err
