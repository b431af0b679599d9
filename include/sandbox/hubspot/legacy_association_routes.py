"""Associations v3: types by name, strings for ids. The dated API has no such paths.

Source: the v3 associations API and its models (PublicAssociation: from, to, type).
"""

from __future__ import annotations

from typing import Any

from sandbox.hubspot import answers, shapes
from sandbox.hubspot.association_routes import connect, disconnect, ends, inputs_of, none_found, tables
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.link_types import LinkType
from sandbox.hubspot.request import Answer, Request


def names(request: Request) -> dict[int, str]:
    """Type id -> name of the pair of the path."""
    origin, target = (table.kind.plural for table in tables(request))
    return answers.link_names(request.portal, origin, target)


def kind_of(request: Request, asked: Any) -> LinkType:
    """A type by its name or id; 400 naming those that exist."""
    known = names(request)
    origin, target = (table.kind.plural for table in tables(request))
    for type_id, name in known.items():
        if str(asked) in (name, str(type_id)):
            return request.portal.links.kinds(origin, target)[type_id]
    raise invalid(
        f"{asked} is not a valid association type between {origin} and {target}. Valid: {sorted(known.values())}"
    )


def list_types(request: Request) -> Answer:
    return answers.page([{"id": str(type_id), "name": name} for type_id, name in names(request).items()])


def batch_read(request: Request) -> Answer:
    """All links of up to 1,000 records, once per type; records without any are the errors of a 207."""
    started, known = request.portal.now(), names(request)
    origin, target = tables(request)
    found, errors = [], []
    for row in inputs_of(request, "associations_read_max"):
        key = str(row.get("id", ""))
        record = origin.find(key, None)
        rows = request.portal.links.of((origin.kind.plural, record.id), target.kind.plural) if record else {}
        links = [{"id": str(to), "type": known[type_id]} for to in sorted(rows) for type_id in sorted(rows[to])]
        if links:
            found.append({"from": {"id": key}, "to": links})
        else:
            errors.append(none_found(request, key))
    return answers.batch(request, found, errors, started)


def batch_create(request: Request) -> Answer:
    started, writer = request.portal.now(), request.writer()
    rows = inputs_of(request, "associations_write_max")
    kinds = [kind_of(request, row.get("type")) for row in rows]
    results, errors = [], []
    for row, kind in zip(rows, kinds, strict=True):
        try:
            done = connect(request, writer, row, [kind])
        except ApiError as error:
            errors.append(error.item())
            continue
        pair = {"from": {"id": str(done["fromObjectId"])}, "to": {"id": str(done["toObjectId"])}}
        results.append({**pair, "type": names(request)[kind.id]})
    return answers.batch(request, results, errors, started, 201)


def batch_archive(request: Request) -> Answer:
    for row in inputs_of(request, "associations_write_max"):
        disconnect(request, row, [kind_of(request, row.get("type"))])
    return Answer(204)


def list_links(request: Request) -> Answer:
    """GET one record's links, as {id, type}."""
    record, known = request.portal.find(tables(request)[0], request.path["id"]), names(request)
    origin, target = (table.kind.plural for table in tables(request))
    limit, after = request.number("limit", 500, 500), max(0, shapes.as_int(request.one("after")))
    rows = request.portal.links.of((origin, record.id), target)
    ids = sorted(to for to in rows if to >= after)
    shown = [{"id": str(to), "type": known[type_id]} for to in ids[:limit] for type_id in sorted(rows[to])]
    return answers.page(shown, ids[limit] if len(ids) > limit else None)


def pair_of(request: Request) -> dict[str, Any]:
    return {"from": {"id": request.path["id"]}, "to": {"id": request.path["to_id"]}}


def put(request: Request) -> Answer:
    """Link and answer with the record and its links to that object type."""
    kind = kind_of(request, request.path["kind"])
    connect(request, request.writer(), pair_of(request), [kind])
    table, target = tables(request)
    record = request.portal.find(table, request.path["id"])
    body = answers.record_json(record, answers.names_for(table, None))
    return Answer(200, answers.with_links(body, request.portal, table.kind.plural, record.id, [target.kind.plural]))


def delete(request: Request) -> Answer:
    kind = kind_of(request, request.path["kind"])
    ends(request, pair_of(request))
    disconnect(request, pair_of(request), [kind])
    return Answer(204)
