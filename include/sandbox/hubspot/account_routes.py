"""Owners, pipelines and the account's API usage."""

from __future__ import annotations

import re
from typing import Any

from sandbox.hubspot import answers, shapes
from sandbox.hubspot.errors import PORTAL_ID, invalid, not_found
from sandbox.hubspot.pipelines import Pipeline, Stage
from sandbox.hubspot.request import Answer, Request
from sandbox.hubspot.shapes import as_int
from sandbox.hubspot.stamps import iso


def owner_json(owner: dict[str, Any]) -> dict[str, Any]:
    """A deactivated owner has no userId, only userIdIncludingInactive."""
    gone = owner["archived"]
    body = {
        "id": owner["id"], "email": owner["email"], "type": "PERSON", "firstName": owner["firstName"],
        "lastName": owner["lastName"], "userIdIncludingInactive": owner["userId"], "createdAt": owner["createdAt"],
        "updatedAt": owner["updatedAt"], "archived": gone, "teams": [],
    }  # fmt: skip
    return body if gone else body | {"userId": owner["userId"]}


def list_owners(request: Request) -> Answer:
    """Active owners, or the deactivated ones alone with `archived=true`; `email` finds one."""
    limit, archived, email = request.number("limit", 100, 500), request.flag("archived"), request.one("email")
    after = as_int(request.one("after") or 0)
    rows = [row for row in request.portal.owners.values() if row["archived"] == archived and int(row["id"]) >= after]
    if email:
        rows = [row for row in rows if row["email"].lower() == email.lower()]
    rows.sort(key=lambda row: int(row["id"]))
    return answers.page([owner_json(row) for row in rows[:limit]], rows[limit]["id"] if len(rows) > limit else None)


def read_owner(request: Request) -> Answer:
    key = "userId" if request.one("idProperty") == "userId" else "id"
    archived = request.flag("archived")
    for row in request.portal.owners.values():
        if str(row[key]) == request.path["id"] and row["archived"] == archived:
            return Answer(200, owner_json(row))
    raise not_found(f"Owner with {key} {request.path['id']} not found.")


# --- pipelines -----------------------------------------------------------------------------------------------------
def pipelines_of(request: Request) -> dict[str, Pipeline]:
    return request.portal.pipelines.setdefault(request.table.kind.plural, {})


def pipeline(request: Request) -> Pipeline:
    found = pipelines_of(request).get(request.path["pipeline"])
    if found is None:
        raise not_found(f"Pipeline {request.path['pipeline']} does not exist.")
    return found


def list_pipelines(request: Request) -> Answer:
    return answers.page([item.json() for item in pipelines_of(request).values()])


def read_pipeline(request: Request) -> Answer:
    return Answer(200, pipeline(request).json())


def create_pipeline(request: Request) -> Answer:
    label, order, stages = request.required("label", "displayOrder", "stages")
    found = pipelines_of(request)
    name = str(1_000_000 + sum(map(len, request.portal.pipelines.values())))
    made = Pipeline(name, shapes.text(label, "label"), shapes.whole(order, "displayOrder", 0))
    for position, row in enumerate(shapes.rows(stages, "stages")):
        stage = new_stage(request, position, row)
        made.stages[stage.id] = stage
    found[name] = made
    return Answer(201, made.json())


def new_stage(request: Request, position: int, row: dict[str, Any]) -> Stage:
    taken = sum(len(item.stages) for group in request.portal.pipelines.values() for item in group.values())
    order, given = (
        shapes.whole(row.get("displayOrder"), "displayOrder", 0),
        shapes.mapping(row.get("metadata"), "metadata"),
    )
    chance = str(given.get("probability", "0.0"))
    if not re.fullmatch(r"0(\.\d+)?|1(\.0+)?", chance):
        raise invalid(f"probability must be between 0.0 and 1.0, not {chance}")
    metadata = {"isClosed": str(float(chance) in (0, 1)).lower(), **given, "probability": chance}
    return Stage(str(90_000_000 + taken + position), shapes.text(row.get("label"), "label"), order, metadata)


def list_stages(request: Request) -> Answer:
    return answers.page([stage.json() for stage in pipeline(request).stages.values()])


def read_stage(request: Request) -> Answer:
    stage = pipeline(request).stages.get(request.path["stage"])
    if stage is None:
        raise not_found(f"Stage {request.path['stage']} does not exist.")
    return Answer(200, stage.json())


# --- the account ---------------------------------------------------------------------------------------------------
def usage(request: Request) -> Answer:
    """Calls of private apps and service keys today, against the account's limit."""
    settings = request.portal.settings
    midnight = request.limits.resets_at()
    row = {
        "name": "private-apps-api-calls-daily", "usageLimit": int(settings["daily_limit"]),
        "currentUsage": int(settings["used"]), "collectedAt": request.portal.now(), "fetchStatus": "SUCCESS",
        "resetsAt": iso(midnight),
    }  # fmt: skip
    return answers.page([row])


def details(request: Request) -> Answer:
    body = {
        "portalId": PORTAL_ID, "accountType": "STANDARD", "timeZone": "UTC", "companyCurrency": "USD",
        "additionalCurrencies": [], "utcOffset": "+00:00", "utcOffsetMilliseconds": 0,
        "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1",
    }  # fmt: skip
    return Answer(200, body)
