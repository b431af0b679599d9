"""What to change in a mapping file when a vendor has new stages: lines for its `pipelines`. Pure.

A new stage has no counterpart that could be known. Proposed is that of the stage before it, which loses the least: nothing is
written that means more than what happened.
"""

from collections.abc import Iterable
from collections.abc import Mapping as AbstractMapping
from io import StringIO

from ruamel.yaml import YAML

from lockstep.mapping.definition import FieldMapping, Mapping
from lockstep.model import SALESFORCE

#: the property that holds a stage, by HubSpot's object; other objects have no pipelines
STAGES = {"deals": "dealstage", "tickets": "hs_pipeline_stage"}

#: pipeline -> Salesforce stage -> HubSpot stages
Tables = dict[str, dict[str, list[str]]]


def stage_of(mapping: Mapping) -> FieldMapping | None:
    """The field that holds the stage of a record in a pipeline that is kept in step."""
    name = STAGES.get(mapping.hs_object) if mapping.pipelines else None
    return next((one for one in mapping.fields if one.hubspot == name), None)


def tables(mapping: Mapping, stage: FieldMapping) -> dict[str, AbstractMapping[str, str]]:
    """Pipeline -> Salesforce stage -> HubSpot stage."""
    kinds = mapping.pipelines.record_types if mapping.pipelines else {}
    return {name: stage.stages[types[0]] if types else stage.values for name, types in kinds.items()}


def new_stages(
    mapping: Mapping,
    stage: FieldMapping,
    system: str,
    order: AbstractMapping[str, tuple[str, ...]],
    fresh: Iterable[str],
) -> str | None:
    """`pipelines` with a counterpart for each fresh stage; None where none of them lacks one. `order`: pipeline -> that
    system's stages in their order."""
    found: Tables = {}
    wanted = set(fresh)
    for pipeline, table in tables(mapping, stage).items():
        known = (
            dict(table)
            if system == SALESFORCE
            else {hs: sf for sf, hs in reversed(list(table.items()))} | _read(stage, table)
        )
        last = next(iter(known.values()), None)
        for name in order.get(pipeline, ()):
            if name in known:
                last = known[name]
            elif name in wanted and last is not None:
                ours, theirs = (name, last) if system == SALESFORCE else (last, name)
                rows = found.setdefault(pipeline, {sf: [hs] for sf, hs in table.items()})
                rows[ours] = [*dict.fromkeys([*rows.get(ours, []), theirs])]
    return _text(found, sorted(wanted)) if found else None


def _read(stage: FieldMapping, table: AbstractMapping[str, str]) -> dict[str, str]:
    """HubSpot's further stages -> Salesforce's."""
    back = {hs: sf for sf, hs in reversed(list(table.items()))}
    return {extra: back[hs] for extra, hs in stage.read_as.items() if hs in back}


def _text(found: Tables, fresh: list[str]) -> str:
    out, yaml = StringIO(), YAML()
    yaml.width = 120
    synced = {
        pipeline: {"stages": {sf: hs[0] if len(hs) == 1 else hs for sf, hs in rows.items()}}
        for pipeline, rows in found.items()
    }
    yaml.dump({"pipelines": {"synced": synced}}, out)
    names = ", ".join(map(repr, fresh))
    return f"# New stages: {names}. Each is proposed as what the stage before it is; put it where it belongs.\n{out.getvalue()}"
