"""One unit by DESIGN's presence table: who is here, who is gone, and what the mapping wants done about it."""

from dataclasses import replace
from typing import assert_never

from lockstep.mapping import DeleteRule, FieldMapping, Mapping
from lockstep.match import Ambiguous
from lockstep.model import (
    HUBSPOT,
    SALESFORCE,
    Action,
    Gone,
    MirrorRow,
    Operation,
    OutcomeKind,
    Pair,
    PairState,
    other_side,
)
from lockstep.plan.creates import pair_object, plan_create, refusal
from lockstep.plan.inclusion import CODE as NOT_IN_SCOPE
from lockstep.plan.inclusion import excluded
from lockstep.plan.pipelines import CODE as PIPELINE_NOT_SYNCED
from lockstep.plan.pipelines import outside
from lockstep.plan.references import references_due
from lockstep.plan.survivors import Followed, follow
from lockstep.plan.unit import PairReason, PlanContext, Planned, Unit, UnitPlan
from lockstep.plan.writes import is_reference, merge_pair
from lockstep.policies import allows, create_object, delete_rule
from lockstep.values import canonical

#: closed for ever: the record carries on in another pair, or outside the mapping
_FINAL = frozenset({PairReason.MERGED, PairReason.CONVERTED})
_JUDGED = frozenset({PairReason.PARTNER_DELETED, PairReason.EDITED_AND_DELETED})


def plan_unit(unit: Unit, mapping: Mapping, context: PlanContext) -> UnitPlan:
    """What must happen to one pair or one unpaired record; references are left to `plan_references`.

    Plan the pairs of a chunk before its unpaired records, and leave out of the latter whatever a plan has just made a
    pair's record: the survivor of a merge, the contact of a converted lead. Otherwise such a record looks new.
    """
    pair = unit.pair
    stopped = outside(unit, mapping)
    if stopped and (pair is None or pair.state is not PairState.CLOSED):
        return _stop(stopped, pair, mapping)
    if pair is None:
        return _plan_unpaired(unit, mapping, context)
    if mapping.one_way and pair.state is PairState.LINKED:
        return UnitPlan(pair, (_note(pair, SALESFORCE, pair.sf_id, OutcomeKind.SKIPPED, "update_off"),))
    match pair.state:
        case PairState.UNCONFIRMED:
            return UnitPlan(pair, (_note(pair, HUBSPOT, pair.hs_id, OutcomeKind.DEFERRED, "unconfirmed"),))
        case PairState.CLOSED:
            return _plan_closed(pair, unit, mapping, context)
        case PairState.CREATING | PairState.LINKED | PairState.HELD:
            return _plan_open(follow(pair, unit, mapping, context), mapping, context)
        case _:
            assert_never(pair.state)


def plan_ambiguous(found: Ambiguous, mapping: Mapping) -> UnitPlan:
    """A record whose partner a person must choose: held, naming the candidates."""
    candidates = [
        {"system": one.row.system, "object": one.row.object, "id": one.row.id, "pair": one.pair_id}
        for one in found.candidates
    ]
    detail = {"key": found.key, "candidates": candidates}
    return UnitPlan(None, (refusal(found.row, mapping, OutcomeKind.HELD, found.code, detail),))


def _plan_unpaired(unit: Unit, mapping: Mapping, context: PlanContext) -> UnitPlan:
    here = [row for row in (unit.sf, unit.hs) if row is not None and row.live]
    if not here:
        # it came and went before it was ever paired
        return UnitPlan(None)
    if excluded(unit.hs, context):
        return UnitPlan(None, (refusal(here[-1], mapping, OutcomeKind.SKIPPED, NOT_IN_SCOPE),))
    if len(here) == 1:
        return plan_create(here[0], mapping, context)
    sf, hs = here
    if not context.covered:
        return UnitPlan(None, (refusal(hs, mapping, OutcomeKind.DEFERRED, "waiting_for_coverage"),))
    pair = Pair(context.new_pair_id(), mapping.entity, sf.object, hs.object, sf.id, hs.id, {}, {}, PairState.LINKED)
    return _merged(replace(unit, pair=pair), pair, mapping, context)


def _plan_closed(pair: Pair, unit: Unit, mapping: Mapping, context: PlanContext) -> UnitPlan:
    """A closed pair reopens when a record came back from the dead; otherwise it rests."""
    here = [row for row in (unit.sf, unit.hs) if row is not None and row.live]
    erased = any(row is not None and row.gone is Gone.ERASED for row in (unit.sf, unit.hs))
    if pair.reason in _FINAL or not here:
        return UnitPlan(pair)
    if len(here) == 2:
        return _merged(unit, replace(pair, state=PairState.LINKED, reason=None), mapping, context)
    if pair.reason in (PairReason.KEPT, PairReason.UNDONE) or erased:
        return UnitPlan(pair)
    return _recreate(pair, here[0], mapping, context)


def _plan_open(followed: Followed, mapping: Mapping, context: PlanContext) -> UnitPlan:
    unit, pair = followed.unit, followed.unit.pair
    assert pair is not None, "only pairs are followed"
    if followed.unread:
        return _wait_for_coverage(pair)
    if followed.rivals:
        return _close_merged(pair, unit, followed)
    if followed.outside:
        closed = replace(pair, state=PairState.CLOSED, reason=PairReason.CONVERTED)
        return UnitPlan(closed, (_note(pair, HUBSPOT, pair.hs_id, OutcomeKind.SKIPPED, "lead_converted"),))
    sf, hs = unit.sf, unit.hs
    if sf and hs:
        return _plan_both_known(pair, unit, sf, hs, followed.moved, mapping, context)
    known = sf or hs
    if known is None or pair.record_id(other_side(known.system)) is not None:
        # absence is not deletion: wait until the record has been read
        return _wait_for_coverage(pair)
    if known.live:
        return plan_create(known, mapping, context, pair)
    return UnitPlan(replace(pair, state=PairState.CLOSED, reason=PairReason.BOTH_GONE))


def _plan_both_known(
    pair: Pair, unit: Unit, sf: MirrorRow, hs: MirrorRow, moved: frozenset[str], mapping: Mapping, context: PlanContext
) -> UnitPlan:
    if excluded(hs, context):
        return UnitPlan(pair, (_note(pair, HUBSPOT, hs.id, OutcomeKind.SKIPPED, NOT_IN_SCOPE),))
    if sf.live and hs.live:
        joined = replace(pair, sf_object=sf.object, sf_id=sf.id, hs_id=hs.id)
        return _merged(unit, pair if joined == pair else joined, mapping, context, moved)
    if not sf.live and not hs.live:
        return UnitPlan(replace(pair, state=PairState.CLOSED, reason=PairReason.BOTH_GONE))
    live, gone = (sf, hs) if sf.live else (hs, sf)
    return _plan_gone(pair, live, gone, mapping, context)


def _plan_gone(pair: Pair, live: MirrorRow, gone: MirrorRow, mapping: Mapping, context: PlanContext) -> UnitPlan:
    """One side was deleted: an edit on the other survives, otherwise the mapping's delete rule decides."""
    if not context.covered:
        return _wait_for_coverage(pair)
    if pair.state is PairState.HELD and pair.reason in _JUDGED:
        return _plan_chosen(pair, live, gone, mapping, context) or _hold(pair, live, PairReason(pair.reason))
    if _edited(pair, live, mapping, context):
        recreates = mapping.edited_and_deleted == "recreate" and create_object(mapping, gone.system) is not None
        if recreates and gone.gone is not Gone.ERASED:
            return _recreate(pair, live, mapping, context)
        return _hold(pair, live, PairReason.EDITED_AND_DELETED)
    match delete_rule(mapping, gone.system):
        case DeleteRule.delete:
            return UnitPlan(pair, (_delete(live, mapping),))
        case DeleteRule.keep:
            return _keep(pair, live)
        case DeleteRule.hold:
            return _hold(pair, live, PairReason.PARTNER_DELETED)


def _plan_chosen(
    pair: Pair, live: MirrorRow, gone: MirrorRow, mapping: Mapping, context: PlanContext
) -> UnitPlan | None:
    """What a person chose for a deletion that was held; None: nothing yet."""
    choice = context.choices.get((pair.id, None))
    match choice.choice if choice else None:
        case "delete":
            return UnitPlan(pair, (_delete(live, mapping, f"{choice.mark}: the partner was deleted"),))  # type: ignore[union-attr]
        case "keep":
            return _keep(pair, live)
        case "recreate" if gone.gone is not Gone.ERASED:
            return _recreate(pair, live, mapping, context)
        case _:
            return None


def _edited(pair: Pair, live: MirrorRow, mapping: Mapping, context: PlanContext) -> bool:
    """True if the live side moved in a field whose rule lets it win against what the other side last held."""
    return any(_edit_wins(one, pair, live, context) for one in mapping.fields)


def _edit_wins(one: FieldMapping, pair: Pair, live: MirrorRow, context: PlanContext) -> bool:
    there = other_side(live.system)
    base, theirs = pair.base(live.system), pair.base(there)
    name, their_name = one.on(live.system, live.object), one.on(there, pair_object(pair, there) or "")
    if name is None or name not in live.values or name not in base:
        return False
    value = canonical(one, live.system, live.values[name], context.values, live.values)
    if value == canonical(one, live.system, base[name], context.values, base):
        return False
    if value is None and is_reference(one):
        # links vanish by themselves when the record at their other end is deleted
        return False
    other = canonical(one, there, theirs.get(their_name or ""), context.values, theirs)
    return allows(one, live.system, value, other is None, context.values)


def _merged(
    unit: Unit, pair: Pair, mapping: Mapping, context: PlanContext, moved: frozenset[str] = frozenset()
) -> UnitPlan:
    assert unit.sf is not None, "both rows are known"
    assert unit.hs is not None, "both rows are known"
    fields = [one for one in mapping.fields if not is_reference(one)]
    plan = merge_pair(pair, unit.sf, unit.hs, mapping, context, fields, Operation.PUSH_UPDATES, moved)
    return replace(plan, references_due=references_due(replace(unit, pair=plan.pair), mapping, context))


def _recreate(pair: Pair, live: MirrorRow, mapping: Mapping, context: PlanContext) -> UnitPlan:
    """A new generation of external id, so that the upsert cannot meet the dead record."""
    plan = plan_create(live, mapping, context, replace(pair, generation=pair.generation + 1))
    created = any(change.action is Action.CREATE for change in plan.changes)
    return plan if created else replace(plan, pair=pair)


def _delete(
    live: MirrorRow, mapping: Mapping, why: str = "the partner was deleted, and the mapping deletes with it"
) -> Planned:
    """`before` is the before-image: apply deletes only what still looks like it. Without references, which vanish when
    the records at their other ends are deleted in the same run."""
    names = [one.on(live.system, live.object) for one in mapping.fields if not is_reference(one)]
    before = {name: live.values[name] for name in names if name in live.values and name is not None}
    reasons = dict.fromkeys(before, why)
    return Planned(live.system, live.object, Operation.PUSH_DELETES, Action.DELETE, live.id, before, why=reasons)


def _keep(pair: Pair, live: MirrorRow) -> UnitPlan:
    closed = replace(pair, state=PairState.CLOSED, reason=PairReason.KEPT)
    return UnitPlan(closed, (_note(pair, live.system, live.id, OutcomeKind.SKIPPED, "delete_off"),))


def _hold(pair: Pair, live: MirrorRow, reason: PairReason) -> UnitPlan:
    held = replace(pair, state=PairState.HELD, reason=reason)
    return UnitPlan(held, (_note(pair, live.system, live.id, OutcomeKind.HELD, reason.value),))


def _close_merged(pair: Pair, unit: Unit, followed: Followed) -> UnitPlan:
    """The survivor has a partner of its own. Unless that absorbed our partner too, a person must merge the partners."""
    closed = replace(pair, state=PairState.CLOSED, reason=PairReason.MERGED)
    rivals = dict(followed.rivals)
    merged_both = len(rivals) == 2 and rivals[SALESFORCE].id == rivals[HUBSPOT].id
    left = next((row for row in (unit.sf, unit.hs) if row is not None and row.live), None)
    if merged_both or left is None:
        return UnitPlan(closed)
    rival = followed.rivals[0][1]
    survivor = {"system": HUBSPOT, "object": rival.hs_object, "id": rival.hs_id, "pair": rival.id}
    if left.system == SALESFORCE:
        survivor = {"system": SALESFORCE, "object": rival.sf_object, "id": rival.sf_id, "pair": rival.id}
    note = _note(pair, left.system, left.id, OutcomeKind.HELD, "merged_into_paired")
    return UnitPlan(closed, (replace(note, detail={"candidates": [survivor]}),))


def _stop(row: MirrorRow, pair: Pair | None, mapping: Mapping) -> UnitPlan:
    """The pair stays as it is: when the record is back in a pipeline that is synced, both sides are merged by their rules."""
    if pair is None:
        return UnitPlan(None, (refusal(row, mapping, OutcomeKind.SKIPPED, PIPELINE_NOT_SYNCED),))
    return UnitPlan(pair, (_note(pair, row.system, row.id, OutcomeKind.SKIPPED, PIPELINE_NOT_SYNCED),))


def _wait_for_coverage(pair: Pair) -> UnitPlan:
    return UnitPlan(pair, (_note(pair, HUBSPOT, pair.hs_id, OutcomeKind.DEFERRED, "waiting_for_coverage"),))


def _note(pair: Pair, system: str, record_id: str | None, outcome: OutcomeKind, code: str) -> Planned:
    """A decision without a write, on one record of a pair."""
    operation = Operation.PUSH_DELETES if code in _DELETE_CODES else Operation.PUSH_UPDATES
    object = pair_object(pair, system) or ""
    return Planned(system, object, operation, Action.NONE, record_id, outcome=outcome, code=code)


_DELETE_CODES = frozenset({"delete_off", "partner_deleted", "edited_and_deleted", "merged_into_paired"})
