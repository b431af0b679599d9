"""GA-21, GA-22: identifiers, one click id alone, normal forms, hashes, consent; where they are found."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from lockstep.conversions.definition import Consent, Conversions, Kind, Milestone, Unknown
from lockstep.conversions.history import Source
from lockstep.conversions.identifiers import Identifiers, email, identify, phone, withheld

T0 = datetime(2026, 3, 1, tzinfo=UTC)
FIELDS = {
    "gclid": {"Lead": ("G1", "G2"), "Contact": ("G1",), "Opportunity": ("G1",)},
    "gbraid": {"Lead": ("B",)},
    "wbraid": {"Lead": ("W",)},
    "email": {"Lead": ("Email",), "Contact": ("Email",)},
    "phone": {"Lead": ("Phone", "Mobile")},
}
CONSENT = Consent({"ad_user_data": {"Lead": ("Ads__c",), "Contact": ("Ads__c",)}})
MILESTONE = Milestone("m", Kind.LEAD_STATUS, "Working", "1")


def lead(**values: str | None) -> Source:
    return Source("Lead", "00Q1", dict(values), T0)


NOT_KEPT = Consent()


def found(*sources: Source, consent: Consent = NOT_KEPT, milestone: Milestone = MILESTONE) -> Identifiers:
    wanted = Conversions(identifiers=FIELDS, country={"Lead": ("Country",)}, consent=consent)
    return identify(wanted, milestone, sources, "US")


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_gclid_is_trimmed_and_keeps_its_capitals() -> None:
    assert found(lead(G1="  CjAbC_-x\n")).gclid == "CjAbC_-x"


def test_the_first_field_that_has_one_counts() -> None:
    assert found(lead(G1=" ", G2="two")).gclid == "two"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"G1": "g", "B": "b", "W": "w"}, ("gclid", "g")),
        ({"B": "b", "W": "w"}, ("gbraid", "b")),
        ({"W": "w"}, ("wbraid", "w")),
        ({}, None),
    ],
)
def test_one_click_id_alone(values: dict[str, str], expected: tuple[str, str] | None) -> None:
    ids = found(lead(**values))
    assert ids.click_id == expected
    assert sum(one is not None for one in (ids.gclid, ids.gbraid, ids.wbraid)) == (expected is not None)


def test_people_go_with_a_gclid_but_never_with_a_braid() -> None:
    assert found(lead(G1="g", Email="a@x.no")).people == (("email", sha("a@x.no")),)
    assert found(lead(B="b", Email="a@x.no")).people == ()


def test_a_milestone_may_name_the_kinds_that_are_sent() -> None:
    only = Milestone("m", Kind.LEAD_STATUS, "Working", "1", identifiers=("email",))
    ids = found(lead(G1="g", Email="a@x.no"), milestone=only)
    assert (ids.click_id, ids.people) == (None, (("email", sha("a@x.no")),))


def test_at_most_five_people_identifiers_and_none_twice() -> None:
    people = [Source("Contact", f"003{n}", {"Email": f"p{n % 6}@x.no"}, T0) for n in range(9)]
    assert len(found(*people).people) == 5
    assert len(found(people[0], people[6]).people) == 1


def test_the_record_it_came_from_has_the_click() -> None:
    own = Source("Opportunity", "0061", {"G1": None}, T0 + timedelta(days=2))
    contact = Source("Contact", "0031", {"G1": "c"}, T0 + timedelta(days=1))
    ids = found(own, lead(G1=None), contact)
    assert (ids.gclid, ids.click_by) == ("c", T0 + timedelta(days=1))
    assert found(own, lead()).click_by == T0


# Google's guide: trim, lower case, and for gmail.com and googlemail.com remove dots and what follows a plus
@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (" Jane.Doe@Example.COM ", "jane.doe@example.com"),
        ("Jane.Doe+ads@gmail.com", "janedoe@gmail.com"),
        ("j.a.n.e@googlemail.com", "jane@googlemail.com"),
        ("jane.doe+ads@example.com", "jane.doe+ads@example.com"),
        ("j ane@example.com", None),
        ("ø@example.no", "ø@example.no"),
        ("nobody", None),
        ("a@b", None),
        ("a@b@example.com", None),
        ("+x@gmail.com", None),
    ],
)
def test_email(text: str, normal: str | None) -> None:
    assert email(text) == normal


@pytest.mark.parametrize(
    ("text", "country", "normal"),
    [
        ("412 34 567", "NO", "+4741234567"),
        ("0047 412 34 567", "NO", "+4741234567"),
        ("+47 412 34 567", None, "+4741234567"),
        ("(650) 253-0000 ext. 12", "US", "+16502530000"),
        ("00 44 20 7946 0018", "US", "+442079460018"),
        ("412 34 567", None, None),
        ("call me", "NO", None),
        ("12", "NO", None),
    ],
)
def test_phone(text: str, country: str | None, normal: str | None) -> None:
    assert phone(text, country) == normal


def test_the_records_country_comes_before_the_default() -> None:
    assert found(lead(Phone="412 34 567", Country="NO")).people == (("phone", sha("+4741234567")),)
    assert found(lead(Phone="650 253 0000", Country="Norge")).people == (("phone", sha("+16502530000")),)


@pytest.mark.parametrize(
    ("answer", "people", "sent"),
    [("Yes", 1, True), ("no", 0, False), (None, 0, True), ("maybe", 0, True)],
)
def test_consent_decides_what_may_leave(answer: str | None, people: int, sent: bool) -> None:
    ids = found(lead(G1="g", Email="a@x.no", Ads__c=answer), consent=CONSENT)
    assert len(ids.people) == people
    assert withheld(Conversions(consent=CONSENT), ids.consent) is not sent


def test_a_no_anywhere_is_a_no() -> None:
    contact = Source("Contact", "0031", {"Ads__c": "no"}, T0)
    assert found(lead(Ads__c="yes"), contact, consent=CONSENT).consent == {"ad_user_data": "denied"}


def test_people_without_an_answer_can_be_withheld() -> None:
    strict = Consent(CONSENT.fields, unknown=Unknown.WITHHOLD)
    assert withheld(Conversions(consent=strict), {})
    assert not withheld(Conversions(consent=strict), {"ad_user_data": "granted"})
    assert not withheld(Conversions(), {}), "no consent is kept"


def test_nothing_in_the_clear_leaves() -> None:
    ids = found(lead(Email="jane@example.com", Phone="+1 650 253 0000"))
    assert "jane" not in str(ids)
    assert "650" not in str(ids)


#: text -> what google-ads-datamanager-util 0.4.0 makes of it (run; None: it raises)
OFFICIAL_EMAIL = {
    " Jane.Doe@Example.COM ": "jane.doe@example.com",
    "Jane.Doe+ads@gmail.com": "janedoe@gmail.com",
    "j.a.n.e@googlemail.com": "jane@googlemail.com",
    "jane.doe+ads@example.com": "jane.doe+ads@example.com",
    "j ane@example.com": None,
    "ø@example.no": "ø@example.no",
    "nobody": None,
    "a@b@example.com": None,
    "+x@gmail.com": None,
    "JANE@GMAIL.COM": "jane@gmail.com",
}
OFFICIAL_PHONE = {
    "+47 412 34 567": "+4741234567",
    "+1 (650) 253-0000": "+16502530000",
    "call me": None,
    # wrong: it puts a plus before whatever digits there are, and knows no country
    "412 34 567": "+41234567",
    "0047 412 34 567": "+004741234567",
    "(650) 253-0000 ext. 12": "+650253000012",
    "+44 (0)20 7946 0018": "+4402079460018",
    "12": "+12",
}
WRONG = {"412 34 567", "0047 412 34 567", "(650) 253-0000 ext. 12", "+44 (0)20 7946 0018", "12"}


@pytest.mark.parametrize(("text", "normal"), OFFICIAL_EMAIL.items())
def test_emails_are_as_googles_own_library_makes_them(text: str, normal: str | None) -> None:
    assert email(text) == normal


@pytest.mark.parametrize(("text", "normal"), OFFICIAL_PHONE.items())
def test_phones_are_as_googles_own_library_makes_them_where_that_is_right(text: str, normal: str | None) -> None:
    assert (phone(text, "NO") != normal) is (text in WRONG)


def test_an_address_without_a_top_level_domain_is_none() -> None:
    """Google's library takes it; no mail ever reached it."""
    assert email("a@b") is None
