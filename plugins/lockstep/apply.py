"""Apply: one batch of planned changes, end to end. The only code that writes to Salesforce and HubSpot.

Invariant: *a base is always a value that side really held or was sent and never contradicted; mirror and base move
together.* The order per vendor call is: read the targets, commit the intent (`sent_at`), call, commit the outcomes. A task
that is killed anywhere leaves changes without an outcome; running it again reads the targets and finds out what happened:

    target holds            not sent before            sent before
    what was planned        skipped: already there     confirmed
    what it held then       send                       send again (creates are upserts on the pair's own id)
    something else          stale: plan afresh         what was sent is the base, the rest is a person's edit
    nothing (gone)          stale: plan afresh         stale: plan afresh

**Recovery is always: run it again.**
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from lockstep.decisions import CLOSES_AS, NO_SEARCH
from lockstep.errors import LockstepError, QuotaExhausted, kind_of
from lockstep.mapping import FieldMapping, FieldType, Mapping
from lockstep.model import (
    Action,
    Batch,
    Change,
    OutcomeKind,
    Pair,
    PairState,
    Rejection,
    Row,
    Values,
    Write,
    WriteResult,
    Written,
)
from lockstep.outcomes import Outcomes, in_words
from lockstep.run import Context
from lockstep.side_by_side import side_by_side
from lockstep.store import leases, ledger, mirror, pairs
from lockstep.store.mirror import Confirmed
from lockstep.store.sequence import next_seq
from lockstep.systems.base import parts
from lockstep.targets import compare, ignored
from lockstep.work import Work

#: how often a change is sent in one run before its lost answers are left to the next run
SENDS = 3

#: a transient rejection waits this long before it is planned again, doubled with each attempt
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=12)

DONE = {Action.CREATE: OutcomeKind.NEW, Action.UPDATE: OutcomeKind.UPDATED, Action.DELETE: OutcomeKind.DELETED}


class Applier:
    """Applies the changes of one batch: one system, one object, one kind of operation."""

    def __init__(self, ctx: Context, mapping: Mapping, batch: Batch, work: Work):
        self.ctx, self.mapping, self.batch, self.work = ctx, mapping, batch, work
        self.system = ctx.systems[batch.system]
        self.external_id = mapping.external_id[batch.system]
        #: of the lease that is held while changes are sent
        self.epoch: int | None = None

    def run(self) -> None:
        """Work until no change of the batch is without an outcome.

        :raises RetriableError: the vendor does not answer; the undone changes stay for the retry.
        :raises QuotaExhausted: the undone changes are deferred.
        """
        try:
            while first := self._next():
                # links of one record are not written at the same time: vendors lock the record
                at_once = 1 if self.mapping.is_link else self.system.limits.writes_at_once
                side_by_side(self._chunks(first), self._send, at_once)
        except QuotaExhausted:
            self._defer_rest()
            raise

    def _chunks(self, drawn: Sequence[Change]) -> Iterator[Sequence[Change]]:
        """From these on: each change without an outcome once, as many as one call takes."""
        while drawn:
            yield from parts(drawn, self.system.limits.write_batch)
            drawn = self._next(drawn[-1].id)

    def _next(self, after_id: int = 0) -> list[Change]:
        with self.ctx.store.writing() as tx:
            held = self.ctx.run.id, self.ctx.now(), self.ctx.settings.lease_seconds
            self.epoch = leases.acquire(tx, self.mapping.entity, *held)
            many = self.system.limits.write_batch * self.system.limits.writes_at_once
            return ledger.changes(tx, self.batch.id, undone_only=True, after_id=after_id, limit=many)

    def _send(self, chunk: Sequence[Change]) -> None:
        for action in (Action.CREATE, Action.UPDATE, Action.DELETE):
            if some := [change for change in chunk if change.action is action]:
                self._apply(action, some)

    def _apply(self, action: Action, changes: list[Change]) -> None:
        before = self._outcomes(changes)
        check = self._unmatched if action is Action.CREATE else self._unmoved
        ready = check(action, changes, before)
        self._commit(before, ready)
        if not ready:
            return
        writes = [self._write(change, before) for change in ready]
        results = {r.key: r for r in self.system.write(self.batch.object, action, writes, self.external_id)}
        self._commit_answers(ready, results)
        self._read_filled([r.record_id for r in results.values() if r.status is Written.OK and r.record_id], action)

    def _read_filled(self, ids: list[str], action: Action) -> None:
        """Read new records whose vendor fills fields by itself (an owner by assignment rules, a first status), so that
        `update_foreign_keys` takes those over to the other side in this very cycle. What is not read now, the next pull reads."""
        if (
            action is not Action.CREATE
            or not ids
            or not self.mapping.vendor_filled(self.batch.system, self.batch.object)
        ):
            return
        names = self.mapping.fields_of(self.batch.system, self.batch.object)
        try:
            read = self.system.read(self.batch.object, names, ids)
        except LockstepError as error:
            self.ctx.log.warning("new records could not be read back, the next pull will: %s", error)
            return
        rows = [Confirmed(row.id, dict(zip(names, row.values, strict=True)), row.version) for row in read.rows.values()]
        with self.ctx.store.writing() as tx:
            mirror.confirm_all(tx, self.batch.system, self.batch.object, rows, self.ctx.now())
            paired = pairs.by_record(tx, self.batch.system, [(self.batch.object, row.id) for row in rows])
            pairs.raise_due(tx, [pair.id for pair in paired.values()], next_seq(tx))
            self.work.count(tx)

    def _outcomes(self, changes: list[Change]) -> Outcomes:
        def read() -> dict[str, Pair]:
            with self.ctx.store.reading() as tx:
                return pairs.get(tx, _paired(changes))

        return Outcomes(self.mapping, self.batch.system, read, self.ctx.now())

    def _commit(self, outcomes: Outcomes, intended: Collection[Change] = ()) -> None:
        """`intended`: changes that are sent next."""
        with self._writing() as tx:
            outcomes.commit(tx)
            ledger.mark_sent(tx, [change.id for change in intended], self.ctx.now())
            self.work.count(tx, **outcomes.counts)

    def _commit_answers(self, sent: list[Change], results: dict[int, WriteResult]) -> None:
        """The pairs are read in the transaction that moves them: another task may write to their other side meanwhile."""
        with self._writing() as tx:
            outcomes = Outcomes(self.mapping, self.batch.system, lambda: pairs.get(tx, _paired(sent)), self.ctx.now())
            for change in sent:
                self._answered(outcomes, change, results.get(change.id))
            outcomes.commit(tx)
            self.work.count(tx, **outcomes.counts)

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """A transaction of who holds the lease."""
        with self.ctx.store.writing() as tx:
            if self.epoch is not None:
                leases.check(tx, self.mapping.entity, self.ctx.run.id, self.epoch)
            yield tx

    def _write(self, change: Change, outcomes: Outcomes) -> Write:
        if change.action is not Action.CREATE:
            return Write(change.id, change.record_id, None, change.after)
        pair = outcomes.pair(change)
        required = (self.mapping.by_name[name] for name in self.mapping.required.get(change.object, ()))
        needs = frozenset(name for one in required if (name := one.on(self.batch.system, change.object)))
        return Write(change.id, None, pair.external_id, change.after, needs)

    # --- before sending

    def _unmoved(self, action: Action, changes: list[Change], outcomes: Outcomes) -> list[Change]:
        """Read the targets just before writing; settle those that need no sending, return the others."""
        names = tuple(sorted({name for change in changes for name in (change.after or change.before)}))
        read = self.system.read(self.batch.object, names, [change.record_id or "" for change in changes])
        ready = []
        for change in changes:
            row = read.rows.get(change.record_id or "")
            found = dict(zip(names, row.values, strict=True)) if row and row.id == change.record_id else None
            verdict = compare(action, change, found)
            if verdict == "send":
                ready.append(change)
            else:
                tombstone = read.gone.get(change.record_id or "")
                if tombstone and action is not Action.DELETE:
                    outcomes.bury(change.object, tombstone)
                self._settle(outcomes, change, verdict, found, row)
        return ready

    def _settle(self, outcomes: Outcomes, change: Change, verdict: str, found: Values | None, row: Row | None) -> None:
        if verdict == "gone" and change.action is Action.DELETE:
            outcomes.delete(change)
        elif verdict == "there":
            outcomes.agree(change, change.after, None)
            sent = change.sent_at is not None
            outcomes.end(change, DONE[change.action] if sent else OutcomeKind.SKIPPED, None if sent else "unchanged")
        else:
            edited = verdict == "edited"
            if edited:
                outcomes.agree(change, change.after, None)
            if found and row:
                outcomes.confirm(change.object, row.id, found, row.version)
            outcomes.again(change, *((DONE[change.action], None) if edited else (OutcomeKind.DEFERRED, "stale")))

    def _unmatched(self, action: Action, changes: list[Change], outcomes: Outcomes) -> list[Change]:
        """Look the match keys of records about to be created up live: a hit is a match, not a new record (DESIGN §5)."""
        taken = self._holders([change for change in changes if NO_SEARCH not in (change.detail or {})])
        for change in changes:
            if change.id in taken:
                self._matched(outcomes, change, *taken[change.id])
        return [change for change in changes if change.id not in taken]

    def _holders(self, changes: list[Change]) -> dict[int, tuple[str, str]]:
        """change id -> (object, record id) of a live record that holds its match key and is not its own earlier try."""
        found: dict[int, tuple[str, str]] = {}
        own = {change.pair_id for change in changes}
        for field, name in self._searchable():
            wanted = {c.id: key.casefold() for c in changes if (key := self._key(field, c))}
            searched = field.on(self.batch.system, name) or ""
            asked = (searched, self.external_id)
            rows = self.system.find(name, searched, sorted(set(wanted.values())), asked) if wanted else []
            holders = {(row.values[0] or "").casefold(): row.id for row in rows if _pair_of(row.values[1]) not in own}
            found |= {change_id: (name, holders[key]) for change_id, key in wanted.items() if key in holders}
        return found

    def _key(self, field: FieldMapping, change: Change) -> str | None:
        return change.after.get(field.on(self.batch.system, change.object) or "")

    def _searchable(self) -> Iterable[tuple[FieldMapping, str]]:
        """(field, object) of the target in which a match key can be looked up exactly: e-mail addresses."""
        for key in self.mapping.match:
            field = self.mapping.by_name[key.field]
            if field.type is FieldType.EMAIL:
                names = self.mapping.objects(self.batch.system)
                yield from ((field, name) for name in names if field.on(self.batch.system, name))

    def _matched(self, outcomes: Outcomes, change: Change, name: str, record_id: str) -> None:
        """The target has the record already: pair with it, unless it is somebody else's partner; merge in the next run."""
        if CLOSES_AS in (change.detail or {}):
            outcomes.end(change, OutcomeKind.SKIPPED, "changed_since")
            return
        with self.ctx.store.reading() as tx:
            owner = pairs.by_record(tx, self.batch.system, [(name, record_id)]).get((name, record_id))
        pair = outcomes.pair(change)
        if owner and owner.id != pair.id:
            outcomes.save(replace(pair, state=PairState.HELD, reason="ambiguous_match"))
            candidate = {"system": self.batch.system, "object": name, "id": record_id, "pair": owner.id}
            outcomes.end(change, OutcomeKind.HELD, "ambiguous_match", {"candidates": [candidate]})
        else:
            # bases were those of a new record: these two have never met
            outcomes.save(replace(pair.joined(self.batch.system, record_id, name), sf_base={}, hs_base={}))
            outcomes.again(change, OutcomeKind.DEFERRED, "matched_live")

    # --- reading back what an earlier run sent

    def take_over(self, changes: list[Change]) -> None:
        """Changes that were never sent: their pairs are planned afresh."""
        outcomes = self._outcomes(changes)
        for change in changes:
            outcomes.again(change, OutcomeKind.DEFERRED, "taken_over")
        self._commit(outcomes)

    def read_back(self, changes: list[Change]) -> None:
        """Changes that were sent and whose answer nobody noted: the record tells what became of them."""
        outcomes = self._outcomes(changes)
        lost = []
        for action in (Action.UPDATE, Action.DELETE):
            if some := [change for change in changes if change.action is action]:
                lost += self._unmoved(action, some, outcomes)
        for change in (one for one in changes if one.action is Action.CREATE):
            found = self.found(change, outcomes.pair(change))
            if found:
                self._confirmed(outcomes, change, WriteResult(change.id, Written.OK, found[0], True, found[1]))
            else:
                lost.append(change)
        for change in lost:
            outcomes.again(change, OutcomeKind.DEFERRED, "taken_over")
        self._commit(outcomes)

    def settle(self, change: Change) -> None:
        """A change whose answer stayed lost to the end of its run: it has its outcome, only bases and state move."""
        outcomes = self._outcomes([change])
        pair = outcomes.pair(change)
        found = self.found(change, pair)
        created = change.action is Action.CREATE
        outcomes.save(
            replace(pair, state=PairState.CREATING if created and not found else PairState.LINKED, reason=None)
        )
        if found:
            if created:
                outcomes.join(change, found[0])
            if found[1] != {name: change.before.get(name) for name in change.after}:
                outcomes.agree(change, change.after, None)
        outcomes.due(change)
        self._commit(outcomes)

    def found(self, change: Change, pair: Pair) -> tuple[str, Values] | None:
        """(record id, its values of the change's fields) as the target holds them now; None if it has no such record."""
        names = tuple(sorted(change.after or change.before))
        if change.action is Action.CREATE:
            rows = self.system.find(change.object, self.external_id, [pair.external_id], names)
            row = rows[0] if rows else None
        else:
            row = self.system.read(change.object, names, [change.record_id or ""]).rows.get(change.record_id or "")
        return (row.id, dict(zip(names, row.values, strict=True))) if row else None

    # --- after sending

    def _answered(self, outcomes: Outcomes, change: Change, result: WriteResult | None) -> None:
        if result is None or result.status is Written.UNKNOWN:
            self._unknown(outcomes, change)
        elif result.status is Written.REJECTED:
            self._rejected(outcomes, change, result)
        elif change.action is Action.DELETE:
            outcomes.delete(change)
        else:
            self._confirmed(outcomes, change, result)

    def _confirmed(self, outcomes: Outcomes, change: Change, result: WriteResult) -> None:
        """The vendor took it. What it answered decides: it kept its old value: ignored; it rewrote ours: that is the base."""
        held = {name: result.values[name] for name in change.after if result.values and name in result.values}
        refused = {name for rejection in result.field_rejections for name in rejection.fields}
        kept = {name for name, value in held.items() if ignored(change, name, value)}
        taken = {name: held.get(name, value) for name, value in change.after.items() if name not in refused | kept}
        if change.action is Action.CREATE and result.record_id:
            outcomes.join(change, result.record_id)
        outcomes.agree(change, taken, result.version)
        fields = [in_words(rejection) for rejection in result.field_rejections]
        fields += [{"code": "ignored_by_vendor", "fields": sorted(kept)}] if kept else []
        failed = not taken
        code = fields[0]["code"] if failed and fields else None
        outcome = OutcomeKind.FAILED if failed else DONE[change.action]
        outcomes.end(change, outcome, code, {"fields": fields} if fields else None, result.record_id)
        outcomes.counts["fields_failed"] += len(refused | kept)

    def _unknown(self, outcomes: Outcomes, change: Change) -> None:
        """The answer was lost. The change stays undone and is read back, unless that was tried often enough in this run."""
        if change.attempts + 1 < SENDS:
            outcomes.attempt(change)
            return
        reason = f"change:{change.id}"
        outcomes.save(replace(outcomes.pair(change), state=PairState.UNCONFIRMED, reason=reason))
        outcomes.end(change, OutcomeKind.DEFERRED, "unconfirmed")

    def _rejected(self, outcomes: Outcomes, change: Change, result: WriteResult) -> None:
        rejection = result.rejection or Rejection("vendor_refused", "The vendor refused the record.")
        if rejection.code == "duplicate" and result.record_id and change.action is Action.CREATE:
            self._matched(outcomes, change, change.object, result.record_id)
            return
        if kind_of(rejection.code).retried or rejection.code in ("converted_lead", "record_gone"):
            outcomes.due(change, self.ctx.now() + self._wait(change))
        outcomes.end(change, OutcomeKind.FAILED, rejection.code, in_words(rejection))

    def _wait(self, change: Change) -> timedelta:
        with self.ctx.store.reading() as tx:
            failures = ledger.failures_in_a_row(tx, change.pair_id or "")
        return min(FIRST_WAIT * (1 << min(failures, 10)), LONGEST_WAIT)

    def _defer_rest(self) -> None:
        """The quota is used up: what was not sent waits for it."""
        with self.ctx.store.reading() as tx:
            rest = [c for c in ledger.changes(tx, self.batch.id, undone_only=True) if c.sent_at is None]
        outcomes = self._outcomes(rest)
        for change in rest:
            outcomes.again(change, OutcomeKind.DEFERRED, "quota")
        self._commit(outcomes)


def _paired(changes: Iterable[Change]) -> list[str]:
    return [change.pair_id for change in changes if change.pair_id]


def _pair_of(external_id: str | None) -> str | None:
    return external_id.split(".")[0] if external_id else None
