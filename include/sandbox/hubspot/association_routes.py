"""Associations v4 and their dated successors: read, create, archive, labels.

v4 answers 201 to a batch create and 204 to a batch archive; the dated API answers 200 to both.
"""

from __future__ import annotations

from typing import Any

from sandbox.hubspot import answers, shapes
from sandbox.hubspot.errors import ApiError, invalid, not_found
from sandbox.hubspot.link_types import USER, LinkType
from sandbox.hubspot.records import Record, Table
from sandbox.hubspot.request import Answer, Request
from sandbox.hubspot.shapes import as_int
from sandbox.hubspot.writing import Writer


def tables(request: Request) -> tuple[Table, Table]:
    return request.portal.table(request.path["type"]), request.portal.table(request.path["to"])


def inputs_of(request: Request, limit: str) -> list[dict[str, Any]]:
    rows, most = shapes.rows(request.required("inputs")[0], "inputs"), int(request.portal.settings[limit])
    if len(rows) > most:
        raise invalid(f"The number of inputs may not exceed {most}: {len(rows)} were given")
    return rows


def linked(request: Request, record_id: int, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """One page of a record's links to the other object type, in the order of ids, and the next page's first id."""
    origin, target = (table.kind.plural for table in tables(request))
    rows = request.portal.links.of((origin, record_id), target)
    kinds = request.portal.links.kinds(origin, target)
    ids = sorted(to for to in rows if to >= after)
    shown = [
        {"toObjectId": to, "associationTypes": [kinds[type_id].json() for type_id in sorted(rows[to])]}
        for to in ids[:limit]
    ]
    return shown, ids[limit] if len(ids) > limit else None


def list_links(request: Request) -> Answer:
    """GET one record's links."""
    record = request.portal.find(tables(request)[0], request.path["id"])
    limit = request.number("limit", 500, 500)
    return answers.page(*linked(request, record.id, max(0, as_int(request.one("after"))), limit))


def batch_read(request: Request) -> Answer:
    """Links of many records; a record without any is not in the results but among the errors of a 207."""
    started, (table, _) = request.portal.now(), tables(request)
    found, errors = [], []
    for row in inputs_of(request, "associations_read_max"):
        key, after = str(row.get("id", "")), max(0, as_int(row.get("after")))
        record = table.find(key, None)
        size = int(request.portal.settings["associations_page_size"])
        links, cursor = linked(request, record.id, after, size) if record else ([], None)
        if not links:
            errors.append(none_found(request, key))
            continue
        found.append({"from": {"id": key}, "to": links})
        if cursor is not None:
            found[-1]["paging"] = {"next": {"after": str(cursor), "link": f"?after={cursor}"}}
    return answers.batch(request, found, errors, started)


def none_found(request: Request, key: str) -> dict[str, Any]:
    origin, target = (table.kind.singular for table in tables(request))
    error = not_found(f"No {target} is associated with {origin} {key}.")
    context = {"fromObjectId": [key], "fromObjectType": [origin], "toObjectType": [target]}
    error.extra = {"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND", "context": context}
    return error.item()


# --- writing -------------------------------------------------------------------------------------------------------
def ends(request: Request, row: dict[str, Any]) -> tuple[Record, Record]:
    """The two records of an input; 404 naming the one that does not exist."""
    found = []
    for table, side in zip(tables(request), ("from", "to"), strict=True):
        key = shapes.id_of(row.get(side), side)
        record = table.find(key, None)
        if record is None:
            message = f"{table.kind.singular} with ID {key} does not exist"
            raise ApiError(404, message, "OBJECT_NOT_FOUND", context={f"{side}ObjectId": [key]})
        found.append(record)
    return found[0], found[1]


def connect(request: Request, writer: Writer, row: dict[str, Any], kinds: list[LinkType]) -> dict[str, Any]:
    origin, target = tables(request)
    one, two = ends(request, row)
    writer.link((origin.kind.plural, one.id), (target.kind.plural, two.id), kinds)
    return {
        "fromObjectTypeId": origin.kind.id, "fromObjectId": one.id, "toObjectTypeId": target.kind.id,
        "toObjectId": two.id, "labels": [kind.label for kind in kinds if kind.label],
    }  # fmt: skip


def kinds_of(request: Request, types: Any) -> list[LinkType]:
    origin, target = tables(request)
    return request.portal.links.check(origin.kind.plural, target.kind.plural, types)


def batch_create(request: Request) -> Answer:
    started, writer = request.portal.now(), request.writer()
    results, errors = [], []
    rows = inputs_of(request, "associations_write_max")
    kinds = [kinds_of(request, row.get("types")) for row in rows]
    for row, chosen in zip(rows, kinds, strict=True):
        try:
            results.append(connect(request, writer, row, chosen))
        except ApiError as error:
            errors.append(error.item())
    return answers.batch(request, results, errors, started, 200 if request.version else 201)


def batch_default(request: Request) -> Answer:
    started, writer = request.portal.now(), request.writer()
    results, errors = [], []
    for row in inputs_of(request, "associations_write_max"):
        try:
            results.append(connect_default(request, writer, row))
        except ApiError as error:
            errors.append(error.item())
    return answers.batch(request, results, errors, started)


def connect_default(request: Request, writer: Writer, row: dict[str, Any]) -> dict[str, Any]:
    origin, target = tables(request)
    kind = request.portal.links.unlabelled(origin.kind.plural, target.kind.plural)
    done = connect(request, writer, row, [kind])
    spec = {"associationCategory": kind.category, "associationTypeId": kind.id}
    return {"from": {"id": str(done["fromObjectId"])}, "to": {"id": str(done["toObjectId"])}, "associationSpec": spec}


def put(request: Request) -> Answer:
    """Link two records with the labels of the body, a bare list; labels that are there stay."""
    types = request.parsed()
    row = {"from": {"id": request.path["id"]}, "to": {"id": request.path["to_id"]}}
    body = connect(request, request.writer(), row, kinds_of(request, types))
    return Answer(200 if request.version else 201, body)


def put_default(request: Request) -> Answer:
    row = {"from": {"id": request.path["id"]}, "to": {"id": request.path["to_id"]}}
    started = request.portal.now()
    return answers.batch(request, [connect_default(request, request.writer(), row)], [], started)


def delete(request: Request) -> Answer:
    row = {"from": {"id": request.path["id"]}, "to": {"id": request.path["to_id"]}}
    origin, target = tables(request)
    one, two = ends(request, row)
    request.writer().unlink((origin.kind.plural, one.id), (target.kind.plural, two.id))
    return Answer(204)


def batch_archive(request: Request) -> Answer:
    """Remove all links between the pairs; pairs that are not linked are passed over."""
    for row in inputs_of(request, "associations_write_max"):
        targets = row.get("to")
        for to in targets if isinstance(targets, list) else [targets]:
            disconnect(request, {"from": row.get("from"), "to": to}, None)
    return void(request)


def labels_archive(request: Request) -> Answer:
    """Remove single labels; removing the unlabelled type removes all."""
    for row in inputs_of(request, "associations_write_max"):
        disconnect(request, row, kinds_of(request, row.get("types")))
    return void(request)


def disconnect(request: Request, row: dict[str, Any], kinds: list[LinkType] | None) -> None:
    origin, target = tables(request)
    pair = [as_int(shapes.id_of(row.get(side), side)) for side in ("from", "to")]
    if min(pair) < 0:
        raise invalid("Some required fields were not set: [inputs[].from.id, inputs[].to.id]")
    one, two = (table.resolve(key) for table, key in zip((origin, target), pair, strict=True))
    request.writer().unlink((origin.kind.plural, one), (target.kind.plural, two), kinds)


def void(request: Request) -> Answer:
    if not request.version:
        return Answer(204)
    now = request.portal.now()
    return Answer(200, {"status": "COMPLETE", "startedAt": now, "completedAt": now})


# --- labels --------------------------------------------------------------------------------------------------------
def list_labels(request: Request) -> Answer:
    origin, target = tables(request)
    kinds = request.portal.links.kinds(origin.kind.plural, target.kind.plural)
    return answers.page([kind.json() for kind in kinds.values()])


def create_label(request: Request) -> Answer:
    label, name = (shapes.text(value, "label and name") for value in request.required("label", "name"))
    origin, target = (table.kind.plural for table in tables(request))
    made = request.portal.links.add_label(
        origin, target, label, name, shapes.text(request.json.get("inverseLabel"), "inverseLabel")
    )
    return answers.page([kind.json() for kind in made])


def label_of(request: Request, type_id: Any) -> LinkType:
    origin, target = (table.kind.plural for table in tables(request))
    kind = request.portal.links.kinds(origin, target).get(as_int(type_id))
    if kind is None or kind.category != USER or kind.label is None:
        raise not_found(f"No user-defined association type {type_id} between {origin} and {target}.")
    return kind


def update_label(request: Request) -> Answer:
    label, type_id = request.required("label", "associationTypeId")
    request.portal.links.rename(label_of(request, type_id), shapes.text(label, "label"))
    return Answer(204)


def delete_label(request: Request) -> Answer:
    request.portal.links.remove_label(label_of(request, request.path["type_id"]))
    return Answer(204)
