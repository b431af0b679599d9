"""What a system tells of one record's past: the input of the milestone finder. Frozen values."""

from dataclasses import dataclass, field
from datetime import datetime

from lockstep.model import Values


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One entry of a record's history. `new` None with `converted`: the lead's conversion. `amount`: what the record was
    worth then, where the history tells. `won`: the stage counts as won. Stamps have whole seconds, so several rows may share one."""

    id: str
    at: datetime
    new: str | None = None
    old: str | None = None
    converted: bool = False
    amount: str | None = None
    won: bool = False


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of the record, other than its status or stage, got another value: `old` is what it held until then."""

    field: str
    at: datetime
    old: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """A record that may hold identifiers: the milestone's own, or one that it came from. `since`: when it came into being."""

    object: str
    id: str
    values: Values
    since: datetime


@dataclass(frozen=True, slots=True)
class History:
    """The whole history of one record, as far as the vendor keeps it. `current`: its status or stage now.

    `sources`: where identifiers may stand, best first, the record itself before all others; its values are the record's.
    `changes`: of the fields that values and currencies come from, where the vendor keeps their history.
    """

    system: str
    object: str
    id: str
    created_at: datetime
    current: str | None
    rows: tuple[HistoryRow, ...]
    sources: tuple[Source, ...] = field(default=())
    changes: tuple[FieldChange, ...] = field(default=())

    @property
    def values(self) -> Values:
        """The record's own fields as they are now."""
        own = (one.values for one in self.sources if (one.object, one.id) == (self.object, self.id))
        return next(own, {})

    def then(self, name: str, at: datetime) -> str | None:
        """What the field held at that moment: what the next change replaced; without one, what it holds now."""
        later = [one for one in self.changes if one.field == name and one.at > at]
        return min(later, key=lambda one: one.at).old if later else self.values.get(name)
