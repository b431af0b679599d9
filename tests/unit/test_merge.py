"""The field table of the merge, row by row and rule by rule, and the special rules of owners and references."""

import pytest
from tests.unit.decisions import (
    ACCOUNT,
    ADA,
    BOB,
    EARLY,
    HS_ADA,
    HS_BOB,
    HS_LEFT,
    HS_ONLY,
    LATE,
    LEFT,
    NOBODY,
    QUEUE,
    VALUES,
    people,
    text_field,
)

from lockstep.mapping import FieldMapping, FieldType, Rule
from lockstep.merge import FieldVerdict, Verdict, merge_fields
from lockstep.model import Values

MISSING = "missing"
V = Verdict


def merge(
    field: FieldMapping,
    l: str | None,  # noqa: E741  (DESIGN's table calls the sides l and r)
    r: str | None,
    bl: str | None = MISSING,
    br: str | None = MISSING,
    *,
    times: tuple[str | None, str | None] = (EARLY, EARLY),
    sf_object: str = "Contact",
    **changes: object,
) -> FieldVerdict:
    sf_name, hs_name = field.on("salesforce", sf_object) or "", field.hubspot
    bases = [{} if base == MISSING else {name: base} for name, base in ((sf_name, bl), (hs_name, br))]
    moved = dict(zip(("salesforce", "hubspot"), times, strict=True))
    rows: tuple[Values, Values] = ({sf_name: l}, {hs_name: r})
    mapping = people(field, **changes)
    [found] = merge_fields(mapping, sf_object, *rows, *bases, lambda system, name: moved[system], VALUES)  # type: ignore[misc]
    return found


RULES = {
    Rule.prefer_salesforce_unless_blank: "psf",
    Rule.always_salesforce: "asf",
    Rule.two_way: "two",
    Rule.dont_sync: "off",
    Rule.prefer_hubspot_unless_blank: "phs",
    Rule.always_hubspot: "ahs",
    Rule.hold: "hold",
}
HS, SF, REST, AGREE, OFF, HOLD = (
    V.write_hubspot,
    V.write_salesforce,
    V.rest,
    V.agree,
    V.off,
    V.hold,
)

# l, r, bl, br, what happened -> verdict of each rule, in the order of RULES
TABLE = [
    # any, any, l = r
    ("a", "a", "a", "a", "quiet", [AGREE] * 7),
    ("b", "b", "a", "a", "both changed to the same", [AGREE] * 7),
    ("a", "a", MISSING, MISSING, "the same at the first meeting", [AGREE] * 7),
    (None, None, "a", "a", "both blanked", [AGREE] * 7),
    (None, None, MISSING, MISSING, "both blank at the first meeting", [AGREE] * 7),
    # base missing, one blank
    ("a", None, MISSING, MISSING, "HubSpot blank at the first meeting", [HS, HS, HS, OFF, HS, OFF, HS]),
    (None, "a", MISSING, MISSING, "Salesforce blank at the first meeting", [SF, OFF, SF, OFF, SF, SF, SF]),
    ("a", None, "a", MISSING, "one base missing is a base missing", [HS, HS, HS, OFF, HS, OFF, HS]),
    (None, "a", MISSING, "a", "one base missing, mirrored", [SF, OFF, SF, OFF, SF, SF, SF]),
    # base missing, both filled
    ("a", "b", MISSING, MISSING, "different at the first meeting", [HS, HS, HS, OFF, SF, SF, HOLD]),
    ("a", "b", "a", MISSING, "one base missing, both filled", [HS, HS, HS, OFF, SF, SF, HOLD]),
    # yes, no
    ("b", "a", "a", "a", "Salesforce changed", [HS, HS, HS, OFF, SF, SF, HS]),
    (None, "a", "a", "a", "Salesforce blanked", [HS, HS, HS, OFF, SF, SF, HS]),
    ("b", None, None, None, "Salesforce filled", [HS, HS, HS, OFF, HS, SF, HS]),
    # no, yes
    ("a", "b", "a", "a", "HubSpot changed", [HS, HS, SF, OFF, SF, SF, SF]),
    ("a", None, "a", "a", "HubSpot blanked", [HS, HS, SF, OFF, SF, SF, SF]),
    (None, "b", None, None, "HubSpot filled", [SF, HS, SF, OFF, SF, SF, SF]),
    # no, no, l != r
    ("a", "A", "a", "A", "settled on different spellings", [REST] * 7),
    ("a", None, "a", None, "settled on blank and filled", [REST] * 7),
    # yes, yes, l != r
    ("b", "c", "a", "a", "both changed", [HS, HS, HS, OFF, SF, SF, HOLD]),
    (None, "c", "a", "a", "Salesforce blanked, HubSpot changed", [SF, HS, HS, OFF, SF, SF, HOLD]),
    ("b", None, "a", "a", "Salesforce changed, HubSpot blanked", [HS, HS, HS, OFF, HS, SF, HOLD]),
]
CASES = [
    pytest.param(rule, *case[:4], verdict, id=f"{name}: {case[4]}")
    for case in TABLE
    for (rule, name), verdict in zip(RULES.items(), case[5], strict=True)
]


@pytest.mark.parametrize(("rule", "l", "r", "bl", "br", "expected"), CASES)
def test_field_table(
    rule: Rule,
    l: str | None,  # noqa: E741
    r: str | None,
    bl: str | None,
    br: str | None,
    expected: Verdict,
) -> None:
    found = merge(text_field("title", rule), l, r, bl, br)

    assert found.verdict is expected, found.why
    assert found.why.startswith(f"{rule}: ")
    if expected is HS:
        assert (found.value, found.source_raw, found.target) == (l, l, "hubspot")
    elif expected is SF:
        assert (found.value, found.source_raw, found.target) == (r, r, "salesforce")
    else:
        assert (found.value, found.target) == (None, None)


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize(("sf", "hs"), [({}, {"title": "a"}), ({"Title": "a"}, {}), ({}, {})])
def test_unknown_is_never_blank(rule: Rule, sf: Values, hs: Values) -> None:
    bases: Values = {"Title": "a", "title": "a"}
    [found] = merge_fields(people(text_field("title", rule)), "Contact", sf, hs, bases, bases, lambda *_: None, VALUES)
    assert found.verdict is V.unread
    assert "has not been read" in found.why


def test_a_field_that_the_object_lacks_is_unknown() -> None:
    only_leads = text_field("title", Rule.two_way, salesforce={"Lead": "Title"})
    assert merge(only_leads, "a", "b", sf_object="Contact").verdict is V.unread
    assert merge(only_leads, "a", None, sf_object="Lead").verdict is HS


@pytest.mark.parametrize(
    ("sf_object", "rule", "sides", "wins"),
    [
        ("Lead", Rule.two_way, ("l2", "r2", "l", "r"), HS),
        ("Contact", Rule.two_way, ("l2", "r2", "l", "r"), SF),
        ("Account", Rule.two_way, ("l2", "r2", "l", "r"), HS),
        ("Contact", Rule.two_way, ("l", "r", MISSING, MISSING), SF),
        ("Contact", Rule.two_way, ("l2", "r", "l", "r"), HS),
        ("Contact", Rule.hold, ("l2", "r2", "l", "r"), HOLD),
        ("Contact", Rule.always_salesforce, ("l2", "r2", "l", "r"), HS),
    ],
)
def test_an_object_has_a_winner_of_its_own(
    sf_object: str, rule: Rule, sides: tuple[str, str, str, str], wins: Verdict
) -> None:
    """MK-11: of a two-way field alone, and not where one side alone changed; without a winner the later one."""
    field = text_field("city", rule, salesforce=dict.fromkeys(("Lead", "Contact", "Account"), "City"))
    winners = {"Lead": "salesforce", "Contact": "hubspot"}
    found = merge(field, *sides, times=(LATE, EARLY), sf_object=sf_object, conflict_winner=winners)
    assert found.verdict is wins


def test_an_owner_goes_by_time_whoever_else_wins() -> None:
    owner = text_field("owner", Rule.two_way, type=FieldType.OWNER)
    found = merge(owner, ADA, HS_BOB, BOB, HS_ADA, times=(EARLY, LATE), conflict_winner={"Contact": "salesforce"})
    assert found.verdict is SF
    assert found.contested


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((LATE, EARLY), HS),
        ((EARLY, LATE), SF),
        ((EARLY, EARLY), HS),
        ((None, EARLY), SF),
        ((EARLY, None), HS),
        ((None, None), HS),
    ],
)
def test_two_way_the_most_recent_wins_and_salesforce_at_a_tie(
    times: tuple[str | None, str | None], expected: Verdict
) -> None:
    found = merge(text_field("title", Rule.two_way), "b", "c", "a", "a", times=times)
    assert found.verdict is expected
    assert found.lost_raw == ("c" if expected is HS else "b")


def test_the_loser_is_kept_when_an_edit_is_put_back() -> None:
    found = merge(text_field("title", Rule.always_salesforce), "a", "b", "a", "a")
    assert (found.verdict, found.value, found.lost_raw) == (HS, "a", "b")
    assert found.why == "always_salesforce: HubSpot may not write this; Salesforce's value is put back"


def test_nothing_is_lost_when_one_side_simply_changed() -> None:
    assert merge(text_field("title", Rule.two_way), "b", "a", "a", "a").lost_raw is None


def test_spelling_is_no_change() -> None:
    email = text_field("email", Rule.two_way, type=FieldType.EMAIL)
    assert merge(email, "Ada@X.org", "ada@x.org", "ada@x.org", "ada@x.org").verdict is AGREE


# --- owners


OWNER_TABLE = [
    # l, r, bl, br, times, expected, what
    (ADA, HS_ADA, MISSING, MISSING, None, AGREE, "OW-01 the same person in both"),
    (ADA, HS_BOB, MISSING, MISSING, (EARLY, LATE), HS, "OW-03 an active Salesforce owner is honoured at first"),
    (LEFT, HS_BOB, MISSING, MISSING, (LATE, EARLY), SF, "OW-03 an inactive Salesforce owner is not"),
    (LEFT, HS_ONLY, MISSING, MISSING, None, HS, "OW-07 nor does an unknown HubSpot owner win"),
    (ADA, None, MISSING, MISSING, None, HS, "OW-04 the owner that Salesforce gave a new record comes back"),
    (QUEUE, HS_BOB, MISSING, MISSING, None, SF, "MK-23 a queue counts as unassigned"),
    (QUEUE, HS_ONLY, MISSING, MISSING, None, OFF, "OW-07 an unknown owner never fills Salesforce"),
    (QUEUE, None, MISSING, MISSING, None, AGREE, "MK-23 a queue and unassigned agree"),
    (BOB, HS_ADA, ADA, HS_ADA, None, HS, "OW-02 Salesforce changed"),
    (ADA, HS_BOB, ADA, HS_ADA, None, SF, "OW-02 HubSpot changed"),
    (BOB, HS_LEFT, ADA, HS_ADA, (EARLY, LATE), HS, "OW-07 an owner who is inactive in Salesforce does not go back"),
    (ADA, HS_ONLY, ADA, HS_ADA, None, HS, "OW-07 OwnerId resets to the last Salesforce value"),
    (ADA, None, ADA, HS_ADA, None, HS, "OW-04 Salesforce requires an owner"),
    (BOB, HS_ADA, ADA, HS_BOB, (LATE, EARLY), HS, "OW-03 later the most recent wins"),
    (BOB, HS_ADA, ADA, HS_BOB, (EARLY, LATE), SF, "OW-03 later the most recent wins, mirrored"),
    (NOBODY, HS_ADA, ADA, HS_ADA, None, HS, "OW-07 any Salesforce owner may flow to HubSpot"),
]


@pytest.mark.parametrize("rule", [rule for rule in Rule if rule is not Rule.dont_sync])
@pytest.mark.parametrize(
    ("l", "r", "bl", "br", "times", "expected"), [pytest.param(*c[:6], id=c[6]) for c in OWNER_TABLE]
)
def test_owners_are_two_way_whatever_their_rule(
    rule: Rule,
    l: str,  # noqa: E741
    r: str | None,
    bl: str,
    br: str,
    times: tuple[str, str] | None,
    expected: Verdict,
) -> None:
    owner = text_field("owner", rule, type=FieldType.OWNER)
    assert merge(owner, l, r, bl, br, times=times or (EARLY, EARLY)).verdict is expected


def test_owners_can_be_left_alone() -> None:
    owner = text_field("owner", Rule.dont_sync, type=FieldType.OWNER)
    assert merge(owner, BOB, HS_ADA, ADA, HS_ADA).verdict is OFF
    assert merge(owner, BOB, HS_ADA).verdict is OFF


def test_every_rule_has_a_winner_or_says_that_a_person_decides() -> None:
    undecided = {rule for rule in Rule if merge(text_field("title", rule), "b", "c", "a", "a").target is None}
    assert undecided == {Rule.hold, Rule.dont_sync}


# --- references


@pytest.mark.parametrize(
    ("l", "r", "bl", "br", "expected", "value"),
    [
        pytest.param("001A", "51", MISSING, MISSING, AGREE, None, id="both refer to the same pair"),
        pytest.param("001A", None, MISSING, MISSING, HS, "account-a", id="filled by the pair"),
        pytest.param("001X", None, MISSING, MISSING, V.waiting, None, id="the account is not paired yet"),
        pytest.param(None, "77", MISSING, MISSING, V.waiting, None, id="the company is not paired yet"),
        pytest.param("001A", "77", MISSING, MISSING, HS, "account-a", id="an unpaired loser need not be waited for"),
        pytest.param(None, "51", "001A", "51", HS, None, id="removed in Salesforce"),
        pytest.param("001X", "77", "001X", "77", REST, None, id="at rest"),
    ],
)
def test_references_are_fields_whose_value_is_a_pair(
    l: str | None,  # noqa: E741
    r: str | None,
    bl: str,
    br: str,
    expected: Verdict,
    value: str | None,
) -> None:
    found = merge(ACCOUNT, l, r, bl, br)
    assert found.verdict is expected, found.why
    if expected is HS:
        assert found.value == value
