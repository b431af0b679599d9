"""Frozen values that travel between modules. No I/O, no behaviour beyond small questions about themselves.

Raw values are `str | None` everywhere: the vendor's own text form, made the same for every transport of that vendor by
its adapter (Salesforce: booleans `true`/`false`, numbers without a trailing `.0`, datetimes `2026-01-01T00:00:00.000Z`).
Blank is `None`; an adapter turns `""` into `None`. A field that is absent from a dict of values is *unknown*, never blank.
Versions are ISO-8601 UTC with milliseconds and `Z`, so that they compare as text.
"""

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from lockstep.errors import ErrorClass, kind_of

Values = dict[str, str | None]

SALESFORCE, HUBSPOT, GOOGLE_ADS = "salesforce", "hubspot", "google_ads"


class Step(StrEnum):
    """Sync steps and operations: DAG id = step = `run.step` (DESIGN §3)."""

    SYNC_SCHEMA = "sync_schema"
    PULL_UPDATES = "pull_updates"
    PULL_DELETES = "pull_deletes"
    PULL_CONVERSIONS = "pull_conversions"
    PUSH_UPDATES = "push_updates"
    UPDATE_FOREIGN_KEYS = "update_foreign_keys"
    RECONCILE = "reconcile"
    UNDO_RUN = "undo_run"
    PREFLIGHT = "preflight"


#: what a cycle runs, in order
CYCLE_STEPS = (
    Step.SYNC_SCHEMA,
    Step.PULL_UPDATES,
    Step.PULL_DELETES,
    Step.PULL_CONVERSIONS,
    Step.PUSH_UPDATES,
    Step.UPDATE_FOREIGN_KEYS,
)


class Operation(StrEnum):
    """The ledger's operations: Marketo's names (MK-09), and six of ours."""

    SYNC_SCHEMA = "sync_schema"
    PULL_UPDATES = "pull_updates"
    PULL_DELETES = "pull_deletes"
    PULL_CONVERSIONS = "pull_conversions"
    PUSH_NEW = "push_new"
    PUSH_UPDATES = "push_updates"
    PUSH_DELETES = "push_deletes"
    UPDATE_FKS = "update_fks"
    UPDATE_ACTIVITIES = "update_activities"
    INIT_LINK_WITH_PROGRAM = "init_link_with_program"
    SYNC_WITH_PROGRAM = "sync_with_program"
    PULL_MILESTONES = "pull_milestones"
    PULL_NETWORK_CONVERSIONS = "pull_network_conversions"
    PUSH_CONVERSIONS = "push_conversions"
    RECONCILE = "reconcile"
    PREFLIGHT = "preflight"


class BatchStatus(StrEnum):
    """Status words of MK-06."""

    IN_PROCESS = "in_process"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INCOMPLETE = "incomplete"
    CLEANED_UP = "cleaned_up"


class RunState(StrEnum):
    OPEN = "open"
    SEALED = "sealed"
    PARTIAL = "partial"
    REFUSED = "refused"


class PairState(StrEnum):
    """creating: intent committed, not yet confirmed. linked: both sides known. unconfirmed: an answer was lost.
    held: a person decides. closed: both gone, merged away, or converted."""

    CREATING = "creating"
    LINKED = "linked"
    UNCONFIRMED = "unconfirmed"
    HELD = "held"
    CLOSED = "closed"


class OutcomeKind(StrEnum):
    """What became of one item, in order of precedence (DESIGN §3); the names are the batch's counters."""

    FAILED = "failed"
    HELD = "held"
    DEFERRED = "deferred"
    NEW = "new"
    UPDATED = "updated"
    DELETED = "deleted"
    SKIPPED = "skipped"


class Action(StrEnum):
    """What a change does to its target."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open `[start, end)`, aware UTC. `start` None: from the beginning (a full load)."""

    start: datetime | None
    end: datetime


@dataclass(frozen=True, slots=True)
class Layout:
    """The frozen field order of the rows that carry its id."""

    id: int
    system: str
    object: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One live record as a system told it. `values` are in the order of the fields that were asked for."""

    id: str
    version: str
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows, and the key from which reading can resume after it (None: the window is exhausted)."""

    rows: list[Row]
    cursor: str | None
    read_at: datetime
    #: of links: the records whose links were all read; what is not among `rows` of them is gone
    whole: tuple[str, ...] = ()


class Gone(StrEnum):
    """How a record left: seen, never inferred from absence."""

    DELETED = "deleted"
    MERGED = "merged"
    CONVERTED = "converted"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A record's seen end. `into`: the surviving record's id, with `into_object` when it is another object (Lead to Contact)."""

    id: str
    at: datetime
    kind: Gone = Gone.DELETED
    into: str | None = None
    into_object: str | None = None


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """What a system last told us about one record."""

    system: str
    object: str
    id: str
    version: str
    read_at: datetime
    values: Values
    hash: bytes
    deleted_at: datetime | None = None
    gone: Gone | None = None
    merged_into: str | None = None
    merged_into_object: str | None = None
    due_seq: int | None = None
    #: field -> version of the record in which its value was first seen to have moved; `*`: version at first sight
    moved: AbstractMapping[str, str] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        return self.deleted_at is None


@dataclass(frozen=True, slots=True)
class Pair:
    """Joins a Salesforce and a HubSpot record, and remembers what each side held when they last agreed.

    `sf_base`/`hs_base`: field -> raw value; a field that is absent has a *missing* base. `external_id` is what stands in
    both vendors' external-id field: the pair's own id, with a generation when a record was recreated.
    """

    id: str
    entity: str
    sf_object: str
    hs_object: str
    sf_id: str | None
    hs_id: str | None
    sf_base: Values
    hs_base: Values
    state: PairState
    reason: str | None = None
    due_seq: int | None = None
    agreed_at: datetime | None = None
    generation: int = 0
    #: as `due_seq`, for the references alone (the step update_foreign_keys)
    references_seq: int | None = None

    @property
    def external_id(self) -> str:
        return self.id if not self.generation else f"{self.id}.{self.generation}"

    def record_id(self, system: str) -> str | None:
        return self.sf_id if system == SALESFORCE else self.hs_id

    def base(self, system: str) -> Values:
        return self.sf_base if system == SALESFORCE else self.hs_base

    def joined(self, system: str, record_id: str, name: str | None = None) -> "Pair":
        """With that side's record known (`name`: its Salesforce object), and both sides linked."""
        if system == SALESFORCE:
            return replace(self, sf_id=record_id, sf_object=name or self.sf_object, state=PairState.LINKED, reason=None)
        return replace(self, hs_id=record_id, state=PairState.LINKED, reason=None)

    def based(self, moved: AbstractMapping[str, Values], agreed_at: datetime | None = None) -> "Pair":
        """With each system's base moved to these values in the fields that they name; `agreed_at`: if it was just now."""
        sf, hs = (self.base(system) | moved.get(system, {}) for system in (SALESFORCE, HUBSPOT))
        return replace(self, sf_base=sf, hs_base=hs, agreed_at=agreed_at or self.agreed_at)


def other_side(system: str) -> str:
    return HUBSPOT if system == SALESFORCE else SALESFORCE


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why one record was not done: our stable code, the vendor's own code and words, the fields it names."""

    code: str
    message: str
    vendor_code: str | None = None
    fields: tuple[str, ...] = ()

    @property
    def cls(self) -> ErrorClass:
        return kind_of(self.code).cls


@dataclass(frozen=True, slots=True)
class Write:
    """`key`: the change's id. A create has `external_id`, no `record_id`, and is not made without the fields it `needs`."""

    key: int
    record_id: str | None
    external_id: str | None
    values: Values
    needs: frozenset[str] = frozenset()


class Written(StrEnum):
    """ok: the vendor confirmed. rejected: it refused this record. unknown: no usable answer; it may have been done."""

    OK = "ok"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What the vendor answered for one `Write`. `values`: what the record holds now, where the answer tells; `version` likewise."""

    key: int
    status: Written
    record_id: str | None = None
    created: bool = False
    values: Values | None = None
    version: str | None = None
    rejection: Rejection | None = None
    #: fields that the vendor refused while it took the rest of the record
    field_rejections: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A field as the vendor describes it."""

    name: str
    label: str
    type: str
    length: int | None = None
    options: tuple[str, ...] = ()
    restricted: bool = False
    required: bool = False
    creatable: bool = True
    writable: bool = True
    unique: bool = False
    reference_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    system: str
    object: str
    fields: AbstractMapping[str, Field]
    #: pipelines: id -> stage ids, where the object has them
    pipelines: AbstractMapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Owner:
    """A person or queue that can own records. `id` is what stands in the owner field."""

    id: str
    name: str
    email: str | None
    active: bool
    queue: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """API calls of the vendor's own rolling day, as the vendor last told us."""

    used: int
    limit: int


#: the counters of a batch, in the ledger's column order
COUNTERS = ("read", "new", "updated", "deleted", "skipped", "failed", "deferred", "held", "fields_failed", "api_calls")


@dataclass(frozen=True, slots=True)
class Batch:
    """One ledger row: at most 10,000 items of one object, operation and system (MK-05)."""

    id: int
    run_id: str
    system: str
    object: str
    operation: Operation
    status: BatchStatus
    started_at: datetime
    ended_at: datetime | None
    window_from: datetime | None
    window_to: datetime | None
    counts: AbstractMapping[str, int]
    error_code: str | None = None
    error: str | None = None
    entity: str | None = None
    task: AbstractMapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Plan and ledger in one: inserted without an outcome, filled once (DESIGN §4).

    `before`: the target's raw values that will be replaced; `after`: what is sent; `why`: field -> rule and verdict;
    `lost`: field -> the value that lost a clash; `source`: the other side's raw values that `after` was made of, by its
    own field names: they become that side's base.
    """

    id: int
    batch_id: int
    pair_id: str | None
    system: str
    object: str
    action: Action
    record_id: str | None
    before: Values
    after: Values
    why: AbstractMapping[str, str]
    lost: Values
    retry_of: int | None = None
    sent_at: datetime | None = None
    outcome: OutcomeKind | None = None
    code: str | None = None
    detail: AbstractMapping[str, Any] | None = None
    attempts: int = 0
    source: Values = field(default_factory=dict)


def fields_failed(outcome: OutcomeKind | None, detail: AbstractMapping[str, Any] | None) -> int:
    """Single fields that did not go with their record (DESIGN §3): none of a record that was itself held, deferred or refused."""
    whole = outcome in (OutcomeKind.HELD, OutcomeKind.DEFERRED) or "record" in (detail or {})
    return 0 if whole else sum(isinstance(one, AbstractMapping) for one in (detail or {}).get("fields") or ())
