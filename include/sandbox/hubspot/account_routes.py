"""Owners and the account's API usage."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot import answers
from sandbox.hubspot.errors import PORTAL_ID, not_found
from sandbox.hubspot.request import Answer, Request
from sandbox.hubspot.shapes import as_int
from sandbox.hubspot.stamps import iso


def owner_json(owner: dict[str, Any]) -> dict[str, Any]:
    """A deactivated owner has no userId, only userIdIncludingInactive."""
    gone = owner["archived"]
    body = {
        "id": owner["id"], "email": owner["email"], "type": "PERSON", "firstName": owner["firstName"],
        "lastName": owner["lastName"], "userIdIncludingInactive": owner["userId"], "createdAt": owner["createdAt"],
        "updatedAt": owner["updatedAt"], "archived": gone, "teams": [],
    }  # fmt: skip
    return body if gone else body | {"userId": owner["userId"]}


def list_owners(request: Request) -> Answer:
    """Active owners, or the deactivated ones alone with `archived=true`; `email` finds one."""
    limit, archived, email = request.number("limit", 100, 500), request.flag("archived"), request.one("email")
    after = as_int(request.one("after") or 0)
    rows = [row for row in request.portal.owners.values() if row["archived"] == archived and int(row["id"]) >= after]
    if email:
        rows = [row for row in rows if row["email"].lower() == email.lower()]
    rows.sort(key=lambda row: int(row["id"]))
    return answers.page([owner_json(row) for row in rows[:limit]], rows[limit]["id"] if len(rows) > limit else None)


def read_owner(request: Request) -> Answer:
    key = "userId" if request.one("idProperty") == "userId" else "id"
    archived = request.flag("archived")
    for row in request.portal.owners.values():
        if str(row[key]) == request.path["id"] and row["archived"] == archived:
            return Answer(200, owner_json(row))
    raise not_found(f"Owner with {key} {request.path['id']} not found.")


# --- the account ---------------------------------------------------------------------------------------------------
def usage(request: Request) -> Answer:
    """Calls of private apps and service keys today, against the account's limit."""
    settings = request.portal.settings
    midnight = request.limits.resets_at()
    row = {
        "name": "private-apps-api-calls-daily", "usageLimit": int(settings["daily_limit"]),
        "currentUsage": int(settings["used"]), "collectedAt": request.portal.now(), "fetchStatus": "SUCCESS",
        "resetsAt": iso(midnight),
    }  # fmt: skip
    return answers.page([row])


def details(request: Request) -> Answer:
    body = {
        "portalId": PORTAL_ID, "accountType": "STANDARD", "timeZone": "UTC", "companyCurrency": "USD",
        "additionalCurrencies": [], "utcOffset": "+00:00", "utcOffsetMilliseconds": 0,
        "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1",
    }  # fmt: skip
    return Answer(200, body)
