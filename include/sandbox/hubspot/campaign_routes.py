"""The campaigns API: campaigns one by one and in batches, assets, budget and spend, reports."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from sandbox.hubspot import answers, campaigns, shapes
from sandbox.hubspot.campaigns import Campaign, MoneyItem
from sandbox.hubspot.errors import ApiError, invalid, not_found
from sandbox.hubspot.request import Answer, Request
from sandbox.hubspot.stamps import parse_date

BATCH_MAX = 50
PAGE, PAGE_MAX = 50, 100
SORTS = ("hs_name", "createdAt", "updatedAt")


def campaign_json(one: Campaign, names: list[str]) -> dict[str, Any]:
    """Only the properties that were asked for and have a value."""
    properties = {name: one.properties[name] for name in sorted(set(names)) if one.properties.get(name) is not None}
    budget = {f"hs_{kind}_items_sum_amount": one.total(kind) for kind in one.money}
    properties |= {name: str(amount) for name, amount in budget.items() if name in names and amount}
    return {
        "id": one.id, "properties": properties, "createdAt": one.created_at, "updatedAt": one.updated_at,
        "businessUnits": [],
    }  # fmt: skip


def with_assets(one: Campaign, names: list[str], metrics: bool) -> dict[str, Any]:
    """The campaign and, by type, its assets."""
    shown = {
        kind: {"results": [asset_json(*row, metrics) for row in rows.items()]}
        for kind, rows in one.assets.items()
        if rows
    }
    return campaign_json(one, names) | {"assets": shown}


def written(one: Campaign) -> dict[str, Any]:
    return campaign_json(one, list(one.properties))


def addressed(request: Request) -> Campaign:
    return campaigns.find(request.portal, request.path["campaign"])


def cut(request: Request, rows: list[Any], size: int, most: int) -> tuple[list[Any], str | None]:
    """A page by an opaque cursor, and the next one's."""
    limit, after = request.number("limit", size, most), request.one("after")
    try:
        start = int(b64decode(after or "", validate=True) or 0)
    except ValueError:
        raise invalid("after must be the cursor of an earlier page") from None
    end = start + limit
    return rows[max(0, start) : end], b64encode(str(end).encode()).decode() if end < len(rows) else None


def list_campaigns(request: Request) -> Answer:
    """By name, or by `sort`; `name` finds a part of the name."""
    sort, name = request.one("sort") or "hs_name", (request.one("name") or "").lower()
    if sort.removeprefix("-") not in SORTS:
        raise invalid(f"sort must be one of {list(SORTS)}, with - before it for descending")

    def key(one: Campaign) -> str:
        return {"createdAt": one.created_at, "updatedAt": one.updated_at}.get(sort.removeprefix("-")) or str(
            one.properties.get("hs_name")
        )

    rows = [one for one in request.portal.campaigns.values() if name in str(one.properties.get("hs_name")).lower()]
    rows.sort(key=key, reverse=sort.startswith("-"))
    page, after = cut(request, rows, PAGE, PAGE_MAX)
    return answers.page([campaign_json(one, request.many("properties")) for one in page], after, total=len(rows))


def create(request: Request) -> Answer:
    return Answer(201, written(campaigns.create(request.portal, request.json.get("properties"))))


def read(request: Request) -> Answer:
    return Answer(200, with_assets(addressed(request), request.many("properties"), wants_metrics(request)))


def update(request: Request) -> Answer:
    one = addressed(request)
    campaigns.update(request.portal, one, request.json.get("properties"))
    return Answer(200, written(one))


def delete(request: Request) -> Answer:
    """204, and 204 again for a campaign that is not there."""
    request.portal.campaigns.pop(request.path["campaign"], None)
    return Answer(204)


# --- batches -------------------------------------------------------------------------------------------------------
def inputs_of(request: Request) -> list[dict[str, Any]]:
    rows = shapes.rows(request.required("inputs")[0], "inputs")
    if len(rows) > BATCH_MAX:
        raise invalid(f"The number of inputs may not exceed {BATCH_MAX}: {len(rows)} were given")
    return rows


def batch_create(request: Request) -> Answer:
    started, rows = request.portal.now(), inputs_of(request)
    for row in rows:  # all or nothing: what is wrong is found before anything is made
        campaigns.checked(request.portal, row.get("properties"))
    made = [campaigns.create(request.portal, row.get("properties")) for row in rows]
    return answers.batch(request, [written(one) for one in made], [], started, 201)


def batch_read(request: Request) -> Answer:
    """With their assets; ids given twice are answered once."""
    started, names, metrics = request.portal.now(), request.many("properties"), wants_metrics(request)
    ids = dict.fromkeys(str(row.get("id")) for row in inputs_of(request))
    rows = {key: request.portal.campaigns.get(key) for key in ids}
    missing = [key for key, one in rows.items() if one is None]
    message = "Could not get some campaigns, they may be deleted or not exist."
    errors = [ApiError(404, message, "OBJECT_NOT_FOUND", context={"ids": missing}).item()] if missing else []
    shown = [with_assets(one, names, metrics) for one in rows.values() if one]
    return answers.batch(request, shown, errors, started)


def batch_update(request: Request) -> Answer:
    started, portal = request.portal.now(), request.portal
    pairs = [(campaigns.find(portal, str(row.get("id"))), row.get("properties")) for row in inputs_of(request)]
    for _, given in pairs:
        campaigns.checked(portal, given)
    for one, given in pairs:
        campaigns.update(portal, one, given)
    return answers.batch(request, [written(one) for one, _ in pairs], [], started)


def batch_archive(request: Request) -> Answer:
    for row in inputs_of(request):
        request.portal.campaigns.pop(str(row.get("id")), None)
    return Answer(204)


# --- assets --------------------------------------------------------------------------------------------------------
def asset_json(key: str, name: str, metrics: bool) -> dict[str, Any]:
    return {"id": key, "name": name} | ({"metrics": {}} if metrics else {})


def wants_metrics(request: Request) -> bool:
    """Metrics are answered only for a period; which is checked, though the sandbox measures nothing."""
    days = [request.one(name) for name in ("startDate", "endDate")]
    if any(day and parse_date(day) is None for day in days):
        raise invalid("startDate and endDate must be dates: YYYY-MM-DD")
    return all(days)


def list_assets(request: Request) -> Answer:
    one, kind = addressed(request), request.path["asset_type"]
    campaigns.check_type(kind)
    page, after = cut(request, list(one.assets.get(kind, {}).items()), 10, 100)
    return answers.page([asset_json(*row, wants_metrics(request)) for row in page], after)


def attach(request: Request) -> Answer:
    campaigns.attach(request.portal, addressed(request), request.path["asset_type"], request.path["asset"])
    return Answer(204)


def detach(request: Request) -> Answer:
    one, kind = addressed(request), request.path["asset_type"]
    campaigns.check_attachable(kind)
    if one.assets.get(kind, {}).pop(request.path["asset"], None) is not None:
        one.updated_at = request.portal.now()
    return Answer(204)


# --- budget and spend ----------------------------------------------------------------------------------------------
def items(request: Request) -> dict[str, MoneyItem]:
    return addressed(request).money[request.path["money"]]


def item(request: Request) -> MoneyItem:
    found = items(request).get(request.path["item"])
    if found is None:
        raise not_found(f"{request.path['money']} item {request.path['item']} does not exist.")
    return found


def money_of(request: Request, key: str, created_at: str) -> MoneyItem:
    name, amount, order = request.required("name", "amount", "order")
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise invalid("Invalid input JSON: amount must be a number")
    description = shapes.text(request.json.get("description"), "description")
    place = shapes.whole(order, "order", 0)
    return MoneyItem(
        key, shapes.text(name, "name"), float(amount), place, description, created_at, request.portal.now()
    )


def add_item(request: Request) -> Answer:
    rows, one = items(request), addressed(request)
    key = str(1 + max((int(known) for group in one.money.values() for known in group), default=0))
    rows[key] = money_of(request, key, request.portal.now())
    return Answer(201, rows[key].json())


def read_item(request: Request) -> Answer:
    return Answer(200, item(request).json())


def update_item(request: Request) -> Answer:
    old = item(request)
    items(request)[old.id] = money_of(request, old.id, old.created_at)
    return Answer(200, items(request)[old.id].json())


def delete_item(request: Request) -> Answer:
    items(request).pop(request.path["item"], None)
    return Answer(204)


def totals(request: Request) -> Answer:
    one = addressed(request)
    budget, spend = one.total("budget"), one.total("spend")
    return Answer(200, {
        "budgetItems": [row.json() for row in one.money["budget"].values()], "spendItems": [row.json() for row in one.money["spend"].values()],
        "budgetTotal": budget, "spendTotal": spend, "remainingBudget": budget - spend,
        "currencyCode": one.properties.get("hs_currency_code") or "USD",
    })  # fmt: skip


# --- reports -------------------------------------------------------------------------------------------------------
def credited(request: Request, kind: str) -> list[int]:
    """Contacts that live, survivors of merges once."""
    contacts = request.portal.tables["contacts"]
    keys = dict.fromkeys(contacts.resolve(key) for key in addressed(request).credited.get(kind, []))
    return sorted(key for key in keys if key in contacts.live)


def contacts(request: Request) -> Answer:
    kind = request.path["contact_type"]
    if kind not in campaigns.CONTACT_TYPES:
        raise invalid(f"Invalid contact type {kind!r}. Valid: {list(campaigns.CONTACT_TYPES)}")
    page, after = cut(request, credited(request, kind), 100, 100)
    return answers.page([{"id": str(key)} for key in page], after)


def metrics(request: Request) -> Answer:
    wants_metrics(request)
    first, last, influenced = (len(credited(request, kind)) for kind in campaigns.CONTACT_TYPES)
    body = {
        "sessions": 0,
        "newContactsFirstTouch": first,
        "newContactsLastTouch": last,
        "influencedContacts": influenced,
    }
    return Answer(200, body)


def revenue(request: Request) -> Answer:
    """Of the deals of the influenced contacts: their amounts, and those that were won."""
    portal, people = request.portal, credited(request, "influencedContacts")
    live = portal.tables["deals"].live
    keys = {deal for person in people for deal in portal.links.of(("contacts", person), "deals")}
    rows = [live[key].properties for key in keys if key in live]
    won = [row for row in rows if row.get("hs_is_closed_won") == "true"]
    amounts = [sum(float(row.get("amount") or 0) for row in chosen) for chosen in (rows, won)]
    return Answer(200, {
        "contactsNumber": len(people), "dealsNumber": len(rows), "dealAmount": amounts[0], "revenueAmount": amounts[1],
        "currencyCode": addressed(request).properties.get("hs_currency_code") or "USD",
    })  # fmt: skip
