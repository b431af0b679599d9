"""The lists API: lists, their filters, and memberships."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot import answers, lists, shapes
from sandbox.hubspot.errors import ApiError, invalid, not_found
from sandbox.hubspot.lists import Membership, RecordList
from sandbox.hubspot.request import Answer, Request
from sandbox.hubspot.shapes import as_int

WRITE_MAX = 100_000
PAGE, PAGE_MAX = 100, 250  # the lists API: "The maximum `limit` is 250"
SEARCH_MAX = 500
BATCH_MAX = 100


# --- lists ---------------------------------------------------------------------------------------------------------
def list_json(request: Request, one: RecordList, filters: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = {
        "listId": one.id, "listVersion": one.version, "name": one.name, "processingType": one.processing,
        "objectTypeId": request.portal.tables[one.object].kind.id, "createdAt": one.created_at, "updatedAt": one.updated_at,
        "processingStatus": "COMPLETE" if one.ready_at is None else "PROCESSING", "createdById": "1", "updatedById": "1",
    }  # fmt: skip
    if one.filters_updated_at:
        body["filtersUpdatedAt"] = one.filters_updated_at
    if one.deleted_at:
        body["deletedAt"] = one.deleted_at
    if filters and one.branch is not None:
        body["filterBranch"] = one.branch
    return body


def found(request: Request, key: str, deleted: bool = False) -> RecordList:
    lists.catch_up(request.portal)
    one = request.portal.lists.get(key)
    if one is None or (one.deleted_at and not deleted):
        raise not_found(f"List does not exist with ID {key}.")
    return one


def addressed(request: Request) -> RecordList:
    return found(request, request.path["list"])


def create(request: Request) -> Answer:
    name, type_id, processing = request.required("name", "objectTypeId", "processingType")
    table = request.portal.table(shapes.text(type_id, "objectTypeId"))
    branch = request.json.get("filterBranch")
    made = lists.make(
        request.portal, shapes.text(name, "name"), table, shapes.text(processing, "processingType"), branch
    )
    return Answer(200, {"list": list_json(request, made, filters=True)})


def read(request: Request) -> Answer:
    return Answer(200, {"list": list_json(request, addressed(request), request.flag("includeFilters"))})


def read_many(request: Request) -> Answer:
    """Those of `listIds` that exist; the others are left out."""
    lists.catch_up(request.portal)
    rows = [request.portal.lists.get(key) for key in request.many("listIds")]
    filters = request.flag("includeFilters")
    return Answer(200, {"lists": [list_json(request, one, filters) for one in rows if one and not one.deleted_at]})


def read_by_name(request: Request) -> Answer:
    lists.catch_up(request.portal)
    plural, name = request.table.kind.plural, request.path["name"].lower()
    for one in request.portal.lists.values():
        if (one.object, one.name.lower()) == (plural, name) and not one.deleted_at:
            return Answer(200, {"list": list_json(request, one, request.flag("includeFilters"))})
    raise not_found(f"List does not exist with name {request.path['name']}.")


def search(request: Request) -> Answer:
    """By a part of the name, ids, processing types and object type; pages by offset and count."""
    body = request.json
    count, offset = shapes.whole(body.get("count"), "count", 20), shapes.whole(body.get("offset"), "offset", 0)
    if not 1 <= count <= SEARCH_MAX or offset < 0:
        raise invalid(f"count must be between 1 and {SEARCH_MAX}, offset at least 0")
    rows = matching(request, body)
    shown = [
        {
            **list_json(request, one),
            "additionalProperties": lists.facts(request.portal, one),
        }
        for one in rows[offset : offset + count]
    ]
    more = offset + count < len(rows)
    return Answer(200, {"lists": shown, "hasMore": more, "offset": min(offset + count, len(rows)), "total": len(rows)})


def matching(request: Request, body: dict[str, Any]) -> list[RecordList]:
    lists.catch_up(request.portal)
    query, ids = shapes.text(body.get("query"), "query").lower(), shapes.texts(body.get("listIds"), "listIds")
    kinds = shapes.texts(body.get("processingTypes"), "processingTypes")
    if wrong := sorted(set(kinds) - set(lists.PROCESSING)):
        raise invalid(f"processingTypes must be among {list(lists.PROCESSING)}, not {wrong}")
    wanted = body.get("objectTypeId")
    plural = request.portal.table(str(wanted)).kind.plural if wanted else None
    return [
        one
        for one in request.portal.lists.values()
        if not one.deleted_at
        and query in one.name.lower()
        and (not ids or one.id in ids)
        and (not kinds or one.processing in kinds)
        and (plural is None or one.object == plural)
    ]


def rename(request: Request) -> Answer:
    one, name = addressed(request), request.one("listName")
    if not name:
        raise invalid("Some required fields were not set: [listName]")
    lists.check_name(request.portal, name, one)
    one.name, one.updated_at = name, request.portal.now()
    return Answer(200, {"updatedList": list_json(request, one, request.flag("includeFilters"))})


def update_filters(request: Request) -> Answer:
    one = addressed(request)
    if one.processing != "DYNAMIC":
        raise invalid(f"The filters of a list of processing type {one.processing} cannot be changed.")
    lists.refilter(request.portal, one, request.required("filterBranch")[0])
    return Answer(200, {"updatedList": list_json(request, one, filters=True)})


def delete(request: Request) -> Answer:
    addressed(request).deleted_at = request.portal.now()
    return Answer(204)


def restore(request: Request) -> Answer:
    one = found(request, request.path["list"], deleted=True)
    lists.check_name(request.portal, one.name, one)
    one.deleted_at = None
    return Answer(204)


# --- memberships ---------------------------------------------------------------------------------------------------
def editable(request: Request) -> RecordList:
    one = addressed(request)
    if one.processing == "DYNAMIC":
        raise invalid(f"The memberships of the dynamic list {one.id} cannot be edited.")
    return one


def record_ids(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or any(isinstance(one, (dict, list)) for one in value):
        raise invalid(f"Invalid input JSON: {name} must be a list of record ids")
    if len(value) > WRITE_MAX:
        raise invalid(f"{name} may not hold more than {WRITE_MAX} record ids")
    return [str(one) for one in dict.fromkeys(value)]


def change(request: Request, one: RecordList, add: list[str], remove: list[str]) -> Answer:
    """The answer names what really changed, in keys whose spelling is HubSpot's own."""
    table, at = request.portal.tables[one.object], request.portal.now()
    records = {key: table.find(key, None) for key in [*add, *remove]}
    missing = [key for key, record in records.items() if record is None]
    added = [key for key in add if (record := records[key]) and one.put(record.id, at)]
    removed = [key for key in remove if (record := records[key]) and one.take(record.id, at)]
    if added or removed:
        one.updated_at = at
    return Answer(200, {"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": missing})


def add(request: Request) -> Answer:
    return change(request, editable(request), record_ids(request.parsed(), "the body"), [])


def remove(request: Request) -> Answer:
    return change(request, editable(request), [], record_ids(request.parsed(), "the body"))


def add_and_remove(request: Request) -> Answer:
    body, one = request.json, editable(request)
    keys = ("recordIdsToAdd", "recordIdsToRemove")
    return change(request, one, *(record_ids(body.get(key) or [], key) for key in keys))


def add_from(request: Request) -> Answer:
    """All members of another list of the same object type, of at most 100,000 members."""
    one, source = editable(request), found(request, request.path["source"])
    if source.object != one.object:
        raise invalid("Both lists must be of the same object type.")
    rows = lists.members(request.portal, source)
    if len(rows) > WRITE_MAX:
        raise invalid(f"The source list has more than {WRITE_MAX} members.")
    for record_id in rows:
        one.put(record_id, request.portal.now())
    return Answer(204)


def clear(request: Request) -> Answer:
    one = editable(request)
    for record_id in list(one.members):
        one.take(record_id, request.portal.now())
    return Answer(204)


def page_of(request: Request) -> Answer:
    """Members in the order of ids; `after` and `before` are ids that are not on the page themselves."""
    return members_page(request, list(lists.members(request.portal, addressed(request)).items()))


def page_by_join(request: Request) -> Answer:
    """Members in the order in which they joined; the cursor counts them."""
    rows = lists.members(request.portal, addressed(request))
    ordered = sorted(rows.items(), key=lambda item: (item[1].last, item[0]))
    limit, start = (
        request.number("limit", PAGE, PAGE_MAX),
        max(0, as_int(request.one("after") or 0)),
    )
    shown = [member_json(item) for item in ordered[start : start + limit]]
    return answers.page(shown, start + limit if start + limit < len(ordered) else None, total=len(ordered))


def members_page(request: Request, rows: list[tuple[int, Membership]]) -> Answer:
    limit, after, before = (
        request.number("limit", PAGE, PAGE_MAX),
        request.one("after"),
        request.one("before"),
    )
    if after and before:
        raise invalid("Only one of after and before may be given")
    if any(cursor and as_int(cursor) < 0 for cursor in (after, before)):
        raise invalid("after and before must be cursors of an earlier page")
    if before:
        chosen = [item for item in rows if item[0] < int(before)][-limit:]
    else:
        chosen = [item for item in rows if item[0] > as_int(after or 0)][:limit]
    body: dict[str, Any] = {"total": len(rows), "results": [member_json(item) for item in chosen]}
    paging: dict[str, Any] = {}
    if chosen and chosen[-1][0] != rows[-1][0]:
        paging["next"] = {"after": str(chosen[-1][0]), "link": f"?after={chosen[-1][0]}"}
    if chosen and chosen[0][0] != rows[0][0]:
        paging["prev"] = {"before": str(chosen[0][0]), "link": f"?before={chosen[0][0]}"}
    return Answer(200, body | ({"paging": paging} if paging else {}))


def member_json(item: tuple[int, Membership]) -> dict[str, Any]:
    return {"recordId": str(item[0]), "membershipTimestamp": item[1].last}


def lists_of(request: Request, plural: str, record_id: int) -> list[dict[str, Any]]:
    rows = []
    for one in request.portal.lists.values():
        if one.object == plural and not one.deleted_at and (held := lists.members(request.portal, one).get(record_id)):
            stamps = {"firstAddedTimestamp": held.first, "lastAddedTimestamp": held.last}
            rows.append({"listId": one.id, "listVersion": one.version, **stamps, "isPublicList": False})
    return rows


def lists_of_record(request: Request) -> Answer:
    record = request.portal.find(request.table, request.path["id"])
    rows = lists_of(request, request.table.kind.plural, record.id)
    return answers.page(rows, total=len(rows))


def batch_read(request: Request) -> Answer:
    """The lists of up to 100 records; records that do not exist are the errors of a 207."""
    started, rows = request.portal.now(), shapes.rows(request.required("inputs")[0], "inputs")
    if len(rows) > BATCH_MAX:
        raise invalid(f"The number of inputs may not exceed {BATCH_MAX}: {len(rows)} were given")
    results, missing = [], []
    for row in rows:
        table, key = request.portal.table(str(row.get("objectTypeId"))), str(row.get("recordId"))
        record = table.find(key, None)
        if record is None:
            missing.append(key)
            continue
        shown = lists_of(request, table.kind.plural, record.id)
        results.append({"objectTypeId": table.kind.id, "recordId": key, "recordListMemberships": shown})
    message = "Could not get some records, they may be deleted or not exist."
    errors = [ApiError(404, message, "OBJECT_NOT_FOUND", context={"ids": missing}).item()] if missing else []
    return answers.batch(request, results, errors, started)
