"""What comparing values needs from the store: the owner map, schemas, and which pair a referenced record belongs to."""

from collections.abc import Iterable
from typing import Any

from lockstep.mapping import FieldMapping, Mapping
from lockstep.model import HUBSPOT, SALESFORCE, ObjectSchema
from lockstep.owners import OwnerMap
from lockstep.plan import Unit
from lockstep.run import Context
from lockstep.store import owners, pairs, schema
from lockstep.values import ValueContext


def value_context(ctx: Context, tx: Any, references: "References | None" = None) -> ValueContext:
    known = references or References()
    return ValueContext(
        owners=OwnerMap(owners.list_owners(tx, SALESFORCE), owners.list_owners(tx, HUBSPOT)),
        references=known.pair_of,
        records=known.record_of,
        default_country=ctx.settings.default_country,
        zone=ctx.settings.zone,
        schemas=_schemas(ctx, tx),
    )


def _schemas(ctx: Context, tx: Any) -> dict[tuple[str, str], ObjectSchema]:
    names = [(system, name) for system in (SALESFORCE, HUBSPOT) for name in ctx.mappings.objects(system)]
    return {name: found for name in names if (found := schema.get(tx, *name))}


class References:
    """Leads from a record to its pair and back, from one look-up per chunk of units."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str, str], str] = {}
        self._records: dict[tuple[str, str, str], str] = {}

    def pair_of(self, system: str, entity: str, record_id: str) -> str | None:
        return self._pairs.get((system, entity, record_id))

    def record_of(self, system: str, entity: str, pair_id: str) -> str | None:
        return self._records.get((system, entity, pair_id))

    def load(self, tx: Any, ctx: Context, mapping: Mapping, units: Iterable[Unit]) -> None:
        """Find the pairs of every record that the units refer to, now or in their bases."""
        wanted: dict[tuple[str, str], set[str]] = {}
        for field in mapping.references:
            for unit in units:
                for system, raw in _referred(field, unit):
                    for entity, record_id in field.referred(system, raw):
                        wanted.setdefault((system, entity), set()).add(record_id)
        for (system, entity), ids in wanted.items():
            for pair_id, *both in pairs.links(tx, system, ctx.mappings.entity(entity).objects(system), ids):
                for side, partner in zip((SALESFORCE, HUBSPOT), both, strict=True):
                    if partner:
                        self._pairs[side, entity, partner] = pair_id
                        self._records[side, entity, pair_id] = partner


def _referred(field: FieldMapping, unit: Unit) -> Iterable[tuple[str, str]]:
    names = {SALESFORCE: set(field.salesforce.values()), HUBSPOT: {field.hubspot}}
    for system in (SALESFORCE, HUBSPOT):
        row = unit.row(system)
        for values in (row.values if row else {}, unit.pair.base(system) if unit.pair else {}):
            yield from ((system, raw) for name in names[system] if (raw := values.get(name)))
