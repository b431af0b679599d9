"""The list of batches, and one batch: drawn by the server, so that they work without scripts."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lockstep.model import BatchStatus
from lockstep.store import ledger
from lockstep.store.ledger import story
from lockstep_airflow.status.batches import query as queries
from lockstep_airflow.status.batches import rows
from lockstep_airflow.status.batches.reading import STATUSES, listing
from lockstep_airflow.status.drawing import fresh, page, root_of
from lockstep_airflow.status.params import RowId
from lockstep_airflow.status.plans.reading import plans
from lockstep_airflow.status.plans.undoing import UNDO_DAG
from lockstep_airflow.status.scope import UNMAPPED, Scope

router = APIRouter(default_response_class=HTMLResponse)

#: MK-05, in its order; then ours
NUMBERS = ("new", "updated", "deleted", "failed", "skipped")
MORE_NUMBERS = ("held", "deferred")
RECORDS = 100
_COLUMNS = {"numbers": NUMBERS, "more_numbers": MORE_NUMBERS, "worst_first": STATUSES}


@router.get("/")
def batches(request: Request) -> Response:
    """The batches; of one run or task where the address names it."""
    return _batches(request, queries.parse(request.query_params))


@router.get("/run/{dag_id}/{run_id:path}")
def of_run(request: Request, dag_id: str, run_id: str) -> Response:
    """The tab on a DAG run."""
    return _batches(request, queries.parse(request.query_params, Scope(dag_id, run_id)))


@router.get("/task/{dag_id}/{run_id:path}/{task_id}/{map_index}")
def of_task(request: Request, dag_id: str, run_id: str, task_id: str, map_index: str) -> Response:
    """The tab on a task instance."""
    index = None if map_index in UNMAPPED else map_index
    return _batches(request, queries.parse(request.query_params, Scope(dag_id, run_id, task_id, index)))


def _batches(request: Request, query: queries.Query) -> Response:
    if query.scope and not query.scope.ours:
        return page(request, "not_ours.html", scope=query.scope)
    with request.app.state.source.reading() as tx:
        found = listing(tx, query, datetime.now(UTC))
    if not found.any:
        return fresh(request)
    home = root_of(request) + "/"
    if 0 < (last := -(-found.total // query.size)) < query.page:  # fewer match than when the address was copied
        return RedirectResponse(f"{home}{query.url(page=last)}", 303)
    return page(
        request,
        "batches.html",
        view="batches",
        query=query,
        found=found,
        home=home,
        undo_dag=UNDO_DAG,
        **_COLUMNS,
    )


@router.get("/batches/{batch_id}")
def batch(request: Request, batch_id: RowId, outcome: str = "", code: str = "", after: RowId = 0) -> Response:
    """One batch and its records."""
    try:
        with request.app.state.source.reading() as tx:
            found = ledger.batch(tx, batch_id)
            todo = story.planned(tx, [batch_id] if found.status is BatchStatus.IN_PROCESS else [])
            reasons = rows.reasons(tx, batch_id)
            (of_run,) = plans(tx, [found.run_id]) or [None]
            listed, following = rows.records(
                tx, batch_id, request.state.viewer, [outcome] if outcome else (), code, after, RECORDS
            )
    except KeyError:
        return page(request, "message.html", 404, title="no_batch", values={"id": batch_id}, words=["no_batch_do"])
    return page(
        request, "batch.html", view="batches", **_COLUMNS, batch=rows.batch_row(found) | {"planned": todo.get(batch_id)}, reasons=reasons, records=listed, following=following,
        outcome=outcome, plans=of_run, code=code, after=after, shadow=(found.task or {}).get("shadow"), scope=Scope(*found.run_id.partition(":")[::2]),
        seconds=(found.ended_at - found.started_at).total_seconds() if found.ended_at else None,
    )  # fmt: skip
