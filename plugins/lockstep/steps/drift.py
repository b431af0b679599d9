"""What a vendor changed in its fields, options, stages and owners: what it means for the mappings, and what to do (MK-19, HS-14).

A change that a mapped field cannot live with holds that field alone: it counts as unknown, so nothing is read into it or
written from it, and the other side is never blanked because of it. It comes back by itself when the field fits again. What
nothing can be done without (match keys, required fields, the external id) is not held: `sync_schema` fails.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lockstep.mapping import Mapping, Mappings, check_against
from lockstep.mapping.definition import FieldMapping, FieldType, Rule
from lockstep.mapping.holding import can_do_without, without
from lockstep.mapping.patch import left_out, more_values, new_field, retyped
from lockstep.mapping.stage_patch import new_stages, stage_of
from lockstep.model import SALESFORCE, ObjectSchema, Owner, other_side
from lockstep.run import Context
from lockstep.store import Store, mirror, schema
from lockstep.store.schema import HELD, PIPELINES, Assessment, Difference

#: impact of a change: nothing is mapped; a mapped field goes on; a mapped field has values that cannot travel; `HELD`;
#: the object cannot be synced as it is mapped
NONE, MAPPED, VALUES, STOPS = "none", "mapped", "values", "stops"


def assess(ctx: Context, tx: Any, differences: Iterable[Difference]) -> None:
    """Note for each difference what it means for the mapping that has its field."""
    for one in differences:
        schema.note(tx, one, _assessment(ctx, tx, one))


def note_owners(tx: Any, system: str, before: Iterable[Owner], after: Iterable[Owner], at: datetime) -> None:
    """Users and queues that came, left, were switched off or renamed: owners follow by their rules (OW-07), so all goes on. The
    first reading changes nothing."""
    known, now = ({one.id: _facts(one) for one in some} for some in (before, after))
    if not known:
        return
    found = []
    for owner_id in sorted(known.keys() | now.keys()):
        old, new = known.get(owner_id), now.get(owner_id)
        if old != new:
            what = "added" if old is None else "removed" if new is None else "changed"
            found.append(Difference(system, schema.OWNERS, owner_id, what, old, new))
    schema.record(tx, found, at)
    for one in found:
        schema.note(tx, one, Assessment(MAPPED))


def _facts(owner: Owner) -> dict[str, Any]:
    return {"type": "queue" if owner.queue else "user", "name": owner.name, "active": owner.active}


def usable(store: Store, mappings: Mappings) -> Mappings:
    """The mappings without the fields that are held: what every step works with."""
    with store.reading() as tx:
        return without(mappings, schema.held(tx))


def _assessment(ctx: Context, tx: Any, one: Difference) -> Assessment:
    mappings = ctx.mappings.whole
    mapping = mappings.of_object(one.system, one.object)
    field = _mapped(mapping, one)
    described = schema.get(tx, one.system, one.object)
    if described is None:
        return Assessment(NONE, mapping.entity)
    if one.field == PIPELINES:
        return Assessment(*_pipelines(mappings, mapping, one, described))
    if field is None:
        return Assessment(NONE, mapping.entity, patch=_proposal(tx, mapping, one, described))
    impact, patch = _impact(tx, mappings, mapping, field, one, described)
    records = mirror.count_filled(tx, one.system, one.object, one.field)
    return Assessment(impact, mapping.entity, records, patch)


def _pipelines(
    mappings: Mappings, mapping: Mapping, one: Difference, described: ObjectSchema
) -> tuple[str, str, None, str | None]:
    """Stages that came are values without a counterpart; of those that left, the mapping may need one."""
    stage = stage_of(mapping)
    if stage is None or mapping.pipelines is None:
        return NONE, mapping.entity, None, None
    if any(_broken(mappings, mapping, f, one, described) for f in (stage, mapping.by_name[mapping.pipelines.field])):
        return STOPS, mapping.entity, None, None
    fresh = {
        new
        for name, now in (one.after or {}).items()
        for new in set(now or ()) - set((one.before or {}).get(name) or ())
    }
    patch = new_stages(mapping, stage, one.system, described.pipelines, fresh)
    return VALUES if patch else MAPPED, mapping.entity, None, patch


def _broken(
    mappings: Mappings, mapping: Mapping, field: FieldMapping, one: Difference, described: ObjectSchema
) -> bool:
    """True if the mapping of the field is a mistake by what is described now."""
    return any(
        problem.severity == "error" and problem.file == mapping.path and problem.key == f"fields.{field.name}"
        for problem in check_against(mappings, {(one.system, one.object): described})
    )


def _mapped(mapping: Mapping, one: Difference) -> FieldMapping | None:
    found = (f for f in mapping.fields if f.on(one.system, one.object) == one.field and f.rule is not Rule.dont_sync)
    return next(found, None)


def _impact(
    tx: Any, mappings: Mappings, mapping: Mapping, field: FieldMapping, one: Difference, described: ObjectSchema
) -> tuple[str, str | None]:
    if _broken(mappings, mapping, field, one, described):
        patch = _mended(field, one, described)
        return (HELD if can_do_without(mapping, field) else STOPS), patch
    return _values(tx, mapping, field, one, described)


def _mended(field: FieldMapping, one: Difference, described: ObjectSchema) -> str:
    now = described.fields.get(one.field)
    if now is None:
        return left_out(
            field, f"{one.object} has no field {one.field} any more, or hides it from the integration user."
        )
    if "type" in (one.after or {}):
        return retyped(field, one.system, now)
    return left_out(field, f"{one.object}.{one.field} no longer takes what the mapping writes.")


def _values(
    tx: Any, mapping: Mapping, field: FieldMapping, one: Difference, described: ObjectSchema
) -> tuple[str, str | None]:
    """New options of a mapped list, and those of them without a counterpart."""
    now = described.fields[one.field].options
    fresh = [value for value in now if value not in ((one.before or {}).get("options") or ())]
    if field.type not in (FieldType.PICKLIST, FieldType.MULTIPICKLIST) or one.what != "changed" or not fresh:
        return MAPPED, None
    there = other_side(one.system)
    theirs = _options(tx, field, there, mapping.objects(there)[0])
    known = {side for table in field.tables() for pair in table.items() for side in pair} | set(field.read_as)
    alone = tuple(value for value in fresh if value not in (known or theirs))
    if not alone:
        return MAPPED, None
    if field == stage_of(mapping):
        order = dict.fromkeys(mapping.pipelines.record_types if mapping.pipelines else (), now)
        return VALUES, new_stages(mapping, field, one.system, order, alone)
    return VALUES, more_values(field, alone, theirs) if one.system == SALESFORCE else None


def _options(tx: Any, field: FieldMapping, system: str, name: str) -> tuple[str, ...]:
    described = schema.get(tx, system, name)
    found = described.fields.get(field.on(system, name) or "") if described else None
    return found.options if found else ()


def _proposal(tx: Any, mapping: Mapping, one: Difference, described: ObjectSchema) -> str | None:
    if one.what != "added":
        return None
    there = other_side(one.system)
    others = schema.get(tx, there, mapping.objects(there)[0])
    taken = {f.on(there, name) for f in mapping.fields for name in mapping.objects(there)}
    free = {name: field for name, field in (others.fields if others else {}).items() if name not in taken}
    return new_field(mapping, one.system, one.object, described.fields[one.field], free)
