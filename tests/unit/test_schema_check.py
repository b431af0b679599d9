"""Mappings against what the vendors describe (HS-14): found before the first record is read."""

from dataclasses import replace
from pathlib import Path

import pytest

from lockstep.mapping import FieldMapping, FieldType, Mapping, Mappings, Rule, check_against, load
from lockstep.mapping.schema_check import FITTING
from lockstep.model import HUBSPOT, SALESFORCE, Field, ObjectSchema
from lockstep.yaml_files import Problem

YAML = """\
objects: {salesforce: Contact, hubspot: contacts}
external_id: {salesforce: Lockstep_Id__c, hubspot: lockstep_id}
create: {salesforce: Contact, hubspot: contacts}
delete: {salesforce: keep, hubspot: keep}
required: {Contact: [name]}
fields:
  - {salesforce: Name, hubspot: name, type: string, rule: two_way}
  - {salesforce: Level, hubspot: level, type: picklist, rule: two_way, values: {High: [HIGH, TOP], Low: LOW}}
"""
OURS = {
    "Name": Field("Name", "Name", "string", required=True),
    "Level": Field("Level", "Level", "picklist", options=("High", "Low"), restricted=True),
    "Lockstep_Id__c": Field("Lockstep_Id__c", "", "string", unique=True),
}
THEIRS = {
    "name": Field("name", "Name", "string"),
    "level": Field("level", "Level", "enumeration", options=("HIGH", "TOP", "LOW"), restricted=True),
    "lockstep_id": Field("lockstep_id", "", "string", unique=True),
}


@pytest.fixture
def mapping(tmp_path: Path) -> Mapping:
    (tmp_path / "people.yaml").write_text(YAML, encoding="utf-8")
    return load(tmp_path).entity("people")


def problems(mapping: Mapping, ours: dict[str, Field] = OURS, theirs: dict[str, Field] = THEIRS) -> list[Problem]:
    schemas = {
        (SALESFORCE, "Contact"): ObjectSchema(SALESFORCE, "Contact", ours),
        (HUBSPOT, "contacts"): ObjectSchema(HUBSPOT, "contacts", theirs),
    }
    return check_against(Mappings((mapping,)), schemas)


def changed(fields: dict[str, Field], name: str, **more: object) -> dict[str, Field]:
    return {**fields, name: replace(fields[name], **more)}  # type: ignore[arg-type]


def without(fields: dict[str, Field], name: str) -> dict[str, Field]:
    return {key: one for key, one in fields.items() if key != name}


def test_a_mapping_that_fits(mapping: Mapping) -> None:
    assert problems(mapping) == []


def test_objects_that_were_not_described_are_not_checked(mapping: Mapping) -> None:
    assert check_against(Mappings((mapping,)), {}) == []


def test_a_field_that_is_missing_or_hidden(mapping: Mapping) -> None:
    (one,) = problems(mapping, theirs=without(THEIRS, "name"))
    assert (one.file, one.line, one.key, one.severity) == ("people.yaml", 7, "fields.name", "error")
    assert "contacts has no field name" in one.message


def test_a_field_in_the_wrong_case(mapping: Mapping) -> None:
    ours = {**without(OURS, "Level"), "LEVEL": OURS["Level"]}
    (one,) = problems(mapping, ours=ours)
    assert one.remedy == "Write LEVEL."


def test_a_missing_external_id_says_what_to_do(mapping: Mapping) -> None:
    (one,) = problems(mapping, ours=without(OURS, "Lockstep_Id__c"))
    assert (one.key, one.remedy) == ("external_id.salesforce", "Deploy the field and its permission set.")


def test_a_type_that_does_not_fit(mapping: Mapping) -> None:
    (one,) = problems(mapping, ours=changed(OURS, "Name", type="double"))
    assert one.message == "Contact.Name is of type double, which does not fit string."
    assert one.remedy == "Use type number."


def test_a_read_only_field_that_the_rule_writes_to(mapping: Mapping) -> None:
    (one,) = problems(mapping, theirs=changed(THEIRS, "name", writable=False, creatable=False))
    assert "contacts.name is read-only" in one.message
    assert "always_hubspot" in one.remedy


@pytest.mark.parametrize("rule", [Rule.always_hubspot, Rule.dont_sync])
def test_a_read_only_field_that_no_rule_writes_to(mapping: Mapping, rule: Rule) -> None:
    fields = (replace(mapping.fields[0], rule=rule), mapping.fields[1])
    read_only = changed(THEIRS, "name", writable=False, creatable=False)
    assert [
        one for one in problems(replace(mapping, fields=fields), theirs=read_only) if "read-only" in one.message
    ] == []


def test_options_that_do_not_exist(mapping: Mapping) -> None:
    wrong = changed(THEIRS, "level", options=("LOW", "HIGH"))
    (one,) = problems(mapping, theirs=wrong)
    assert (one.severity, one.message) == ("error", "contacts.level has no option 'TOP'.")
    (one,) = problems(mapping, ours=changed(OURS, "Level", options=("High",)))
    assert (one.severity, one.message) == ("error", "Contact has no value 'Low'.")


def test_values_without_counterpart_are_remarks(mapping: Mapping) -> None:
    (one,) = problems(mapping, ours=changed(OURS, "Level", options=("High", "Low", *"abcdefghij")))
    assert one.severity == "warning"
    assert "'a', 'b'" in one.message
    assert "and 2 more" in one.message
    (one,) = problems(mapping, theirs=changed(THEIRS, "level", options=("HIGH", "TOP", "LOW", "NONE")))
    assert (one.severity, "'NONE'" in one.message) == ("warning", True)


def test_stages_are_described_with_their_pipelines(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text(YAML.replace("hubspot: level", "hubspot: dealstage"), encoding="utf-8")
    stage = {**without(THEIRS, "level"), "dealstage": Field("dealstage", "", "enumeration")}
    schemas = {
        (SALESFORCE, "Contact"): ObjectSchema(SALESFORCE, "Contact", OURS),
        (HUBSPOT, "contacts"): ObjectSchema(HUBSPOT, "contacts", stage, {"default": ("HIGH", "TOP"), "two": ("LOST",)}),
    }
    told = [one.message for one in check_against(load(tmp_path), schemas)]
    assert "contacts.dealstage has no option 'LOW'." in told
    assert any("'LOST'" in message for message in told)


def test_a_required_field_that_no_line_fills(mapping: Mapping) -> None:
    (one,) = problems(mapping, ours={**OURS, "Company": Field("Company", "", "string", required=True)})
    assert one.message == "Contact requires Company, and no line fills it."
    never = replace(mapping, create={SALESFORCE: None, HUBSPOT: "contacts"})
    assert problems(never, ours={**OURS, "Company": Field("Company", "", "string", required=True)}) == []


def test_a_required_field_that_is_not_demanded_is_a_remark(mapping: Mapping) -> None:
    (one,) = problems(replace(mapping, required={}))
    assert (one.severity, "List name under" in one.remedy) == ("warning", True)


def test_a_reference_to_another_object(mapping: Mapping) -> None:
    account = FieldMapping(
        "account",
        {"Contact": "AccountId"},
        "association:x/primary",
        FieldType.REFERENCE,
        Rule.two_way,
        refers_to=("people",),
    )
    ours = {**OURS, "AccountId": Field("AccountId", "", "reference", reference_to=("Account",))}
    (one,) = problems(replace(mapping, fields=(*mapping.fields, account)), ours=ours)
    assert one.message == "Contact.AccountId refers to Account, but people is about Contact."


def test_every_type_is_known() -> None:
    assert set(FITTING) == set(FieldType)
