"""What the vendors changed: drawn by the server; copying a patch needs scripts."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lockstep_airflow.status.drawing import page, root_of
from lockstep_airflow.status.schema.query import parse
from lockstep_airflow.status.schema.reading import URGENT, listing, parts

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/schema")
def schema(request: Request) -> Response:
    """Changes of fields with their impact, patches for the mapping files, and values without a counterpart."""
    query = parse(request.query_params)
    source = request.app.state.source
    with source.filled() as tx:
        found = listing(tx, query.impact or None, query.before)
        problems = source.problems(tx)
    home = f"{root_of(request)}/schema"
    if query.before and not found.drifts:
        return RedirectResponse(f"{home}{query.url()}", 303)
    return page(
        request, "schema.html", view="schema", query=query, found=found, problems=problems, parts=parts, urgent=URGENT,
        home=home,
    )  # fmt: skip
