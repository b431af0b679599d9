"""Fields and pipelines as the vendors describe them, and how they changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from lockstep.model import Field, ObjectSchema
from lockstep.store import dialects
from lockstep.store import tables as t

#: impact of a change that a mapped field cannot live with
HELD = "held"

#: the object of users and queues that can own records (MK-08)
OWNERS = "User"

#: `field` of a change of the object's pipelines
PIPELINES = "(pipelines)"


@dataclass(frozen=True, slots=True)
class Difference:
    """`what`: added, removed or changed; `before`, `after`: the parts of the definition that differ."""

    system: str
    object: str
    field: str
    what: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a change means. `impact`: see `steps.drift`; `entity`: the mapping concerned; `records`: live ones that hold a
    value in the field; `patch`: YAML for the mapping file."""

    impact: str
    entity: str | None = None
    records: int | None = None
    patch: str | None = None


def get(tx: Connection, system: str, object: str) -> ObjectSchema | None:
    """The object as last described; None if it never was."""
    query = select(t.object_schema.c.pipelines).filter_by(system=system, object=object)
    row = tx.execute(query).first()
    if row is None:
        return None
    f = t.field_schema.c
    found = tx.execute(select(f.field, f.definition).filter_by(system=system, object=object).order_by(f.field))
    pipelines = {pipeline: tuple(stages) for pipeline, stages in row.pipelines.items()}
    return ObjectSchema(system, object, {name: _field(definition) for name, definition in found}, pipelines)


def _field(definition: dict[str, Any]) -> Field:
    lists = {name: tuple(value) for name, value in definition.items() if isinstance(value, list)}
    return Field(**{**definition, **lists})


def save(tx: Connection, schema: ObjectSchema, at: datetime) -> list[Difference]:
    """Keep the description. Returns, and keeps, what is different from the last one; the first one differs in nothing."""
    dialects.lock(tx, "schema", schema.system, schema.object)
    known = get(tx, schema.system, schema.object)
    found = _differences(known, schema) if known else []
    record(tx, found, at)
    if found or known is None:
        _replace_fields(tx, schema)
    place = {"system": schema.system, "object": schema.object}
    news = {"pipelines": _pipelines(schema), "read_at": at}
    statement = dialects.insert(tx, t.object_schema).values(place | news)
    tx.execute(statement.on_conflict_do_update(index_elements=list(place), set_=news))
    return found


def record(tx: Connection, differences: Sequence[Difference], at: datetime) -> None:
    """Keep what changed."""
    if differences:
        tx.execute(insert(t.schema_change), [{"at": at} | asdict(one) for one in differences])


def note(tx: Connection, difference: Difference, assessment: Assessment) -> None:
    """Add what a change means to its latest row."""
    c = t.schema_change.c
    place = {name: getattr(difference, name) for name in ("system", "object", "field")}
    latest = select(func.max(c.id)).filter_by(**place).scalar_subquery()
    tx.execute(update(t.schema_change).where(c.id == latest).values(asdict(assessment)))


def held(tx: Connection) -> frozenset[tuple[str, str, str]]:
    """(system, object, field) of the fields whose latest change a mapping cannot live with."""
    c = t.schema_change.c
    latest = select(func.max(c.id)).group_by(c.system, c.object, c.field)
    query = select(c.system, c.object, c.field).where(c.id.in_(latest), c.impact == HELD)
    return frozenset((system, name, field) for system, name, field in tx.execute(query))


def _replace_fields(tx: Connection, schema: ObjectSchema) -> None:
    place = {"system": schema.system, "object": schema.object}
    f = t.field_schema.c
    tx.execute(delete(t.field_schema).where(f.system == schema.system, f.object == schema.object))
    rows = [place | {"field": name, "definition": asdict(field)} for name, field in schema.fields.items()]
    if rows:
        tx.execute(insert(t.field_schema), rows)


def _differences(known: ObjectSchema, schema: ObjectSchema) -> list[Difference]:
    place = (schema.system, schema.object)
    found = []
    for name in sorted(known.fields.keys() | schema.fields.keys()):
        before, after = known.fields.get(name), schema.fields.get(name)
        if before is None and after is not None:
            found.append(Difference(*place, name, "added", None, asdict(after)))
        elif after is None and before is not None:
            found.append(Difference(*place, name, "removed", asdict(before), None))
        elif before != after and before is not None and after is not None:
            found.append(Difference(*place, name, "changed", *_parts(asdict(before), asdict(after))))
    if _pipelines(known) != _pipelines(schema):
        found.append(Difference(*place, PIPELINES, "changed", *_parts(_pipelines(known), _pipelines(schema))))
    return found


def _parts(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    moved = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in sorted(moved)}, {name: after.get(name) for name in sorted(moved)}


def _pipelines(schema: ObjectSchema) -> dict[str, Any]:
    return {name: list(stages) for name, stages in schema.pipelines.items()}
