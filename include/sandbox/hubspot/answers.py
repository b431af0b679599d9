"""How records, batches and pages look on the wire."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.link_types import PRIMARY
from sandbox.hubspot.request import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.hubspot.portal import Portal
    from sandbox.hubspot.records import Properties, Record, Table


HISTORY_KEPT = 20


def names_for(table: Table, asked: Iterable[str] | None) -> list[str]:
    """The properties of an answer, sorted: those asked for that exist, or the defaults, and always the three basic ones."""
    kind = table.kind
    wanted = {name for name in asked or () if name in table.properties}
    if not wanted:
        wanted = set(kind.defaults)
    return sorted(wanted | {kind.created, kind.modified, "hs_object_id"})


def record_json(record: Record, names: list[str]) -> dict[str, Any]:
    """A record with `names`; a property that is defined but not set is null."""
    get = record.properties.get
    body: dict[str, Any] = {
        "id": str(record.id),
        "properties": {name: get(name) for name in names},
        "createdAt": record.created_at,
        "updatedAt": record.updated_at,
        "archived": record.archived_at is not None,
    }
    if record.archived_at is not None:
        body["archivedAt"] = record.archived_at
    return body


def indexed_json(table: Table, record_id: int, properties: Properties, names: list[str]) -> dict[str, Any]:
    """A search result: the record as the index has it, which may be older than the record."""
    get = properties.get
    return {
        "id": str(record_id),
        "properties": {name: get(name) for name in names},
        "createdAt": get(table.kind.created),
        "updatedAt": get(table.kind.modified),
        "archived": False,
    }


def written_json(record: Record, echo: Properties) -> dict[str, Any]:
    """The answer to a write: the written properties and what HubSpot set beside them, sorted by name."""
    return record_json(record, sorted(echo))


def with_history(body: dict[str, Any], record: Record, table: Table, names: Iterable[str], kept: int) -> dict[str, Any]:
    """Add the latest `kept` values of each property, newest first."""
    known = [name for name in names if name in table.properties]
    history = {name: [version.json() for version in record.versions(name)[:kept]] for name in known}
    return body | {"propertiesWithHistory": history}


def history_kept(portal: Portal, table: Table) -> int:
    return int(portal.settings["history_kept"].get(table.kind.plural, HISTORY_KEPT))


def with_links(body: dict[str, Any], portal: Portal, plural: str, record_id: int, targets: list[str]) -> dict[str, Any]:
    """Add `associations`: per object type the linked ids, once per association type."""
    found = {}
    for asked in targets:
        target = portal.table(asked).kind.plural
        rows = portal.links.of((plural, record_id), target)
        names = link_names(portal, plural, target)
        results = [{"id": str(to), "type": names[type_id]} for to in sorted(rows) for type_id in sorted(rows[to])]
        if results:
            found[target] = {"results": results}
    return body | {"associations": found} if found else body


def link_names(portal: Portal, origin: str, target: str) -> dict[int, str]:
    """Type id -> the name that object reads show, such as contact_to_company and contact_to_company_unlabeled."""
    base = f"{portal.tables[origin].kind.singular}_to_{portal.tables[target].kind.singular}"
    unlabelled = f"{base}_unlabeled" if (origin, target) in PRIMARY or (target, origin) in PRIMARY else base
    return {
        kind.id: base if kind.label == "Primary" else unlabelled if kind.label is None else kind.name
        for kind in portal.links.kinds(origin, target).values()
    }


def batch(
    request: Request, results: list[Any], errors: list[dict[str, Any]], started: str, status: int = 200
) -> Answer:
    """A batch's answer: 207 with `errors` and their number if there are any, else `status`."""
    portal = request.portal
    if portal.settings["shuffle_results"]:
        Random(len(results)).shuffle(results)  # noqa: S311
    body = {"status": "COMPLETE", "results": results, "startedAt": started, "completedAt": portal.now()}
    if errors:
        partly = int(portal.settings["dated_batch_error_status"]) if request.version else 207
        return Answer(partly, body | {"numErrors": len(errors), "errors": errors})
    return Answer(status, body)


def page(results: list[Any], after: Any = None, **extra: Any) -> Answer:
    """A page of a list, with the cursor of the next one if there is one."""
    body = {**extra, "results": results}
    if after is not None:
        body["paging"] = {"next": {"after": str(after), "link": f"?after={after}"}}
    return Answer(200, body)
