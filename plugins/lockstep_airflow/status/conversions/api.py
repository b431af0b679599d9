"""Conversions as JSON."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request

from lockstep.store import ad_reports
from lockstep_airflow.status.conversions.difference import sheet
from lockstep_airflow.status.conversions.listing import ROWS, listing
from lockstep_airflow.status.conversions.query import parse_days, parse_list
from lockstep_airflow.status.conversions.reading import Found, find, late, overview
from lockstep_airflow.status.conversions.rows import (
    conversion_row,
    difference_row,
    expiring_row,
    finding_row,
    stamp_row,
)
from lockstep_airflow.status.conversions.uploads import Action, Told
from lockstep_airflow.status.params import instant_text

router = APIRouter(prefix="/api/conversions")

MAX_ROWS = 500


@router.get("")
def conversions(request: Request) -> dict[str, Any]:
    """What the last preflight found of the link, accounts, objects and milestones; conversions by action, state and code; Google's own
    diagnoses of uploads; how many open opportunities have a click that will be too old."""
    source = request.app.state.source
    with source.reading() as tx:
        found = overview(tx, source.conversions(), datetime.now(UTC))
    return {
        "checked_at": instant_text(found.checks.checked_at) or None,
        "findings": [finding_row(one) for one in found.checks.found],
        "subjects": [
            {"kind": one.kind, "name": one.name or None, "state": one.state, "codes": list(one.codes), "action": one.action or None}
            for one in found.checks.subjects
        ],
        "actions": [_action(one) for one in found.uploads.actions],
        "diagnoses": [_told(one) for one in found.uploads.told],
        "expiring": found.expiring,
    }  # fmt: skip


def _action(one: Action) -> dict[str, Any]:
    return {
        "account": one.account,
        "action": one.name,
        "title": one.title,
        "milestones": list(one.milestones),
        "conversions": one.total,
        "states": [{"state": line.state.value, "code": line.code, "conversions": line.number} for line in one.lines],
    }


def _told(one: Told) -> dict[str, Any]:
    told = one.diagnosis
    same = ("client", "status", "total", "successful", "pending")
    return {name: getattr(told, name) for name in same} | {
        "account": one.account,
        "action": told.action or None,
        "title": one.title,
        "alerts": dict(told.alerts),
        "last_upload": instant_text(told.last_upload) or None,
        "read_at": instant_text(one.read_at),
    }


@router.get("/list")
def conversion_list(request: Request, limit: Annotated[int, Query(ge=1, le=MAX_ROWS)] = ROWS) -> dict[str, Any]:
    """Conversions, those found last first; filters as in the address of the page: state, code, milestone, action, account, period, from,
    to, before. `next`: the `before` of the next page. Click ids and amounts only for who may see values."""
    query = parse_list(request.query_params)
    with request.app.state.source.reading() as tx:
        found = listing(tx, query, datetime.now(UTC), limit)
    return {
        "conversions": [conversion_row(one, request.state.viewer) for one in found.rows],
        "next": found.following,
        "total": found.total,
        "states": {state.value: number for state, number in found.states.items()},
    }


@router.get("/passport")
def passport(request: Request, q: Annotated[str, Query(max_length=600)] = "") -> dict[str, Any]:
    """All that is known of one click, oldest first. `q`: a click id, an order id, or the id of a record; of a record with several clicks
    only the order ids are given, in `several`."""
    with request.app.state.source.reading() as tx:
        found = find(tx, q.strip()) if q.strip() else Found()
    one = found.passport
    if q.strip() and one is None and not found.several:
        raise HTTPException(404, "Nothing is known of this click id, order id or record.")
    return {
        "campaign": {"id": one.campaign, "name": found.campaign} if one and one.campaign else None,
        "records": [{"system": system, "object": name, "id": id} for system, name, id in one.records] if one else [],
        "conversions": [conversion_row(each, request.state.viewer) for each in one.conversions] if one else [],
        "timeline": [stamp_row(each, request.state.viewer) for each in one.stamps] if one else [],
        "several": [each.order_id for each in found.several],
    }


@router.get("/differences")
def differences(request: Request, limit: Annotated[int, Query(ge=1, le=MAX_ROWS)] = MAX_ROWS) -> dict[str, Any]:
    """Google's conversions and HubSpot's contacts by campaign and day, and the buckets that add up to the difference. Parameters: `from`
    and `to` (days, both included), `campaign`, `account` (one of `accounts`; each has a table of its own), `page`. Worked out whenever reports are
    read."""
    query = parse_days(request.query_params)
    with request.app.state.source.reading() as tx:
        found = sheet(tx, query, datetime.now(UTC), limit)
        names = ad_reports.campaigns(tx)
    totals = found.totals
    return {
        "worked_out_at": instant_text(found.made_at) or None,
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "time_zone": found.zone,
        "account": found.account or None,
        "accounts": list(found.accounts),
        "network": str(totals.network),
        "contacts": totals.contacts,
        "difference": str(totals.difference),
        "buckets": {name: str(by) for name, by in totals.buckets.items()},
        "rows": [difference_row(one.row, names.get(one.row.campaign, "")) for one in found.rows],
        "pages": found.pages,
    }


@router.get("/expiring")
def expiring(request: Request) -> dict[str, Any]:
    """Open opportunities whose click is too old for Google before they are expected to close, the next first. `sure` false: the day of
    the click is not known, only the latest possible."""
    with request.app.state.source.reading() as tx:
        return {"opportunities": [expiring_row(one) for one in late(tx, datetime.now(UTC))]}
