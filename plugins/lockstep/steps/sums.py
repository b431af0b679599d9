"""Scores of merged records are added up, where the mapping says so (MK-18: three records with 10 become one with 30).

The sum is neither side's value. It is kept as a decision about the pair, made by the mapping file, so that nothing is lost when a write
fails or a task is killed: planning writes it to both sides until both hold it. Each record that was merged away is counted once.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from lockstep.decisions import Decision, DecisionKind
from lockstep.mapping import FieldMapping, Mapping
from lockstep.model import SALESFORCE, Gone, MirrorRow, PairState
from lockstep.plan import PlanContext, Unit, UnitPlan, plan_unit
from lockstep.plan.survivors import end_of
from lockstep.store import decisions, mirror, pairs
from lockstep.store.sequence import next_seq
from lockstep.values import canonical

Key = tuple[str, str | None]

#: who was merged away longer ago has been counted; the decision that tells so is deleted with the ledger one day
COUNTED = timedelta(days=30)


def plan_with_sums(tx: Any, unit: Unit, mapping: Mapping, context: PlanContext) -> UnitPlan:
    """`plan_unit`, once more if a record of the unit was merged into another whose sums are to be written."""
    plan = plan_unit(unit, mapping, context)
    summed = [one for one in mapping.fields if one.sums]
    merged = [row for row in (unit.sf, unit.hs) if row is not None and row.gone is Gone.MERGED] if summed else []
    made: dict[Key, Decision] = {}
    for row in merged:
        survivor = end_of(row, mapping, context)
        heir = _heir(plan, survivor, context) if isinstance(survivor, MirrorRow) and survivor.live else None
        if heir and isinstance(survivor, MirrorRow):
            made |= {(one.pair_id or "", one.field): one for one in _sums(tx, summed, heir, survivor, mapping, context)}
    if not made:
        return plan
    pairs.raise_due(tx, {pair_id for pair_id, _ in made}, next_seq(tx))
    return plan_unit(unit, mapping, replace(context, choices={**context.choices, **made}))


def _heir(plan: UnitPlan, survivor: MirrorRow, context: PlanContext) -> str | None:
    """The pair that has the survivor: this one, which follows it, or the one that the survivor was in before."""
    other = context.pair_of(survivor.system, survivor.object, survivor.id)
    if other is not None:
        return other.id
    pair = plan.pair
    followed = pair and pair.state is not PairState.CLOSED and pair.record_id(survivor.system) == survivor.id
    return pair.id if pair and followed else None


def _sums(
    tx: Any, fields: Iterable[FieldMapping], heir: str, survivor: MirrorRow, mapping: Mapping, context: PlanContext
) -> Iterable[Decision]:
    losers = [one for one in _losers(tx, survivor) if one.deleted_at and context.now - one.deleted_at < COUNTED]
    for field in fields:
        counted = decisions.about_records(tx, field.name, [(one.system, one.object, one.id) for one in losers])
        numbers = [(one, _number(field, one, context)) for one in losers if one.id not in counted]
        fresh = [(one, number) for one, number in numbers if number]
        if not fresh:
            continue
        # HubSpot makes a new record of the two; in Salesforce one of them stays
        made_of_all = survivor.system != SALESFORCE and len(mirror.merged_into(tx, *_place(survivor))) > 1
        own = Decimal(0) if made_of_all else _number(field, survivor, context) or Decimal(0)
        before = context.choices.get((heir, field.name))
        if before and before.made_by == mapping.path:
            own = Decimal(before.value or 0)
        total = own + sum(number for _, number in fresh)
        for loser, _ in fresh:
            one = Decision(
                DecisionKind.CHOOSE, mapping.path, context.now, pair_id=heir, system=loser.system, object=loser.object,
                record_id=loser.id, field=field.name, choice="value", value=f"{total:f}", note="sum of merged records",
            )  # fmt: skip
            yield replace(one, id=decisions.record(tx, one))


def _losers(tx: Any, survivor: MirrorRow) -> list[MirrorRow]:
    """Whatever was merged into the survivor, chains included."""
    found: dict[str, MirrorRow] = {}
    wanted = [survivor]
    while wanted:
        fresh = [one for row in wanted for one in mirror.merged_into(tx, *_place(row)) if one.id not in found]
        found |= {one.id: one for one in fresh}
        wanted = fresh
    return list(found.values())


def _place(row: MirrorRow) -> tuple[str, str, str]:
    return row.system, row.object, row.id


def _number(field: FieldMapping, row: MirrorRow, context: PlanContext) -> Decimal | None:
    value = canonical(field, row.system, row.values.get(field.on(row.system, row.object) or ""), context.values)
    return value if isinstance(value, Decimal) and value else None
