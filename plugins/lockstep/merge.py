"""One record, field by field: DESIGN's field table, top to bottom, total. Pure; each verdict carries its reason in words.

*Moved* means: the canonical value differs from that side's own base. Bases are per side, so a value that the other
system rewrote is at rest, and our own writes never look like a person's edit.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from lockstep.labels import LABEL
from lockstep.lifecycle import climbs
from lockstep.mapping import FieldMapping, FieldType, Mapping, Rule
from lockstep.model import HUBSPOT, SALESFORCE, Values
from lockstep.policies import Side, goes_by_time, master_of, may_write, winner
from lockstep.values import Canonical, ValueContext, Waiting, canonical

#: (system, vendor field) -> version text of the record in which the value was first seen to move; None if not known
MovedAt = Callable[[str, str], str | None]


class Verdict(StrEnum):
    """unread: a side is unknown. agree: move the bases. rest: they settled on different spellings. hold: a person
    decides. off: the rule lets nothing happen. waiting: the value to write refers to a record that is not paired yet."""

    unread = "unread"
    agree = "agree"
    rest = "rest"
    write_hubspot = "write_hubspot"
    write_salesforce = "write_salesforce"
    hold = "hold"
    off = "off"
    waiting = "waiting"


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """What becomes of one field. `value` and `source_raw`: what to write, canonical and as the winning side spells it.

    `lost_raw`: the target's raw value where a person's edit loses (a clash, or an edit that is put back). `typed`: the
    value is neither side's, a person typed it. `contested`: the side that changed later won.
    """

    field: FieldMapping
    verdict: Verdict
    value: Canonical = None
    source_raw: str | None = None
    lost_raw: str | None = None
    why: str = ""
    typed: bool = False
    contested: bool = False

    @property
    def target(self) -> str | None:
        """The system to write to, if any."""
        return {Verdict.write_hubspot: HUBSPOT, Verdict.write_salesforce: SALESFORCE}.get(self.verdict)


def merge_fields(
    mapping: Mapping,
    sf_object: str,
    sf: Values,
    hs: Values,
    sf_base: Values,
    hs_base: Values,
    moved_at: MovedAt,
    context: ValueContext,
    fields: Iterable[FieldMapping] | None = None,
) -> tuple[FieldVerdict, ...]:
    """One verdict per field of the mapping (or of `fields`), in their order. An absent key is unknown, not blank."""

    def side(field: FieldMapping, system: str, object: str, values: Values, bases: Values, value: Canonical) -> Side:
        name = field.on(system, object)
        based = name in bases
        raw = values.get(name) if name is not None else None
        base = canonical(field, system, bases[name], context, bases) if name is not None and based else None
        return Side(system, name in values, raw, value, based, base, moved_at(system, name) if name else None)

    def judge(field: FieldMapping) -> FieldVerdict:
        # bases are read only for the fields that differ: most fields of most pairs agree
        ours, theirs = sf.get(field.on(SALESFORCE, sf_object) or ""), hs.get(field.hubspot)
        left, right = canonical(field, SALESFORCE, ours, context, sf), canonical(field, HUBSPOT, theirs, context)
        if left == right and field.on(SALESFORCE, sf_object) in sf and field.hubspot in hs:
            return _still(field, Verdict.agree, "both sides hold the same value")
        return _judge(
            field,
            side(field, SALESFORCE, sf_object, sf, sf_base, left),
            side(field, HUBSPOT, mapping.hs_object, hs, hs_base, right),
            context,
            mapping.conflict_winner.get(sf_object),
        )

    return tuple(judge(field) for field in (mapping.fields if fields is None else fields))


def _judge(field: FieldMapping, sf: Side, hs: Side, context: ValueContext, favoured: str | None) -> FieldVerdict:
    """DESIGN's field table, one branch a row, for two sides that do not agree. `favoured`: the object's conflict winner."""
    if not (sf.known and hs.known):
        return _still(field, Verdict.unread, f"{LABEL[HUBSPOT if sf.known else SALESFORCE]}'s value has not been read")
    if field.type is FieldType.LIFECYCLE and field.rule is not Rule.dont_sync:
        return _climb(field, sf, hs, context)
    if not (sf.based and hs.based):
        if sf.blank or hs.blank:
            return _fill(field, *((hs, sf) if sf.blank else (sf, hs)), context)
        return _clash(field, sf, hs, "both sides hold a value at their first meeting", context, favoured)
    if sf.moved and hs.moved:
        clash = _clash(field, sf, hs, "both sides changed", context, favoured)
        return replace(clash, contested=goes_by_time(field, favoured))
    if sf.moved or hs.moved:
        return _one_moved(field, *((sf, hs) if sf.moved else (hs, sf)), context)
    return _still(field, Verdict.rest, "neither side changed; they settled on different spellings")


def _climb(field: FieldMapping, sf: Side, hs: Side, context: ValueContext) -> FieldVerdict:
    """HS-08: written when Salesforce's side moved, and only upwards. What is not written is agreed on, not put back."""
    moved = sf.moved if sf.based else hs.blank
    if not moved or sf.blank:
        return _still(field, Verdict.agree, "Salesforce's opportunities have not moved")
    if not climbs(str(sf.value), None if hs.blank else str(hs.value), _ladder(field, context)):
        return _still(field, Verdict.agree, f"a stage never goes backwards from {hs.value}")
    return _write(field, sf, hs, "an opportunity moved on in Salesforce")


def _ladder(field: FieldMapping, context: ValueContext) -> tuple[str, ...]:
    """The portal's stages in their order; contacts and companies share them."""
    described = (one.fields.get(field.hubspot) for (system, _), one in context.schemas.items() if system == HUBSPOT)
    return next((one.options for one in described if one), ())


def _fill(field: FieldMapping, filled: Side, blank: Side, context: ValueContext) -> FieldVerdict:
    if not may_write(field, filled, blank, context):
        return _still(field, Verdict.off, f"{LABEL[filled.system]} may not fill the blank in {LABEL[blank.system]}")
    return _write(field, filled, blank, f"fills the blank in {LABEL[blank.system]}")


def _one_moved(field: FieldMapping, moved: Side, other: Side, context: ValueContext) -> FieldVerdict:
    if may_write(field, moved, other, context):
        return _write(field, moved, other, f"only {LABEL[moved.system]} changed")
    if master_of(field) is None:
        return _still(field, Verdict.off, f"{LABEL[moved.system]} changed, but the field is not synced")
    why = f"{LABEL[moved.system]} may not write this; {LABEL[other.system]}'s value is put back"
    return _write(field, other, moved, why, lost_raw=moved.raw)


def _clash(
    field: FieldMapping, sf: Side, hs: Side, what: str, context: ValueContext, favoured: str | None
) -> FieldVerdict:
    wins = winner(field, sf, hs, context, favoured)
    if wins is None:
        off = field.rule is Rule.dont_sync
        ending = "the field is not synced" if off else "a person decides"
        return _still(field, Verdict.off if off else Verdict.hold, f"{what}; {ending}")
    source, target = (sf, hs) if wins == SALESFORCE else (hs, sf)
    return _write(field, source, target, f"{what}; {LABEL[wins]} wins", lost_raw=target.raw)


def _write(field: FieldMapping, source: Side, target: Side, why: str, lost_raw: str | None = None) -> FieldVerdict:
    if isinstance(source.value, Waiting):
        why = f"{why}, once the record that it refers to is paired"
        return FieldVerdict(field, Verdict.waiting, source.value, source.raw, None, f"{field.rule}: {why}")
    verdict = Verdict.write_hubspot if target.system == HUBSPOT else Verdict.write_salesforce
    return FieldVerdict(field, verdict, source.value, source.raw, lost_raw, f"{field.rule}: {why}")


def _still(field: FieldMapping, verdict: Verdict, why: str) -> FieldVerdict:
    return FieldVerdict(field, verdict, why=f"{field.rule}: {why}")
