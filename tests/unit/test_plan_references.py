"""References of linked pairs: written when both ends are paired, waited for until then."""

import pytest
from tests.unit.decisions import ACCOUNT, OWNERS, PEOPLE, contact, context, gone, hubspot, pair, unit

from lockstep.mapping import Rule
from lockstep.model import Operation, OutcomeKind, PairState
from lockstep.plan import Unit, UnitPlan, Wait, plan_references, plan_unit
from lockstep.values import ValueContext

COMPANY = "association:companies/primary"


def plan(sf: str | None, hs: str | None, **bases: dict[str, str | None]) -> UnitPlan:
    rows = contact(LastName="Lie", AccountId=sf), hubspot(**{"lastname": "Moe", COMPANY: hs})
    return plan_references(unit(*rows, **{"sf_base": {}, "hs_base": {}, **bases}), PEOPLE, context())


def test_only_references_are_written() -> None:
    [change] = plan("001A", None).changes
    assert (change.system, change.operation, change.record_id) == ("hubspot", Operation.UPDATE_FKS, "101")
    assert (change.before, change.after, change.source) == ({COMPANY: None}, {COMPANY: "51"}, {"AccountId": "001A"})


def test_the_mirror_image_writes_the_lookup() -> None:
    [change] = plan(None, "51").changes
    assert (change.system, change.after) == ("salesforce", {"AccountId": "001A"})


def test_both_ends_of_the_same_pair_agree() -> None:
    found = plan("001A", "51")
    assert found.changes == ()
    assert found.pair is not None
    assert (found.pair.sf_base, found.pair.hs_base) == ({"AccountId": "001A"}, {COMPANY: "51"})


@pytest.mark.parametrize(
    ("sf", "hs", "wait", "target"),
    [
        ("001X", None, Wait("account", "salesforce", "Account", "001X"), "hubspot"),
        (None, "77", Wait("account", "hubspot", "companies", "77"), "salesforce"),
        pytest.param(
            "001B", None, Wait("account", "salesforce", "Account", "001B"), "hubspot", id="paired, not there yet"
        ),
    ],
)
def test_what_is_not_paired_yet_is_waited_for(sf: str | None, hs: str | None, wait: Wait, target: str) -> None:
    found = plan(sf, hs)
    assert found.waits == (wait,)
    [change] = found.changes
    assert (change.system, change.outcome, change.code) == (target, OutcomeKind.DEFERRED, "waiting_for_reference")
    assert not found.references_due, "the waits wake the pair"


def test_a_removed_reference_is_removed_on_the_other_side() -> None:
    [change] = plan(None, "51", sf_base={"AccountId": "001A"}, hs_base={COMPANY: "51"}).changes
    assert (change.system, change.after, change.before) == ("hubspot", {COMPANY: None}, {COMPANY: "51"})


def test_an_association_that_was_not_read_is_read_first() -> None:
    linked = unit(contact(AccountId="001A"), hubspot(lastname="Moe"), sf_base={}, hs_base={})
    found = plan_references(linked, PEOPLE, context())
    assert (found.changes, found.unread, found.references_due) == ((), (("hubspot", COMPANY),), True)


def test_only_linked_live_pairs_have_references() -> None:
    sf, hs = contact(AccountId="001A"), hubspot(**{COMPANY: None})
    held = pair(sf, hs, sf_base={}, hs_base={}, state=PairState.HELD)
    for one in (Unit(held, sf, hs), Unit(None, sf, hs), unit(sf, gone(hs)), unit(gone(sf), hs)):
        assert plan_references(one, PEOPLE, context()) == UnitPlan(one.pair)


def test_plan_unit_leaves_references_and_says_that_they_are_due() -> None:
    linked = unit(contact(AccountId="001A"), hubspot(**{COMPANY: None}), sf_base={}, hs_base={})
    found = plan_unit(linked, PEOPLE, context())
    assert (found.changes, found.references_due) == ((), True)
    rested = unit(contact(AccountId="001A"), hubspot(**{COMPANY: "51"}))
    assert not plan_unit(rested, PEOPLE, context()).references_due
    waiting = unit(contact(AccountId="001X"), hubspot(**{COMPANY: None}), sf_base={}, hs_base={})
    assert plan_unit(waiting, PEOPLE, context()).references_due


def test_the_rule_of_a_reference_is_a_rule_like_any_other() -> None:
    assert ACCOUNT.rule is Rule.prefer_salesforce_unless_blank
    bases = {"sf_base": {"AccountId": "001A"}, "hs_base": {COMPANY: "51"}}
    [change] = plan("001A", "77", **bases).changes
    assert (change.system, change.after, change.lost) == ("hubspot", {COMPANY: "51"}, {COMPANY: "77"})


def test_nothing_resolves_without_pairs() -> None:
    linked = unit(contact(AccountId="001A"), hubspot(**{COMPANY: "51"}), sf_base={}, hs_base={})
    found = plan_references(linked, PEOPLE, context(values=ValueContext(OWNERS)))
    assert found.waits == (Wait("account", "salesforce", "Account", "001A"),)
