"""sObject Collections: up to 200 records in one call, each with its own outcome (REST API Developer Guide)."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from sandbox.http import Answer, as_json
from sandbox.salesforce import dml
from sandbox.salesforce.errors import Fault, Rejected, rejected
from sandbox.salesforce.ids import to18
from sandbox.salesforce.org import Org
from sandbox.salesforce.request import Request, all_or_none, route
from sandbox.salesforce.rows import columns, definition_of, fields_of
from sandbox.salesforce.soql.run import shower

RECORDS_MAX = 200
CHUNKS_MAX = 10
READ_MAX = 2000
ROLLED_BACK = Fault(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)
Act = Callable[[Any], dict[str, Any]]


def create(request: Request) -> Answer:
    """Create records of any objects."""
    options = request.options()

    def act(record: dict[str, Any]) -> dict[str, Any]:
        name = type_of(request, record)
        row = dml.create(request.org, name, fields_of(request.org, request.org.objects[name], record), options)
        return {"id": row["Id"], "success": True, "errors": []}

    return outcome(request, records_of(request), act)


def update(request: Request) -> Answer:
    """Update records by id."""
    options = request.options()

    def act(record: dict[str, Any]) -> dict[str, Any]:
        name = type_of(request, record)
        fields = fields_of(request.org, request.org.objects[name], record)
        record_id = next((fields.pop(key) for key in list(fields) if key.lower() == "id"), None)
        if not isinstance(record_id, str):
            raise rejected("MISSING_ARGUMENT", "Id not specified in an update call", "Id")
        row = dml.update(request.org, name, record_id, fields, options)
        return {"id": row["Id"], "success": True, "errors": []}

    return outcome(request, records_of(request), act)


def upsert(request: Request) -> Answer:
    """Create or update records of one object by external id."""
    definition, field, options = definition_of(request), request.parts[1], request.options()
    records = records_of(request)
    keys = [str(_pop(dict(record), field)).strip().casefold() for record in records]
    repeated = {key for key, count in Counter(keys).items() if count > 1}

    def act(record: dict[str, Any]) -> dict[str, Any]:
        fields = fields_of(request.org, definition, record)
        value = _pop(fields, field)
        if str(value).strip().casefold() in repeated:
            raise rejected("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", field)
        try:
            row, created = dml.upsert(request.org, definition.name, field, value, fields, options)
        except dml.Twins as error:
            label = definition.fields[definition.canonical(field) or field].label
            message = f"{label}: more than one record found for external id field: [{', '.join(error.ids)}]"
            raise rejected("DUPLICATE_EXTERNAL_ID", message, field) from error
        return {"id": row["Id"], "success": True, "errors": [], "created": created}

    return outcome(request, records, act)


def _pop(fields: dict[str, Any], name: str) -> Any:
    return next((fields.pop(key) for key in list(fields) if key.lower() == name.lower()), None)


def delete(request: Request) -> Answer:
    """Delete records by id, of any objects."""
    ids = [part for part in request.call.query.get("ids", "").split(",") if part]
    check_count(request.org, len(ids))
    options = request.options()

    def act(record_id: str) -> dict[str, Any]:
        key = dml.full_id(record_id)
        name = next((n for n, d in request.org.objects.items() if key.startswith(d.prefix)), None)
        if name is None:
            raise rejected("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        dml.delete(request.org, name, key, options)
        return {"id": key, "success": True, "errors": []}

    return as_json(run_all(request, ids, act, request.call.query.get("allOrNone", "false").lower() == "true"))


def read(request: Request) -> Answer:
    """Read records of one object by id, in order; null where there is none."""
    definition = definition_of(request)
    if request.call.method == "POST":
        body = request.body()
        ids, names = body.get("ids"), body.get("fields")
    else:
        ids, names = (request.call.query.get(key, "").split(",") for key in ("ids", "fields"))
    if not isinstance(ids, list) or not isinstance(names, list) or not ids or not all(names):
        raise rejected("INVALID_FIELD", request.org.text("ids_and_fields"))
    if len(ids) > READ_MAX:
        raise rejected("EXCEEDED_ID_LIMIT", f"cannot retrieve more than {READ_MAX} records into this call")
    show = shower(request.org, definition, [(name,) for name in columns(definition, names)], request.version)
    return as_json([_one(request, definition.name, record_id, show) for record_id in ids])


def _one(request: Request, name: str, record_id: Any, show: Act) -> dict[str, Any] | None:
    try:
        row = request.org.store.get(name, to18(str(record_id)))
    except ValueError:
        return None
    return show(row) if row is not None and not row.get("IsDeleted") else None


# --- what they share ---------------------------------------------------------------------------------------------------
def records_of(request: Request) -> list[dict[str, Any]]:
    """Return a request's records; Rejected if there are too many or they are no objects."""
    records = request.body().get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise rejected("JSON_PARSER_ERROR", request.org.text("records"))
    check_count(request.org, len(records))
    types = [str(_attributes(record).get("type")) for record in records]
    if 1 + sum(1 for a, b in zip(types, types[1:], strict=False) if a != b) > CHUNKS_MAX:
        message = f"Cannot have more than {CHUNKS_MAX} chunks in a single operation. Please rearrange the data to reduce chunking."
        raise rejected("INVALID_INPUT", message)
    return records


def _attributes(record: dict[str, Any]) -> dict[str, Any]:
    attributes = record.get("attributes")
    return attributes if isinstance(attributes, dict) else {}


def check_count(org: Org, count: int) -> None:
    """Refuse more than 200 records, or none."""
    if count > RECORDS_MAX:
        message = f"record limit reached. cannot submit more than {RECORDS_MAX} records into this call"
        raise rejected("EXCEEDED_ID_LIMIT", message)
    if count == 0:
        raise rejected("MISSING_ARGUMENT", org.text("no_records"))


def type_of(request: Request, record: dict[str, Any]) -> str:
    """Return the object of a record's attributes."""
    name = _attributes(record).get("type")
    if not isinstance(name, str):
        raise rejected("INVALID_INPUT", request.org.text("record_type"), status=400)
    try:
        return request.org.object_name(name)
    except Rejected as error:
        message = f"sObject type '{name}' is not supported."
        raise rejected("INVALID_TYPE", message) from error


def outcome(request: Request, records: list[dict[str, Any]], act: Act) -> Answer:
    """Answer a Collections write: 200 with one result per record, in order."""
    return as_json(run_all(request, records, act, all_or_none(request.org, request.body())))


def run_all(request: Request, items: list[Any], act: Act, together: bool) -> list[dict[str, Any]]:
    """Carry out each item by itself, or all of them or none."""
    store = request.org.store
    results: list[dict[str, Any]] = []
    with store.transaction() as journal:
        for item in items:
            results.append(_try(request, item, act))
        if together and not all(result["success"] for result in results):
            store.roll_back(journal)
            results = [_failed(ROLLED_BACK) if result["success"] else result for result in results]
    return results


def _try(request: Request, item: Any, act: Act) -> dict[str, Any]:
    try:
        with request.org.store.transaction():
            return act(item)
    except Rejected as error:
        return _failed(*error.faults)


def _failed(*faults: Fault) -> dict[str, Any]:
    return {"success": False, "errors": [fault.as_result() for fault in faults]}


ROUTES = [
    route("POST", "/composite/sobjects", create),
    route("PATCH", "/composite/sobjects", update),
    route("DELETE", "/composite/sobjects", delete),
    route("GET", "/composite/sobjects/{}", read),
    route("POST", "/composite/sobjects/{}", read),
    route("PATCH", "/composite/sobjects/{}/{}", upsert),
]
