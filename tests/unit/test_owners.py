"""Owners: who is who in the two systems (OW-01 to OW-07, MK-23)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.model import HUBSPOT, SALESFORCE, Owner
from lockstep.owners import OwnerMap, OwnerRef

ADA = Owner("005A", "Ada Moe", "Ada@x.org", True)
QUEUE = Owner("00GQ", "Web Leads", None, True, queue=True)


def matched(salesforce: Owner, hubspot: Owner) -> bool:
    owners = OwnerMap([salesforce], [hubspot])
    return owners.canonical(SALESFORCE, salesforce.id) == owners.canonical(HUBSPOT, hubspot.id)


@pytest.mark.parametrize(
    ("name", "email", "same"),
    [
        ("Ada Moe", "ada@x.org", True),
        (" ada  MOE ", "ADA@X.ORG ", True),
        ("Ada Moe", "ada@y.org", False),
        ("Ada M", "ada@x.org", False),
        ("Ada Moe", None, False),
        ("", "ada@x.org", False),
    ],
)
def test_a_person_is_known_by_name_and_email_together(name: str, email: str | None, same: bool) -> None:
    assert matched(ADA, Owner("1", name, email, True)) is same


def test_two_people_without_email_are_not_the_same() -> None:
    assert not matched(Owner("005B", "Bo", None, True), Owner("1", "Bo", None, True))


def test_someone_who_left_is_still_the_same_person_but_never_written() -> None:
    owners = OwnerMap([Owner("005A", "Ada Moe", "ada@x.org", False)], [Owner("1", "Ada Moe", "ada@x.org", True)])
    person = owners.canonical(HUBSPOT, "1")
    assert person == owners.canonical(SALESFORCE, "005A") == OwnerRef(SALESFORCE, "005A")
    assert owners.render(SALESFORCE, person) is None
    assert owners.render(HUBSPOT, person) == "1"


def test_an_archived_hubspot_owner_is_never_written() -> None:
    owners = OwnerMap([ADA], [Owner("1", "Ada Moe", "ada@x.org", False)])
    assert owners.render(HUBSPOT, OwnerRef(SALESFORCE, "005A")) is None


def test_of_a_person_listed_twice_the_active_entry_counts() -> None:
    old, new = Owner("0050", "Ada Moe", "ada@x.org", False), ADA
    owners = OwnerMap([old, new], [Owner("1", "Ada Moe", "ada@x.org", True)])
    assert (
        owners.canonical(SALESFORCE, "0050") == owners.canonical(SALESFORCE, "005A") == owners.canonical(HUBSPOT, "1")
    )
    assert owners.render(SALESFORCE, OwnerRef(SALESFORCE, "0050")) == "005A"


def test_a_queue_counts_as_not_assigned() -> None:
    owners = OwnerMap([ADA, QUEUE], [])
    assert owners.canonical(SALESFORCE, "00GQ") is None
    assert owners.is_queue(SALESFORCE, "00GQ")
    assert not owners.is_active(SALESFORCE, "00GQ")
    assert owners.render(SALESFORCE, OwnerRef(SALESFORCE, "00GQ")) is None


def test_a_queue_named_like_a_person_is_not_the_person() -> None:
    queue = Owner("00GQ", "Ada Moe", "ada@x.org", True, queue=True)
    assert not matched(queue, Owner("1", "Ada Moe", "ada@x.org", True))


def test_an_unknown_id_stays_itself() -> None:
    owners = OwnerMap([ADA], [])
    assert owners.canonical(HUBSPOT, "77") == OwnerRef(HUBSPOT, "77")
    assert owners.render(SALESFORCE, OwnerRef(HUBSPOT, "77")) is None
    assert owners.render(HUBSPOT, OwnerRef(HUBSPOT, "77")) is None
    assert not owners.is_active(HUBSPOT, "77")


def test_a_hubspot_only_owner_can_be_put_back_in_hubspot() -> None:
    owners = OwnerMap([ADA], [Owner("9", "Only Hub", "only@x.org", True)])
    assert owners.render(HUBSPOT, OwnerRef(HUBSPOT, "9")) == "9"


PEOPLE = st.lists(
    st.builds(
        Owner,
        st.integers(1, 99).map(str),
        st.sampled_from(["Ada", "ada", "Bo", ""]),
        st.sampled_from(["a@x.org", "A@X.org", "b@x.org", None]),
        st.booleans(),
        st.booleans(),
    ),
    unique_by=lambda owner: owner.id,
    max_size=8,
)


@given(PEOPLE, PEOPLE)
def test_only_active_people_are_written_and_they_read_back_as_the_same(
    salesforce: list[Owner], hubspot: list[Owner]
) -> None:
    owners = OwnerMap(salesforce, hubspot)
    for system, listed in ((SALESFORCE, salesforce), (HUBSPOT, hubspot)):
        for one in listed:
            person = owners.canonical(system, one.id)
            for target in (SALESFORCE, HUBSPOT) if person else ():
                id = owners.render(target, person)
                if id is not None:
                    assert owners.is_active(target, id)
                    assert owners.canonical(target, id) == person


@given(PEOPLE, PEOPLE, st.randoms())
def test_the_order_of_the_lists_does_not_matter(salesforce: list[Owner], hubspot: list[Owner], random: object) -> None:
    shuffled = list(salesforce)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = OwnerMap(salesforce, hubspot), OwnerMap(shuffled, list(reversed(hubspot)))
    for system, listed in ((SALESFORCE, salesforce), (HUBSPOT, hubspot)):
        for owner in listed:
            assert one.canonical(system, owner.id) == other.canonical(system, owner.id)
