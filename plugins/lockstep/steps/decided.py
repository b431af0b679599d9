"""What people decided about records, obeyed by planning: what to plan again, who wins a clash, who is whose partner."""

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from lockstep.decisions import NO_SEARCH, Decision, DecisionKind
from lockstep.errors import ConfigError
from lockstep.mapping import Mapping
from lockstep.model import HUBSPOT, SALESFORCE, Action, MirrorRow, PairState, other_side
from lockstep.plan import PlanContext, Unit, UnitPlan
from lockstep.run import Context
from lockstep.steps.erase import obey_erasure
from lockstep.steps.units import key_of
from lockstep.store import decisions, mirror, pairs
from lockstep.store.ledger import repeat
from lockstep.store.ledger.repeat import About
from lockstep.store.sequence import next_seq

#: how far back `resync` by error code looks
RESYNC_DAYS = timedelta(days=30)

RecordKey = tuple[str, str, str]


def raise_decided(ctx: Context) -> None:
    """Make due what people decided about. A resync is used up by that, a choice or a match when it is planned.

    :raises ConfigError: the run was started for a decision that does not exist
    """
    if ctx.params.get("dry_run"):
        return
    with ctx.store.writing() as tx:
        _ensure_known(tx, ctx.params.get("decision") or ())
        seq = next_seq(tx)
        for one in decisions.open(tx, DecisionKind.ERASE):
            decisions.use(tx, [one.id], ctx.run.id, obey_erasure(ctx, tx, one))
        for one in decisions.open(tx, DecisionKind.RESYNC, DecisionKind.CHOOSE, DecisionKind.MATCH):
            moot = _moot(tx, one)
            if moot:
                decisions.use(tx, [one.id], ctx.run.id, f"not applied: {moot}")
            elif one.kind is not DecisionKind.RESYNC:
                _raise(tx, _named(one), seq)
            else:
                decisions.use(tx, [one.id], ctx.run.id, f"{_resync(ctx, tx, one, seq)} are planned again")


def _ensure_known(tx: Any, ids: Sequence[int]) -> None:
    try:
        decisions.get(tx, ids)
    except KeyError as error:
        hint = "Start the run from Sync Status, which records the decision first."
        raise ConfigError(f"The param `decision` names what is not recorded: {error.args[0]}.", hint=hint) from error


def _moot(tx: Any, one: Decision) -> str | None:
    """Why there is nothing to decide any more."""
    if one.kind is DecisionKind.CHOOSE:
        pair = pairs.get(tx, [one.pair_id or ""]).get(one.pair_id or "")
        return "the pair is closed" if pair is None or pair.state is PairState.CLOSED else None
    if one.kind is not DecisionKind.MATCH:
        return None
    system, name, record_id = _record(one)
    row = mirror.rows(tx, system, name, [record_id]).get(record_id)
    if row is None or not row.live:
        return "the record is gone"
    pair = pairs.by_record(tx, system, [(name, record_id)]).get((name, record_id))
    return "the record has a partner" if pair and pair.record_id(other_side(system)) else None


def _resync(ctx: Context, tx: Any, one: Decision, seq: int) -> str:
    if one.choice == "object":
        return f"all records of {_raise_object(ctx, tx, one, seq) or 'no mapping'}"
    about = _about(ctx, tx, one)
    _raise(tx, about, seq)
    return f"{len(about)} records"


def _about(ctx: Context, tx: Any, one: Decision) -> About:
    match one.choice:
        case "batch":
            return repeat.of_batch(tx, int(one.value or 0))
        case "change":
            return repeat.of_change(tx, int(one.value or 0))
        case "code":
            return repeat.of_code(tx, one.value or "", one.object, ctx.now() - RESYNC_DAYS)
        case _:
            return _named(one)


def _named(one: Decision) -> About:
    return About({one.pair_id}) if one.pair_id else About(records={_record(one)})


def _raise(tx: Any, about: About, seq: int) -> None:
    """Records go by their pair where they have one by now."""
    ids = set(about.pairs)
    for system, name, record_id in about.records:
        mirror.raise_due(tx, system, name, [record_id], seq)
        ids |= {pair.id for pair in pairs.by_record(tx, system, [(name, record_id)]).values()}
    pairs.raise_due(tx, ids, seq)
    pairs.raise_references(tx, ids, seq)


def _raise_object(ctx: Context, tx: Any, one: Decision, seq: int) -> str:
    wanted = [m for m in ctx.mappings.all if one.object in (m.entity, m.hs_object, *m.sf_objects)]
    for mapping in wanted:
        for system in (SALESFORCE, HUBSPOT):
            mirror.raise_all(tx, system, mapping.objects(system), seq)
    return ", ".join(m.entity for m in wanted)


def _record(one: Decision) -> RecordKey:
    return one.system or "", one.object or "", one.record_id or ""


class Decided:
    """The open choices and matches, for one planner of one mapping."""

    def __init__(self, ctx: Context, mapping: Mapping):
        self.ctx, self.mapping = ctx, mapping
        self._choices: list[Decision] = []
        self._matches: dict[RecordKey, Decision] = {}
        #: match decisions that were planned in this chunk -> what came of them
        self._matched: dict[int, str] = {}

    def load(self, tx: Any) -> AbstractMapping[tuple[str, str | None], Decision]:
        """Look at what is open, once per chunk. Returns (pair id, field or None) -> the newest choice."""
        self._choices = decisions.open(tx, DecisionKind.CHOOSE)
        self._matches = {_record(one): one for one in decisions.open(tx, DecisionKind.MATCH)}
        self._matched = {}
        return {(one.pair_id or "", one.field): one for one in self._choices}

    def units(self, tx: Any, rows: list[MirrorRow], context: PlanContext) -> tuple[list[Unit], list[MirrorRow]]:
        """Unpaired records about whose partner a person has decided, as units; and the rows that are left to be matched."""
        units: dict[RecordKey, Unit] = {}
        for row in rows:
            if (one := self._matches.get(key_of(row))) and key_of(row) not in units:
                partner = self._partner(tx, one, row, context) if one.choice == "candidate" else None
                self._matched[one.id] = _result(one, partner)
                if partner or one.choice == "create":
                    unit = _unit(row, partner)
                    units |= {key_of(each): unit for each in (row, partner) if each}
        left = [row for row in rows if key_of(row) not in units]
        return list({id(unit): unit for unit in units.values()}.values()), left

    def _partner(self, tx: Any, one: Decision, row: MirrorRow, context: PlanContext) -> MirrorRow | None:
        """The chosen candidate, if it lives and is free: a partner is never taken from another record."""
        there = other_side(row.system)
        names = self.mapping.objects(there)
        found = [hit for name in names if (hit := mirror.rows(tx, there, name, [one.value or ""]).get(one.value or ""))]
        taken = pairs.by_record(tx, there, [(hit.object, hit.id) for hit in found])
        free = (hit for hit in found if hit.live and (hit.object, hit.id) not in taken)
        return next((hit for hit in free if not context.pair_of(there, hit.object, hit.id)), None)

    def freed(self, plan: UnitPlan, unit: Unit) -> UnitPlan:
        """A create that was held since the target holds its match key: by a person's word, it is sent without asking again."""
        found = [self._matches.get(key_of(row)) for row in (unit.sf, unit.hs) if row and self._matches]
        one = next((one for one in found if one and one.choice == "create"), None)
        if one is None or not any(change.action is Action.CREATE for change in plan.changes):
            return plan
        self._matched[one.id] = _result(one, None)
        return _without_search(plan, one)

    def use(self, tx: Any, plans: list[UnitPlan], references: bool) -> None:
        """In the transaction of the plans: what they obeyed is used up. `references`: only those fields were planned."""
        planned = {plan.pair.id: plan for plan in plans if plan.pair}
        fields = {one.name for one in self.mapping.references}
        for one in self._choices:
            if one.pair_id in planned and (one.field in fields) == references:
                came_of = _came_of(one, planned[one.pair_id])
                # what the mapping decided is written until both sides hold it, whatever fails
                if came_of != "planned" or one.made_by != self.mapping.path:
                    decisions.use(tx, [one.id], self.ctx.run.id, came_of)
        for decision_id, result in self._matched.items():
            decisions.use(tx, [decision_id], self.ctx.run.id, result)


def _without_search(plan: UnitPlan, one: Decision) -> UnitPlan:
    """Its creates are sent without looking their match keys up in the target."""
    changes = tuple(
        replace(change, detail={**change.detail, NO_SEARCH: one.id}) if change.action is Action.CREATE else change
        for change in plan.changes
    )
    return replace(plan, changes=changes)


def _came_of(one: Decision, plan: UnitPlan) -> str:
    whys = [why for change in plan.changes for why in change.why.values()]
    if any(one.mark in why for why in whys):
        return "planned"
    if one.choice == "keep" and plan.pair and plan.pair.state is PairState.CLOSED:
        return "kept"
    if one.choice == "recreate" and any(change.action is Action.CREATE for change in plan.changes):
        return "planned"
    return "not applied: a side changed after the choice, or there is nothing left to choose"


def _result(one: Decision, partner: MirrorRow | None) -> str:
    if one.choice == "create":
        return "planned as a new record"
    return "paired" if partner else "not applied: the candidate is gone, or has another partner"


def _unit(row: MirrorRow, partner: MirrorRow | None) -> Unit:
    return Unit(None, row, partner) if row.system == SALESFORCE else Unit(None, partner, row)
