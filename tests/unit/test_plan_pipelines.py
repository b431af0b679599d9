"""Deals in pipelines that nobody named: their sync rests, with the reason, and goes on when they are back (HS-18)."""

from dataclasses import replace

import pytest
from tests.unit.decisions import ACCOUNTS, EARLY, NOW, context

from lockstep.mapping import FieldMapping, FieldType, Mapping, Rule
from lockstep.mapping.definition import Pipelines
from lockstep.mapping.pipelines import RECORD_TYPE
from lockstep.model import HUBSPOT, SALESFORCE, Action, MirrorRow, OutcomeKind, Pair, PairState, Values
from lockstep.plan import Unit, plan_references, plan_unit

TYPES = {"default": ("Direct",), "77": ("Partner",)}
STAGES = {"Direct": {"Open": "open", "Won": "won"}, "Partner": {"Open": "771", "Won": "772"}}
DEALS = replace(
    ACCOUNTS,
    entity="deals",
    sf_objects=("Opportunity",),
    hs_object="deals",
    match=(),
    create={SALESFORCE: "Opportunity", HUBSPOT: "deals"},
    update={SALESFORCE: True, HUBSPOT: True},
    pipelines=Pipelines("pipeline", RECORD_TYPE, TYPES),
    fields=(
        FieldMapping(
            "pipeline", {"Opportunity": RECORD_TYPE}, "pipeline", FieldType.PICKLIST, Rule.two_way,
            values={kind: name for name, kinds in TYPES.items() for kind in kinds},
        ),
        FieldMapping(
            "stage", {"Opportunity": "StageName"}, "dealstage", FieldType.PICKLIST, Rule.two_way,
            stages=STAGES, record_type=RECORD_TYPE,
        ),
    ),
)  # fmt: skip


def row(system: str, values: Values) -> MirrorRow:
    object = "Opportunity" if system == SALESFORCE else "deals"
    return MirrorRow(system, object, system, EARLY, NOW, values, b"")


def sf(kind: str | None, stage: str) -> MirrorRow:
    return row(SALESFORCE, {RECORD_TYPE: kind, "StageName": stage, "Lockstep_Id__c": "p"})


def hs(pipeline: str, stage: str) -> MirrorRow:
    return row(HUBSPOT, {"pipeline": pipeline, "dealstage": stage, "lockstep_id": "p"})


PAIR = Pair(
    "p", "deals", "Opportunity", "deals", SALESFORCE, HUBSPOT,
    {RECORD_TYPE: "Direct", "StageName": "Open"}, {"pipeline": "default", "dealstage": "open"}, PairState.LINKED,
)  # fmt: skip


def planned(unit: Unit, mapping: Mapping = DEALS) -> list[tuple[str, Action, Values, str | None]]:
    return [(one.system, one.action, one.after, one.code) for one in plan_unit(unit, mapping, context()).changes]


def test_another_synced_pipeline_is_another_record_type_and_its_stage() -> None:
    moved = planned(Unit(PAIR, sf("Direct", "Open"), hs("77", "772")))
    assert moved == [(SALESFORCE, Action.UPDATE, {RECORD_TYPE: "Partner", "StageName": "Won"}, None)]


def test_another_record_type_is_another_pipeline_and_its_stage_though_the_stage_keeps_its_name() -> None:
    moved = planned(Unit(PAIR, sf("Partner", "Open"), hs("default", "open")))
    assert moved == [(HUBSPOT, Action.UPDATE, {"pipeline": "77", "dealstage": "771"}, None)]


@pytest.mark.parametrize(
    "unit",
    [
        Unit(PAIR, sf("Direct", "Won"), hs("recruiting", "x")),
        Unit(PAIR, sf("Internal", "Won"), hs("default", "open")),
        Unit(None, None, hs("recruiting", "x")),
        Unit(None, sf("Internal", "Open"), None),
        Unit(None, sf(None, "Open"), None),
    ],
)
def test_the_sync_of_a_record_elsewhere_rests_with_the_reason(unit: Unit) -> None:
    plan = plan_unit(unit, DEALS, context())
    assert plan.pair is unit.pair
    assert [(one.action, one.outcome, one.code) for one in plan.changes] == [
        (Action.NONE, OutcomeKind.SKIPPED, "pipeline_not_synced")
    ]
    assert plan_references(unit, DEALS, context()).changes == ()


def test_back_in_its_pipeline_both_sides_are_merged() -> None:
    back = planned(Unit(PAIR, sf("Direct", "Won"), hs("default", "open")))
    assert back == [(HUBSPOT, Action.UPDATE, {"dealstage": "won"}, None)]


def test_a_new_deal_gets_the_record_type_of_its_pipeline() -> None:
    ((_, action, after, _),) = planned(Unit(None, None, hs("77", "771")))
    assert action is Action.CREATE
    assert after == {RECORD_TYPE: "Partner", "StageName": "Open"}
