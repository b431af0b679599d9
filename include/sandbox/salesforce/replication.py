"""getUpdated and getDeleted (REST API Developer Guide, sObject Get Updated, sObject Get Deleted)."""

from datetime import UTC, datetime, timedelta

from sandbox.http import Answer, as_json
from sandbox.salesforce.errors import rejected
from sandbox.salesforce.request import Request, route
from sandbox.salesforce.rows import definition_of
from sandbox.salesforce.store import stamp

IDS_MAX = 600_000


def updated(request: Request) -> Answer:
    """Answer the ids of records that changed in a span of time, to the minute."""
    definition = definition_of(request)
    start, end = span(request, request.org.settings["max_updated_days"])
    low, high = stamp(start), stamp(end)
    rows = request.org.store.rows(definition.name)
    ids = [row["Id"] for row in rows if low <= row["SystemModstamp"] < high]
    if len(ids) > IDS_MAX:
        raise rejected("EXCEEDED_ID_LIMIT", request.org.text("too_many_ids", most=IDS_MAX))
    return as_json({"ids": ids, "latestDateCovered": stamp(covered(request, end))})


def deleted(request: Request) -> Answer:
    """Answer the records that were deleted in a span of time and are not restored."""
    definition = definition_of(request)
    start, end = span(request, request.org.settings["max_deleted_days"])
    low, high = stamp(start), stamp(end)
    store = request.org.store
    graves = [
        {"deletedDate": at, "id": record_id}
        for record_id, at in sorted(store.tombstones[definition.name].items(), key=lambda item: item[1])
        if low <= at < high and record_id not in store.held
    ]
    horizon = request.org.clock.now() - timedelta(days=request.org.settings["max_deleted_days"])
    return as_json(
        {
            "deletedRecords": graves,
            "earliestDateAvailable": stamp(minute(horizon)),
            "latestDateCovered": stamp(covered(request, end)),
        }
    )


def span(request: Request, days: int) -> tuple[datetime, datetime]:
    """Return the start and end that a request asks for, without their seconds; Rejected if they are out of bounds."""
    definition = definition_of(request)
    if not definition.replicateable:
        raise rejected("INVALID_TYPE_FOR_OPERATION", request.org.text("not_replicateable", name=definition.name))
    start, end = (minute(time_of(request, key)) for key in ("start", "end"))
    now = request.org.clock.now()
    if start >= end:
        raise rejected("INVALID_REPLICATION_DATE", "startDate before org replication enabled date")
    if start < minute(now) - timedelta(days=days):
        raise rejected("INVALID_REPLICATION_DATE", f"startDate cannot be more than {days} days ago")
    return start, end


def time_of(request: Request, key: str) -> datetime:
    """Return a request's time parameter; Rejected if it is missing or malformed."""
    text = request.call.query.get(key)
    if text is None:
        raise rejected("MISSING_ARGUMENT", request.org.text("missing_parameter", name=key))
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+").replace("Z", "+00:00"))
    except ValueError as error:
        raise rejected("INVALID_REPLICATION_DATE", request.org.text("bad_date", value=text)) from error
    if at.tzinfo is None:
        raise rejected("INVALID_REPLICATION_DATE", request.org.text("bad_date", value=text))
    return at.astimezone(UTC)


def minute(at: datetime) -> datetime:
    """Return a time without its seconds."""
    return at.replace(second=0, microsecond=0)


def covered(request: Request, end: datetime) -> datetime:
    """Return up to where an answer is complete: no later than now, nor than the oldest transaction that is still open."""
    moments = [end, request.org.clock.now()]
    moments += request.org.open_since()
    return min(moments)


ROUTES = [route("GET", "/sobjects/{}/updated", updated), route("GET", "/sobjects/{}/deleted", deleted)]
