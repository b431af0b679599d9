"""Tasks and events: what follows from their fields, and how they hang on people and records (Object Reference, Task, Event)."""

from datetime import datetime, timedelta

from sandbox.salesforce.errors import Fault, Rejected, rejected
from sandbox.salesforce.org import Org
from sandbox.salesforce.picklists import CLOSED
from sandbox.salesforce.store import Row, stamp

DAY_MINUTES = 1440


def derived(org: Org, name: str, before: Row, values: Row) -> Row:
    """Return the fields of a task or event that follow from those being written; Rejected if they do not fit together."""
    row = before | values
    check(row)
    out: Row = {"AccountId": account_of(org, row)}
    return out | (_task(org, before, row) if name == "Task" else _event(before, values, row))


def check(row: Row) -> None:
    """Refuse an activity of a lead that is also about another record."""
    if (row.get("WhoId") or "").startswith("00Q") and row.get("WhatId"):
        message = "Related To ID: a lead's activity cannot be related to another record"
        raise rejected("FIELD_INTEGRITY_EXCEPTION", message, "WhatId")


def account_of(org: Org, row: Row) -> str | None:
    """Return the account of an activity: of what it is about, else of the contact."""
    what = org.store.find(row["WhatId"]) if row.get("WhatId") else None
    if what and what[0] == "Account":
        return str(what[1]["Id"])
    if what and what[0] in {"Opportunity", "Subscription__c"}:
        return what[1].get("AccountId") or what[1].get("Account__c")
    who = org.store.tables["Contact"].get(row.get("WhoId") or "")
    return who["AccountId"] if who else None


def _task(org: Org, before: Row, row: Row) -> Row:
    closed = row.get("Status") in CLOSED["Task"]
    at = before.get("CompletedDateTime") if before.get("IsClosed") else stamp(org.clock.now())
    return {
        "IsClosed": closed,
        "CompletedDateTime": at if closed else None,
        "IsHighPriority": row.get("Priority") == "High",
    }


def _event(before: Row, values: Row, row: Row) -> Row:
    """An event's start, end and duration, each from the others; all-day events go by ActivityDate."""
    start = values.get("StartDateTime") or values.get("ActivityDateTime") or before.get("StartDateTime")
    if row.get("IsAllDayEvent"):
        day = values.get("ActivityDate") or before.get("ActivityDate") or (start or "")[:10]
        start = f"{day}T00:00:00.000+0000" if day else None
    end, minutes = values.get("EndDateTime"), row.get("DurationInMinutes")
    if row.get("IsAllDayEvent") and end is None and values.get("DurationInMinutes") is None:
        minutes = minutes or DAY_MINUTES
    if start is None or (end is None and minutes is None):
        names = ("DurationInMinutes", "ActivityDateTime")
        raise Rejected(Fault("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names))
    return times(start, _minutes(start, end) if end is not None else int(minutes or 0))


def _minutes(start: str, end: str) -> int:
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() // 60)


def times(start: str, minutes: int) -> Row:
    """Return an event's times; Rejected if it ends before it starts."""
    if minutes < 0:
        raise rejected("FIELD_INTEGRITY_EXCEPTION", "The end date must be after the start date", "EndDateTime")
    end = stamp(datetime.fromisoformat(start) + timedelta(minutes=minutes))
    return {
        "StartDateTime": start,
        "ActivityDateTime": start,
        "ActivityDate": start[:10],
        "EndDateTime": end,
        "EndDate": end[:10],
        "DurationInMinutes": minutes,
    }


def stays(name: str, field: str, row: Row) -> bool:
    """Say whether an activity outlives a deleted parent: it is also about another record."""
    return name in {"Task", "Event"} and bool(row["WhatId" if field == "WhoId" else "WhoId"])
