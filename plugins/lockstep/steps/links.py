"""Links between records that are synced as records of their own: contact roles, members of campaigns.

HubSpot has no ids, stamps or archives of links: the links of a record are read whole whenever the record has changed, and a
link that is no longer among them is gone. Partners are found by both ends; no field tells them.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from lockstep.match import ENDS, FROM, ends_text
from lockstep.model import HUBSPOT, MirrorRow, Operation, OutcomeKind, Page, Pair, PairState, Tombstone, other_side
from lockstep.plan import PairReason, PlanContext, Unit, UnitPlan, plan_unit
from lockstep.plan.creates import refusal
from lockstep.run import Context
from lockstep.steps.planner import PushPlanner
from lockstep.store import ledger, mirror, pairs
from lockstep.store.sequence import next_seq
from lockstep.values import Waiting, canonical
from lockstep.work import open_batch


def bury_unlinked(ctx: Context, tx: Any, place: tuple[str, str, str], page: Page) -> None:
    """Tombstones for the mirror's links of the page's records that are no longer there, in a batch of their own."""
    system, name, entity = place
    seen = {row.id for row in page.rows}
    held = mirror.find(tx, system, (name,), FROM, page.whole)
    gone = sorted(record_id for some in held.values() for _, record_id in some if record_id not in seen)
    if not gone:
        return
    done = mirror.entomb(tx, system, name, [Tombstone(one, page.read_at) for one in gone], next_seq(tx))
    batch_id = open_batch(ctx, tx, system, name, Operation.PULL_DELETES, entity)
    ledger.add_counts(tx, batch_id, read=len(gone), deleted=done.deleted, skipped=done.skipped)
    ledger.close_batch(tx, batch_id)


class LinkPlanner(PushPlanner):
    """Partners are links whose ends are partners; a link that vanished with one of its ends is not somebody's removal."""

    def plan_one(self, tx: Any, unit: Unit, context: PlanContext) -> UnitPlan:
        pair = unit.pair
        gone = next((row for row in (unit.sf, unit.hs) if row is not None and not row.live), None)
        if pair and pair.state is not PairState.CLOSED and gone and not self._ends_live(tx, gone):
            return UnitPlan(replace(pair, state=PairState.CLOSED, reason=PairReason.KEPT))
        return plan_unit(unit, self.mapping, context)

    def _ends_live(self, tx: Any, row: MirrorRow) -> bool:
        for field in self.mapping.references:
            raw = row.values.get(field.on(row.system, row.object) or "") or ""
            for entity, record_id in field.referred(row.system, raw):
                objects = self.ctx.mappings.entity(entity).objects(row.system)
                found = (mirror.rows(tx, row.system, name, [record_id]).get(record_id) for name in objects)
                if not any(one is not None and one.live for one in found):
                    return False
        return True

    def plan_unpaired(self, tx: Any, rows: list[MirrorRow], context: PlanContext) -> list[UnitPlan]:
        taken: set[tuple[str, str]] = set()
        plans = []
        for row in rows:
            if (row.system, row.id) in taken:
                continue
            partner = self._partner(tx, row, context)
            if isinstance(partner, Pair):
                plans.append(UnitPlan(None, (refusal(row, self.mapping, OutcomeKind.SKIPPED, "linked_already"),)))
                continue
            both = [row] if partner is None else [row, partner]
            taken |= {(one.system, one.id) for one in both}
            plans.append(plan_unit(_unit(both), self.mapping, context))
        return plans

    def _partner(self, tx: Any, row: MirrorRow, context: PlanContext) -> MirrorRow | Pair | None:
        """The link of the other system between the partners of this link's ends; its pair, if it has one."""
        there = other_side(row.system)
        ends = self._ends(row, context)
        hits = mirror.find(tx, there, self.mapping.objects(there), ENDS, [ends]) if ends else {}
        for name, record_id in hits.get(ends or "", []):
            found = mirror.rows(tx, there, name, [record_id])[record_id]
            return pairs.by_record(tx, there, [(name, record_id)]).get((name, record_id)) or found
        return None

    def _ends(self, row: MirrorRow, context: PlanContext) -> str | None:
        """Both ends as the other system names them; None while one of them waits for its partner."""
        there, names = other_side(row.system), []
        for field in self.mapping.references:
            value = canonical(field, row.system, row.values.get(field.on(row.system, row.object) or ""), context.values)
            if value is None or isinstance(value, Waiting):
                return None
            found = [context.values.records(there, entity, str(value)) for entity in field.refers_to]
            names.append(next((one for one in found if one), None))
        return ends_text(names) if all(names) else None


def _unit(rows: Iterable[MirrorRow]) -> Unit:
    by_system = {row.system: row for row in rows}
    return Unit(None, by_system.get("salesforce"), by_system.get(HUBSPOT))
