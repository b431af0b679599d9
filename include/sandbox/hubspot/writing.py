"""Stores what was checked: the API's writes and people's alike, so that stamps, history and side effects are the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.hubspot import lists
from sandbox.hubspot.checking import Author, Checked, Checker
from sandbox.hubspot.portal import counted, derived
from sandbox.hubspot.records import Properties, Record, Table, Version


class Writer(Checker):
    """Writes as one author."""

    # --- storing ---------------------------------------------------------------------------------------------------
    def store(self, checked: Checked) -> tuple[Record, Properties]:
        """Write what was checked. Returns the record and the properties that an answer echoes."""
        if checked.record is None:
            return self._create(checked)
        return self._update(checked.table, checked.record, checked.properties)

    def _create(self, checked: Checked) -> tuple[Record, Properties]:
        table, at = checked.table, self.portal.now()
        record_id = table.next_id
        fixed: Properties = {table.kind.created: at, table.kind.modified: at, "hs_object_id": str(record_id)}
        properties = {**self._origin(table, at), **checked.properties, **fixed}
        self._stage_dates(table, properties, at)
        properties |= derived(self.portal, table, properties)
        record = Record(record_id, properties, at, at)
        record.history = {name: [self._version(value, at)] for name, value in checked.properties.items()}
        table.add(record)
        for target, target_id, kinds in checked.links:
            self.link((table.kind.plural, record_id), (target, target_id), kinds)
        self.index(table, record)
        return record, {name: value for name, value in record.properties.items() if value is not None}

    def _origin(self, table: Table, at: str) -> Properties:
        source = self.author.source
        made_by = source if self.author.person else str(self.settings["object_source"])
        found: Properties = {"hs_object_source": made_by, "hs_object_source_label": made_by}
        found["hs_object_source_id"] = self.author.source_id
        if table.kind.plural == "contacts":
            data = "CONTACTS" if self.author.person else "API"
            found |= {
                "lifecyclestage": self.settings["lifecycle_default"], "hs_analytics_source": "OFFLINE", "hs_analytics_source_data_1": data,
                "hs_latest_source": "OFFLINE", "hs_latest_source_data_1": data, "hs_analytics_first_timestamp": at,
                "hs_analytics_num_visits": "0", "hs_analytics_num_page_views": "0", "hs_analytics_revenue": "0.0",
                "hs_is_unworked": "true", "hs_pipeline": "contacts-lifecycle-pipeline", "num_conversion_events": "0",
                "num_unique_conversion_events": "0",
            }  # fmt: skip
        return found

    def _update(self, table: Table, record: Record, values: Properties) -> tuple[Record, Properties]:
        at = self.portal.now()
        values = self._forward_only(table, record, values)
        changed = {name: value for name, value in values.items() if record.properties.get(name) != value}
        if changed or self.settings["touch_on_same_value"]:
            self._replace(table, record, changed, at)
        echo = {name: record.properties.get(name) for name in values}
        stamps_ = (table.kind.created, table.kind.modified, "hs_object_id")
        return record, echo | {name: record.properties.get(name) for name in stamps_}

    def track(self, table: Table, record: Record, values: Properties) -> None:
        """Set what HubSpot's tracking finds out by itself: nobody else may write it."""
        self._replace(table, record, values, self.portal.now())

    def _replace(self, table: Table, record: Record, changed: Properties, at: str) -> None:
        table.release(record, *(name for name in changed if name in table.unique))
        after = record.properties | changed | {table.kind.modified: at}
        if "hubspot_owner_id" in changed:
            after["hubspot_owner_assigneddate"] = at
        self._stage_dates(table, after, at, changed)
        after |= derived(self.portal, table, after)
        for name, value in changed.items():
            record.history[name] = [self._version(value, at), *record.versions(name)]
        record.properties, record.updated_at = after, at
        table.claim(record)
        self.index(table, record)

    def recalculate(self, table: Table, record: Record) -> None:
        """Bring what is calculated from the record's own values up to date; if it changes, the modified stamp moves."""
        at = self.portal.now()
        found = derived(self.portal, table, record.properties)
        if any(record.properties.get(name) != value for name, value in found.items()):
            record.properties, record.updated_at = record.properties | found | {table.kind.modified: at}, at
            self.index(table, record)

    def _forward_only(self, table: Table, record: Record, values: Properties) -> Properties:
        """A lifecycle stage never goes back: the write is answered 200 and ignored. Clearing it first is the way."""
        stage, before = values.get("lifecyclestage"), record.properties.get("lifecyclestage")
        if not stage or not before or self.author.person or not self.settings["lifecycle_forward_only"]:
            return values
        order = {option.value: option.order for option in table.properties["lifecyclestage"].options}
        return values | {"lifecyclestage": before} if order.get(stage, -1) < order.get(before, -1) else values

    def _stage_dates(self, table: Table, after: Properties, at: str, changed: Properties | None = None) -> None:
        stage = after.get("lifecyclestage")
        name = f"hs_lifecyclestage_{stage}_date"
        if stage and name in table.properties and (changed is None or "lifecyclestage" in changed):
            after[name] = at

    def _version(self, value: str | None, at: str) -> Version:
        return Version(value, at, self.author.source, self.author.source_id, self.author.user_id)

    def index(self, table: Table, record: Record | None, record_id: int | None = None) -> None:
        """Queue a record's present state for the search index; None takes it out."""
        due = self.portal.clock.now().timestamp() + float(self.settings["index_lag_seconds"])
        key = record.id if record else record_id
        assert key is not None
        table.pending.append((due, key, record.properties if record else None))
        lists.touch(self.portal, table.kind.plural, key)

    # --- links -----------------------------------------------------------------------------------------------------
    def link(self, origin: tuple[str, int], target: tuple[str, int], kinds: list[Any]) -> None:
        affected = self._around(origin) | self._around(target)
        if self.portal.links.add(origin, target, kinds, bool(self.settings["first_company_is_primary"])):
            self.recount({origin, target} | affected)
            lists.touch(self.portal, *origin)

    def unlink(self, origin: tuple[str, int], target: tuple[str, int], kinds: list[Any] | None = None) -> bool:
        removed = self.portal.links.remove(origin, target, kinds)
        if removed:
            self.recount({origin, target})
            for key in (origin, target):
                lists.touch(self.portal, *key)
        return removed

    def _around(self, key: tuple[str, int]) -> set[tuple[str, int]]:
        company = self.portal.links.primary(key)
        return {("companies", company)} if company is not None else set()

    def recount(self, keys: Iterable[tuple[str, int]]) -> None:
        """Bring calculated properties up to date; a change of one moves the record's last-modified stamp."""
        at = self.portal.now()
        for name, record_id in keys:
            table = self.portal.tables[name]
            record = table.live.get(record_id)
            found = counted(self.portal, table, record_id) if record else {}
            if record and any(record.properties.get(key) != value for key, value in found.items()):
                record.properties = record.properties | found | {table.kind.modified: at}
                record.updated_at = at
                self.index(table, record)


__all__ = ["Author", "Checked", "Writer"]
