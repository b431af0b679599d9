"""Fields that Lockstep needs whatever is mapped: all that are hidden are told at once (MK-20)."""

import pytest

from lockstep.mapping import hidden_fields
from lockstep.mapping.needed import NEEDED
from lockstep.model import HUBSPOT, SALESFORCE, Field, ObjectSchema

EVERY = ("Id", "IsDeleted", "SystemModstamp", "CreatedDate")


def described(object: str, *without: str, system: str = SALESFORCE) -> dict[tuple[str, str], ObjectSchema]:
    names = {*EVERY, *NEEDED.get(object, ())} - set(without)
    fields = {name: Field(name, name, "string") for name in names}
    return {(system, object): ObjectSchema(system, object, fields)}


@pytest.mark.parametrize("object", [*NEEDED, "Subscription__c"])
def test_an_object_that_shows_them_all_is_good(object: str) -> None:
    assert list(hidden_fields(described(object))) == []


def test_all_that_are_missing_are_named_with_the_remedy() -> None:
    (problem,) = hidden_fields(described("Lead", "ConvertedContactId", "MasterRecordId"))
    assert str(problem) == (
        "Salesforce Lead: Lead does not show the required fields ConvertedContactId, MasterRecordId to the integration user."
        " What to do: Give the integration user read access to them (field-level security, or a permission set)."
    )
    assert problem.severity == "error"


def test_hubspot_has_no_such_fields() -> None:
    assert list(hidden_fields(described("contacts", "Id", system=HUBSPOT))) == []
