"""Seeds the Google Ads part of the world: accounts, conversion actions, campaigns, and the clicks behind the CRM's GCLIDs.

Most GCLIDs in Salesforce lead to a click shortly before the record was created. As in real accounts a few do not: the
click is in another account, came before conversion tracking, came after the record, or is unknown to Google.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.world import Record, World

MANAGER, MAIN, UNDER_MANAGER, UNTRACKED = "1112223334", "2223334445", "3334445556", "4445556667"
CANCELED, STRANGER = "5556667778", "9998887776"

CUSTOMERS: tuple[dict[str, Any], ...] = (
    {"id": MANAGER, "name": "Demo Manager", "manager": True, "tracking": MANAGER, "accessible": True},
    {"id": MAIN, "name": "Demo Norge", "parent": MANAGER, "tracking": MAIN, "accessible": True},
    {
        "id": UNDER_MANAGER, "name": "Demo Sverige", "parent": MANAGER, "tracking": MANAGER, "currency": "SEK",
        "time_zone": "Europe/Stockholm",
    },
    {"id": UNTRACKED, "name": "Demo Danmark", "parent": MANAGER, "currency": "DKK", "time_zone": "Europe/Copenhagen"},
    {"id": CANCELED, "name": "Demo Suomi", "parent": MANAGER, "status": "CANCELED", "currency": "EUR"},
    {"id": STRANGER, "name": "Another advertiser", "tracking": STRANGER, "currency": "EUR"},
)  # fmt: skip

UPLOAD = {"type": "UPLOAD_CLICKS", "category": "IMPORTED_LEAD", "counting": "MANY_PER_CLICK", "lookback_days": 90}
ACTIONS: tuple[dict[str, Any], ...] = (
    {"id": "700001", "customer": MAIN, "name": "CRM lead", **UPLOAD, "counting": "ONE_PER_CLICK"},
    {"id": "700002", "customer": MAIN, "name": "CRM qualified lead", **UPLOAD, "category": "QUALIFIED_LEAD"},
    {"id": "700003", "customer": MAIN, "name": "CRM converted lead", **UPLOAD, "category": "CONVERTED_LEAD"},
    {"id": "700004", "customer": MAIN, "name": "CRM closed won", **UPLOAD, "category": "PURCHASE", "default_value": 1.0},
    {"id": "700005", "customer": MAIN, "name": "CRM meeting", **UPLOAD, "lookback_days": 30, "primary": False},
    {"id": "700006", "customer": MAIN, "name": "CRM fixed value", **UPLOAD, "always_default": True, "default_value": 500.0},
    {"id": "700007", "customer": MAIN, "name": "Old import", **UPLOAD, "status": "REMOVED"},
    {"id": "700008", "customer": MAIN, "name": "Hidden import", **UPLOAD, "status": "HIDDEN"},
    {"id": "700009", "customer": MAIN, "name": "CRM external attribution", **UPLOAD, "attribution": "EXTERNAL"},
    {"id": "700010", "customer": MAIN, "name": "Website purchase", **UPLOAD, "type": "WEBPAGE", "category": "PURCHASE"},
    {"id": "700011", "customer": MAIN, "name": "Salesforce milestone", **UPLOAD, "type": "SALESFORCE"},
    {"id": "700101", "customer": MANAGER, "name": "Group lead", **UPLOAD},
    {"id": "700102", "customer": MANAGER, "name": "Group closed won", **UPLOAD, "category": "PURCHASE"},
    {"id": "700901", "customer": STRANGER, "name": "Their lead", **UPLOAD},
)  # fmt: skip

CAMPAIGNS = ("Brand", "Søk – generisk", "Konkurrenter", "Remarketing")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
TRACKED_SINCE = timedelta(days=300)
"""Clicks older than this came before the main account tracked conversions."""


def seed_google_ads(world: World, rng: Random, now: datetime) -> None:
    """Fill `world.google_ads`; reads the GCLIDs of `world.salesforce`, changes nothing there."""
    created = now - timedelta(days=420)
    world.google_ads["customers"] = [dict(row) for row in CUSTOMERS]
    world.google_ads["conversion_actions"] = [{"created_at": created, **row} for row in ACTIONS]
    world.google_ads["campaigns"] = campaigns = [
        row for customer in (MAIN, UNDER_MANAGER, STRANGER) for row in _campaigns(customer)
    ]
    world.google_ads["ad_groups"] = [_ad_group(row) for row in campaigns]
    world.google_ads["clicks"] = clicks = []
    seeder = _Clicks(campaigns, rng, now)
    for record in _records(world):
        if click := seeder.of_record(record):
            clicks.append(click)
    clicks.extend(seeder.background(len(clicks) // 2 + 20))


def hashed(value: str) -> str:
    """Return the SHA-256 of a normalised identifier in lower-case hexadecimal."""
    return hashlib.sha256(value.encode()).hexdigest()


def normal_email(address: str) -> str:
    """Return an address as Google wants it before hashing: no spaces, lower case; for Gmail no dots and no plus suffix.

    Source: Google Ads API, "Enhanced conversions for leads", normalisation of user-provided data.
    """
    name, _, domain = "".join(address.split()).lower().partition("@")
    if domain in {"gmail.com", "googlemail.com"}:
        name = name.partition("+")[0].replace(".", "")
    return f"{name}@{domain}"


def _records(world: World) -> list[Record]:
    """The records with a GCLID, one per GCLID: the oldest, as later ones inherited it."""
    found: dict[str, Record] = {}
    for name in ("Lead", "Contact", "Opportunity"):
        for row in world.salesforce.get(name, ()):
            gclid = row.get("GCLID__c")
            if gclid and (gclid not in found or row["CreatedDate"] < found[gclid]["CreatedDate"]):
                found[gclid] = row
    return list(found.values())


def _campaigns(customer: str) -> list[Record]:
    base = int(customer[:3]) * 1000
    return [
        {"id": str(base + n), "customer": customer, "name": name, "status": "ENABLED" if n < 3 else "PAUSED"}
        for n, name in enumerate(CAMPAIGNS)
    ]


def _ad_group(campaign: Record) -> Record:
    ours = {"customer": campaign["customer"], "campaign": campaign["id"], "status": "ENABLED"}
    return {"id": str(int(campaign["id"]) + 50_000), "name": f"{campaign['name']} – 1", **ours}


class _Clicks:
    def __init__(self, campaigns: list[Record], rng: Random, now: datetime) -> None:
        self.campaigns: dict[str, list[Record]] = {}
        for row in campaigns:
            self.campaigns.setdefault(row["customer"], []).append(row)
        self.rng, self.now = rng, now

    def of_record(self, record: Record) -> Record | None:
        """The click behind a record's GCLID; None for the few that Google does not know."""
        rng, dice = self.rng, self.rng.random()
        if dice < 0.03:
            return None
        customer = STRANGER if dice < 0.05 else UNDER_MANAGER if dice < 0.15 else MAIN
        before = timedelta(seconds=int(60 * 10 ** rng.uniform(0, 3)))
        at = record["CreatedDate"] + before if dice > 0.99 else record["CreatedDate"] - before
        email = record.get("Email")
        emails = [hashed(normal_email(email))] if email and "@" in email else []
        return self.click(customer, at, gclid=record["GCLID__c"], emails=emails)

    def background(self, count: int) -> list[Record]:
        """Clicks that no CRM record knows, of all ages: minutes to more than a year; some of iOS, with a braid."""
        out = []
        for n in range(count):
            at = self.now - timedelta(seconds=int(10 ** self.rng.uniform(2, 7.5)))
            if n % 10 < 8:
                out.append(self.click(MAIN, at, gclid="EAIaIQ" + self.code()))
            else:
                kind = "gbraid" if n % 10 == 8 else "wbraid"
                out.append(self.click(MAIN, at, **{kind: ("0AAAAA" if kind == "gbraid" else "CkA") + self.code(40)}))
        return out

    def code(self, length: int = 56) -> str:
        return "".join(self.rng.choices(ALPHABET, k=length))

    def click(self, customer: str, at: datetime, **identifiers: Any) -> Record:
        campaign = self.rng.choice(self.campaigns[customer])
        tracked = self.now - at < TRACKED_SINCE
        at = at.replace(microsecond=0)
        return {"customer": customer, "campaign": campaign["id"], "at": at, "tracked": tracked, **identifiers}
