"""Field history: when a tracked field was last changed. Source: Object Reference, `AccountHistory` and its kin."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lockstep.systems.answers import Refused
from lockstep.systems.salesforce import soql
from lockstep.systems.salesforce.raw import version
from lockstep.systems.salesforce.stages import CHUNK, Query


def field_times(query: Query, object: str, fields: Sequence[str], ids: Sequence[str]) -> dict[tuple[str, str], str]:
    """(record id, field) -> version text of its last change. An object or field without history is left out."""
    table, parent = _table(object)
    shown = {_shown(name): name for name in fields}
    found: dict[tuple[str, str], str] = {}
    try:
        for one in _rows(query, table, parent, list(shown), ids):
            found[one[parent], shown[one["Field"]]] = version(one["CreatedDate"])
    except Refused:
        return {}
    return found


def _rows(
    query: Query, table: str, parent: str, fields: Sequence[str], ids: Sequence[str]
) -> Iterator[Mapping[str, Any]]:
    listed = f"Field IN ({', '.join(map(soql.text, fields))})"
    for chunk in soql.chunks(ids, soql.URL_LIMIT, CHUNK):
        conditions = [f"{parent} IN ({', '.join(chunk)})", listed]
        yield from query(soql.select([parent, "Field", "CreatedDate"], table, conditions, " ORDER BY CreatedDate"))


def _table(object: str) -> tuple[str, str]:
    """The history object, and its field that names the record."""
    if object.endswith("__c"):
        return f"{object.removesuffix('__c')}__History", "ParentId"
    return ("OpportunityFieldHistory" if object == "Opportunity" else f"{object}History"), f"{object}Id"


def _shown(field: str) -> str:
    """Lookups stand there without their `Id`."""
    return field if field.endswith("__c") else field.removesuffix("Id")
