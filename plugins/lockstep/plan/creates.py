"""A record that one side lacks: created as the merge with a blank record, so that every rule means the same as ever."""

from dataclasses import replace
from typing import Any

from lockstep import scalars
from lockstep.mapping import FieldMapping, FieldType, Mapping
from lockstep.merge import FieldVerdict, Verdict, merge_fields
from lockstep.model import (
    SALESFORCE,
    Action,
    MirrorRow,
    Operation,
    OutcomeKind,
    Pair,
    PairState,
    Rejection,
    Values,
    other_side,
)
from lockstep.plan.unit import PlanContext, Planned, UnitPlan
from lockstep.plan.writes import (
    WAITING,
    Draft,
    is_reference,
    keep_states_with_countries,
    moved_at,
    refuse,
    rendered,
    wait_for,
)
from lockstep.policies import create_object
from lockstep.values import canonical

#: a default that stands for the moment of the create
NOW = "now"


def plan_create(source: MirrorRow, mapping: Mapping, context: PlanContext, pair: Pair | None = None) -> UnitPlan:
    """Create the partner of `source` in the other system. `pair`: an open pair without that partner (tried before, or
    recreated); None: a new one. Skipped where the mapping does not create or a required field is empty; deferred while
    coverage is missing or a required reference waits: children come after their parents."""
    target = other_side(source.system)
    object = pair_object(pair, target) or create_object(mapping, target)
    if object is None or create_object(mapping, target) is None:
        return UnitPlan(pair, (refusal(source, mapping, OutcomeKind.SKIPPED, "create_off"),))
    if target in mapping.create_if_referred and source.id not in context.referred:
        return UnitPlan(pair, (refusal(source, mapping, OutcomeKind.SKIPPED, "not_referred"),))
    if _is_erased(source, mapping, context):
        return UnitPlan(pair, (refusal(source, mapping, OutcomeKind.SKIPPED, "erased"),))
    if not context.covered:
        return UnitPlan(pair, (refusal(source, mapping, OutcomeKind.DEFERRED, "waiting_for_coverage"),))
    draft = _draft(source, target, object, mapping, context)
    keep_states_with_countries(draft, {}, target, object, mapping)
    problem = _missing(draft, source, target, object, mapping)
    if problem and problem.code == WAITING and not mapping.match and not mapping.is_link:
        # the pair is what is woken when the record that it waits for is paired
        waiting = _opened(pair or _new_pair(source, object, mapping, context), target)
        return UnitPlan(waiting, (problem,), tuple(draft.waits))
    if problem:
        return UnitPlan(pair, (problem,))
    opened = _opened(pair or _new_pair(source, object, mapping, context), target)
    paired = _blank_on_both(opened, draft, source, target, object, mapping)
    return UnitPlan(
        paired, (_create(draft, target, object),), tuple(draft.waits), _has_references(source, mapping, draft)
    )


def _is_erased(source: MirrorRow, mapping: Mapping, context: PlanContext) -> bool:
    """True for a person whose e-mail address is that of one who was erased (GDPR)."""
    mails = [one for one in mapping.fields if one.type is FieldType.EMAIL]
    raw = [(one, source.values.get(one.on(source.system, source.object) or "")) for one in mails]
    found = (canonical(one, source.system, text, context.values) for one, text in raw if text)
    return any(isinstance(address, str) and context.erased(address) for address in found)


def refusal(
    source: MirrorRow, mapping: Mapping, outcome: OutcomeKind, code: str, detail: dict[str, Any] | None = None
) -> Planned:
    """One unpaired record for which nothing is written, with the reason; listed under the system that lacks it."""
    target = other_side(source.system)
    object = create_object(mapping, target) or mapping.objects(target)[0]
    record = {"system": source.system, "object": source.object, "id": source.id}
    return Planned(
        target,
        object,
        Operation.PUSH_NEW,
        Action.NONE,
        None,
        outcome=outcome,
        code=code,
        detail={"record": record, **(detail or {})},
    )


def pair_object(pair: Pair | None, system: str) -> str | None:
    """The object of the pair's record in that system."""
    if pair is None:
        return None
    return pair.sf_object if system == SALESFORCE else pair.hs_object


def _draft(source: MirrorRow, target: str, object: str, mapping: Mapping, context: PlanContext) -> Draft:
    """Every field that has a value, then defaults. HubSpot takes associations only afterwards."""
    names = {one.on(target, object) for one in mapping.fields}
    blank: Values = {name: None for name in names if name}
    sf_object = object if target == SALESFORCE else source.object
    sf, hs = (blank, source.values) if target == SALESFORCE else (source.values, blank)
    fields = [one for one in mapping.fields if target == SALESFORCE or not one.is_association]
    times = moved_at({source.system: source}, context.times)
    draft = Draft()
    for verdict in merge_fields(mapping, sf_object, sf, hs, {}, {}, times, context.values, fields):
        _take(draft, verdict, source, target, object, mapping, context)
    for one in fields:
        _default(draft, one, source, target, object, context)
    return draft


def _take(
    draft: Draft,
    verdict: FieldVerdict,
    source: MirrorRow,
    target: str,
    object: str,
    mapping: Mapping,
    context: PlanContext,
) -> None:
    if verdict.verdict is Verdict.waiting:
        wait_for(draft, verdict, source.system, context)
    if verdict.target != target:
        return
    result = rendered(verdict, target, object, mapping, context, new=True)
    if isinstance(result, Rejection):
        refuse(draft, verdict, result, source.system, context)
    elif result is not None:
        _put(draft, verdict.field, source, target, object, result, verdict.why)


def _default(
    draft: Draft, one: FieldMapping, source: MirrorRow, target: str, object: str, context: PlanContext
) -> None:
    value, name = one.default.get(target), one.on(target, object)
    if value == NOW:
        value = scalars.moment_text(context.now)
        value = value[: len("2026-01-01")] if one.form(target) is FieldType.DATE else value
    if value is not None and name and name not in draft.after:
        _put(draft, one, source, target, object, value, "the mapping's default: the source gives no value")


def _put(draft: Draft, one: FieldMapping, source: MirrorRow, target: str, object: str, value: str, why: str) -> None:
    name, source_name = one.on(target, object), one.on(source.system, source.object)
    if name is None:
        return
    draft.before[name], draft.after[name], draft.why[name] = None, value, why
    if source_name in source.values and source_name is not None:
        draft.source[source_name] = source.values[source_name]


def _missing(draft: Draft, source: MirrorRow, target: str, object: str, mapping: Mapping) -> Planned | None:
    """The refusal of a create that lacks a required field; None if nothing is missing."""
    required = [mapping.by_name[name] for name in mapping.required.get(object, ())]
    empty = [one for one in required if one.on(target, object) not in draft.after]
    if not empty:
        return None
    waiting = {entry["field"] for entry in draft.waiting}
    if all(one.name in waiting for one in empty):
        fields = [entry for entry in draft.waiting if entry["field"] in {one.name for one in empty}]
        return refusal(source, mapping, OutcomeKind.DEFERRED, WAITING, {"fields": fields})
    keys = {key.field for key in mapping.match}
    code = "no_match_key" if all(one.name in keys for one in empty) else "required_empty"
    refused = {entry["field"]: entry for entry in draft.refused}
    message = f"{object} requires it."
    fields = [refused.get(one.name, {"field": one.name, "code": code, "message": message}) for one in empty]
    return refusal(source, mapping, OutcomeKind.SKIPPED, code, {"fields": fields})


def _new_pair(source: MirrorRow, object: str, mapping: Mapping, context: PlanContext) -> Pair:
    from_sf = source.system == SALESFORCE
    return Pair(
        id=context.new_pair_id(),
        entity=mapping.entity,
        sf_object=source.object if from_sf else object,
        hs_object=object if from_sf else source.object,
        sf_id=source.id if from_sf else None,
        hs_id=None if from_sf else source.id,
        sf_base={},
        hs_base={},
        state=PairState.CREATING,
    )


def _opened(pair: Pair, target: str) -> Pair:
    """Without a partner in `target`: committed before the create is sent."""
    if target == SALESFORCE:
        return replace(pair, sf_id=None, sf_base={}, state=PairState.CREATING, reason=None)
    return replace(pair, hs_id=None, hs_base={}, state=PairState.CREATING, reason=None)


def _blank_on_both(pair: Pair, draft: Draft, source: MirrorRow, target: str, object: str, mapping: Mapping) -> Pair:
    """With bases for what neither side will hold: what appears there later is an edit, also if the other side is deleted."""
    for one in mapping.fields:
        name, there = one.on(source.system, source.object), one.on(target, object)
        held = name is None or source.values.get(name, "unknown") is not None
        if held or there is None or there in draft.after or target in one.vendor_filled or is_reference(one):
            continue
        pair = pair.based({source.system: {name or "": None}, target: {there: None}})
    return pair


def _create(draft: Draft, target: str, object: str) -> Planned:
    return Planned(
        target,
        object,
        Operation.PUSH_NEW,
        Action.CREATE,
        None,
        draft.before,
        draft.after,
        draft.source,
        draft.why,
        detail={"fields": draft.refused} if draft.refused else {},
    )


def _has_references(source: MirrorRow, mapping: Mapping, draft: Draft) -> bool:
    """True if the source refers to records that the create does not link."""
    names = {one.on(source.system, source.object) for one in mapping.references}
    filled = {name for name in names if name and source.values.get(name) is not None}
    return bool(filled - draft.source.keys())
