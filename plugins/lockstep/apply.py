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

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from lockstep.errors import QuotaExhausted, kind_of
from lockstep.mapping import FieldMapping, FieldType, Mapping
from lockstep.model import (
    Action,
    Batch,
    Change,
    Gone,
    OutcomeKind,
    Pair,
    PairState,
    Row,
    Tombstone,
    Values,
    Write,
    WriteResult,
    Written,
    other_side,
)
from lockstep.steps.batches import Work
from lockstep.steps.runs import Context
from lockstep.store import leases, ledger, mirror, pairs
from lockstep.store.sequence import next_seq

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

    def run(self) -> None:
        """Work until no change of the batch is without an outcome.

        :raises RetriableError: the vendor does not answer; the undone changes stay for the retry.
        :raises QuotaExhausted: the undone changes are deferred.
        """
        try:
            while chunk := self._next():
                for action in (Action.CREATE, Action.UPDATE, Action.DELETE):
                    if some := [change for change in chunk if change.action is action]:
                        self._apply(action, some)
        except QuotaExhausted:
            self._defer_rest("quota")
            raise

    def _next(self) -> list[Change]:
        with self.ctx.store.writing() as tx:
            self.epoch = leases.acquire(
                tx, self.mapping.entity, self.ctx.run.id, self.ctx.now(), self.ctx.settings.lease_seconds
            )
            return ledger.changes(tx, self.batch.id, undone_only=True, limit=self.system.limits.write_batch)

    def _apply(self, action: Action, changes: list[Change]) -> None:
        with self.ctx.store.reading() as tx:
            paired = pairs.get(tx, [change.pair_id for change in changes if change.pair_id])
        ready = self._unmatched(changes, paired) if action is Action.CREATE else self._unmoved(action, changes, paired)
        if not ready:
            return
        with self.ctx.store.writing() as tx:
            leases.check(tx, self.mapping.entity, self.ctx.run.id, self.epoch)
            ledger.mark_sent(tx, [change.id for change in ready], self.ctx.now())
            self.work.count(tx)
        writes = [self._write(change, paired[change.pair_id or ""]) for change in ready]
        results = {r.key: r for r in self.system.write(self.batch.object, action, writes, self.external_id)}
        with self.ctx.store.writing() as tx:
            leases.check(tx, self.mapping.entity, self.ctx.run.id, self.epoch)
            self._commit(tx, [(change, results.get(change.id), paired[change.pair_id or ""]) for change in ready])

    def _write(self, change: Change, pair: Pair) -> Write:
        external_id = pair.external_id if change.action is Action.CREATE else None
        return Write(change.id, change.record_id, external_id, change.after)

    # --- before sending

    def _unmoved(self, action: Action, changes: list[Change], paired: dict[str, Pair]) -> list[Change]:
        """Read the targets just before writing; settle those that need no sending, return the others."""
        names = tuple(sorted({name for change in changes for name in (change.after or change.before)}))
        read = self.system.read(self.batch.object, names, [change.record_id or "" for change in changes])
        ready, settled = [], []
        for change in changes:
            row = read.rows.get(change.record_id or "")
            found = dict(zip(names, row.values, strict=True)) if row and row.id == change.record_id else None
            verdict = _compare(action, change, found)
            (ready if verdict == "send" else settled).append((change, verdict, found, row))
        with self.ctx.store.writing() as tx:
            for change, verdict, found, row in settled:
                self._settle(tx, change, paired[change.pair_id or ""], verdict, found, row)
        return [change for change, *_ in ready]

    def _settle(self, tx: Any, change: Change, pair: Pair, verdict: str, found: Values | None, row: Row | None) -> None:
        if verdict == "gone" and change.action is Action.DELETE:
            self._deleted(tx, change, pair)
        elif verdict == "there":
            outcome = DONE[change.action] if change.sent_at else OutcomeKind.SKIPPED
            self.agree(tx, change, pair, change.after, None)
            self._outcome(tx, change, outcome, None if change.sent_at else "unchanged")
        elif verdict == "edited":
            self.agree(tx, change, pair, change.after, None)
            mirror.confirm(
                tx, self.batch.system, self.batch.object, change.record_id, found, row.version, self.ctx.now()
            )
            self._again(tx, change, DONE[change.action], None)
        else:
            if found and row:
                mirror.confirm(tx, self.batch.system, self.batch.object, row.id, found, row.version, self.ctx.now())
            self._again(tx, change, OutcomeKind.DEFERRED, "stale")

    def _unmatched(self, changes: list[Change], paired: dict[str, Pair]) -> list[Change]:
        """Look the match keys of records about to be created up live: a hit is a match, not a new record (DESIGN §5)."""
        taken = self._holders(changes)
        ready = []
        with self.ctx.store.writing() as tx:
            for change in changes:
                hit = taken.get(change.id)
                if hit:
                    self._matched(tx, change, paired[change.pair_id or ""], *hit)
                else:
                    ready.append(change)
        return ready

    def _holders(self, changes: list[Change]) -> dict[int, tuple[str, str]]:
        """change id -> (object, record id) of a live record that holds its match key and is not its own earlier try."""
        found: dict[int, tuple[str, str]] = {}
        own = {change.pair_id for change in changes}
        for field, name in self._searchable():
            wanted = {
                c.id: key.casefold()
                for c in changes
                if (key := c.after.get(field.on(self.batch.system, c.object) or ""))
            }
            searched = field.on(self.batch.system, name) or ""
            asked = (searched, self.external_id)
            rows = self.system.find(name, searched, sorted(set(wanted.values())), asked) if wanted else []
            holders = {
                (key or "").casefold(): row.id
                for row in rows
                for key, ours in [row.values]
                if _pair_of(ours) not in own
            }
            found |= {change_id: (name, holders[key]) for change_id, key in wanted.items() if key in holders}
        return found

    def _searchable(self) -> Iterable[tuple[FieldMapping, str]]:
        """(field, object) of the target in which a match key can be looked up exactly: e-mail addresses."""
        for key in self.mapping.match:
            field = self.mapping.by_name[key.field]
            if field.type is FieldType.EMAIL:
                names = self.mapping.objects(self.batch.system)
                yield from ((field, name) for name in names if field.on(self.batch.system, name))

    def _matched(self, tx: Any, change: Change, pair: Pair, name: str, record_id: str) -> None:
        """The target has the record already: pair with it, unless somebody else's partner; merge in the next run."""
        owner = pairs.by_record(tx, self.batch.system, [(name, record_id)]).get((name, record_id))
        if owner and owner.id != pair.id:
            pairs.save(tx, [replace(pair, state=PairState.HELD, reason="ambiguous_match")])
            detail = {"candidates": [{"system": self.batch.system, "object": name, "id": record_id, "pair": owner.id}]}
            self._outcome(tx, change, OutcomeKind.HELD, "ambiguous_match", detail)
        else:
            pairs.save(tx, [pair.joined(self.batch.system, record_id, name)])
            self._again(tx, change, OutcomeKind.DEFERRED, "matched_live")

    # --- reading back what an earlier run sent

    def take_over(self, changes: list[Change]) -> None:
        """Changes that were never sent: their pairs are planned afresh."""
        with self.ctx.store.writing() as tx:
            for change in changes:
                self._again(tx, change, OutcomeKind.DEFERRED, "taken_over")

    def read_back(self, changes: list[Change]) -> None:
        """Changes that were sent and whose answer nobody noted: the record tells what became of them."""
        with self.ctx.store.reading() as tx:
            paired = pairs.get(tx, [change.pair_id for change in changes if change.pair_id])
        creates = [change for change in changes if change.action is Action.CREATE]
        for action in (Action.UPDATE, Action.DELETE):
            if some := [change for change in changes if change.action is action]:
                self.take_over(self._unmoved(action, some, paired))
        for change in creates:
            pair = paired[change.pair_id or ""]
            found = self.found(change, pair)
            if found is None:
                self.take_over([change])
                continue
            with self.ctx.store.writing() as tx:
                result = WriteResult(change.id, Written.OK, found[0], created=True, values=found[1])
                self._wake(tx, self._confirmed(tx, change, result, pair))

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

    def _commit(self, tx: Any, answered: Sequence[tuple[Change, WriteResult | None, Pair]]) -> None:
        joined: list[Pair] = []
        for change, result, pair in answered:
            if result is None or result.status is Written.UNKNOWN:
                self._unknown(tx, change, pair)
            elif result.status is Written.REJECTED:
                self._rejected(tx, change, result, pair)
            elif change.action is Action.DELETE:
                self._deleted(tx, change, pair)
            else:
                joined += self._confirmed(tx, change, result, pair)
        self._wake(tx, joined)
        self.work.count(tx)

    def _confirmed(self, tx: Any, change: Change, result: WriteResult, pair: Pair) -> list[Pair]:
        """The vendor took it. What it answered decides: it kept its old value: ignored; it rewrote ours: that is the base."""
        held = {name: result.values[name] for name in change.after if result.values and name in result.values}
        refused = {name for rejection in result.field_rejections for name in rejection.fields}
        ignored = {name for name, value in held.items() if _ignored(change, name, value)}
        taken = {name: held.get(name, value) for name, value in change.after.items() if name not in refused | ignored}
        if change.action is Action.CREATE and result.record_id:
            pair = pair.joined(self.batch.system, result.record_id, change.object)
        self.agree(tx, change, pair, taken, result.version)
        fields = [_in_words(rejection) for rejection in result.field_rejections]
        fields += [{"code": "ignored_by_vendor", "fields": sorted(ignored)}] if ignored else []
        failed = not taken
        outcome = OutcomeKind.FAILED if failed else DONE[change.action]
        code = fields[0]["code"] if failed and fields else None
        self._outcome(tx, change, outcome, code, {"fields": fields} if fields else None, result.record_id)
        self.work.count(tx, fields_failed=len(refused | ignored))
        return [pair] if change.action is Action.CREATE else []

    def agree(
        self, tx: Any, change: Change, pair: Pair, taken: Values, version: str | None, record_id: str | None = None
    ) -> None:
        """Move both bases and the target's mirror together. What the vendor fills by itself on a create has no base yet."""
        system = self.batch.system
        record_id = record_id or pair.record_id(system) or change.record_id
        creating = change.action is Action.CREATE
        filled = {f.on(system, change.object) for f in self.mapping.fields if creating and system in f.vendor_filled}
        base = {name: value for name, value in taken.items() if name not in filled}
        fresh = pairs.get(tx, [pair.id])[pair.id]
        if record_id and fresh.record_id(system) != record_id:
            fresh = fresh.joined(system, record_id, change.object)
        moved = fresh.based(system, base).based(other_side(system), self._source_of(change, taken))
        pairs.save(tx, [replace(moved, agreed_at=self.ctx.now())])
        values = taken | ({self.external_id: pair.external_id} if creating else {})
        mirror.confirm(tx, system, change.object, record_id, values, version, self.ctx.now())

    def _source_of(self, change: Change, taken: Values) -> Values:
        """The other side's raw values whose counterparts were taken: a refused field moves no base."""
        there = other_side(self.batch.system)
        pairs_of_names = [
            (name, field.on(self.batch.system, change.object))
            for field in self.mapping.fields
            for name in {field.on(there, one) for one in self.mapping.objects(there)}
        ]
        return {name: change.source[name] for name, here in pairs_of_names if name in change.source and here in taken}

    def _deleted(self, tx: Any, change: Change, pair: Pair) -> None:
        at = self.ctx.now()
        tombstone = Tombstone(change.record_id or "", at, Gone.DELETED)
        mirror.entomb(tx, self.batch.system, change.object, [tombstone], next_seq(tx))
        pairs.save(tx, [replace(pair, state=PairState.CLOSED, reason="deleted")])
        self._outcome(tx, change, OutcomeKind.DELETED, None)

    def _unknown(self, tx: Any, change: Change, pair: Pair) -> None:
        """The answer was lost. The change stays undone and is read back, unless that was tried often enough in this run."""
        if change.attempts + 1 < SENDS:
            ledger.count_attempt(tx, change.id)
            return
        pairs.save(tx, [replace(pair, state=PairState.UNCONFIRMED, reason=f"change:{change.id}")])
        self._outcome(tx, change, OutcomeKind.DEFERRED, "unconfirmed")

    def _rejected(self, tx: Any, change: Change, result: WriteResult, pair: Pair) -> None:
        rejection = result.rejection
        assert rejection is not None, "a rejected write carries its rejection"
        if rejection.code == "duplicate" and result.record_id and change.action is Action.CREATE:
            self._matched(tx, change, pair, change.object, result.record_id)
            return
        if kind_of(rejection.code).retried or rejection.code in ("converted_lead", "record_gone"):
            pairs.raise_due(tx, [pair.id], next_seq(tx), self.ctx.now() + self._wait(tx, pair))
        self._outcome(tx, change, OutcomeKind.FAILED, rejection.code, _in_words(rejection))

    def _wait(self, tx: Any, pair: Pair) -> timedelta:
        return min(FIRST_WAIT * 2 ** min(ledger.failures_in_a_row(tx, pair.id), 10), LONGEST_WAIT)

    def _again(self, tx: Any, change: Change, outcome: OutcomeKind, code: str | None) -> None:
        """An outcome after which the pair must be planned afresh."""
        seq = next_seq(tx)
        if change.pair_id:
            pairs.raise_due(tx, [change.pair_id], seq)
            pairs.raise_references(tx, [change.pair_id], seq)
        self._outcome(tx, change, outcome, code)

    def _outcome(
        self,
        tx: Any,
        change: Change,
        outcome: OutcomeKind,
        code: str | None,
        detail: Any = None,
        record_id: str | None = None,
    ) -> None:
        ledger.set_outcomes(tx, [(change.id, outcome, code, detail, record_id)])
        self.work.count(tx, read=1, **{str(outcome): 1})

    def _wake(self, tx: Any, joined: list[Pair]) -> None:
        """A new pair may be what others wait for; and its own references can be written now."""
        if not joined:
            return
        seq = next_seq(tx)
        pairs.raise_references(tx, [pair.id for pair in joined], seq)
        for pair in joined:
            pairs.wake(tx, "salesforce", pair.sf_object, [pair.sf_id], seq)
            pairs.wake(tx, "hubspot", self.mapping.hs_object, [pair.hs_id], seq)

    def _defer_rest(self, code: str) -> None:
        with self.ctx.store.writing() as tx:
            for change in ledger.changes(tx, self.batch.id, undone_only=True):
                if change.sent_at is None:
                    self._again(tx, change, OutcomeKind.DEFERRED, code)


def _compare(action: Action, change: Change, found: Values | None) -> str:
    """The table at the top of this module, as one word: send, there, edited, stale, gone."""
    if found is None:
        return "gone"
    if action is Action.DELETE:
        return "send" if _holds(found, change.before) else "stale"
    if _holds(found, change.after):
        return "there"
    if _holds(found, {name: change.before.get(name) for name in change.after}):
        return "send"
    return "edited" if change.sent_at else "stale"


def _ignored(change: Change, name: str, value: str | None) -> bool:
    """The vendor answered success and still holds what it held before (a lifecycle stage that would go back, for one)."""
    return change.action is Action.UPDATE and value != change.after[name] and value == change.before.get(name)


def _holds(found: Values, values: Values) -> bool:
    return all(found.get(name) == value for name, value in values.items())


def _in_words(rejection: Any) -> dict[str, Any]:
    return {
        "code": rejection.code,
        "message": rejection.message,
        "vendor_code": rejection.vendor_code,
        "fields": list(rejection.fields),
    }


def _pair_of(external_id: str | None) -> str | None:
    return external_id.split(".")[0] if external_id else None
