"""From what is due to changes in the ledger, a chunk and a transaction at a time."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from lockstep.mapping import Mapping
from lockstep.match import Matched, Named, Unmatched, match
from lockstep.model import (
    HUBSPOT,
    SALESFORCE,
    BatchStatus,
    MirrorRow,
    Operation,
    OutcomeKind,
    Pair,
    PairState,
    Step,
)
from lockstep.plan import PlanContext, Planned, Unit, UnitPlan, plan_ambiguous, plan_references, plan_unit
from lockstep.run import Context
from lockstep.steps.decided import Decided
from lockstep.steps.histories import Histories
from lockstep.steps.inclusion import included
from lockstep.steps.pair_ids import new_pair_id
from lockstep.steps.referred import plan_wanted, referred
from lockstep.steps.sums import plan_with_sums
from lockstep.steps.units import Gathered, gather, holders_of, key_of, records_of, settle
from lockstep.steps.values import References, value_context
from lockstep.steps.waiting import stay_due
from lockstep.steps.windows import pull_operation
from lockstep.store import coverage, erasure, ledger, mirror, pairs
from lockstep.store.ledger import questions
from lockstep.store.sequence import next_seq
from lockstep.values import ValueContext
from lockstep.work import open_batch

#: due records per transaction
CHUNK = 500
#: records that a dry run looks at when it has no limit of its own
DRY_RUN_RECORDS = 10_000

BatchKey = tuple[str, str, Operation]


class Planner(ABC):
    """Plans one mapping. Subclasses say what is due and how one unit is planned."""

    def __init__(self, ctx: Context, mapping: Mapping):
        self.ctx, self.mapping, self.decided, self.histories = ctx, mapping, Decided(ctx, mapping), Histories(ctx)
        self.dry = bool(ctx.params.get("dry_run"))
        self.limit = int(ctx.params.get("limit") or 0) or (DRY_RUN_RECORDS if self.dry else 0)
        self.planned = 0
        self._batches: dict[BatchKey, tuple[int, int]] = {}

    def run(self) -> None:
        with self.ctx.store.writing() as tx:
            self.upto = next_seq(tx)
            if self.missing(tx):
                self._wait_for_coverage(tx)
                return
        while self._chunk():
            if self.limit and self.planned >= self.limit:
                self.ctx.log.info(
                    "%s: stopped after %s records, as the run's limit says", self.mapping.entity, self.planned
                )
                return

    def _chunk(self) -> bool:
        """Plan one chunk in one transaction; False when nothing is due. A dry run plans all at once and keeps the changes."""
        size = self.limit if self.dry else min(CHUNK, self.limit - self.planned) if self.limit else CHUNK
        with self.ctx.store.writing() as tx:
            aside = tx.begin_nested()
            found = self.due(tx, size)
            if found.empty:
                return False
            plans = self.plan(tx, found)
            unread = self.histories.unread(plans)
            if not unread:
                return self._take(tx, aside, found, plans)
            aside.rollback()
        self.histories.read(unread)
        return True

    def _take(self, tx: Any, aside: Any, found: Gathered, plans: list[UnitPlan]) -> bool:
        self.planned += max(len(found.due_rows), len(found.due_pairs))
        if self.dry:
            aside.rollback()
            self._keep_dry(tx, plans)
            return False
        self.clear(tx, found, plans)
        settle(tx, found, plans, references=self.operation is Operation.UPDATE_FKS)
        self._keep(tx, plans)
        self.decided.use(tx, plans, self.operation is Operation.UPDATE_FKS)
        return True

    @abstractmethod
    def due(self, tx: Any, size: int) -> Gathered: ...

    @abstractmethod
    def plan(self, tx: Any, found: Gathered) -> list[UnitPlan]: ...

    @abstractmethod
    def clear(self, tx: Any, found: Gathered, plans: list[UnitPlan]) -> None: ...

    def context(self, tx: Any, found: Gathered, units: Iterable[Unit]) -> PlanContext:
        references, units = References(), list(units)
        references.load(tx, self.ctx, self.mapping, units)
        return PlanContext(
            values=value_context(self.ctx, tx, references),
            mappings=self.ctx.mappings,
            now=self.ctx.now(),
            new_pair_id=lambda: new_pair_id(self.ctx.now()),
            row_of=found.row_of,
            pair_of=found.pair_of,
            choices=self.decided.load(tx),
            erased=erasure.blocked(tx, self.ctx.now()),
            times=self.histories.times,
            included=included(tx, self.mapping, units),
            referred=referred(tx, self.mapping, units),
        )

    # --- coverage

    def missing(self, tx: Any) -> list[str]:
        """What has not been read: a full load that is not sealed, or a latest pull that failed (DESIGN §3)."""
        found = []
        for system in (SALESFORCE, HUBSPOT):
            for name in self.mapping.sources(system):
                covered = coverage.get(tx, Step.PULL_UPDATES, system, name)
                if covered is None or covered.covered_to is None:
                    found.append(f"{name} of {system} was never read whole")
                reading = pull_operation(system, name)
                for operation in (reading, Operation.PULL_DELETES, Operation.PULL_CONVERSIONS):
                    if questions.latest_status(tx, operation, system, name) in (
                        BatchStatus.FAILED,
                        BatchStatus.CLEANED_UP,
                    ):
                        found.append(f"the last {operation} of {name} ({system}) failed")
        return found

    def _wait_for_coverage(self, tx: Any) -> None:
        """Everything that is due stays due; the ledger says how much waits, and for what."""
        if not (waiting := self.waiting(tx)):
            return
        batch_id = open_batch(self.ctx, tx, HUBSPOT, self.mapping.hs_object, self.operation, self.mapping.entity)
        ledger.add_counts(tx, batch_id, read=waiting, deferred=waiting)
        words = f"{waiting} records wait, since " + "; ".join(self.missing(tx)) + "."
        ledger.close_batch(tx, batch_id, BatchStatus.INCOMPLETE, error_code="waiting_for_coverage", error=words)

    operation = Operation.PUSH_UPDATES

    @abstractmethod
    def waiting(self, tx: Any) -> int: ...

    # --- keeping the plan

    def _keep(self, tx: Any, plans: list[UnitPlan]) -> None:
        seq = next_seq(tx)
        planned = [plan.pair for plan in plans if plan.pair]
        known = pairs.get(tx, [pair.id for pair in planned])
        fresh = [pair for pair in planned if pair.id not in known]
        moved = [pair for pair in planned if pair.id in known and pair != known[pair.id]]
        # leave before join: a re-pointed pair may take over a record of one that closes in the same chunk
        pairs.save(tx, [pair for pair in moved if pair.state is PairState.CLOSED])
        pairs.save(tx, [pair for pair in moved if pair.state is not PairState.CLOSED])
        pairs.insert(tx, fresh)
        pairs.raise_references(tx, [plan.pair.id for plan in plans if plan.pair and plan.references_due], seq)
        joined = [p for p in fresh + moved if p.id not in known or _joined(p, known[p.id])]
        pairs.wake_for(tx, [pair for pair in joined if pair.state is PairState.LINKED], seq)
        pairs.set_waits(
            tx, {p.pair.id: p.waits for p in plans if p.pair and p.waits and p.pair.state is PairState.CREATING}
        )
        self._record(tx, self.in_ledger(plans, fresh))

    def in_ledger(self, plans: list[UnitPlan], fresh: list[Pair]) -> list[tuple[Pair | None, Planned]]:
        return [(plan.pair, change) for plan in plans for change in plan.changes]

    def _keep_dry(self, tx: Any, plans: list[UnitPlan]) -> None:
        """Only the changes, as skipped: what the run would do. Pairs that it would make do not exist."""
        known = pairs.get(tx, [plan.pair.id for plan in plans if plan.pair])
        rows = [
            (plan.pair if plan.pair and plan.pair.id in known else None, change)
            for plan in plans
            for change in plan.changes
        ]
        self._record(tx, [(pair, change if change.outcome else _only_planned(change)) for pair, change in rows])

    def _record(self, tx: Any, rows: list[tuple[Pair | None, Planned]]) -> None:
        counts: dict[int, Counter[str]] = {}
        stored = []
        for pair, planned in rows:
            batch_id = self._batch(tx, planned)
            stored.append(planned.change(batch_id, pair))
            if planned.outcome:
                counts.setdefault(batch_id, Counter()).update({"read": 1, str(planned.outcome): 1})
            counts.setdefault(batch_id, Counter())["fields_failed"] += planned.fields_failed
        ledger.insert_changes(tx, stored)
        for batch_id, deltas in counts.items():
            ledger.add_counts(tx, batch_id, **deltas)

    def _batch(self, tx: Any, planned: Planned) -> int:
        key = (planned.system, planned.object, planned.operation)
        batch_id, items = self._batches.get(key, (0, self.mapping.batch_size))
        if items >= self.mapping.batch_size:
            batch_id, items = open_batch(self.ctx, tx, *key, entity=self.mapping.entity), 0
        self._batches[key] = batch_id, items + 1
        return batch_id


class PushPlanner(Planner):
    """Everything but references: merges, creates, deletes; and who is whose partner."""

    def due(self, tx: Any, size: int) -> Gathered:
        rows: list[MirrorRow] = []
        for system in (SALESFORCE, HUBSPOT):
            rows += mirror.due(tx, system, self.mapping.sources(system), size)
        return gather(
            tx, self.mapping, self._now(rows), self._now(pairs.due(tx, self.mapping.entity, self.ctx.now(), size))
        )

    def _now(self, some: list[Any]) -> list[Any]:
        """Without what was raised after this planning began: that is for the next run, or this one would never end."""
        return [one for one in some if one.due_seq is not None and one.due_seq <= self.upto]

    def waiting(self, tx: Any) -> int:
        read = [name for system in (SALESFORCE, HUBSPOT) for name in self.mapping.sources(system)]
        return questions.due_count(tx, self.mapping.entity, read)

    def clear(self, tx: Any, found: Gathered, plans: list[UnitPlan]) -> None:
        """Both records of a planned pair are done, also the one whose turn had not come: else the pair is planned twice."""
        mirror.clear_due(tx, found.due_rows)
        pairs.clear_due(tx, found.due_pairs)
        records: dict[tuple[str, str], set[str]] = {}
        for plan in plans:
            for system, name, record_id in records_of([plan.pair] if plan.pair else []):
                records.setdefault((system, name), set()).add(record_id)
        for (system, name), ids in records.items():
            mirror.clear_due_upto(tx, system, name, ids, self.upto)
        stay_due(tx, plans)

    def plan(self, tx: Any, found: Gathered) -> list[UnitPlan]:
        """Pairs first: a survivor that one of them takes over is no new record."""
        units, loose = found.units(self.mapping.entity), found.unpaired()
        context = self.context(tx, found, [*units, *(_single(row) for row in loose)])
        plans = []
        for unit in units:
            if found.bereft(unit.pair):
                loose += [row for row in (unit.sf, unit.hs) if row and row.live and not found.pair_of(*key_of(row))]
                continue
            plans.append(self.decided.freed(self.plan_one(tx, unit, context), unit))
            # two records merged into a new one: the first pair takes the survivor, the second must see that
            found.note(plans[-1].pair)
        taken = {key for plan in plans if plan.pair for key in records_of([plan.pair])}
        free = [row for row in loose if key_of(row) not in taken]
        self._stir(tx, found, context.values)
        return plans + self.plan_unpaired(tx, free, context)

    def plan_one(self, tx: Any, unit: Unit, context: PlanContext) -> UnitPlan:
        return plan_with_sums(tx, unit, self.mapping, context)

    def plan_unpaired(self, tx: Any, rows: list[MirrorRow], context: PlanContext) -> list[UnitPlan]:
        decided, rows = self.decided.units(tx, rows, context)
        plans = [self.decided.freed(plan_unit(unit, self.mapping, context), unit) for unit in decided]
        holders = holders_of(tx, self.mapping, rows, context.values, context.pair_of)
        for found in match(self.mapping, rows, context.values, holders, self._named(tx, rows)):
            match found:
                case Matched(sf, hs, _):
                    plans.append(plan_unit(Unit(None, sf, hs), self.mapping, context))
                case Named(row, pair):
                    plans.append(self._plan_named(tx, row, pair, context))
                case Unmatched(row):
                    plans.append(plan_unit(_single(row), self.mapping, context))
                case _:
                    plans.append(plan_ambiguous(found, self.mapping))
        return plans

    def _plan_named(self, tx: Any, row: MirrorRow, pair: Pair, context: PlanContext) -> UnitPlan:
        """An earlier create of ours, found by the external id that it carries."""
        joined = pair.joined(row.system, row.id, row.object)
        unit = gather(tx, self.mapping, [row], [joined]).unit(joined)
        return plan_unit(unit, self.mapping, context)

    def _named(self, tx: Any, rows: list[MirrorRow]) -> dict[str, Pair]:
        carried = {row.values.get(self.mapping.external_id[row.system]) for row in rows} - {None}
        found = pairs.get(tx, [one.split(".")[0] for one in carried if one])
        return {pair.external_id: pair for pair in found.values()}

    def _stir(self, tx: Any, found: Gathered, values: ValueContext) -> None:
        """A record that left may have been what made others ambiguous: those are planned again."""
        gone = [row for row in found.due_rows if not row.live]
        if not gone:
            return
        seq = next_seq(tx)
        for carriers in holders_of(tx, self.mapping, gone, values).values():
            for holder in carriers:
                if holder.pair_id is None:
                    mirror.raise_due(tx, holder.row.system, holder.row.object, [holder.row.id], seq)


class PairPlanner(PushPlanner):
    """Pairs that became due during this cycle: a new record was read back, a target had moved, a partner was found live."""

    def due(self, tx: Any, size: int) -> Gathered:
        return gather(tx, self.mapping, [], self._now(pairs.due(tx, self.mapping.entity, self.ctx.now(), size)))

    def waiting(self, tx: Any) -> int:
        return 0


class ReferencePlanner(Planner):
    """References of linked pairs: lookups in Salesforce, associations in HubSpot (update_fks)."""

    operation = Operation.UPDATE_FKS

    def due(self, tx: Any, size: int) -> Gathered:
        if not self.mapping.references:
            return Gathered([], [])
        due = [p for p in pairs.references_due(tx, self.mapping.entity, size) if (p.references_seq or 0) <= self.upto]
        return gather(tx, self.mapping, [], due)

    def waiting(self, tx: Any) -> int:
        return len(pairs.references_due(tx, self.mapping.entity, DRY_RUN_RECORDS)) if self.mapping.references else 0

    def clear(self, tx: Any, found: Gathered, plans: list[UnitPlan]) -> None:
        pairs.clear_references(tx, found.due_pairs)

    def plan(self, tx: Any, found: Gathered) -> list[UnitPlan]:
        units = found.units(self.mapping.entity)
        context = self.context(tx, found, units)
        return [plan_references(unit, self.mapping, context) for unit in units]

    def _keep(self, tx: Any, plans: list[UnitPlan]) -> None:
        super()._keep(tx, plans)
        pairs.set_waits(tx, {plan.pair.id: plan.waits for plan in plans if plan.pair})
        plan_wanted(tx, self.ctx.mappings, self.mapping.entity, plans)


def _single(row: MirrorRow) -> Unit:
    return Unit(None, row, None) if row.system == SALESFORCE else Unit(None, None, row)


def _joined(pair: Pair, before: Pair) -> bool:
    return (pair.sf_id, pair.hs_id) != (before.sf_id, before.hs_id)


def _only_planned(change: Planned) -> Planned:
    return replace(change, outcome=OutcomeKind.SKIPPED, code="dry_run")
