"""References of linked pairs: lookups and associations, once both ends are paired (operation update_fks)."""

from dataclasses import replace

from lockstep.mapping import Mapping
from lockstep.model import SALESFORCE, Operation, PairState
from lockstep.plan.inclusion import excluded
from lockstep.plan.pipelines import outside
from lockstep.plan.unit import PlanContext, Unit, UnitPlan
from lockstep.plan.writes import merge_pair


def plan_references(unit: Unit, mapping: Mapping, context: PlanContext) -> UnitPlan:
    """Merge only the REFERENCE fields of a linked pair whose two rows are live; any other unit gives no changes.

    `waits` names what is not paired yet; its change row is deferred, and the pair is woken when the record is paired, so
    that nobody need raise it again. `references_due` stays True while a side has not been read.
    """
    pair, sf, hs = unit.pair, unit.sf, unit.hs
    if pair is None or pair.state is not PairState.LINKED or not (sf and sf.live and hs and hs.live):
        return UnitPlan(pair)
    if outside(unit, mapping) or excluded(hs, context):
        return UnitPlan(pair)
    plan = merge_pair(pair, sf, hs, mapping, context, mapping.references, Operation.UPDATE_FKS)
    return replace(plan, references_due=True) if plan.unread else plan


def references_due(unit: Unit, mapping: Mapping, context: PlanContext) -> bool:
    """True if `plan_references` would change, wait for or read anything."""
    if not any(one.on(SALESFORCE, unit.sf.object) for one in mapping.references if unit.sf):
        return False
    plan = plan_references(unit, mapping, context)
    return bool(plan.changes or plan.unread) or plan.pair is not unit.pair
