"""What vendors changed in their fields, and what it means for the mappings, for Sync Status (MK-19, HS-14)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from lockstep.store import tables as t

#: what a change of a field that no mapping has means: nothing
UNMAPPED = "none"


@dataclass(frozen=True, slots=True)
class Drift:
    """One change of a vendor's field. `before` and `after`: the parts of its definition that differ; `impact`: see
    `steps.drift`; `records`: live ones that hold a value in it; `patch`: YAML for the mapping file. `latest`: the field has
    not changed since, so it is as this row says."""

    id: int
    at: datetime
    system: str
    object: str
    field: str
    what: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    impact: str
    entity: str | None
    records: int | None
    patch: str | None
    latest: bool


def drifts(tx: Connection, impact: str | None = None, before: int | None = None, limit: int = 50) -> list[Drift]:
    """Newest first, from the one before the id `before`; of one impact, or of all."""
    c = t.schema_change.c
    later = t.schema_change.alias("later")
    same = (later.c.system == c.system) & (later.c.object == c.object) & (later.c.field == c.field)
    since = select(later.c.id).where(same, later.c.id > c.id).correlate(t.schema_change).exists()
    query = select(t.schema_change, since.label("changed_since")).order_by(c.id.desc()).limit(limit)
    if impact is not None:
        query = query.where(func.coalesce(c.impact, UNMAPPED) == impact)
    if before is not None:
        query = query.where(c.id < before)
    return [_drift(dict(row._mapping)) for row in tx.execute(query)]


def _drift(row: dict[str, Any]) -> Drift:
    changed_since = row.pop("changed_since")
    return Drift(**row | {"impact": row["impact"] or UNMAPPED}, latest=not changed_since)


def impacts(tx: Connection) -> dict[str, int]:
    """Impact -> changes."""
    impact = func.coalesce(t.schema_change.c.impact, UNMAPPED)
    found = tx.execute(select(impact, func.count()).group_by(impact))
    return {str(name): int(number) for name, number in found}


def described_at(tx: Connection) -> datetime | None:
    """When a description was last read; None: never."""
    found: datetime | None = tx.execute(select(func.max(t.object_schema.c.read_at))).scalar()
    return found
