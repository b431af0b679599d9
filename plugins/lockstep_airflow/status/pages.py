"""The pages: drawn by the server, so that each has its own address and works without scripts."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lockstep.model import BatchStatus, Operation
from lockstep.store import ledger
from lockstep_airflow.links import PREFIX
from lockstep_airflow.status import query as queries
from lockstep_airflow.status import rows
from lockstep_airflow.status.language import LANGUAGES, choose
from lockstep_airflow.status.reading import STATUSES, listing
from lockstep_airflow.status.scope import UNMAPPED, Scope
from lockstep_airflow.status.source import LedgerUnreachable
from lockstep_airflow.status.texts import FOR_SCRIPTS

router = APIRouter(default_response_class=HTMLResponse)

#: MK-05, in its order; then ours
NUMBERS = ("new", "updated", "deleted", "failed", "skipped")
MORE_NUMBERS = ("held", "deferred")
RECORDS = 100

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(
    languages=LANGUAGES, numbers=NUMBERS, more_numbers=MORE_NUMBERS, operations=tuple(Operation), periods=tuple(queries.PERIODS),
    statuses=tuple(BatchStatus), worst_first=STATUSES,
)  # fmt: skip


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
        return _page(request, "not_ours.html", scope=query.scope)
    with request.app.state.source.reading() as tx:
        found = listing(tx, query, datetime.now(UTC))
    if not found.any:
        return fresh(request)
    return _page(request, "batches.html", query=query, found=found, home=_root(request) + "/")


@router.get("/batches/{batch_id}")
def batch(
    request: Request, batch_id: int, outcome: str = "", code: str = "", after: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """One batch and its records."""
    try:
        with request.app.state.source.reading() as tx:
            found = ledger.batch(tx, batch_id)
            reasons = rows.reasons(tx, batch_id)
            listed, following = rows.records(tx, batch_id, [outcome] if outcome else (), code, after, RECORDS)
    except KeyError:
        return _page(request, "message.html", 404, title="no_batch", values={"id": batch_id}, words=["no_batch_do"])
    return _page(
        request, "batch.html", batch=rows.batch_row(found), reasons=reasons, records=listed, following=following,
        outcome=outcome, code=code, after=after, scope=Scope(*found.run_id.partition(":")[::2]),
        seconds=(found.ended_at - found.started_at).total_seconds() if found.ended_at else None,
    )  # fmt: skip


def fresh(request: Request) -> Response:
    """Nothing was ever synced: what to do first."""
    return _page(request, "fresh.html")


def unreachable(request: Request, error: LedgerUnreachable) -> Response:
    told = [error.message, error.hint]
    return _page(request, "message.html", 503, title="unreachable", plain=told, words=["unreachable_do"], again=True)


def bad_query(request: Request, error: queries.BadQuery) -> Response:
    return _page(
        request, "message.html", 400, title="bad_query", plain=[f"{name} = {value}" for name, value in error.mistakes]
    )


def refused(request: Request, status: int) -> Response:
    """Without style or scripts, which need a login too."""
    return _page(request, "refused.html", status, reason="login_expired" if status == 401 else "no_access")


def missing(request: Request) -> Response:
    return _page(request, "message.html", 404, title="no_page")


def _root(request: Request) -> str:
    """Where the application is mounted, without a trailing slash; behind a path of Airflow's own, with that."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def _page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    language = choose(request.cookies, request.headers.get("accept-language", ""))
    root = _root(request)
    html = _templates.get_template(template).render(
        {
            "t": language,
            "root": root,
            "airflow": root.removesuffix(PREFIX),
            "script_texts": {key: language(key) for key in FOR_SCRIPTS},
            "now": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "values": {},
            "words": [],
            "plain": [],
            "again": False,
            **values,
        }  # fmt: skip
    )
    return HTMLResponse(html, status)
