"""The pipelines API: pipelines of deals and tickets, their stages, and who changed what.

Source: the pipelines guide: a deal's stage needs `probability` from 0.0 to 1.0, a ticket's has `ticketState` OPEN or
CLOSED; DELETE and PUT refuse to take away what records use only if they are asked to check.
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.hubspot import answers, shapes
from sandbox.hubspot.errors import PORTAL_ID, invalid, not_found
from sandbox.hubspot.pipelines import Pipeline, Stage
from sandbox.hubspot.records import Record
from sandbox.hubspot.request import Answer, Request

PROPERTY = {"deals": ("pipeline", "dealstage"), "tickets": ("hs_pipeline", "hs_pipeline_stage")}
CHECKS = ("validateReferencesBeforeDelete", "validateDealStageUsagesBeforeDelete")
PIPELINE_KEYS = {"label", "displayOrder", "stages", "archived", "pipelineId"}
STAGE_KEYS = {"label", "displayOrder", "metadata", "archived", "stageId"}


def pipelines_of(request: Request, writing: bool = False) -> dict[str, Pipeline]:
    plural = request.table.kind.plural
    if writing and plural not in PROPERTY:
        raise invalid(f"Object type {plural} does not support pipelines.")
    return request.portal.pipelines.get(plural, {})


def pipeline(request: Request) -> Pipeline:
    found = pipelines_of(request).get(request.path["pipeline"])
    if found is None:
        raise not_found(f"Pipeline {request.path['pipeline']} does not exist.")
    return found


def stage(request: Request) -> Stage:
    found = pipeline(request).stages.get(request.path["stage"])
    if found is None:
        raise not_found(f"Stage {request.path['stage']} does not exist.")
    return found


def noted(request: Request, one: Pipeline, action: str, target: Pipeline | Stage) -> None:
    """An entry of the audit, newest first, and the stamps of what changed."""
    target.updated_at = request.portal.now()
    one.audit.insert(0, {
        "portalId": PORTAL_ID, "identifier": target.id, "action": action, "timestamp": target.updated_at,
        "message": f"{action.capitalize()} {target.label}", "rawObject": target.json(), "fromUserId": 1,
    })  # fmt: skip


# --- pipelines -----------------------------------------------------------------------------------------------------
def list_pipelines(request: Request) -> Answer:
    rows = sorted(pipelines_of(request).values(), key=lambda one: one.order)
    return answers.page([one.json() for one in rows])


def read_pipeline(request: Request) -> Answer:
    return Answer(200, pipeline(request).json())


def create_pipeline(request: Request) -> Answer:
    found, at = pipelines_of(request, writing=True), request.portal.now()
    made = checked_pipeline(request, str(1_000_000 + request.portal.pipeline_parts), at)
    request.portal.pipeline_parts += 1
    found[made.id] = made
    noted(request, made, "CREATE", made)
    return Answer(201, made.json())


def checked_pipeline(request: Request, key: str, created_at: str, own: Pipeline | None = None) -> Pipeline:
    """A whole pipeline from the body; 400 for what lacks or does not fit."""
    label, order, stages = request.required("label", "displayOrder", "stages")
    refuse_unknown(request.json, PIPELINE_KEYS)
    check_label(request, shapes.text(label, "label"), own)
    made = Pipeline(key, label, shapes.whole(order, "displayOrder", 0), {}, created_at, request.portal.now())
    for row in shapes.rows(stages, "stages"):
        known = own.stages.get(str(row.get("stageId") or row.get("id"))) if own else None
        one = checked_stage(request, row, known, STAGE_KEYS | {"id"})
        made.stages[one.id] = one
    made.audit = own.audit if own else []
    return made


def check_label(request: Request, label: str, own: Pipeline | None) -> None:
    if any(one.label.lower() == label.lower() and one is not own for one in pipelines_of(request).values()):
        raise invalid(f"A pipeline labelled {label!r} already exists.")


def refuse_unknown(body: dict[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(body) - known):
        raise invalid(f"Invalid input JSON: unknown fields {unknown}")


def update_pipeline(request: Request) -> Answer:
    """PATCH: label and order alone."""
    one, body = pipeline(request), request.json
    refuse_unknown(body, PIPELINE_KEYS - {"stages"})
    if "label" in body:
        check_label(request, shapes.text(body["label"], "label"), one)
        one.label = body["label"]
    one.order = shapes.whole(body.get("displayOrder"), "displayOrder", one.order)
    noted(request, one, "UPDATE", one)
    return Answer(200, one.json())


def replace_pipeline(request: Request) -> Answer:
    """PUT: the whole pipeline; stages that are not in the body go."""
    old = pipeline(request)
    new = checked_pipeline(request, old.id, old.created_at, old)
    refuse_used(request, {key for key in old.stages if key not in new.stages})
    pipelines_of(request)[old.id] = new
    noted(request, new, "UPDATE", new)
    follow(request, set(new.stages))
    return Answer(200, new.json())


def delete_pipeline(request: Request) -> Answer:
    one = pipeline(request)
    refuse_used(request, set(one.stages))
    del pipelines_of(request)[one.id]
    return Answer(204)


def refuse_used(request: Request, stages: set[str]) -> None:
    """400 if the caller asked for a check and records are in one of these stages."""
    if not any(request.flag(name) for name in CHECKS):
        return
    if used := [record.id for record in records_in(request, stages)]:
        raise invalid(
            f"{len(used)} records are in use of the stages to delete.",
            context={"ids": [str(key) for key in used[:100]]},
        )


def records_in(request: Request, stages: set[str]) -> list[Record]:
    name = PROPERTY[request.table.kind.plural][1]
    return [record for record in request.table.live.values() if record.properties.get(name) in stages]


def pipeline_audit(request: Request) -> Answer:
    return answers.page(pipeline(request).audit)


# --- stages --------------------------------------------------------------------------------------------------------
def list_stages(request: Request) -> Answer:
    return answers.page(pipeline(request).json()["stages"])


def read_stage(request: Request) -> Answer:
    return Answer(200, stage(request).json())


def create_stage(request: Request) -> Answer:
    one = pipeline(request)
    made = checked_stage(request, request.json, None, STAGE_KEYS)
    one.stages[made.id] = made
    noted(request, one, "CREATE", made)
    return Answer(201, made.json())


def replace_stage(request: Request) -> Answer:
    return write_stage(request, request.json)


def update_stage(request: Request) -> Answer:
    """PATCH: what the body lacks stays."""
    old = stage(request)
    metadata = old.metadata | shapes.mapping(request.json.get("metadata"), "metadata")
    return write_stage(request, {"label": old.label, "displayOrder": old.order, **request.json, "metadata": metadata})


def write_stage(request: Request, body: dict[str, Any]) -> Answer:
    one, old = pipeline(request), stage(request)
    one.stages[old.id] = checked_stage(request, body, old, STAGE_KEYS)
    noted(request, one, "UPDATE", one.stages[old.id])
    follow(request, {old.id})
    return Answer(200, one.stages[old.id].json())


def delete_stage(request: Request) -> Answer:
    one, old = pipeline(request), stage(request)
    refuse_used(request, {old.id})
    noted(request, one, "DELETE", old)
    del one.stages[old.id]
    return Answer(204)


def stage_audit(request: Request) -> Answer:
    key = stage(request).id
    return answers.page([row for row in pipeline(request).audit if row["identifier"] == key])


def checked_stage(request: Request, row: dict[str, Any], old: Stage | None, known: set[str]) -> Stage:
    """A stage from a body, new or in the place of `old`."""
    refuse_unknown(row, known)
    if not row.get("label") or row.get("displayOrder") is None:
        raise invalid("Some required fields were not set: [label, displayOrder]")
    plural, at = request.table.kind.plural, request.portal.now()
    given = {key: str(value) for key, value in shapes.mapping(row.get("metadata"), "metadata").items()}
    metadata = deal_metadata(given) if plural == "deals" else ticket_metadata(given)
    order = shapes.whole(row["displayOrder"], "displayOrder", 0)
    if old is None:
        request.portal.pipeline_parts += 1
    key = old.id if old else str(90_000_000 + request.portal.pipeline_parts)
    return Stage(key, shapes.text(row["label"], "label"), order, metadata, old.created_at if old else at, at)


def deal_metadata(given: dict[str, str]) -> dict[str, str]:
    chance = given.get("probability")
    if chance is None:
        raise invalid("Some required fields were not set: [metadata.probability]")
    if not re.fullmatch(r"0(\.\d+)?|1(\.0+)?", chance):
        raise invalid(f"probability must be between 0.0 and 1.0, not {chance}")
    return given | {"probability": str(float(chance)), "isClosed": str(float(chance) in (0, 1)).lower()}


def ticket_metadata(given: dict[str, str]) -> dict[str, str]:
    state = given.get("ticketState", "OPEN")
    if state not in ("OPEN", "CLOSED"):
        raise invalid(f"ticketState must be OPEN or CLOSED, not {state}")
    return {**given, "ticketState": state, "isClosed": str(state == "CLOSED").lower()}


def follow(request: Request, stages: set[str]) -> None:
    """Records in a stage that changed get its probability or state, which moves their modified stamp."""
    writer, table = request.writer(), request.table
    for record in records_in(request, stages):
        writer.recalculate(table, record)
