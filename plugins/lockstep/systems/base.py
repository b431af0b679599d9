"""The protocol that every vendor system implements, and the small values that go with it (DESIGN §7).

Rules that hold for every implementation:

* All values are raw `str | None` (see `lockstep.model`); `""` never leaves an adapter.
* Reading calls may be repeated inside, few times and short; whatever they raise is in `lockstep.errors`.
* A record that was not seen is never reported gone: a `Tombstone` needs the vendor's word.
* `write` never raises once a write may have reached the vendor: a lost answer is `Written.UNKNOWN`.
* Every HTTP request passes the `Meter`, logins included.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lockstep.errors import LockstepError
from lockstep.model import Action, ObjectSchema, Owner, Page, Row, Tombstone, Usage, Window, Write, WriteResult

if TYPE_CHECKING:
    from lockstep.conversions.history import History
    from lockstep.conversions.preflight import Reachable
    from lockstep.conversions.reports import OpenDeal
    from lockstep.systems.ads_reports import VisitorSource

#: rate-limit buckets: (system, bucket) is what a Meter limits; a bucket without a limit only counts
API, LOGIN = "api", "login"  # Salesforce
TEN_SECONDLY, SEARCH = "ten_secondly", "search"  # HubSpot

#: prefix of pseudo-fields that are read and written through associations: "association:<type>/<label>"
ASSOCIATION = "association:"

T = TypeVar("T")


def parts(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`values` in slices of at most `size`."""
    return (values[at : at + size] for at in range(0, len(values), size))


def fitting(values: Iterable[T], size: Callable[[T], int], room: int, most: int) -> Iterator[list[T]]:
    """`values` in lists of at most `most`, whose sizes together are at most `room`; what is larger than that stands alone."""
    some: list[T] = []
    used = 0
    for value in values:
        length = size(value)
        if some and (used + length > room or len(some) >= most):
            yield some
            some, used = [], 0
        some.append(value)
        used += length
    if some:
        yield some


class Meter(Protocol):
    """Rate limiter and call counter of all systems."""

    def acquire(self, system: str, bucket: str, calls: int = 1) -> None:
        """Wait until so many calls may be made; QuotaExhausted if the day's allocation is used up."""

    def record(self, system: str, bucket: str, status: int, ms: float, usage: Usage | None) -> None:
        """Note one HTTP request that was made: `status` 0 if no answer came; `usage` if the answer told it."""

    @property
    def calls(self) -> int:
        """HTTP requests recorded since this meter was made."""


class TokenCache(Protocol):
    """Keeps access tokens between tasks; what is stored is encrypted by the cache's owner."""

    def get(self, key: str) -> dict[str, Any] | None: ...

    def put(self, key: str, value: dict[str, Any], expires_at: datetime) -> None: ...

    def forget(self, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What a system can do, as data. `read_batch`: ids of one `read`; `write_batch`: writes of one `write`;
    `page`: rows of one Page of `changed`; `references_inline`: lookups are plain fields that a create may carry;
    `writes_at_once`: batches of one object that may be written at the same time."""

    read_batch: int
    write_batch: int
    page: int
    references_inline: bool
    writes_at_once: int = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are to the vendor. `account`: organisation or portal id; `user`: the integration user's id, if there is one.
    `address`: where people open records in the vendor's own pages, "" if it has none."""

    system: str
    account: str
    user: str | None
    name: str
    api_version: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Deleted:
    """Records that left, and up to when this is the whole truth (never later than the window's end)."""

    tombstones: list[Tombstone]
    covered_to: datetime
    #: set when the vendor does not tell: it no longer knows what was deleted at the window's start (`HorizonPassed`), or it
    #: refuses this object; `tombstones` is then empty
    refused: LockstepError | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """Records read by id: requested id -> its row, or its seen end.

    An id in neither is one under which the vendor shows nothing: purged, erased, or hidden from the integration user.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    gone: dict[str, Tombstone] = field(default_factory=dict)

    @classmethod
    def found_or_gone(cls, ids: Sequence[str], there: Mapping[str, Row], read_at: datetime) -> "Read":
        """For records whose absence is the vendor's word: all of them were read, and those that are not there are gone."""
        wanted = dict.fromkeys(ids)
        rows = {one: there[one] for one in wanted if one in there}
        return cls(rows, {one: Tombstone(one, read_at) for one in wanted if one not in there})


@dataclass(frozen=True, slots=True)
class Touched:
    """A record whose milestones may have changed. `surely`: its history has moved; else only what it is known by may have."""

    id: str
    surely: bool


@dataclass(frozen=True, slots=True)
class Members:
    """Who is in a list. `mark` changes whenever that does; None: the vendor does not tell. `ids` None: as at the mark that was known."""

    mark: str | None
    ids: frozenset[str] | None


class HistorySource(Protocol):
    """The part of a system that tells of the past: where milestones are found."""

    def touched(self, object: str, window: Window) -> Iterator[Touched]:
        """Records to look at for a window; one may come several times."""

    def histories(
        self, object: str, fields: Mapping[str, Sequence[str]], past: Sequence[str], ids: Sequence[str]
    ) -> "list[History]":
        """Whole histories of these records, with the fields of each object that is read for identifiers, and the changes of the
        fields `past` as far as the vendor keeps them; records that are gone are absent."""

    def open_deals(self, gclid: Mapping[str, Sequence[str]]) -> "Iterator[OpenDeal]":
        """Opportunities that are not closed and have a click id, in one of these fields of theirs or of the lead that they were made
        from (object -> fields). None where milestones are not made of opportunities."""

    def reachable(self, object: str) -> "Reachable":
        """The statuses or stages that milestones can be made of, whatever process they are in."""


class System(Protocol):
    """One vendor system."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> Limits: ...

    def check(self) -> Identity:
        """Log in and say who we are; AuthenticationError or AccessError with what to do."""

    def describe(self, object: str) -> ObjectSchema:
        """The object's fields; AccessError if the vendor does not know or show it."""

    def owners(self) -> list[Owner]:
        """All users and queues that can own records, inactive ones too."""

    def prepare(self, object: str, external_id: str) -> list[str]:
        """Make sure that the external-id field is there, unique and writable. Returns what was created.

        HubSpot: makes the property (and its group). Salesforce: only checks, unless its options ask for more; ConfigError or
        AccessError with the remedy.
        """

    def count_changed(self, windows: Mapping[str, Window]) -> dict[str, int]:
        """The one cheap question "anything new?": object -> records that `changed` would give."""

    def changed(self, object: str, fields: Sequence[str], window: Window, cursor: str | None = None) -> Iterator[Page]:
        """Pages of live records modified in the window (start None: all), from `cursor` on.

        Rows were read by id or from the database of record, never from a search index. Resuming is idempotent: a row may
        come twice, none is left out. Converted leads are left out: `converted` reports them.
        """

    def deleted(self, object: str, window: Window) -> Deleted:
        """Records deleted or merged away in the window; HorizonPassed if the vendor no longer knows."""

    def deleted_many(self, windows: Mapping[str, Window]) -> dict[str, Deleted]:
        """`deleted` for many objects in as few calls as the vendor allows; what concerns one object alone is in
        `Deleted.refused`, what concerns the system is raised."""

    def converted(self, window: Window) -> Deleted:
        """Leads converted in the window (Salesforce); other systems: nothing."""

    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Read:
        """Read records by id, whatever became of them."""

    def field_times(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> dict[tuple[str, str], str]:
        """(record id, field) -> version text of when the present value was set, where the vendor keeps a history."""

    def members(self, object: str, name: str, known: str | None = None) -> Members:
        """The ids of the records in a list (HubSpot), unless its mark is still `known`; ConfigError where there is no such
        list."""

    def links(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """Association pseudo-fields alone: field -> record id -> value; a record without such a link is absent. A field
        that is not told cannot change without its record."""

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Row]:
        """Live records whose `field` is one of `values` (case-insensitive): by match key or external id."""

    def write(self, object: str, action: Action, writes: Sequence[Write], external_id_field: str) -> list[WriteResult]:
        """Write at most `limits.write_batch` records; one result per write, in order.

        CREATE is an upsert on the external-id field, UPDATE and DELETE go by `record_id`; a value None empties the field.
        Refused credentials, permissions and quotas are raised if nothing was sent yet. A rejection because the record
        exists already (code `duplicate` or `duplicate_rule`) carries that record's id, if the vendor names it.
        """

    def usage(self) -> Usage | None:
        """API calls of the vendor's day as last told; no call is made for it."""

    @property
    def history(self) -> HistorySource | None:
        """What the vendor keeps of the past; None for a vendor of which it is not asked."""

    @property
    def visitors(self) -> "VisitorSource | None":
        """What the vendor's tracking knows of contacts that came by an ad; None for a vendor that does not track."""
