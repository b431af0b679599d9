"""Batches of up to 100 inputs.

Without `objectWriteTraceId` one bad input refuses the whole call and nothing is written; with a unique one on every
input each succeeds or fails alone and the answer is 207.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from sandbox.hubspot import answers, shapes
from sandbox.hubspot.endings import archive as archive_record
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.portal import check_id_property
from sandbox.hubspot.records import Record, Table
from sandbox.hubspot.request import Answer, Request
from sandbox.hubspot.shapes import text, texts
from sandbox.hubspot.writing import Checked, Writer

Check = Callable[[Writer, dict[str, Any]], Checked | None]


def inputs_of(request: Request, key: str | None) -> list[dict[str, Any]]:
    """The inputs: a list of at most 100 objects, with no id twice."""
    rows = shapes.rows(request.required("inputs")[0], "inputs")
    most = int(request.portal.settings["batch_max"])
    if len(rows) > most:
        raise invalid(f"The number of inputs may not exceed {most}: {len(rows)} were given")
    if key and (lacking := [row for row in rows if row.get(key) in (None, "")]):
        raise invalid(f"Some required fields were not set: [inputs[].{key}] in {len(lacking)} inputs")
    if key:
        refuse_twins([(str(row.get("idProperty") or ""), str(row[key])) for row in rows])
    return rows


def refuse_twins(keys: list[tuple[str, str]]) -> None:
    """400 for ids given twice; values of a unique property are compared without case."""
    counts = Counter((name, value.lower()) for name, value in keys)
    twins = [(name, value) for name, value in keys if counts[name, value.lower()] > 1]
    if twins:
        ids = list(dict.fromkeys(value for _, value in twins))
        message = f"Duplicate IDs found in batch input: [{', '.join(ids)}]. IDs must be unique"
        raise invalid(message, context={"ids": ids})


def read(request: Request) -> Answer:
    """Records by id or by a unique property; those that are missing make it 207 with one error for all of them."""
    started, table, body = request.portal.now(), request.table, request.json
    id_property, archived = text(body.get("idProperty"), "idProperty"), request.flag("archived")
    check_id_property(request.portal, table, id_property, "read")
    names = answers.names_for(table, texts(body.get("properties"), "properties"))
    history = texts(body.get("propertiesWithHistory"), "propertiesWithHistory")
    rows, kept = inputs_of(request, "id"), answers.history_kept(request.portal, table)
    if history and len(rows) > (most := int(request.portal.settings["history_batch_max"])):
        raise invalid(f"The number of inputs may not exceed {most} with propertiesWithHistory: {len(rows)} were given")
    found, missing = [], []
    for row in rows:
        record = table.find(str(row["id"]), id_property, archived)
        if record is None:
            missing.append(str(row["id"]))
        else:
            shown = answers.record_json(record, names)
            found.append(answers.with_history(shown, record, table, history, kept) if history else shown)
    return answers.batch(request, found, missing_error(table, missing), started)


def missing_error(table: Table, ids: list[str]) -> list[dict[str, Any]]:
    if not ids:
        return []
    name = table.kind.singular.upper()
    message = f"Could not get some {name} objects, they may be deleted or not exist. Check that ids are valid."
    return [ApiError(404, message, "OBJECT_NOT_FOUND", context={"ids": ids}).item()]


def create(request: Request) -> Answer:
    table = request.table

    def check(writer: Writer, row: dict[str, Any]) -> Checked:
        return writer.check_create(table, row.get("properties", {}), row.get("associations"))

    return write(request, inputs_of(request, None), check, 201)


def update(request: Request) -> Answer:
    table = request.table

    def check(writer: Writer, row: dict[str, Any]) -> Checked | None:
        id_property = text(row.get("idProperty"), "idProperty")
        check_id_property(request.portal, table, id_property, "update")
        record = table.find(str(row["id"]), id_property)
        if record is None:
            raise ApiError(
                404,
                missing_error(table, [str(row["id"])])[0]["message"],
                "OBJECT_NOT_FOUND",
                context={"ids": [str(row["id"])]},
            )
        if request.portal.settings["update_drops_merged"] and not id_property and str(record.id) != str(row["id"]):
            return None
        return writer.check_update(record, table, row.get("properties"))

    return write(request, inputs_of(request, "id"), check, 200)


def upsert(request: Request) -> Answer:
    """Create or update by a unique property; each result tells in `new` which it was."""
    table = request.table

    def check(writer: Writer, row: dict[str, Any]) -> Checked:
        id_property = text(row.get("idProperty"), "idProperty")
        if not id_property or id_property == "hs_object_id":
            raise invalid("Some required fields were not set: [inputs[].idProperty]")
        check_id_property(request.portal, table, id_property, "upsert")
        properties = {id_property: row["id"]} | shapes.mapping(row.get("properties"), "properties")
        record = table.find(str(row["id"]), id_property)
        return writer.check_update(record, table, properties) if record else writer.check_create(table, properties)

    return write(request, inputs_of(request, "id"), check, 200, tell_new=True)


def write(request: Request, rows: list[dict[str, Any]], check: Check, status: int, tell_new: bool = False) -> Answer:
    """Check and store all inputs: together without trace ids, one by one with them."""
    started, writer = request.portal.now(), request.writer()
    traces = [text(row.get("objectWriteTraceId"), "objectWriteTraceId") for row in rows]
    if rows and all(traces) and len(set(traces)) == len(traces):
        results, errors = write_each(writer, rows, check, tell_new)
    else:
        results, errors = write_all(writer, rows, check, tell_new), []
    return answers.batch(request, results, errors, started, status)


def write_all(writer: Writer, rows: list[dict[str, Any]], check: Check, tell_new: bool) -> list[dict[str, Any]]:
    checked = [check(writer, row) for row in rows]
    return [stored(writer, item, row, tell_new) for item, row in zip(checked, rows, strict=True) if item]


def write_each(
    writer: Writer, rows: list[dict[str, Any]], check: Check, tell_new: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    results, errors = [], []
    for row in rows:
        writer.claimed.clear()
        try:
            item = check(writer, row)
        except ApiError as error:
            context = {"objectWriteTraceId": [row["objectWriteTraceId"]], **error.extra.get("context", {})}
            errors.append({**error.item(), "context": context})
            continue
        if item:
            results.append(stored(writer, item, row, tell_new))
    return results, errors


def stored(writer: Writer, item: Checked, row: dict[str, Any], tell_new: bool) -> dict[str, Any]:
    record, echo = writer.store(item)
    body = answers.written_json(record, echo)
    if tell_new:
        body["new"] = item.record is None
    if trace := row.get("objectWriteTraceId"):
        body["objectWriteTraceId"] = trace
    return body


def archive(request: Request) -> Answer:
    """204; inputs that are not there are passed over."""
    table, writer = request.table, request.writer()
    for row in inputs_of(request, "id"):
        record: Record | None = table.find(str(row["id"]), None)
        if record is not None:
            archive_record(writer, table, record)
    return Answer(204)
