"""The Tooling API as far as custom fields: create, read, query, change, delete (Tooling API Developer Guide, CustomField).

A field that is made here is, as in Salesforce, seen by nobody until a permission set grants it (`FieldPermissions`).
"""

from typing import Any

from sandbox.http import Answer, as_json
from sandbox.salesforce.custom_fields import field_of, metadata_of, not_on
from sandbox.salesforce.errors import not_found, rejected
from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import is_id, to18
from sandbox.salesforce.org import ACTIVITIES, Org
from sandbox.salesforce.query import batch_size, page
from sandbox.salesforce.request import Request, route
from sandbox.salesforce.soql.parse import parse
from sandbox.salesforce.soql.run import Runner
from sandbox.salesforce.store import Row

ONE_ROW = ("fullname", "metadata")
FIXED = ("NamespacePrefix", "Description", "InlineHelpText", "RelationshipLabel")


class View:
    """The organisation as the Tooling API sees it: its own objects over the same store."""

    def __init__(self, org: Org) -> None:
        self.objects, self.full, self.store = org.tooling, org.full, org.store
        self.settings, self.clock = org.settings, org.clock
        refresh(org)


def refresh(org: Org) -> None:
    """Bring the rows of CustomField up to date with the organisation's custom fields."""
    table, known = org.store.tables["CustomField"], {}
    for name, field in every(org):
        full_name = f"{'Activity' if name in ACTIVITIES else name}.{field.name}"
        known[full_name] = field
    for row in [row for row in table.values() if row["FullName"] not in known]:
        org.store.purge("CustomField", row["Id"])
    held = {row["FullName"]: row["Id"] for row in table.values()}
    for full_name in known.keys() - held.keys():
        org.store.insert("CustomField", {"FullName": full_name}, org.default_user())
    held = {row["FullName"]: row["Id"] for row in table.values()}
    for full_name, field in known.items():
        table[held[full_name]] = table[held[full_name]] | shown(full_name, field)


def every(org: Org) -> list[tuple[str, Field]]:
    """Return all custom fields, those too that nobody may see, apart from those that the settings say are not there."""
    return [
        (name, field)
        for name, definition in org.full.items()
        for field in definition.fields.values()
        if field.custom and org.has(name, field.name)
    ]


def shown(full_name: str, field: Field) -> Row:
    """Return a field's values as a row of CustomField."""
    name, _, own = full_name.partition(".")
    number = field.type in {"double", "currency", "percent"}
    return {
        "TableEnumOrId": name,
        "DeveloperName": own.removesuffix("__c"),
        "FullName": full_name,
        "Metadata": metadata_of(field),
        "Length": field.length or None,
        "Precision": 18 if number else None,
        "Scale": field.scale if number else None,
        "ManageableState": "unmanaged",
        **dict.fromkeys(FIXED),
    }


# --- routes ------------------------------------------------------------------------------------------------------------
def create(request: Request) -> Answer:
    """Create a custom field."""
    permitted(request)
    body = request.body()
    full_name = str(body.get("FullName") or "")
    name, dot, own = full_name.partition(".")
    if not dot:
        raise rejected(
            "FIELD_INTEGRITY_EXCEPTION", f"FullName is the object and the field, as in Lead.Score__c: {full_name}"
        )
    field = field_of(own, body.get("Metadata"))
    for target in targets(request.org, name):
        if request.org.has(target, own):
            message = f"There is already a field named {own.removesuffix('__c')} on {target}."
            raise rejected("DUPLICATE_DEVELOPER_NAME", message, "DeveloperName")
    for referred in field.references:
        if referred not in request.org.full:
            raise rejected(
                "FIELD_INTEGRITY_EXCEPTION",
                f"referenceTo value of '{referred}' does not resolve to a valid sObject type",
            )
    request.org.make_field(targets(request.org, name), field)
    refresh(request.org)
    row = next(r for r in request.org.store.tables["CustomField"].values() if r["FullName"] == f"{name}.{own}")
    return as_json({"id": row["Id"], "success": True, "errors": [], "warnings": [], "infos": []}, 201)


def targets(org: Org, name: str) -> tuple[str, ...]:
    """Return the objects that a field of an object appears on: Activity's on Task and Event."""
    if name == "Activity":
        return ACTIVITIES
    if name in ACTIVITIES or name not in org.objects or not org.objects[name].updatable:
        raise not_on(name)
    return (name,)


def permitted(request: Request) -> None:
    """Refuse who may not customise the organisation."""
    if "CustomField.create" in request.org.settings["no_access"]:
        raise rejected(
            "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on entity: CustomField", status=403
        )


def place(request: Request) -> str:
    """Return what the URLs of this API have where those of the others have the version alone."""
    return f"{request.version}/tooling"


def found(request: Request) -> Row:
    """Return the row that a path names; Rejected with 404 if there is none."""
    refresh(request.org)
    row = request.org.store.tables["CustomField"].get(to18(request.parts[0])) if is_id(request.parts[0]) else None
    if row is None:
        raise not_found()
    return row


def read(request: Request) -> Answer:
    """Answer one custom field."""
    row = found(request)
    names = request.org.tooling["CustomField"].fields
    url = f"{request.base}/tooling/sobjects/CustomField/{row['Id']}"
    return as_json({"attributes": {"type": "CustomField", "url": url}} | {name: row[name] for name in names})


def update(request: Request) -> Answer:
    """Change a custom field's metadata, apart from its name and type."""
    permitted(request)
    row, metadata = found(request), request.body().get("Metadata")
    name, _, own = row["FullName"].partition(".")
    field = field_of(own, metadata)
    if metadata_of(field)["type"] != row["Metadata"]["type"]:
        raise rejected("FIELD_INTEGRITY_EXCEPTION", f"Cannot change the type of {row['FullName']}")
    request.org.make_field(targets(request.org, name), field)
    return Answer(204, kind=None)


def delete(request: Request) -> Answer:
    """Delete a custom field."""
    permitted(request)
    name, _, own = found(request)["FullName"].partition(".")
    request.org.drop_field(targets(request.org, name), own)
    return Answer(204, kind=None)


def query(request: Request) -> Answer:
    """Answer a query of custom fields. FullName and Metadata are told of one row at a time."""
    text = request.call.query.get("q")
    if text is None:
        raise rejected("MALFORMED_QUERY", "A query string has to be specified")
    parsed = parse(text)
    result = Runner(View(request.org), parsed, deleted=False, version=place(request)).result()  # type: ignore[arg-type]
    if len(result.rows) > 1 and any(column.path[-1].lower() in ONE_ROW for column in parsed.columns):
        message = (
            "When retrieving results with Metadata or FullName fields, the query qualifications must specify no more than "
            f"one row for retrieval. Result size: {len(result.rows)}"
        )
        raise rejected("MALFORMED_QUERY", message)
    body: dict[str, Any] = {"size": len(result.rows), "entityTypeName": "CustomField", "queryLocator": None}
    return as_json(body | page(result, 0, max(len(result.rows), batch_size(request)), None))


def listed(request: Request) -> Answer:
    """Answer the list of objects."""
    brief = [definition.brief(place(request)) for definition in request.org.tooling.values()]
    return as_json({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": brief})


def describe(request: Request) -> Answer:
    """Answer the description of CustomField."""
    return as_json(request.org.tooling["CustomField"].describe(place(request)))


ROUTES = [
    route("GET", "/tooling/query", query),
    route("GET", "/tooling/sobjects", listed),
    route("GET", "/tooling/sobjects/CustomField/describe", describe),
    route("POST", "/tooling/sobjects/CustomField", create),
    route("GET", "/tooling/sobjects/CustomField/{}", read),
    route("PATCH", "/tooling/sobjects/CustomField/{}", update),
    route("DELETE", "/tooling/sobjects/CustomField/{}", delete),
]
