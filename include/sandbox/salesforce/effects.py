"""What a write brings with it: values that follow from others, rows of history, and changes of other records."""

from collections.abc import Callable

from sandbox.salesforce import activities, addresses, campaigns, formulas, history, permissions
from sandbox.salesforce.org import Org
from sandbox.salesforce.picklists import CLOSED, STAGE_BY_NAME
from sandbox.salesforce.store import Row, stamp

PEOPLE = frozenset({"Contact", "Lead", "User"})
STAGE_FIELDS = ("StageName", "Amount", "CloseDate", "Probability")
AUTO_NUMBERS = {"Case": ("CaseNumber", "{:08}"), "Subscription_Item__c": ("Name", "SI-{:05}")}
NOTHING_COUNTED: dict[str, Row] = {"Campaign": campaigns.NOTHING, "Subscription__c": {"Item_Count__c": 0.0}}


# --- before the row is written -------------------------------------------------------------------------------------------
def derived(org: Org, name: str, before: Row, values: Row) -> Row:
    """Return the fields that follow from those being written; Rejected if those contradict one another."""
    out = _derived(org, name, before, values) | addresses.derived(org, name, before, values)
    if name in AUTO_NUMBERS and not before:
        field, form = AUTO_NUMBERS[name]
        out[field] = form.format(org.store.next_number(name))
    return out | formulas.computed(org, name, before | values | out)


def _derived(org: Org, name: str, before: Row, values: Row) -> Row:
    if name in PEOPLE and {"FirstName", "LastName"} & set(values):
        parts = (values.get(part, before.get(part)) for part in ("FirstName", "LastName"))
        return {"Name": " ".join(part for part in parts if part)}
    if name == "Opportunity":
        return _opportunity(before, values)
    if name == "Case":
        return _case(org, before, values)
    if name in {"Task", "Event"}:
        return activities.derived(org, name, before, values)
    if name in NOTHING_COUNTED and not before:
        return dict(NOTHING_COUNTED[name])
    return campaigns.derived_member(org, before, values) if name == "CampaignMember" else {}


def _opportunity(before: Row, values: Row) -> Row:
    out: Row = {}
    moved = "StageName" in values and values["StageName"] != before.get("StageName")
    stage = STAGE_BY_NAME.get(values.get("StageName") or "")
    if moved and stage:
        out |= {"IsClosed": stage.closed, "IsWon": stage.won, "ForecastCategory": stage.category}
        out["ForecastCategoryName"] = stage.category
        if values.get("Probability") is None:
            out["Probability"] = float(stage.probability)
    amount = values.get("Amount", before.get("Amount"))
    probability = (values | out).get("Probability", before.get("Probability"))
    expected = None if amount is None or probability is None else round(amount * probability / 100, 2)
    return out | {"ExpectedRevenue": expected}


def _case(org: Org, before: Row, values: Row) -> Row:
    """A case's closing time is when it was closed last; reopened, it has none."""
    closed = (before | values).get("Status") in CLOSED["Case"]
    if closed and before.get("IsClosed"):
        return {}
    return {"IsClosed": closed, "ClosedDate": stamp(org.clock.now()) if closed else None}


def check(org: Org, name: str, own_id: str | None, row: Row) -> None:
    """Refuse a row that contradicts other records."""
    if name == "CampaignMember":
        campaigns.check_member(org, own_id, row)
    elif name == "FieldPermissions":
        permissions.check(org, own_id, row)


# --- after it is written -------------------------------------------------------------------------------------------------
def after(org: Org, name: str, before: Row | None, row: Row, user: str) -> None:
    """Write the history rows and dependent rows of a change, and bring what others compute from it up to date."""
    history.track(org, name, before, row, user)
    if name == "Opportunity":
        _after_opportunity(org, before, row, user)
    elif name == "OpportunityContactRole" and row["IsPrimary"]:
        _only_primary(org, row, user)
    elif name == "Campaign" and before is None:
        campaigns.make_statuses(org, row["Id"], user)
    elif name == "CampaignMemberStatus" and row["IsDefault"]:
        campaigns.only_default(org, row, user)
    count(org, name, before, row)
    if before is not None:
        formulas.spread(org, name, row)


def _only_primary(org: Org, row: Row, user: str) -> None:
    """An opportunity has one primary contact role: a new one takes the place of the old."""
    for other in org.store.holding("OpportunityContactRole", "OpportunityId", row["OpportunityId"]):
        if other["IsPrimary"] and other["Id"] != row["Id"]:
            org.store.update("OpportunityContactRole", other["Id"], {"IsPrimary": False}, user)


def _after_opportunity(org: Org, before: Row | None, row: Row, user: str) -> None:
    if before is None and row.get("ContactId"):
        role = {"OpportunityId": row["Id"], "ContactId": row["ContactId"], "IsPrimary": True}
        org.store.insert("OpportunityContactRole", role, user)
    if before is None or any(row[field] != before[field] for field in STAGE_FIELDS):
        kept = ("StageName", "Amount", "ExpectedRevenue", "CloseDate", "Probability", "ForecastCategory")
        org.store.insert(
            "OpportunityHistory", {"OpportunityId": row["Id"]} | {field: row[field] for field in kept}, user
        )


def count(org: Org, name: str, before: Row | None, row: Row | None) -> None:
    """Bring the roll-ups that count a row up to date: what it was counts no more, what it is counts now; None is nothing."""
    if name not in COUNTED:
        return
    field, parent, counts = COUNTED[name]
    moves: dict[str, Row] = {}
    for sign, one in ((-1, before), (1, row)):
        if one and one.get(field):
            move = moves.setdefault(one[field], {})
            for key, value in counts(org, [one]).items():
                move[key] = move.get(key, 0) + sign * value
    for record_id, move in moves.items():
        held = org.store.tables[parent].get(record_id, {})
        formulas.roll_up(
            org, parent, record_id, {key: round((held.get(key) or 0) + n, 2) for key, n in move.items() if n}
        )


COUNTED: dict[str, tuple[str, str, Callable[[Org, list[Row]], Row]]] = {
    "CampaignMember": ("CampaignId", "Campaign", campaigns.member_counts),
    "Opportunity": ("CampaignId", "Campaign", lambda org, rows: campaigns.deal_counts(rows)),
    "Subscription_Item__c": (
        "Subscription__c",
        "Subscription__c",
        lambda org, rows: {"Item_Count__c": float(len(rows))},
    ),
}
"""Objects that roll-ups count: the reference to the parent, the parent's object, and what rows count for."""


def converted(org: Org, lead: str, contact: str) -> None:
    """Hand a converted lead's activities and campaigns to its contact."""
    for name in ("Task", "Event"):
        for row in org.store.holding(name, "WhoId", lead):
            values = {"WhoId": contact}
            org.store.update(name, row["Id"], values | {"AccountId": activities.account_of(org, row | values)}, None)
    for member in org.store.holding("CampaignMember", "LeadId", lead):
        formulas.renew(
            org, "CampaignMember", org.store.update("CampaignMember", member["Id"], {"ContactId": contact}, None)
        )
    campaigns.drop_twins(org, "ContactId", contact)
