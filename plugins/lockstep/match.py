"""Who is whose partner: unpaired records, by external id first, then by the mapping's keys in order. Pure.

One record each way is a match; anything else is held with its candidates, so that a partner never flips silently (HS-16)
and no twin is made. A mapping without keys matches nothing (deals, OW-06).
"""

from collections.abc import Callable, Iterable
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from functools import partial

from lockstep.mapping import Mapping
from lockstep.model import HUBSPOT, SALESFORCE, MirrorRow, Pair, PairState, Values, other_side
from lockstep.values import ValueContext, key_text

#: (key name, canonical text)
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Holder:
    """A live record that carries a key. `pair_id`: the open pair that it is in."""

    row: MirrorRow
    pair_id: str | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        return (self.row.system, self.row.object, self.row.id)


@dataclass(frozen=True, slots=True)
class Matched:
    """Two unpaired records that are partners, by `key`."""

    sf: MirrorRow
    hs: MirrorRow
    key: str


@dataclass(frozen=True, slots=True)
class Named:
    """A record that carries the external id of `pair`, which lacks its record on that side: an earlier create of ours."""

    row: MirrorRow
    pair: Pair


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Held (`ambiguous_match`, or `partner_flip` where the external id names a pair that has another record)."""

    row: MirrorRow
    key: str
    candidates: tuple[Holder, ...]
    code: str = "ambiguous_match"


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Nobody carries one of its keys: it may be created on the other side."""

    row: MirrorRow


Found = Matched | Named | Ambiguous | Unmatched


def keys_of(mapping: Mapping, system: str, object: str, values: Values, context: ValueContext) -> tuple[Key, ...]:
    """The record's match keys, in the mapping's order; blank and invalid values give none. Links are known by their ends."""
    return key_reader(mapping, system, object, context)(values)


def key_reader(
    mapping: Mapping, system: str, object: str, context: ValueContext
) -> Callable[[Values], tuple[Key, ...]]:
    """`keys_of` for many records of one object: what the mapping says is looked up once."""
    if mapping.is_link:
        return partial(link_keys, mapping, system, object)
    wanted = [
        (key.name, key.type, mapping.by_name[key.field].on(system, object), key.also.get(system))
        for key in mapping.match
    ]

    def read(values: Values) -> tuple[Key, ...]:
        found: list[Key] = []
        for name, type, place, also in wanted:
            text = key_text(type, values.get(place), context) if place else None
            if text is not None:
                found.append((name, text))
            if also and (further := values.get(also)):
                texts = (key_text(type, raw, context) for raw in further.split(";"))
                found += [(name, text) for text in texts if text is not None and (name, text) not in found]
        return tuple(found)

    return read


def key_fields(mapping: Mapping, system: str, object: str) -> set[str]:
    """The vendor's names of the fields that `keys_of` looks at."""
    names = mapping.references if mapping.is_link else [mapping.by_name[key.field] for key in mapping.match]
    return {name for one in names if (name := one.on(system, object))}


#: keys of links: both ends as that system names them, and the end that HubSpot lists them by
ENDS, FROM = "ends", "from"


def link_keys(mapping: Mapping, system: str, object: str, values: Values) -> tuple[Key, ...]:
    ends = [values.get(one.on(system, object) or "") for one in mapping.references]
    if not all(ends):
        return ()
    return ((ENDS, ends_text(ends)), (FROM, ends[0] or ""))


def ends_text(ends: Iterable[str | None]) -> str:
    return "|".join(one or "" for one in ends)


def match(
    mapping: Mapping,
    rows: Iterable[MirrorRow],
    context: ValueContext,
    holders: AbstractMapping[Key, Iterable[Holder]],
    named: AbstractMapping[str, Pair] | None = None,
) -> list[Found]:
    """One answer for each of `rows`, in their order; a `Matched` answers for both of its records.

    :param rows: live, unpaired records of either system.
    :param holders: for each key of `rows`, all live records of both systems that carry it, in or out of `rows`, paired or
        not, also those found by a live look-up. `rows` themselves are added.
    :param named: external id -> pair that is not closed, for the external ids that stand in `rows`.
    """
    chunk = [row for row in rows if row.live]
    search = _Search(mapping, _gathered(mapping, chunk, context, holders), named or {})
    return [found for row in chunk if (found := search.find(row, context)) is not None]


@dataclass(slots=True)
class _Search:
    mapping: Mapping
    holders: dict[Key, list[Holder]]
    named: AbstractMapping[str, Pair]
    #: records that have found a partner in this call -> that partner
    taken: dict[tuple[str, str, str], Holder] = field(default_factory=dict)

    def find(self, row: MirrorRow, context: ValueContext) -> Found | None:
        """None for a record that an earlier `Matched` has answered for."""
        me = Holder(row)
        if me.identity in self.taken:
            return None
        by_id = self._by_external_id(row)
        if by_id is not None:
            return by_id
        for key in keys_of(self.mapping, row.system, row.object, row.values, context):
            found = self._by_key(me, key, context)
            if found is not None:
                return found
        return Unmatched(row)

    def _by_external_id(self, row: MirrorRow) -> Named | Ambiguous | None:
        external_id = row.values.get(self.mapping.external_id.get(row.system, ""))
        pair = self.named.get(external_id) if external_id else None
        if external_id and pair is None and not self.mapping.match:
            # without match keys nothing else can find the partner that the id tells of: a restored ledger, or a copied record
            return Ambiguous(row, "external_id", (), "unknown_pair")
        if pair is None or pair.external_id != external_id or pair.state is PairState.CLOSED:
            return None
        if pair.record_id(row.system) in (None, row.id):
            return Named(row, pair)
        return Ambiguous(row, "external_id", (Holder(row, pair.id),), "partner_flip")

    def _by_key(self, me: Holder, key: Key, context: ValueContext) -> Matched | Ambiguous | None:
        """None: this key says nothing. Otherwise the answer, which later keys do not change."""
        carriers = self._carriers(me, key, context)
        mine = [one for one in carriers if one.row.system == me.row.system]
        theirs = [one for one in carriers if one.row.system != me.row.system]
        if len(mine) == 1 and len(theirs) == 1 and self._free(theirs[0]):
            return self._matched(me, theirs[0], key)
        if theirs or (len(mine) > 1 and self._unique(key, other_side(me.row.system))):
            others = tuple(one for one in carriers if one.identity != me.identity)
            return Ambiguous(me.row, key[0], others)
        return None

    def _carriers(self, me: Holder, key: Key, context: ValueContext) -> list[Holder]:
        """Who carries the key, and who carries another value of it that one of these has: a person's other addresses count."""
        carriers = self.holders.get(key, [])
        if not any(one.also for one in self.mapping.match if one.name == key[0]):
            return carriers
        found = {one.identity: one for one in carriers}
        for one in carriers:
            row = one.row
            for other in keys_of(self.mapping, row.system, row.object, row.values, context):
                if other[0] == key[0]:
                    found |= {more.identity: more for more in self.holders.get(other, [])}
        return list(found.values())

    def _matched(self, me: Holder, other: Holder, key: Key) -> Matched:
        self.taken[me.identity], self.taken[other.identity] = other, me
        sf, hs = (me, other) if me.row.system == SALESFORCE else (other, me)
        return Matched(sf.row, hs.row, key[0])

    def _free(self, holder: Holder) -> bool:
        return holder.pair_id is None and holder.identity not in self.taken

    def _unique(self, key: Key, system: str) -> bool:
        """True if `system` takes the key only once, so that two records cannot both be created there."""
        return any(one.name == key[0] and system in one.unique for one in self.mapping.match)


def _gathered(
    mapping: Mapping,
    rows: list[MirrorRow],
    context: ValueContext,
    holders: AbstractMapping[Key, Iterable[Holder]],
) -> dict[Key, list[Holder]]:
    """Who carries each key: `holders` and the rows themselves, each once; what is listed as paired stays paired."""
    found: dict[Key, dict[tuple[str, str, str], Holder]] = {}
    for row in rows:
        for key in keys_of(mapping, row.system, row.object, row.values, context):
            found.setdefault(key, {})[Holder(row).identity] = Holder(row)
    for key, carriers in holders.items():
        for one in carriers:
            if one.row.live:
                found.setdefault(key, {})[one.identity] = one
    order = {SALESFORCE: 0, HUBSPOT: 1}
    return {
        key: sorted(ones.values(), key=lambda one: (order[one.row.system], one.row.object, one.row.id))
        for key, ones in found.items()
    }
