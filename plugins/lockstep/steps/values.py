"""What comparing values needs from the store: the owner map, schemas, and which pair a referenced record belongs to."""

from collections.abc import Iterable
from typing import Any

from lockstep.mapping import FieldMapping, Mapping
from lockstep.model import HUBSPOT, SALESFORCE, ObjectSchema, Pair
from lockstep.owners import OwnerMap
from lockstep.plan import Unit
from lockstep.steps.runs import Context
from lockstep.store import owners, pairs, schema
from lockstep.values import ValueContext


def value_context(ctx: Context, tx: Any, references: "References | None" = None) -> ValueContext:
    known = references or References()
    return ValueContext(
        owners=OwnerMap(owners.list_owners(tx, SALESFORCE), owners.list_owners(tx, HUBSPOT)),
        references=known.pair_of,
        records=known.record_of,
        default_country=ctx.settings.default_country,
        schemas=_schemas(ctx, tx),
    )


def _schemas(ctx: Context, tx: Any) -> dict[tuple[str, str], ObjectSchema]:
    names = [(system, name) for system in (SALESFORCE, HUBSPOT) for name in ctx.mappings.objects(system)]
    return {name: found for name in names if (found := schema.get(tx, *name))}


class References:
    """Leads from a record to its pair and back, from one look-up per chunk of units."""

    def __init__(self) -> None:
        self._by_record: dict[tuple[str, str, str], Pair] = {}
        self._by_id: dict[tuple[str, str], Pair] = {}

    def pair_of(self, system: str, entity: str, record_id: str) -> str | None:
        pair = self._by_record.get((system, entity, record_id))
        return pair.id if pair else None

    def record_of(self, system: str, entity: str, pair_id: str) -> str | None:
        pair = self._by_id.get((entity, pair_id))
        return pair.record_id(system) if pair else None

    def load(self, tx: Any, ctx: Context, mapping: Mapping, units: Iterable[Unit]) -> None:
        """Find the pairs of every record that the units refer to, now or in their bases."""
        wanted: dict[tuple[str, str], set[str]] = {}
        for field in mapping.references:
            for unit in units:
                for system, raw in _referred(field, unit):
                    wanted.setdefault((system, field.reference or ""), set()).add(raw)
        for (system, entity), ids in wanted.items():
            objects = ctx.mappings.entity(entity).objects(system)
            found = pairs.by_record(tx, system, [(name, one) for name in objects for one in ids])
            self._by_record |= {(system, entity, record_id): pair for (_, record_id), pair in found.items()}
            self._by_id |= {(entity, pair.id): pair for pair in found.values()}


def _referred(field: FieldMapping, unit: Unit) -> Iterable[tuple[str, str]]:
    names = {SALESFORCE: set(field.salesforce.values()), HUBSPOT: {field.hubspot}}
    for system in (SALESFORCE, HUBSPOT):
        row = unit.row(system)
        for values in (row.values if row else {}, unit.pair.base(system) if unit.pair else {}):
            yield from ((system, raw) for name in names[system] if (raw := values.get(name)))
