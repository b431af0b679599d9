"""A record's story as JSON. Values only for who may see values."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request

from lockstep.store.search import Hit
from lockstep_airflow.status.access import Viewer
from lockstep_airflow.status.errors.rows import error_row
from lockstep_airflow.status.params import RowId, instant_text
from lockstep_airflow.status.record.address import place
from lockstep_airflow.status.record.reading import Event, Story, find, of_pair, of_record
from lockstep_airflow.status.words import told_of

router = APIRouter(prefix="/api/record")


@router.get("")
def search(request: Request, q: Annotated[str, Query(max_length=300)] = "", after: str = "") -> dict[str, Any]:
    """Records with this id; for users who may see values also by match key (an e-mail address) or name.

    A search by name looks through as many records as it has time for (`looked`). `next`: the `after` with which to look on;
    null once all were looked through.
    """
    with request.app.state.source.reading() as tx:
        found = find(tx, q, request.state.viewer, after)
    return {"records": [_hit(one) for one in found.hits], "looked": found.looked, "next": found.after}


def _hit(one: Hit) -> dict[str, Any]:
    told = {"system": one.system, "object": one.object, "id": one.id, "pair_id": one.pair_id}
    return {**told, "name": one.name or None, "story": f"api/record/{place(one)}"}


@router.get("/{pair_id}")
def pair(request: Request, pair_id: str, field: str = "", before: RowId | None = None) -> dict[str, Any]:  # fmt: skip
    """A pair's story, newest first; `field`: that of one field. `next`: the `before` of the next page."""
    source = request.app.state.source
    try:
        with source.reading() as tx:
            return _row(of_pair(tx, pair_id, source.mappings(), field, before), request.state.viewer)
    except KeyError:
        raise HTTPException(404, "There is no such pair.") from None


@router.get("/{system}/{object:path}/{record_id}")
def alone(
    request: Request,
    system: str,
    object: str,
    record_id: str,
    field: str = "",
    before: RowId | None = None,
) -> dict[str, Any]:
    """The story of a record that has no pair."""
    source = request.app.state.source
    try:
        with source.reading() as tx:
            found = of_record(tx, (system, object, record_id), source.mappings(), field, before)
            return _row(found, request.state.viewer)
    except KeyError:
        raise HTTPException(404, "Nobody knows this record.") from None


def _row(found: Story, viewer: Viewer) -> dict[str, Any]:
    pair, shown = found.pair, viewer.sees_values
    return {
        "pair": {"id": pair.id, "state": pair.state.value, "reason": pair.reason, "agreed_at": instant_text(pair.agreed_at)} if pair else None,
        "records": [{"system": system, "object": name, "id": one} for system, name, one in found.records],
        "fields": [
            {"name": one.name, "names": one.names, "rule": one.rule} | ({"now": one.now, "base": one.base} if shown else {})
            for one in found.fields
        ],
        "errors": [error_row(one, viewer) for one in found.errors],
        "changes": [_event(one, viewer) for one in found.events],
        "next": found.following,
    }  # fmt: skip


def _event(one: Event, viewer: Viewer) -> dict[str, Any]:
    change, batch = one.change, one.batch
    return {
        "id": change.id,
        "batch_id": batch.id,
        "run_id": batch.run_id,
        "at": instant_text(change.sent_at or batch.started_at),
        "system": change.system,
        "object": change.object,
        "action": change.action.value,
        "outcome": change.outcome.value if change.outcome else None,
        "code": change.code,
        "message": told_of(change, one.message, viewer) if one.message else None,
        "fields": [
            {"field": step.field, "why": step.why, "lost_a_clash": step.has_lost}
            | ({"before": step.before, "after": step.after, "lost": step.lost} if viewer.sees_values else {})
            for step in one.steps
        ],
    }
