"""What a vendor call came to, gathered and committed as one: outcomes, bases, mirror, and what is due because of them."""

from collections import Counter, defaultdict
from collections.abc import Callable
from collections.abc import Mapping as AbstractMapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from lockstep.decisions import CLOSES_AS
from lockstep.mapping import Mapping
from lockstep.model import (
    Action,
    Change,
    Gone,
    OutcomeKind,
    Pair,
    PairState,
    Rejection,
    Tombstone,
    Values,
    other_side,
)
from lockstep.store import ledger, mirror, pairs
from lockstep.store.mirror import Confirmed
from lockstep.store.sequence import next_seq


class Outcomes:
    """Gathers in memory; `commit` writes it all in one transaction. `read`: gives the pairs of the changes by id, and is
    not asked if no change needs its pair."""

    def __init__(self, mapping: Mapping, system: str, read: Callable[[], dict[str, Pair]], now: datetime):
        self.mapping, self.system, self.now, self._read = mapping, system, now, read
        self.external_id = mapping.external_id[system]
        self.counts: Counter[str] = Counter()
        self._changed: set[str] = set()
        self._outcomes: list[tuple[int, OutcomeKind, str | None, Any, str | None]] = []
        self._confirmed: dict[str, dict[str, Confirmed]] = {}
        self._tombstones: dict[str, list[Tombstone]] = {}
        self._due: dict[str, datetime | None] = {}
        self._references: set[str] = set()
        self._joined: set[str] = set()
        self._attempts: list[int] = []
        self._sources: dict[str, AbstractMapping[str, set[str]]] = {}

    @cached_property
    def pairs(self) -> dict[str, Pair]:
        return self._read()

    def pair(self, change: Change) -> Pair:
        return self.pairs[change.pair_id or ""]

    def end(
        self,
        change: Change,
        outcome: OutcomeKind,
        code: str | None = None,
        detail: Any = None,
        record_id: str | None = None,
    ) -> None:
        self._outcomes.append((change.id, outcome, code, detail, record_id))
        self.counts.update({"read": 1, str(outcome): 1})

    def again(self, change: Change, outcome: OutcomeKind, code: str | None, at: datetime | None = None) -> None:
        """An outcome after which the pair is planned afresh (not before `at`)."""
        self.due(change, at)
        self.end(change, outcome, code)

    def due(self, change: Change, at: datetime | None = None) -> None:
        if change.pair_id:
            self._due[change.pair_id] = at
            self._references |= set() if at else {change.pair_id}

    def attempt(self, change: Change) -> None:
        self._attempts.append(change.id)

    def save(self, pair: Pair) -> None:
        self.pairs[pair.id] = pair
        self._changed.add(pair.id)

    def join(self, change: Change, record_id: str) -> None:
        """The record that was created: it may be what others wait for, and its own references can be written now."""
        self.save(_closed(change, self.pair(change).joined(self.system, record_id, change.object)))
        self._joined.add(change.pair_id or "")
        self._references.add(change.pair_id or "")

    def agree(self, change: Change, taken: Values, version: str | None) -> None:
        """Move both bases and the target's mirror together. What a vendor fills by itself on a create has no base yet."""
        pair, creating = self.pair(change), change.action is Action.CREATE
        record_id = pair.record_id(self.system) or change.record_id or ""
        filled = self.mapping.vendor_filled(self.system, change.object) if creating else frozenset()
        base = {name: value for name, value in taken.items() if name not in filled}
        theirs = self._source_of(change, taken)
        self.save(pair.based({self.system: base, other_side(self.system): theirs}, self.now))
        values = dict(taken)
        if creating:
            values |= dict.fromkeys(self._known_blank(change, taken))
            values |= {self.external_id: pair.external_id} if self.external_id else {}
        self.confirm(change.object, record_id, values, version)

    def confirm(self, name: str, record_id: str, values: Values, version: str | None) -> None:
        self._confirmed.setdefault(name, {})[record_id] = Confirmed(record_id, values, version)

    def bury(self, name: str, tombstone: Tombstone) -> None:
        """The vendor's word that a record left, which no pull has told yet."""
        self._tombstones.setdefault(name, []).append(tombstone)

    def delete(self, change: Change) -> None:
        self.bury(change.object, Tombstone(change.record_id or "", self.now, Gone.DELETED))
        self.save(_closed(change, replace(self.pair(change), state=PairState.CLOSED, reason="deleted")))
        self.end(change, OutcomeKind.DELETED)

    def _known_blank(self, change: Change, taken: Values) -> set[str]:
        """Fields that a new record holds nothing in: those that were not sent, and that the vendor does not fill."""
        return (
            set(self.mapping.fields_of(self.system, change.object))
            - set(taken)
            - self.mapping.vendor_filled(self.system, change.object)
        )

    def _source_of(self, change: Change, taken: Values) -> Values:
        """The other side's raw values whose counterparts were taken: a refused field moves no base."""
        if change.object not in self._sources:
            self._sources[change.object] = _sources(self.mapping, self.system, change.object)
        sources = self._sources[change.object]
        return {name: value for name, value in change.source.items() if not sources[name].isdisjoint(taken)}

    def commit(self, tx: Any) -> None:
        if not (self._outcomes or self._changed or self._confirmed or self._due or self._attempts):
            return
        pairs.save(tx, [self.pairs[one] for one in sorted(self._changed)])
        for name, some in self._confirmed.items():
            mirror.confirm_all(tx, self.system, name, list(some.values()), self.now)
        seq = next_seq(tx)
        for name, dead in self._tombstones.items():
            mirror.entomb(tx, self.system, name, dead, seq)
        ledger.set_outcomes(tx, self._outcomes)
        for change_id in self._attempts:
            ledger.count_attempt(tx, change_id)
        for at in set(self._due.values()):
            pairs.raise_due(tx, [one for one, when in self._due.items() if when == at], seq, at)
        pairs.raise_references(tx, self._references, seq)
        pairs.wake_for(tx, [self.pairs[one] for one in self._joined], seq)


def _sources(mapping: Mapping, system: str, name: str) -> AbstractMapping[str, set[str]]:
    """The other side's field -> the fields of this object that are kept in step with it."""
    there, found = other_side(system), defaultdict[str, set[str]](set)
    for field in mapping.fields:
        for source in {field.on(there, one) for one in mapping.objects(there)} - {None}:
            found[source or ""].add(field.on(system, name) or "")
    return found


def _closed(change: Change, pair: Pair) -> Pair:
    """An undo closes the pair, so that the two sides rest."""
    reason = (change.detail or {}).get(CLOSES_AS)
    return replace(pair, state=PairState.CLOSED, reason=reason) if reason else pair


def in_words(rejection: Rejection) -> dict[str, Any]:
    """What a change's detail keeps of a rejection."""
    return {
        "code": rejection.code,
        "message": rejection.message,
        "vendor_code": rejection.vendor_code,
        "fields": list(rejection.fields),
    }
