"""The language of the mapping files, as pydantic models: docs/mappings.md explains each key to those who write them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lockstep.mapping.definition import DeleteRule, FieldType, Rule
from lockstep.yaml_files import OneOf

Name = Annotated[str, Field(min_length=1)]
SystemName = Annotated[str, OneOf("salesforce", "hubspot")]
Side = Annotated[str, OneOf("salesforce", "hubspot", "*")]
#: stands for "on every object" or "on both sides" where a single value was written
EVERYWHERE = "*"


def _everywhere(value: Any) -> Any:
    return value if isinstance(value, dict) else {EVERYWHERE: value}


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _lists(value: Any) -> Any:
    return {key: _listed(one) for key, one in value.items()} if isinstance(value, dict) else value


def _never(value: Any) -> Any:
    return (
        {key: None if one in ("never", False) else one for key, one in value.items()}
        if isinstance(value, dict)
        else value
    )


Names = Annotated[list[Name], Field(min_length=1), BeforeValidator(_listed, json_schema_input_type=Name | list[Name])]
PerObject = Annotated[dict[str, Name], BeforeValidator(_everywhere, json_schema_input_type=Name | dict[str, Name])]
PerSide = Annotated[
    dict[Side, FieldType],
    BeforeValidator(_everywhere, json_schema_input_type=FieldType | dict[SystemName, FieldType]),
]
SystemPerObject = Annotated[
    dict[str, SystemName],
    BeforeValidator(_everywhere, json_schema_input_type=SystemName | dict[str, SystemName]),
]
Options = Annotated[dict[str, list[str]], BeforeValidator(_lists, json_schema_input_type=dict[str, str | list[str]])]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Objects(Part):
    salesforce: Names = Field(description="One Salesforce object, or several that share the HubSpot object.")
    hubspot: Name = Field(description="The HubSpot object, in the plural: contacts, companies, deals.")


class ExternalId(Part):
    salesforce: Name = Field(description="A unique, case-insensitive external-id text field of each Salesforce object.")
    hubspot: str = Field(
        default="", description="A property with unique values; sync_schema creates it. Links and campaigns have none."
    )


class Match(Part):
    field: str = Field(description="The name of the field by which partners are found.")
    key: Name | None = Field(default=None, description="The key's name, where it differs from the field's.")
    type: FieldType | None = Field(
        default=None, description="How values are compared, where it differs from the field's type."
    )
    unique: tuple[SystemName, ...] = Field(default=(), description="Systems that let no two records share the value.")
    also: dict[SystemName, Name] = Field(
        default={}, description="A field of that side that holds further values of the key, separated by semicolons."
    )


class Create(Part):
    """Object that is created on each side for a record that exists only on the other; `never` for none."""

    salesforce: Name | None
    hubspot: Name | None


class Update(Part):
    """Whether existing records are written to, per side."""

    salesforce: bool = True
    hubspot: bool = True


class Delete(Part):
    """Where a record was deleted: what happens to its partner on the other side."""

    salesforce: DeleteRule
    hubspot: DeleteRule


class FieldDocument(Part):
    salesforce: PerObject = Field(description="The Salesforce field, or one per object.")
    hubspot: Names = Field(
        description="The HubSpot property, or `association:<object>/<label>` for a reference; or a list of associations."
    )
    type: PerSide = Field(description="How values are compared and written.")
    rule: Rule = Field(description="Who wins.")
    name: Name | None = Field(default=None, description="A name of its own; otherwise the HubSpot property.")
    values: Options = Field(
        default={}, description="Picklists: Salesforce value -> HubSpot option, or a list whose first one is written."
    )
    reference: Annotated[list[str], BeforeValidator(_listed, json_schema_input_type=str | list[str])] = Field(
        default=[], description="The mapping file (without .yaml) of the records that it refers to, or a list of them."
    )
    default: dict[SystemName, str] = Field(
        default={}, description="What a new record gets on that side when the other has nothing."
    )
    truncate: dict[SystemName, Annotated[int, Field(gt=0)]] = Field(
        default={}, description="Cut longer text for that side."
    )
    merged: Literal["winner", "sum"] = Field(
        default="winner", description="Of merged records the survivor's value, or for numbers (scores) the sum of all."
    )
    filled_by_vendor: tuple[SystemName, ...] = Field(
        default=(), description="Systems that fill the field of a new record themselves."
    )


class PipelineDocument(Part):
    record_types: Annotated[list[str], BeforeValidator(_listed, json_schema_input_type=str | list[str])] = Field(
        default=[], description="Developer names of the Salesforce record types that stand in this pipeline."
    )
    stages: Options = Field(
        description="Salesforce stage or status -> HubSpot stage, or a list whose first one is written."
    )


class PipelinesDocument(Part):
    """The pipelines that are kept in step; records in others are left alone."""

    hubspot: str = Field(description="The property that tells the pipeline: pipeline, hs_pipeline.")
    stage: str = Field(description="The name of the field that holds the stage.")
    rule: Rule = Field(default=Rule.two_way, description="Who wins when a record moves to another pipeline.")
    synced: Annotated[dict[str, PipelineDocument], Field(min_length=1)] = Field(
        description="HubSpot pipeline (its internal id) -> the stages that are its counterparts."
    )


class MappingDocument(Part):
    """One pair of objects."""

    enabled: bool = Field(default=True, description="`false` switches the object off.")
    objects: Objects
    external_id: ExternalId
    match: tuple[Match, ...] = Field(
        default=(), description="How partners are found, best key first; empty: never matched."
    )
    create: Annotated[Create, BeforeValidator(_never, json_schema_input_type=dict[SystemName, str | bool | None])]
    create_if_referred: dict[SystemName, str] = Field(
        default={},
        description="System -> mapping file: created there only for a record that a synced record of that file refers to.",
    )
    update: Update = Update()
    delete: Delete
    edited_and_deleted: Literal["hold", "recreate"] = "hold"
    required: dict[str, tuple[str, ...]] = Field(
        default={}, description="Object -> names of fields without which none is created."
    )
    batch_size: int = Field(default=2000, ge=1, le=10_000)
    freshness_minutes: int = Field(default=30, ge=1)
    inclusion_list: Name | None = Field(
        default=None, description="HubSpot list (name or number) whose members alone are kept in step."
    )
    backfill: bool = Field(
        default=True, description="`false`: only records that are created or changed after the object was switched on."
    )
    direction: Literal["both", "to_salesforce"] = Field(
        default="both", description="`to_salesforce`: HubSpot's records are copied once; Salesforce's are not read."
    )
    conflict_winner: SystemPerObject = Field(
        default={},
        description="The side that wins where both changed a two-way field, or one per Salesforce object; without it the most recent.",
    )
    pipelines: PipelinesDocument | None = None
    fields: Annotated[tuple[FieldDocument, ...], Field(min_length=1)]


def json_schema() -> dict[str, Any]:
    """JSON Schema of a mapping file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **MappingDocument.model_json_schema()}
