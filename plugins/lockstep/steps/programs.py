"""Campaigns in Marketo's words (MK-09, MK-21): they are linked with their program once, and then synced with it; their members
are synced only while both sides know the same member statuses.
"""

from dataclasses import replace
from typing import Any, TypeVar

from lockstep.mapping import Mapping
from lockstep.model import HUBSPOT, SALESFORCE, Action, MirrorRow, Operation, OutcomeKind, Pair, PairState
from lockstep.plan import PlanContext, Planned, Unit, UnitPlan
from lockstep.plan.creates import refusal
from lockstep.run import Context
from lockstep.steps.links import LinkPlanner
from lockstep.steps.planner import PairPlanner, Planner, PushPlanner
from lockstep.store import mirror, pairs
from lockstep.values import canonical

Value = TypeVar("Value")

CAMPAIGNS, MEMBERS = "campaigns", "campaigns/contacts"
STATUSES, DIFFER = "statuses", "member_statuses_differ"
_SYNCED = {Operation.PUSH_NEW, Operation.PUSH_UPDATES}


class CampaignPlanner(PushPlanner):
    """Names the changes by Marketo's operations. A status that only HubSpot knows is held: no list is taken from a campaign."""

    def plan_one(self, tx: Any, unit: Unit, context: PlanContext) -> UnitPlan:
        plan = super().plan_one(tx, unit, context)
        return replace(plan, changes=tuple(one for change in plan.changes for one in _held(change)))

    def in_ledger(self, plans: list[UnitPlan], fresh: list[Pair]) -> list[tuple[Pair | None, Planned]]:
        linked = [(pair, _link(pair)) for pair in fresh if pair.state is PairState.LINKED]
        return [*linked, *((pair, _synced(change)) for pair, change in super().in_ledger(plans, fresh))]


class CampaignPairPlanner(PairPlanner, CampaignPlanner):
    """The same for what became due during the cycle."""


def _link(pair: Pair) -> Planned:
    link = Operation.INIT_LINK_WITH_PROGRAM
    return Planned(HUBSPOT, pair.hs_object, link, Action.NONE, pair.hs_id, outcome=OutcomeKind.UPDATED)


def _synced(change: Planned) -> Planned:
    return replace(change, operation=Operation.SYNC_WITH_PROGRAM) if change.operation in _SYNCED else change


def _held(change: Planned) -> list[Planned]:
    """The change; if it would take statuses away from HubSpot, without that, and a decision for a person."""
    names = [set((values.get(STATUSES) or "").split(";")) - {""} for values in (change.before, change.after)]
    if change.system != HUBSPOT or STATUSES not in change.after or names[0] <= names[1]:
        return [change]
    extra = ", ".join(sorted(names[0] - names[1]))
    words = f"Only HubSpot has lists for the member status {extra}."
    held = replace(
        change, action=Action.NONE, before={STATUSES: change.before[STATUSES]}, after={}, source={}, lost={},
        outcome=OutcomeKind.HELD, code=DIFFER,
        detail={"fields": [{"field": STATUSES, "code": DIFFER, "message": words}]},
    )  # fmt: skip
    rest = replace(
        change, before=_without(change.before), after=_without(change.after), why=_without(change.why),
        lost=_without(change.lost),
    )  # fmt: skip
    return [rest, held] if rest.after else [held]


def _without(values: dict[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name != STATUSES}


class MemberPlanner(LinkPlanner):
    """Members of a campaign whose statuses differ between the sides wait until somebody has made them equal."""

    def plan_one(self, tx: Any, unit: Unit, context: PlanContext) -> UnitPlan:
        pair = unit.pair
        if pair and pair.state is PairState.LINKED and (row := unit.sf or unit.hs) and self._differ(tx, row, context):
            note = Planned(
                HUBSPOT, pair.hs_object, Operation.PUSH_UPDATES, Action.NONE, pair.hs_id, outcome=OutcomeKind.DEFERRED,
                code=DIFFER,
            )  # fmt: skip
            return UnitPlan(pair, (note,))
        return super().plan_one(tx, unit, context)

    def plan_unpaired(self, tx: Any, rows: list[MirrorRow], context: PlanContext) -> list[UnitPlan]:
        refused = [row for row in rows if self._differ(tx, row, context)]
        free = [row for row in rows if row not in refused]
        plans = [UnitPlan(None, (refusal(row, self.mapping, OutcomeKind.DEFERRED, DIFFER),)) for row in refused]
        return plans + super().plan_unpaired(tx, free, context)

    def _differ(self, tx: Any, member: MirrorRow, context: PlanContext) -> bool:
        """True if the member's campaign is paired, and its two sides do not have the same member statuses."""
        field = self.mapping.references[0]
        entity = self.ctx.mappings.entity(field.refers_to[0])
        record_id = member.values.get(field.on(member.system, member.object) or "") or ""
        name = entity.objects(member.system)[0]
        pair = pairs.by_record(tx, member.system, [(name, record_id)]).get((name, record_id))
        statuses = entity.by_name.get(STATUSES)
        if pair is None or statuses is None or not (pair.sf_id and pair.hs_id):
            return False
        told = []
        for system, object, one in ((SALESFORCE, pair.sf_object, pair.sf_id), (HUBSPOT, pair.hs_object, pair.hs_id)):
            row = mirror.rows(tx, system, object, [one]).get(one)
            raw = row.values.get(statuses.on(system, object) or "") if row else None
            told.append(canonical(statuses, system, raw, context.values))
        return told[0] != told[1]


def push_planner(ctx: Context, mapping: Mapping) -> Planner:
    """The planner of everything but references."""
    if mapping.hs_object == CAMPAIGNS:
        return CampaignPlanner(ctx, mapping)
    if mapping.hs_object == MEMBERS:
        return MemberPlanner(ctx, mapping)
    return (LinkPlanner if mapping.is_link else PushPlanner)(ctx, mapping)


def pair_planner(ctx: Context, mapping: Mapping) -> Planner:
    """The planner of pairs that became due during the cycle."""
    return (CampaignPairPlanner if mapping.hs_object == CAMPAIGNS else PairPlanner)(ctx, mapping)
