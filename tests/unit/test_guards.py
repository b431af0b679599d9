"""Guards: each limit at its edge, and words that name the number, the limit and the setting."""

import pytest
from tests.unit.decisions import PEOPLE

from lockstep.guards import PlanCounts, check, count
from lockstep.mapping import Mapping
from lockstep.model import HUBSPOT, SALESFORCE, Action, Operation, OutcomeKind
from lockstep.plan import Planned
from lockstep.settings import Guards

LIMITS = Guards(
    max_deletes=100,
    max_delete_share=0.05,
    max_owner_changes=400,
    max_owner_change_share=0.3,
    max_blanked=300,
    max_blanked_share=0.2,
    max_changed_share=0.9,
    max_changes_after_mapping_change=200,
    ignore_below=50,
)


def counts(**more: object) -> PlanCounts:
    given = {"entity": "people", "system": HUBSPOT, "pairs_total": 1000, **more}
    return PlanCounts(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("guard", "field", "limit", "pairs"),
    [
        ("max_deletes", "deletes", 100, 10_000),
        ("max_delete_share", "deletes", 50, 1000),
        ("max_owner_changes", "owner_changes", 400, 10_000),
        ("max_owner_change_share", "owner_changes", 300, 1000),
        ("max_blanked", "blanked", 300, 1000),
        ("max_blanked_share", "blanked_records", 200, 1000),
        ("max_changed_share", "updates", 900, 1000),
    ],
)
def test_each_limit_at_its_edge(guard: str, field: str, limit: int, pairs: int) -> None:
    assert check([counts(**{field: limit, "pairs_total": pairs})], LIMITS) == []
    [tripped] = check([counts(**{field: limit + 1, "pairs_total": pairs})], LIMITS)
    assert tripped.guard == guard
    assert tripped.number > tripped.limit
    assert str(limit + 1) in tripped.message
    assert guard in tripped.message
    assert "people to HubSpot" in tripped.message
    assert tripped.override == "override_guards"


def test_shares_count_only_where_there_are_enough_pairs() -> None:
    assert check([counts(deletes=49, updates=49, pairs_total=49)], LIMITS) == []
    assert {one.guard for one in check([counts(deletes=50, pairs_total=50)], LIMITS)} == {"max_delete_share"}


def test_a_first_sync_trips_nothing() -> None:
    assert check([counts(creates=8000, updates=0, pairs_total=0)], LIMITS) == []


@pytest.mark.parametrize("empty", [SALESFORCE, HUBSPOT])
def test_a_side_that_was_not_empty_is_empty(empty: str) -> None:
    [tripped] = check([counts(updates=1, empty_sides=frozenset({empty}))], LIMITS)
    assert tripped.guard == "empty_side"
    assert "1000 are paired" in tripped.message


def test_an_empty_side_is_no_trouble_where_nothing_is_planned_or_paired() -> None:
    empty = frozenset({SALESFORCE, HUBSPOT})
    assert check([counts(empty_sides=empty)], LIMITS) == []
    assert check([counts(creates=9, pairs_total=0, empty_sides=empty)], LIMITS) == []


def test_a_changed_mapping_may_not_rewrite_much_unseen() -> None:
    assert check([counts(updates=201)], LIMITS) == []
    assert check([counts(updates=200, mapping_changed=True)], LIMITS) == []
    [tripped] = check([counts(updates=150, deletes=51, pairs_total=10_000, mapping_changed=True)], LIMITS)
    assert tripped.guard == "max_changes_after_mapping_change"
    assert "the mapping changed since the last run" in tripped.message


def test_all_trouble_is_told_at_once() -> None:
    bad = [counts(deletes=500), counts(system=SALESFORCE, owner_changes=999)]
    assert [one.guard for one in check(bad, LIMITS)] == [
        "max_deletes",
        "max_delete_share",
        "max_owner_changes",
        "max_owner_change_share",
    ]


def planned(action: Action, before: dict[str, str | None], after: dict[str, str | None], **more: object) -> Planned:
    given = {"before": before, "after": after, **more}
    return Planned("hubspot", "contacts", Operation.PUSH_UPDATES, action, "1", **given)  # type: ignore[arg-type]


def test_counting() -> None:
    mapping: Mapping = PEOPLE
    changes = [
        planned(Action.CREATE, {"email": None}, {"email": "a@x.org"}),
        planned(Action.DELETE, {"email": "a@x.org"}, {}),
        planned(Action.UPDATE, {"hubspot_owner_id": "1"}, {"hubspot_owner_id": "2"}),
        planned(Action.UPDATE, {"hubspot_owner_id": None}, {"hubspot_owner_id": "2"}),
        planned(Action.UPDATE, {"city": "Oslo", "lastname": "Moe"}, {"city": None, "lastname": None}),
        planned(Action.UPDATE, {"city": "Oslo"}, {"city": None}, outcome=OutcomeKind.SKIPPED),
        planned(Action.NONE, {}, {}, outcome=OutcomeKind.HELD),
    ]
    assert count(mapping, "hubspot", changes) == {
        "creates": 1,
        "updates": 3,
        "deletes": 1,
        "owner_changes": 1,
        "blanked": 2,
        "blanked_records": 1,
    }
    assert count(mapping, "salesforce", changes)["creates"] == 0
