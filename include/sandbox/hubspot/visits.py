"""What visitors of the site do, as HubSpot's tracking sees it: a visit that an ad or something else began, and a form."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.portal import Portal
from sandbox.hubspot.records import Properties, Record
from sandbox.hubspot.writing import Author, Writer

FORM = Author("FORM", "landing-page", None)


def submit_form(
    portal: Portal, email: str, gclid: str | None, began_at: str | None, cookie: bool, fields: dict[str, Any], form: str
) -> Record:
    """The visitor sends a form in, in a session that began then. A new address makes a contact, a known one is filled in; the
    original source is the first session's and stays, the latest follows. Without a cookie HubSpot knows the form and not the
    session."""
    writer, table, at = Writer(portal, FORM), portal.table("contacts"), portal.now()
    known = table.find(email, "email")
    first = known is None
    if known is None:
        known, _ = writer.store(writer.check_create(table, {"email": email, **fields}))
    elif fields:
        writer.store(writer.check_update(known, table, fields))
    if cookie:
        writer.track(table, known, _session(known, first, gclid, began_at or at))
    forms = int(known.properties.get("num_conversion_events") or 0)
    told = {"num_conversion_events": str(forms + 1), "recent_conversion_date": at}
    if known.properties.get("recent_conversion_event_name") != form:
        told["recent_conversion_event_name"] = form
    if not known.properties.get("first_conversion_date"):
        told["first_conversion_date"] = at
    writer.track(table, known, told)
    if not portal.settings["form_histories"]:
        known.history |= {name: known.versions(name)[:1] for name in told}
    return known


def _session(known: Record, first: bool, gclid: str | None, began_at: str) -> Properties:
    source = "PAID_SEARCH" if gclid else "DIRECT_TRAFFIC"
    visits = 0 if first else int(known.properties.get("hs_analytics_num_visits") or 0)
    found: Properties = {"hs_latest_source": source, "hs_analytics_num_visits": str(visits + 1)}
    if first:
        found |= {"hs_analytics_source": source, "hs_analytics_first_timestamp": began_at}
    return found | ({"hs_google_click_id": gclid} if gclid else {})
