"""Records in a pipeline that is not kept in step: their sync stops, with the reason, until they come back (HS-18)."""

from lockstep.mapping import Mapping
from lockstep.model import HUBSPOT, MirrorRow
from lockstep.plan.unit import Unit

CODE = "pipeline_not_synced"


def outside(unit: Unit, mapping: Mapping) -> MirrorRow | None:
    """The live record of the unit whose pipeline, or Salesforce record type, the mapping does not name."""
    if mapping.pipelines is None:
        return None
    return next((row for row in (unit.hs, unit.sf) if row is not None and row.live and not _named(row, mapping)), None)


def _named(row: MirrorRow, mapping: Mapping) -> bool:
    """What has not been read yet is not judged."""
    assert mapping.pipelines is not None, "asked only of objects with pipelines"
    types = mapping.pipelines.record_types
    if row.system == HUBSPOT:
        pipeline = row.values.get(mapping.pipelines.field)
        return pipeline is None or pipeline in types
    name = mapping.pipelines.record_type
    if name is None or name not in row.values:
        return True
    return row.values[name] in {kind for kinds in types.values() for kind in kinds}
