"""CSV of conversions, of the difference of both numbers, and of clicks that will be too old."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection

from lockstep.conversions.reconciliation import Row
from lockstep.conversions.record import Conversion
from lockstep.store import ad_reports, conversion_list
from lockstep_airflow.status import spreadsheet
from lockstep_airflow.status.conversions.bridge import ordered
from lockstep_airflow.status.conversions.difference import sheet
from lockstep_airflow.status.conversions.query import parse_days, parse_list
from lockstep_airflow.status.conversions.reading import late
from lockstep_airflow.status.conversions.rows import PLAIN, VALUES, conversion_row, difference_row, expiring_row

router = APIRouter(prefix="/export")

_NUMBERS = (
    "account",
    "day",
    "campaign",
    "name",
    "clicks",
    "milestones",
    "accepted",
    "network",
    "contacts",
    "difference",
)
_DEALS = ("opportunity", "click_expires_on", "closes_on", "sure")


@router.get("/conversions.csv")
def conversions(request: Request) -> StreamingResponse:
    """The conversions that the query finds, all of them; click ids and amounts only for who may see values."""
    query, viewer = parse_list(request.query_params), request.state.viewer
    columns = (*PLAIN, *VALUES) if viewer.sees_values else PLAIN
    wanted = query.filter(datetime.now(UTC))

    def read(tx: Connection, last: Conversion | None, limit: int) -> list[Conversion]:
        return conversion_list.page(tx, wanted, last.id if last else None, limit)

    rows = (conversion_row(one, viewer) for one in spreadsheet.in_pieces(request.app.state.source, read))
    return spreadsheet.answer("conversions", columns, ([row[name] for name in columns] for row in rows))


@router.get("/differences.csv")
def differences(request: Request) -> StreamingResponse:
    """One row per campaign and day of one account, one column per bucket; the buckets of a row add up to its difference."""
    query = parse_days(request.query_params)
    with request.app.state.source.reading() as tx:
        found, names = sheet(tx, query, datetime.now(UTC)), ad_reports.campaigns(tx)
    buckets = ordered({name for row in found.every for name in row.buckets})
    cells = (
        [found.account, *_cells(one, names), *(one.buckets.get(name, 0) for name in buckets)] for one in found.every
    )
    return spreadsheet.answer("differences", (*_NUMBERS, *buckets), cells)


def _cells(one: Row, names: dict[str, str]) -> list[Any]:
    row = difference_row(one, names.get(one.campaign, "")) | {"network": one.network, "difference": one.difference}
    return [row[name] for name in _NUMBERS[1:]]


@router.get("/expiring.csv")
def expiring(request: Request) -> StreamingResponse:
    """Open opportunities whose click will be too old, all of them."""
    with request.app.state.source.reading() as tx:
        found = late(tx, datetime.now(UTC))
    rows = (expiring_row(one) for one in found)
    return spreadsheet.answer("expiring-clicks", _DEALS, ([row[name] for name in _DEALS] for row in rows))
