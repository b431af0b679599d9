"""Conversions: drawn by the server; running a preflight needs scripts."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lockstep_airflow.status.conversions.difference import sheet
from lockstep_airflow.status.conversions.listing import account_of, listing
from lockstep_airflow.status.conversions.query import NOWHERE, parse_days, parse_list
from lockstep_airflow.status.conversions.reading import find, late, overview
from lockstep_airflow.status.conversions.uploads import stage_of
from lockstep_airflow.status.drawing import page, root_of

router = APIRouter(prefix="/conversions", default_response_class=HTMLResponse)

DAG = "preflight"
LONGEST, LATE_ROWS = 600, 100
_LOOKS: dict[str, Any] = {"stage_of": stage_of, "account_of": account_of}


@router.get("")
def conversions(request: Request) -> Response:
    """What the last preflight says, and how far the conversions of each action have come."""
    source = request.app.state.source
    with source.filled() as tx:
        found = overview(tx, source.conversions(), datetime.now(UTC))
    return _page(request, "conversions.html", "overview", found=found, dag=DAG)


@router.get("/list")
def conversion_list(request: Request) -> Response:
    """Conversions, those found last first."""
    query = parse_list(request.query_params)
    with request.app.state.source.reading() as tx:
        found = listing(tx, query, datetime.now(UTC))
    if query.before and not found.rows:
        return RedirectResponse(f"{root_of(request)}/conversions/list{query.url()}", 303)
    return _page(request, "conversion_list.html", "list", query=query, found=found)


@router.get("/passport")
def passport(request: Request, q: Annotated[str, Query(max_length=LONGEST)] = "") -> Response:
    """All that is known of one click, from the ad to the last adjustment."""
    text = q.strip()
    with request.app.state.source.reading() as tx:
        found = find(tx, text) if text else None
    return _page(request, "passport.html", "passport", q=text, found=found)


@router.get("/differences")
def differences(request: Request) -> Response:
    """Why Google's number is not HubSpot's, by campaign and day."""
    query = parse_days(request.query_params)
    with request.app.state.source.reading() as tx:
        found = sheet(tx, query, datetime.now(UTC))
    if query.page > found.pages:
        return RedirectResponse(f"{root_of(request)}/conversions/differences{query.url(page=found.pages)}", 303)
    return _page(request, "differences.html", "differences", query=query, found=found, nowhere=NOWHERE)


@router.get("/expiring")
def expiring(request: Request, more: Annotated[int, Query(ge=1, le=200)] = 1) -> Response:
    """Open opportunities whose click will be too old when they close. `more`: the page."""
    with request.app.state.source.reading() as tx:
        found = late(tx, datetime.now(UTC))
    rows = found[(more - 1) * LATE_ROWS : more * LATE_ROWS]
    following = more + 1 if len(found) > more * LATE_ROWS else None
    return _page(request, "expiring.html", "expiring", found=found, rows=rows, number=more, following=following)


def _page(request: Request, template: str, part: str, **values: Any) -> Response:
    here = {"overview": "/conversions"}.get(part, f"/conversions/{part}")
    home = f"{root_of(request)}{here}"
    return page(request, template, view="conversions", part=part, home=home, **_LOOKS, **values)
