"""Matching: one each way is a partner, everything else is for a person."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from tests.unit.decisions import ACCOUNTS, PEOPLE, VALUES, contact, gone, hubspot, lead, pair, row

from lockstep.mapping import FieldType, MatchKey
from lockstep.match import Ambiguous, Found, Holder, Key, Matched, Named, Unmatched, keys_of, match
from lockstep.model import MirrorRow, Pair, PairState

E = ("email", "a@x.org")
C, C2, L = contact("003A", Email="A@x.org "), contact("003B", Email="a@x.org"), lead("00QA", Email="a@x.org")
H, H2 = hubspot("101", email="a@X.org"), hubspot("102", email="a@x.org")


def run(
    rows: Iterable[MirrorRow],
    holders: Mapping[Key, Iterable[Holder]] | None = None,
    named: Mapping[str, Pair] | None = None,
) -> list[Found]:
    return match(PEOPLE, rows, VALUES, holders or {}, named)


def ids(found: Found) -> object:
    match found:
        case Matched(sf, hs, key):
            return ("matched", sf.id, hs.id, key)
        case Ambiguous(one, _, candidates, code):
            return (code, one.id, {(other.row.id, other.pair_id) for other in candidates})
        case Named(one, known):
            return ("named", one.id, known.id)
        case Unmatched(one):
            return ("unmatched", one.id)


def test_keys_are_canonical_and_blank_gives_none() -> None:
    assert keys_of(PEOPLE, "salesforce", "Contact", {"Email": " Ada@X.org"}, VALUES) == (("email", "ada@x.org"),)
    assert keys_of(PEOPLE, "salesforce", "Contact", {"Email": None}, VALUES) == ()
    assert keys_of(PEOPLE, "hubspot", "contacts", {}, VALUES) == ()
    assert keys_of(ACCOUNTS, "salesforce", "Account", {"Website": "https://www.acme.com/x"}, VALUES) == (
        ("domain", "acme.com"),
    )
    assert keys_of(ACCOUNTS, "salesforce", "Account", {"Website": "n/a"}, VALUES) == ()


def test_one_each_way_is_a_match_and_answers_for_both() -> None:
    assert [ids(one) for one in run([C, H])] == [("matched", "003A", "101", "email")]


def test_a_partner_outside_the_chunk_is_found() -> None:
    assert [ids(one) for one in run([H], {E: [Holder(C)]})] == [("matched", "003A", "101", "email")]


def test_nobody_carries_the_key() -> None:
    assert [ids(one) for one in run([C])] == [("unmatched", "003A")]
    assert [ids(one) for one in run([contact("003A", Email=None)])] == [("unmatched", "003A")]


def test_two_salesforce_records_for_one_contact_are_held_lead_and_contact_alike() -> None:
    assert [ids(one) for one in run([C, L, H])] == [
        ("ambiguous_match", "003A", {("00QA", None), ("101", None)}),
        ("ambiguous_match", "00QA", {("003A", None), ("101", None)}),
        ("ambiguous_match", "101", {("003A", None), ("00QA", None)}),
    ]


def test_two_hubspot_records_for_one_contact_are_held() -> None:
    assert [ids(one)[0] for one in run([C, H, H2])] == ["ambiguous_match"] * 3  # type: ignore[index]


def test_a_paired_holder_is_named_with_its_pair() -> None:
    assert [ids(one) for one in run([C2], {E: [Holder(C, "p1"), Holder(H, "p1")]})] == [
        ("ambiguous_match", "003B", {("003A", "p1"), ("101", "p1")})
    ]


def test_a_paired_record_is_nobody_elses_partner() -> None:
    # the pair's own Salesforce record has another address by now; the partner still does not flip (HS-16)
    assert [ids(one) for one in run([C2], {E: [Holder(H, "p1")]})] == [("ambiguous_match", "003B", {("101", "p1")})]


def test_twins_without_partner_are_held_where_the_other_side_wants_the_key_unique() -> None:
    assert [ids(one) for one in run([C, C2])] == [
        ("ambiguous_match", "003A", {("003B", None)}),
        ("ambiguous_match", "003B", {("003A", None)}),
    ]


def test_twins_without_partner_may_both_be_created_where_keys_need_not_be_unique() -> None:
    twins = [row("salesforce", "Account", id, {"Website": "acme.com"}) for id in ("001A", "001B")]
    assert [type(one) for one in match(ACCOUNTS, twins, VALUES, {})] == [Unmatched, Unmatched]


def test_gone_records_are_nobodys_partner() -> None:
    assert run([gone(C)]) == []
    assert [ids(one) for one in run([H], {E: [Holder(gone(C))]})] == [("unmatched", "101")]


def test_deals_are_never_matched() -> None:
    none = replace(PEOPLE, match=())
    assert [type(one) for one in match(none, [C, H], VALUES, {})] == [Unmatched, Unmatched]


def test_an_external_id_comes_before_any_key() -> None:
    creating = pair(C, None, state=PairState.CREATING)
    tried = hubspot("101", email="other@x.org", lockstep_id="p1")
    assert [ids(one) for one in run([tried], named={"p1": creating})] == [("named", "101", "p1")]


def test_an_external_id_of_a_pair_with_another_record_is_held() -> None:
    linked = pair(C, hubspot("999"))
    copied = hubspot("101", email="a@x.org", lockstep_id="p1")
    assert [ids(one)[0] for one in run([copied], named={"p1": linked})] == ["partner_flip"]  # type: ignore[index]


@pytest.mark.parametrize("known", [pair(C, None, generation=1), pair(C, None, state=PairState.CLOSED)])
def test_an_outdated_external_id_says_nothing(known: Pair) -> None:
    tried = hubspot("101", email="a@x.org", lockstep_id="p1")
    assert [ids(one) for one in run([tried], named={"p1": known})] == [("unmatched", "101")]


def test_keys_are_asked_in_order() -> None:
    mapping = replace(PEOPLE, match=(*PEOPLE.match, MatchKey("name", "lastname", FieldType.STRING)))
    sf = contact("003A", Email="a@x.org", LastName="Moe")
    by_mail, by_name = hubspot("101", email="a@x.org", lastname="Lie"), hubspot("102", email="b@x.org", lastname="Moe")
    first, second = match(mapping, [sf, by_mail, by_name], VALUES, {})
    assert ids(first) == ("matched", "003A", "101", "email")
    assert ids(second) == ("ambiguous_match", "102", {("003A", None)})


MANY = replace(PEOPLE, match=(replace(PEOPLE.match[0], also={"hubspot": "more"}),))


def test_a_person_is_found_by_further_addresses() -> None:
    two = hubspot("101", email="b@x.org", more="A@x.org;c@x.org; b@x.org")
    assert keys_of(MANY, "hubspot", "contacts", two.values, VALUES) == (
        ("email", "b@x.org"), ("email", "a@x.org"), ("email", "c@x.org")
    )  # fmt: skip
    assert [ids(one) for one in match(MANY, [C, two], VALUES, {})] == [("matched", "003A", "101", "email")]
    assert [ids(one) for one in match(MANY, [two, C], VALUES, {})] == [("matched", "003A", "101", "email")]


def test_two_records_with_an_address_each_of_one_person_are_ambiguous() -> None:
    two, other = hubspot("101", email="b@x.org", more="a@x.org"), contact("003B", Email="b@x.org")
    for chunk in ([C, other, two], [other, C, two], [two, other, C]):
        found = [ids(one) for one in match(MANY, chunk, VALUES, {})]
        held = {one[1]: set(one[2]) for one in found}  # type: ignore[index, misc]
        assert {one[0] for one in found} == {"ambiguous_match"}  # type: ignore[index]
        assert held["003A"] == {("101", None), ("003B", None)}
        assert held["101"] == {("003A", None), ("003B", None)}


def test_the_order_of_the_chunk_decides_nothing() -> None:
    chunk = [C, H, contact("003X", Email="x@x.org"), contact("003Y", Email="x@x.org"), hubspot("201", email="z@x.org")]
    expected = {str(ids(one)) for one in run(chunk)}
    for seed in range(20):
        random.Random(seed).shuffle(chunk)
        assert {str(ids(one)) for one in run(chunk)} == expected
