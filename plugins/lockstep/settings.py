"""Settings of the engine: `settings.yaml` beside the mapping files, and environment variables that override single ones.

`LOCKSTEP__LAG_SECONDS__SALESFORCE=0` overrides `lag_seconds: {salesforce: ...}`: two underscores between the levels, in any
case. docs/mappings.md lists all settings.
"""

import os
from collections.abc import Callable
from collections.abc import Mapping as AbstractMapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from lockstep.yaml_files import Document, OneOf, Path_, refuse

FILE = "settings.yaml"
PREFIX = "LOCKSTEP__"

SystemName = Annotated[str, OneOf("salesforce", "hubspot", "google_ads")]
Table = Annotated[str, OneOf("ledger", "tombstones", "api_calls", "closed_pairs", "conversions")]
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


def _over(defaults: dict[str, Any]) -> Callable[[Any], Any]:
    """What is written replaces single defaults, not all of them."""
    return lambda written: {**defaults, **written} if isinstance(written, dict) else written


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is not a time zone; write it as in Europe/Oslo") from error
    return name


def _kept_long_enough(days: dict[str, int]) -> dict[str, int]:
    if days["conversions"] < CONVERSIONS_AT_LEAST:
        raise ValueError(f"conversions are kept for at least {CONVERSIONS_AT_LEAST} days: Google may still adjust them")
    return days


LAG = {"salesforce": 300, "hubspot": 60, "google_ads": 0}
OVERLAP = {"salesforce": 600, "hubspot": 120, "google_ads": 0}
PAGE_SIZE = {"salesforce": 2000, "hubspot": 100}
RETENTION = {"ledger": 90, "tombstones": 400, "api_calls": 30, "closed_pairs": 400, "conversions": 400}
#: Google counts clicks of 90 days, and takes conversions back for 54 days more
CONVERSIONS_AT_LEAST = 150


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Guards(Part):
    """What a plan may contain before a person is asked (DESIGN §6). Shares are of the entity's pairs, from 0 to 1."""

    max_deletes: Count = Field(default=200, description="Deletes of one mapping in one run.")
    max_delete_share: Share = Field(default=0.05, description="Deletes as a share of the pairs.")
    max_owner_changes: Count = Field(default=1000, description="Records that get another owner.")
    max_owner_change_share: Share = Field(
        default=0.5, description="Records that get another owner, as a share of the pairs."
    )
    max_blanked: Count = Field(default=500, description="Values that would be emptied.")
    max_blanked_share: Share = Field(
        default=0.1, description="Records with a value that would be emptied, as a share of the pairs."
    )
    max_changed_share: Share = Field(
        default=0.9, description="Updates as a share of the pairs: nearly everything at once."
    )
    max_changes_after_mapping_change: Count = Field(
        default=1000, description="Changes in the first run after a mapping file was edited."
    )
    ignore_below: Count = Field(default=50, description="Shares count only where there are at least this many pairs.")


class Settings(Part):
    """All settings, with their defaults. Durations are seconds or days, as the names say."""

    lead_label: Literal["Lead", "Person"] = Field(
        default="Lead", description="What Sync Status calls a Salesforce lead (MK-07)."
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="In which a point in time becomes a date."
    )
    default_country: str | None = Field(
        default=None,
        pattern="^[A-Z]{2}$",
        description="Country (ISO 3166) of telephone numbers without a country code.",
    )
    lag_seconds: Annotated[dict[SystemName, Count], BeforeValidator(_over(LAG))] = Field(
        default=LAG, description="Changes younger than this are left to the next run: not all of them are visible yet."
    )
    overlap_seconds: Annotated[dict[SystemName, Count], BeforeValidator(_over(OVERLAP))] = Field(
        default=OVERLAP,
        description="How far before its window a pull starts to read, for changes that became visible late.",
    )
    page_size: Annotated[dict[SystemName, Annotated[int, Field(gt=0)]], BeforeValidator(_over(PAGE_SIZE))] = Field(
        default=PAGE_SIZE, description="Records per page of a read."
    )
    bulk_threshold: Count = Field(
        default=10_000, description="Changed records above which Salesforce is read through Bulk API 2.0."
    )
    lease_seconds: Annotated[int, Field(ge=60)] = Field(
        default=900, description="How long the lock of a killed run lasts."
    )
    create_external_ids: bool = Field(
        default=False,
        description="Whether sync_schema makes the external-id fields that Salesforce lacks; else they are deployed.",
    )
    schema_refresh_seconds: Count = Field(
        default=21_600, description="How old what we know of fields and picklists may get."
    )
    association_sweep_seconds: Count = Field(
        default=3_600, description="How often HubSpot's associations are read of records that nobody changed."
    )
    failure_threshold: Share = Field(default=0.05, description="Share of rejected records above which a task fails.")
    allocation: dict[SystemName, Count] = Field(
        default={}, description="API calls per day for Lockstep (HS-01); no entry: no limit of ours."
    )
    retention_days: Annotated[
        dict[Table, Annotated[int, Field(gt=0)]], BeforeValidator(_over(RETENTION)), AfterValidator(_kept_long_enough)
    ] = Field(default=RETENTION, description="Days after which history is deleted.")
    guards: Guards = Guards()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def load(folder: Path, environment: AbstractMapping[str, str] = os.environ) -> Settings:
    """The settings of that folder; without a file, the defaults. Raises ConfigError that lists every mistake."""
    document = Document(folder / FILE, missing_ok=True)
    if document.content is None and not document.problems:
        document.content = {}
    for name in sorted(environment):
        if name.upper().startswith(PREFIX):
            document.overlay(_place(name), environment[name], name)
    settings = document.validate(Settings)
    refuse(document.problems, "the settings")
    return settings or Settings()


def _place(name: str) -> Path_:
    """`LOCKSTEP__GUARDS__MAX_DELETES` -> ("guards", "max_deletes")"""
    return tuple(name[len(PREFIX) :].lower().split("__"))


def json_schema() -> dict[str, Any]:
    """JSON Schema of settings.yaml, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Settings.model_json_schema()}
