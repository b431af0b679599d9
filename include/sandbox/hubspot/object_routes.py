"""Objects one by one: list, create, read, update, archive, search, merge, gdpr-delete."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from sandbox.hubspot import answers
from sandbox.hubspot.endings import archive as archive_record
from sandbox.hubspot.endings import gdpr_delete, merge
from sandbox.hubspot.errors import invalid, not_found
from sandbox.hubspot.records import Record
from sandbox.hubspot.request import Answer, Request
from sandbox.hubspot.searching import search
from sandbox.hubspot.shapes import as_int, texts


def list_objects(request: Request) -> Answer:
    """A page in the order of ids; `after` is the id to begin with. `archived=true` lists the recycle bin alone."""
    table, history = request.table, request.many("propertiesWithHistory")
    limit = request.number("limit", 10, 50 if history else int(request.portal.settings["page_size_max"]))
    rows = table.archived if request.flag("archived") else table.live
    ids = sorted(rows) if rows is table.archived else table.ids
    after = as_int(request.one("after") or 0)
    if after < 0:
        raise invalid("after must be a record id")
    start = bisect_left(ids, after)
    chosen = ids[start : start + limit + 1]
    return answers.page(
        [shown(request, rows[key]) for key in chosen[:limit]], chosen[limit] if len(chosen) > limit else None
    )


def shown(request: Request, record: Record) -> dict[str, Any]:
    """A record with the properties, history and associations that the query asks for."""
    table, history = request.table, request.many("propertiesWithHistory")
    body = answers.record_json(record, answers.names_for(table, request.many("properties")))
    if history:
        body = answers.with_history(body, record, table, history, answers.history_kept(request.portal, table))
    if targets := request.many("associations"):
        body = answers.with_links(body, request.portal, table.kind.plural, record.id, targets)
    return body


def create(request: Request) -> Answer:
    body, writer = request.json, request.writer()
    checked = writer.check_create(request.table, body.get("properties", {}), body.get("associations"))
    record, echo = writer.store(checked)
    return Answer(201, answers.written_json(record, echo))


def addressed(request: Request, archived: bool = False) -> Record:
    """The record of the path, by id or by `idProperty`."""
    return request.portal.find(request.table, request.path["id"], request.one("idProperty"), archived)


def read(request: Request) -> Answer:
    return Answer(200, shown(request, addressed(request, request.flag("archived"))))


def update(request: Request) -> Answer:
    properties = request.json.get("properties")
    writer, record = request.writer(), addressed(request)
    written, echo = writer.store(writer.check_update(record, request.table, properties))
    return Answer(200, answers.written_json(written, echo))


def archive(request: Request) -> Answer:
    """204, and 204 again for a record that is not there (or by a setting 404)."""
    record = request.table.find(request.path["id"], None)
    if record is None and request.portal.settings["archive_missing_status"] != 204:
        raise not_found()
    if record is not None:
        archive_record(request.writer(), request.table, record)
    return Answer(204)


def search_objects(request: Request) -> Answer:
    table, body = request.table, request.json
    asked = texts(body.get("properties"), "properties")
    total, rows, after = search(request.portal, table, body, len(request.raw))
    names = answers.names_for(table, asked)
    return answers.page([answers.indexed_json(table, *row, names) for row in rows], after, total=total)


def merge_objects(request: Request) -> Answer:
    primary, other = request.required("primaryObjectId", "objectIdToMerge")
    table = request.table
    winner, loser = (request.portal.find(table, str(key)) for key in (primary, other))
    record = merge(request.writer(), table, winner, loser)
    return Answer(
        200, answers.record_json(record, answers.names_for(table, [*table.kind.defaults, "hs_merged_object_ids"]))
    )


def gdpr(request: Request) -> Answer:
    """Contacts only. 204 also if nobody has the address: it is blocked all the same."""
    (key,) = request.required("objectId")
    by_email = request.json.get("idProperty") == "email"
    table = request.table
    if table.kind.plural != "contacts":
        raise not_found()
    record = table.find(str(key), "email" if by_email else None) or table.find(str(key), None, archived=True)
    gdpr_delete(request.writer(), table, record, str(key) if by_email else None)
    return Answer(204)
