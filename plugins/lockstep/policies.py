"""What each rule lets happen, as questions with one answer. Pure; the tables that ask them are in `merge` and `plan`.

Every rule but `two_way`, `hold` and `dont_sync` has a *master*: the side whose value is put back when the other side may
not write. Owners follow OW-01 to OW-07 and are two-way whatever their rule displays (HS-13), unless that is `dont_sync`.
"""

from dataclasses import dataclass

from lockstep.mapping import DeleteRule, FieldMapping, FieldType, Mapping, Rule
from lockstep.model import HUBSPOT, SALESFORCE, other_side
from lockstep.owners import OwnerRef
from lockstep.values import Canonical, ValueContext

_MASTER = {
    Rule.prefer_salesforce_unless_blank: SALESFORCE,
    Rule.always_salesforce: SALESFORCE,
    Rule.prefer_hubspot_unless_blank: HUBSPOT,
    Rule.always_hubspot: HUBSPOT,
}
_UNLESS_BLANK = frozenset({Rule.prefer_salesforce_unless_blank, Rule.prefer_hubspot_unless_blank})


@dataclass(frozen=True, slots=True)
class Side:
    """One side of one field. `known` False: the value is unknown, which is not blank. `based` False: its base is missing.

    `moved_at`: version text (ISO-8601 UTC) of the record in which the present value was first seen; None if not known.
    """

    system: str
    known: bool
    raw: str | None
    value: Canonical
    based: bool
    base: Canonical
    moved_at: str | None

    @property
    def blank(self) -> bool:
        return self.value is None

    @property
    def moved(self) -> bool:
        return self.based and self.value != self.base


def may_write(field: FieldMapping, source: Side, target: Side, context: ValueContext) -> bool:
    """True if the rule lets the source's value replace the target's (HS-13)."""
    return allows(field, source.system, source.value, target.blank, context)


def allows(field: FieldMapping, system: str, value: Canonical, other_blank: bool, context: ValueContext) -> bool:
    """True if the rule lets `system` win with `value` against a side that is blank or not."""
    rule = field.rule
    if rule is Rule.dont_sync:
        return False
    if field.type is FieldType.LIFECYCLE:
        return system == SALESFORCE
    if field.type is FieldType.OWNER:
        return system == SALESFORCE or fits_salesforce(value, context)
    master = _MASTER.get(rule)
    return master in (None, system) or (rule in _UNLESS_BLANK and other_blank)


def winner(field: FieldMapping, sf: Side, hs: Side, context: ValueContext, favoured: str | None = None) -> str | None:
    """The system that wins a clash; None: a person decides (`hold`), or nothing is done (`dont_sync`).

    `favoured`: who wins a two-way field whatever the time (MK-11); owners keep their own rules (OW-03).
    """
    if field.rule is Rule.dont_sync:
        return None
    if field.type is FieldType.OWNER:
        return _owner_winner(sf, hs, context)
    if field.rule is Rule.hold:
        return None
    if field.rule is Rule.two_way:
        return favoured or _latest(sf, hs)
    master = _MASTER[field.rule]
    master_blank = (sf if master == SALESFORCE else hs).blank
    return other_side(master) if field.rule in _UNLESS_BLANK and master_blank else master


def goes_by_time(field: FieldMapping, favoured: str | None = None) -> bool:
    """True if of two changes the most recent wins (HS-13; owners OW-03)."""
    if field.type is FieldType.OWNER:
        return field.rule is not Rule.dont_sync
    return field.rule is Rule.two_way and favoured is None


def master_of(field: FieldMapping) -> str | None:
    """The side whose value stands when the other may not write; owners: Salesforce, which takes no unknown owner (OW-07)."""
    if field.type is FieldType.OWNER and field.rule is not Rule.dont_sync:
        return SALESFORCE
    return _MASTER.get(field.rule)


def fits_salesforce(value: Canonical, context: ValueContext) -> bool:
    """True for an owner who is an active Salesforce user (OW-01, OW-07). Blank is not: Salesforce requires one (OW-04)."""
    return isinstance(value, OwnerRef) and context.owners.render(SALESFORCE, value) is not None


def delete_rule(mapping: Mapping, gone: str) -> DeleteRule:
    """What happens to the partner of a record deleted in `gone`; nothing said: it is kept (HS-07)."""
    return mapping.delete.get(gone, DeleteRule.keep)


def create_object(mapping: Mapping, target: str) -> str | None:
    """The object created in `target`; None: records are not created in that direction."""
    return mapping.create.get(target)


def updates(mapping: Mapping, target: str) -> bool:
    """False if the mapping never changes records of `target`."""
    return mapping.update.get(target, True)


def _latest(sf: Side, hs: Side) -> str:
    """Most recent wins (HS-13). Equal or unknown times: Salesforce, so that every run decides alike."""
    return HUBSPOT if (hs.moved_at or "") > (sf.moved_at or "") else SALESFORCE


def _owner_winner(sf: Side, hs: Side, context: ValueContext) -> str:
    """First sync: the active Salesforce owner is honoured; afterwards the most recent wins (OW-03, OW-05)."""
    if not fits_salesforce(hs.value, context):
        return SALESFORCE
    if sf.based and hs.based:
        return _latest(sf, hs)
    return SALESFORCE if context.owners.is_active(SALESFORCE, sf.raw) else HUBSPOT
