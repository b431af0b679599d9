"""What can be decided about a run as a whole, as JSON."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request

from lockstep.decisions import Decision
from lockstep.store import ledger
from lockstep_airflow.status.params import instant_text
from lockstep_airflow.status.plans.reading import plans
from lockstep_airflow.status.plans.refused import Part, Refused
from lockstep_airflow.status.plans.undoing import Rehearsal, Undoable, Undone

router = APIRouter(prefix="/api")


@router.get("/runs/{ledger_run:path}")
def run(request: Request, ledger_run: str) -> dict[str, Any]:
    """A run by the ledger's id: the plan that a guard refused (`refused`), what it has written and may be undone (`undoable`), and what it
    listed as a dry run of an undo (`rehearsal`); null where there is no such thing."""
    with request.app.state.source.reading() as tx:
        found = ledger.named(tx, [ledger_run])
        if not found:
            raise HTTPException(404, f"There is no run {ledger_run}.")
        told = next(iter(plans(tx, [ledger_run])), None)
    return {
        "id": found[0].id,
        "step": found[0].step.value,
        "state": found[0].state.value,
        "opened_at": instant_text(found[0].opened_at),
        "closed_at": instant_text(found[0].closed_at) or None,
        "refused": _refused(told.refused) if told and told.refused else None,
        "undoable": _undoable(told.undoable) if told and told.undoable else None,
        "rehearsal": _rehearsal(told.rehearsal) if told and told.rehearsal else None,
    }


def _refused(one: Refused) -> dict[str, Any]:
    return {
        "state": one.state,
        "guards": one.words,
        "plan": _parts(one.parts),
        "approvals": [_decision(each) | {"result": each.result} for each in one.approvals],
        "newer": one.newer.id if one.newer else None,
    }


def _undoable(one: Undoable) -> dict[str, Any]:
    return {"written": _parts(one.parts), "undone": [_undone(each) for each in one.undone]}


def _rehearsal(one: Rehearsal) -> dict[str, Any]:
    return {
        "state": one.state,
        "of": one.of.id,
        **one.options,
        "plan": _parts(one.parts),
        "stays": one.stays,
        "guards": one.words,
        "undone": [_undone(each) for each in one.undone],
    }


def _parts(some: list[Part]) -> list[dict[str, Any]]:
    return [
        {
            "batch": one.batch.id,
            "system": one.batch.system,
            "object": one.batch.object,
            "operation": one.batch.operation.value,
            "records": one.records,
        }
        for one in some
    ]


def _undone(one: Undone) -> dict[str, Any]:
    return _decision(one.decision) | {"state": one.state}


def _decision(one: Decision) -> dict[str, Any]:
    return {
        "id": one.id,
        "by": one.made_by,
        "at": instant_text(one.made_at),
        "note": one.note,
        "used_by": one.used_run_id,
    }
