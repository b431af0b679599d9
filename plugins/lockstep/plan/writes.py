"""Field verdicts of two live records -> changes, moved bases and waits. Used for updates, references and creates."""

from collections.abc import Iterable
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field, replace

from lockstep.mapping import FieldMapping, FieldType, Mapping
from lockstep.merge import FieldVerdict, MovedAt, Verdict, merge_fields
from lockstep.model import (
    HUBSPOT,
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
from lockstep.plan.chosen import chosen
from lockstep.plan.unit import Contested, PlanContext, Planned, UnitPlan, Wait
from lockstep.policies import updates
from lockstep.values import Waiting, render

WAITING = "waiting_for_reference"


@dataclass(slots=True)
class Draft:
    """What is to be written to one system, while it is put together."""

    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    source: Values = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    lost: Values = field(default_factory=dict)
    refused: list[dict[str, str]] = field(default_factory=list)
    waiting: list[dict[str, str]] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)


@dataclass(slots=True)
class _Merge:
    """The merge of one linked pair, while it is put together."""

    mapping: Mapping
    context: PlanContext
    rows: dict[str, MirrorRow]
    drafts: dict[str, Draft]
    settled: dict[str, Values]
    held: list[FieldVerdict] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)

    def name(self, field: FieldMapping, system: str) -> str:
        return field.on(system, self.rows[system].object) or ""

    def sides(self, field: FieldMapping) -> list[Contested]:
        """The field on both sides; associations have no history."""
        both = [(row, self.name(field, system)) for system, row in self.rows.items()]
        return [Contested(row.system, row.object, row.id, name) for row, name in both if ":" not in name]

    def take(self, verdict: FieldVerdict) -> None:
        match verdict.verdict:
            case Verdict.agree:
                self.settle(verdict.field)
            case Verdict.unread:
                self.unread += self._unknown(verdict.field)
            case Verdict.hold:
                self.held.append(verdict)
            case Verdict.waiting:
                self._wait(verdict)
            case Verdict.write_hubspot | Verdict.write_salesforce:
                self._write(verdict)

    def settle(self, field: FieldMapping) -> None:
        for system, row in self.rows.items():
            name = self.name(field, system)
            self.settled[system][name] = row.values[name]

    def _unknown(self, field: FieldMapping) -> list[tuple[str, str]]:
        names = [(system, field.on(system, row.object)) for system, row in self.rows.items()]
        if not all(name for _, name in names):
            return []
        return [(system, name) for system, name in names if name and name not in self.rows[system].values]

    def _wait(self, verdict: FieldVerdict) -> None:
        if isinstance(verdict.value, Waiting):
            source = verdict.value.system
            wait_for(self.drafts[other_side(source)], verdict, source, self.context)

    def _write(self, verdict: FieldVerdict) -> None:
        target = verdict.target or ""
        row, name = self.rows[target], self.name(verdict.field, target)
        result = rendered(verdict, target, row.object, self.mapping, self.context, new=False)
        if isinstance(result, Rejection):
            refuse(self.drafts[target], verdict, result, other_side(target), self.context)
        elif result == row.values[name]:
            # the target already holds the very text that we would send: they agree in all but our reading of it
            self.settle(verdict.field)
        else:
            draft = self.drafts[target]
            draft.before[name], draft.after[name] = row.values[name], result
            if not verdict.typed:
                draft.source[self.name(verdict.field, other_side(target))] = verdict.source_raw
            draft.why[name] = verdict.why
            if verdict.lost_raw is not None:
                draft.lost[name] = verdict.lost_raw


def merge_pair(
    pair: Pair,
    sf: MirrorRow,
    hs: MirrorRow,
    mapping: Mapping,
    context: PlanContext,
    fields: Iterable[FieldMapping],
    operation: Operation,
    identify: frozenset[str] = frozenset(),
) -> UnitPlan:
    """The field merge of two live records. `identify`: systems whose record takes over the pair's external id."""
    rows = {SALESFORCE: sf, HUBSPOT: hs}
    merge = _Merge(mapping, context, rows, {system: Draft() for system in rows}, {system: {} for system in rows})
    verdicts = merge_fields(
        mapping,
        sf.object,
        sf.values,
        hs.values,
        pair.sf_base,
        pair.hs_base,
        moved_at(rows, context.times),
        context.values,
        fields,
    )
    for verdict in verdicts:
        for decided in chosen(verdict, pair, rows, context):
            merge.take(decided)
    for system in identify:
        _identify(merge.drafts[system], rows[system], mapping.external_id.get(system), pair)
    changes = [change for system in rows for change in _changes(system, merge, operation)]
    changes += [_held(merge, operation)] if merge.held else []
    waits = tuple(wait for draft in merge.drafts.values() for wait in draft.waits)
    contested = tuple(one for verdict in verdicts if verdict.contested for one in merge.sides(verdict.field))
    return UnitPlan(_agreed(pair, merge), tuple(changes), waits, unread=tuple(merge.unread), contested=contested)


def moved_at(rows: dict[str, MirrorRow], times: AbstractMapping[Contested, str]) -> MovedAt:
    """When a field's present value was set, by the vendor's history where it was asked; else when the mirror first saw it, or
    the record."""

    def answer(system: str, name: str) -> str | None:
        row = rows.get(system)
        if row and (told := times.get(Contested(system, row.object, row.id, name))):
            return told
        return row.moved.get(name) or row.moved.get("*") or row.version if row else None

    return answer


def rendered(
    verdict: FieldVerdict, target: str, object: str, mapping: Mapping, context: PlanContext, *, new: bool
) -> str | None | Rejection:
    """The raw value to send, or why it cannot be sent. Salesforce never lets a required field become blank."""
    result = render(verdict.field, target, object, verdict.value, verdict.source_raw, context.values)
    if isinstance(result, Rejection):
        return result
    required = target == SALESFORCE and verdict.field.name in mapping.required.get(object, ())
    if result.value is None and required and not new:
        return Rejection("required_empty", f"{object} requires {verdict.field.on(target, object)}; it stays as it is.")
    return result.value


def refuse(draft: Draft, verdict: FieldVerdict, rejection: Rejection, source: str, context: PlanContext) -> None:
    """Leave the field out, listed with its reason; the rest of the record still syncs."""
    if rejection.code == WAITING:
        wait_for(draft, verdict, source, context)
        return
    draft.refused.append({"field": verdict.field.name, "code": rejection.code, "message": rejection.message})


def wait_for(draft: Draft, verdict: FieldVerdict, source: str, context: PlanContext) -> None:
    one = verdict.field
    for entity, record_id in one.referred(source, (verdict.source_raw or "").strip()):
        for object in context.mappings.entity(entity).objects(source):
            draft.waits.append(Wait(one.name, source, object, record_id))
    draft.waiting.append({"field": one.name, "code": WAITING, "message": verdict.why})


def keep_states_with_countries(draft: Draft, held: Values, target: str, object: str, mapping: Mapping) -> None:
    """Salesforce takes a state only beside its country (HS-10): otherwise neither is written. `held`: what it has now."""
    if target != SALESFORCE:
        return
    countries = [one for one in mapping.fields if one.type is FieldType.COUNTRY]
    for state in (one for one in mapping.fields if one.type is FieldType.STATE):
        name = state.on(target, object) or ""
        place = name.removesuffix("Code").removesuffix("State")
        for country in (one for one in countries if (one.on(target, object) or "").startswith(f"{place}Country")):
            beside = country.on(target, object) or ""
            after = {key: draft.after.get(key, held.get(key)) for key in (name, beside)}
            if after[name] is None or after[beside] is not None:
                continue
            for one, key in ((state, name), (country, beside)):
                if draft.after.pop(key, None) is not None or key in draft.why:
                    message = "Salesforce takes a state only beside its country."
                    draft.refused.append({"field": one.name, "code": "required_empty", "message": message})


def is_reference(one: FieldMapping) -> bool:
    return one.type is FieldType.REFERENCE


def _identify(draft: Draft, row: MirrorRow, name: str | None, pair: Pair) -> None:
    if name and row.values.get(name) != pair.external_id:
        draft.before[name], draft.after[name] = row.values.get(name), pair.external_id
        draft.why[name] = "the surviving record takes over the pair's id"


def _changes(system: str, merge: _Merge, operation: Operation) -> list[Planned]:
    draft, row = merge.drafts[system], merge.rows[system]
    keep_states_with_countries(draft, row.values, system, row.object, merge.mapping)
    changes = []
    if draft.after:
        planned = Planned(
            system,
            row.object,
            operation,
            Action.UPDATE,
            row.id,
            draft.before,
            draft.after,
            draft.source,
            draft.why,
            draft.lost,
            detail={"fields": draft.refused} if draft.refused else {},
        )
        off = not updates(merge.mapping, system)
        changes.append(replace(planned, outcome=OutcomeKind.SKIPPED, code="update_off") if off else planned)
    elif draft.refused:
        changes.append(_still(system, row, operation, OutcomeKind.SKIPPED, draft.refused))
    if draft.waiting:
        changes.append(_still(system, row, operation, OutcomeKind.DEFERRED, draft.waiting))
    return changes


def _still(
    system: str, row: MirrorRow, operation: Operation, outcome: OutcomeKind, fields: list[dict[str, str]]
) -> Planned:
    """Nothing is written, for the reason that the first field names."""
    code = fields[0]["code"]
    return Planned(
        system, row.object, operation, Action.NONE, row.id, outcome=outcome, code=code, detail={"fields": fields}
    )


def _held(merge: _Merge, operation: Operation) -> Planned:
    """One row for all clashes that a person decides: `before` is HubSpot's value, `source` Salesforce's."""
    sf, hs = merge.rows[SALESFORCE], merge.rows[HUBSPOT]
    names = {merge.name(one.field, HUBSPOT): one for one in merge.held}
    sf_names = [merge.name(one.field, SALESFORCE) for one in merge.held]
    return Planned(
        HUBSPOT,
        hs.object,
        operation,
        Action.NONE,
        hs.id,
        before={name: hs.values[name] for name in names},
        source={name: sf.values[name] for name in sf_names},
        why={name: one.why for name, one in names.items()},
        outcome=OutcomeKind.HELD,
        code="clash",
        detail={"fields": [{"field": one.field.name, "code": "clash", "message": one.why} for one in merge.held]},
    )


def _agreed(pair: Pair, merge: _Merge) -> Pair:
    """The pair with the bases that agreement moved; the same object if nothing did."""
    linked = pair
    if pair.state is not PairState.LINKED:
        linked = replace(pair, state=PairState.LINKED, reason=None)
    sf_base = linked.sf_base | merge.settled[SALESFORCE]
    hs_base = linked.hs_base | merge.settled[HUBSPOT]
    if (sf_base, hs_base) == (linked.sf_base, linked.hs_base):
        return linked
    return replace(linked, sf_base=sf_base, hs_base=hs_base, agreed_at=merge.context.now)
