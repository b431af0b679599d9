"""The plan: what must be written so that both sides of a unit agree again. Pure: no I/O, no clock.

`plan_unit` decides one pair or one unpaired record by DESIGN's presence table, `plan_references` only the references of
a linked pair, `plan_ambiguous` a record whose partner a person must choose.
"""

from lockstep.plan.presence import plan_ambiguous, plan_unit
from lockstep.plan.references import plan_references
from lockstep.plan.unit import Contested, PairReason, PlanContext, Planned, Unit, UnitPlan, Wait

__all__ = [
    "Contested",
    "PairReason",
    "PlanContext",
    "Planned",
    "Unit",
    "UnitPlan",
    "Wait",
    "plan_ambiguous",
    "plan_references",
    "plan_unit",
]
