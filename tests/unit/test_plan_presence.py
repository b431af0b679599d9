"""The presence table: who is here, who is gone, and what is planned. Each test is one of its rows."""

from dataclasses import replace

import pytest
from tests.unit.decisions import (
    NOW,
    PEOPLE,
    contact,
    context,
    gone,
    hubspot,
    lead,
    outcomes,
    pair,
    people,
    text_field,
    unit,
)

from lockstep.decisions import Decision, DecisionKind
from lockstep.mapping import DeleteRule, FieldType, Rule
from lockstep.match import Ambiguous, Holder
from lockstep.model import Action, Gone, MirrorRow, Operation, OutcomeKind, PairState
from lockstep.plan import PairReason, Unit, plan_ambiguous, plan_unit

SF = {"Email": "a@x.org", "LastName": "Moe", "MailingCity": "Oslo"}
HS = {"email": "a@x.org", "lastname": "Moe", "city": "Oslo"}
C, H = contact(**SF), hubspot(**HS)
EDITED_C, EDITED_H = contact(**SF | {"LastName": "Lie"}), hubspot(**HS | {"lastname": "Lie"})

DELETES_BOTH = people(delete={"salesforce": DeleteRule.delete, "hubspot": DeleteRule.delete})


def test_here_here_paired_merges_the_fields() -> None:
    plan = plan_unit(unit(EDITED_C, H, sf_base=SF), PEOPLE, context())
    [change] = plan.changes
    assert (change.system, change.object, change.operation) == ("hubspot", "contacts", Operation.PUSH_UPDATES)
    assert (change.action, change.record_id) == (Action.UPDATE, "101")
    assert (change.before, change.after, change.source) == (
        {"lastname": "Moe"},
        {"lastname": "Lie"},
        {"LastName": "Lie"},
    )
    assert change.why == {"lastname": "two_way: only Salesforce changed"}
    assert change.outcome is None
    assert plan.pair is not None
    assert plan.pair.sf_base["LastName"] == "Moe", "the base moves only when the write is confirmed"


def test_here_here_with_nothing_to_do_plans_nothing() -> None:
    linked = unit(C, H)
    plan = plan_unit(linked, PEOPLE, context())
    assert plan.changes == ()
    assert plan.pair is linked.pair


def test_agreement_moves_both_bases_at_once() -> None:
    plan = plan_unit(unit(EDITED_C, EDITED_H, sf_base=SF, hs_base=HS), PEOPLE, context())
    assert plan.changes == ()
    assert plan.pair is not None
    assert (plan.pair.sf_base["LastName"], plan.pair.hs_base["lastname"]) == ("Lie", "Lie")
    assert plan.pair.agreed_at == NOW


def test_here_here_unpaired_are_paired_and_merged_with_missing_bases() -> None:
    sf, hs = (
        contact(Email="a@x.org", LastName="Moe", MailingCity=None),
        hubspot(email="a@x.org", lastname="Lie", city="Oslo"),
    )
    plan = plan_unit(Unit(None, sf, hs), PEOPLE, context())
    assert plan.pair is not None
    assert (plan.pair.id, plan.pair.state) == ("new1", PairState.LINKED)
    assert (plan.pair.sf_object, plan.pair.sf_id, plan.pair.hs_id) == ("Contact", "003C", "101")
    assert (plan.pair.sf_base, plan.pair.hs_base) == ({"Email": "a@x.org"}, {"email": "a@x.org"})
    to_sf, to_hs = plan.changes
    assert (to_sf.system, to_sf.after) == ("salesforce", {"MailingCity": "Oslo"})
    assert (to_hs.system, to_hs.after, to_hs.lost) == ("hubspot", {"lastname": "Moe"}, {"lastname": "Lie"})


def test_several_matches_are_held_naming_the_candidates() -> None:
    found = Ambiguous(H, "email", (Holder(C), Holder(lead(**SF), "p9")))
    [change] = plan_ambiguous(found, PEOPLE).changes
    assert (change.outcome, change.code, change.system) == (OutcomeKind.HELD, "ambiguous_match", "salesforce")
    assert change.detail["record"] == {"system": "hubspot", "object": "contacts", "id": "101"}
    assert change.detail["candidates"] == [
        {"system": "salesforce", "object": "Contact", "id": "003C", "pair": None},
        {"system": "salesforce", "object": "Lead", "id": "00QL", "pair": "p9"},
    ]


@pytest.mark.parametrize("one", [C, H], ids=["Salesforce", "HubSpot"])
def test_here_alone_is_created_on_the_other_side(one: MirrorRow) -> None:
    alone = Unit(None, one, None) if one is C else Unit(None, None, one)
    [change] = plan_unit(alone, PEOPLE, context()).changes
    assert (change.action, change.operation) == (Action.CREATE, Operation.PUSH_NEW)
    assert (change.system, change.object) == (("hubspot", "contacts") if one is C else ("salesforce", "Lead"))


# --- deletes


@pytest.mark.parametrize(
    ("rule", "expected", "state", "reason"),
    [
        (DeleteRule.delete, ("hubspot", "delete", None), PairState.LINKED, None),
        (DeleteRule.keep, ("hubspot", "skipped", "delete_off"), PairState.CLOSED, PairReason.KEPT),
        (DeleteRule.hold, ("hubspot", "held", "partner_deleted"), PairState.HELD, PairReason.PARTNER_DELETED),
    ],
)
def test_gone_and_unchanged_follows_the_delete_rule(
    rule: DeleteRule, expected: tuple[str, str, str | None], state: PairState, reason: str | None
) -> None:
    mapping = people(delete={"salesforce": rule})
    plan = plan_unit(unit(gone(C), H), mapping, context())
    assert outcomes(plan) == [expected]
    assert plan.changes[0].operation is Operation.PUSH_DELETES
    assert plan.pair is not None
    assert (plan.pair.state, plan.pair.reason) == (state, reason)


def test_a_delete_carries_the_before_image() -> None:
    [change] = plan_unit(unit(gone(C), H), PEOPLE, context()).changes
    assert (change.record_id, change.before, change.after) == ("101", HS, {})


def test_the_mirror_image_deletes_in_salesforce() -> None:
    assert outcomes(plan_unit(unit(C, gone(H)), DELETES_BOTH, context())) == [("salesforce", "delete", None)]


def test_a_delete_in_hubspot_never_deletes_in_salesforce_by_default() -> None:
    assert outcomes(plan_unit(unit(C, gone(H)), people(delete={}), context())) == [
        ("salesforce", "skipped", "delete_off")
    ]


@pytest.mark.parametrize(("sf", "hs"), [(gone(C), EDITED_H), (EDITED_C, gone(H))])
def test_an_edit_survives_a_delete(sf: MirrorRow, hs: MirrorRow) -> None:
    edited = unit(sf, hs, sf_base=SF, hs_base=HS)
    live = "hubspot" if hs.live else "salesforce"
    held = plan_unit(edited, DELETES_BOTH, context())
    assert outcomes(held) == [(live, "held", "edited_and_deleted")]
    assert held.pair is not None
    assert (held.pair.state, held.pair.reason) == (PairState.HELD, "edited_and_deleted")

    again = plan_unit(edited, replace(DELETES_BOTH, edited_and_deleted="recreate"), context())
    [change] = again.changes
    assert (change.action, change.system) == (Action.CREATE, "salesforce" if live == "hubspot" else "hubspot")
    assert again.pair is not None
    assert (again.pair.state, again.pair.external_id) == (PairState.CREATING, "p1.1")
    assert again.pair.record_id(change.system) is None


def test_an_edit_that_may_not_win_does_not_survive() -> None:
    # MailingCity prefers Salesforce: HubSpot's own city counts for nothing while Salesforce had one
    sf, hs = gone(C), hubspot(**HS | {"city": "Bergen"})
    assert outcomes(plan_unit(unit(sf, hs, hs_base=HS), PEOPLE, context())) == [("hubspot", "delete", None)]


def test_a_link_that_vanished_is_no_edit() -> None:
    values = HS | {"association:companies/primary": None}
    base = HS | {"association:companies/primary": "51"}
    found = plan_unit(unit(gone(C), hubspot(**values), hs_base=base), PEOPLE, context())
    assert outcomes(found) == [("hubspot", "delete", None)]


def test_judged_once_a_held_delete_stays_as_it_was_judged() -> None:
    held = pair(gone(C), EDITED_H, sf_base=SF, hs_base=HS, state=PairState.HELD, reason="partner_deleted")
    assert outcomes(plan_unit(Unit(held, gone(C), EDITED_H), PEOPLE, context())) == [
        ("hubspot", "held", "partner_deleted")
    ]


def test_a_held_pair_whose_record_is_restored_goes_on() -> None:
    held = pair(C, H, state=PairState.HELD, reason="partner_deleted")
    plan = plan_unit(Unit(held, C, H), PEOPLE, context())
    assert plan.changes == ()
    assert plan.pair == replace(held, state=PairState.LINKED, reason=None)


def test_an_erased_person_is_never_created_again() -> None:
    mapping = people(edited_and_deleted="recreate")
    erased = gone(H, Gone.ERASED)
    assert outcomes(plan_unit(unit(EDITED_C, erased, sf_base=SF), mapping, context())) == [
        ("salesforce", "held", "edited_and_deleted")
    ]
    closed = pair(C, erased, state=PairState.CLOSED, reason="deleted")
    assert plan_unit(Unit(closed, C, erased), mapping, context()).changes == ()


def test_gone_gone_closes_the_pair() -> None:
    plan = plan_unit(unit(gone(C), gone(H)), PEOPLE, context())
    assert plan.changes == ()
    assert plan.pair is not None
    assert (plan.pair.state, plan.pair.reason) == (PairState.CLOSED, "both_gone")


def test_came_and_went_unpaired_is_nothing() -> None:
    assert plan_unit(Unit(None, gone(C), None), PEOPLE, context()).changes == ()


# --- undelete


@pytest.mark.parametrize("reason", ["deleted", "both_gone"])
@pytest.mark.parametrize("back", ["salesforce", "hubspot"])
def test_undeleted_reopens_the_pair_with_a_new_partner(reason: str, back: str) -> None:
    sf, hs = (C, gone(H)) if back == "salesforce" else (gone(C), H)
    closed = pair(sf, hs, state=PairState.CLOSED, reason=reason)
    plan = plan_unit(Unit(closed, sf, hs), PEOPLE, context())
    [change] = plan.changes
    assert change.action is Action.CREATE
    assert change.object == ("contacts" if back == "salesforce" else "Contact")
    assert plan.pair is not None
    assert (plan.pair.id, plan.pair.generation, plan.pair.state) == ("p1", 1, PairState.CREATING)


def test_undeleted_partner_of_a_kept_record_is_linked_again() -> None:
    closed = pair(C, EDITED_H, hs_base=HS, state=PairState.CLOSED, reason="kept")
    plan = plan_unit(Unit(closed, C, EDITED_H), PEOPLE, context())
    assert outcomes(plan) == [("salesforce", "update", None)]
    assert plan.pair is not None
    assert (plan.pair.state, plan.pair.reason) == (PairState.LINKED, None)


@pytest.mark.parametrize(
    ("sf", "hs", "reason"),
    [
        pytest.param(gone(C), EDITED_H, "kept", id="a kept record may be edited freely"),
        pytest.param(C, H, "merged", id="merged pairs stay closed"),
        pytest.param(gone(C), gone(H), "deleted", id="both stay gone"),
    ],
)
def test_closed_pairs_rest(sf: MirrorRow, hs: MirrorRow, reason: str) -> None:
    closed = pair(sf, hs, sf_base=SF, hs_base=HS, state=PairState.CLOSED, reason=reason)
    plan = plan_unit(Unit(closed, sf, hs), PEOPLE, context())
    assert plan.changes == ()
    assert plan.pair is closed


# --- what is not known


def test_absence_is_not_deletion() -> None:
    plan = plan_unit(Unit(pair(C, H), None, H), PEOPLE, context())
    assert outcomes(plan) == [("hubspot", "deferred", "waiting_for_coverage")]


def test_an_unconfirmed_pair_is_not_planned() -> None:
    lost = pair(EDITED_C, H, sf_base=SF, state=PairState.UNCONFIRMED)
    assert outcomes(plan_unit(Unit(lost, EDITED_C, H), PEOPLE, context())) == [("hubspot", "deferred", "unconfirmed")]


@pytest.mark.parametrize(
    "one",
    [Unit(None, C, None), Unit(None, None, H), Unit(None, C, H), unit(gone(C), H)],
    ids=["create in HubSpot", "create in Salesforce", "pairing", "delete"],
)
def test_without_coverage_nothing_is_created_paired_or_deleted(one: Unit) -> None:
    plan = plan_unit(one, PEOPLE, context(covered=False))
    assert [(change.outcome, change.code) for change in plan.changes] == [
        (OutcomeKind.DEFERRED, "waiting_for_coverage")
    ]
    assert plan.pair is one.pair


def test_without_coverage_linked_pairs_still_merge() -> None:
    plan = plan_unit(unit(EDITED_C, H, sf_base=SF), PEOPLE, context(covered=False))
    assert outcomes(plan) == [("hubspot", "update", None)]


def test_a_create_tried_before_is_found_and_linked() -> None:
    creating = pair(C, None, sf_base={}, hs_base={}, state=PairState.CREATING)
    plan = plan_unit(Unit(creating, C, H), PEOPLE, context())
    assert plan.pair is not None
    assert (plan.pair.state, plan.pair.hs_id, plan.changes) == (PairState.LINKED, "101", ())


def test_a_create_tried_before_is_tried_again_under_the_same_id() -> None:
    creating = pair(C, None, sf_base={}, hs_base={}, state=PairState.CREATING)
    plan = plan_unit(Unit(creating, C, None), PEOPLE, context())
    assert outcomes(plan) == [("hubspot", "create", None)]
    assert plan.pair == creating


# --- fields within a merge


def test_a_clash_is_held_beside_the_other_fields() -> None:
    held = replace(PEOPLE.by_name["lastname"], rule=Rule.hold)
    mapping = people(held, PEOPLE.by_name["city"])
    sf, hs = contact(LastName="Lie", MailingCity="Rome"), hubspot(lastname="Dal", city="Oslo")
    linked = unit(
        sf, hs, sf_base={"LastName": "Moe", "MailingCity": "Oslo"}, hs_base={"lastname": "Moe", "city": "Oslo"}
    )
    plan = plan_unit(linked, mapping, context())
    assert outcomes(plan) == [("hubspot", "update", None), ("hubspot", "held", "clash")]
    write, clash = plan.changes
    assert write.after == {"city": "Rome"}
    assert (clash.before, clash.source, clash.after) == ({"lastname": "Dal"}, {"LastName": "Lie"}, {})
    assert clash.detail["fields"][0]["field"] == "lastname"
    assert clash.fields_failed == 0, "the held record counts, not its field"
    assert plan.pair is not None
    assert plan.pair.state is PairState.LINKED


SCORE = text_field("score", Rule.two_way, type=FieldType.NUMBER, sums=True)


@pytest.mark.parametrize(
    ("sf", "hs", "written"),
    [
        ("20", "10", {"salesforce": {"Score": "30"}, "hubspot": {"score": "30"}}),
        ("30", "10", {"hubspot": {"score": "30"}}),
        ("20", "30", {"salesforce": {"Score": "30"}}),
        ("20", "20", {"salesforce": {"Score": "30"}, "hubspot": {"score": "30"}}),
        ("30", "30", {}),
    ],
)
def test_a_sum_of_merged_records_is_written_until_both_sides_hold_it(
    sf: str, hs: str, written: dict[str, dict[str, str]]
) -> None:
    """MK-18: whatever moved, and whichever of the two writes failed before."""
    total = Decision(DecisionKind.CHOOSE, "people.yaml", NOW, pair_id="p1", field="score", choice="value", value="30")
    linked = unit(contact(Score=sf), hubspot(score=hs), sf_base={"Score": "10"}, hs_base={"score": hs})
    plan = plan_unit(linked, people(SCORE), context(choices={("p1", "score"): total}))
    assert {change.system: change.after for change in plan.changes} == written


def test_a_score_that_somebody_edits_after_the_merge_is_an_edit() -> None:
    total = Decision(DecisionKind.CHOOSE, "people.yaml", NOW, pair_id="p1", field="score", choice="value", value="30")
    edited = replace(contact(Score="31"), moved={"Score": "2026-04-01T00:00:00.000Z"})
    linked = unit(edited, hubspot(score="30"), sf_base={"Score": "30"}, hs_base={"score": "30"})
    plan = plan_unit(linked, people(SCORE), context(choices={("p1", "score"): total}))
    assert [(change.system, change.after) for change in plan.changes] == [("hubspot", {"score": "31"})]


def test_a_value_without_counterpart_is_left_out_and_listed() -> None:
    sf = contact(**SF, Source="Trade Show")
    linked = unit(sf, hubspot(**HS, source="WEB"), sf_base=SF | {"Source": "Web"})
    [change] = plan_unit(linked, PEOPLE, context()).changes
    assert (change.outcome, change.code, change.after) == (OutcomeKind.SKIPPED, "picklist_value", {})
    assert [(one["field"], one["code"]) for one in change.detail["fields"]] == [("source", "picklist_value")]
    assert change.fields_failed == 1


def test_the_rest_of_the_record_syncs_beside_a_bad_field() -> None:
    sf = contact(**SF | {"LastName": "Lie"}, Source="Trade Show")
    linked = unit(sf, hubspot(**HS, source="WEB"), sf_base=SF | {"Source": "Web"})
    [change] = plan_unit(linked, PEOPLE, context()).changes
    assert (change.outcome, change.after) == (None, {"lastname": "Lie"})
    assert change.detail["fields"][0]["code"] == "picklist_value"


def test_salesforce_never_loses_a_required_value() -> None:
    hs = hubspot(**HS | {"lastname": None})
    [change] = plan_unit(unit(C, hs, hs_base=HS), PEOPLE, context()).changes
    assert (change.system, change.outcome, change.code) == ("salesforce", OutcomeKind.SKIPPED, "required_empty")


def test_updates_can_be_off() -> None:
    mapping = people(update={"hubspot": False})
    [change] = plan_unit(unit(EDITED_C, H, sf_base=SF), mapping, context()).changes
    assert (change.outcome, change.code, change.after) == (OutcomeKind.SKIPPED, "update_off", {"lastname": "Lie"})


def test_unknown_fields_are_named_so_that_they_can_be_read() -> None:
    hs = hubspot(email="a@x.org", lastname="Moe")
    plan = plan_unit(unit(C, hs, hs_base=HS), PEOPLE, context())
    assert ("hubspot", "city") in plan.unread
    assert plan.changes == ()


def test_what_the_target_already_spells_so_is_agreement() -> None:
    # a Salesforce checkbox knows no blank: HubSpot's blank would be sent as the "false" that stands there already
    flag = text_field("flag", Rule.two_way, type=FieldType.BOOLEAN)
    linked = unit(contact(Flag="false"), hubspot(flag=None), hs_base={"flag": "false"})
    plan = plan_unit(linked, people(flag), context())
    assert plan.changes == ()
    assert plan.pair is not None
    assert (plan.pair.sf_base, plan.pair.hs_base) == ({"Flag": "false"}, {"flag": None})


# --- merged and converted records


def test_merged_away_re_points_the_pair_to_the_survivor_along_the_chain() -> None:
    middle, survivor = contact("003M", **SF), contact("003S", **SF | {"LastName": "Lie"})
    rows = {"003M": gone(middle, Gone.MERGED, "003S"), "003S": survivor}
    merged = unit(gone(C, Gone.MERGED, "003M"), H)
    plan = plan_unit(merged, PEOPLE, context(row_of=lambda system, object, id: rows.get(id)))
    assert plan.pair is not None
    assert (plan.pair.id, plan.pair.sf_id, plan.pair.state) == ("p1", "003S", PairState.LINKED)
    to_sf, to_hs = plan.changes
    assert (to_sf.record_id, to_sf.after) == ("003S", {"Lockstep_Id__c": "p1"})
    assert (to_hs.record_id, to_hs.after) == ("101", {"lastname": "Lie"})


def test_merged_in_hubspot_re_points_the_pair() -> None:
    survivor = hubspot("102", **HS, lockstep_id="p1")
    plan = plan_unit(unit(C, gone(H, Gone.MERGED, "102")), PEOPLE, context(row_of=lambda system, object, id: survivor))
    assert plan.pair is not None
    assert (plan.pair.hs_id, plan.changes) == ("102", ())


def test_a_converted_lead_becomes_its_contact_with_base_and_history() -> None:
    old = lead(Email="a@x.org", LastName="Moe", City="Oslo", Company="Acme")
    new = contact("003N", **SF, Lockstep_Id__c=None)
    converted = unit(gone(old, Gone.CONVERTED, "003N", "Contact"), hubspot(**HS, company="Acme"))
    plan = plan_unit(converted, PEOPLE, context(row_of=lambda system, object, id: new))
    assert plan.pair is not None
    assert (plan.pair.sf_object, plan.pair.sf_id) == ("Contact", "003N")
    assert plan.pair.sf_base == SF
    [change] = plan.changes
    assert (change.system, change.object, change.after) == ("salesforce", "Contact", {"Lockstep_Id__c": "p1"})


def test_a_survivor_with_a_partner_of_its_own_closes_this_pair_and_holds_the_partner() -> None:
    survivor, other = contact("003S", **SF), hubspot("202", **HS)
    rival = replace(pair(survivor, other), id="p2")
    plan = plan_unit(
        unit(gone(C, Gone.MERGED, "003S"), H),
        PEOPLE,
        context(row_of=lambda *_: survivor, pair_of=lambda system, object, id: rival if id == "003S" else None),
    )
    assert plan.pair is not None
    assert (plan.pair.state, plan.pair.reason) == (PairState.CLOSED, "merged")
    assert outcomes(plan) == [("hubspot", "held", "merged_into_paired")]
    assert plan.changes[0].record_id == "101"
    assert plan.changes[0].detail["candidates"] == [
        {"system": "hubspot", "object": "contacts", "id": "202", "pair": "p2"}
    ]


def test_partners_merged_on_both_sides_simply_close() -> None:
    rows = {"003S": contact("003S", **SF), "202": hubspot("202", **HS)}
    rival = replace(pair(rows["003S"], rows["202"]), id="p2")
    both = unit(gone(C, Gone.MERGED, "003S"), gone(H, Gone.MERGED, "202"))
    plan = plan_unit(both, PEOPLE, context(row_of=lambda s, o, id: rows[id], pair_of=lambda *_: rival))
    assert plan.changes == ()
    assert plan.pair is not None
    assert plan.pair.reason == "merged"


def test_a_survivor_that_was_deleted_is_a_delete() -> None:
    survivor = gone(contact("003S", **SF))
    merged = unit(gone(C, Gone.MERGED, "003S"), H)
    assert outcomes(plan_unit(merged, PEOPLE, context(row_of=lambda *_: survivor))) == [("hubspot", "delete", None)]


@pytest.mark.parametrize("kind", [Gone.MERGED, Gone.CONVERTED])
@pytest.mark.parametrize("into", ["003S", None])
def test_a_survivor_that_was_not_read_is_waited_for(kind: Gone, into: str | None) -> None:
    merged = unit(gone(C, kind, into), H)
    assert outcomes(plan_unit(merged, PEOPLE, context())) == [("hubspot", "deferred", "waiting_for_coverage")]


def test_a_chain_that_bites_its_tail_ends() -> None:
    rows = {"003S": gone(contact("003S"), Gone.MERGED, "003C"), "003C": gone(C, Gone.MERGED, "003S")}
    plan = plan_unit(unit(rows["003C"], H), PEOPLE, context(row_of=lambda s, o, id: rows[id]))
    assert outcomes(plan) == [("hubspot", "deferred", "waiting_for_coverage")]


def test_converted_out_of_the_mapping_closes_the_pair() -> None:
    only_leads = people(sf_objects=("Lead",))
    converted = unit(gone(lead(**SF), Gone.CONVERTED, "003N", "Contact"), H)
    plan = plan_unit(converted, only_leads, context())
    assert outcomes(plan) == [("hubspot", "skipped", "lead_converted")]
    assert plan.pair is not None
    assert (plan.pair.state, plan.pair.reason) == (PairState.CLOSED, "converted")
