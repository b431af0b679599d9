"""Which milestones become which conversions: the typed form of conversions.yaml. Frozen values; no I/O."""

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

#: an identifier's kind -> object -> the fields that may hold it, best first
Fields = AbstractMapping[str, AbstractMapping[str, tuple[str, ...]]]

CLICK_IDS = ("gclid", "gbraid", "wbraid")
PEOPLE_IDS = ("email", "phone")

#: the batches of conversions carry this instead of a mapping's name
ENTITY = "conversions"


class Kind(StrEnum):
    """What a milestone is (GA-00, GA-28); the names are the keys of conversions.yaml."""

    LEAD_STATUS = "lead_status"
    LEAD_CONVERTED = "lead_converted"
    OPPORTUNITY_STAGE = "opportunity_stage"
    HUBSPOT_LIFECYCLE = "hubspot_lifecycle"

    @property
    def object(self) -> str:
        """The vendor's object whose history tells of it."""
        return _OBJECTS[self]


_OBJECTS = {
    Kind.LEAD_STATUS: "Lead",
    Kind.LEAD_CONVERTED: "Lead",
    Kind.OPPORTUNITY_STAGE: "Opportunity",
    Kind.HUBSPOT_LIFECYCLE: "contacts",
}


class Count(StrEnum):
    """A record that reaches a milestone again: counts once, or each time."""

    FIRST = "first"
    EVERY = "every"


class Backend(StrEnum):
    """Google's two upload APIs. New Cloud projects may only use Data Manager (since June 2026)."""

    DATA_MANAGER = "data_manager"
    GOOGLE_ADS = "google_ads"


class Unknown(StrEnum):
    """What becomes of people whose consent is not known: sent by click id alone, or withheld."""

    SEND = "send"
    WITHHOLD = "withhold"


@dataclass(frozen=True, slots=True)
class Amount:
    """A conversion's value: a fixed one, a field's, or none (Google then takes the conversion action's default)."""

    fixed: Decimal | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """One milestone and its conversion action.

    `reached`: the lead status, opportunity stage or lifecycle stage; "" for a lead's conversion. `action`: the conversion
    action's id (digits) or name. `currency` wins over `currency_field`. `restate`: the conversion follows the field's value.
    `identifiers`: the kinds that are sent, click ids and people's. `account`: ten digits, None for the file's.
    """

    name: str
    kind: Kind
    reached: str
    action: str
    value: Amount = Amount()
    currency: str | None = None
    currency_field: str | None = None
    count: Count = Count.FIRST
    restate: bool = True
    identifiers: tuple[str, ...] = (*CLICK_IDS, *PEOPLE_IDS)
    account: str | None = None
    line: int = field(default=0, compare=False)

    @property
    def object(self) -> str:
        return self.kind.object

    @property
    def signature(self) -> str:
        """What history must be read for: a new one has the past read again."""
        return f"{self.kind}:{self.reached}"


@dataclass(frozen=True, slots=True)
class Consent:
    """Where consent stands (GA-21): signal (`ad_user_data`, `ad_personalization`) -> object -> fields, and how it is written."""

    fields: Fields = field(default_factory=dict)
    granted: frozenset[str] = frozenset({"true", "yes", "granted"})
    denied: frozenset[str] = frozenset({"false", "no", "denied"})
    unknown: Unknown = Unknown.SEND


@dataclass(frozen=True)
class Conversions:
    """All of conversions.yaml. `account` None: the one of the Airflow connection. `country`: object -> fields with the country
    of telephone numbers. `lookback_days`: how far back the first read goes."""

    milestones: tuple[Milestone, ...] = ()
    backend: Backend = Backend.DATA_MANAGER
    shadow: Backend | None = None
    account: str | None = None
    identifiers: Fields = field(default_factory=dict)
    country: AbstractMapping[str, tuple[str, ...]] = field(default_factory=dict)
    consent: Consent = Consent()
    lookback_days: int = 90

    def of(self, object: str) -> tuple[Milestone, ...]:
        """The milestones that this object's history tells of."""
        return tuple(one for one in self.milestones if one.object == object)

    @cached_property
    def by_name(self) -> AbstractMapping[str, Milestone]:
        return {one.name: one for one in self.milestones}

    @cached_property
    def objects(self) -> tuple[str, ...]:
        """Objects whose history is read: Lead, Opportunity, contacts."""
        return tuple(dict.fromkeys(one.object for one in self.milestones))

    def fields_of(self, object: str) -> tuple[str, ...]:
        """Fields to read of that object's records, sorted: identifiers, countries, consent, values and currencies."""
        kinds = (*self.identifiers.values(), *self.consent.fields.values(), self.country)
        names = {name for one in kinds for name in one.get(object, ())}
        return tuple(sorted(names | set(self.values_of(object))))

    def values_of(self, object: str) -> tuple[str, ...]:
        """Fields of values and currencies, sorted: those whose past is read, since they count as they were then."""
        named = ((one.value.field, one.currency_field) for one in self.of(object))
        return tuple(sorted({name for both in named for name in both if name}))
