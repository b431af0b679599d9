"""undo_run: puts back what one run has written, where it still stands.

The records are read just before planning, and once more just before writing. A value that is no longer what we wrote belongs
to whoever changed it. The bases move with the confirmed writes: one side's to what was restored, the other's to what it held
when the run wrote, so that nothing is synced again, and an edit that was made since is still an edit.

A plan that a guard refused and a person approved is made anew from what the records hold now: what it has beyond the plan
that was shown, or otherwise, is stale and not applied.
"""

from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import replace
from typing import Any

from lockstep.decisions import CLOSES_AS, NO_SEARCH, WRITE_STEPS, Decision, DecisionKind
from lockstep.errors import ConfigError
from lockstep.mapping import Mapping
from lockstep.model import (
    Action,
    Batch,
    BatchStatus,
    Change,
    Operation,
    OutcomeKind,
    Pair,
    PairState,
    Row,
    RunState,
    Values,
)
from lockstep.plan import PairReason
from lockstep.run import Context
from lockstep.steps.approved import find_approved, use_approval
from lockstep.steps.guarding import guard, pairs_before
from lockstep.steps.push import to_apply
from lockstep.steps.recover import recover
from lockstep.steps.values import value_context
from lockstep.store import decisions, leases, ledger, pairs
from lockstep.store.ledger import Run, questions
from lockstep.values import ValueContext, canonical
from lockstep.work import open_batch

Params = AbstractMapping[str, Any]

DONE = (OutcomeKind.NEW, OutcomeKind.UPDATED, OutcomeKind.DELETED)


def plan_undo(ctx: Context) -> list[dict[str, Any]]:
    """Plan the undoing of the run that the params name. Returns batches as `plan_push` does.

    :raises ConfigError: there is no such run, or it has written nothing
    :raises LeaseHeld: another run writes to these objects
    """
    approved = None if ctx.params.get("run") else find_approved(ctx)
    with ctx.store.writing() as tx:
        ledger.clean_up(tx, ctx.run.id)
        told = ledger.run(tx, approved.run_id or "").params if approved else ctx.params
        decision = _decision(told, tx)
        undone = _run(told, tx, decision)
        shown = _shown(tx, approved) if approved else None
        batches = [one for one in ledger.batches(tx, undone.id) if one.entity and one.system in ctx.systems]
    before = pairs_before(ctx)
    for entity in dict.fromkeys(batch.entity or "" for batch in batches):
        mapping = ctx.mappings.entity(entity)
        with ctx.store.writing() as tx:
            leases.acquire(tx, entity, ctx.run.id, ctx.now(), ctx.settings.lease_seconds)
        recover(ctx, mapping)
        for batch in reversed(batches):
            if batch.entity == entity:
                _Undo(ctx, mapping, batch, told, shown).plan()
    if approved:
        use_approval(ctx, approved)
        return to_apply(ctx)
    guard(ctx, before)
    if decision and not ctx.params.get("dry_run"):
        with ctx.store.writing() as tx:
            decisions.use(tx, [decision.id], ctx.run.id, f"planned: {undone.id}")
    return to_apply(ctx)


def _decision(params: Params, tx: Any) -> Decision | None:
    ids = params.get("decision") or ()
    found = [one for one in decisions.get(tx, ids) if one.kind is DecisionKind.UNDO]
    return found[0] if found else None


def _shown(tx: Any, approved: Decision) -> dict[int | None, Change]:
    """id of the change to undo -> what the refused plan would have done about it."""
    return {
        one.retry_of: one
        for batch in ledger.batches(tx, approved.run_id or "")
        if batch.error_code == "guard_tripped"
        for one in ledger.changes(tx, batch.id)
        if one.code == "guard_tripped"
    }


def _run(params: Params, tx: Any, decision: Decision | None) -> Run:
    run_id = (decision.run_id if decision else params.get("run")) or ""
    hint = "Give the ledger's id of a finished run of push_updates or update_foreign_keys, as Sync Status shows it."
    try:
        found = ledger.run(tx, run_id)
    except KeyError:
        raise ConfigError(f"There is no run {run_id!r} to undo.", hint=hint) from None
    if found.step not in WRITE_STEPS:
        raise ConfigError(f"The run {run_id} is one of {found.step}, which writes no records.", hint=hint)
    if found.state is RunState.OPEN:
        raise ConfigError(f"The run {run_id} is not finished yet.", hint=hint)
    return found


class _Undo:
    """The undoing of one batch."""

    def __init__(
        self, ctx: Context, mapping: Mapping, batch: Batch, params: Params, shown: dict[int | None, Change] | None
    ):
        self.ctx, self.mapping, self.batch, self.system = ctx, mapping, batch, ctx.systems[batch.system]
        self.params, self.shown = params, shown
        self._batches: dict[Operation, int] = {}

    def plan(self) -> None:
        for changes in self._chunks():
            rows = self._read(changes)
            with self.ctx.store.writing() as tx:
                undone, planned = questions.undone_by(tx, [one.id for one in changes]), self._planned(tx)
                left = [one for one in changes if one.id not in undone and one.id not in planned]
                paired = pairs.get(tx, [one.pair_id for one in left if one.pair_id])
                values = value_context(self.ctx, tx)
                for change in left:
                    if pair := paired.get(change.pair_id or ""):
                        fresh, then = self._undo(change, pair, rows.get(change.record_id or ""), values)
                        if self._stale(fresh):
                            fresh, then = replace(fresh, outcome=OutcomeKind.DEFERRED, code="stale"), pair
                        self._keep(tx, fresh, then)

    def _chunks(self) -> Iterator[list[Change]]:
        after, size = 0, self.system.limits.read_batch
        while True:
            with self.ctx.store.reading() as tx:
                found = ledger.changes(tx, self.batch.id, after_id=after, limit=size)
            if not found:
                return
            after = found[-1].id
            if done := [one for one in found if one.outcome in DONE and one.record_id]:
                yield done

    def _planned(self, tx: Any) -> set[int | None]:
        """What a killed try of this task has planned already."""
        own = (batch for batch in ledger.batches(tx, self.ctx.run.id) if batch.status is BatchStatus.IN_PROCESS)
        return {one.retry_of for batch in own for one in ledger.changes(tx, batch.id)}

    def _read(self, changes: list[Change]) -> dict[str, Values]:
        """record id -> what it holds now, of the records that live under the id that we wrote to."""
        names = tuple(sorted({name for one in changes for name in (one.after or one.before)}))
        read = self.system.read(self.batch.object, names, [one.record_id or "" for one in changes])
        alive: dict[str, Row] = {asked: row for asked, row in read.rows.items() if row.id == asked}
        return {asked: dict(zip(names, row.values, strict=True)) for asked, row in alive.items()}

    def _undo(self, change: Change, pair: Pair, now: Values | None, values: ValueContext) -> tuple[Change, Pair]:
        match change.action:
            case Action.UPDATE:
                return self._undo_update(change, now, values), pair
            case Action.CREATE:
                return self._undo_create(change, pair, now, values), pair
            case _:
                return self._undo_delete(change, pair, now)

    def _undo_update(self, change: Change, now: Values | None, values: ValueContext) -> Change:
        standing = [name for name in change.after if now and self._stands(change, name, now, values)]
        if now is None or not standing:
            return _skipped(change, "changed_since")
        words = "The value is no longer what the run wrote."
        moved = [
            {"field": one, "code": "changed_since", "message": words} for one in change.after if one not in standing
        ]
        return _fresh(
            change,
            before={name: now[name] for name in standing},
            after={name: change.before.get(name) for name in standing},
            detail={"fields": moved} if moved else None,
        )

    def _stands(self, change: Change, name: str, now: Values, values: ValueContext) -> bool:
        """The vendor may have rewritten what it was sent: what reads the same is the same."""
        if now.get(name) == change.after[name]:
            return True
        field = next((one for one in self.mapping.fields if one.on(change.system, change.object) == name), None)
        if field is None:
            return False
        return canonical(field, change.system, now.get(name), values) == canonical(
            field, change.system, change.after[name], values
        )

    def _undo_create(self, change: Change, pair: Pair, now: Values | None, values: ValueContext) -> Change:
        if self.params.get("creates") != "delete":
            return _skipped(change, "undo_kept")
        ours = now is not None and all(self._stands(change, name, now, values) for name in change.after)
        if now is None or not ours or pair.record_id(change.system) != change.record_id:
            return _skipped(change, "changed_since")
        before = {name: now[name] for name in change.after}
        return _fresh(
            change, action=Action.DELETE, before=before, after={}, detail={CLOSES_AS: PairReason.UNDONE.value}
        )

    def _undo_delete(self, change: Change, pair: Pair, now: Values | None) -> tuple[Change, Pair]:
        if self.params.get("deletes") != "recreate":
            return _skipped(change, "undo_kept"), pair
        elsewhere = pair.record_id(change.system) not in (None, change.record_id)
        if now is not None or pair.state is not PairState.CLOSED or elsewhere:
            return _skipped(change, "changed_since"), pair
        after = {name: value for name, value in change.before.items() if value is not None}
        detail = {CLOSES_AS: PairReason.UNDONE.value, NO_SEARCH: True}
        fresh = _fresh(change, action=Action.CREATE, record_id=None, before={}, after=after, detail=detail)
        side: dict[str, Any] = {"sf_id": None} if change.system == "salesforce" else {"hs_id": None}
        return fresh, replace(pair, generation=pair.generation + 1, state=PairState.CREATING, reason=None, **side)

    def _stale(self, fresh: Change) -> bool:
        """True if another plan than this was shown to whoever approved it."""
        if self.shown is None or fresh.outcome is not None:
            return False
        shown = self.shown.get(fresh.retry_of)
        same = shown and (fresh.action, fresh.before, fresh.after) == (shown.action, shown.before, shown.after)
        return not same

    def _keep(self, tx: Any, fresh: Change, pair: Pair) -> None:
        dry = bool(self.ctx.params.get("dry_run"))
        if dry and fresh.outcome is None:
            fresh = replace(fresh, outcome=OutcomeKind.SKIPPED, code="dry_run")
        operation = {Action.CREATE: Operation.PUSH_NEW, Action.DELETE: Operation.PUSH_DELETES}.get(
            fresh.action, self.batch.operation
        )
        batch_id = self._batch(tx, operation)
        if fresh.outcome:
            ledger.add_counts(tx, batch_id, read=1, **{fresh.outcome: 1})
        ledger.insert_changes(tx, [replace(fresh, batch_id=batch_id)])
        ledger.add_counts(
            tx, batch_id, fields_failed=len((fresh.detail or {}).get("fields", ())) if not fresh.outcome else 0
        )
        if not dry:
            pairs.save(tx, [pair])

    def _batch(self, tx: Any, operation: Operation) -> int:
        if operation not in self._batches:
            place = (self.batch.system, self.batch.object, operation, self.batch.entity)
            self._batches[operation] = open_batch(self.ctx, tx, *place)
        return self._batches[operation]


def _fresh(change: Change, **more: Any) -> Change:
    """The undoing change; it names the one that it undoes."""
    names = more["after"] or more["before"]
    why = dict.fromkeys(names, f"undo of change {change.id}")
    same: dict[str, Any] = {"batch_id": 0, "retry_of": change.id, "why": why, "lost": {}, "outcome": None, "code": None}
    return replace(change, id=0, sent_at=None, attempts=0, **(same | more))


def _skipped(change: Change, code: str) -> Change:
    still: dict[str, Any] = {"action": Action.NONE, "before": {}, "after": {}, "source": {}, "detail": None}
    return _fresh(change, **still, outcome=OutcomeKind.SKIPPED, code=code)
