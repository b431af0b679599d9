"""The organisation: its clock, settings, object definitions as the API user sees them, and records."""

from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sandbox import settings
from sandbox.clock import Clock
from sandbox.salesforce import addresses, catalog
from sandbox.salesforce.errors import rejected
from sandbox.salesforce.fields import ISO_CODES, Field, SObject
from sandbox.salesforce.settings import DEFAULTS
from sandbox.salesforce.setup_table import TOOLING
from sandbox.salesforce.store import Store, stamp
from sandbox.salesforce.wording import TEXTS

ACTIVITIES = ("Task", "Event")
"""Custom fields of Activity are theirs."""
LOCKSTEP_ID = "Lockstep_Id__c"
VALUE_TABLES = {"Lead.Status": "LeadStatus", "Opportunity.StageName": "OpportunityStage"}
"""The picklists whose values are records too."""


class Settings(MutableMapping[str, Any]):
    """The known settings; an unknown one is a ValueError. Changing one that shapes objects rebuilds them."""

    SHAPING = frozenset(
        {
            "hide_lockstep_id",
            "hidden_fields",
            "read_only_fields",
            "restricted_picklists",
            "custom_fields",
            "state_country_picklists",
            "states",
        }
    )

    def __init__(self, org: "Org") -> None:
        self._values, self._org = {key: _copy(value) for key, value in DEFAULTS.items()}, org

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        settings.check("Salesforce", DEFAULTS, {key: value})
        self._values[key] = value
        if key in self.SHAPING:
            self._org.reshape()

    def update(self, changes: dict[str, Any]) -> None:  # type: ignore[override]
        """Change all, or none if one is wrong."""
        settings.check("Salesforce", DEFAULTS, changes)
        super().update(changes)

    def __delitem__(self, key: str) -> None:
        self[key] = _copy(DEFAULTS[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, dict | list) else value


class Org:
    """Everything that requests and people act on."""

    def __init__(self, clock: Clock, changes: dict[str, Any] | None = None) -> None:
        self.clock = clock
        self.full = catalog.build()
        self.store = Store(clock, self.full)
        self.settings = Settings(self)
        self.changed_at = clock.now()
        self.objects = self.full
        self.made: set[str] = set()
        self._grants: dict[str, bool] = {}
        self.settings.update(changes or {})
        self.reshape()

    def text(self, name: str, /, **values: Any) -> str:
        """Return a sentence of `wording.py`, or what the setting `error_texts` has in its place."""
        template: str = self.settings["error_texts"].get(name, TEXTS[name])
        return template.format(**values)

    def object(self, name: str) -> SObject:
        """Return an object by its exact API name; Rejected if there is none."""
        if name not in self.objects:
            raise rejected("NOT_FOUND", "The requested resource does not exist", status=404)
        return self.objects[name]

    def object_name(self, name: str) -> str:
        """Return an object's API name from any spelling of its letters' case; Rejected if there is none."""
        wanted = name.lower()
        for known in self.objects:
            if known.lower() == wanted:
                return known
        raise rejected("NOT_FOUND", "The requested resource does not exist", status=404)

    def reshape(self) -> None:
        """Apply the settings that shape objects: custom fields, field-level security, restricted picklists."""
        for name, specs in self.settings["custom_fields"].items():
            self._add_fields(name, specs)
        if self.settings["state_country_picklists"]:
            for name in addresses.PREFIXES:
                self.full[name] = self.store.objects[name] = addresses.with_codes(self, self.full[name])
            addresses.fill(self)
        self._grants = self._granted()
        shown = {name: self._visible(definition) for name, definition in self.full.items()}
        self.tooling = {name: definition for name, definition in shown.items() if name in TOOLING}
        self.objects = {name: definition for name, definition in shown.items() if name not in TOOLING}
        self.changed_at = self.clock.now()

    # --- custom fields that are made at run time, and who may see them ---------------------------------------------
    def has(self, name: str, field: str) -> bool:
        """Say whether an object has a field, seen or not."""
        if field.endswith(ISO_CODES) and not self.settings["state_country_picklists"]:
            return False
        hidden = self.settings["hide_lockstep_id"] and field == LOCKSTEP_ID and f"{name}.{field}" not in self.made
        return field in self.full[name].fields and not hidden

    def make_field(self, names: Iterable[str], field: Field) -> None:
        """Give objects a new field, or a field another definition. A new one is seen only where a permission set grants it."""
        for name in names:
            if not self.has(name, field.name):
                self.made.add(f"{name}.{field.name}")
            definition = self.full[name].with_fields({**self.full[name].fields, field.name: field})
            self.full[name] = self.store.objects[name] = definition
            self.store.add_field(name, field.name, False if field.type == "boolean" else None)
        self.reshape()

    def drop_field(self, names: Iterable[str], field: str) -> None:
        """Take a field from objects; its values are lost."""
        for name in names:
            fields = {key: value for key, value in self.full[name].fields.items() if key != field}
            self.full[name] = self.store.objects[name] = self.full[name].with_fields(fields)
            self.store.drop_field(name, field)
            self.made.discard(f"{name}.{field}")
        self.reshape()

    def refresh(self) -> None:
        """Take account of what permission sets grant by now."""
        if self.made and self._granted() != self._grants:
            self.reshape()

    def _granted(self) -> dict[str, bool]:
        """Return the fields that permission sets let the API user read, and whether it may edit them."""
        if not self.made:
            return {}
        rows, user = self.store.rows, self.default_user()
        sets = {row["PermissionSetId"] for row in rows("PermissionSetAssignment") if row["AssigneeId"] == user}
        grants: dict[str, bool] = {}
        for row in rows("FieldPermissions"):
            if row["ParentId"] in sets and row["PermissionsRead"]:
                grants[row["Field"]] = grants.get(row["Field"], False) or row["PermissionsEdit"]
        return grants

    def _add_fields(self, name: str, specs: list[dict[str, Any]]) -> None:
        definition = self.full[name]
        for spec in specs:
            if spec["name"] in definition.fields:
                continue
            given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in spec.items()}
            whole: dict[str, Any] = {"label": catalog.label_of(spec["name"]), "length": 255} | given
            field = Field(**whole)
            definition = definition.with_fields({**definition.fields, field.name: field})
            self.full[name] = self.store.objects[name] = definition
            self.store.add_field(name, field.name, False if field.type == "boolean" else None)

    def _visible(self, definition: SObject) -> SObject:
        fields = {f.name: self._field(definition.name, f) for f in definition.fields.values()}
        return definition.with_fields({name: f for name, f in fields.items() if f is not None})

    def _field(self, name: str, field: Field) -> Field | None:
        key = f"{name}.{field.name}"
        ungranted = key in self.made and key not in self._grants
        if ungranted or not self.has(name, field.name) or key in self.settings["hidden_fields"]:
            return None
        if key in self.settings["read_only_fields"] or (key in self.made and not self._grants[key]):
            field = replace(field, creatable=False, updatable=False)
        if key in VALUE_TABLES:
            field = replace(field, values=self._offered(VALUE_TABLES[key], field.values))
        return replace(field, restricted=True) if key in self.settings["restricted_picklists"] else field

    def _offered(self, table: str, usual: tuple[str, ...]) -> tuple[str, ...]:
        """Return the values of a picklist that its table still has as active ones; all where there never was such a table."""
        if not self.store.tables[table] and not self.store.tombstones[table]:
            return usual
        active = {row["ApiName"] for row in self.store.rows(table) if row.get("IsActive", True)}
        return tuple(value for value in usual if value in active)

    def now_stamp(self) -> str:
        """Return the time in stored form."""
        return stamp(self.clock.now())

    def open_since(self) -> list[datetime]:
        """Return when the oldest transaction began that is not committed yet; empty if there is none."""
        return [min(held.since for held in self.store.held.values())] if self.store.held else []

    def default_user(self) -> str:
        """Return the id of the user that the API runs as."""
        wanted = self.settings["integration_user"]
        for user in self.store.rows("User"):
            if wanted in {None, user["Username"]}:
                return str(user["Id"])
        raise ValueError(f"there is no user {wanted!r}")
