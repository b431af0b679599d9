"""The values that planning takes and gives."""

from collections.abc import Callable
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from lockstep.decisions import Decision
from lockstep.mapping import Mappings
from lockstep.model import SALESFORCE, Action, Change, MirrorRow, Operation, OutcomeKind, Pair, Values, fields_failed
from lockstep.values import ValueContext


class PairReason(StrEnum):
    """`Pair.reason`. Closed: both_gone, deleted (by us), kept (partner stays), merged, converted (out of the mapping),
    undone (an undo deleted or recreated the partner; both sides rest).
    Held: partner_deleted, edited_and_deleted."""

    BOTH_GONE = "both_gone"
    DELETED = "deleted"
    KEPT = "kept"
    MERGED = "merged"
    CONVERTED = "converted"
    UNDONE = "undone"
    PARTNER_DELETED = "partner_deleted"
    EDITED_AND_DELETED = "edited_and_deleted"


@dataclass(frozen=True, slots=True)
class Unit:
    """What is planned at once: a pair with its two rows, two records that match and are to be paired, or one unpaired record.

    A row is None when the mirror does not hold it, which is not the same as gone (a row with a tombstone).
    """

    pair: Pair | None
    sf: MirrorRow | None
    hs: MirrorRow | None

    def row(self, system: str) -> MirrorRow | None:
        return self.sf if system == SALESFORCE else self.hs


@dataclass(frozen=True, slots=True)
class Planned:
    """One change row to be: `outcome` None is to be applied; any other was decided here and is final for this run.

    `before`, `after`, `why`, `lost` are keyed by the target's field names, `source` by the other side's (see
    `model.Change`). `detail["fields"]`: [{field, code, message}] of what could not be written, field = mapping's name.
    `detail["record"]`: {system, object, id} of the unpaired record that it is about. `detail["candidates"]`: possible
    partners, [{system, object, id, pair}].
    """

    system: str
    object: str
    operation: Operation
    action: Action
    record_id: str | None
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    source: Values = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    lost: Values = field(default_factory=dict)
    outcome: OutcomeKind | None = None
    code: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def fields_failed(self) -> int:
        """Single fields that were left out although the record as such was neither refused, held nor deferred."""
        return fields_failed(self.outcome, self.detail)

    def change(self, batch_id: int, pair: Pair | None) -> Change:
        """As the ledger keeps it; its id is given there."""
        return Change(
            0,
            batch_id,
            pair.id if pair else None,
            self.system,
            self.object,
            self.action,
            self.record_id,
            self.before,
            self.after,
            self.why,
            self.lost,
            outcome=self.outcome,
            code=self.code,
            detail=self.detail or None,
            source=self.source,
        )


@dataclass(frozen=True, slots=True)
class Wait:
    """Mapping field `field` refers to a record of `system` that is not paired yet, or not on the other side yet."""

    field: str
    system: str
    object: str
    record_id: str


class Contested(NamedTuple):
    """A vendor's field in a clash that the most recent change wins (HS-13)."""

    system: str
    object: str
    record_id: str
    field: str


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """`pair`: as it is to be saved (new, re-pointed, closed, bases moved by agreement); None: there is none.

    `waits`: replaces the pair's waits (meaningful from `plan_references`). `references_due`: update_foreign_keys has work.
    `unread`: (system, vendor field) that the mirror does not know; read the record, then plan again.
    `contested`: fields whose history, where there is one, tells which side was later.
    """

    pair: Pair | None
    changes: tuple[Planned, ...] = ()
    waits: tuple[Wait, ...] = ()
    references_due: bool = False
    unread: tuple[tuple[str, str], ...] = ()
    contested: tuple[Contested, ...] = ()


def _no_row(system: str, object: str, id: str) -> MirrorRow | None:
    return None


def _no_pair(system: str, object: str, id: str) -> Pair | None:
    return None


def _nobody(address: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class PlanContext:
    """`covered` False: not everything on both sides has been read: pairings, creates and deletes are deferred.

    `times`: when a contested value was set, by the vendor's history. `included`: HubSpot ids that are in the mapping's inclusion list; None: it has none.

    `row_of` and `pair_of` (system, object, id) answer for the survivors of merges and conversions: the mirror's row, and
    the pair that is not closed. Load them for every `merged_into` of the chunk's rows, chains included. `choices`: what a
    person chose for a held clash or deletion, by (pair id, mapping's field name or None). `erased`: whether a canonical
    e-mail address is that of a person who was erased. `referred`: ids of unpaired records that a linked pair refers to, where the
    mapping creates partners for those alone.
    """

    values: ValueContext
    mappings: Mappings
    now: datetime
    new_pair_id: Callable[[], str]
    covered: bool = True
    included: frozenset[str] | None = None
    times: AbstractMapping[Contested, str] = field(default_factory=dict)
    row_of: Callable[[str, str, str], MirrorRow | None] = _no_row
    pair_of: Callable[[str, str, str], Pair | None] = _no_pair
    choices: AbstractMapping[tuple[str, str | None], Decision] = field(default_factory=dict)
    erased: Callable[[str], bool] = _nobody
    referred: frozenset[str] = frozenset()
