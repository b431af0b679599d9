"""What two messages have in common: the same cause whatever the record, another one whatever the resemblance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.causes import GAP, LONGEST, Cause, template

SAME = {
    "Salesforce ids": ("unable to lock 0035g00000ABCDE: in use", "unable to lock 003Ab00000XYZabIAG: in use"),
    "HubSpot ids": ("Contact already exists. Existing ID: 512", "Contact already exists. Existing ID: 98761234"),
    "addresses": ("ola@example.no is not valid", "kari.nordmann+x@mail.example.com is not valid"),
    "quotations": ("Value 'Oslo' was not one of the options", "Value 'New York' was not one of the options"),
    "double quotations": ('"Bergen" is too long', '"Trondheim, Norway" is too long'),
    "typographic ones": ("bad value for picklist: \u201cA\u201d", "bad value for picklist: \u201cB C\u201d"),
    "dates": ("closed on 2026-03-01", "closed on 2025-12-24T08:00:00.000+01:00"),
    "numbers": ("too long (max 40): 47", "too long (max 40): 1,212"),
    "lists": ("ids 12, 13, 14 are gone", "ids 99 are gone"),
    "pages": ("see https://a.example/x?y=1", "see https://b.example/"),
    "unique ids": (
        "correlation 7d444840-9dc0-11d1-b245-5ffdce74fad2",
        "correlation 550e8400-e29b-41d4-a716-446655440000",
    ),
}


@pytest.mark.parametrize("kind", SAME)
def test_what_differs_from_record_to_record_is_taken_out(kind: str) -> None:
    one, other = SAME[kind]
    assert template(one) == template(other)
    assert GAP in template(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Required fields are missing: [LastName]", "Required fields are missing: [Company]"),
        ("You can't edit this field", "You can't delete this field"),
        ("PRICE_TOO_HIGH", "PRICE_TOO_LOW"),
    ],
)
def test_words_stay(one: str, other: str) -> None:
    assert template(one) != template(other)


def test_the_records_own_values_are_taken_out() -> None:
    told = template("Nordmann AS of Oslo has no such stage", ["Nordmann AS", "Oslo", None, "", "no"])
    assert told == f"{GAP} of {GAP} has no such stage"


def test_a_value_is_not_looked_for_within_words() -> None:
    assert template("Required field missing", ["ire", "eld"]) == "Required field missing"


def test_an_apostrophe_quotes_nothing() -> None:
    assert template("can't write what isn't there") == "can't write what isn't there"


@given(st.text(max_size=2000), st.lists(st.text(max_size=20), max_size=4))
def test_any_message_has_a_template(message: str, values: list[str]) -> None:
    told = template(message, values)
    assert len(told) <= LONGEST
    assert template(told) == told or len(told) == LONGEST


def test_causes_differ_in_any_of_their_parts() -> None:
    one = Cause(False, "duplicate", "hubspot", "contacts", "", "CONFLICT", "exists")
    others = [
        Cause(True, "duplicate", "hubspot", "contacts", "", "CONFLICT", "exists"),
        Cause(False, "duplicate", "hubspot", "contacts", "email", "CONFLICT", "exists"),
        Cause(False, "duplicate", "salesforce", "contacts", "", "CONFLICT", "exists"),
        Cause(False, "duplicate", "hubspot", "contacts", "", "CONFLICT", "exists already"),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == 5
    assert one.digest == Cause(False, "duplicate", "hubspot", "contacts", "", "CONFLICT", "exists").digest
