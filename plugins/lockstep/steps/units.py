"""The due work of one mapping, gathered: pairs with their rows, and records without a pair with who shares their keys."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from lockstep.mapping import Mapping
from lockstep.match import Holder, Key, keys_of
from lockstep.model import HUBSPOT, SALESFORCE, MirrorRow, Pair, PairState
from lockstep.plan import Unit, UnitPlan
from lockstep.store import ledger, mirror, pairs
from lockstep.values import ValueContext

RecordKey = tuple[str, str, str]
PairOf = Callable[[str, str, str], Pair | None]


@dataclass
class Gathered:
    """`rows`: every mirror row of the chunk, survivors of merges included. `open`: their pairs that are not closed."""

    due_rows: list[MirrorRow]
    due_pairs: list[Pair]
    rows: dict[RecordKey, MirrorRow] = field(default_factory=dict)
    open: dict[RecordKey, Pair] = field(default_factory=dict)
    closed: dict[RecordKey, Pair] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not (self.due_rows or self.due_pairs)

    def row_of(self, system: str, name: str, record_id: str) -> MirrorRow | None:
        return self.rows.get((system, name, record_id))

    def pair_of(self, system: str, name: str, record_id: str) -> Pair | None:
        return self.open.get((system, name, record_id))

    def note(self, pair: Pair | None) -> None:
        """Who is in which pair, as the plan so far has it."""
        if pair:
            _index(self, pair)

    def units(self, entity: str) -> list[Unit]:
        """One unit per pair of the entity that is due, or whose record is: closed ones too, since a record can come back.
        A record that another mapping made (a task from a call) is that mapping's."""
        found = {pair.id: pair for pair in self.due_pairs}
        for row in self.due_rows:
            pair = self.open.get(key_of(row)) or self.closed.get(key_of(row))
            if pair:
                found.setdefault(pair.id, pair)
        return [self.unit(pair) for pair in found.values() if pair.entity == entity]

    def bereft(self, pair: Pair | None) -> bool:
        """A closed pair cannot come back once another pair has taken one of its records."""
        return (
            pair is not None and pair.state is PairState.CLOSED and not self.open.keys().isdisjoint(records_of([pair]))
        )

    def unit(self, pair: Pair) -> Unit:
        sf = self.rows.get((SALESFORCE, pair.sf_object, pair.sf_id)) if pair.sf_id else None
        hs = self.rows.get((HUBSPOT, pair.hs_object, pair.hs_id)) if pair.hs_id else None
        return Unit(pair, sf, hs)

    def unpaired(self) -> list[MirrorRow]:
        return [
            row for row in self.due_rows if row.live and key_of(row) not in self.open and key_of(row) not in self.closed
        ]


def gather(tx: Any, mapping: Mapping, due_rows: list[MirrorRow], due_pairs: list[Pair]) -> Gathered:
    """Load what planning these needs: their pairs, the rows of those pairs, and the survivors of merges and conversions."""
    found = Gathered(due_rows, due_pairs)
    found.rows = {key_of(row): row for row in due_rows}
    _load_pairs(tx, found, found.rows.values())
    for pair in due_pairs:
        _index(found, pair)
    wanted = records_of([*found.open.values(), *found.closed.values(), *due_pairs])
    while wanted := {key for key in wanted if key not in found.rows}:
        fresh = _load_rows(tx, wanted)
        if not fresh:
            break
        found.rows |= fresh
        _load_pairs(tx, found, fresh.values())
        wanted = {key for row in fresh.values() if (key := _survivor(row))}
        wanted |= records_of(found.open.values())
    return found


def key_of(row: MirrorRow) -> RecordKey:
    return row.system, row.object, row.id


def _survivor(row: MirrorRow) -> RecordKey | None:
    return (row.system, row.merged_into_object or row.object, row.merged_into) if row.merged_into else None


def _index(found: Gathered, pair: Pair) -> None:
    into = found.closed if pair.state is PairState.CLOSED else found.open
    for system, name, record_id in records_of([pair]):
        into[system, name, record_id] = pair


def records_of(some: Iterable[Pair]) -> set[RecordKey]:
    """The records that these pairs hold."""
    both = ((SALESFORCE, p.sf_object, p.sf_id, HUBSPOT, p.hs_object, p.hs_id) for p in some)
    return {key for s, so, si, h, ho, hi in both for key in ((s, so, si), (h, ho, hi)) if key[2]}  # type: ignore[misc]


def _load_pairs(tx: Any, found: Gathered, rows: Iterable[MirrorRow]) -> None:
    for system in (SALESFORCE, HUBSPOT):
        records = [(row.object, row.id) for row in rows if row.system == system]
        survivors = [(key[1], key[2]) for row in rows if row.system == system and (key := _survivor(row))]
        for (name, record_id), pair in pairs.by_record(tx, system, records + survivors).items():
            found.open[system, name, record_id] = pair
        missing = [(name, one) for name, one in records if (system, name, one) not in found.open]
        for (name, record_id), pair in pairs.closed_by_record(tx, system, missing).items():
            found.closed[system, name, record_id] = pair


def _load_rows(tx: Any, wanted: set[RecordKey]) -> dict[RecordKey, MirrorRow]:
    groups: dict[tuple[str, str], list[str]] = {}
    for system, name, record_id in wanted:
        groups.setdefault((system, name), []).append(record_id)
    return {
        key_of(row): row
        for (system, name), ids in groups.items()
        for row in mirror.rows(tx, system, name, ids).values()
    }


def settle(tx: Any, found: Gathered, plans: Iterable[UnitPlan], *, references: bool) -> None:
    """What was wrong with these before is history: their plan says what still is. `references`: theirs alone were planned."""
    planned = {pair.id: pair for pair in (*found.due_pairs, *(plan.pair for plan in plans if plan.pair))}
    records = set() if references else {key_of(row) for row in found.due_rows} | records_of(planned.values())
    ledger.settle(tx, planned, records, references=references)


def holders_of(
    tx: Any, mapping: Mapping, rows: list[MirrorRow], context: ValueContext, planned: PairOf = lambda *_: None
) -> dict[Key, list[Holder]]:
    """Every live record of both systems that carries one of the rows' match keys, with the pair it is in; and who carries
    another value of the same key that one of these has. `planned`: the pair that a record joins in this very chunk, which
    the store does not know yet."""
    found = _holders_of(tx, mapping, rows, context)
    if any(key.also for key in mapping.match):
        found |= _holders_of(tx, mapping, [one.row for some in found.values() for one in some], context)
    return {key: [_as_planned(one, planned) for one in some] for key, some in found.items()}


def _as_planned(holder: Holder, planned: PairOf) -> Holder:
    joins = None if holder.pair_id else planned(*holder.identity)
    return replace(holder, pair_id=joins.id) if joins else holder


def _holders_of(tx: Any, mapping: Mapping, rows: list[MirrorRow], context: ValueContext) -> dict[Key, list[Holder]]:
    wanted: dict[str, set[str]] = {}
    for row in rows:
        for name, text in keys_of(mapping, row.system, row.object, row.values, context):
            wanted.setdefault(name, set()).add(text)
    found: dict[Key, list[Holder]] = {}
    for name, texts in wanted.items():
        for system in (SALESFORCE, HUBSPOT):
            for text, holder in _carriers(tx, mapping, system, name, texts):
                found.setdefault((name, text), []).append(holder)
    return found


def _carriers(tx: Any, mapping: Mapping, system: str, name: str, texts: set[str]) -> Iterable[tuple[str, Holder]]:
    hits = mirror.find(tx, system, mapping.objects(system), name, texts)
    records = {record for some in hits.values() for record in some}
    rows = _load_rows(tx, {(system, *record) for record in records})
    paired = pairs.by_record(tx, system, records)
    for text, some in hits.items():
        for record in some:
            pair = paired.get(record)
            yield text, Holder(rows[system, *record], pair.id if pair else None)
