"""The portal: every table, the associations, owners and pipelines, loaded from the seeded world."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.hubspot import campaigns, lists, pipelines, schemas, stamps
from sandbox.hubspot.errors import invalid, not_found
from sandbox.hubspot.links import Links
from sandbox.hubspot.records import Record, Table
from sandbox.hubspot.settings import Settings
from sandbox.hubspot.standard import PROPERTIES, TYPES

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.world import World

GROUP_LABELS = {"contactinformation": "Contact information", "companyinformation": "Company information"}


class Portal:
    """The state of one HubSpot account."""

    def __init__(self, clock: Clock, world: World, settings: Settings) -> None:
        self.clock, self.settings = clock, settings
        self.tables = {kind.plural: Table(kind, PROPERTIES[kind.plural], settings) for kind in TYPES}
        self.schemas: dict[str, schemas.Schema] = {}
        self.schemas_made = 0
        self.names = {name: kind.plural for kind in TYPES for name in (kind.id, kind.plural, kind.singular)}
        self.links = Links()
        self.pipelines = pipelines.standard()
        self.pipeline_parts = 0
        self.owners: dict[str, dict[str, Any]] = {}
        self.blocked_emails: set[str] = set()
        self.campaigns: dict[str, campaigns.Campaign] = {}
        self.campaigns_made = 0
        self.assets: dict[str, dict[str, str]] = {}
        self.lists: dict[str, lists.RecordList] = {}
        self.next_list = 1
        self.to_judge: deque[tuple[float, str, int]] = deque()
        self.dropped_links: dict[tuple[str, int], dict[str, dict[int, set[int]]]] = {}
        for number, kind in enumerate(TYPES):
            self.table(kind.plural).next_id = 1_001 + number * 1_000_000
            self.table(kind.plural).groups[kind.group] = group(kind.group, kind.singular)
        self._load(world)

    def table(self, name: str) -> Table:
        """The table of an object type by plural or singular name, in any case, or by type id; 400 if unknown."""
        plural = self.names.get(name.lower())
        if plural is None:
            raise invalid(f"Unable to infer object type from: {name}")
        return self.tables[plural]

    def now(self) -> str:
        return stamps.iso(self.clock.now())

    def find(self, table: Table, key: str, id_property: str | None = None, archived: bool = False) -> Record:
        """The record; 404 if there is none, 400 if `id_property` is not unique."""
        check_id_property(self, table, id_property, "get")
        record = table.find(key, id_property, archived)
        if record is None:
            raise not_found()
        return record

    def owner_known(self, owner_id: str) -> bool:
        owner = self.owners.get(owner_id)
        return owner is not None and (not owner["archived"] or bool(self.settings["archived_owner_assignable"]))

    def stage_known(self, plural: str, pipeline: str | None, stage: str) -> bool:
        found = self.pipelines.get(plural, {}).get(pipeline or "")
        return found is not None and stage in found.stages

    # --- loading ---------------------------------------------------------------------------------------------------
    def _load(self, world: World) -> None:
        for owner in world.hubspot.get("owners", []):
            self.owners[owner["id"]] = owner | {key: stamps.iso(owner[key]) for key in ("createdAt", "updatedAt")}
        for row in world.hubspot.get("schemas", []):
            schemas.define(self, row["definition"], stamps.iso(row["createdAt"]))
        for name, table in self.tables.items():
            for row in world.hubspot.get(name, []):
                self._load_record(table, row)
        for origin, origin_id, target, target_id, type_id in world.hubspot_associations:
            known = self.links.kinds(origin, target)
            kind = known[type_id] if type_id else self.links.unlabelled(origin, target)
            self.links.add((origin, int(origin_id)), (target, int(target_id)), [kind], first_is_primary=False)
        for table in self.tables.values():
            self._count_links(table)
            table.index = {record.id: record.properties for record in table.live.values()}
        for row in world.hubspot.get("lists", []):
            lists.load(self, row)
        for row in world.hubspot.get("campaigns", []):
            campaigns.load(self, row)

    def _load_record(self, table: Table, row: dict[str, Any]) -> None:
        created, modified = stamps.iso(row["createdAt"]), stamps.iso(row["updatedAt"])
        system = {
            table.kind.created: created,
            table.kind.modified: modified,
            "hs_object_id": row["id"],
            "hs_object_source": "IMPORT",
            "hs_object_source_label": "IMPORT",
        }
        record = Record(int(row["id"]), {**row["properties"], **system}, created, modified)
        record.properties.update(derived(self, table, record.properties))
        table.add(record)

    def _count_links(self, table: Table) -> None:
        for record in table.live.values():
            record.properties.update(counted(self, table, record.id))


def group(name: str, singular: str) -> dict[str, Any]:
    label = GROUP_LABELS.get(name, f"{singular.capitalize()} information")
    return {"name": name, "label": label, "displayOrder": -1, "archived": False}


def check_id_property(portal: Portal, table: Table, id_property: str | None, verb: str) -> None:
    if id_property and not table.is_unique(id_property):
        shown = f"{table.kind.id} property {id_property}"
        raise invalid(str(portal.settings["non_unique_text"]).format(verb=verb, property=shown))


# --- calculated properties -----------------------------------------------------------------------------------------
def derived(portal: Portal, table: Table, properties: dict[str, str | None]) -> dict[str, str | None]:
    """What HubSpot calculates from a record's own properties."""
    if table.kind.plural == "contacts":
        email = properties.get("email")
        vids = properties.get("hs_all_contact_vids") or properties["hs_object_id"]
        return {"hs_email_domain": email.partition("@")[2] if email else None, "hs_all_contact_vids": vids}
    if table.kind.plural == "deals":
        pipeline = portal.pipelines["deals"].get(properties.get("pipeline") or "")
        stage = pipeline.stages.get(properties.get("dealstage") or "") if pipeline else None
        if stage is None:
            return {}
        won = stage.closed and float(stage.metadata["probability"]) == 1.0
        return {
            "hs_is_closed": str(stage.closed).lower(),
            "hs_is_closed_won": str(won).lower(),
            "hs_deal_stage_probability": stage.metadata["probability"],
        }
    calculated = CALCULATED.get(table.kind.plural)
    return calculated(portal, properties) if calculated else {}


def _ticket(portal: Portal, properties: dict[str, str | None]) -> dict[str, str | None]:
    pipeline = portal.pipelines["tickets"].get(properties.get("hs_pipeline") or "")
    stage = pipeline.stages.get(properties.get("hs_pipeline_stage") or "") if pipeline else None
    if stage is None or not stage.closed:
        return {"closed_date": None}
    return {"closed_date": properties.get("closed_date") or properties.get("hs_lastmodifieddate")}


def _task(portal: Portal, properties: dict[str, str | None]) -> dict[str, str | None]:
    if properties.get("hs_task_status") != "COMPLETED":
        return {"hs_task_is_completed": "0", "hs_task_completion_date": None}
    at = properties.get("hs_task_completion_date") or properties.get("hs_lastmodifieddate")
    return {"hs_task_is_completed": "1", "hs_task_completion_date": at}


def _email(portal: Portal, properties: dict[str, str | None]) -> dict[str, str | None]:
    """Sender and recipients come from the JSON text of the headers; headers that cannot be read leave them empty."""
    try:
        headers = orjson.loads(properties.get("hs_email_headers") or "{}")
    except orjson.JSONDecodeError:
        headers = None
    headers = headers if isinstance(headers, dict) else {}
    sender, to = headers.get("from"), headers.get("to")
    to = [row.get("email") for row in to if isinstance(row, dict)] if isinstance(to, list) else []
    return {
        "hs_email_from_email": (str(sender.get("email") or "") or None) if isinstance(sender, dict) else None,
        "hs_email_to_email": ";".join(str(one) for one in to if one) or None,
    }


CALCULATED: dict[str, Callable[[Portal, dict[str, str | None]], dict[str, str | None]]] = {
    "tickets": _ticket,
    "tasks": _task,
    "emails": _email,
}


def counted(portal: Portal, table: Table, record_id: int) -> dict[str, str | None]:
    """What HubSpot calculates from a record's associations; these too move the last-modified stamp."""
    key = (table.kind.plural, record_id)
    found: dict[str, str | None] = {}
    if "associatedcompanyid" in table.properties:
        company = portal.links.primary(key)
        found["associatedcompanyid"] = str(company) if company is not None else None
    for name, target in (("num_associated_contacts", "contacts"), ("num_associated_deals", "deals")):
        if name in table.properties:
            found[name] = str(len(portal.links.of(key, target)) or "") or None
    return found
