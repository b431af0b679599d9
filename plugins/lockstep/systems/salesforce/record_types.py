"""Record types by their developer names: ids differ between a sandbox org and production, and say nothing to people.

`RecordType.DeveloperName` is read as any parent's field; it cannot be written, so a write carries `RecordTypeId` instead.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lockstep.model import Field, Rejection, Values, Write, WriteResult
from lockstep.systems.answers import rejected
from lockstep.systems.salesforce import soql

NAME, ID = "RecordType.DeveloperName", "RecordTypeId"


def described(object: Mapping[str, Any]) -> list[Field]:
    """The field by which mappings know record types, if the object has them."""
    own = [one for one in object["fields"] if one["name"] == ID]
    names = [one["developerName"] for one in object.get("recordTypeInfos") or () if not one["master"] and one["active"]]
    if not own or not names:
        return []
    creatable, writable = bool(own[0]["createable"]), bool(own[0]["updateable"])
    options = tuple(names)
    return [Field(NAME, "Record Type", "picklist", None, options, True, creatable=creatable, writable=writable)]


class RecordTypes:
    """Developer names to ids, asked for once."""

    def __init__(self, query: Callable[[str], Any]):
        self._query = query
        self._ids: dict[str, dict[str, str]] = {}

    def sent(self, object: str, writes: Sequence[Write]) -> tuple[list[Write], list[WriteResult]]:
        """The writes as Salesforce takes them, and results of those that name a record type it does not have."""
        ready, refused = [], []
        for write in writes:
            name = write.values.get(NAME)
            if NAME not in write.values:
                ready.append(write)
            elif name is None or name in self._of(object):
                ready.append(replace(write, values=_with_id(write.values, self._of(object).get(name or ""))))
            else:
                message = f"{object} has no record type {name}."
                refused.append(rejected(write, Rejection("picklist_value", message, fields=(NAME,))))
        return ready, refused

    def _of(self, object: str) -> dict[str, str]:
        if object not in self._ids:
            where = [f"SobjectType = {soql.text(object)}"]
            rows = self._query(soql.select(["Id", "DeveloperName"], "RecordType", where))
            self._ids[object] = {one["DeveloperName"]: one["Id"] for one in rows}
        return self._ids[object]


def _with_id(values: Values, id: str | None) -> Values:
    return {ID if name == NAME else name: id if name == NAME else value for name, value in values.items()}
