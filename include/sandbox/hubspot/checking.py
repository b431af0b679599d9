"""Checks a write before it is stored, so that a batch without trace ids can refuse all of its inputs unwritten."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot.errors import conflict, invalid, problem, property_errors
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.records import Properties, Record, Table
from sandbox.hubspot.shapes import as_int, id_of, rows
from sandbox.hubspot.values import Invalid, canonical

DATED_RULES = "2026-09"


@dataclass(frozen=True)
class Author:
    """Who writes: a property history's sourceType and sourceId. `version` is the API version of the path, if dated."""

    source: str = "INTEGRATION"
    source_id: str | None = None
    user_id: int | None = None
    version: str | None = None

    @property
    def person(self) -> bool:
        return self.source == "CRM_UI"


@dataclass
class Checked:
    """A write that may be stored: normalised properties, and the record to update (None: create)."""

    table: Table
    properties: Properties
    record: Record | None = None
    links: list[tuple[str, int, list[Any]]] = field(default_factory=list)


class Checker:
    """Checks for one author. `claimed` are unique values that earlier inputs of the same batch will take."""

    def __init__(self, portal: Portal, author: Author) -> None:
        self.portal, self.author, self.settings = portal, author, portal.settings
        self.claimed: dict[tuple[str, str], int] = {}

    def check_create(self, table: Table, properties: Any, associations: Any = None) -> Checked:
        """Raises ApiError 400 for bad or missing properties, 409 for a contact that exists."""
        values = self._values(table, properties, None)
        if "pipeline" in table.properties and not values.get("pipeline"):
            values["pipeline"] = "default"
        if "hs_pipeline" in table.properties and table.kind.plural == "tickets" and not values.get("hs_pipeline"):
            values["hs_pipeline"] = "0"
        self._require(table, values)
        self._external(table, values, values)
        self._conditional(table, values, creating=True)
        self._unique(table, values, None)
        return Checked(table, values, None, self._links(table, associations))

    def check_update(self, record: Record, table: Table, properties: Any) -> Checked:
        """Raises ApiError 400 for bad properties or a unique value that another record has."""
        values = self._values(table, properties, record)
        after = record.properties | values
        self._external(table, values, after)
        self._conditional(table, after, creating=False)
        self._unique(table, values, record.id)
        return Checked(table, values, record)

    def _values(self, table: Table, properties: Any, record: Record | None) -> Properties:
        if not isinstance(properties, dict):
            raise invalid("Invalid input JSON: properties must be an object of names and values")
        before = record.properties if record else {}
        values: Properties = {}
        problems = []
        for name, value in properties.items():
            try:
                values[name] = self._value(table, name, value, before.get(name), record is None)
            except Invalid as error:
                problems.append(error.json(name))
        if problems:
            raise property_errors(problems)
        return values

    def _value(self, table: Table, name: str, value: Any, before: str | None, creating: bool) -> str | None:
        item = table.properties.get(name)
        if item is None:
            raise Invalid("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
        if item.read_only and not self._may_write(name, creating):
            raise Invalid("READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
        if value is None and not self.settings["null_clears"]:
            raise Invalid("INVALID_VALUE", f"{name} was null: property values must be strings, numbers or booleans.")
        return canonical(item, value, before)

    def _may_write(self, name: str, creating: bool) -> bool:
        """What the setting says of the two properties that reports disagree about."""
        if name == "hs_analytics_source":
            return creating and bool(self.settings["analytics_source_on_create"])
        return name == "hs_google_click_id" and bool(self.settings["click_id_writable"])

    def _require(self, table: Table, values: Properties) -> None:
        lacking = [names for names in table.kind.required if not any(values.get(name) for name in names)]
        if lacking and len(lacking[0]) > 1:
            names = ", ".join(lacking[0])
            raise invalid(f"At least one of these properties must be set to create a {table.kind.singular}: [{names}]")
        if lacking:
            names = ", ".join(group[0] for group in lacking)
            raise invalid(
                f"Error creating {table.kind.singular.upper()}. Some required properties were not set: [{names}]"
            )

    def _external(self, table: Table, values: Properties, after: Properties) -> None:
        """Owners and stages: their options live outside the property."""
        problems = []
        owner = values.get("hubspot_owner_id")
        if owner and not self.portal.owner_known(owner):
            problems.append(
                problem(
                    "hubspot_owner_id",
                    str(self.settings["owner_error"]),
                    f"Owner {owner} does not exist or is inactive.",
                )
            )
        for pipe, stage in (("pipeline", "dealstage"), ("hs_pipeline", "hs_pipeline_stage")):
            if stage in table.properties and (values.get(stage) or values.get(pipe)):
                chosen, within = after.get(stage) or "", after.get(pipe)
                if not self.portal.stage_known(table.kind.plural, within, chosen):
                    message = f"{chosen} is not a valid stage of the pipeline {within}"
                    problems.append(problem(stage, "INVALID_OPTION", message))
        if problems:
            raise property_errors(problems)

    def _conditional(self, table: Table, after: Properties, creating: bool) -> None:
        """Rules that administrators set and that writes through 2026-09 must obey, unlike those through v3."""
        if self.author.version != DATED_RULES:
            return
        needed = set(self.settings["required_on_create"].get(table.kind.plural, ()) if creating else ())
        for rule in self.settings["required_when"].get(table.kind.plural, ()):
            if all(after.get(name) == value for name, value in rule["when"].items()):
                needed.update(rule["require"])
        if missing := sorted(name for name in needed if not after.get(name)):
            raise property_errors([problem(name, "REQUIRED_PROPERTY", f"{name} is required") for name in missing])

    def _unique(self, table: Table, values: Properties, own_id: int | None) -> None:
        if table.kind.plural == "companies" and values.get("domain") and self.settings["company_domain_unique"]:
            self._unique_domain(table, str(values["domain"]).lower(), own_id)
        for name in table.unique:
            value = values.get(name)
            if value:
                self._unique_value(table, name, value.lower(), own_id)

    def _unique_domain(self, table: Table, domain: str, own_id: int | None) -> None:
        for record in table.live.values():
            if record.id != own_id and (record.properties.get("domain") or "").lower() == domain:
                raise conflict(f"Company already exists. Existing ID: {record.id}")

    def _unique_value(self, table: Table, name: str, key: str, own_id: int | None) -> None:
        if name == "email" and key in self.portal.blocked_emails:
            raise property_errors([problem(name, "INVALID_EMAIL", "This email has been GDPR blacklisted")])
        mine = own_id if own_id is not None else -1
        holder = table.unique[name].get(key, self.claimed.get((name, key), mine))
        self.claimed[name, key] = mine if mine >= 0 else -2
        if holder == mine:
            return
        if name == "email":
            extra = {"context": {"existingId": [str(holder)]}} if holder >= 0 else {}
            raise conflict(f"Contact already exists. Existing ID: {holder}", **extra)
        message = f"{table.kind.singular} {holder} already has that value."
        raise property_errors([problem(name, "CONFLICTING_UNIQUE_VALUE", message)])

    def _links(self, table: Table, associations: Any) -> list[tuple[str, int, list[Any]]]:
        links = []
        for row in rows(associations, "associations"):
            to, kinds = id_of(row.get("to"), "associations[].to"), rows(row.get("types"), "associations[].types")
            target = self._target(table.kind.plural, kinds)
            record = self.portal.tables[target].find(to, None)
            if record is None:
                raise invalid(f"One or more associations are not valid: {target} {to} does not exist.")
            links.append((target, record.id, self.portal.links.check(table.kind.plural, target, kinds)))
        return links

    def _target(self, origin: str, kinds: list[dict[str, Any]]) -> str:
        """The object type that a create's association types lead to."""
        for row in kinds:
            for (one, two), known in self.portal.links.types.items():
                kind = known.get(as_int(row.get("associationTypeId")))
                if one == origin and kind and kind.category == row.get("associationCategory"):
                    return two
        raise invalid(f"One or more associations are not valid for {origin}.")
