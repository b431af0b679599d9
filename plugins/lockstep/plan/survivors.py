"""Merged and converted records: the pair follows to the survivor, chains included (MK-17, MK-18)."""

from dataclasses import dataclass, replace

from lockstep.mapping import Mapping
from lockstep.model import SALESFORCE, Gone, MirrorRow, Pair, Values
from lockstep.plan.unit import PlanContext, Unit


@dataclass(frozen=True, slots=True)
class Followed:
    """The unit as it stands after merges. `moved`: systems whose record is now another, live one. `unread`: a survivor
    that the mirror does not hold yet. `outside`: a survivor of an object outside the mapping. `rivals`: system -> the
    open pair that the survivor is in already."""

    unit: Unit
    moved: frozenset[str] = frozenset()
    unread: bool = False
    outside: bool = False
    rivals: tuple[tuple[str, Pair], ...] = ()


def follow(pair: Pair, unit: Unit, mapping: Mapping, context: PlanContext) -> Followed:
    """Re-point the pair to what its records became; a row that was simply deleted stays as it is."""
    followed = Followed(replace(unit, pair=pair))
    for row in (unit.sf, unit.hs):
        if row is not None and row.gone in (Gone.MERGED, Gone.CONVERTED):
            followed = _step(followed, row, mapping, context)
    return followed


def _step(followed: Followed, row: MirrorRow, mapping: Mapping, context: PlanContext) -> Followed:
    end = end_of(row, mapping, context)
    if not isinstance(end, MirrorRow):
        return replace(
            followed, unread=followed.unread or end == "unread", outside=followed.outside or end == "outside"
        )
    pair = followed.unit.pair
    assert pair is not None, "only pairs are followed"
    rival = context.pair_of(end.system, end.object, end.id) if end.live else None
    if rival is not None and rival.id != pair.id:
        return replace(followed, rivals=(*followed.rivals, (row.system, rival)))
    unit = replace(followed.unit, sf=end) if row.system == SALESFORCE else replace(followed.unit, hs=end)
    if not end.live:
        return replace(followed, unit=unit)
    unit = replace(unit, pair=_repointed(pair, row, end, mapping))
    return replace(followed, unit=unit, moved=followed.moved | {row.system})


def end_of(row: MirrorRow, mapping: Mapping, context: PlanContext) -> MirrorRow | str:
    """The last record of the chain, live or deleted; "unread" or "outside" where it cannot be followed."""
    seen = {(row.object, row.id)}
    while row.gone in (Gone.MERGED, Gone.CONVERTED):
        object, id = row.merged_into_object or row.object, row.merged_into
        if id is None or (object, id) in seen:
            return "unread"
        if object not in mapping.objects(row.system):
            return "outside"
        found = context.row_of(row.system, object, id)
        if found is None:
            return "unread"
        seen.add((object, id))
        row = found
    return row


def _repointed(pair: Pair, old: MirrorRow, new: MirrorRow, mapping: Mapping) -> Pair:
    if old.system != SALESFORCE:
        return replace(pair, hs_id=new.id, hs_base=_filled(pair.hs_base, new))
    base = pair.sf_base if old.object == new.object else _translated(pair.sf_base, old.object, new.object, mapping)
    return replace(pair, sf_id=new.id, sf_object=new.object, sf_base=_filled(base, new))


def _filled(base: Values, survivor: MirrorRow) -> Values:
    """Without what the survivor lacks: nobody blanked it, so the partner's value fills it ("some value better than no value",
    MK-18)."""
    return {name: value for name, value in base.items() if value is None or survivor.values.get(name, "") is not None}


def _translated(base: Values, old: str, new: str, mapping: Mapping) -> Values:
    """The base of a lead under the contact's field names; what a contact has no field for is forgotten."""
    names = [(one.on(SALESFORCE, old), one.on(SALESFORCE, new)) for one in mapping.fields]
    return {theirs: base[ours] for ours, theirs in names if ours in base and ours is not None and theirs is not None}
