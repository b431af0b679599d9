"""What is kept in step with what: the typed form of the mapping files. Frozen values; no I/O.

One `Mapping` describes one pair of objects (contacts and leads of Salesforce with contacts of HubSpot, for example), one
`FieldMapping` one pair of fields. `lockstep.mapping.files` makes them from YAML.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping as AbstractMapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from lockstep.mapping.kinds import DeleteRule as DeleteRule
from lockstep.mapping.kinds import FieldType as FieldType
from lockstep.mapping.kinds import Rule as Rule
from lockstep.model import HUBSPOT, SALESFORCE

#: how HubSpot fields begin that are associations with other records
ASSOCIATION = "association:"


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """One pair of fields.

    `salesforce`: sObject -> field; an object that lacks the field is absent. `hubspot`: a property, or an association
    such as `association:companies/primary`. `refers_to`: of a reference, the entities of the records that it may mean; of
    several, HubSpot's associations stand in one name, `association:deals|companies`, and the first that is filled counts.
    `values`: Salesforce picklist value -> HubSpot option; where several values
    share an option, the first listed is written back. `read_as`: further HubSpot options -> the option they count as; they
    are read, never written. `default`: system -> raw value for a create whose source is blank.
    `truncate`: system -> length; longer text is cut before it is written there, and compared as cut.
    `forms`: system -> the type of that side's own field where it differs from `type` (a date kept with a time of day).
    `vendor_filled`: systems that fill the field by themselves on create.
    `sums`: the numbers of merged records are added up (MK-18).
    `stages`: of a stage, the record type of its record -> its `values`; `record_type`: the Salesforce field that tells it.
    """

    name: str
    salesforce: AbstractMapping[str, str]
    hubspot: str
    type: FieldType
    rule: Rule
    values: AbstractMapping[str, str] = field(default_factory=dict)
    read_as: AbstractMapping[str, str] = field(default_factory=dict)
    refers_to: tuple[str, ...] = ()
    default: AbstractMapping[str, str] = field(default_factory=dict)
    truncate: AbstractMapping[str, int] = field(default_factory=dict)
    forms: AbstractMapping[str, FieldType] = field(default_factory=dict)
    vendor_filled: frozenset[str] = frozenset()
    stages: AbstractMapping[str, AbstractMapping[str, str]] = field(default_factory=dict)
    record_type: str = ""
    sums: bool = False
    line: int = field(default=0, compare=False)

    def on(self, system: str, object: str) -> str | None:
        """The vendor's name of the field on that object; None where the object lacks it."""
        return self.salesforce.get(object) if system == SALESFORCE else self.hubspot

    def form(self, system: str) -> FieldType:
        """The type of that side's own field."""
        return self.forms.get(system, self.type)

    @property
    def is_association(self) -> bool:
        return self.hubspot.startswith(ASSOCIATION)

    def tables(self, beside: AbstractMapping[str, str | None] | None = None) -> tuple[AbstractMapping[str, str], ...]:
        """The tables of picklist values that count for a record: for stages, that of the record type in the Salesforce
        values `beside`, or all."""
        if not self.stages:
            return (self.values,)
        if beside is None:
            return tuple(self.stages.values())
        own = self.stages.get(beside.get(self.record_type) or "")
        return (own,) if own is not None else ()

    def referred(self, system: str, raw: str) -> tuple[tuple[str, str], ...]:
        """(entity, record id) that a reference's value may mean. Salesforce's ids do not tell their object; HubSpot's
        carry it where there are several: `deals:123`."""
        if system == SALESFORCE or len(self.refers_to) == 1:
            return tuple((entity, raw) for entity in self.refers_to)
        target, _, record_id = raw.partition(":")
        return tuple((entity, record_id) for entity, one in self.targets() if one == target)

    def reference_to(self, system: str, entity: str, record_id: str) -> str:
        """The value of a reference to that record."""
        if system == SALESFORCE or len(self.refers_to) == 1:
            return record_id
        return f"{dict(self.targets())[entity]}:{record_id}"

    def targets(self) -> list[tuple[str, str]]:
        """(entity, HubSpot object) of the records that a reference may mean, in their order."""
        objects = self.hubspot.removeprefix(ASSOCIATION).partition("/")[0].split("|")
        return list(zip(self.refers_to, objects, strict=True))


@dataclass(frozen=True, slots=True)
class MatchKey:
    """A field by which partners are found. `type` tells how its values are compared; `unique`: systems that enforce it;
    `also`: system -> its field that holds further values, separated by semicolons (secondary e-mail addresses)."""

    name: str
    field: str
    type: FieldType
    unique: frozenset[str] = frozenset()
    also: AbstractMapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pipelines:
    """Which pipelines are kept in step (HS-18). `field`: the HubSpot property that tells a record's pipeline; `record_types`:
    pipeline -> the Salesforce record types (developer names) whose records stand in it, the first of which is written.
    Without record types (`record_type` None) there is one pipeline for all."""

    field: str
    record_type: str | None
    record_types: AbstractMapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Mapping:
    """One pair of objects: one mapping file.

    `entity` is the file's stem. `external_id`: system -> field that holds the pair's id. `create`: target system -> object
    created there, None for "never". `update`: target system -> on or off. `delete`: system in which a record was deleted ->
    what happens to its partner (HS-07). `required`: target object -> names of the fields that a create must fill.
    `freshness_minutes`: the age that a change may reach before people are told. `batch_size`: items per planned batch.
    `enabled`: whether anything is done at all (HS-12). `backfill`: whether records are synced that nobody has touched since
    the object was switched on (HS-20: activities are not). `inclusion_list`: name or number of the HubSpot list whose members
    are kept in step (HS-09); None: all are. `one_way`: HubSpot's records are copied to Salesforce once, and
    nothing is read there. `pipelines`: those that are kept in step; None: the object has none, or all are.
    `conflict_winner`: Salesforce object -> the system whose value wins where both sides of a two-way field changed (MK-11);
    without one the most recent change does. `create_if_referred`: target system -> the entity of which a record must refer to
    the source, or none is created there (HS-17).
    """

    entity: str
    path: str
    sf_objects: tuple[str, ...]
    hs_object: str
    external_id: AbstractMapping[str, str]
    match: tuple[MatchKey, ...]
    create: AbstractMapping[str, str | None]
    update: AbstractMapping[str, bool]
    delete: AbstractMapping[str, DeleteRule]
    edited_and_deleted: Literal["hold", "recreate"]
    required: AbstractMapping[str, tuple[str, ...]]
    fields: tuple[FieldMapping, ...]
    batch_size: int = 2000
    freshness_minutes: int = 30
    enabled: bool = True
    backfill: bool = True
    inclusion_list: str | None = None
    one_way: bool = False
    pipelines: Pipelines | None = None
    conflict_winner: AbstractMapping[str, str] = field(default_factory=dict)
    create_if_referred: AbstractMapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> AbstractMapping[str, FieldMapping]:
        return MappingProxyType({one.name: one for one in self.fields})

    def objects(self, system: str) -> tuple[str, ...]:
        """The vendor's objects on that side."""
        return self.sf_objects if system == SALESFORCE else (self.hs_object,)

    @property
    def is_link(self) -> bool:
        """True if HubSpot's side is links between two kinds of records, as `deals/contacts`, and not records themselves."""
        return "/" in self.hs_object

    def sources(self, system: str) -> tuple[str, ...]:
        """The vendor's objects that are read."""
        return () if self.one_way and system == SALESFORCE else self.objects(system)

    def fields_of(self, system: str, object: str) -> tuple[str, ...]:
        """Vendor field names to read for that object, sorted: synced fields, match keys, pipelines and the external id."""
        keys = {key.field for key in self.match}
        wanted = [one for one in self.fields if one.rule is not Rule.dont_sync or one.name in keys]
        names = {one.on(system, object) for one in wanted} | {self.external_id.get(system)}
        names |= {key.also.get(system) for key in self.match}
        if self.pipelines:
            names.add(self.pipelines.field if system == HUBSPOT else self.pipelines.record_type)
        return tuple(sorted(name for name in names if name))

    def vendor_filled(self, system: str, object: str) -> frozenset[str]:
        """Vendor field names that the system fills by itself when such a record is created."""
        names = (one.on(system, object) for one in self.fields if system in one.vendor_filled)
        return frozenset(name for name in names if name)

    @cached_property
    def references(self) -> tuple[FieldMapping, ...]:
        """The fields that point to records of another mapping."""
        return tuple(one for one in self.fields if one.type is FieldType.REFERENCE)

    @cached_property
    def hash(self) -> str:
        """Stable over machines and file layout; differs whenever a plan could differ (DESIGN §6, guards)."""
        content = asdict(self)
        for ignored in ("path", "batch_size", "freshness_minutes"):
            del content[ignored]
        for one in content["fields"]:
            del one["line"]
            # their order tells which value is written back
            one["values"] = list(one["values"].items())
            one["stages"] = [[name, list(values.items())] for name, values in one["stages"].items()]
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=sorted).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Mappings:
    """All mapping files of a folder, in dependency order: an entity stands after those that it refers to.

    `off`: those that are switched off; they are in nothing else here. `origin`: the mappings that these were made of
    by leaving out held fields (see `holding`).
    """

    all: tuple[Mapping, ...]
    off: tuple[Mapping, ...] = ()
    origin: "Mappings | None" = field(default=None, compare=False, repr=False)

    @property
    def whole(self) -> "Mappings":
        """As the files say, with the fields that are held."""
        return self.origin or self

    @cached_property
    def _by_entity(self) -> AbstractMapping[str, Mapping]:
        return {mapping.entity: mapping for mapping in self.all}

    @cached_property
    def _by_object(self) -> AbstractMapping[tuple[str, str], Mapping]:
        every = [(system, m) for m in self.all for system in (SALESFORCE, HUBSPOT)]
        written = {(system, name): mapping for system, mapping in every for name in mapping.objects(system)}
        return written | {(system, name): mapping for system, mapping in every for name in mapping.sources(system)}

    def entity(self, name: str) -> Mapping:
        """Raises KeyError that names the entities there are."""
        try:
            return self._by_entity[name]
        except KeyError:
            raise KeyError(f"no mapping {name!r}; there are {', '.join(self._by_entity)}") from None

    def of_object(self, system: str, object: str) -> Mapping:
        """The mapping that reads a vendor's object, else one that writes it. Raises KeyError."""
        try:
            return self._by_object[system, object]
        except KeyError:
            raise KeyError(f"no mapping has the {system} object {object!r}") from None

    def objects(self, system: str) -> tuple[str, ...]:
        """All mapped objects of a system, in dependency order."""
        return tuple(dict.fromkeys(name for mapping in self.all for name in mapping.objects(system)))

    @cached_property
    def hash(self) -> str:
        text = "\n".join(f"{mapping.entity} {mapping.hash}" for mapping in sorted(self.all, key=lambda m: m.entity))
        return hashlib.sha256(text.encode()).hexdigest()[:16]
