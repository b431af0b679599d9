"""Search for a record, and its story."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lockstep_airflow.status.decisions.api import DAG
from lockstep_airflow.status.drawing import page, root_of
from lockstep_airflow.status.params import RowId, address
from lockstep_airflow.status.record.address import place
from lockstep_airflow.status.record.reading import Story, find, of_pair, of_record

router = APIRouter(prefix="/record", default_response_class=HTMLResponse)

LONGEST = 300


@router.get("")
def record(
    request: Request,
    q: Annotated[str, Query(max_length=LONGEST)] = "",
    after: str = "",
    looked: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Search by id, e-mail address or name; what is found alone is shown at once.

    `looked`: records that a search by name has looked through before it goes on `after` one of them.
    """
    with request.app.state.source.filled() as tx:
        found = find(tx, q, request.state.viewer, after)
    places = {place(one) for one in found.hits}
    if len(places) == 1 and not (after or found.after):
        return RedirectResponse(f"{root_of(request)}/record/{places.pop()}", 303)
    looked += found.looked
    onward = address([("q", q), ("after", found.after), ("looked", str(looked))]) if found.after else None
    return page(request, "record.html", view="record", q=q.strip(), found=found, looked=looked, onward=onward)


@router.get("/{pair_id}")
def pair(request: Request, pair_id: str, field: str = "", before: RowId | None = None) -> Response:
    """The story of a pair."""
    source = request.app.state.source
    try:
        with source.reading() as tx:
            found = of_pair(tx, pair_id, source.mappings(), field, before)
    except KeyError:
        return _missing(request)
    return _story(request, found, f"record/{pair_id}", field, before)


@router.get("/{system}/{object:path}/{record_id}")
def alone(
    request: Request,
    system: str,
    object: str,
    record_id: str,
    field: str = "",
    before: RowId | None = None,
) -> Response:
    """The story of a record that has no pair."""
    source = request.app.state.source
    try:
        with source.reading() as tx:
            found = of_record(tx, (system, object, record_id), source.mappings(), field, before)
    except KeyError:
        return _missing(request)
    return _story(request, found, f"record/{system}/{object}/{record_id}", field, before)


def _story(request: Request, found: Story, path: str, field: str, before: int | None) -> Response:
    home = f"{root_of(request)}/{path}"
    return page(request, "story.html", view="record", found=found, home=home, field=field, before=before, dag=DAG)


def _missing(request: Request) -> Response:
    return page(request, "message.html", 404, view="record", title="no_record", words=["no_record_do"])
